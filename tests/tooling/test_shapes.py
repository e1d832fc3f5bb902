"""One value, many shapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.tooling import shapes
from nrepl_lsp.tooling.values import ErrorPlace, SymbolInfo


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["[f]", "[f coll]"], ("[f]", "[f coll]")),
        ([["f"], ["f", "coll"], []], ("[f]", "[f coll]", "[]")),
        ([["a", ["b", "c"]]], ("[a [b c]]",)),
        ("([f] [f coll])", ("[f]", "[f coll]")),
        ("([])", ("[]",)),
        ("([[a b] [c d]] [x])", ("[[a b] [c d]]", "[x]")),
        ("([{:keys [a b]}])", ("[{:keys [a b]}]",)),
        ("[f]\n[f coll]", ("[f]", "[f coll]")),
        ("[{:keys [a\n   b]}]\n[]", ("[{:keys [a b]}]", "[]")),
        ('[x "]" \\[ y]', ('[x "]" \\[ y]',)),
        ("(a, b=1, *args)", ("(a, b=1, *args)",)),
        ("()", ("()",)),
        ("[&env &form x]", ("[x]",)),
        ("([&form &env x & more])", ("[x & more]",)),
        ([["&env", "&form"]], ("[]",)),
        ("[unbalanced [x]", ("[unbalanced [x]",)),
        ("([a] [b)", ("([a] [b)",)),
        ("", ()),
        ([], ()),
        ({}, ()),
        (None, ()),
        (3, ()),
        (["", 3, "[x]"], ("[x]",)),
    ],
)
def test_argument_lists_become_one_text_per_arity(value, expected):
    assert shapes.arglists(value) == expected


@given(st.text(alphabet='([{}])"\\ a&\n') | st.lists(st.text() | st.lists(st.text())))
def test_argument_lists_never_fail(value):
    assert all(isinstance(item, str) for item in shapes.arglists(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([["if", "test", "then", "else?"]], ("(if test then else?)",)),
        ("(if test then)\n(x)\n", ("(if test then)", "(x)")),
        (["(recur exprs*)"], ("(recur exprs*)",)),
        ([], ()),
        (None, ()),
    ],
)
def test_special_forms_become_texts(value, expected):
    assert shapes.forms(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), (1, True), ("yes", True), ("false", False), (0, False), ("0", False)]
    + [(nil, False) for nil in ("", [], {}, None)],
)
def test_a_flag_is_any_value_that_does_not_say_no(value, expected):
    assert shapes.flag(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3), ("3", 3), ("x", None), ([], None), (True, None), ("9" * 40, None), ("", None)],
)
def test_an_integer_may_be_its_digits(value, expected):
    assert shapes.integer(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("x", "x"), ("", None), (7, "7"), ([], None), (True, None), (["x"], None)],
)
def test_a_text_is_a_string_or_a_number(value, expected):
    assert shapes.text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(["a", "", 3, "b"], ("a", "b")), ("a", ("a",)), ("", ()), ({}, ())],
)
def test_strings_of_a_list(value, expected):
    assert shapes.strings(value) == expected


def test_merging_keeps_what_says_something():
    assert shapes.merge([{"a": 1, "b": "x"}, {"a": [], "b": "y"}]) == {"a": 1, "b": "y"}
    assert shapes.merge([]) == {}


@pytest.mark.parametrize("name", ["map", "str/join", ":k", ".toU", "os.path.join", "a'", "λ", "/"])
def test_a_symbol_is_one_token(name):
    assert shapes.is_symbol(name)


@pytest.mark.parametrize("name", ["", "a b", "a(", "'a", "#'a", "@a", "a\x00", "a" * 300, "`a"])
def test_anything_else_is_not(name):
    assert not shapes.is_symbol(name)


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (SymbolInfo("map", "clojure.core"), "clojure.core/map"),
        (SymbolInfo("if"), "if"),
        (SymbolInfo("clojure.core", "clojure.core"), "clojure.core"),
    ],
)
def test_a_qualified_name(info, expected):
    assert info.qualified_name == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (ErrorPlace(line=31), 31),
        (ErrorPlace(line=30), 30),
        (ErrorPlace(line=33), None),
        (ErrorPlace(line=2), None),
        (ErrorPlace(), None),
    ],
)
def test_a_line_counts_only_inside_the_code_that_was_sent(place, expected):
    """Code of three lines that began at line 30."""
    assert place.line_within(30, 3) == expected
