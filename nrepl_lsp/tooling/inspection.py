"""
cider-nrepl's inspector: what is asked, and the pages that it answers.

A value is evaluated with `inspect "true"`; the program keeps it, and what is asked afterwards
walks through it. To show a page realises lazy sequences and prints: that is the user's code, which
runs in the user's session.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from nrepl_lsp.nrepl import edn
from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.nrepl.messages import Message

from . import shapes

__all__ = [
    "GOES",
    "PAGE_SIZE",
    "Go",
    "Item",
    "Page",
    "Row",
    "op_of",
    "page_in",
    "page_of",
    "params",
]

Go = Literal["push", "pop", "next", "previous", "refresh"]
GOES: tuple[str, ...] = get_args(Go)

#: Lines of a page, as cider-nrepl has them unless told otherwise.
PAGE_SIZE = 32

_PARAMS: Mapping[str, Any] = {
    "inspect": "true",
    "page-size": PAGE_SIZE,
    "max-atom-length": 200,
    "max-value-length": 5000,
    "max-coll-size": 10,
}
_OPS: Mapping[str, str] = {
    "push": "inspect-push",
    "pop": "inspect-pop",
    "next": "inspect-next-page",
    "previous": "inspect-prev-page",
    "refresh": "inspect-refresh",
}
_PAGE = re.compile(r"showing page: (\d+) of (\d+|\?)")

#: Lines of a page that are read; and characters of one.
ROWS_LIMIT = 2000
ROW_LIMIT = 400


class Item(NamedTuple):
    """A value on a page that can be looked into: its number, and how it is printed."""

    number: int
    text: str


class Row(NamedTuple):
    """A line of a page and the values on it in order. is_data: it is a value's own text."""

    text: str
    items: tuple[Item, ...] = ()
    is_data: bool = False


class Page(NamedTuple):
    """
    What the inspector shows.

    path: how the value is reached from the one inspected, "" for that one. has_next: also where
    nobody knows yet whether there is more, as of a lazy sequence.
    """

    rows: tuple[Row, ...]
    path: str = ""
    has_previous: bool = False
    has_next: bool = False


def params(capabilities: Capabilities) -> Mapping[str, Any] | None:
    """What an evaluation takes for its value to be inspected; None without an inspector."""
    return _PARAMS if op_of(capabilities, "push") is not None else None


def op_of(capabilities: Capabilities, go: str) -> str | None:
    """The op of a step, by its new name or the old one; None when the server does not list it."""
    name = _OPS.get(go, "")
    listed = (op for op in (f"cider/{name}", name) if name and capabilities.supports(op))
    return next(listed, None)


def page_in(messages: Sequence[Message]) -> Page | None:
    """The page in the reply of an inspector's op."""
    reply = shapes.merge(messages)
    return page_of(shapes.text(reply.get("value")), shapes.text(reply.get("path")))


def page_of(value: str | None, path: str | None = None) -> Page | None:
    """The page that is printed as `("Class: " (:value "java.lang.Long" 0) (:newline) …)`."""
    try:
        parts = edn.read(value) if value is not None else None
    except edn.EdnError:
        return None
    # A list of strings may be the value itself, from a session that has no inspector.
    if not isinstance(parts, list) or not any(isinstance(part, list) for part in parts):
        return None
    writer = _Rows()
    for part in parts:
        if isinstance(part, str) and not isinstance(part, edn.Symbol):
            writer.write(part)
        elif isinstance(part, list) and part[:1] == [":newline"]:
            writer.write("\n")
        elif isinstance(part, list) and len(part) == 3 and part[0] == ":value":
            if not isinstance(part[1], str) or not isinstance(part[2], int):
                return None
            writer.write(part[1], Item(part[2], part[1]))
        else:
            return None
    writer.write("\n")
    number = _PAGE.search("\n".join(row.text for row in writer.rows))
    at, last = (number[1], number[2]) if number is not None else ("1", "1")
    shown = (path or "").strip()
    return Page(tuple(writer.rows), shown if shown != "[]" else "", at != "1", at != last)


class _Rows:
    """Puts the pieces of a page together to lines."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._text = ""
        self._items: list[Item] = []

    def write(self, text: str, item: Item | None = None) -> None:
        if item is not None:
            self._items.append(item)
        first, *rest = text.split("\n")
        self._text += first
        for line in rest:
            if len(self.rows) < ROWS_LIMIT:
                text = self._text.rstrip()
                text = text if len(text) <= ROW_LIMIT else text[: ROW_LIMIT - 1] + "…"
                self.rows.append(Row(text, tuple(self._items)))
            self._items.clear()
            self._text = line
