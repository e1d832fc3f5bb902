"""Who calls a function, and whom it calls, as the running program knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from nrepl_lsp.nrepl.messages import Message

from . import locations, shapes
from .values import SourceLocation
from .variants import Question, Variant

__all__ = ["CALLEES", "CALLERS", "MAX_XREFS", "Xref", "XrefQuery", "xrefs"]

MAX_XREFS = 500
"""Definitions that are read from one answer; more are not looked at."""


class Xref(NamedTuple):
    """
    A definition that another one has to do with.

    name: `ns/name`, or a class. location: where it is defined, None when the server named no file.
    """

    name: str
    location: SourceLocation | None = None

    @property
    def ns(self) -> str | None:
        """The namespace of its name; None for a class."""
        return self.name.partition("/")[0] if "/" in self.name[1:] else None

    @property
    def short_name(self) -> str:
        """Its name without the namespace."""
        return self.name.partition("/")[2] if "/" in self.name[1:] else self.name


@dataclass(frozen=True, slots=True)
class XrefQuery:
    """ns: a namespace that is loaded. name: what it defines, without a qualifier."""

    ns: str
    name: str


def xrefs(found: Any) -> tuple[Xref, ...] | None:
    """The definitions in a reply's list of `{name, file, file-url, line, column}` dicts."""
    if not isinstance(found, list):
        return None
    read = (_xref(item) for item in found[:MAX_XREFS] if isinstance(item, dict))
    return tuple(xref for xref in read if xref is not None)


def _xref(item: Message) -> Xref | None:
    name = shapes.text(item.get("name"))
    if name is None:
        return None
    file, url = shapes.text(item.get("file")), shapes.text(item.get("file-url"))
    # `file` is as the compiler had it: mostly a name on the class path, which the URL resolves.
    place = locations.parse(url or file, line=item.get("line"), column=item.get("column"))
    return Xref(name, place)


def _request(query: XrefQuery) -> Message | None:
    if not (shapes.is_symbol(query.ns) and shapes.is_symbol(query.name)):
        return None
    return {"ns": query.ns, "sym": query.name, "symbol": query.name}


def _parser(key: str) -> Callable[[Sequence[Message], XrefQuery], tuple[Xref, ...] | None]:
    def parse(messages: Sequence[Message], query: XrefQuery) -> tuple[Xref, ...] | None:
        return xrefs(shapes.merge(messages).get(key))

    return parse


CALLERS: Question[XrefQuery, tuple[Xref, ...]] = Question(
    "callers",
    (
        Variant("cider/fn-refs", _request, _parser("fn-refs")),
        Variant("fn-refs", _request, _parser("fn-refs")),
    ),
    timeout=5.0,
)
"""The functions of the project that call one, by where they are defined themselves."""

CALLEES: Question[XrefQuery, tuple[Xref, ...]] = Question(
    "callees",
    (
        Variant("cider/fn-deps", _request, _parser("fn-deps")),
        Variant("fn-deps", _request, _parser("fn-deps")),
    ),
    timeout=5.0,
)
"""The functions that one calls; inlined ones (`+`) are not among them."""
