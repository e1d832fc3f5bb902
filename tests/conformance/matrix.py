"""What was seen of each server, as a table for the terminal and for docs/servers.md."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ABILITIES: Mapping[str, str] = {
    "second connection": "serves a second connection",
    "while running": "answers questions while code runs",
    "every value": "gives the value of every form",
    "error line": "error on the right line of the document",
    "interrupt": "stops a running evaluation",
    "input": "code can read input (it gets the end of input)",
    "late output": "sends what is printed after the end",
    "known namespaces": "knows which namespaces are loaded",
    "own completion": "completes your own definitions",
    "qualified completion": "completes after an alias or a dot",
    "no namespace": "describes core names in files without a namespace",
    "own info": "describes your own definitions",
    "own definition": "go to your own definition",
    "library definition": "go to a library's definition",
    "core signature": "shows the arguments of core functions while you type",
    "workspace symbols": "finds names of the whole program",
    "semantic tokens": "tells functions, macros and variables apart",
    "missing require": "offers the `:require` that is missing",
    "formatting": "formats code",
    "sessions kept": "session survives a lost connection",
}
"""What a server can or cannot do, and how the table says it."""

QUESTIONS = (
    *("completion", "symbol-info", "signature", "workspace-symbols", "var-kinds", "namespaces"),
    "eval",
)

YES, NO = "yes", "–"
BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"


@dataclass(frozen=True, slots=True)
class Measured:
    """The op that answers a question (None: nothing does) and its median in milliseconds."""

    op: str | None
    median_ms: float | None = None

    def __str__(self) -> str:
        if self.op is None:
            return NO
        if self.median_ms is None:
            return f"`{self.op}`"
        digits = 1 if self.median_ms < 100 else 0
        return f"`{self.op}` {self.median_ms:.{digits}f} ms"


@dataclass(slots=True)
class Matrix:
    """server → row → what was seen."""

    servers: dict[str, dict[str, Measured | bool]] = field(default_factory=dict)

    def record(self, server: str, row: str, seen: Measured | bool) -> None:
        self.servers.setdefault(server, {})[row] = seen

    def rows(self) -> list[list[str]]:
        """The heading and one row per question and ability; "" where nothing was seen."""
        table = [["", *self.servers]]
        for row in (*QUESTIONS, *ABILITIES):
            title = ABILITIES.get(row, row.replace("-", " "))
            table.append([title, *(_cell(seen.get(row)) for seen in self.servers.values())])
        return table

    def is_complete(self, names: Iterable[str]) -> bool:
        """Whether every one of these servers has a value in every row."""
        wanted = {*QUESTIONS, *ABILITIES}
        return all(wanted <= self.servers.get(name, {}).keys() for name in names)

    def text(self) -> list[str]:
        """Lines for a terminal."""
        rows = [[cell.replace("`", "") for cell in row] for row in self.rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]

    def markdown(self) -> str:
        """A table in Markdown, without a line end after it."""
        heading, *rows = self.rows()
        rule = ["---", *(":---:" for _ in heading[1:])]
        return "\n".join(f"| {' | '.join(row)} |" for row in (heading, rule, *rows))


def _cell(seen: Measured | bool | None) -> str:
    if isinstance(seen, bool):
        return YES if seen else NO
    return "" if seen is None else str(seen)


def with_table(document: str, table: str) -> str:
    """The document with what is between the two markers replaced; ValueError without them."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END} in the document")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def read_table(document: str) -> dict[str, dict[str, str]]:
    """The table between the markers: server → row's title → cell."""
    table = document.partition(BEGIN)[2].partition(END)[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    heading, _, *rows = ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines)
    return {
        name: {row[0]: row[column] for row in rows} for column, name in enumerate(heading) if name
    }


def write(path: Path, matrix: Matrix) -> None:
    """Put the matrix into a document that has the markers."""
    path.write_text(with_table(path.read_text("utf-8"), matrix.markdown()), "utf-8")
