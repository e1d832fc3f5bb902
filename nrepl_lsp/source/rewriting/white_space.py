"""
The same code laid out in another way: what differs, and whether it is the same code.

A formatter may change white space only. Its answer is compared token by token, and each stretch of
white space that differs is a change of its own, so that a cursor stays where it is.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..changes import Change
from ..languages import Language
from ..lexer import Span, lexer_for

__all__ = ["holds_comment", "layout_changes", "line_break_of", "trimmed"]

_BREAK = re.compile(r"\r\n?")


class _Token(NamedTuple):
    """A token that is not white space; `text` has `\\n` for every line break."""

    kind: str
    start: int
    end: int
    text: str


_Tokens = Sequence[_Token]


def layout_changes(
    language: Language,
    old: str,
    new: str,
    column: int = 0,
    keep: Span | None = None,
    line_break: str = "\n",
) -> list[Change] | None:
    """
    The changes of white space that turn `old` into `new`; None when they are not the same code.

    new: with `\\n` for line breaks; the changes have `line_break`. column: where `old` begins on
    its line. keep: only white space before tokens that begin in there is changed; what moves
    with it keeps its place below the bracket that it is in.
    """
    if language.lexical is None:
        return None
    olds, news = _tokens(language, old), _tokens(language, new)
    if _texts(olds) == _texts(news):
        return _Walk(old, new, column, keep, line_break).changes(olds, news)
    return _with_sorted_namespace((old, olds), (new, news), line_break) if keep is None else None


def holds_comment(language: Language, text: str) -> bool:
    """Whether a text holds what only people read: comments, or forms that the reader drops."""
    if language.lexical is None:
        return False
    return any(token.kind in ("comment", "block", "discard") for token in _tokens(language, text))


def line_break_of(text: str) -> str:
    """The line break that a text uses: the first one in it."""
    match = re.search(r"\r\n?|\n", text)
    return match[0] if match else "\n"


def trimmed(start: int, old: str, new: str) -> Change:
    """The change of `old`, which begins at `start`, to `new`, without their equal ends."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    # Between `\r` and `\n` there is no position.
    head -= old[:head].endswith("\r")
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if tail and old[-tail] == "\n" and old[-tail - 1 : -tail] == "\r":
        tail -= 1
    return Change(start + head, start + len(old) - tail, new[head : len(new) - tail])


class _Walk:
    """Goes through both texts at once and knows in which column each token is."""

    def __init__(self, old: str, new: str, column: int, keep: Span | None, line_break: str) -> None:
        self._old, self._new, self._keep, self._break = old, new, keep, line_break
        #: Where the next token is in the result, and in the formatter's answer.
        self._column, self._new_column = column, 0
        #: How far each open bracket is from where the formatter has it.
        self._moved = [column]
        self._changes: list[Change] = []

    def changes(self, olds: _Tokens, news: _Tokens) -> list[Change]:
        at = new_at = 0
        for token, new_token in zip(olds, news, strict=True):
            self._gap(at, token.start, self._new[new_at : new_token.start])
            if token.kind == "open":
                self._moved.append(self._column - self._new_column)
            elif token.kind == "close" and len(self._moved) > 1:
                self._moved.pop()
            self._column = _column_after(self._column, token.text)
            self._new_column = _column_after(self._new_column, token.text)
            at, new_at = token.end, new_token.end
        self._gap(at, len(self._old), self._new[new_at:])
        return self._changes

    def _gap(self, start: int, end: int, new: str) -> None:
        """The white space before a token: what it is, and what it is to be."""
        old = self._old[start:end]
        current = target = _BREAK.sub("\n", old)
        if self._keep is None or self._keep.start <= end <= self._keep.end:
            target = self._moved_along(new)
        self._column = _column_after(self._column, target)
        self._new_column = _column_after(self._new_column, new)
        if target != current:
            self._changes.append(trimmed(start, old, target.replace("\n", self._break)))

    def _moved_along(self, new: str) -> str:
        lines, newline, indentation = new.rpartition("\n")
        if not newline or not self._moved[-1]:
            return new
        return lines + newline + " " * max(0, len(indentation) + self._moved[-1])


def _with_sorted_namespace(
    old: tuple[str, _Tokens], new: tuple[str, _Tokens], line_break: str
) -> list[Change] | None:
    """The changes where the `ns` form alone has its parts in another order (cljfmt sorts them)."""
    (text, tokens), (new_text, new_tokens) = old, new
    place, new_place = _namespace(tokens), _namespace(new_tokens)
    if place is None or new_place is None:
        return None
    (first, last), (new_first, new_last) = place, new_place
    if sorted(_texts(tokens[first:last])) != sorted(_texts(new_tokens[new_first:new_last])):
        return None
    if _texts(tokens[:first]) != _texts(new_tokens[:new_first]):
        return None
    if _texts(tokens[last:]) != _texts(new_tokens[new_last:]):
        return None
    start, end = tokens[first].start, tokens[last - 1].end
    new_start, new_end = new_tokens[new_first].start, new_tokens[new_last - 1].end
    before = _Walk(text[:start], new_text[:new_start], 0, None, line_break)
    after = _Walk(text[end:], new_text[new_end:], 0, None, line_break)
    form = new_text[new_start:new_end].replace("\n", line_break)
    return [
        *before.changes(tokens[:first], new_tokens[:new_first]),
        trimmed(start, text[start:end], form),
        *(
            Change(end + from_, end + to, written)
            for from_, to, written in after.changes(
                _moved(tokens[last:], -end), _moved(new_tokens[new_last:], -new_end)
            )
        ),
    ]


def _moved(tokens: _Tokens, by: int) -> _Tokens:
    return [_Token(kind, start + by, end + by, text) for kind, start, end, text in tokens]


def _namespace(tokens: _Tokens) -> tuple[int, int] | None:
    """The numbers of the first token of the `ns` form and of the one after its last."""
    depth, first = 0, -1
    for number, token in enumerate(tokens):
        if token.kind == "open":
            if depth == 0 and tokens[number + 1 : number + 2] and tokens[number + 1].text == "ns":
                first = number
            depth += 1
        elif token.kind == "close":
            depth -= 1
            if depth == 0 and first >= 0:
                return first, number + 1
    return None


def _texts(tokens: _Tokens) -> list[str]:
    return [token.text for token in tokens]


def _column_after(column: int, text: str) -> int:
    line = text.rfind("\n")
    return column + len(text) if line < 0 else len(text) - line - 1


def _tokens(language: Language, text: str) -> list[_Token]:
    lexer, found = lexer_for(language), []
    for match in lexer.token.finditer(text) if lexer is not None else ():
        kind = match.lastgroup or "junk"
        if kind == "space":
            continue
        written, end = match[0], match.end()
        if kind == "comment":
            # Blanks at a comment's end are white space to a formatter.
            written = written.rstrip()
            end = match.start() + len(written)
        if "\r" in written:
            written = _BREAK.sub("\n", written)
        found.append(_Token(kind, match.start(), end, written))
    return found
