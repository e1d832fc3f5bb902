"""The part of a top-level form before the cursor, made whole by what it lacks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from . import plain
from .cursor import Cursor, locate
from .document import Snapshot
from .forms import form_before, top_level
from .languages import Language
from .lexer import Form

__all__ = ["Unfinished", "up_to"]

#: Lists around the cursor of which it is looked whether they are metadata or the like.
PREFIX_CHECKS = 64

#: What a prefix ends with that takes two forms or none: `^`, `#_`, `#;`, `#+`.
_PREFIX_ENDS = tuple("^_;+-")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A stretch of a text, and what must follow it to end its strings and lists."""

    start: int
    end: int
    closers: str = ""


def up_to(snapshot: Snapshot, offset: int) -> Unfinished | None:
    """
    What stands from the start of the top-level form to the cursor; in `(comment …)` from the start
    of the form in it. Outside forms it is the form before, None where there is none.

    It ends with the last form that begins before the cursor: the symbol or string that the cursor
    is in counts whole, a comment and a prefix with no form after it (`'`, `#_`, `^:x`) not at all.
    """
    offset = max(0, min(offset, len(snapshot.text)))
    cursor = locate(snapshot, offset)
    if cursor is None:
        before = plain.paragraphs(snapshot.text[:offset])[-1:]
        return Unfinished(*before[0]) if before else None
    form = top_level(snapshot, offset)
    if form is not None:
        start, end = form.parts[-1] if form.discarded else (form.start, form.end)
        is_inside = start < offset and (offset < end or not form.closed)
        if is_inside:
            return _cut(snapshot.language, cursor, form, start)
    return _before(snapshot, cursor)


def _before(snapshot: Snapshot, cursor: Cursor) -> Unfinished | None:
    span = form_before(snapshot, cursor.offset)
    if span is None:
        return None
    is_head = cursor.depth > 0 and span.start == cursor.openers[-1] + 1
    if is_head and cursor.text[span.start : span.end] in snapshot.language.comment_forms:
        return None
    return Unfinished(span.start, span.end)


def _cut(language: Language, cursor: Cursor, form: Form, start: int) -> Unfinished | None:
    """The form, which begins at `start`, as far as the cursor; None when nothing of it is."""
    text, outside = cursor.text, sum(opener < start for opener in cursor.openers)
    level, limit = _innermost(language, cursor, outside)
    forms: Iterable[Form] = [form] if level == outside else cursor.forms(level)
    last: Form | None = None
    for one in forms:
        if one.body >= limit:
            break
        last = one
    if last is None:
        if level == outside:
            return None
        end, quote = cursor.openers[level - 1] + 1, ""
    elif last.closed:
        end, quote = last.end, ""
    else:
        end, quote = _end_of_unclosed(text, last, limit)
    # In an unclosed string there are no lists; what looks like them must not be closed.
    lists = cursor.lexer.openers(text, start, end if not quote else last.body if last else end)
    closing = {pair[0]: pair[1] for pair in language.lexical.brackets} if language.lexical else {}
    closers = "".join(closing[text[opener]] for opener in reversed(lists))
    return Unfinished(start, end, quote + closers)


def _innermost(language: Language, cursor: Cursor, outside: int) -> tuple[int, int]:
    """
    The list that the cut is in, and where nothing more belongs to it.

    It is not inside of metadata (`^{:a |`) or of a stack of discards (`#_ #_ (a |`): those say
    something only with the form after them.
    """
    checks = 0
    for depth in range(outside + 1, cursor.depth + 1):
        opener = cursor.openers[depth - 1]
        before = cursor.text[max(0, opener - 80) : opener].rstrip(" ,\t\r\n")
        if checks == PREFIX_CHECKS or not before.endswith(_PREFIX_ENDS):
            continue
        checks += 1
        around = cursor.list_form(depth)
        if around is None or around.body != opener:
            return depth - 1, opener
        # Where it is not closed, the form after it cannot be seen.
        if not around.closed and _double_prefix(language).search(before):
            return depth - 1, opener
    return cursor.depth, cursor.offset


@cache
def _double_prefix(language: Language) -> re.Pattern[str]:
    """A prefix at the end that takes two forms, the first of which says something of the second."""
    prefix = language.lexical.double_prefix if language.lexical else ""
    return re.compile(f"(?:{prefix or '(?!)'})$")


def _end_of_unclosed(text: str, form: Form, limit: int) -> tuple[int, str]:
    """Where a form ends that has no end of its own, and the quote that it lacks."""
    opening = text.find('"', form.body, min(form.body + 4, limit))
    if form.kind != "string" or opening < 0:
        # Brackets that do not fit, or a string that takes more than a quote to end.
        return (form.start if form.kind == "string" else limit), ""
    written = text[opening + 1 : limit]
    is_escaped = (len(written) - len(written.rstrip("\\"))) % 2 == 1
    return limit - is_escaped, '"'
