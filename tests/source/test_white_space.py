"""Laying code out anew: what changes, and what is not the same code."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.changes import Change
from nrepl_lsp.source.languages import CLOJURE, PLAIN, SCHEME
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.rewriting.white_space import holds_comment, layout_changes, trimmed


def applied(text: str, changes: list[Change]) -> str:
    result, at = "", 0
    for start, end, part in changes:
        assert at <= start <= end <= len(text)
        result += text[at:start] + part
        at = end
    return result + text[at:]


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("(a\nb)", "(a\n b)", [(3, 3, " ")]),
        ("(a\n     b)", "(a\n b)", [(4, 8, "")]),
        ("(a  b )", "(a  b)", [(5, 6, "")]),
        ("(a(b))", "(a (b))", [(2, 2, " ")]),
        ("(a\r\nb)\r\n", "(a\n b)\n", [(4, 4, " ")]),
        ("(a)\n\n\n\n(b)", "(a)\n\n(b)", [(5, 7, "")]),
        ("(a ; c  \n)", "(a ; c\n )", [(6, 9, "\n ")]),
        ('(a "x\r\ny"\r\nb)', '(a "x\ny"\n b)', [(11, 11, " ")]),
        ("(a, b)", "(a b)", [(2, 3, "")]),
        ("(😀\nb)", "(😀\n b)", [(3, 3, " ")]),
        ("(a)", "(a)\n", [(3, 3, "\n")]),
        ("", "", []),
    ],
)
def test_each_stretch_of_white_space_is_a_change(old: str, new: str, changes: list[Change]) -> None:
    line_break = "\r\n" if "\r" in old else "\n"
    assert layout_changes(CLOJURE, old, new, line_break=line_break) == changes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(a b)", "(a c)"),
        ("(a b)", "(a)"),
        ("(a b)", "(ab)"),
        ("(a b)", "(b a)"),
        ('(a "x  y")', '(a "x y")'),
        ("(a) ; see", "(a)"),
        ("(a ; c\n b)", "(a ; c b)"),
        ("(a)", ""),
        ("#_(a)", "(a)"),
        ("(ns a (:require b))", "(ns a (:require c))"),
        ("(ns a (:use c b)) (x)", "(ns a (:use b c)) (y)"),
        ("(x) (ns a (:use c b))", "(y) (ns a (:use b c))"),
        ("(ns a", "(ns b"),
    ],
)
def test_other_code_is_refused(old: str, new: str) -> None:
    assert layout_changes(CLOJURE, old, new) is None


def test_the_parts_of_the_ns_form_may_change_places() -> None:
    old = "(ns a\r\n(:require [c]\r\n[b]))\r\n(f\r\nx)\r\n"
    new = "(ns a\n  (:require [b]\n            [c]))\n(f\n x)\n"
    changes = layout_changes(CLOJURE, old, new, line_break="\r\n")
    assert changes is not None
    assert applied(old, changes) == new.replace("\n", "\r\n")


def test_a_language_without_tokens_is_left_alone() -> None:
    assert layout_changes(PLAIN, "a  b", "a b") is None
    assert holds_comment(PLAIN, "; a") is False


def test_only_what_is_kept_is_changed_and_stays_below_its_bracket() -> None:
    old = "(let [a 1]\n      (foo a\nb\n(bar\nc)))\n(z\ny)"
    new = "(let [a 1]\n  (foo a\n       b\n       (bar\n        c)))\n(z\n y)"
    start = old.index("b\n")
    changes = layout_changes(CLOJURE, old, new, 0, Span(start, old.index("))")))
    assert changes is not None
    assert applied(old, changes) == (
        "(let [a 1]\n      (foo a\n           b\n           (bar\n            c)))\n(z\ny)"
    )


def test_a_form_that_does_not_begin_its_line_keeps_its_column() -> None:
    changes = layout_changes(CLOJURE, "(f\nx)", "(f\n x)", 4, Span(0, 6))
    assert changes == [(3, 3, "     ")]


@pytest.mark.parametrize(
    ("text", "holds"),
    [("(a)", False), ('(a ";")', False), ("(a ; b\n)", True), ("(a #_b)", True)],
)
def test_what_only_people_read_is_seen(text: str, holds: bool) -> None:
    assert holds_comment(CLOJURE, text) is holds


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("a\r\nb", "a\rb", (1, 3, "\r")),
        ("a\r\n", "b\n", (0, 3, "b\n")),
        ("aa", "a", (1, 2, "")),
        ("", "", (0, 0, "")),
    ],
)
def test_a_change_does_not_begin_or_end_inside_a_line_break(
    old: str, new: str, change: Change
) -> None:
    assert trimmed(0, old, new) == change


TOKENS = st.lists(
    st.sampled_from(
        ["(", ")", "[", "]", "a", "b1", ":k", '"s t"', "; c\n", "\\x", "😀", "'", "#_"]
    ),
    max_size=12,
)
GAPS = st.sampled_from([" ", "  ", "\n", "\n  ", ", "])


@settings(max_examples=200, deadline=None)
@given(TOKENS, st.data(), st.sampled_from([CLOJURE, SCHEME]))
def test_any_white_space_can_be_had(
    tokens: list[str], data: st.DataObject, language: object
) -> None:
    gaps = st.lists(GAPS, min_size=len(tokens), max_size=len(tokens))
    if language is SCHEME:
        gaps = gaps.map(lambda found: [gap.replace(",", "") for gap in found])
    old, new = (
        "".join(token + gap for token, gap in zip(tokens, data.draw(gaps), strict=True))
        for _ in range(2)
    )
    changes = layout_changes(language, old, new)  # type: ignore[arg-type]
    assert changes is not None
    assert applied(old, changes) == new
