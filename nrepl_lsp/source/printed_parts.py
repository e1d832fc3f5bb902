"""What a printed value holds, read from its text alone: for looking into it piece by piece."""

from itertools import islice
from typing import NamedTuple

from .languages import Language
from .lexer import Form, Lexer, Span, lexer_for

__all__ = ["Part", "Parts", "parts_of"]

#: Parts of one value that are counted.
COUNT_LIMIT = 20_000
#: Characters of a map's key.
KEY_LIMIT = 60


class Part(NamedTuple):
    """One part: its number from 0, its key if the whole is a map, and where it is printed."""

    number: int
    key: str
    span: Span


class Parts(NamedTuple):
    """
    Some of the parts of a value.

    kind: what holds them ("map", "set", "vector", "list"), "" for a value without parts. total: of
    all parts; is_all: whether there are no more than could be counted.
    """

    kind: str
    parts: tuple[Part, ...] = ()
    total: int = 0
    is_all: bool = True


_KINDS = {"(": "list", "[": "vector", "{": "map"}


def parts_of(language: Language, text: str, span: Span, first: int, limit: int) -> Parts:
    """The parts from number `first` on, at most `limit`, of the value printed at `span`."""
    lexer = lexer_for(language)
    form = _only_form(lexer, text, span) if lexer is not None else None
    if lexer is None or form is None or form.kind != "list":
        return Parts("")
    prefix, bracket = text[form.start : form.body], text[form.body]
    kind = "set" if bracket == "{" and prefix.endswith("#") else _KINDS.get(bracket, "list")
    end = form.end - 1 if form.closed else form.end
    each = 2 if kind == "map" else 1
    inside = islice(lexer.forms(text, form.body + 1, end), each * COUNT_LIMIT + 1)
    # A map that was cut may end with a key.
    spans = [Span(one.start, one.end) for one in inside if not one.discarded]
    keys = spans[::2] if each == 2 else []
    values = spans[1::2] if each == 2 else spans
    is_all = form.closed and len(spans) <= each * COUNT_LIMIT
    values = values[:COUNT_LIMIT]
    shown = tuple(
        Part(number, _key(text, keys[number]) if keys else "", values[number])
        for number in range(min(first, len(values)), min(first + limit, len(values)))
    )
    return Parts(kind, shown, len(values), is_all)


def _only_form(lexer: Lexer, text: str, span: Span) -> Form | None:
    forms = list(islice(lexer.forms(text, span.start, span.end), 2))
    return forms[0] if len(forms) == 1 else None


def _key(text: str, span: Span) -> str:
    key = " ".join(text[span.start : min(span.end, span.start + 4 * KEY_LIMIT)].split())
    return key if len(key) <= KEY_LIMIT else key[: KEY_LIMIT - 1] + "…"
