"""Which form is meant at a place in a text.

All offsets are indices into the text and are clamped to it. A form holds its prefixes: `'x`,
`#(…)`, `^meta x`, `#?(…)`, `@x`, `#tag x`. In a form that the reader drops (`#_ x`) the form meant
is `x`. In text that does not balance the answers are a best effort: they nest and lie in the text.

In plain text a form is a line, and a top-level form is a paragraph.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from . import plain
from .cursor import Cursor, entry_span, is_kept, locate
from .document import Snapshot
from .index import UNCLOSED
from .lexer import Form, Lexer, Span

__all__ = [
    "Call",
    "Span",
    "enclosing_call",
    "form_around",
    "form_at",
    "form_before",
    "forms_in",
    "top_level",
    "top_level_form",
    "top_level_forms",
]


DEPTH_LIMIT = 64
"""How many lists outwards a call is looked for."""


class Call(NamedTuple):
    """A list that calls something: the symbol at `head_span`."""

    head: str
    head_span: Span
    span: Span


def top_level_forms(snapshot: Snapshot) -> Sequence[Span]:
    """The top-level forms in order, without those that the reader drops."""
    index = snapshot.index
    if index is None:
        return plain.paragraphs(snapshot.text)
    text = snapshot.text
    entries = range(len(index.starts))
    return [entry_span(text, index, entry) for entry in entries if is_kept(index, entry)]


def form_at(snapshot: Snapshot, offset: int) -> Span | None:
    """The innermost form at the cursor; right after a form it is that form.

    Between the forms of a list it is the list. Between top-level forms it is one that ends before
    the cursor on the same line, else one that begins after it on that line, else None.
    """
    cursor = locate(snapshot, offset)
    if cursor is None:
        return plain.line_at(snapshot.text, _clamp(snapshot, offset))
    for form in cursor.forms(cursor.depth):
        if form.start <= cursor.offset <= form.end:
            return _part(cursor.text, form, cursor.offset)
        if form.start > cursor.offset:
            break
    if cursor.depth:
        return _list_span(cursor, cursor.depth)
    if cursor.entry is not None:
        return entry_span(cursor.text, cursor.index, cursor.entry)
    near = _entry_near(cursor)
    if near is None or not _same_line(cursor.text, near, cursor.offset):
        return None
    nearest = _read_entry(cursor, near)
    return _whole(cursor.text, nearest) if nearest else near


def form_before(snapshot: Snapshot, offset: int) -> Span | None:
    """The last complete form that ends at or before the cursor, in the list the cursor is in.

    None when there is none in that list. Comments hold no forms.
    """
    cursor = locate(snapshot, offset)
    if cursor is None:
        text = snapshot.text[: _clamp(snapshot, offset)]
        return plain.line_at(text, len(text))
    found: Form | Span | None = None
    for form in cursor.forms(cursor.depth):
        if form.end <= cursor.offset and form.closed:
            found = form
            continue
        done = [part for part in form.parts[:-1] if part.end <= cursor.offset]
        found = done[-1] if done else found
        break
    if found is None and not cursor.depth:
        found = _entry_before(cursor)
    return _whole(cursor.text, found) if isinstance(found, Form) else found


def form_around(snapshot: Snapshot, offset: int) -> Span | None:
    """The innermost list that the cursor is in; None at the top level and in plain text."""
    cursor = locate(snapshot, offset)
    if cursor is None or not cursor.depth:
        return None
    return _list_span(cursor, cursor.depth)


def top_level_form(snapshot: Snapshot, offset: int) -> Span | None:
    """The top-level form at the cursor; inside `(comment …)` the form in it at the cursor.

    Between forms it is the one that ends before the cursor on the same line, else the next one,
    as Emacs' end-of-defun (and so CIDER) has it, else the last one. On the word `comment` it is
    the whole block.
    """
    form = top_level(snapshot, offset)
    if form is not None:
        return _whole(snapshot.text, form)
    cursor = locate(snapshot, offset)
    if cursor is None:
        return plain.paragraph_at(snapshot.text, _clamp(snapshot, offset))
    return (
        _entry_near(cursor)
        if cursor.entry is None
        else entry_span(cursor.text, cursor.index, cursor.entry)
    )


def top_level(snapshot: Snapshot, offset: int) -> Form | None:
    """What `top_level_form` answers, as the scanner read it; None in plain text."""
    cursor = locate(snapshot, offset)
    if cursor is None:
        return None
    span = _entry_near(cursor) if cursor.entry is None else cursor.region
    form = _read_entry(cursor, span) if span is not None else None
    while form is not None:
        inner = _in_comment(snapshot, cursor, form)
        if inner is None:
            return form
        form = inner
    return None


def forms_in(snapshot: Snapshot, start: int, end: int) -> Sequence[Span]:
    """The whole forms between two offsets, such as a selection's ends.

    Forms that are cut by an end are left out, as are those the reader drops. Closing brackets of
    lists that began before `start` are skipped. In plain text it is the selection, stripped.
    """
    start, end = _clamp(snapshot, start), _clamp(snapshot, end)
    first, last = locate(snapshot, start), locate(snapshot, end)
    if first is None or last is None:
        span = plain.stripped(snapshot.text, start, end)
        return [span] if span is not None else []
    cut_first, cut_last = first.token(), last.token()
    start = cut_first.end if cut_first else start
    end = cut_last.start if cut_last and cut_last.end > end else end
    forms = first.lexer.forms(first.text, start, max(start, end))
    return [Span(form.start, form.end) for form in forms if form.closed and not form.discarded]


def enclosing_call(snapshot: Snapshot, offset: int) -> Call | None:
    """The innermost call around the cursor: a list in round brackets headed by a symbol.

    Quoted lists and lists headed by something else are looked through, as are vectors and maps.
    """
    cursor = locate(snapshot, offset)
    if cursor is None:
        return None
    for depth in range(cursor.depth, max(0, cursor.depth - DEPTH_LIMIT), -1):
        call = _call(cursor, depth)
        if call is not None:
            return call
    return None


def _call(cursor: Cursor, depth: int) -> Call | None:
    text, opener = cursor.text, cursor.openers[depth - 1]
    if text[opener] != "(":
        return None
    first = next((form for form in cursor.forms(depth) if not form.discarded), None)
    if first is None or not _is_symbol(cursor.lexer, text, first):
        return None
    span = _list_span(cursor, depth)
    if text[span.start : opener] == "'":
        return None
    return Call(text[first.start : first.end], Span(first.start, first.end), span)


def _is_symbol(lexer: Lexer, text: str, form: Form) -> bool:
    if form.kind != "atom" or form.body != form.start:
        return False
    return lexer.atom_kind(text[form.start : form.end]) == "symbol"


def _in_comment(snapshot: Snapshot, cursor: Cursor, form: Form) -> Form | None:
    """The form in a comment form that the cursor means; None when `form` is not such a form."""
    text = cursor.text
    inside = form.kind == "list" and form.body < cursor.offset < form.end + (not form.closed)
    if not inside or form.start != form.body:
        return None
    forms = list(cursor.lexer.forms(text, form.body + 1, form.end, ")"))
    if not forms or text[forms[0].start : forms[0].end] not in snapshot.language.comment_forms:
        return None
    if cursor.offset <= forms[0].end or len(forms) == 1:
        return None
    return _nearest(text, forms[1:], cursor.offset)


def _nearest(text: str, forms: Sequence[Form], offset: int) -> Form:
    """The form at an offset, else the one before it on its line, else the next, else the last."""
    before: Form | None = None
    for form in forms:
        if offset <= form.end:
            near = before is not None and _same_line(text, before, offset)
            return before if before is not None and near and offset < form.start else form
        before = form
    return forms[-1]


def _entry_near(cursor: Cursor) -> Span | None:
    """The top-level form nearest to a cursor that is in none."""
    index = cursor.index
    following = bisect_left(index.starts, cursor.offset)
    before = entry_span(cursor.text, index, following - 1) if following else None
    if before is not None and _same_line(cursor.text, before, cursor.offset):
        return before
    return entry_span(cursor.text, index, following) if following < len(index.starts) else before


def _entry_before(cursor: Cursor) -> Form | Span | None:
    """The top-level form that ends at or before the cursor; None when it is not complete."""
    entry = bisect_left(cursor.index.starts, cursor.offset) - 1
    if entry >= 0 and cursor.index.ends[entry] > cursor.offset:
        entry -= 1
    if entry < 0 or cursor.index.states[entry] == UNCLOSED:
        return None
    return _read_entry(cursor, entry_span(cursor.text, cursor.index, entry))


def _read_entry(cursor: Cursor, span: Span) -> Form | None:
    return next(cursor.lexer.forms(cursor.text, span.start, span.end), None)


def _list_span(cursor: Cursor, depth: int) -> Span:
    """The list number `depth` around the cursor, with its prefixes."""
    opener = cursor.openers[depth - 1]
    form = cursor.list_form(depth)
    if form is None:
        # It belongs to a prefix that has no form yet.
        return Span(opener, cursor.lexer.skip_list(cursor.text, opener, cursor.region.end)[0])
    for part in form.parts[:-1]:
        if part.start <= opener < part.end:
            return part
    return _whole(cursor.text, form)


def _part(text: str, form: Form, offset: int) -> Span:
    """The part of a form that an offset is in or beside, if it is a form of its own."""
    for part in form.parts[:-1]:
        if part.start <= offset <= part.end:
            return part
    return _whole(text, form)


def _whole(text: str, form: Form) -> Span:
    start, end = form.parts[-1] if form.discarded else (form.start, form.end)
    return Span(start, end if form.closed else start + len(text[start:end].rstrip()))


def _same_line(text: str, span: Span | Form, offset: int) -> bool:
    between = text[span.end : offset] if span.end <= offset else text[offset : span.start]
    return "\n" not in between and "\r" not in between


def _clamp(snapshot: Snapshot, offset: int) -> int:
    return max(0, min(offset, len(snapshot.text)))
