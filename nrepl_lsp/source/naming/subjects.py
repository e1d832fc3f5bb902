"""What a place in a text is about: a local, a namespace, or a symbol to ask the program about."""

from typing import Literal, NamedTuple

from ..cursor import locate
from ..document import Snapshot
from ..forms import enclosing_call
from ..lexer import Span
from ..locals.scopes import Local, local_at
from ..symbols import Symbol, symbol_at
from .imported_names import Names
from .names import Brought, Qualified, brought_at, names_at, qualified, resolve

__all__ = ["Subject", "resource_at", "subject_at"]


class Subject(NamedTuple):
    """
    What is written at a place.

    kind: `local`, `namespace` or `symbol`. span: the part of the text that means it. local: for a
    local. namespace: for a namespace its whole name. asked: what to ask the program for, with the
    whole namespace where a form that brings names in says it. alias: what the namespace is called
    here. symbol: the whole symbol, of which an alias may be a part.
    """

    kind: Literal["local", "namespace", "symbol"]
    symbol: Symbol
    span: Span
    asked: str = ""
    local: Local | None = None
    namespace: str = ""
    alias: str = ""


def subject_at(snapshot: Snapshot, offset: int) -> Subject | None:
    """
    What the symbol at an offset is; None where there is none, and for keywords.

    A local goes before a var that it shadows. In `str/join` the alias is its namespace, from its
    first character up to the separator; so it is in `::str/key`.
    """
    return snapshot.once_at(_subject, offset)


def _subject(snapshot: Snapshot, offset: int) -> Subject | None:
    symbol = symbol_at(snapshot, offset)
    if snapshot.index is None:
        return Subject("symbol", symbol, symbol.span, symbol.text) if symbol is not None else None
    brought = brought_at(snapshot, offset)
    if symbol is None:
        # Modules may be named by strings: `(require "x")`.
        if brought is None or brought.kind not in ("namespace", "use"):
            return None
        symbol = Symbol(brought.name, brought.span)
    names = names_at(snapshot, symbol.span.start)
    if brought is not None:
        return _brought(symbol, brought, names)
    if symbol.kind == "keyword":
        return _keyword(symbol, names, offset)
    local = local_at(snapshot, offset)
    if local is not None:
        return Subject("local", symbol, symbol.span, local=local)
    parts = qualified(names, symbol.text)
    if parts.qualifier and offset < symbol.span.start + len(parts.qualifier):
        return _qualifier(symbol, parts, names, symbol.span.start)
    if symbol.text in names.aliases and names.separators != ("/",):
        # A module's own name is a value in these languages: `(import os :as o)`, `o`.
        return _namespace(symbol, symbol.span, names.aliases[symbol.text], symbol.text)
    asked = symbol.text
    if asked.endswith(".") and "/" in names.separators and _is_class(asked[:-1]):
        # `(Item. 1)` makes an `Item`: no program has the name with the dot.
        asked = asked[:-1]
    return Subject("symbol", symbol, symbol.span, asked)


def resource_at(snapshot: Snapshot, offset: int) -> tuple[str, Span] | None:
    """The name of a resource, where an offset is in the string of `(io/resource "name")`."""
    cursor = locate(snapshot, offset)
    token = cursor.token() if cursor is not None else None
    if cursor is None or token is None or token.kind != "string":
        return None
    call = enclosing_call(snapshot, token.start)
    if call is None or call.head.rpartition("/")[2] != "resource":
        return None
    name = cursor.text[token.start + 1 : token.end - 1]
    span = Span(token.start, token.end)
    return (name, span) if name and "\\" not in name and "\n" not in name else None


def _brought(symbol: Symbol, brought: Brought, names: Names) -> Subject:
    """What a name in a form that brings names in stands for."""
    if brought.kind == "refer" or brought.kind == "exclude":
        separator = names.separators[0]
        asked = brought.target + separator + brought.original if separator else brought.original
        return Subject("symbol", symbol, brought.span, asked, namespace=brought.target)
    if brought.kind == "class":
        return Subject("symbol", symbol, brought.span, brought.target)
    alias = brought.name if brought.kind == "alias" else ""
    return _namespace(symbol, brought.span, brought.target, alias)


def _keyword(symbol: Symbol, names: Names, offset: int) -> Subject | None:
    alias, slash, _ = symbol.text[2:].partition("/")
    end = symbol.span.start + 2 + len(alias)
    if not symbol.text.startswith("::") or not slash or alias not in names.aliases:
        return None
    if offset >= end:
        return None
    return _namespace(symbol, Span(symbol.span.start + 2, end), names.aliases[alias], alias)


def _qualifier(symbol: Symbol, parts: Qualified, names: Names, start: int) -> Subject:
    span = Span(start, start + len(parts.qualifier))
    ns, _ = resolve(names, symbol.text)
    if parts.qualifier in names.imports or ns is None or _is_class(ns):
        return Subject("symbol", symbol, span, names.imports.get(parts.qualifier, parts.qualifier))
    return _namespace(symbol, span, ns, parts.qualifier if parts.qualifier != ns else "")


def _is_class(name: str) -> bool:
    """Whether a name is written as classes are: `Math`, `java.io.File`."""
    return name.rpartition(".")[2][:1].isupper()


def _namespace(symbol: Symbol, span: Span, name: str, alias: str) -> Subject:
    return Subject("namespace", symbol, span, name, namespace=name, alias=alias)
