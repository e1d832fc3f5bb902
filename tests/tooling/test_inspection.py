"""Pages of cider-nrepl's inspector: what they print, and which ops are asked."""

import pytest

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.tooling.inspection import (
    GOES,
    ROW_LIMIT,
    ROWS_LIMIT,
    Item,
    Row,
    op_of,
    page_in,
    page_of,
    params,
)

from .recordings import SERVERS, capabilities

MAP = (
    '("Class: " (:value "clojure.lang.PersistentTreeMap" 0) (:newline) "Count: 2" (:newline) '
    '(:newline) "--- Contents:" (:newline) "  " (:value ":a" 1) " = " (:value "{:b \\"x\\"}" 2) '
    "(:newline))"
)
PAGED = '("  0. " (:value "0" 1) (:newline) "  Page size: 32, showing page: {} of {}")'


def test_a_page_is_read_into_lines() -> None:
    page = page_of(MAP)
    assert page is not None
    assert [row.text for row in page.rows if row.text] == [
        "Class: clojure.lang.PersistentTreeMap",
        "Count: 2",
        "--- Contents:",
        '  :a = {:b "x"}',
    ]
    assert page.rows[4] == Row('  :a = {:b "x"}', (Item(1, ":a"), Item(2, '{:b "x"}')))
    assert (page.path, page.has_previous, page.has_next) == ("", False, False)


def test_older_servers_cut_lines_into_more_pieces() -> None:
    page = page_of(
        '("Class" ": " (:value "clojure.lang.Var" 0) (:newline) "Value: " (:value "1" 1))'
    )
    assert page is not None
    assert page.rows[0] == Row("Class: clojure.lang.Var", (Item(0, "clojure.lang.Var"),))
    assert page.rows[1] == Row("Value: 1", (Item(1, "1"),))


def test_a_value_on_several_lines_stands_on_the_first() -> None:
    page = page_of('("V: " (:value "{:a 1,\\n :b 2}" 0) (:newline) "end")')
    assert page is not None
    assert [row.text for row in page.rows[:3]] == ["V: {:a 1,", " :b 2}", "end"]
    assert [len(row.items) for row in page.rows[:3]] == [1, 0, 0]


@pytest.mark.parametrize(
    ("number", "last", "has_previous", "has_next"),
    [
        ("1", "4", False, True),
        ("2", "4", True, True),
        ("4", "4", True, False),
        ("1", "?", False, True),
    ],
)
def test_pages_are_counted(number: str, last: str, has_previous: bool, has_next: bool) -> None:
    page = page_of(PAGED.format(number, last))
    assert page is not None
    assert (page.has_previous, page.has_next) == (has_previous, has_next)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "3",
        "()",
        "(",
        "[1 2]",
        "(:value 1)",
        "((:value 1 2))",
        '((:value "a" "b"))',
        "(foo)",
        '("a" "b")',
    ],
)
def test_what_is_no_page(value: str | None) -> None:
    assert page_of(value) is None


def test_the_page_of_a_reply() -> None:
    page = page_in([{"value": MAP, "path": "(nth 3) :a"}, {"status": ["done"]}])
    assert page is not None
    assert page.path == "(nth 3) :a"
    assert page_in([{"status": ["done"]}]) is None
    nothing = page_in([{"value": MAP, "path": []}])
    assert nothing is not None
    assert nothing.path == ""


def test_pages_are_bounded() -> None:
    page = page_of(f'("{"x" * 9000}" {"(:newline)" * 5000})')
    assert page is not None
    assert (len(page.rows), len(page.rows[0].text)) == (ROWS_LIMIT, ROW_LIMIT)


def test_who_has_an_inspector() -> None:
    having = {name for name in SERVERS if params(capabilities(name)) is not None}
    assert having == {"cider-nrepl-0.62.2"}


def test_the_ops_of_the_steps() -> None:
    described = capabilities("cider-nrepl-0.62.2")
    assert [op_of(described, go) for go in GOES] == [
        "cider/inspect-push",
        "cider/inspect-pop",
        "cider/inspect-next-page",
        "cider/inspect-prev-page",
        "cider/inspect-refresh",
    ]
    old = Capabilities.from_message({"ops": {"inspect-push": {}}})
    assert op_of(old, "push") == "inspect-push"
    assert op_of(old, "pop") is None
    assert op_of(old, "up") is None
