"""The locals of a text: which names the forms around a place bind, and where each is used.

Answered for one top-level form at a time, from its text alone; forms that do not balance give a
best effort. Plain text and data have no locals.
"""

import threading
from bisect import bisect_left
from typing import NamedTuple

from ..document import Snapshot
from ..languages import LANGUAGES
from ..languages.bindings import bindings_of
from ..lexer import Span
from ..locals import (
    binding_forms,
    block_forms,
    common_lisp_forms,
    destructuring,
    hy_forms,
    label_forms,
    lambda_lists,
    list_forms,
)
from ..symbols import symbol_at
from ..tree import read_whole
from ..units import unit_at
from .walk import Bound, Walker

__all__ = [
    *("Local", "Scopes", "Use", "binding_spans", "local_at"),
    *("forget", "local_occurrences", "locals_at", "scopes_in", "scopes_of"),
]

FORM_LIMIT = 100_000
"""How many characters a form may have; the names in a longer one are not looked at."""

REMEMBERED_LIMIT = 400_000
"""How many characters of forms are remembered with what is in them, which takes 20 times that."""

_STEPS = (binding_forms, block_forms, common_lisp_forms, hy_forms, label_forms, list_forms)
_PATTERNS = (destructuring, lambda_lists)
_LANGUAGES = {language.id: language for language in LANGUAGES}


class Local(NamedTuple):
    """A name that a form binds.

    `binding` is where, `scope` where it is visible, `kind` is parameter, local or function. At
    the very start of its scope it is not visible yet, at the very end it still is.
    """

    name: str
    binding: Span
    scope: Span
    kind: str


class Use(NamedTuple):
    """A place where the local number `local` is written."""

    start: int
    end: int
    local: int


class Scopes(NamedTuple):
    """What is written where in one top-level form; all offsets count from the form's start.

    `uses` are the places of `locals`; those at `binding` bind. `keyed` tells which bindings are
    more than a name: `keys`, `strs` and `syms` (Clojure's destructuring), `field`, `argument`
    (callers write it), `implicit` (`%`). `free` are the symbols and keywords that are no locals,
    start → end; those at `quoted` and at `templated` stand in quoted forms and in templates, those
    at `labels` name a type, a member or a method of something else. `is_cut` says that lists nest
    too deeply for all names to have been looked at.
    """

    locals: tuple[Local, ...]
    uses: tuple[Use, ...]
    binding: frozenset[int]
    keyed: dict[int, str]
    free: dict[int, int]
    quoted: frozenset[int]
    templated: frozenset[int]
    labels: frozenset[int]
    is_cut: bool


def locals_at(snapshot: Snapshot, offset: int) -> list[Local]:
    """What is visible at an offset, innermost first; shadowed ones are left out, and so is `_`."""
    unit = unit_at(snapshot, offset)
    if unit is None:
        return []
    at = offset - unit.start
    visible = [
        local for local in scopes_of(snapshot, unit).locals if local.scope[0] < at <= local.scope[1]
    ]
    visible.sort(key=lambda local: (local.scope.start, local.binding.start), reverse=True)
    found: dict[str, Local] = {}
    for local in visible:
        if local.name != "_":
            found.setdefault(local.name, local)
    return [_moved(local, unit.start) for local in found.values()]


def local_at(snapshot: Snapshot, offset: int) -> Local | None:
    """The local that the symbol at an offset is: the place where it is bound, or a use."""
    symbol = symbol_at(snapshot, offset)
    unit = unit_at(snapshot, symbol.span.start) if symbol is not None else None
    if unit is None or symbol is None:
        return None
    scopes, at = scopes_of(snapshot, unit), offset - unit.start
    first, last = symbol.span.start - unit.start, symbol.span.end - unit.start
    number = bisect_left(scopes.uses, (last,)) - 1
    if number < 0:
        return None
    use = scopes.uses[number]
    # In `x.y` only the `x` is the local; in `:keys [ns/x]` all of it.
    if use.start < first or (use.end < last and at > use.end):
        return None
    return _moved(scopes.locals[use.local], unit.start)


