"""Which editor did which journey on which server, as docs/editors.md shows it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

__all__ = ["Matrix"]

#: What a report of a journey has.
PROPERTY = "journey"

BEGIN, END = "<!-- matrix -->", "<!-- /matrix -->"
SEEN, FAILED, LACKS = "●", "✗", "–"


@dataclass
class Matrix:
    """
    `cells[editor][journey][server]`; a journey is seen, failed, or what the editor lacks.

    It is a plugin of pytest that reads reports, which may come from several processes. order: the
    sessions, as the editors' columns stand.
    """

    order: list[str]
    places: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    cells: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    @staticmethod
    def note(report: pytest.TestReport, *about: str) -> None:
        """Have a report say what it is about: session, editor, its version, server, journey."""
        report.user_properties.append((PROPERTY, list(about)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what came of one part (setup, call, teardown) of a journey; a failure stays."""
        for name, value in report.user_properties:
            if name != PROPERTY or not isinstance(value, list):
                continue
            session, editor, version, server, journey = value
            self.versions[editor] = version
            place = self.order.index(session) if session in self.order else len(self.order)
            self.places[editor] = min(place, self.places.get(editor, place))
            marks = self.cells.setdefault(editor, {}).setdefault(journey, {})
            if report.failed:
                marks[server] = FAILED
            elif report.skipped:
                marks.setdefault(server, LACKS)
            elif report.when == "call":
                marks.setdefault(server, SEEN)

    def rows(self) -> list[list[str]]:
        """The heading, the servers, and a row for each journey, in the order in which they ran."""
        editors = sorted(self.cells, key=self.places.__getitem__)
        columns = [self.cells[editor] for editor in editors]
        journeys = list(dict.fromkeys(name for column in columns for name in column))
        return [
            ["", *(f"{editor} {self.versions[editor]}" for editor in editors)],
            ["server", *(", ".join(_servers(column)) for column in columns)],
            *(
                [name.replace("_", " "), *(_cell(column.get(name, {})) for column in columns)]
                for name in journeys
            ),
        ]

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


def _servers(column: dict[str, dict[str, str]]) -> list[str]:
    return sorted({server for marks in column.values() for server in marks})


def _cell(marks: dict[str, str]) -> str:
    """One mark where all servers have the same, else one for each."""
    if len(set(marks.values())) < 2:
        return "".join(set(marks.values()))
    return ", ".join(f"{server} {mark}" for server, mark in sorted(marks.items()))
