"""The table itself, and that what docs/servers.md shows is what the suite declares."""

from pathlib import Path

import pytest

from tests.support.servers import SERVERS

from .matrix import ABILITIES, BEGIN, END, NO, YES, Matrix, Measured, read_table, with_table
from .samples import guess
from .subjects import CANNOT

DOCUMENT = Path(__file__).parents[2] / "docs" / "servers.md"


def test_a_table_has_a_column_for_each_server_and_a_row_for_each_question_and_ability() -> None:
    matrix = Matrix()
    matrix.record("a", "completion", Measured("complete", 1.234))
    matrix.record("a", "interrupt", True)
    matrix.record("b", "completion", Measured(None))
    matrix.record("b", "interrupt", False)
    table = read_table(with_table(f"{BEGIN}{END}", matrix.markdown()))
    assert table["a"]["completion"] == "`complete` 1.2 ms"
    assert table["a"][ABILITIES["interrupt"]] == YES
    assert table["b"]["completion"] == NO
    assert table["b"][ABILITIES["interrupt"]] == NO
    assert table["a"][ABILITIES["input"]] == ""
    assert not matrix.is_complete(["a"])


def test_the_terminals_columns_are_aligned() -> None:
    matrix = Matrix()
    matrix.record("server", "symbol-info", Measured("info", 123.4))
    lines = matrix.text()
    column = lines[0].index("server")
    assert lines[2] == "symbol info".ljust(column) + "info 123 ms"


def test_only_what_is_between_the_markers_is_replaced() -> None:
    document = f"before {BEGIN}\nold\n{END} after"
    assert with_table(document, "new") == f"before {BEGIN}\n\nnew\n\n{END} after"
    with pytest.raises(ValueError, match="no <!-- matrix"):
        with_table("nothing here", "new")


@pytest.mark.parametrize(
    ("versions", "family"),
    [
        ({"basilisp": "0.5.1", "python": "3.11.7"}, "clojure"),
        ({"nbb-nrepl": "TODO", "node": "v20"}, "clojure"),
        ({"clojure": "1.11.1", "java": "17.0.15", "nrepl": "1.0.0"}, "clojure"),
        ({"clojure": "0.0.0", "java": "0.0.0", "nrepl": "0.2.7"}, "hy"),
        ({"guile": "3.0.10"}, None),
        ({}, None),
    ],
)
def test_versions_tell_the_language(versions: dict[str, str], family: str | None) -> None:
    assert guess(versions) == family


def test_the_document_shows_every_server_and_row_as_declared() -> None:
    table = read_table(DOCUMENT.read_text("utf-8"))
    assert list(table) == list(SERVERS)
    for name, rows in table.items():
        lacking = {key for key, title in ABILITIES.items() if rows[title] != YES}
        assert lacking == set(CANNOT[name])


def test_each_reason_is_in_the_document() -> None:
    text = " ".join(DOCUMENT.read_text("utf-8").split())
    for name, reasons in CANNOT.items():
        for reason in reasons.values():
            assert reason in text, f"{name}: {reason}"
