"""Text of no known language: its forms are lines and paragraphs, its symbols are words."""

import re

from .lexer import Span
from .lines import line_start

_WORD = re.compile(r"\w+(?:\.\w+)*")
_LINE_BREAK = re.compile(r"\r\n?|\n")
_PARAGRAPH = re.compile(r"[^\r\n]*\S[^\r\n]*(?:(?:\r\n?|\n)[^\r\n]*\S[^\r\n]*)*")


def stripped(text: str, start: int, end: int) -> Span | None:
    """A stretch without the white space around it; None when nothing is left."""
    part = text[start:end]
    left, right = len(part) - len(part.lstrip()), len(part.rstrip())
    return Span(start + left, start + right) if right > left else None


def line_at(text: str, offset: int) -> Span | None:
    """The line that an offset is in, without white space around it; None when it is blank."""
    start = line_start(text, offset)
    line_break = _LINE_BREAK.search(text, offset)
    return stripped(text, start, line_break.start() if line_break else len(text))


def paragraphs(text: str) -> list[Span]:
    """The runs of lines that are not blank."""
    spans = (stripped(text, *match.span()) for match in _PARAGRAPH.finditer(text))
    return [span for span in spans if span is not None]


def paragraph_at(text: str, offset: int) -> Span | None:
    """The run of lines that are not blank around an offset; None on a blank line."""
    line = line_at(text, offset)
    if line is None:
        return None
    return next((span for span in paragraphs(text) if span.end >= line.end), None)


def word_at(text: str, offset: int) -> Span | None:
    """The word that an offset is in or beside; names with dots in them are one word."""
    for match in _WORD.finditer(text, line_start(text, offset)):
        if match.start() > offset:
            return None
        if offset <= match.end():
            return Span(*match.span())
    return None
