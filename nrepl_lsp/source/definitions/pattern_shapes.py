"""Definitions whose names are in patterns, in the keys of tables, or not written at all."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from ..lexer import Form, Span
from .definition_forms import Definition, Name, Reader, Started

__all__ = ["marked", "member", "names_in", "pattern", "table", "unnamed"]

DEPTH_LIMIT = 4
"""How many lists in one another a pattern is read into."""

_MANY = 200
"""Forms of one list that are read."""

_PRIVATE = re.compile(r"\s+:private(?=\s+[^\s)])")


def marked(reader: Reader, found: Started) -> Started:
    """With what a keyword after the name says: `(def x :private 1)` of Janet."""
    if not reader.grammar.definitions.marks_by_keyword or found.name is None:
        return found
    if _PRIVATE.match(reader.text, found.name.span.end, found.end) is None:
        return found
    return found._replace(definer=replace(found.definer, is_private=True))


def pattern(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, or a pattern of names: `(local (a b) (f))`, `(def {:a a} t)`."""
    if found.name is not None:
        return (reader.variable(marked(reader, found), found.name),)
    form = next(reader.forms(found.after, found.end), None)
    if form is None:
        return ()
    name = reader.name(form)
    if name is not None:
        return () if name.text.startswith(":") else (reader.variable(found, name),)
    kind = found.definer.kind
    return [reader.definition(found, kind, name) for name in names_in(reader, form)]


def names_in(reader: Reader, form: Form, depth: int = DEPTH_LIMIT) -> Iterator[Name]:
    """The names that a pattern binds."""
    if form.kind != "list":
        name = reader.name(form)
        if name is not None and name.text[0] not in ":&":
            yield name
    elif depth:
        for inner in islice(reader.forms(form.body + 1, form.end), _MANY):
            yield from names_in(reader, inner, depth - 1)


def member(reader: Reader, found: Started) -> Sequence[Definition]:
    """A function that a table gets: `(set m.f (fn [x] …))`."""
    if found.name is None or "." not in found.name.text:
        return ()
    made = reader.variable(found, found.name)
    return (made,) if made.kind == "function" else ()


def table(reader: Reader, found: Started) -> Sequence[Definition]:
    """Names as keys: `(macros {:when2 (fn [c x] …)})`."""
    form = next(reader.forms(found.head.end, found.end), None)
    if form is None or not reader.opens(form, "{"):
        return ()
    inside = list(islice(reader.forms(form.body + 1, form.end), _MANY))
    made = []
    for key, value in zip(inside[::2], inside[1::2], strict=False):
        name = reader.name(key)
        if name is not None and len(name.text) > 1 and name.text[0] == ":":
            name = name._replace(text=name.text[1:])
            whole = found._replace(span=Span(key.start, value.end), end=value.end)
            detail = reader.variable(whole, name).detail
            made.append(reader.definition(whole, found.definer.kind, name, detail))
    return made


def unnamed(reader: Reader, found: Started) -> Sequence[Definition]:
    """A function that is called like its head: `(defmain [args] …)`."""
    name = Name(reader.text[found.head.start : found.head.end], found.head)
    form = next(reader.forms(found.head.end, found.end), None)
    detail = ""
    if form is not None and reader.opens(form, "["):
        detail = reader.tidy(form.body, form.end)
    return (reader.definition(found, found.definer.kind, name, detail),)
