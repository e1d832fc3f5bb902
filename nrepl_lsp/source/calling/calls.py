"""Which call a place in a text is in, and which of its arguments, as the function sees them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from ..cursor import Cursor, locate
from ..document import Snapshot
from ..languages import EDN
from ..languages.threading import THREADING, Threading, ThreadingForm
from ..lexer import Form, Span

__all__ = ["Call", "call_at", "is_data", "step_place", "threading_form"]

_KEYWORD_PAIRS = ("hy", "racket", "scheme")
"""Families whose keyword arguments stand anywhere and are not counted."""

_NESTING_LIMIT = 32
"""How many lists outwards a call is looked for, and how many threading forms in one another."""

_ARGUMENT_LIMIT = 500
"""Arguments that are counted; a list of more is data, or takes any number."""

_LOOK_BEHIND = 16
"""Characters before a bracket that are looked at for a prefix."""


@dataclass(frozen=True, slots=True)
class Call:
    """A list that calls something, at a cursor.

    `head` is what is called: the symbol at `head_span`, with a dot before it in a step of `..`.
    `index` is the argument that the cursor is in or right after, else the one to come, counted
    from 0 as the function sees it: what a threading form puts before it is counted. It is None on
    the head. `count` is how many arguments the function gets, what is threaded to it included.
    `threaded` is "first" or "last" where something is. `keyword` is that of the argument, if one
    is written right before it. Keyword arguments that may stand anywhere are not counted.
    """

    head: str
    head_span: Span
    index: int | None
    count: int
    threaded: str = ""
    keyword: str = ""

    @property
    def needed(self) -> int:
        """How many arguments there are with the one at the cursor, whether typed yet or not."""
        if self.index is None or self.keyword:
            return self.count
        return max(self.count, self.index + 1 + (self.threaded == "last"))


def call_at(snapshot: Snapshot, offset: int) -> Call | None:
    """The innermost call around the cursor: a list in round brackets headed by a symbol.

    Lists that are data are no calls, nor is what they hold; lists that are headed by something
    else are looked through, as are vectors and maps. None outside of calls and in plain text.
    """
    return snapshot.once_at(_call_at, offset)


def _call_at(snapshot: Snapshot, offset: int) -> Call | None:
    cursor = locate(snapshot, offset)
    threading = THREADING.get(snapshot.language.family)
    if cursor is None or threading is None or snapshot.language is EDN:
        return None
    text, openers = cursor.text, cursor.openers
    code = next((n for n, at in enumerate(openers) if is_data(threading, text, at)), len(openers))
    for depth in range(code, max(0, code - _NESTING_LIMIT), -1):
        if text[openers[depth - 1]] == "(":
            call = _call(cursor, threading, depth, snapshot.language.family)
            if call is not None:
                return call
    return None


def is_data(threading: Threading, text: str, opener: int) -> bool:
    """Whether a prefix before the bracket at `opener` makes the list data: `'(a b)`."""
    before = text[max(0, opener - _LOOK_BEHIND) : opener]
    return _data(threading.data).search(before) is not None


def threading_form(threading: Threading, head: str) -> ThreadingForm | None:
    """How a form with this head threads, whatever namespace the head is qualified with."""
    found = threading.forms.get(head)
    return threading.forms.get(head.rpartition("/")[2]) if found is None else found


def step_place(
    cursor: Cursor, threading: Threading, depth: int, limit: int = _NESTING_LIMIT
) -> str:
    """Where the list number `depth` takes a value that the form around it threads; "" if none."""
    if depth < 2 or not limit:
        return ""
    text, opener, around = cursor.text, cursor.openers[depth - 1], cursor.openers[depth - 2]
    if text[around] != "(":
        return ""
    if text[max(0, around - 2) : around] == "#?":
        # A reader conditional stands for what it chooses.
        return step_place(cursor, threading, depth - 1, limit - 1)
    forms = _kept(cursor.forms(depth - 1))
    head = next(forms, None)
    form = threading_form(threading, text[head.start : head.end]) if head is not None else None
    if form is None or form.place == "named":
        return ""
    position = _position(text, forms, opener)
    if position is None:
        return ""
    position += step_place(cursor, threading, depth - 1, limit - 1) == "first"
    if position < form.first_step or (form.tests and (position - form.first_step) % 2 == 0):
        return ""
    return form.place


def _position(text: str, forms: Iterator[Form], opener: int) -> int | None:
    """The number of the list at `opener` among forms; None if a prefix makes it another form."""
    for number, form in enumerate(forms):
        if form.start <= opener < form.end:
            prefix = text[form.parts[-1].start : form.body]
            return number if form.body == opener and prefix in ("", "#?") else None
    return None


def _call(cursor: Cursor, threading: Threading, depth: int, family: str) -> Call | None:
    text, offset = cursor.text, cursor.offset
    forms = _kept(cursor.forms(depth))
    head = next(forms, None)
    if head is None or head.kind != "atom" or head.body != head.start:
        return None
    name = text[head.start : head.end]
    if cursor.lexer.atom_kind(name) != "symbol":
        return None
    arguments = list(islice(forms, _ARGUMENT_LIMIT))
    place = step_place(cursor, threading, depth)
    if threading.hole and any(text[form.start : form.end] == threading.hole for form in arguments):
        place = ""
    position = sum(form.end < offset for form in arguments)
    keyword = _keyword(cursor, arguments, position)
    skipped_before, skipped = 0, 0
    if family in _KEYWORD_PAIRS:
        skipped_before = _in_pairs(cursor, arguments[:position])
        skipped = _in_pairs(cursor, arguments)
    threaded = "first" if place == "member" else place
    index = position - min(skipped_before, position) + (threaded == "first")
    return Call(
        "." + name if place == "member" else name,
        Span(head.start, head.end),
        None if offset <= head.end else index,
        max(0, len(arguments) - skipped) + (threaded != ""),
        threaded,
        keyword,
    )


def _keyword(cursor: Cursor, arguments: Sequence[Form], position: int) -> str:
    """The keyword that the argument at the cursor is, or that stands right before it."""
    here = arguments[position : position + 1]
    if here and here[0].start <= cursor.offset and _is_keyword(cursor, here[0]):
        return cursor.text[here[0].start : here[0].end]
    if position and _is_keyword(cursor, arguments[position - 1]):
        return cursor.text[arguments[position - 1].start : arguments[position - 1].end]
    return ""


def _in_pairs(cursor: Cursor, arguments: Sequence[Form]) -> int:
    """How many of the arguments are keywords or the values after them."""
    count, is_value = 0, False
    for form in arguments:
        is_keyword = not is_value and _is_keyword(cursor, form)
        count += is_keyword or is_value
        is_value = is_keyword
    return count


def _is_keyword(cursor: Cursor, form: Form) -> bool:
    if form.kind != "atom" or form.body != form.start:
        return False
    return cursor.lexer.atom_kind(cursor.text[form.start : form.end]) == "keyword"


def _kept(forms: Iterator[Form]) -> Iterator[Form]:
    return (form for form in forms if not form.discarded)


@cache
def _data(pattern: str) -> re.Pattern[str]:
    return re.compile(f"(?:{pattern})\\Z")
