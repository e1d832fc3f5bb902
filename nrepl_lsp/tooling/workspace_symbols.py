"""Symbols of the whole program by a part of their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nrepl_lsp.nrepl.messages import Message

from . import locations, shapes, snippets
from .class_loading import may_load
from .completion import KINDS
from .values import SourceLocation
from .variants import Question, Variant

__all__ = ["MAX_SYMBOLS", "WORKSPACE_SYMBOLS", "FoundSymbol", "SymbolsQuery", "regex_of"]

MAX_SYMBOLS = 200
"""Symbols of one answer."""

MAX_MATCHES = 20_000
"""Matches of an op that are looked at: a server sends all it has."""

MAX_QUERY_LENGTH = 100

_META = re.compile(r"[\\^$.|?*+()\[\]{}]")


class FoundSymbol(NamedTuple):
    """
    A symbol of the program: its namespace ("" for a special form), name and kind.

    kind is of the same words as `Candidate.kind`. location is None when the server did not say it.
    """

    ns: str
    name: str
    kind: str = ""
    location: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class SymbolsQuery:
    """
    text: what the user typed; not empty. near: namespaces, or beginnings of them, that come first.
    language: the family whose snippets may be used. ns: a loaded namespace to complete in, where
    nothing better is there.
    """

    text: str
    near: tuple[str, ...] = ()
    language: str = ""
    ns: str | None = None


def regex_of(text: str) -> str:
    """
    What matches all words of a text in their order.

    Backslashes before what has a meaning, which every regex dialect takes, Java's among them.
    """
    return ".*".join(_META.sub(r"\\\g<0>", word) for word in text.split())


def _apropos_request(query: SymbolsQuery) -> Message | None:
    pattern = regex_of(query.text)
    return {"query": pattern} if pattern and len(query.text) <= MAX_QUERY_LENGTH else None


def _apropos_parse(
    messages: Sequence[Message], query: SymbolsQuery
) -> tuple[FoundSymbol, ...] | None:
    found = shapes.merge(messages).get("apropos-matches")
    if not isinstance(found, list):
        return None
    symbols = []
    for item in found[:MAX_MATCHES]:
        name = shapes.text(item.get("name")) if isinstance(item, dict) else None
        if name is not None:
            symbols.append(_found(name, KINDS.get(shapes.text(item.get("type")) or "", "")))
    return _first(symbols, query)


def _found(name: str, kind: str) -> FoundSymbol:
    ns, slash, short = name.partition("/")
    return FoundSymbol(ns, short, kind) if slash and ns and short else FoundSymbol("", name, kind)


def _first(symbols: Sequence[FoundSymbol], query: SymbolsQuery) -> tuple[FoundSymbol, ...]:
    """The best of them: the project's first, then those whose name is nearest to the text."""
    typed = query.text.strip().lower()

    def rank(symbol: FoundSymbol) -> tuple[bool, bool, bool, bool]:
        name = symbol.name.lower()
        return (
            not (query.near and symbol.ns.startswith(query.near)),
            name != typed,
            not name.startswith(typed),
            typed not in name,
        )

    return tuple(sorted(symbols, key=rank)[:MAX_SYMBOLS])


def _snippet_request(query: SymbolsQuery) -> Message | None:
    snippet = snippets.FAMILIES.get(query.language)
    pattern = regex_of(query.text)
    if snippet is None or not pattern or len(query.text) > MAX_QUERY_LENGTH:
        return None
    near = "|".join(regex_of(beginning) for beginning in query.near)
    code = snippet.symbols(pattern, near) or snippet.symbols(pattern, "")
    return snippets.params(code)


def _snippet_parse(
    messages: Sequence[Message], query: SymbolsQuery
) -> tuple[FoundSymbol, ...] | None:
    rows = snippets.value(messages)
    if not isinstance(rows, list):
        return None
    symbols = []
    for row in rows:
        if isinstance(row, list) and len(row) == 5:
            ns, name, kind, file, line = row
            if isinstance(ns, str) and isinstance(name, str) and isinstance(kind, str):
                symbols.append(FoundSymbol(ns, name, kind, locations.parse(file, line=line)))
    return _first(symbols, query)


def _completions_request(query: SymbolsQuery) -> Message | None:
    text = query.text.strip()
    # Basilisp 0.5.1 never answers for a lone slash.
    if text == "/" or not shapes.is_symbol(text) or len(text) > MAX_QUERY_LENGTH:
        return None
    if "/" in text and may_load(text, query.language):
        return None
    params: Message = {"prefix": text, "symbol": text, "input": text}
    if query.ns is not None:
        params["ns"] = query.ns
    return params


def _completions_parse(
    messages: Sequence[Message], query: SymbolsQuery
) -> tuple[FoundSymbol, ...] | None:
    items = shapes.merge(messages).get("completions")
    if not isinstance(items, list):
        return None
    symbols = []
    for item in items[:MAX_MATCHES]:
        # Only what a namespace is said of can be looked up again.
        label = shapes.text(item.get("candidate")) if isinstance(item, dict) else None
        ns = shapes.text(item.get("ns")) if isinstance(item, dict) else None
        if label is not None and ns is not None:
            name = label.partition("/")[2] or label
            symbols.append(
                FoundSymbol(ns, name, KINDS.get(shapes.text(item.get("type")) or "", ""))
            )
    return _first(symbols, query)


WORKSPACE_SYMBOLS: Question[SymbolsQuery, tuple[FoundSymbol, ...]] = Question(
    "workspace-symbols",
    (
        Variant("cider/apropos", _apropos_request, _apropos_parse),
        Variant("apropos", _apropos_request, _apropos_parse),
        # Completion only knows what can be written in one namespace.
        Variant("eval", _snippet_request, _snippet_parse, snippet=True),
        Variant("complete", _completions_request, _completions_parse),
        Variant("completions", _completions_request, _completions_parse),
    ),
    timeout=5.0,
)
"""The symbols of all loaded namespaces that a text names, the best `MAX_SYMBOLS`."""
