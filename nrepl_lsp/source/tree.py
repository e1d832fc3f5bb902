"""A form as a tree, read in one pass, for questions that need all of it."""

from itertools import islice
from typing import NamedTuple

from .languages import Language
from .lexer import Lexer, levels_up, lexer_for

__all__ = ["Node", "read", "read_whole"]


NESTING_LIMIT = 80
"""How deep lists may nest; what deeper ones hold is left out: trees can be recursed into."""


class Node:
    """A form: from its first prefix or metadata (`start`) to `end`; proper from `body` on.

    `kind` is list, symbol, keyword or other. `text` is what an atom is written as, or a list's
    opening bracket. `prefixes` are the reader's, outermost first (`~'`), `prefix` is the last of
    them; `metas` are the forms before it that describe it. What a list holds ends at `inner_end`,
    before its closing bracket. `is_cut` says of a whole text that a part of it nests too deeply.
    """

    __slots__ = (
        *("body", "children", "end", "inner_end", "is_cut", "kind", "metas", "prefix", "prefixes"),
        *("start", "text"),
    )

    def __init__(self, kind: str, text: str, start: int, end: int) -> None:
        self.kind = kind
        self.text = text
        self.start = self.body = start
        self.end = self.inner_end = end
        self.prefix = ""
        self.prefixes: tuple[str, ...] = ()
        self.metas: tuple[Node, ...] = ()
        self.children: list[Node] = []
        self.is_cut = False

    def is_list(self, brackets: str = "([{") -> bool:
        """Whether it is a list in one of these brackets."""
        return self.kind == "list" and self.text in brackets


class _Mark(NamedTuple):
    """What stands before a form: its kind, where, its text, and for metadata the form."""

    kind: str
    start: int
    text: str = ""
    node: Node | None = None


class _Level:
    """A list that is being read: itself, what closes it, and what waits for its next form."""

    __slots__ = ("closer", "list", "waiting")

    def __init__(self, node: Node, closer: str) -> None:
        self.list = node
        self.closer = closer
        self.waiting: list[_Mark] = []

    def add(self, node: Node) -> None:
        """A form is complete: give it its prefixes, or let the one before take it."""
        waiting = self.waiting
        while waiting:
            mark = waiting.pop()
            if mark.kind == "discard":
                return
            if mark.kind == "double":
                waiting.append(_Mark("meta", mark.start, node=node))
                return
            node.start = mark.start
            if mark.node is not None:
                node.metas = (mark.node, *node.metas)
            else:
                node.prefix = node.prefix or mark.text
                node.prefixes = (mark.text, *node.prefixes)
        self.list.children.append(node)


def read(language: Language, text: str) -> list[Node]:
    """The forms of a text, without those that the reader drops; none for plain text.

    In text that does not balance, brackets are matched as the scanner does it.
    """
    return read_whole(language, text).children


def read_whole(language: Language, text: str) -> Node:
    """A list of the forms of a text, which tells whether it `is_cut`."""
    lexer = lexer_for(language)
    return Node("list", "", 0, len(text)) if lexer is None else _read(lexer, text)


def _read(lexer: Lexer, text: str) -> Node:
    level = _Level(Node("list", "", 0, len(text)), "")
    levels = [level]
    for match in lexer.token.finditer(text):
        kind = match.lastgroup
        if kind == "space" or kind == "comment" or kind == "block":
            continue
        if kind == "atom" or kind == "literal":
            written = match.group()
            kind = lexer.atom_kind(written)
            level.add(Node("other" if kind in _PLAIN else kind, written, *match.span()))
        elif kind == "open":
            start, bracket = match.start(), match.group()
            level = _Level(Node("list", bracket, start, len(text)), lexer.closers[bracket])
            levels.append(level)
        elif kind == "close":
            level.waiting.clear()
            _close(levels, match.group(), match.start())
            level = levels[-1]
        elif kind == "double" and _waiting(levels) >= NESTING_LIMIT:
            # What describes nests as well: `^ ^ ^ a b c d`.
            levels[0].list.is_cut = True
        elif kind == "prefix" or kind == "discard" or kind == "double":
            level.waiting.append(_Mark(kind, match.start(), match.group()))
        else:
            level.add(Node("other", "", *match.span()))
    while len(levels) > 1:
        _end(levels, len(text), len(text))
    return levels[0].list


_PLAIN = ("number", "literal")


def _waiting(levels: list[_Level]) -> int:
    """How many marks wait for a form in lists that are kept, and in the innermost one."""
    kept = islice(levels, min(len(levels) - 1, NESTING_LIMIT))
    return sum(len(level.waiting) for level in kept) + len(levels[-1].waiting)


def _close(levels: list[_Level], bracket: str, at: int) -> None:
    """Close the nearest list that `bracket` fits, and all lists in it; none when it fits none."""
    up: int | None = 0
    if levels[-1].closer != bracket:
        up = levels_up((level.closer for level in reversed(levels)), bracket)
    if up is not None:
        for _ in range(up):
            _end(levels, at, at)
        _end(levels, at, at + 1)


def _end(levels: list[_Level], inner_end: int, end: int) -> None:
    node = levels.pop().list
    node.inner_end, node.end = inner_end, end
    if len(levels) > NESTING_LIMIT:
        levels[0].list.is_cut |= bool(node.children)
        node.children = []
    levels[-1].add(node)
