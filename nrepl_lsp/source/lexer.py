"""Cutting text into forms with two regexes per language.

`token` finds one token. `inside` runs, in C, over everything in a list up to the next bracket that
matters, so that Python sees few tokens: it swallows plain text in one greedy class, strings,
comments, and lists at most two levels deep.

Unbalanced text gives a best effort. A closing bracket that does not fit the innermost open list
closes the nearest one it fits, within `MISMATCH_REACH` levels; one that fits none is skipped.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from .languages import Language, Lexical
from .patterns import inside_pattern, token_pattern

MISMATCH_REACH = 64
"""How many levels up a closing bracket of the wrong kind looks for its list."""


class Span(NamedTuple):
    """A half-open stretch of text: offsets `start` and `end`."""

    start: int
    end: int


class Form(NamedTuple):
    """A form with the prefixes before it.

    `kind` is that of the form proper, which begins at `body`: list, string, character or atom.
    `parts` are the forms that the whole is made of, each with its own prefixes: several for
    metadata (`^:a x`), for stacked discards (`#_ #_ a b`) and the like; the last is the form
    proper. `discarded` forms are those the reader drops. A form that is not `closed` runs to the
    end of the text that was scanned, or to the bracket that closes a list around it.
    """

    start: int
    end: int
    kind: str
    body: int
    parts: tuple[Span, ...]
    closed: bool
    balanced: bool
    discarded: bool


class Token(NamedTuple):
    """One token of a list; a list inside it is one token of kind `list`."""

    kind: str
    start: int
    end: int
    closed: bool = True


class Lexer:
    """
    The scanner of one language.

    token: the regex of one token; the name of the group that matches is its kind. closers: each
    opening bracket's closing one.
    """

    __slots__ = (
        *("_boundary", "_bracket_group", "_inside", "_keyword", "_number", "closers", "token"),
    )

    def __init__(self, lexical: Lexical) -> None:
        self.closers = {pair[0]: pair[1] for pair in lexical.brackets}
        self.token = re.compile(token_pattern(lexical), re.DOTALL)
        self._inside = re.compile(inside_pattern(lexical), re.DOTALL)
        self._bracket_group = self._inside.groups
        self._keyword = re.compile(lexical.keyword)
        self._number = re.compile(lexical.number)
        openers = "".join(re.escape(opener) for opener in self.closers)
        self._boundary = re.compile(rf"(?:^|(?<=\r))[#'`@^~?]{{0,3}}[{openers}]", re.MULTILINE)

    def atom_kind(self, atom: str) -> str:
        """What an atom is: symbol, keyword, number or literal (`#t`)."""
        if self._keyword.match(atom):
            return "keyword"
        if self._number.match(atom):
            return "number"
        # `#%app` is a symbol in Racket; what else begins with `#` is not one in any language.
        return "literal" if atom[0] == "#" and atom[:2] != "#%" else "symbol"

    def boundary(self, text: str, position: int) -> int:
        """Where the next line that begins with an open bracket starts, or the text's end.

        Lisp editors take such a line for the start of a top-level form. We do so only where
        brackets do not balance.
        """
        match = self._boundary.search(text, position)
        return match.start() if match else len(text)

    def skip_list(
        self, text: str, opener: int, end: int, stops: str = ""
    ) -> tuple[int, bool, bool]:
        """The end of the list that the bracket at `opener` opens, scanning no further than `end`.

        `stops` are the brackets that close a list around this one. Returns the end, whether the
        list was closed, and whether its brackets were balanced.
        """
        closers = self.closers
        stack = [closers[text[opener]]]
        balanced = True
        for bracket, after in self._brackets(text, opener + 1, end):
            closer = closers.get(bracket)
            if closer is not None:
                stack.append(closer)
            elif bracket == stack[-1]:
                del stack[-1]
                if not stack:
                    return after, True, balanced
            else:
                balanced = False
                if _close(stack, bracket):
                    if not stack:
                        return after, True, False
                elif bracket in stops:
                    return after - 1, False, False
        return end, False, False

    def openers(self, text: str, start: int, offset: int) -> list[int]:
        """Where the lists begin that are open at `offset`, outermost first.

        `start` must lie between top-level forms or at the start of one.
        """
        stack: list[str] = []
        places: list[int] = []
        for bracket, after in self._brackets(text, start, offset):
            closer = self.closers.get(bracket)
            if closer is not None:
                stack.append(closer)
                places.append(after - 1)
            elif _close(stack, bracket):
                del places[len(stack) :]
        return places

    def _brackets(self, text: str, position: int, end: int) -> Iterator[tuple[str, int]]:
        """The brackets that are not in strings, comments or small lists, and where they end."""
        group = self._bracket_group
        while position < end:
            for match in self._inside.finditer(text, position, end):
                position = match.end()
                bracket = match[group]
                if bracket is None:
                    break
                yield bracket, position
            rare = self.token.match(text, position, end)
            position = rare.end() if rare else end

    def closers_of(self, text: str, openers: list[int]) -> str:
        """The brackets that close the lists which begin at `openers`."""
        reach = openers[-MISMATCH_REACH:]
        return "".join({self.closers[text[opener]] for opener in reach})

    def tokens(self, text: str, position: int, end: int, stops: str = "") -> Iterator[Token]:
        """The tokens from `position` to `end` at one level, without white space.

        Ends before a closing bracket in `stops`; any other at this level is a token `close`.
        """
        match_token = self.token.match
        while position < end:
            match = match_token(text, position, end)
            if match is None:  # pragma: no cover - the last alternative takes any character
                return
            kind, start, position = match.lastgroup or "atom", position, match.end()
            if kind == "space":
                continue
            if kind == "open":
                position, closed, _ = self.skip_list(text, start, end, stops)
                yield Token("list", start, position, closed)
            elif kind == "unclosed":
                yield Token("string", start, position, False)
            elif kind == "close" and text[start] in stops:
                return
            else:
                yield Token(kind, start, position)

    def forms(self, text: str, position: int, end: int, stops: str = "") -> Iterator[Form]:
        """The forms from `position` to `end` at one level, discarded ones included.

        Ends before a closing bracket in `stops`; any other at this level is skipped. A prefix
        with no form after it is no form.
        """
        match_token = self.token.match
        start, part, missing, discarded = -1, -1, 0, False
        parts: list[Span] = []
        while position < end:
            match = match_token(text, position, end)
            if match is None:  # pragma: no cover - the last alternative takes any character
                return
            kind, at, position = match.lastgroup, position, match.end()
            if kind == "space" or kind == "comment" or kind == "block":
                continue
            if kind == "close":
                if text[at] in stops:
                    return
                start = -1
                continue
            if start < 0:
                start, part, parts = at, -1, []
                missing, discarded = 1 - (kind == "discard"), kind == "discard"
            if kind == "prefix":
                part = at if part < 0 else part
                continue
            if kind == "discard" or kind == "double":
                missing, part = missing + 1, -1
                continue
            closed = balanced = True
            if kind == "open":
                kind = "list"
                position, closed, balanced = self.skip_list(text, at, end, stops)
            elif kind == "unclosed":
                kind, closed, balanced = "string", False, False
            elif kind == "literal" or kind == "junk":
                kind = "atom"
            parts.append(Span(at if part < 0 else part, position))
            part, missing = -1, missing - 1
            if missing == 0 or not closed:
                whole = tuple(parts)
                yield Form(start, position, kind or "atom", at, whole, closed, balanced, discarded)
                start = -1


_LEXERS: dict[int, tuple[Lexical, Lexer]] = {}


def lexer_for(language: Language) -> Lexer | None:
    """The scanner of a language, compiled once; None for plain text."""
    lexical = language.lexical
    if lexical is None:
        return None
    # By identity: a record of regexes takes as long to hash as a cursor to be located.
    known = _LEXERS.get(id(lexical))
    if known is None:
        known = _LEXERS[id(lexical)] = (lexical, Lexer(lexical))
    return known[1]


def levels_up(closers: Iterable[str], bracket: str) -> int | None:
    """How far out the nearest list is that a bracket closes; None when it is to be skipped.

    closers: what would close the open lists, innermost first.
    """
    near = enumerate(islice(closers, MISMATCH_REACH))
    return next((up for up, closer in near if closer == bracket), None)


def _close(stack: list[str], bracket: str) -> bool:
    """Close the nearest list that `bracket` fits, and all lists in it; False when there is none."""
    up = 0 if stack and stack[-1] == bracket else levels_up(reversed(stack), bracket)
    if up is not None:
        del stack[len(stack) - 1 - up :]
    return up is not None
