"""A text and where its lines start, edited in place, with columns in the units that LSP negotiates.

Only `\\n`, `\\r\\n` and `\\r` end a line. Form feed, vertical tab, NEL and the Unicode separators
do not, which is why `str.splitlines` is not used: an editor would count other lines than we do.
"""

import io
from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]


_FIRST_REACH = 256


def line_start(text: str, offset: int) -> int:
    """Where the line that an offset is in starts; takes as long as the line is."""
    reach, end = _FIRST_REACH, offset
    while end > 0:
        start = max(0, end - reach)
        found = max(text.rfind("\n", start, end), text.rfind("\r", start, end))
        if found >= 0:
            return found + 1
        end, reach = start, 2 * reach
    return 0


def line_starts(text: str) -> "array[int]":
    """Where the lines of a text start; the last one may be empty."""
    # newline="" is the one splitter of the standard library that knows just LSP's line breaks.
    lengths = map(len, io.StringIO(text, newline=""))
    starts = array("I", accumulate(lengths, initial=0))
    if text and text[-1] not in "\r\n":
        del starts[-1]
    return starts


class Lines:
    """A text, as lines. Lines and columns count from 0; offsets are indices into the text.

    Places outside the text are clamped to it, so no question can fail: a negative line is the
    start, a line past the last one the end, a column past a line's last character the end of the
    line before its line break. A column inside a character is the start of that character.

    Where lines start is kept in two parts that meet where the text was edited last: in `_before`
    from the start of the text, in `_behind`, last line first, from its end. So an edit changes no
    number but those of the lines that it changes, wherever it is.
    """

    __slots__ = ("_before", "_behind", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        """The whole text."""
        self._before = line_starts(text)
        self._behind = array("I")

    def copy(self) -> "Lines":
        """Another text of the same lines; later edits of one do not show in the other."""
        copied = Lines.__new__(Lines)
        copied.text = self.text
        copied._before, copied._behind = self._before[:], self._behind[:]
        return copied

    @property
    def line_count(self) -> int:
        """How many lines there are: at least one, and one more than there are line breaks."""
        return len(self._before) + len(self._behind)

    def line_text(self, line: int) -> str:
        """A line without its line break; empty outside the text."""
        if not 0 <= line < self.line_count:
            return ""
        return self.text[self._start(line) : self._content_end(line)]

    def offset(self, line: int, column: int, encoding: Encoding) -> int:
        """The offset of a place."""
        return self._place(line, column, encoding)[1]

    def position(self, offset: int, encoding: Encoding) -> tuple[int, int]:
        """The line and column of an offset; between `\\r` and `\\n` it is the end of the line."""
        text, behind = self.text, self._behind
        length = len(text)
        offset = max(0, min(offset, length))
        if behind and length - offset <= behind[-1]:
            number = bisect_left(behind, length - offset)
            line, start = self.line_count - 1 - number, length - behind[number]
        else:
            line = bisect_right(self._before, offset) - 1
            start = self._before[line]
        if offset > start and text[offset - 1] == "\r":
            offset -= 1
        return line, offset - start if text.isascii() else _units(text[start:offset], encoding)

    def length_of(self, first: int, last: int) -> int:
        """How many characters the lines `first` (inclusive) to `last` (exclusive) hold."""
        return self._start(last) - self._start(first)

    def edit(
        self,
        start: tuple[int, int],
        end: tuple[int, int],
        new_text: str,
        encoding: Encoding,
    ) -> tuple[int, int]:
        """Replace what is between two places; an end before the start counts as the start.

        Returns how many lines at the beginning and at the end of the text did not change.
        """
        text = self.text
        first, start_offset = self._place(*start, encoding)
        last, end_offset = self._place(*end, encoding)
        if end_offset < start_offset:
            last, end_offset = first, start_offset
        line_start, line_end = self._start(first), self._start(last + 1)
        if first and text[line_start - 1] == "\r" and line_start == start_offset:
            # What follows may be a line feed now, which ends the line before with it.
            first -= 1
            line_start = self._start(first)
        self._meet_after(last)
        self.text = "".join((text[:start_offset], new_text, text[end_offset:]))
        if first != last or "\n" in new_text or "\r" in new_text:
            del self._before[first:]
            patched = self.text[line_start : len(self.text) - len(text) + line_end]
            starts = line_starts(patched)
            if self._behind:
                del starts[-1]
            self._before.extend([line_start + start for start in starts])
        return first, len(self._behind)

    def _start(self, line: int) -> int:
        """Where a line starts; the text's end for the one after the last."""
        if line < len(self._before):
            return self._before[line]
        number = self.line_count - 1 - line
        return len(self.text) - (self._behind[number] if number >= 0 else 0)

    def _content_end(self, line: int) -> int:
        """Where the line break of a line is, or would be."""
        start, end = self._start(line), self._start(line + 1)
        if end > start and self.text[end - 1] == "\n":
            return end - (2 if end - start > 1 and self.text[end - 2] == "\r" else 1)
        return end - (end > start and self.text[end - 1] == "\r")

    def _place(self, line: int, column: int, encoding: Encoding) -> tuple[int, int]:
        """A place as a line that exists and an offset."""
        if line < 0:
            return 0, 0
        if line >= self.line_count:
            return self.line_count - 1, len(self.text)
        start, end = self._start(line), self._content_end(line)
        if not self.text.isascii():
            return line, start + _index(self.text[start:end], column, encoding)
        return line, max(start, min(start + column, end))

    def _meet_after(self, line: int) -> None:
        """Have the two parts meet after a line."""
        before, behind, length = self._before, self._behind, len(self.text)
        surplus = len(before) - line - 1
        if surplus > 0:
            behind.extend([length - start for start in reversed(before[line + 1 :])])
            del before[line + 1 :]
        elif surplus < 0:
            before.extend([length - left for left in reversed(behind[surplus:])])
            del behind[surplus:]


def _units(text: str, encoding: Encoding) -> int:
    """How many code units of `encoding` the text takes."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _index(text: str, column: int, encoding: Encoding) -> int:
    """The index of the character that holds the code unit `column`."""
    column = max(0, column)
    units = _units(text, encoding)
    if column >= units:
        return len(text)
    if units == len(text):
        return column
    ends = accumulate(_units(character, encoding) for character in text)
    return bisect_right(list(ends), column)
