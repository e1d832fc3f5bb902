"""
What could stand here: completion, from `complete` of either family, `completions`, or a snippet.

Servers match in different ways (babashka and nbb anywhere in the name), rank or do not, and write
candidates as dicts or strings; the answer is filtered, deduplicated, ordered and capped here.

An answer to a prefix holds all that a longer one needs: servers match by beginnings and by
abbreviations, which a longer prefix only narrows down. That ends at `/`, `.` and `:`, behind which
servers look elsewhere, and for which editors ask again because they are trigger characters; and it
does not begin before the first letter, since an empty prefix brings no members, classes and
keywords, and on some servers nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from nrepl_lsp.nrepl.messages import Message

from . import shapes, snippets
from .class_loading import may_load
from .matching import matches
from .ranking import MAX_CANDIDATES, NOTHING_NEAR, Matches, Near, ranked
from .values import Candidate
from .variants import Question, Variant

__all__ = ["COMPLETION", "KINDS", "MAX_CANDIDATES", "CompletionQuery"]

MAX_PREFIX_LENGTH = 256

_EXTRA_METADATA = ["arglists", "doc"]
# compliment says of a candidate that it is deprecated only when it is asked for.
_COMPLETE_METADATA = [*_EXTRA_METADATA, "deprecated"]

KINDS = {
    "builtin": "function",
    "builtin_function_or_method": "function",
    "class": "class",
    "constructor": "constructor",
    "field": "field",
    "function": "function",
    "import": "class",
    "keyword": "keyword",
    "local": "local",
    "macro": "macro",
    "method": "method",
    "module": "namespace",
    "namespace": "namespace",
    "resource": "resource",
    "special-form": "special-form",
    "static-field": "static-field",
    "static-method": "static-method",
    "type": "class",
    "var": "variable",
    "variable": "variable",
}
"""Servers' words for kinds, Clojure's and Python's, and ours; any other word is no kind."""


@dataclass(frozen=True, slots=True)
class CompletionQuery:
    """
    prefix: the text before the cursor, with its qualifier.
    ns: the namespace in force; only one that the server has, since some create what they are asked
        about (Basilisp), else None.
    context: the top-level form with the symbol replaced by `__prefix__`, or None.
    language: the family whose snippets may be used, `"clojure"` for instance.
    near: what stands nearest to the place where it is typed.
    is_known: whether the program has the namespace that a dotted qualifier says; see `may_load`.
    """

    prefix: str
    ns: str | None = None
    context: str | None = None
    language: str = ""
    near: Near = NOTHING_NEAR
    is_known: bool = False


def _request(query: CompletionQuery) -> Message | None:
    """Both names of the prefix: HyREPL wants `symbol`, and answers nothing without it."""
    if query.prefix and not _is_prefix(query.prefix):
        return None
    # Without a slash it is the beginning of names, which are listed and not resolved.
    if "/" in query.prefix and not query.is_known and may_load(query.prefix, query.language):
        return None
    params: Message = {"prefix": query.prefix, "symbol": query.prefix}
    if query.ns is not None:
        params["ns"] = query.ns
    return params


def _complete_request(query: CompletionQuery) -> Message | None:
    params = _request(query)
    if params is not None:
        params["extra-metadata"] = _COMPLETE_METADATA
        # JeeJah's name for the prefix.
        params["input"] = query.prefix
        if query.context is not None:
            params["context"] = query.context
    return params


def _completions_request(query: CompletionQuery) -> Message | None:
    params = _request(query)
    if params is not None:
        params["options"] = {"extra-metadata": _EXTRA_METADATA}
    return params


def _is_prefix(prefix: str) -> bool:
    # Basilisp 0.5.1 never answers for a lone slash, and holds the connection for seconds.
    return prefix != "/" and len(prefix) <= MAX_PREFIX_LENGTH and shapes.is_symbol(prefix)


def _parse(messages: Sequence[Message], query: CompletionQuery) -> Matches | None:
    items = shapes.merge(messages).get("completions")
    if not isinstance(items, list):
        return None
    # nREPL 1.7 says priority 0 of everything, in the order of the alphabet.
    is_ranked = any(isinstance(item, dict) and item.get("priority") for item in items[:8])
    return _answer(items, query, is_ranked=is_ranked)


def _answer(
    items: list[Any], query: CompletionQuery, *, is_ranked: bool, is_cut: bool = False
) -> Matches:
    deprecated: set[str] = set()
    found = _matching(items, query.prefix, deprecated)
    return ranked(found, query.ns, query.near, deprecated, is_ranked=is_ranked, is_cut=is_cut)


