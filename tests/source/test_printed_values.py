"""Printed values: sameness, and which of them can stand in the text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.languages import for_document
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.printed_parts import parts_of
from nrepl_lsp.source.printed_values import as_code, is_same, why_unreadable

CLOJURE = for_document("clojure", "")
HY = for_document("hy", "")
PLAIN = for_document("plaintext", "")


@pytest.mark.parametrize(
    ("written", "printed", "same"),
    [
        ("3", "3", True),
        ("3", "4", False),
        ("{:b 1,\n :a #{2 1}}", "{:a #{1 2} :b 1}", True),
        ("{:a 1}", "{:a 2}", False),
        ("{:a 1}", "#{:a 1}", False),
        ("(1 2)", "[1 2]", False),
        ("[1 2]", "[2 1]", False),
        ("[1 2 ...]", "[1 2 3 4]", True),
        ("[1 2 …", "[1 2 3 4]", True),
        ("[1 3 ...]", "[1 2 3 4]", False),
        ('#object[user$f 0x1f2 "user$f@1f2ab"]', '#object[user$f 0x9a "user$f@9aabc"]', True),
        ("#user.P{:x 1}", "#user.P{:x 1}", True),
        ("#user.P{:x 1}", "{:x 1}", False),
        ('"a b"', '"a b"', True),
        ('"a"', "a", False),
        ("", "", True),
        ("{:a}", "{:a 1}", False),
        ("[" * 100 + "1", "[" * 100 + "2", False),
        ("^" * 3000 + " a" * 3001, "^" * 3000 + " a" * 3001 + " b", False),
        ("[" * 70 + "^" * 3000 + " a" * 3001, "[" * 70 + "^" * 3000 + " a" * 3001 + " b", False),
        ("[" * 90 + "^" * 3000 + " a" * 3001, "[" * 90 + "^" * 3000 + " a" * 3001 + " b", False),
        ("[^" * 3000 + " a" * 3001, "[^" * 3000 + " a" * 3001 + " b", False),
        ("[" + "1 " * 30_000 + "]", "[" + "1 " * 30_000 + "2]", False),
    ],
)
def test_sameness(written: str, printed: str, same: bool) -> None:
    assert is_same(CLOJURE, written, printed) is same


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("3", None),
        ("(1 2)", None),
        ("[a {:b #{1}}]", None),
        ("#'user/x", None),
        ("##Inf", None),
        ('#"a+"', None),
        ('#inst "2020-01-01"', None),
        ('#time/date "2020-01-01"', None),
        ("#user.P{:x 1}", None),
        ("#:user{:a 1}", None),
        ("#py [1]", None),
        ('"#<x> … ..."', None),
        ('#object[java.lang.Object 0x1 "x"]', "cannot be read back"),
        ("[1 #error {:a 1}]", "cannot be read back"),
        ("#<Thing>", "cannot be read back"),
        ("[<object object at 0x7f>]", "cannot be read back"),
        ("[1 2 ...]", "was cut by the printer"),
        ("[1 2 …]", "was cut by the printer"),
        ("[1 2… 1,234 more characters", "is too long and was cut"),
        ("(1 (2", "was cut, or cannot be read back"),
        ('"abc', "was cut, or cannot be read back"),
        ("#", "was cut by the printer"),
        ("{:a {:b #, :c 1}}", "was cut by the printer"),
        ("(#)", "was cut by the printer"),
        ('"…"', None),
        ("[#'user/x (1 2)]", "would be something else as code"),
        ("[#'user/x 1]", None),
        ("1 2", "is not one form"),
        ("", "is not one form"),
        ("[" * 100 + "1" + "]" * 100, "nests too deeply"),
        ("[" + "1 " * 30_000 + "]", "is too long"),
    ],
)
def test_what_can_be_read_back(value: str, why: str | None) -> None:
    assert why_unreadable(CLOJURE, value) == why


def test_other_languages() -> None:
    assert why_unreadable(HY, "[1 2]") is None
    assert why_unreadable(HY, "<function f at 0x7f>") == "cannot be read back"
    assert why_unreadable(PLAIN, "1") == "is no code"
    assert as_code(HY, "(a b)") == "'(a b)"


@pytest.mark.parametrize(
    ("language", "value", "code"),
    [
        # Hy and Fennel evaluate what is in brackets; a quote would make a model of Hy's of it.
        ("hy", "[a b]", None),
        ("hy", "[1 True]", "[1 True]"),
        ("hy", "None", "None"),
        ("fennel", "[1 2]", "[1 2]"),
        ("fennel", "[(f)]", None),
        ("fennel", "(f)", None),
        ("janet", "@[(1 2)]", "'@[(1 2)]"),
        ("janet", "nil", "nil"),
        ("scheme", "#(1 (2))", "#(1 (2))"),
        ("scheme", "(a)", "'(a)"),
        ("commonlisp", "#(a)", "#(a)"),
        ("racket", "'(a)", "'(a)"),
    ],
)
def test_what_is_data_differs(language: str, value: str, code: str | None) -> None:
    known = for_document(language, "")
    why = why_unreadable(known, value)
    assert (None if why else as_code(known, value)) == code
    assert why in (None, "would be something else as code")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("3", "3"),
        ("nil", "nil"),
        ("(1 2)", "'(1 2)"),
        ("a", "'a"),
        ("'a", "'a"),
        ("{:a (1)}", "'{:a (1)}"),
        ('[nil true :a "b" #{1}]', '[nil true :a "b" #{1}]'),
        ("#'user/x", "#'user/x"),
        ("##NaN", "##NaN"),
        (" 3\n", "3"),
    ],
)
def test_lists_and_names_are_quoted(value: str, code: str) -> None:
    assert as_code(CLOJURE, value) == code


@pytest.mark.parametrize(
    ("value", "kind", "shown", "total", "is_all"),
    [
        ("[1 (2 3)]", "vector", ["1", "(2 3)"], 2, True),
        ("(1)", "list", ["1"], 1, True),
        ("#{1 2}", "set", ["1", "2"], 2, True),
        ("{:a 1, [2] 3}", "map", [":a 1", "[2] 3"], 2, True),
        ("#user.P{:a 1}", "map", [":a 1"], 1, True),
        ("{:a 1 :b", "map", [":a 1"], 1, False),
        ("[1 2", "vector", ["1", "2"], 2, False),
        ("[]", "vector", [], 0, True),
        ("1 2", "", [], 0, True),
        ("x", "", [], 0, True),
        ("", "", [], 0, True),
    ],
)
def test_parts(value: str, kind: str, shown: list[str], total: int, is_all: bool) -> None:
    found = parts_of(CLOJURE, value, Span(0, len(value)), 0, 10)
    parts = [f"{one.key} {value[slice(*one.span)]}".strip() for one in found.parts]
    assert (found.kind, parts, found.total, found.is_all) == (kind, shown, total, is_all)


def test_a_page_of_parts() -> None:
    value = f"[{' '.join(map(str, range(100)))}]"
    found = parts_of(CLOJURE, value, Span(0, len(value)), 90, 32)
    assert [one.number for one in found.parts] == list(range(90, 100))
    assert parts_of(CLOJURE, value, Span(0, len(value)), 200, 32).parts == ()
    assert parts_of(PLAIN, value, Span(0, len(value)), 0, 32).kind == ""
    many = f"[{'1 ' * 30_000}]"
    assert parts_of(CLOJURE, many, Span(0, len(many)), 0, 1)[2:] == (20_000, False)
    key = "{[" + "1 " * 60 + "] 2}"
    assert len(parts_of(CLOJURE, key, Span(0, len(key)), 0, 1).parts[0].key) == 60


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="()[]{}#'\"\\<>.… ab1:_^@~`", max_size=60),
    st.sampled_from([CLOJURE, HY, PLAIN]),
)
def test_any_text_is_taken(value: str, language: object) -> None:
    assert is_same(language, value, value)  # type: ignore[arg-type]
    why_unreadable(language, value)  # type: ignore[arg-type]
    assert value.strip() in as_code(language, value)  # type: ignore[arg-type]
    found = parts_of(language, value, Span(0, len(value)), 0, 5)  # type: ignore[arg-type]
    for part in found.parts:
        assert 0 <= part.span.start < part.span.end <= len(value)
