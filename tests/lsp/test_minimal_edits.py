"""The smallest changes that turn one text into another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.lsp.edits import Change
from nrepl_lsp.lsp.minimal_edits import minimal_edits


def applied(text: str, changes: list[Change]) -> str:
    """The text with its changes; they must be in order and apart."""
    result, at = "", 0
    for start, end, part in changes:
        assert at <= start <= end <= len(text)
        result += text[at:start] + part
        at = end
    return result + text[at:]


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("a\nb\nc\n", "a\nb\nc\n", []),
        ("a\n  b\nc\n", "a\n    b\nc\n", [(4, 4, "  ")]),
        ("a\nb\nc\n", "a\nc\n", [(2, 4, "")]),
        ("a\nc", "a\nb\nc", [(2, 2, "b\n")]),
        ("a\r\nc\r\n", "a\nb\nc\n", [(3, 3, "b\r\n")]),
        ("a\r\nb", "a\nb", []),
        ("(a x)\n(b)\n(c y)", "(a z)\n(b)\n(c w)", [(3, 4, "z"), (13, 14, "w")]),
        ("", "a", [(0, 0, "a")]),
        ("a", "", [(0, 1, "")]),
    ],
)
def test_only_what_differs_is_changed(old: str, new: str, changes: list[Change]) -> None:
    assert minimal_edits(old, new) == changes


LINES = st.lists(st.sampled_from(["", "a", "  b", "(c)", "😀", "a b"]), max_size=8)


@settings(max_examples=200, deadline=None)
@given(LINES, LINES, st.sampled_from(["\n", "\r\n", "\r"]))
def test_the_changes_give_the_target(olds: list[str], news: list[str], line_break: str) -> None:
    old = line_break.join(olds)
    # Without a line break of its own the text does not say which it uses.
    used = line_break if line_break in old else "\n"
    changes = minimal_edits(old, "\n".join(news))
    assert applied(old, changes) == used.join(news)
    for start, end, _ in changes:
        assert old[start - 1 : start + 1] != "\r\n", "between \\r and \\n is no position"
        assert old[end - 1 : end + 1] != "\r\n"


def test_long_texts_are_one_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.minimal_edits.COMPARED_LIMIT", 3)
    assert minimal_edits("a\nb\nc", "x\nb\nz") == [(0, 5, "x\nb\nz")]