_Fields: TypeAlias = tuple[str, str, str, str, tuple[str, ...], str]


def _matching(
    items: list[Any], prefix: str, deprecated: set[str]
) -> tuple[list[Candidate], list[Candidate]]:
    """
    The candidates that begin with the prefix, and those that match it otherwise.

    It runs for every key press, so what most servers send of most candidates (a name, a known kind
    and a namespace, perhaps a priority) goes a short way, with `tuple.__new__` instead of the
    constructor.
    """
    exact: list[Candidate] = []
    fuzzy: list[Candidate] = []
    new, kinds = tuple.__new__, KINDS
    for item in items:
        try:
            label, kind, ns = item["candidate"], kinds[item["type"]], item["ns"]
            if (
                (len(item) == 3 or (len(item) == 4 and "priority" in item))
                and label
                and label.startswith(prefix)
                and type(ns) is str
            ):
                exact.append(new(Candidate, (label, kind, ns, "", (), "")))
                continue
        except (KeyError, TypeError, AttributeError):
            pass
        if type(item) is not dict:
            item = {"candidate": item}
        label = item.get("candidate")
        # nbb 1.6 has `str/` among what is in `str/`.
        if type(label) is not str or not label or (label == prefix and label[-1] == "/"):
            continue
        if label.startswith(prefix):
            exact.append(new(Candidate, _fields(item, label)))
        elif matches(prefix, label):
            fuzzy.append(new(Candidate, _fields(item, label)))
        if "deprecated" in item and shapes.flag(item["deprecated"]):
            deprecated.add(label)
    return exact, fuzzy


def _fields(item: Message, label: str) -> _Fields:
    kind, ns, doc, file = item.get("type"), item.get("ns"), item.get("doc"), item.get("file")
    arglists = item.get("arglists")
    return (
        label,
        (KINDS.get(kind, "") if type(kind) is str else "") or _kind_of(label),
        # nbb 1.6 lists `/` for every namespace there is, and it is of none of them.
        ns if type(ns) is str and label != "/" else "",
        _without_heading(doc, label) if type(doc) is str else "",
        shapes.arglists(arglists) if arglists else (),
        file if type(file) is str else "",
    )


def _kind_of(label: str) -> str:
    """What a label says itself: keywords, and Basilisp's namespaces (`basilisp.string/`)."""
    if label[0] == ":":
        return "keyword"
    return "namespace" if label[-1] == "/" and len(label) > 1 else ""


_HEADING = re.compile(r"\S+\n(?:[ \t]*[(\[].*\n)*(?:(?:Macro|Special Form)\n)?[ \t]*(?=\S)")


def _without_heading(doc: str, label: str) -> str:
    """A docstring without the `ns/name`, arguments and `Macro` lines that compliment puts first."""
    end = doc.find("\n")
    if end > 0 and doc[:end].rpartition("/")[2] == label.rpartition("/")[2]:
        heading = _HEADING.match(doc)
        if heading:
            return doc[heading.end() :].rstrip()
    return doc


def _snippet_request(query: CompletionQuery) -> Message | None:
    snippet = snippets.FAMILIES.get(query.language)
    if not _is_prefix(query.prefix):
        return None
    return snippets.params(snippet.completion(query.prefix, query.ns)) if snippet else None


def _snippet_parse(messages: Sequence[Message], query: CompletionQuery) -> Matches | None:
    rows = snippets.value(messages)
    if not isinstance(rows, list):
        return None
    qualifier, slash, _ = query.prefix.rpartition("/")
    items = [
        {"candidate": qualifier + slash + name, "ns": ns, "type": kind, "arglists": arglists}
        for name, ns, kind, arglists in filter(_is_row, rows)
    ]
    is_cut = len(rows) >= snippets.MAX_CANDIDATES
    return _answer(items, query, is_ranked=False, is_cut=is_cut)


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, list)
        and len(row) == 4
        and all(isinstance(cell, str) for cell in row[:3])
        and bool(row[0])
    )


COMPLETION: Question[CompletionQuery, Matches] = Question(
    "completion",
    (
        Variant("cider/complete", _complete_request, _parse),
        Variant("complete", _complete_request, _parse),
        Variant("completions", _completions_request, _parse),
        Variant("eval", _snippet_request, _snippet_parse, snippet=True),
    ),
    timeout=1.0,
)
