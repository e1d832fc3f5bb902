"""Expanding in steps: what the program is asked, and which call its answer expands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.calling.macro_steps import step_code, stepped
from nrepl_lsp.source.languages import for_document

CLOJURE = for_document("clojure", "")


def test_each_call_is_asked_outermost_first() -> None:
    assert step_code(CLOJURE, "(f (when x '(a) [(g)]) #(h))") == (
        "['(f (when x '(a) [(g)]) #(h)) (macroexpand-1 '(f (when x '(a) [(g)]) #(h)))"
        " '(when x '(a) [(g)]) (macroexpand-1 '(when x '(a) [(g)]))"
        " '(g) (macroexpand-1 '(g))]"
    )


@pytest.mark.parametrize(
    ("text", "printed", "after"),
    [
        ("(when x 1)", "[(when x 1) (if x (do 1))]", "(if x (do 1))"),
        (
            "(f  (when x 1))",
            "[(f (when x 1)) (f (when x 1)) (when x 1) (if x (do 1))]",
            "(f  (if x (do 1)))",
        ),
        ("(f)", "[(f) (f)]", "(f)"),
        ("(f)", "[(f)]", None),
        ("(f)", "oops", None),
        ("(f)", "[(f) (f)] 1", None),
        ("(f)", "", None),
        ("(quote (f))", "[]", None),
    ],
)
def test_the_first_that_becomes_something_else(text: str, printed: str, after: str | None) -> None:
    assert stepped(CLOJURE, text, printed) == after


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="()[]'` ab\"#", max_size=40), st.text(alphabet='()[] ab"', max_size=40))
def test_any_text_is_taken(text: str, printed: str) -> None:
    assert step_code(CLOJURE, text)[:1] == "["
    stepped(CLOJURE, text, printed)