def local_occurrences(snapshot: Snapshot, local: Local) -> list[Span]:
    """Where a local is written, in the order of the text; its binding is among them."""
    return _spans(snapshot, local, only_binding=False)


def binding_spans(snapshot: Snapshot, local: Local) -> list[Span]:
    """Where a local is bound: in several places in `#?(:clj x :cljs x)` and the like."""
    return _spans(snapshot, local, only_binding=True)


def scopes_of(snapshot: Snapshot, unit: Span) -> Scopes:
    """What is written in a unit (`units.py`), remembered by the unit's text."""
    if unit.end - unit.start > FORM_LIMIT:
        return _NOTHING
    return scopes_in(snapshot.language.id, snapshot.text[unit.start : unit.end])


class _Memory:
    """The forms that were asked about last, up to `limit` characters of them."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.characters = 0
        self._known: dict[tuple[str, str], Scopes] = {}
        #: The project's files are searched in a thread, while the event loop asks too.
        self._lock = threading.Lock()

    def scopes(self, language_id: str, text: str) -> Scopes:
        key = (language_id, text)
        with self._lock:
            if (found := self._known.pop(key, None)) is not None:
                self._known[key] = found
                return found
        found = _look(language_id, text)
        with self._lock:
            if self._known.setdefault(key, found) is found:
                self.characters += len(text)
            while self.characters > self.limit:
                oldest = next(iter(self._known))
                del self._known[oldest]
                self.characters -= len(oldest[1])
        return found

    def forget(self) -> None:
        with self._lock:
            self._known.clear()
            self.characters = 0


_MEMORY = _Memory(REMEMBERED_LIMIT)


def forget() -> None:
    """Forget what is remembered; for measurements."""
    _MEMORY.forget()


def scopes_in(language_id: str, text: str) -> Scopes:
    """What is written in a text, which is a top-level form. The latest answers are remembered."""
    return _MEMORY.scopes(language_id, text)


def _look(language_id: str, text: str) -> Scopes:
    language = _LANGUAGES[language_id]
    walker = Walker(bindings_of(language.family, language.id))
    walker.scope_end = walker.block_end = len(text)
    whole = read_whole(language, text)
    walker.each(whole.children)
    uses = tuple(Use(start, end, number) for start, (end, number) in sorted(walker.uses.items()))
    _settle(walker, uses)
    return Scopes(
        tuple(map(_local, walker.bound)),
        uses,
        frozenset(walker.binding),
        walker.keyed,
        walker.free,
        frozenset(walker.quoted),
        frozenset(walker.templated),
        frozenset(walker.labels),
        whole.is_cut,
    )


_NOTHING = Scopes((), (), frozenset(), {}, {}, frozenset(), frozenset(), frozenset(), False)


def _spans(snapshot: Snapshot, local: Local, only_binding: bool) -> list[Span]:
    unit = unit_at(snapshot, local.binding.start)
    if unit is None:
        return []
    scopes = scopes_of(snapshot, unit)
    wanted = _moved(local, -unit.start)
    return [
        Span(use.start + unit.start, use.end + unit.start)
        for use in scopes.uses
        if scopes.locals[use.local] == wanted and (not only_binding or use.start in scopes.binding)
    ]


def _settle(walker: Walker, uses: tuple[Use, ...]) -> None:
    """Move names that were thought to be bound where another proved to be: to their first use."""
    first: dict[int, Use] = {}
    for use in reversed(uses):
        first[use.local] = use
    for one in walker.bound:
        if walker.uses[one.start][1] == one.number:
            continue
        if one.number not in first:
            one.scope_end = one.scope_start
            continue
        one.start, one.end, _ = first[one.number]
        walker.binding.add(one.start)


def _local(bound: Bound) -> Local:
    scope = Span(bound.scope_start, bound.scope_end)
    return Local(bound.name, Span(bound.start, bound.end), scope, bound.kind)


def _moved(local: Local, by: int) -> Local:
    binding, scope = local.binding, local.scope
    return local._replace(
        binding=Span(binding.start + by, binding.end + by),
        scope=Span(scope.start + by, scope.end + by),
    )
