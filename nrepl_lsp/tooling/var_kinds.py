"""Of which kind the vars of a namespace are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nrepl_lsp.nrepl.messages import Message

from . import shapes, snippets
from .variants import Question, Variant

__all__ = ["VAR_KINDS", "VarKinds", "VarKindsQuery"]

_FALSE = re.compile(r"\A(?:false|nil|\"\")?\Z")


@dataclass(frozen=True, slots=True)
class VarKindsQuery:
    """ns: a namespace that is loaded. language: the family whose snippets may be used."""

    ns: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class VarKinds:
    """
    kinds: name → macro, function or variable. deprecated: names. has_private: whether private vars
    are among them, so that a name which is not there is no var of the namespace.
    """

    kinds: Mapping[str, str]
    deprecated: frozenset[str] = frozenset()
    has_private: bool = False


def _request(query: VarKindsQuery) -> Message | None:
    return {"ns": query.ns} if shapes.is_symbol(query.ns) else None


def _parse(messages: Sequence[Message], query: VarKindsQuery) -> VarKinds | None:
    listed = shapes.merge(messages).get("ns-vars-with-meta")
    if not isinstance(listed, dict):
        return None
    kinds, deprecated = {}, set()
    for name, meta in listed.items():
        described = meta if isinstance(meta, dict) else {}
        kinds[name] = _kind(described)
        if _says(described.get("deprecated")):
            deprecated.add(name)
    return VarKinds(kinds, frozenset(deprecated))


def _kind(meta: Mapping[str, Any]) -> str:
    if _says(meta.get("macro")):
        return "macro"
    return "function" if _says(meta.get("arglists")) else "variable"


def _says(printed: object) -> bool:
    """Whether a printed value is there, and is not false."""
    return isinstance(printed, str) and _FALSE.match(printed) is None


def _snippet_request(query: VarKindsQuery) -> Message | None:
    snippet = snippets.FAMILIES.get(query.language)
    return snippets.params(snippet.var_kinds(query.ns)) if snippet else None


def _snippet_parse(messages: Sequence[Message], query: VarKindsQuery) -> VarKinds | None:
    found = snippets.value(messages)
    if not isinstance(found, list) or len(found) != 4:
        return None
    groups = [part.split() if isinstance(part, str) else [] for part in found]
    kinds = dict.fromkeys(groups[2], "variable")
    kinds |= dict.fromkeys(groups[1], "function")
    kinds |= dict.fromkeys(groups[0], "macro")
    return VarKinds(kinds, frozenset(groups[3]), has_private=True)


VAR_KINDS: Question[VarKindsQuery, VarKinds] = Question(
    "var-kinds",
    (
        Variant("cider/ns-vars-with-meta", _request, _parse),
        Variant("ns-vars-with-meta", _request, _parse),
        Variant("eval", _snippet_request, _snippet_parse, snippet=True),
    ),
    timeout=5.0,
)
"""The kinds of a namespace's vars; None when they cannot be known."""
