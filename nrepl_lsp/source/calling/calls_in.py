"""What a definition calls, by its text: the heads of its lists, and the other names in it."""

import re
from typing import NamedTuple

from ..definitions.outline import Definition
from ..document import Snapshot
from ..lexer import Span
from ..locals.scopes import scopes_of
from ..naming.references import Named, meaning
from ..units import units_of

__all__ = ["Mentions", "mentions_in"]

NAMES_LIMIT = 2_000
"""Names of one definition that are looked at."""

_OPENS = re.compile(r"\(\s*")
_OPENED = re.compile(r"\(\s*\Z")
_OPENING_REACH = 200


class Mentions(NamedTuple):
    """Where one definition names something; `is_called` says whether it is the head of a list."""

    named: Named
    text: str
    spans: tuple[Span, ...]
    is_called: bool


def mentions_in(snapshot: Snapshot, definition: Definition) -> list[Mentions]:
    """
    What a definition names, in the text's order.

    Without locals, keywords, quoted names, its own name and what makes it a definition (`defn`).
    """
    found: dict[Named, list[Span]] = {}
    called: set[Named] = set()
    text, whole = snapshot.text, definition.span
    head = _OPENS.match(text, whole.start)
    passed = (definition.name_span.start, head.end() if head is not None else whole.start)
    for span in _free(snapshot, whole):
        if span.start in passed or text[span.start] == ":":
            continue
        named = meaning(snapshot, span)
        found.setdefault(named, []).append(span)
        if _OPENED.search(text, max(whole.start, span.start - _OPENING_REACH), span.start):
            called.add(named)
    return [
        Mentions(named, text[spans[0].start : spans[0].end], tuple(spans), named in called)
        for named, spans in found.items()
    ]


def _free(snapshot: Snapshot, whole: Span) -> list[Span]:
    found: list[Span] = []
    starts, ends = units_of(snapshot)
    for start, end in zip(starts, ends, strict=True):
        if end <= whole.start or start >= whole.end:
            continue
        scopes = scopes_of(snapshot, Span(start, end))
        for first, last in scopes.free.items():
            span = Span(first + start, last + start)
            if first not in scopes.quoted and whole.start <= span.start and span.end <= whole.end:
                found.append(span)
    return sorted(found)[:NAMES_LIMIT]
