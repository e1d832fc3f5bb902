"""Which editor did which journey on which server, as docs/editors.md shows it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

__all__ = ["Matrix"]

BEGIN, END = "<!-- matrix -->", "<!-- /matrix -->"
SEEN, FAILED, LACKS = "●", "✗", "–"


@dataclass
class Matrix:
    """`cells[editor, server][journey]`; a journey is seen, failed, or what the editor lacks."""

    versions: dict[str, str] = field(default_factory=dict)
    cells: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def begin(self, editor: str, version: str, server: str) -> None:
        """Give the session a column."""
        self.versions[editor] = version
        self.cells.setdefault((editor, server), {})

    def report(self, editor: str, server: str, journey: str, report: pytest.TestReport) -> None:
        """Note what came of one part (setup, call, teardown) of a journey; a failure stays."""
        column = self.cells.get((editor, server))
        if column is None:
            return
        if report.failed:
            column[journey] = FAILED
        elif report.skipped:
            column.setdefault(journey, LACKS)
        elif report.when == "call":
            column.setdefault(journey, SEEN)

    def rows(self) -> list[list[str]]:
        """The heading and a row for each journey, in the order in which they ran."""
        journeys = list(dict.fromkeys(name for column in self.cells.values() for name in column))
        heading = [f"{editor} {self.versions[editor]}, {server}" for editor, server in self.cells]
        body = [
            [name.replace("_", " "), *(column.get(name, "") for column in self.cells.values())]
            for name in journeys
        ]
        return [["", *heading], *body]

    def text(self) -> str:
        """The matrix in Markdown."""
        heading, *body = ("| " + " | ".join(row) + " |" for row in self.rows())
        rule = "| --- " * (len(self.cells) + 1) + "|"
        return "\n".join([heading, rule, *body])

    def write(self, path: Path) -> None:
        """Put it between the marks of a document."""
        text = path.read_text(encoding="utf-8")
        pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
        new, count = pattern.subn(lambda _: f"{BEGIN}\n{self.text()}\n{END}", text)
        if not count:
            raise ValueError(f"{path} has no {BEGIN}")
        path.write_text(new, encoding="utf-8")
