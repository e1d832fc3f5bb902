"""The line store: line breaks and columns as LSP counts them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.document import Document
from nrepl_lsp.source.lines import Encoding, Lines, line_start

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
TEXTS = st.text(alphabet="ab\r\n\fé😀", max_size=30)
PLACES = st.tuples(st.integers(-1, 9), st.integers(-1, 12))
EDITS = st.lists(st.tuples(PLACES, PLACES, TEXTS), max_size=6)


class NaiveText:
    """The same answers, worked out from the whole text one character at a time."""

    def __init__(self, text: str) -> None:
        self.text = text

    def starts(self) -> list[int]:
        return [0] + [match.end() for match in re.finditer(r"\r\n|\n|\r", self.text)]

    def line(self, number: int) -> str:
        bounds = [*self.starts(), len(self.text)]
        return self.text[bounds[number] : bounds[number + 1]].rstrip("\r\n")

    def offset(self, line: int, column: int, encoding: Encoding) -> int:
        starts = self.starts()
        if line < 0:
            return 0
        if line >= len(starts):
            return len(self.text)
        offset, units = starts[line], 0
        for character in self.line(line):
            units += width(character, encoding)
            if units > column:
                break
            offset += 1
        return offset

    def position(self, offset: int, encoding: Encoding) -> tuple[int, int]:
        starts = self.starts()
        line = max(number for number, start in enumerate(starts) if start <= offset)
        before = self.line(line)[: offset - starts[line]]
        return line, sum(width(character, encoding) for character in before)

    def edit(self, start: tuple[int, int], end: tuple[int, int], new: str, by: Encoding) -> None:
        first, last = self.offset(*start, by), self.offset(*end, by)
        self.text = self.text[:first] + new + self.text[max(first, last) :]


def width(character: str, encoding: Encoding) -> int:
    return {
        "utf-8": len(character.encode()),
        "utf-16": len(character.encode("utf-16-le")) // 2,
        "utf-32": 1,
    }[encoding]


def as_lines(lines: Lines) -> list[str]:
    return [lines.line_text(number) for number in range(lines.line_count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\nb", ["a", "b"]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("\r\r\n\n", ["", "", "", ""]),
        ("a\fb\vc\x85d\u2028e\u2029f\x1cg", ["a\fb\vc\x85d\u2028e\u2029f\x1cg"]),
    ],
)
def test_only_line_feed_and_carriage_return_end_a_line(text: str, expected: list[str]) -> None:
    lines = Lines(text)
    assert as_lines(lines) == expected
    assert lines.text == text


@pytest.mark.parametrize("line", [-1, 2, 99])
def test_the_text_of_a_line_that_is_not_there_is_empty(line: int) -> None:
    assert Lines("a\nb").line_text(line) == ""


@pytest.mark.parametrize(
    ("encoding", "column", "index"),
    [
        ("utf-16", 0, 0),
        ("utf-16", 1, 1),
        ("utf-16", 2, 2),
        ("utf-16", 3, 2),  # inside the surrogate pair
        ("utf-16", 4, 3),
        ("utf-16", 99, 4),
        ("utf-16", -5, 0),
        ("utf-8", 2, 1),  # inside é
        ("utf-8", 3, 2),
        ("utf-8", 6, 2),
        ("utf-8", 7, 3),
        ("utf-32", 3, 3),
    ],
)
def test_a_column_inside_a_character_is_its_start(
    encoding: Encoding, column: int, index: int
) -> None:
    assert Lines("aé😀b\n").offset(0, column, encoding) == index


def test_a_place_past_the_end_is_the_end() -> None:
    lines = Lines("ab\r\ncd")
    assert lines.offset(0, 99, "utf-16") == 2
    assert lines.offset(1, 99, "utf-16") == 6
    assert lines.offset(99, 0, "utf-16") == 6
    assert lines.offset(-1, 5, "utf-16") == 0
    assert lines.position(99, "utf-16") == (1, 2)
    assert lines.position(-9, "utf-16") == (0, 0)


def test_an_offset_between_carriage_return_and_line_feed_is_the_end_of_the_line() -> None:
    assert Lines("ab\r\ncd").position(3, "utf-16") == (0, 2)


def test_lone_surrogates_count_as_one_unit() -> None:
    lines = Lines("a\ud800b😀")
    assert lines.offset(0, 3, "utf-16") == 3
    assert lines.position(4, "utf-16") == (0, 5)
    assert lines.offset(0, 4, "utf-8") == 2


def test_offsets_are_the_same_before_and_after_a_position_was_asked_for() -> None:
    lines = Lines("ab\ncd\nef")
    before = [lines.offset(line, 1, "utf-16") for line in range(3)]
    lines.position(0, "utf-16")
    assert before == [1, 4, 7] == [lines.offset(line, 1, "utf-16") for line in range(3)]


@pytest.mark.parametrize(
    ("text", "start", "end", "new", "expected"),
    [
        ("ab", (0, 1), (0, 1), "x", ["axb"]),
        ("ab\ncd", (0, 1), (1, 1), "", ["ad"]),
        ("ab\ncd", (0, 2), (0, 2), "\n", ["ab", "", "cd"]),
        ("ab\ncd", (0, 1), (1, 1), "x\r\ny\nz", ["ax", "y", "zd"]),
        ("ab\rcd\nef", (1, 0), (1, 2), "", ["ab", "ef"]),  # \r meets \n: one line break
        ("ab\rcd", (1, 0), (1, 0), "\n", ["ab", "cd"]),
        ("ab\n", (1, 0), (1, 0), "c", ["ab", "c"]),
        ("ab", (5, 0), (9, 9), "c", ["abc"]),
        ("abc", (0, 2), (0, 1), "x", ["abxc"]),  # an end before the start
        ("", (0, 0), (0, 0), "\r", ["", ""]),
    ],
)
def test_an_edit_changes_just_what_is_between_its_ends(
    text: str, start: tuple[int, int], end: tuple[int, int], new: str, expected: list[str]
) -> None:
    lines = Lines(text)
    lines.edit(start, end, new, "utf-16")
    assert as_lines(lines) == expected
    assert as_lines(Lines(lines.text)) == expected


@settings(max_examples=300, deadline=None)
@given(TEXTS, EDITS, st.sampled_from(ENCODINGS))
def test_edits_agree_with_a_naive_text(
    text: str, edits: list[tuple[tuple[int, int], tuple[int, int], str]], encoding: Encoding
) -> None:
    document, naive = Document("file:///a.clj", "clojure", 1, text), NaiveText(text)
    for start, end, new in edits:
        document.edit(*start, *end, new, encoding)
        naive.edit(start, end, new, encoding)
        assert document.text == naive.text
        assert as_lines(document.lines) == as_lines(Lines(naive.text))
        assert document.lines.offset(*end, encoding) == naive.offset(*end, encoding)
        for offset in range(0, len(naive.text) + 1, 3):
            assert document.lines.position(offset, encoding) == naive.position(offset, encoding)


@settings(max_examples=150, deadline=None)
@given(TEXTS, PLACES, st.sampled_from(ENCODINGS))
def test_places_agree_with_a_naive_text(
    text: str, place: tuple[int, int], encoding: Encoding
) -> None:
    lines, naive = Lines(text), NaiveText(text)
    assert lines.offset(*place, encoding) == naive.offset(*place, encoding)
    for offset in range(len(text) + 1):
        assert lines.position(offset, encoding) == naive.position(offset, encoding)


@settings(max_examples=150, deadline=None)
@given(TEXTS, PLACES, PLACES, TEXTS)
def test_an_edit_says_which_lines_it_left_alone(
    text: str, start: tuple[int, int], end: tuple[int, int], new: str
) -> None:
    lines = Lines(text)
    old = [lines.text[lines.offset(n, 0, "utf-32") :] for n in range(lines.line_count)]
    before = lines.copy()
    head, tail = lines.edit(start, end, new, "utf-32")
    assert lines.length_of(0, head) == before.length_of(0, head)
    assert lines.text[: lines.length_of(0, head)] == before.text[: before.length_of(0, head)]
    kept = before.text[len(before.text) - before.length_of(len(old) - tail, len(old)) :]
    assert lines.text.endswith(kept)


@given(TEXTS, st.integers(0, 3), st.sampled_from(["", "a" * 300, "a" * 2000]))
def test_a_line_starts_after_the_last_line_break(text: str, back: int, filling: str) -> None:
    text += filling
    offset = max(0, len(text) - back)
    before = re.split(r"[\r\n]", text[:offset])
    assert line_start(text, offset) == offset - len(before[-1])
