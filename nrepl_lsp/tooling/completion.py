"""
What could stand here: completion, from `complete` of either family, `completions`, or a snippet.

Servers match in different ways (babashka and nbb anywhere in the name), rank or do not, and write
candidates as dicts or strings; the answer is filtered, deduplicated, ordered and capped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from nrepl_lsp.nrepl.messages import Message

from . import shapes, snippets
from .values import Candidate, Completions
from .variants import Question, Variant

__all__ = ["COMPLETION", "KINDS", "MAX_CANDIDATES", "CompletionQuery"]

MAX_CANDIDATES = 2000
"""Candidates that are kept; an empty prefix gives a JVM's 5,000, which no editor can show."""

MAX_PREFIX_LENGTH = 256

_EXTRA_METADATA = ["arglists", "doc"]

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
    """

    prefix: str
    ns: str | None = None
    context: str | None = None
    language: str = ""


def _request(query: CompletionQuery) -> Message | None:
    """Both names of the prefix: HyREPL wants `symbol`, and answers nothing without it."""
    if query.prefix and not _is_prefix(query.prefix):
        return None
    params: Message = {"prefix": query.prefix, "symbol": query.prefix}
    if query.ns is not None:
        params["ns"] = query.ns
    return params


def _complete_request(query: CompletionQuery) -> Message | None:
    params = _request(query)
    if params is not None:
        params["extra-metadata"] = _EXTRA_METADATA
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


def _parse(messages: Sequence[Message], query: CompletionQuery) -> Completions | None:
    items = shapes.merge(messages).get("completions")
    if not isinstance(items, list):
        return None
    is_ranked = any(isinstance(item, dict) and "priority" in item for item in items[:8])
    return _ordered(*_matching(items, query.prefix), is_ranked=is_ranked)


_Fields: TypeAlias = tuple[str, str, str, str, tuple[str, ...], str]


def _matching(items: list[Any], prefix: str) -> tuple[list[Candidate], list[Candidate]]:
    """
    The candidates that begin with the prefix, and those that match it otherwise, each once.

    It runs for every key press, so what most servers send of most candidates (a name, a known kind
    and a namespace) goes a short way, with `tuple.__new__` instead of the constructor.
    """
    exact: list[Candidate] = []
    fuzzy: list[Candidate] = []
    new, kinds = tuple.__new__, KINDS
    for item in items:
        try:
            label, kind, ns = item["candidate"], kinds[item["type"]], item["ns"]
            if len(item) == 3 and label and label.startswith(prefix) and type(ns) is str:
                exact.append(new(Candidate, (label, kind, ns, "", (), "")))
                continue
        except (KeyError, TypeError, AttributeError):
            pass
        if type(item) is not dict:
            item = {"candidate": item}
        label = item.get("candidate")
        if type(label) is not str or not label:
            continue
        if label.startswith(prefix):
            exact.append(new(Candidate, _fields(item, label)))
        elif matches(prefix, label):
            fuzzy.append(new(Candidate, _fields(item, label)))
    return _each_once(exact), _each_once(fuzzy)


def _each_once(candidates: list[Candidate]) -> list[Candidate]:
    """Without repetitions of a name in one namespace, which few servers send; the first stays."""
    if len({candidate[0] for candidate in candidates}) == len(candidates):
        return candidates
    return list({(c.label, c.ns): c for c in reversed(candidates)}.values())[::-1]


def _fields(item: Message, label: str) -> _Fields:
    kind, ns, doc, file = item.get("type"), item.get("ns"), item.get("doc"), item.get("file")
    arglists = item.get("arglists")
    return (
        label,
        (KINDS.get(kind, "") if type(kind) is str else "") or _kind_of(label),
        ns if type(ns) is str else "",
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


def _ordered(
    exact: list[Candidate], fuzzy: list[Candidate], *, is_ranked: bool, is_cut: bool = False
) -> Completions:
    """
    Exact beginnings first, then the others, at most MAX_CANDIDATES.

    The server's order is kept where it ranks; else short names come first, as cider-nrepl does it.
    """
    if is_ranked:
        ordered = [*exact, *fuzzy]
    else:
        ordered = _shortest_first(exact) + _shortest_first(fuzzy)
    return Completions(tuple(ordered[:MAX_CANDIDATES]), is_cut or len(ordered) > MAX_CANDIDATES)


def _shortest_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Sorted twice by cheap keys: faster than once by a pair."""
    by_name = sorted(candidates, key=itemgetter(0))
    by_name.sort(key=lambda candidate: len(candidate[0]))
    return by_name


def matches(prefix: str, label: str) -> bool:
    """
    Whether a label that does not begin with the prefix is still a good answer to it.

    It is when it begins with it in other case, when a part after a qualifier or dot does
    (`ExceptionI` → `clojure.lang.ExceptionInfo`), or when the prefix abbreviates it the way that
    compliment and nREPL ≥ 1.1.1 understand: same first letter, then each letter follows the one
    before it or begins a part (`rkv` → `reduce-kv`, `c.st` → `clojure.string`, `.tUC` →
    `.toUpperCase`). A match in the middle of a word is not (`ma` in `unchecked-remainder-int`).
    """
    if label[: len(prefix)].lower() == prefix.lower():
        return True
    qualifier = max(label.rfind("/", 0, -1), label.rfind(".", 1, -1))
    if qualifier > 0 and label.startswith(prefix, qualifier + 1):
        return True
    return label[0] == prefix[0] and _abbreviates(prefix, label)


_SEPARATORS = "-./_"


def _abbreviates(prefix: str, label: str) -> bool:
    at = 1
    for char in prefix[1:]:
        if at < len(label) and label[at] == char:
            at += 1
            continue
        at = _next_part(label, at, char)
        if at < 0:
            return False
    return True


def _next_part(label: str, at: int, char: str) -> int:
    """Just past `char` where it begins a later part of a label, or is the separator; else -1."""
    for index in range(at, len(label)):
        current = label[index]
        if current != char:
            continue
        if current in _SEPARATORS or current.isupper() or label[index - 1] in _SEPARATORS:
            return index + 1
    return -1


def _snippet_request(query: CompletionQuery) -> Message | None:
    snippet = snippets.FAMILIES.get(query.language)
    if not _is_prefix(query.prefix):
        return None
    return snippets.params(snippet.completion(query.prefix, query.ns)) if snippet else None


def _snippet_parse(messages: Sequence[Message], query: CompletionQuery) -> Completions | None:
    rows = snippets.value(messages)
    if not isinstance(rows, list):
        return None
    qualifier, slash, _ = query.prefix.rpartition("/")
    items = [
        {"candidate": qualifier + slash + name, "ns": ns, "type": kind, "arglists": arglists}
        for name, ns, kind, arglists in filter(_is_row, rows)
    ]
    is_cut = len(rows) >= snippets.MAX_CANDIDATES
    return _ordered(*_matching(items, query.prefix), is_ranked=False, is_cut=is_cut)


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, list)
        and len(row) == 4
        and all(isinstance(cell, str) for cell in row[:3])
        and bool(row[0])
    )


COMPLETION: Question[CompletionQuery, Completions] = Question(
    "completion",
    (
        Variant("cider/complete", _complete_request, _parse),
        Variant("complete", _complete_request, _parse),
        Variant("completions", _completions_request, _parse),
        Variant("eval", _snippet_request, _snippet_parse, snippet=True),
    ),
    timeout=1.0,
)
