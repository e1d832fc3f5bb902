"""The matrix by itself: what reports make of it."""

from pathlib import Path
from typing import Any

import pytest

from .matrix import Matrix


def report(
    matrix: Matrix,
    session: str,
    editor: str,
    journey: str,
    outcome: Any,
    when: Any = "call",
    server: str = "basilisp",
) -> None:
    """Have a part of a journey come to an outcome."""
    one = pytest.TestReport("", ("", 0, ""), {}, outcome, None, when)
    Matrix.note(one, session, editor, "1.0", server, journey)
    matrix.pytest_runtest_logreport(one)


def test_columns_stand_in_the_order_of_the_sessions_not_of_the_reports() -> None:
    matrix = Matrix(["a", "b"])
    report(matrix, "b", "Vim", "attach", "passed")
    report(matrix, "of no list", "Kate", "attach", "passed")
    report(matrix, "a", "Helix", "attach", "passed")
    assert matrix.rows() == [
        ["", "Helix 1.0", "Vim 1.0", "Kate 1.0"],
        ["server", "basilisp", "basilisp", "basilisp"],
        ["attach", "●", "●", "●"],
    ]


def test_sessions_of_one_editor_share_its_column() -> None:
    matrix = Matrix(["a", "b"])
    report(matrix, "its own", "Helix", "some_menu", "passed")
    for session, server, outcome in (("a", "basilisp", "passed"), ("b", "nrepl", "failed")):
        report(matrix, session, "Helix", "attach", "passed", server=server)
        report(matrix, session, "Helix", "hover", outcome, server=server)
        report(matrix, session, "Helix", "signature", "skipped", "setup", server)
    assert matrix.rows()[1:] == [
        ["server", "basilisp, nrepl"],
        ["some menu", "●"],
        ["attach", "●"],
        ["hover", "basilisp ●, nrepl ✗"],
        ["signature", "–"],
    ]


@pytest.mark.parametrize("failed", ["setup", "call", "teardown"])
def test_what_fails_in_any_part_has_failed(failed: str) -> None:
    matrix = Matrix(["a"])
    for when in ("setup", "call", "teardown"):
        report(matrix, "a", "Helix", "attach", "failed" if when == failed else "passed", when)
    assert matrix.rows()[-1] == ["attach", "✗"]


def test_only_what_stands_between_the_marks_is_written(tmp_path: Path) -> None:
    document = tmp_path / "editors.md"
    document.write_text("above\n<!-- matrix -->\nold\n<!-- /matrix -->\nbelow\n", encoding="utf-8")
    matrix = Matrix(["a"])
    report(matrix, "a", "Helix", "attach", "passed")
    matrix.write(document)
    above, *table, below = document.read_text(encoding="utf-8").splitlines()
    assert (above, below) == ("above", "below")
    assert table[1:3] == ["|  | Helix 1.0 |", "| --- | --- |"]
    assert table[-2:] == ["| attach | ● |", "<!-- /matrix -->"]
