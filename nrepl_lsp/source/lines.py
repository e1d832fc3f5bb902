"""Text as a list of lines, edited in place, with columns in the units that LSP negotiates.

Only `\\n`, `\\r\\n` and `\\r` end a line. Form feed, vertical tab, NEL and the Unicode separators
do not, which is why `str.splitlines` is not used: an editor would count other lines than we do.
"""

import io
from array import array
from bisect import bisect_right
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


class Lines:
    """A text, as lines. Lines and columns count from 0; offsets are indices into the text.

    Places outside the text are clamped to it, so no question can fail: a negative line is the
    start, a line past the last one the end, a column past a line's last character the end of the
    line before its line break. A column inside a character is the start of that character.
    """

    __slots__ = ("_lines", "_starts", "_text")

    def __init__(self, text: str) -> None:
        self._lines = _split(text)
        self._text: str | None = text
        self._starts: array[int] | None = None

    def copy(self) -> "Lines":
        """Another text of the same lines; later edits of one do not show in the other."""
        copied = Lines.__new__(Lines)
        copied._lines = self._lines.copy()
        copied._text = self._text
        copied._starts = self._starts
        return copied

    @property
    def text(self) -> str:
        """The whole text. Joined when it is asked for, and kept until the next edit."""
        if self._text is None:
            self._text = "".join(self._lines)
        return self._text

    @property
    def line_count(self) -> int:
        """How many lines there are: at least one, and one more than there are line breaks."""
        return len(self._lines)

    def line_text(self, line: int) -> str:
        """A line without its line break; empty outside the text."""
        if not 0 <= line < len(self._lines):
            return ""
        text = self._lines[line]
        return text[: _content_length(text)]

    def offset(self, line: int, column: int, encoding: Encoding) -> int:
        """The offset of a place."""
        line, index = self._place(line, column, encoding)
        if self._starts is None:
            return sum(map(len, self._lines[:line])) + index
        return self._starts[line] + index

    def position(self, offset: int, encoding: Encoding) -> tuple[int, int]:
        """The line and column of an offset; between `\\r` and `\\n` it is the end of the line."""
        if self._starts is None:
            lengths = map(len, self._lines[:-1])
            self._starts = array("q", accumulate(lengths, initial=0))
        line = max(0, bisect_right(self._starts, offset) - 1)
        text = self._lines[line]
        index = max(0, min(offset - self._starts[line], _content_length(text)))
        if text.isascii():
            return line, index
        return line, _units(text[:index], encoding)

    def length_of(self, first: int, last: int) -> int:
        """How many characters the lines `first` (inclusive) to `last` (exclusive) hold."""
        # Four times as fast as adding the lengths up.
        return len("".join(self._lines[first:last]))

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
        self._text = self._starts = None
        lines = self._lines
        start_line, start_index = self._place(*start, encoding)
        end_line, end_index = self._place(*end, encoding)
        if (end_line, end_index) < (start_line, start_index):
            end_line, end_index = start_line, start_index
        patched = lines[start_line][:start_index] + new_text + lines[end_line][end_index:]
        untouched = len(lines) - 1 - end_line
        if start_line and patched[:1] == "\n" and lines[start_line - 1][-1] == "\r":
            start_line -= 1
            patched = lines[start_line] + patched
        if start_line == end_line and "\n" not in new_text and "\r" not in new_text:
            lines[start_line] = patched
        else:
            pieces = _split(patched)
            if untouched:
                del pieces[-1]
            lines[start_line : end_line + 1] = pieces
        return start_line, untouched

    def _place(self, line: int, column: int, encoding: Encoding) -> tuple[int, int]:
        """A place as a line that exists and an index into it."""
        if line < 0:
            return 0, 0
        if line >= len(self._lines):
            return len(self._lines) - 1, len(self._lines[-1])
        text = self._lines[line]
        if not text.isascii():
            return line, _index(text[: _content_length(text)], column, encoding)
        length = _content_length(text)
        return line, length if column > length else column if column > 0 else 0


def _split(text: str) -> list[str]:
    """Lines with their line breaks; the last one has none and may be empty."""
    # newline="" is the one splitter of the standard library that knows just LSP's line breaks.
    lines = list(io.StringIO(text, newline=""))
    if not lines or lines[-1][-1] in "\r\n":
        lines.append("")
    return lines


def _content_length(line: str) -> int:
    if line[-1:] == "\n":
        return len(line) - (2 if line[-2:] == "\r\n" else 1)
    return len(line) - (line[-1:] == "\r")


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
