"""The table of the benchmark: for a terminal, for docs/benchmark.md and for programs."""

import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from tests.bench.measure import Row

COLUMNS = ("goal", "what", "ours", "floor", "ratio", "wanted", "met")

BEGIN, END = "<!-- benchmark -->", "<!-- /benchmark -->"

INTRODUCTION = """\
# Benchmark

This file is written by `make bench`. Every goal is a ratio between `nrepl-lsp` and a floor that
runs in the same rounds on the same machine: the least program that could do the same job, or the
stock way of doing it. The floors are in `tests/bench/floors/`:

- the *floor bridge* speaks LSP by hand over asyncio, asks the nREPL server one op a request, and
  answers with plain dicts; no documents, no errors, no cancelling;
- the *nREPL server* behind both bridges has canned replies. What is compared is the time beyond the
  op, which a blocking socket and the same decoder are measured with;
- the *bare pygls server* adds nothing to pygls.
"""


def cells(row: Row) -> tuple[str, ...]:
    """Return one line of the table as text, in the order of COLUMNS."""
    goal, pair = row.goal, row.pair
    wanted = f"{'≥' if goal.at_least else '≤'} {goal.limit:g}"
    what = goal.what
    if pair is None:
        return goal.id, what, "", goal.floor, "", wanted, row.note or "not measured"
    met = "yes" if goal.is_met(pair.ratio) else "no"
    note = f" ({row.note})" if row.note else ""
    ours = f"{pair.ours:,.3g} {goal.unit}" if pair.ours < 1000 else f"{pair.ours:,.0f} {goal.unit}"
    floor = f"{pair.floor:,.3g}" if pair.floor < 1000 else f"{pair.floor:,.0f}"
    return goal.id, what, ours, f"{floor} {goal.floor}", f"{pair.ratio:.2f}", wanted, met + note


def machine() -> str:
    """Return one sentence that says where this was measured."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    packages = ", ".join(f"{name} {version(name)}" for name in ("pygls", "lsprotocol", "orjson"))
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {packages}"
    )


def method(rounds: int, runs: int) -> str:
    """Return the sentences that say how the table came about."""
    return (
        f"Measured on {machine()}; medians of {rounds} rounds in shuffled order (G2, G4 and G11: "
        f"200), of {runs} runs the one with the middle ratio. Only the ratios travel to another "
        "machine."
    )


def markdown_table(found: list[Row]) -> str:
    """Return the table as Markdown."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}"]
    lines += [f"| {' | '.join(cells(row))} |" for row in found]
    return "\n".join(lines)


def document(found: list[Row], sentence: str) -> str:
    """Return docs/benchmark.md: how it is measured, and the table."""
    return f"{INTRODUCTION}\n{markdown_table(found)}\n\n{sentence}\n"


def within(text: str, found: list[Row], sentence: str) -> str:
    """Return a page with the table put between its two markers."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{markdown_table(found)}\n\n{sentence}\n{END}{after}"


def as_json(found: list[Row]) -> str:
    """Return the rows for programs: the goal, the middle run, and the ratio."""
    values = [
        {**asdict(row), "ratio": row.pair.ratio if row.pair is not None else None} for row in found
    ]
    return json.dumps(values, indent=2)
