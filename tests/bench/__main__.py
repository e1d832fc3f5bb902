"""`python -m tests.bench` (or `make bench`): measure the goals and print one table.

`make bench` writes docs/benchmark.md too, which says how it is measured. The exit code is 0
whatever the table says: a busy machine is no reason to fail a build.
"""

import argparse
import importlib
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.measure import ROUNDS, RUNS, Bench, Row, rows
from tests.bench.report import COLUMNS, as_json, cells, document, method, within

MODULES = (
    "g01_start",
    "g02_bridge",
    "g03_items",
    "g05_change",
    "g06_decode",
    "g07_stream",
    "g08_scan",
    "g09_memory",
    "g11_eval",
    "g12_structure",
    "g13_tokens",
    "g14_place",
    "g15_flood",
)


def benches(only: set[str]) -> list[Bench]:
    """Return what measures the goals in `only`, or everything."""
    found = []
    for name in MODULES:
        module = importlib.import_module(f"tests.bench.{name}")
        for bench in module.BENCHES:
            if not only or only & {goal.id for goal in bench.goals}:
                found.append(bench)
    return found


def measure(only: set[str], *, rounds: int, runs: int, console: Console) -> list[Row]:
    """Measure, saying what is being measured; rows in the order of the goals."""
    found: list[Row] = []
    for bench in benches(only):
        names = ", ".join(dict.fromkeys(f"{goal.id} {goal.what}" for goal in bench.goals))
        with console.status(f"{names} ..."):
            found += rows(bench, rounds=rounds, runs=runs)
    return sorted(found, key=lambda row: int(row.goal.id[1:]))


def main(arguments: list[str] | None = None) -> list[Row]:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", default="", metavar="G2,G4", help="measure only these goals")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N")
    parser.add_argument("--quick", action="store_true", help="one run of 2 rounds: does it work?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table as markdown")
    parser.add_argument("--readme", type=Path, metavar="FILE", help="put the table into this page")
    options = parser.parse_args(arguments)
    rounds, runs = (2, 1) if options.quick else (options.rounds, options.runs)
    only = {name.strip().upper() for name in options.only.split(",") if name.strip()}
    console = Console(width=None if sys.stdout.isatty() else 150)
    found = measure(only, rounds=rounds, runs=runs, console=console)
    sentence = method(rounds, runs)
    table = Table(*COLUMNS, title="nrepl-lsp against its floors")
    for row in found:
        table.add_row(*cells(row))
    console.print(table)
    console.print(sentence)
    if options.json:
        options.json.write_text(as_json(found), encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(document(found, sentence), encoding="utf-8")
    if options.readme:
        page = options.readme.read_text("utf-8")
        options.readme.write_text(within(page, found, sentence), encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
