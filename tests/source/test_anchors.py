"""Stretches of text that follow the edits around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.source.anchors import Edit, Stretch, difference, is_whole, moved
from nrepl_lsp.source.document import Document
from nrepl_lsp.source.lines import Encoding, Lines

HERE: Stretch = ((2, 4), (3, 5))


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        # Somewhere above, on the same line before it, right before it.
        (Edit((0, 0), (0, 0), (1, 0)), ((3, 4), (4, 5))),
        (Edit((0, 0), (1, 3), (0, 0)), ((1, 4), (2, 5))),
        (Edit((2, 1), (2, 3), (2, 8)), ((2, 9), (3, 5))),
        (Edit((2, 4), (2, 4), (4, 2)), ((4, 2), (5, 5))),
        (Edit((1, 7), (2, 4), (1, 8)), ((1, 8), (2, 5))),
        # Right behind it, further on.
        (Edit((3, 5), (3, 5), (3, 9)), HERE),
        (Edit((3, 6), (9, 0), (3, 6)), HERE),
        # Into it, over it, from before into it.
        (Edit((2, 5), (2, 5), (2, 6)), None),
        (Edit((3, 4), (3, 6), (3, 4)), None),
        (Edit((2, 0), (2, 5), (2, 0)), None),
        (Edit((1, 0), (4, 0), (1, 0)), None),
    ],
)
def test_a_stretch_moves_stays_or_goes(edit: Edit, expected: Stretch | None) -> None:
    assert moved(HERE, edit) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", (0, 0, 0)),
        ("abc", "abc", (3, 3, 3)),
        ("abc", "abXc", (2, 2, 3)),
        ("abc", "c", (0, 2, 0)),
        ("aaa", "aa", (2, 3, 2)),
        ("abc", "xyz", (0, 3, 3)),
    ],
)
def test_the_difference_of_two_texts(old: str, new: str, expected: tuple[int, int, int]) -> None:
    assert difference(old, new) == expected


@given(st.text("ab\n", max_size=12), st.text("ab\n", max_size=12))
def test_a_difference_makes_the_one_text_of_the_other(old: str, new: str) -> None:
    start, end, new_end = difference(old, new)
    assert old[:start] + new[start:new_end] + old[end:] == new
    assert 0 <= start <= end <= len(old)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("«(+ 1 2)»", True),
        ("x «(a) (b)» y", True),
        ("#_«(+ 1 2)»", True),
        ("«foo»x", False),
        ("x«foo»", False),
        ("; «(+ 1 2)»", False),
        ('"«(+ 1 2)»"', False),
        ("«(+ 1» 2)", False),
        ("(«+ 1 »2)", False),
    ],
)
def test_a_stretch_is_whole_forms_or_not(text: str, expected: bool) -> None:
    start, end = text.index("«"), text.index("»") - 1
    plain = text.replace("«", "").replace("»", "")
    assert is_whole(Document("a.clj", "clojure", 1, plain).snapshot(), start, end) is expected


_TEXTS = st.lists(st.sampled_from(["(é 1)", "😀", " ", "\n", "\r\n", "x", "\f"]), max_size=12)


@given(_TEXTS, st.data(), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_a_stretch_that_stays_holds_the_same_text(
    pieces: list[str], data: st.DataObject, encoding: Encoding
) -> None:
    text = "".join(pieces)
    # Between `\r` and `\n` there is no place that LSP could name.
    places = [i for i in range(len(text) + 1) if text[i - 1 : i + 1] != "\r\n"]
    first, last = sorted(data.draw(st.lists(st.sampled_from(places), min_size=2, max_size=2)))
    start, end = sorted(data.draw(st.lists(st.sampled_from(places), min_size=2, max_size=2)))
    new = data.draw(st.sampled_from(["", "z", "😀\n", "\n\n", "é"]))
    old_lines = Lines(text)
    stretch = (old_lines.position(first, encoding), old_lines.position(last, encoding))
    changed = text[:start] + new + text[end:]
    lines = Lines(changed)
    edit = Edit(
        old_lines.position(start, encoding),
        old_lines.position(end, encoding),
        lines.position(start + len(new), encoding),
    )
    after = moved(stretch, edit)
    if after is None:
        assert start < last
        assert end > first
        return
    there = [lines.offset(*place, encoding) for place in after]
    assert changed[there[0] : there[1]] == text[first:last]
