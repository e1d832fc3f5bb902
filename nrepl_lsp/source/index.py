"""Where the top-level forms of a text are, brought up to date from what an edit changed.

Text whose brackets do not balance is cut at lines that begin with an open bracket: the first form
that does not end before the text does ends there instead, and from it on ("strict") so does every
other. Balanced text is never cut that way, since `(comment` blocks hold such lines too.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from .lexer import Lexer

CLOSED, UNCLOSED, DISCARDED = 0, 1, 2


class Index(NamedTuple):
    """The top-level forms of a text of `length` characters, in order.

    An unclosed form ends where the next may start, white space included. Forms after number
    `first_unclosed` were read strictly; it is the number of forms where all are closed.
    """

    starts: "array[int]"
    ends: "array[int]"
    states: bytearray
    first_unclosed: int
    length: int


def build(lexer: Lexer, text: str) -> Index:
    """The index of a text."""
    return update(lexer, text, Index(array("q"), array("q"), bytearray(), 0, 0), 0, 0)


def update(lexer: Lexer, text: str, old: Index, prefix: int, suffix: int) -> Index:
    """The index of `text`, which shares a prefix and a suffix of these lengths with the old text.

    The prefix must end, and the suffix begin, at the start of a line. Scanning begins after the
    last form that lies before the change, and ends at the first form after it that the old index
    has too.
    """
    # A token looks at most at the character after it, so a form that ends before the prefix does
    # cannot have changed; an unclosed one depends on the whole text.
    keep = min(bisect_left(old.ends, prefix), old.first_unclosed)
    starts, ends, states = old.starts[:keep], old.ends[:keep], old.states[:keep]
    first_unclosed = -1
    delta = len(text) - old.length
    candidate, candidates = bisect_left(old.starts, old.length - suffix), len(old.starts)
    for start, end, state, strict in _scan(lexer, text, ends[-1] if keep else 0):
        while candidate < candidates and old.starts[candidate] + delta < start:
            candidate += 1
        if (
            candidate < candidates
            and old.starts[candidate] + delta == start
            and strict == (candidate > old.first_unclosed)
        ):
            if first_unclosed < 0:
                first_unclosed = old.first_unclosed - candidate + len(starts)
            starts.extend([place + delta for place in old.starts[candidate:]])
            ends.extend([place + delta for place in old.ends[candidate:]])
            states += old.states[candidate:]
            break
        if first_unclosed < 0 and state == UNCLOSED:
            first_unclosed = len(starts)
        starts.append(start)
        ends.append(end)
        states.append(state)
    if first_unclosed < 0:
        first_unclosed = len(starts)
    return Index(starts, ends, states, first_unclosed, len(text))


def _scan(lexer: Lexer, text: str, position: int) -> Iterator[tuple[int, int, int, bool]]:
    """Start, end, state of each form, and whether it was read strictly."""
    for form in lexer.forms(text, position, len(text)):
        if form.closed:
            yield form.start, form.end, DISCARDED if form.discarded else CLOSED, False
            continue
        cut = lexer.boundary(text, form.start + 1)
        yield form.start, cut, UNCLOSED, False
        yield from _scan_strictly(lexer, text, cut)


def _scan_strictly(lexer: Lexer, text: str, cut: int) -> Iterator[tuple[int, int, int, bool]]:
    while cut < len(text):
        limit = lexer.boundary(text, cut + 1)
        for form in lexer.forms(text, cut, limit):
            state = (DISCARDED if form.discarded else CLOSED) if form.closed else UNCLOSED
            yield form.start, form.end, state, True
        cut = limit
