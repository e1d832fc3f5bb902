"""The forms of a text that are looked at one by one.

They are the top-level forms; a long `(comment …)` or `(module …)` is looked at form by form, since
it holds forms that do not depend on one another.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

from .document import Snapshot
from .index import Index
from .languages.bindings import bindings_of
from .lexer import Lexer, Span, lexer_for

__all__ = ["unit_at", "units_of"]

LONG = 4_000
"""From how many characters on a form is taken apart if it can be."""

Units = tuple["array[int]", "array[int]"]
_NONE: Units = (array("q"), array("q"))


def unit_at(snapshot: Snapshot, offset: int) -> Span | None:
    """The unit that an offset is in, right after, or at the start of; None between units."""
    starts, ends = units_of(snapshot)
    following = bisect_left(starts, offset)
    starts_here = following < len(starts) and starts[following] == offset
    # An unclosed form runs up to the next one, which must not be taken for its inside.
    before = following - 1
    if before >= 0 and offset <= ends[before] and not (starts_here and ends[before] == offset):
        return Span(starts[before], ends[before])
    return Span(starts[following], ends[following]) if starts_here else None


def units_of(snapshot: Snapshot) -> Units:
    """Where the units of a text start and end."""
    return snapshot.once(_units)


def _units(snapshot: Snapshot) -> Units:
    index, lexer = snapshot.index, lexer_for(snapshot.language)
    if index is None or lexer is None:
        return _NONE
    head = _head(snapshot.language.family, snapshot.language.id)
    if head is None or not _has_long(index):
        return index.starts, index.ends
    starts, ends = array("q"), array("q")
    for start, end in zip(index.starts, index.ends, strict=True):
        for unit in _parts(lexer, head, snapshot.text, Span(start, end)):
            starts.append(unit.start)
            ends.append(unit.end)
    return starts, ends


def _has_long(index: Index) -> bool:
    return any(end - start > LONG for start, end in zip(index.starts, index.ends, strict=True))


def _parts(lexer: Lexer, head: "re.Pattern[str]", text: str, whole: Span) -> Iterator[Span]:
    """A form, or its head and the forms in it."""
    waiting = [whole]
    while waiting:
        span = waiting.pop()
        match = head.match(text, span.start, span.end) if span.end - span.start > LONG else None
        if match is None:
            yield span
            continue
        yield Span(span.start, match.end())
        inner = list(lexer.forms(text, match.end(), span.end, ")"))
        waiting.extend(Span(form.start, form.end) for form in reversed(inner))


@cache
def _head(family: str, language_id: str) -> "re.Pattern[str] | None":
    heads = bindings_of(family, language_id).transparent
    if not heads:
        return None
    return re.compile(rf"\(\s*(?:{'|'.join(map(re.escape, heads))})(?=[\s()\[\]{{}}\"';,^#])")
