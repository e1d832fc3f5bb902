"""Where names are written in a text, but for the places where they are locals."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from .document import Snapshot
from .languages import Lexical
from .languages.bindings import bindings_of
from .lexer import Span
from .locals.scopes import scopes_of
from .symbols import Symbol, symbol_at
from .units import units_of

__all__ = ["name_at", "occurrences"]

WALK_LIMIT = 400_000
"""How many characters of forms one answer may look at closely, for names that may be locals."""


def occurrences(snapshot: Snapshot, names: Collection[str], limit: int = WALK_LIMIT) -> list[Span]:
    """The symbols and keywords in code whose text is one of `names`, in the order of the text.

    Quoted ones count; those in strings, in comments and in forms that the reader drops do not, nor
    do locals of the same name. In Hy and Fennel the `x` of `x.y` is an `x` too. After `limit`
    characters of forms in which a name may be a local no more are looked at, nor after half as many
    places.
    """
    lexical = snapshot.language.lexical
    wanted = {name for name in names if name}
    if lexical is None or not wanted:
        return []
    found: list[Span] = []
    walked = 0
    rules = bindings_of(snapshot.language.family, snapshot.language.id)
    for unit, hits in _hits_by_unit(snapshot, wanted, limit // 2):
        if not rules.heads_bind:
            hits = _outside(snapshot.text, unit, hits, lexical)
            if _are_certain(snapshot.text, unit, hits):
                found += hits
                continue
        walked += unit.end - unit.start
        if walked > limit:
            break
        free = scopes_of(snapshot, unit).free
        for hit in hits:
            end = free.get(hit.start - unit.start, -1) + unit.start
            if end == hit.end or (end > hit.end and snapshot.text[hit.end] in rules.member):
                found.append(hit)
    return found


def name_at(snapshot: Snapshot, offset: int) -> Symbol | None:
    """The symbol or keyword at an offset as `occurrences` counts it; None in plain text.

    On the `x` of `x.y` in Hy and Fennel it is `x`.
    """
    symbol = symbol_at(snapshot, offset) if snapshot.language.lexical is not None else None
    if symbol is None or symbol.kind != "symbol":
        return symbol
    for place, character in enumerate(symbol.text):
        if place and character in bindings_of(snapshot.language.family).member:
            start = symbol.span.start
            if offset > start + place:
                break
            return Symbol(symbol.text[:place], Span(start, start + place))
    return symbol


def _hits_by_unit(
    snapshot: Snapshot, wanted: set[str], limit: int
) -> Iterator[tuple[Span, list[Span]]]:
    """Where a name may be, by unit: a stretch that is a name and does not go on after it."""
    lexical = snapshot.language.lexical
    if lexical is None:
        return
    longest_first = sorted(wanted, key=len, reverse=True)
    names = "|".join(map(re.escape, longest_first))
    member = re.escape(bindings_of(snapshot.language.family).member)
    pattern = re.compile(rf"(?:{names})(?=[{lexical.breaks}{member}]|\Z)", re.DOTALL)
    starts, ends = units_of(snapshot)
    unit, hits = Span(0, 0), list[Span]()
    for match in islice(pattern.finditer(snapshot.text), limit):
        hit = Span(*match.span())
        if hit.start >= unit.end:
            if hits:
                yield unit, hits
            number = bisect_right(starts, hit.start) - 1
            unit, hits = (Span(starts[number], ends[number]) if number >= 0 else Span(0, 0)), []
        if unit.start <= hit.start and hit.end <= unit.end:
            hits.append(hit)
    if hits:
        yield unit, hits


def _are_certain(text: str, unit: Span, hits: Sequence[Span]) -> bool:
    """Whether all hits are keywords or heads of lists, and the reader drops nothing around them.

    Where the head of a list is bound by `letfn` only.
    """
    for hit in hits:
        before = text[hit.start - 1 : hit.start]
        if before != "(" and (text[hit.start] != ":" or before not in _BEFORE_KEYWORDS):
            return False
    whole = text[unit.start : unit.end] if hits else ""
    return "#_" not in whole and "letfn" not in whole


_BEFORE_KEYWORDS = (" ", "\n", "\t", ",", "[", "{")


def _outside(text: str, unit: Span, hits: Sequence[Span], lexical: Lexical) -> list[Span]:
    """The hits that are not in strings, comments and characters."""
    asides = _asides_of(lexical).finditer(text, unit.start, unit.end)
    found: list[Span] = []
    aside = next(asides, None)
    for hit in hits:
        while aside is not None and aside.end() <= hit.start:
            aside = next(asides, None)
        if aside is None or hit.end <= aside.start():
            found.append(hit)
    return found


_ASIDES: dict[int, tuple[Lexical, re.Pattern[str]]] = {}


def _asides_of(lexical: Lexical) -> "re.Pattern[str]":
    """What of a text is no code: strings, comments and characters."""
    known = _ASIDES.get(id(lexical))
    if known is None:
        parts = [lexical.character, lexical.comment]
        parts += [one.start + one.body + one.end for one in lexical.strings]
        parts += [(one.cut or one.start) + r".*\Z" for one in lexical.strings]
        pattern = "|".join(part for part in parts if part)
        known = _ASIDES[id(lexical)] = (lexical, re.compile(pattern, re.DOTALL))
    return known[1]
