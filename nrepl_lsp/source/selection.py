"""Ever larger stretches of text around a place: what "expand selection" steps through.

In code: the symbol or what is in the string, the form, what is in the list, the list, the list
with its prefixes, and so on up to the top-level form and the whole text. In a comment: the comment,
and the lines of comment around it. In plain text: word, line, paragraph.
"""

import re
from collections.abc import Iterable, Iterator

from . import plain
from .cursor import Cursor, entry_span, locate
from .document import Snapshot
from .lexer import Form, Span, Token
from .lines import line_start

__all__ = ["selections"]

DEPTH_LIMIT = 64
"""How many lists around a place are stepped through; from there on it is the top-level form."""

WHOLE_LIMIT = 20_000
"""How many characters a form with metadata or discards may have to be stepped to as a whole."""

_QUOTES = re.compile(r'[^"`\s]*(?:"|`+)')
# A comma counts as white space in Clojure; elsewhere it is a token, and so stands before.
_SPACE = re.compile(r"[\s\ufeff,]*+")
_ONE_LINE_ON = re.compile(r"[ \t]*(?:\r\n?|\n)[ \t]*")


def selections(snapshot: Snapshot, offset: int) -> list[Span]:
    """The stretches around an offset, smallest first; each holds the one before it, and more."""
    length = len(snapshot.text)
    offset = max(0, min(offset, length))
    cursor = locate(snapshot, offset)
    steps = _plain_steps(snapshot.text, offset) if cursor is None else _steps(cursor)
    found = [Span(offset, offset)]
    for step in (*steps, Span(0, length)):
        start, end = step
        if start <= found[-1].start and found[-1].end <= end and step != found[-1]:
            found.append(step)
    return found[1:] or found


def _plain_steps(text: str, offset: int) -> Iterator[Span]:
    for step in (plain.word_at, plain.line_at, plain.paragraph_at):
        span = step(text, offset)
        if span is not None:
            yield span


def _steps(cursor: Cursor) -> Iterator[Span]:
    """All that might be stepped to, in order."""
    yield from _comment_steps(cursor)
    yield from _form_steps(cursor)
    ends = _ends(cursor)
    for depth in range(cursor.depth, max(0, cursor.depth - DEPTH_LIMIT), -1):
        end, is_closed = next(ends)
        opener = cursor.openers[depth - 1]
        yield Span(opener + 1, end - is_closed)
        yield Span(opener, end)
        yield from _prefixed(cursor, depth, end)
    if cursor.entry is not None:
        yield entry_span(cursor.text, cursor.index, cursor.entry)


def _comment_steps(cursor: Cursor) -> Iterator[Span]:
    """The comment that the cursor is in, and the lines of comment that it belongs to."""
    text, offset = cursor.text, cursor.offset
    block: Span | None = None
    line: Token | None = None
    for token in cursor.tokens(cursor.depth):
        if token.start > offset and line is None:
            return
        if token.kind not in ("comment", "block"):
            if line is not None:
                break
            block = None
            continue
        if block is not None and _ONE_LINE_ON.fullmatch(text, block.end, token.start):
            block = Span(block.start, token.end)
        elif line is not None:
            break
        else:
            block = Span(token.start, token.end) if _begins_line(text, token.start) else None
        if token.start <= offset <= token.end and line is None:
            line = token
    if line is not None:
        yield Span(line.start, line.end)
        yield from () if block is None else (block,)


def _begins_line(text: str, offset: int) -> bool:
    return not text[line_start(text, offset) : offset].strip()


def _form_steps(cursor: Cursor) -> Iterator[Span]:
    """The form at the cursor: what is in a string, the form proper, its parts, the whole."""
    form = _form_at(cursor)
    if form is None:
        return
    if form.kind == "string":
        quotes = _QUOTES.match(cursor.text, form.body, form.end)
        if quotes is not None:
            width = 1 if quotes[0].endswith('"') else quotes[0].count("`")
            yield Span(quotes.end(), form.end - width * form.closed)
    yield Span(form.body, form.end)
    yield from reversed(form.parts)
    yield Span(form.start, form.end)


def _form_at(cursor: Cursor) -> Form | None:
    """The form that the cursor is in or beside: rather an atom than a list, rather the next."""
    found: Form | None = None
    for form in cursor.forms(cursor.depth):
        if form.start > cursor.offset:
            break
        if cursor.offset <= form.end and (
            found is None or found.kind == "list" or form.kind != "list"
        ):
            found = form
    return found


def _ends(cursor: Cursor) -> Iterator[tuple[int, bool]]:
    """Where the lists around the cursor end, innermost first, and whether a bracket closes them.

    Each is read on from the end of the one in it, so that the whole takes one pass.
    """
    text, lexer, limit = cursor.text, cursor.lexer, cursor.region.end
    openers = list(cursor.openers)
    position = openers[-1] + 1 if openers else 0
    while openers:
        stops = lexer.closers_of(text, openers)
        for token in lexer.tokens(text, position, limit, stops):
            position = token.end
        space = _SPACE.match(text, position, limit)
        bracket = space.end() if space is not None else position
        closer = lexer.closers_of(text, openers[-1:])
        is_closed = bracket < limit and text[bracket] == closer
        # A list that stays open reaches at least to the cursor.
        position = bracket + 1 if is_closed else max(position, cursor.offset)
        yield position, is_closed
        openers.pop()


def _prefixed(cursor: Cursor, depth: int, end: int) -> Iterable[Span]:
    """A list with the prefixes before it."""
    text, lexer = cursor.text, cursor.lexer
    opener = cursor.openers[depth - 1]
    outer = list(cursor.openers[: depth - 1])
    start = outer[-1] + 1 if outer else cursor.region.start
    # Cut after its bracket: the list itself need not be read again.
    forms = lexer.forms(text, start, opener + 1)
    form = next((form for form in forms if form.end > opener), None)
    if form is None:
        return ()
    part = form.parts[-1].start
    if form.start == part:
        return (Span(part, end),)
    # Metadata and discards: the list may be a part of a form that ends after it.
    stops, limit = lexer.closers_of(text, outer), min(cursor.region.end, form.start + WHOLE_LIMIT)
    whole = next(lexer.forms(text, form.start, limit, stops), None)
    return (
        (Span(part, end),)
        if whole is None or not whole.closed
        else (Span(part, end), Span(form.start, whole.end))
    )
