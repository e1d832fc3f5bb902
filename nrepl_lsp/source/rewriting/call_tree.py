"""Lists as trees of forms that are put together anew and written out with their layout kept."""

from collections.abc import Sequence
from typing import NamedTuple

from ..document import Snapshot
from ..languages import Language
from ..lexer import Form, Lexer
from .layout import column_of, shifted

__all__ = [
    *("WIDTH", "Item", "Leaf", "List", "Writer", "flat", "is_multiline", "on_lines", "read_list"),
    "text_of",
]

WIDTH = 80
"""Columns of a line that is not broken."""


class Leaf(NamedTuple):
    """A form as it stands in the text, from a column on."""

    text: str
    column: int
    form: Form


class Item(NamedTuple):
    """A form in a list. With `lead` it is on a line of its own, so far right of the bracket."""

    node: "Leaf | List"
    lead: int | None = None


class List(NamedTuple):
    """A list in round brackets, with the metadata before it."""

    prefix: str
    items: tuple[Item, ...]

    @property
    def is_broken(self) -> bool:
        """Whether any of its forms is on a line of its own."""
        return any(item.lead is not None for item in self.items)


def read_list(lexer: Lexer, text: str, form: Form, *, is_whole: bool = False) -> List | None:
    """A list in round brackets with at most metadata before it and no comments right in it.

    is_whole: whatever is before the list stays where it is, so it may be anything.
    """
    if form.kind != "list" or text[form.body] != "(" or not (form.closed and form.balanced):
        return None
    prefix = "" if is_whole else text[form.start : form.body]
    if not is_whole and (form.parts[-1].start != form.body or "\n" in prefix):
        return None
    start, end = form.body + 1, form.end - 1
    kinds = {token.kind for token in lexer.tokens(text, start, end)}
    if not kinds.isdisjoint(("comment", "block", "discard", "close", "junk")):
        return None
    bracket, before = column_of(text, form.body), start
    items: list[Item] = []
    for each in lexer.forms(text, start, end):
        column = column_of(text, each.start)
        on_own_line = "\n" in text[before : each.start]
        leaf = Leaf(text[each.start : each.end], column, each)
        items.append(Item(leaf, column - bracket if on_own_line else None))
        before = each.end
    return List(prefix, tuple(items))


class Writer:
    """Writes trees into the text at an offset, with its indentation and line breaks."""

    def __init__(self, snapshot: Snapshot, offset: int) -> None:
        text = snapshot.text
        self.column = column_of(text, offset)
        self._language: Language = snapshot.language
        line = text[offset - self.column : offset]
        self._indentation = line[: len(line) - len(line.lstrip())]
        first_break = text.find("\n")
        self._newline = "\r\n" if first_break > 0 and text[first_break - 1] == "\r" else "\n"

    def written(self, node: Leaf | List) -> str:
        """The tree as text that begins at the offset."""
        return self._written(node, self.column)

    def fits(self, node: Leaf | List) -> bool:
        """Whether the tree may be on one line."""
        text = flat(node)
        return "\n" not in text and self.column + len(text) <= WIDTH

    def _written(self, node: Leaf | List, column: int) -> str:
        if isinstance(node, Leaf):
            return shifted(self._language, node.text, column - node.column)
        bracket = column + len(node.prefix)
        pieces, at = [node.prefix, "("], bracket + 1
        for number, item in enumerate(node.items):
            if item.lead is not None:
                at = max(0, bracket + item.lead)
                # Tabs are kept as they are.
                indentation = self._indentation if len(self._indentation) <= at else ""
                pieces += (self._newline, indentation, " " * (at - len(indentation)))
            elif number:
                pieces.append(" ")
                at += 1
            text = self._written(item.node, at)
            pieces.append(text)
            at = column_of(text, len(text)) + (0 if "\n" in text else at)
        pieces.append(")")
        return "".join(pieces)


def flat(node: Leaf | List) -> str:
    """A tree without line breaks but those in its leaves."""
    if isinstance(node, Leaf):
        return node.text
    return f"{node.prefix}({' '.join(flat(item.node) for item in node.items)})"


def text_of(item: Item) -> str:
    """What a leaf says; empty for a list that was put together."""
    return item.node.text if isinstance(item.node, Leaf) else ""


def is_multiline(node: Leaf | List) -> bool:
    """Whether a tree takes several lines."""
    if isinstance(node, Leaf):
        return "\n" in node.text
    return node.is_broken or any(is_multiline(item.node) for item in node.items)


def on_lines(items: Sequence[Item], lead: int) -> tuple[Item, ...]:
    """The items, each on a line of its own."""
    return tuple(Item(item.node, lead) for item in items)
