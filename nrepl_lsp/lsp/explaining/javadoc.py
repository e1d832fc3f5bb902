"""Javadoc, which comes in pieces of text and of HTML, as Markdown."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from textwrap import dedent

from .docstrings import fenced, inline, inline_code

__all__ = ["as_markdown"]

#: Characters of Javadoc that are read.
HTML_LIMIT = 20_000

_BLOCKS = frozenset(
    "p div ul ol dl dt dd table tr h1 h2 h3 h4 h5 h6 blockquote section br hr".split()
)
# Stand for what begins and ends bold and slanted text until a block is complete.
_BOLD, _BOLD_END, _SLANTED, _SLANTED_END = "\ue000", "\ue001", "\ue002", "\ue003"
_EMPHASIS = {
    "b": (_BOLD, _BOLD_END),
    "strong": (_BOLD, _BOLD_END),
    "i": (_SLANTED, _SLANTED_END),
    "em": (_SLANTED, _SLANTED_END),
    "dfn": (_SLANTED, _SLANTED_END),
}
_MARKS = str.maketrans({_BOLD: "**", _BOLD_END: "**", _SLANTED: "*", _SLANTED_END: "*"})
_CODE = frozenset(("code", "tt", "kbd", "samp", "var"))
_PASSED = frozenset(("script", "style", "head"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt"))
# Emphasis of nothing, and blanks inside of emphasis, where Markdown knows none.
_EMPTY = re.compile(f"{_BOLD}(\\s*){_BOLD_END}|{_SLANTED}(\\s*){_SLANTED_END}")
_OPENING = re.compile(f"([{_BOLD}{_SLANTED}])(\\s+)")
_CLOSING = re.compile(f"(\\s+)([{_BOLD_END}{_SLANTED_END}])")
_BLANK_LINES = re.compile(r"\n{3,}")


def as_markdown(pieces: Sequence[tuple[str, str]], language: str = "java") -> str:
    """
    Pieces, as (type, content) with the type `text` or `html`, as one Markdown text.

    An element may begin in one piece and end in another. What is no HTML is shown as text.
    language: the fence's, for what is preformatted.
    """
    writer = _Writer(language)
    left = HTML_LIMIT
    for kind, content in pieces:
        part = content[:left]
        left -= len(part)
        if kind == "html":
            writer.feed(part)
        else:
            writer.handle_data(part)
    writer.close()
    return writer.written()


class _Writer(HTMLParser):
    """Collects blocks; text outside of preformatted parts has single blanks."""

    def __init__(self, language: str) -> None:
        super().__init__(convert_charrefs=True)
        self._language = language
        self._blocks: list[str] = []
        self._line: list[str] = []
        self._preformatted: list[str] | None = None
        self._code: list[str] | None = None
        self._lists: list[int] = []
        self._item = ""
        self._passed = 0
        self._links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _PASSED:
            self._passed += 1
        elif tag == "pre":
            self._end_block()
            self._preformatted = []
        elif tag in _CODE and self._code is None:
            self._code = []
        elif tag == "li":
            self._end_block()
            self._begin_item()
        elif tag in _BLOCKS:
            self._end_block()
            if tag in ("ul", "ol"):
                self._lists.append(1 if tag == "ol" else 0)
            if tag in _HEADINGS:
                self._line.append(_BOLD)
        elif tag in _EMPHASIS and self._is_text:
            self._line.append(_EMPHASIS[tag][0])
        elif tag == "a":
            href = dict(attrs).get("href") or ""
            self._links.append(href if href.startswith(("http://", "https://")) else None)
            if self._links[-1] and self._is_text:
                self._line.append("[")
        elif tag in ("td", "th"):
            self._line.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _PASSED:
            self._passed = max(0, self._passed - 1)
        elif tag == "pre":
            self._end_preformatted()
        elif tag in _CODE:
            self._end_code()
        elif tag in _BLOCKS or tag == "li":
            if tag in _HEADINGS and self._line:
                self._line.append(_BOLD_END)
            self._end_block()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
        elif tag in _EMPHASIS and self._is_text:
            self._line.append(_EMPHASIS[tag][1])
        elif tag == "a" and self._links:
            href = self._links.pop()
            if href and self._is_text:
                self._line.append(f"]({href})")

    def handle_data(self, data: str) -> None:
        if self._passed:
            return
        if self._preformatted is not None:
            self._preformatted.append(data)
        elif self._code is not None:
            self._code.append(data)
        else:
            # An empty line in a piece of text ends a paragraph.
            first, *others = re.split(r"\n[ \t]*\n", data)
            self._line.append(inline(first))
            for paragraph in others:
                self._end_block()
                self._line.append(inline(paragraph))

    def written(self) -> str:
        """All of it, once everything has been fed."""
        self._end_code()
        self._end_preformatted()
        self._end_block()
        return _BLANK_LINES.sub("\n\n", "\n".join(self._blocks)).strip()

    @property
    def _is_text(self) -> bool:
        return self._preformatted is None and self._code is None

    def _begin_item(self) -> None:
        depth = max(0, len(self._lists) - 1)
        mark = "-"
        if self._lists and self._lists[-1]:
            mark = f"{self._lists[-1]}."
            self._lists[-1] += 1
        self._item = "  " * depth + mark + " "

    def _end_code(self) -> None:
        if self._code is not None:
            text = " ".join("".join(self._code).split())
            self._code = None
            if text and self._preformatted is None:
                self._line.append(inline_code(text))
            elif text and self._preformatted is not None:
                self._preformatted.append(text)

    def _end_preformatted(self) -> None:
        if self._preformatted is not None:
            self._end_code()
            lines = dedent("".join(self._preformatted)).split("\n")
            while lines and not lines[0].strip():
                lines.pop(0)
            text = "\n".join(lines).rstrip()
            self._preformatted = None
            if text:
                self._blocks.append("\n" + fenced(text, self._language) + "\n")

    def _end_block(self) -> None:
        self._end_code()
        text = " ".join("".join(self._line).split())
        text = _OPENING.sub(r"\2\1", _CLOSING.sub(r"\2\1", _EMPTY.sub(" ", text)))
        text = " ".join(_unclosed(text).translate(_MARKS).split())
        self._line = []
        if text:
            self._blocks.append(self._item + text if self._item else "\n" + text + "\n")
            self._item = ""


def _unclosed(text: str) -> str:
    """Close what is emphasised to the end, and drop ends of what never began."""
    for opening, closing in ((_BOLD, _BOLD_END), (_SLANTED, _SLANTED_END)):
        depth, shown = 0, []
        for character in text:
            depth += (character == opening) - (character == closing)
            if (depth < 0 and character == closing) or (depth > 1 and character == opening):
                depth = 0 if depth < 0 else 1
                continue
            shown.append(character)
        text = "".join(shown) + closing * depth
    return text
