"""The macro call at a cursor, and the comment that shows what it becomes."""

import pytest

from nrepl_lsp.source.calling.macro_calls import comment_at, expansion_comment, macro_call_at, shown
from nrepl_lsp.source.document import Document, Snapshot

from .marked import at


def snapshot(text: str) -> Snapshot:
    return Document("file:///a.clj", "clojure", 1, text).snapshot()


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("(wh|en x 1)", "(when x 1)"),
        ("|(when x 1)", "(when x 1)"),
        ("(when x 1)|", "(when x 1)"),
        ("(when (f |x) 1)", "(f x)"),
        ("(when |[x] 1)", "(when [x] 1)"),
        ("(when (f x)| 1)", "(f x)"),
        ("'(when |x)", None),
        ("|'(when x)", None),
        ("|x", None),
        ("", None),
        ("(when |x", "(when x"),
        ("[(a|)]", "(a)"),
    ],
)
def test_the_call_that_the_cursor_is_on(text: str, call: str | None) -> None:
    document, offset = at(text) if text else (snapshot(""), 0)
    found = macro_call_at(document, offset)
    assert (document.text[slice(*found.span)] if found is not None else None) == call


@pytest.mark.parametrize(
    ("text", "expansion", "after"),
    [
        (
            "|(when x 1)\n(g)",
            "(if x (do 1))",
            "(when x 1)\n;; macroexpansion of (when x 1):\n;; => (if x (do 1))\n(g)",
        ),
        (
            "(defn f []\r\n  |(when x\r\n    1)) ; end\r\n(g)",
            "(if x\n\n  (do 1))",
            "(defn f []\r\n  (when x\r\n    1)) ; end\r\n"
            "  ;; macroexpansion of (when x 1):\r\n"
            "  ;; => (if x\r\n  ;;      (do 1))\r\n(g)",
        ),
        ('(str |(when x 1) "a\n b")', "(if x (do 1))", None),
    ],
)
def test_the_comment_goes_below_and_away_again(
    text: str, expansion: str, after: str | None
) -> None:
    before, offset = at(text)
    plain = before.text
    call = macro_call_at(before, offset)
    assert call is not None
    change = expansion_comment(before, call, expansion)
    if after is None:
        assert change is None
        return
    assert change is not None
    result = plain[: change[0]] + change[2] + plain[change[1] :]
    assert result == after
    expanded = snapshot(result)
    comment = comment_at(expanded, macro_call_at(expanded, offset), offset)
    assert comment is not None
    assert result[: comment.start] + result[comment.end :] == plain
    inside = result.index("=>")
    assert comment_at(expanded, None, inside) == comment
    assert comment_at(expanded, None, result.index(";; macro")) == comment


@pytest.mark.parametrize(
    "text",
    [
        "|(when x 1)\n;; => 3",
        "|(when x 1)\n\n;; macroexpansion of (when x 1):",
        "|(when x 1)",
        '(str |(when x 1) "\n;; macroexpansion of a"))',
    ],
)
def test_other_comments_are_left_alone(text: str) -> None:
    document, offset = at(text)
    assert comment_at(document, macro_call_at(document, offset), offset) is None


def test_a_comment_at_the_start_of_a_text() -> None:
    text = ";; macroexpansion of (a):\n;; => b\n(c)"
    comment = comment_at(snapshot(text), None, 5)
    assert comment == (0, text.index("\n(c)"))


def test_long_calls_are_cut() -> None:
    document = snapshot(f"(when {'x ' * 100})")
    call = macro_call_at(document, 0)
    assert call is not None
    assert len(shown(document, call)) == 60
    assert shown(document, call).endswith("…")
