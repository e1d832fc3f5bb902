"""Printed Clojure data, read."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.nrepl.edn import MAX_DEPTH, MAX_LENGTH, Symbol, read
from nrepl_lsp.nrepl.errors import EdnError, NreplError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nil", None),
        ("true", True),
        ("false", False),
        ("42", 42),
        ("-7", -7),
        ("+7", 7),
        ("12345678901234567890N", 12345678901234567890),
        ("1.5", 1.5),
        ("-2e3", -2000.0),
        ("2.50M", 2.5),
        ("1/2", "1/2"),
        ('"a"', "a"),
        ('"a\\n\\t\\"\\\\\\u00e9\\101"', 'a\n\t"\\éA'),
        ('"two\nlines"', "two\nlines"),
        ("\\a", "a"),
        ("\\newline", "\n"),
        ("\\u0041", "A"),
        ("\\o101", "A"),
        ("\\(", "("),
        (":a/b", ":a/b"),
        ("::x", "::x"),
        ("sym/bol", "sym/bol"),
        ("+", "+"),
        ("-", "-"),
        ("[1 2]", [1, 2]),
        ("(1 (2))", [1, [2]]),
        ("#{1}", [1]),
        ("{:a 1, b [2]}", {":a": 1, "b": [2]}),
        ("{[1 2] 3 {} 4}", {"[1 2]": 3, "{}": 4}),
        ("{nil 1}", {None: 1}),
        ("[]", []),
        ("  , [1 ; comment\n 2]", [1, 2]),
        ("[1 #_2 #_[3 4] 5]", [1, 5]),
        ('#uuid "ab"', "ab"),
        ('#inst "2020"', "2020"),
        ('#object[Foo 0x1 "x"]', [Symbol("Foo"), "0x1", "x"]),
        ("#my.Record{:a 1}", {":a": 1}),
        ("#:ns{:a 1}", {":a": 1}),
        ("#'clojure.core/map", "clojure.core/map"),
        ('#"re\\d"', "re\\d"),
        ("#(inc %)", ["inc", "%"]),
        ("#<Promise 3>", "<Promise 3>"),
        ("##Inf", math.inf),
        ("##-Inf", -math.inf),
        ("##Other", "Other"),
        ("^:private x", "x"),
        ("#^{:a 1} x", "x"),
        ("'x", "x"),
        ("@x", "x"),
        ("1 2", 1),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_value_is_read(text, expected):
    assert read(text) == expected


def test_symbols_can_be_told_from_strings():
    symbol, string = read('[a "a"]')

    assert symbol == string
    assert isinstance(symbol, Symbol)
    assert not isinstance(string, Symbol)


def test_not_a_number_is_read():
    assert math.isnan(read("##NaN"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "; only a comment",
        "[1",
        "(",
        "{:a",
        "{:a 1",
        '"abc',
        "]",
        "[}",
        "#",
        "##",
        "#_",
        "#_1",
        "\\",
        "^",
        "#<x",
        '#"x',
        "'",
    ],
)
def test_text_without_a_whole_value_is_an_error(text):
    with pytest.raises(EdnError):
        read(text)


def test_the_error_is_one_of_ours():
    with pytest.raises(NreplError, match="at character"):
        read("[1")


@pytest.mark.parametrize("opener", ["[", "(", "{", "#{", "{1 ", "#x ", "'", "#_", "^x ", "#'"])
def test_nesting_is_limited(opener):
    with pytest.raises(EdnError, match="MAX_DEPTH"):
        read(opener * (MAX_DEPTH + 2))


def test_values_as_deep_as_the_limit_are_read():
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_length_is_limited():
    with pytest.raises(EdnError, match="MAX_LENGTH"):
        read(" " * (MAX_LENGTH + 1))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def printed(value) -> str:
    """A value as Clojure prints it."""
    match value:
        case None:
            return "nil"
        case bool():
            return str(value).lower()
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list():
            return "[" + " ".join(map(printed, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{printed(k)} {printed(v)}" for k, v in value.items()) + "}"
    return repr(value)


def printable(value) -> bool:
    return isinstance(value, str | int | float | list | dict | None)


@given(values)
def test_what_is_printed_is_read_back(value):
    assert read(printed(value)) == value


@given(st.text(alphabet="()[]{}#\"\\;:^'@~`_<> ,a1/N\n") | st.text())
def test_any_text_gives_a_value_or_an_error_of_ours(text):
    with contextlib.suppress(EdnError):
        assert printable(read(text))
