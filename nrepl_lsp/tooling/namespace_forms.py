"""
What a namespace form lacks, and what it has too much of.

Only ops that read files and the class path are asked; refactor-nrepl has others, which load and
evaluate the project. Its replies are text to be read as EDN; its failures come as `error` beside a
plain `done` (3.14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from nrepl_lsp.nrepl import edn
from nrepl_lsp.nrepl.errors import EdnError
from nrepl_lsp.nrepl.messages import Message, present

from . import shapes
from .variants import Question, Variant

__all__ = [
    "ALIASED",
    "CLEAN_NAMESPACE",
    "MISSING",
    "AliasQuery",
    "CleanQuery",
    "Missing",
    "MissingQuery",
]

MAX_FOUND = 50
"""Namespaces or classes that are kept of one answer."""


@dataclass(frozen=True, slots=True)
class AliasQuery:
    """alias: as typed. dialect: "clj", "cljs" or "cljc", which is what the file may hold."""

    alias: str
    dialect: Literal["clj", "cljs", "cljc"] = "clj"


@dataclass(frozen=True, slots=True)
class MissingQuery:
    """symbol: a name that means nothing where it stands; of `Date.` and `Date/from`, `Date`."""

    symbol: str


@dataclass(frozen=True, slots=True)
class CleanQuery:
    """path: of the file on the server's machine; it reads the file, not the editor's text."""

    path: str


class Missing(NamedTuple):
    """Where a name is defined: a class by its full name, or a namespace that has the var."""

    name: str
    kind: Literal["class", "ns"]


def _suggest_request(query: AliasQuery) -> Message | None:
    if not shapes.is_symbol(query.alias):
        return None
    return {
        "lib-prefix": query.alias,
        "language-context": query.dialect,
        "input-type": query.dialect,
        "buffer-language-context": query.dialect,
        "input-language-context": query.dialect,
        "preferred-aliases": "[]",
    }


def _suggest_parse(messages: Sequence[Message], query: AliasQuery) -> tuple[str, ...] | None:
    suggestions = _data(messages, "suggestions")
    if not isinstance(suggestions, list):
        return None
    # Reader conditionals are left out: `#?(:clj [a :as x] :cljs [b :as x])`.
    specs = (_edn(text) for text in suggestions if isinstance(text, str) and text[:1] == "[")
    return _first(spec[0] for spec in specs if isinstance(spec, list) and spec)


def _aliases_request(query: AliasQuery) -> Message | None:
    return {"serialization-format": "edn"} if shapes.is_symbol(query.alias) else None


def _aliases_parse(messages: Sequence[Message], query: AliasQuery) -> tuple[str, ...] | None:
    dialects = _data(messages, "namespace-aliases")
    if not isinstance(dialects, dict):
        return None
    wanted = ("clj", "cljs") if query.dialect == "cljc" else (query.dialect,)
    return _first(_with_alias(dialects, wanted, query.alias))


def _with_alias(dialects: dict[Any, Any], wanted: Sequence[str], alias: str) -> Iterator[Any]:
    for dialect in wanted:
        # EDN's keywords have a colon, bencode's keys have none.
        aliases = dialects.get(f":{dialect}", dialects.get(dialect))
        found = aliases.get(alias) if isinstance(aliases, dict) else None
        yield from found if isinstance(found, list) else ()


def _missing_request(query: MissingQuery) -> Message | None:
    return {"symbol": query.symbol} if shapes.is_symbol(query.symbol) else None


def _missing_parse(messages: Sequence[Message], query: MissingQuery) -> tuple[Missing, ...] | None:
    candidates = _data(messages, "candidates")
    if not isinstance(candidates, list):
        # refactor-nrepl answers nil where it knows nothing.
        return () if "candidates" in shapes.merge(messages) else None
    found = []
    for candidate in candidates:
        if not isinstance(candidate, dict):
            continue
        name, kind = candidate.get(":name"), candidate.get(":type")
        if isinstance(name, str) and shapes.is_symbol(name):
            is_class = kind in (":class", ":type")
            found.append(Missing(str(name), "class" if is_class else "ns"))
    return tuple(dict.fromkeys(found))[:MAX_FOUND]


def _apropos_request(query: MissingQuery) -> Message | None:
    if not shapes.is_symbol(query.symbol):
        return None
    # Java's regular expressions take these escapes too.
    return {"query": re.escape(query.symbol) + "$"}


def _apropos_parse(messages: Sequence[Message], query: MissingQuery) -> tuple[Missing, ...] | None:
    matches = shapes.merge(messages).get("apropos-matches")
    if not isinstance(matches, list):
        return None
    names = [match.get("name") for match in matches if isinstance(match, dict)]
    split = (name.split("/", 1) for name in names if isinstance(name, str) and "/" in name[:-1])
    found = (Missing(ns, "ns") for ns, name in split if name == query.symbol)
    return tuple(dict.fromkeys(found))[:MAX_FOUND]


def _clean_request(query: CleanQuery) -> Message:
    return {"path": query.path}


def _clean_parse(messages: Sequence[Message], query: CleanQuery) -> str | None:
    reply = shapes.merge(messages)
    if present(reply.get("error")) or "ns" not in reply:
        return None
    return shapes.text(reply["ns"]) or ""


def _data(messages: Sequence[Message], key: str) -> Any:
    reply = shapes.merge(messages)
    value = reply.get(key)
    if present(reply.get("error")):
        return None
    return _edn(value) if isinstance(value, str) else value


def _edn(text: str) -> Any:
    try:
        return edn.read(text)
    except EdnError:
        return None


def _first(names: Iterator[Any]) -> tuple[str, ...]:
    found = (str(name) for name in names if isinstance(name, str) and shapes.is_symbol(name))
    return tuple(dict.fromkeys(found))[:MAX_FOUND]


ALIASED: Question[AliasQuery, tuple[str, ...]] = Question(
    "alias",
    (
        Variant("refactor/cljr-suggest-libspecs", _suggest_request, _suggest_parse),
        Variant("cljr-suggest-libspecs", _suggest_request, _suggest_parse),
        Variant("refactor/namespace-aliases", _aliases_request, _aliases_parse),
        Variant("namespace-aliases", _aliases_request, _aliases_parse),
    ),
)
"""The namespaces that an alias stands for elsewhere in the project, likeliest first."""

MISSING: Question[MissingQuery, tuple[Missing, ...]] = Question(
    "missing",
    (
        Variant("refactor/resolve-missing", _missing_request, _missing_parse),
        Variant("resolve-missing", _missing_request, _missing_parse),
        Variant("cider/apropos", _apropos_request, _apropos_parse),
        Variant("apropos", _apropos_request, _apropos_parse),
    ),
)
"""Classes and namespaces on the class path that have a name."""

CLEAN_NAMESPACE: Question[CleanQuery, str] = Question(
    "clean-ns",
    (
        Variant("refactor/clean-ns", _clean_request, _clean_parse),
        Variant("clean-ns", _clean_request, _clean_parse),
    ),
)
"""A file's `ns` form without what is not used, sorted; empty when there is nothing to change."""
