"""
Where a text implements protocols and adds methods to multimethods.

The forms are those of Clojure's family; a multimethod's methods are found in every language.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..document import Snapshot
from ..lexer import Span
from ..locals.scopes import FORM_LIMIT
from ..naming.names import defined_names, names_at, resolve
from ..naming.references import Named
from ..tree import Node, read
from ..units import unit_at, units_of
from .outline import Definition, outline

__all__ = [
    "Implementation",
    "implementation_at",
    "implementations_in",
    "methods_of",
    "protocols_of",
]

#: Head → what the forms after it are: a type that gets protocols, or a protocol that gets types.
_HEADS = {
    "defrecord": "type",
    "deftype": "type",
    "defrecord+": "type",
    "deftype+": "type",
    "extend-type": "type",
    "extend-protocol": "protocol",
    "extend-protocol+": "protocol",
    "extend": "maps",
    "reify": "none",
    "reify+": "none",
    "specify": "type",
    "specify!": "type",
}
_HEAD = re.compile(r"\((?:[\w.-]+/)?(?:" + "|".join(map(re.escape, _HEADS)) + r")(?=[\s,])")
DEPTH_LIMIT = 200
"""How deep lists are looked into."""


class Implementation(NamedTuple):
    """
    A type that implements a protocol.

    protocol: where it is named. type: where the type is named, or the protocol where it has none.
    methods: name → where it is written, in order; a name may stand there for each arity.
    """

    protocol: Span
    type: Span
    methods: tuple[tuple[str, Span], ...]


def implementations_in(snapshot: Snapshot, protocol: Named) -> list[Implementation]:
    """The implementations of a protocol that a text holds."""
    if protocol.name not in snapshot.text or snapshot.language.family != "clojure":
        return []
    found = []
    starts, ends = units_of(snapshot)
    for start, end in zip(starts, ends, strict=True):
        if snapshot.text.find(protocol.name, start, end) >= 0:
            found += [
                one
                for one in _in_unit(snapshot, Span(start, end))
                if _means(snapshot, one.protocol, protocol)
            ]
    return found


def implementation_at(snapshot: Snapshot, offset: int) -> tuple[Named, str | None] | None:
    """The protocol that is implemented at an offset, and the method, if it is one's name.

    None where neither the name of a type's protocol nor of a method stands.
    """
    unit = unit_at(snapshot, offset) if snapshot.language.family == "clojure" else None
    if unit is None:
        return None
    for one in _in_unit(snapshot, unit):
        for name, span in one.methods:
            if span.start <= offset <= span.end:
                return _named(snapshot, one.protocol), name
    return None


def protocols_of(snapshot: Snapshot, definition: Definition) -> list[Named]:
    """The protocols and interfaces that a type's own definition names."""
    unit = unit_at(snapshot, definition.name_span.start)
    if snapshot.language.family != "clojure" or unit is None:
        return []
    return [
        _named(snapshot, one.protocol)
        for one in _in_unit(snapshot, unit)
        if one.type == definition.name_span
    ]


def methods_of(snapshot: Snapshot, multimethod: Named) -> list[Definition]:
    """The methods that a text adds to a multimethod."""
    found = []
    waiting = list(reversed(outline(snapshot)))
    while waiting:
        definition = waiting.pop()
        if definition.kind in ("namespace", "comment"):
            waiting.extend(reversed(definition.children))
        elif definition.kind == "method" and _means(snapshot, definition.name_span, multimethod):
            found.append(definition)
    return found


def _means(snapshot: Snapshot, span: Span, named: Named) -> bool:
    found = _named(snapshot, span)
    return (found.ns, found.name) == (named.ns, named.name)


def _named(snapshot: Snapshot, span: Span) -> Named:
    names = names_at(snapshot, span.start)
    text = snapshot.text[span.start : span.end]
    ns, name = resolve(names, text, defined_names(snapshot, names.ns))
    # An interface is a class, and so is a protocol that was imported as one.
    return Named(ns, name, ns is not None or name in names.imports.values())


def _in_unit(snapshot: Snapshot, unit: Span) -> Iterator[Implementation]:
    is_long = unit.end - unit.start > FORM_LIMIT
    if is_long or _HEAD.search(snapshot.text, unit.start, unit.end) is None:
        return
    waiting = deque(
        (node, 0) for node in read(snapshot.language, snapshot.text[unit.start : unit.end])
    )
    while waiting:
        node, depth = waiting.popleft()
        if node.kind != "list" or node.prefix in ("'", "`") or depth > DEPTH_LIMIT:
            continue
        head = node.children[0].text if node.children else ""
        shape = _HEADS.get(head.rpartition("/")[2]) if node.text == "(" else None
        if shape is not None:
            yield from _read(node, shape, unit.start)
        waiting.extend((child, depth + 1) for child in node.children if child.kind == "list")


def _read(node: Node, shape: str, start: int) -> Iterator[Implementation]:
    rest = node.children[1:]
    subject: Node | None = None
    if shape != "none":
        if not rest or rest[0].kind == "list":
            return
        subject, *rest = rest
    if shape == "maps":
        for protocol, functions in zip(rest[::2], rest[1::2], strict=False):
            if subject is not None and protocol.kind == "symbol":
                yield Implementation(
                    _span(protocol, start), _span(subject, start), _in_map(functions, start)
                )
        return
    for name, lists in _groups(rest):
        methods = tuple(_methods(lists, start))
        if shape == "protocol" and subject is not None:
            yield Implementation(_span(subject, start), _span(name, start), methods)
        else:
            yield Implementation(_span(name, start), _span(subject or name, start), methods)


def _groups(nodes: Sequence[Node]) -> Iterator[tuple[Node, list[Node]]]:
    """Each symbol (or `nil`) with the lists that follow it; what is before the first is skipped."""
    name: Node | None = None
    lists: list[Node] = []
    for node in nodes:
        if node.is_list("("):
            lists.append(node)
        elif node.kind == "symbol":
            if name is not None:
                yield name, lists
            name, lists = node, []
    if name is not None:
        yield name, lists


def _methods(lists: Sequence[Node], start: int) -> Iterator[tuple[str, Span]]:
    for node in lists:
        if node.children and node.children[0].kind == "symbol":
            head = node.children[0]
            yield head.text.rpartition("/")[2] or head.text, _span(head, start)


def _in_map(node: Node, start: int) -> tuple[tuple[str, Span], ...]:
    keys = node.children[::2] if node.is_list("{") else []
    return tuple((key.text.lstrip(":"), _span(key, start)) for key in keys if key.kind == "keyword")


def _span(node: Node, start: int) -> Span:
    return Span(node.body + start, node.end + start)
