"""What implements a protocol or a multimethod, and which protocols there are for a type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nrepl_lsp.nrepl.messages import Message

from . import shapes
from .references import MAX_XREFS, Xref, XrefQuery, xrefs
from .variants import Question, Variant

__all__ = [
    "IMPLEMENTATIONS",
    "PROTOCOLS_WITH_METHOD",
    "TYPE_PROTOCOLS",
    "Implementations",
    "MethodQuery",
]


class Implementations(NamedTuple):
    """
    kind: "protocol", "multimethod" or "other".

    types: the classes that implement a protocol; those of records have a place. dispatch_values:
    as they are printed; where their methods are nobody knows.
    """

    kind: str
    types: tuple[Xref, ...] = ()
    dispatch_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MethodQuery:
    """method: a protocol method's name, without a qualifier."""

    method: str


def _request(query: XrefQuery) -> Message | None:
    # Without `ns` cider-nrepl 0.62 answers with a NullPointerException.
    if not (shapes.is_symbol(query.ns) and shapes.is_symbol(query.name)):
        return None
    return {"ns": query.ns, "sym": query.name}


def _type_request(query: XrefQuery) -> Message | None:
    # cider-nrepl 0.62 loads the class that a name with a dot means, which may run its code.
    return None if "." in query.name else _request(query)


def _method_request(query: MethodQuery) -> Message | None:
    return {"method": query.method} if shapes.is_symbol(query.method) else None


def _parse(messages: Sequence[Message], query: XrefQuery) -> Implementations | None:
    found = shapes.merge(messages).get("who-implements")
    if not isinstance(found, dict):
        return None
    values = shapes.strings(found.get("dispatch-values"))[:MAX_XREFS]
    kind = shapes.text(found.get("kind")) or ""
    return Implementations(kind, xrefs(found.get("impls")) or (), values)


def _parse_protocols(messages: Sequence[Message], query: XrefQuery) -> tuple[Xref, ...] | None:
    return xrefs(shapes.merge(messages).get("type-protocols"))


def _parse_with_method(messages: Sequence[Message], query: MethodQuery) -> tuple[Xref, ...] | None:
    return xrefs(shapes.merge(messages).get("protocols-with-method"))


IMPLEMENTATIONS: Question[XrefQuery, Implementations] = Question(
    "implementations",
    (Variant("cider/who-implements", _request, _parse),),
    timeout=5.0,
)
"""Who implements a protocol, or what a multimethod dispatches on."""

TYPE_PROTOCOLS: Question[XrefQuery, tuple[Xref, ...]] = Question(
    "type-protocols",
    (Variant("cider/type-protocols", _type_request, _parse_protocols),),
    timeout=5.0,
)
"""The protocols that a type implements."""

PROTOCOLS_WITH_METHOD: Question[MethodQuery, tuple[Xref, ...]] = Question(
    "protocols-with-method",
    (Variant("cider/protocols-with-method", _method_request, _parse_with_method),),
    timeout=5.0,
)
"""The protocols of all loaded namespaces that have a method of a name."""
