"""Printed data on lines that people can read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.languages import CLOJURE, PLAIN
from nrepl_lsp.source.rewriting.printing import on_lines
from nrepl_lsp.source.rewriting.white_space import layout_changes

LONG = "a-long-name-that-takes-its-place"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            f"(clojure.core/let [{LONG} (f x) y (g {LONG})] (clojure.core/println {LONG} y))",
            [
                f"(clojure.core/let [{LONG} (f x)",
                f"                   y (g {LONG})]",
                f"  (clojure.core/println {LONG} y))",
            ],
        ),
        (
            f"(if (some? {LONG}) (do ({LONG} 1) ({LONG} 2)) (else {LONG}))",
            [
                f"(if (some? {LONG})",
                f"  (do ({LONG} 1) ({LONG} 2))",
                f"  (else {LONG}))",
            ],
        ),
        (
            f"(call {LONG} {LONG} {LONG})",
            [f"(call {LONG}", f"      {LONG}", f"      {LONG})"],
        ),
        (
            f"{{:a {LONG} :b {LONG} :c {LONG}}}",
            [f"{{:a {LONG}", f" :b {LONG}", f" :c {LONG}}}"],
        ),
        (
            f"#{{{LONG} {LONG} {LONG}}}",
            [f"#{{{LONG} {LONG}", f"  {LONG}}}"],
        ),
        (
            f"(1.5 {LONG} {LONG} 2 3 4 5 6 7)",
            [f"(1.5 {LONG} {LONG} 2 3 4 5 6", " 7)"],
        ),
        (f"({LONG} {LONG} {LONG})", [f"({LONG} {LONG}", " " * 34 + f"{LONG})"]),
        (f"[:a {LONG} {LONG} {LONG}]", [f"[:a {LONG} {LONG}", f" {LONG}]"]),
        (f"[{{:a 123456}} {LONG} {LONG} 8]", ["[{:a 123456}", f" {LONG}", f" {LONG}", " 8]"]),
        (f"([{LONG}] [{LONG}] [{LONG}])", [f"([{LONG}]", f" [{LONG}]", f" [{LONG}])"]),
        (
            f"(catch (a {LONG} {LONG} {LONG}) e ({LONG}))",
            [
                f"(catch (a {LONG}",
                f"          {LONG}",
                f"          {LONG}) e",
                f"  ({LONG}))",
            ],
        ),
    ],
)
def test_long_forms_are_broken(text: str, lines: list[str]) -> None:
    result = on_lines(CLOJURE, text)
    assert result.split("\n") == lines
    assert layout_changes(CLOJURE, text, result) is not None


@pytest.mark.parametrize(
    "text",
    [
        "(short)",
        "",
        f"(f\n {LONG} {LONG} {LONG})",
        f"{LONG}{LONG}{LONG}",
        f"(unclosed {LONG} {LONG} {LONG}",
        f"^{{:meta {LONG}}} ({LONG} {LONG})",
        "(" * 200 + "a" + ")" * 200,
        "x " * 60_000,
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert on_lines(CLOJURE, text).replace("\n", " ").split() == text.split()
    if len(text) < 80 or "\n" in text or len(text) > 100_000:
        assert on_lines(CLOJURE, text) == text


def test_plain_text_stays_as_it_is() -> None:
    assert on_lines(PLAIN, f"({LONG} {LONG} {LONG})") == f"({LONG} {LONG} {LONG})"


FORMS = st.recursive(
    st.sampled_from([LONG, "x", ":k", '"a  b"', "1", "'q", "#'v", "\\a", "let*", "if", "#_ z y"]),
    lambda inner: st.tuples(st.sampled_from(["()", "[]", "{}"]), st.lists(inner, max_size=5)).map(
        lambda found: found[0][0] + " ".join(found[1]) + found[0][1]
    ),
    max_leaves=30,
)


@settings(max_examples=100, deadline=None)
@given(FORMS)
def test_it_is_the_same_code(text: str) -> None:
    assert layout_changes(CLOJURE, text, on_lines(CLOJURE, text)) is not None
