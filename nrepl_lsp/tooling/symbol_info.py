"""
What is this symbol: kind, documentation, arguments and place of definition.

Answers are flat (cider's `info`), nested under `info` (nREPL's `lookup`) or `value` (HyREPL), or
both in one server; the shape of the reply decides, not the op.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nrepl_lsp.nrepl.messages import Message, present

from . import java, locations, shapes, snippets
from .class_loading import may_load
from .completion import KINDS
from .values import SourceLocation, SymbolInfo
from .variants import Question, Variant

__all__ = ["COMPLETION_DOC", "MAX_CANDIDATES", "SYMBOL_INFO", "SymbolQuery"]

MAX_CANDIDATES = 64
"""Classes that may share a method name; more are not shown."""

READ_LIMIT = 64
READ_SIZE = 20_000
"""Replies that are remembered with what they say, and the bytes that each may have."""

_ENVELOPE = frozenset({"id", "session", "status"})
"""What differs from reply to reply."""

_PYTHON_NO_DOC = "No doc string"

_RARE = frozenset(
    (
        *("added", "candidates", "class", "deprecated", "forms", "forms-str", "javadoc", "macro"),
        *("member", "members", "modifiers", "returns", "see-also", "spec", "special-form", "url"),
        *("doc-fragments", "doc-first-sentence-fragments", "doc-block-tags-fragments"),
    )
)
"""What a reply about a plain function has not."""

_TELLING = ("name", "doc", "docstring", "file", "class", "arglists-str", "arglists", "eldoc")


@dataclass(frozen=True, slots=True)
class SymbolQuery:
    """
    symbol: without reader prefixes such as `#'`, with its qualifier.
    ns: the namespace in force, only one that the server has, else None.
    language: the family whose snippets may be used.
    is_known: whether the program has the namespace that a dotted name says, so that to ask about
        the name loads nothing; without that no op is asked about what `may_load`.
    """

    symbol: str
    ns: str | None = None
    language: str = ""
    is_known: bool = False


def _request(query: SymbolQuery) -> Message | None:
    if not shapes.is_symbol(query.symbol):
        return None
    if not query.is_known and may_load(query.symbol, query.language):
        return None
    params: Message = {"sym": query.symbol, "symbol": query.symbol}
    if query.ns is not None:
        params["ns"] = query.ns
    return params


def _parse(messages: Sequence[Message], query: SymbolQuery) -> SymbolInfo | None:
    reply = shapes.merge(messages)
    for key in ("info", "value"):
        nested = reply.get(key)
        if isinstance(nested, dict) and present(nested):
            return _READ.info(nested, query.symbol)
    return _READ.info(reply, query.symbol)


class _Read:
    """
    What the last replies said, by what they are made of.

    A program says the same at every hover over a name, and at every key press in a call.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, str], SymbolInfo | None] = {}

    def info(self, found: Message, asked: str) -> SymbolInfo | None:
        try:
            said = {key: value for key, value in found.items() if key not in _ENVELOPE}
            # Version 2 gives equal bytes for equal values; later ones tell shared ones apart.
            key = (marshal.dumps(said, 2), asked)
        except ValueError:
            return _info(found, asked)
        if key in self._known:
            return self._known[key]
        info = _info(found, asked)
        if len(key[0]) <= READ_SIZE:
            if len(self._known) >= READ_LIMIT:
                del self._known[next(iter(self._known))]
            self._known[key] = info
        return info


_READ = _Read()


def _info(found: Message, asked: str) -> SymbolInfo | None:
    """A SymbolInfo from one dict of a reply; None when it says nothing (nbb: all keys empty)."""
    several = found.get("candidates")
    candidates = _candidates(several, asked) if isinstance(several, dict) else ()
    if not candidates and not any(present(found.get(key)) for key in _TELLING):
        return None
    sent = _arglists(found)
    name = _name(found) or asked
    ns = shapes.text(found.get("ns"))
    if _RARE.isdisjoint(found):
        # A plain function or variable, as nearly every hover is about; the rest is 60 look-ups.
        return SymbolInfo(
            name,
            ns,
            "macro" if _is_macro(found) else _plain_kind(found, name, sent),
            _doc(found),
            sent,
            location=_location(found),
            macro=_is_macro(found),
        )
    public = java.public_members(found.get("members"))
    return SymbolInfo(
        name=name,
        ns=ns or _first(found.get("class")) if "member" in found else ns,
        kind=candidates[0][1].kind if candidates else _kind(found, name, sent),
        doc=_doc(found),
        arglists=sent,
        forms=shapes.forms(found.get("forms") or found.get("forms-str")),
        location=_location(found),
        added=shapes.text(found.get("added")),
        deprecated=shapes.text(found.get("deprecated")),
        see_also=shapes.strings(found.get("see-also")),
        url=shapes.text(found.get("url")),
        javadoc=shapes.text(found.get("javadoc")),
        returns=java.returns(found),
        modifiers=java.modifiers(found.get("modifiers")),
        spec=shapes.specs(found.get("spec")),
        candidates=candidates,
        members_count=len(public),
        members=public[: java.MAX_MEMBERS],
        fragments=java.fragments(found, "doc-fragments")
        or java.fragments(found, "doc-first-sentence-fragments"),
        tags=java.fragments(found, "doc-block-tags-fragments"),
        macro=shapes.flag(found.get("macro")) or _is_macro(found),
        special=shapes.flag(found.get("special-form")),
    )


def _location(found: Message) -> SourceLocation | None:
    return locations.parse(
        found.get("file"),
        line=found.get("line"),
        column=found.get("column"),
        resource=found.get("resource"),
    )


def _name(found: Message) -> str | None:
    member = shapes.text(found.get("member"))
    # A class has its whole name under `class`, and under `name` what was asked for.
    return member or _first(found.get("class")) or shapes.text(found.get("name"))


def _first(value: Any) -> str | None:
    """A class, which eldoc sends as a list."""
    names = shapes.strings(value)
    return names[0] if names else None


def _doc(found: Message) -> str | None:
    doc = shapes.text(found.get("doc")) or shapes.text(found.get("docstring"))
    return None if doc == _PYTHON_NO_DOC else doc


def _arglists(found: Message) -> tuple[str, ...]:
    for key in ("arglists", "arglists-str", "eldoc"):
        value = shapes.arglists(found.get(key))
        if value:
            return value
    return ()


def _is_macro(found: Message) -> bool:
    """Basilisp has no `macro` flag, but its macros show their implicit arguments."""
    sent = found.get("arglists-str") or found.get("arglists")
    if isinstance(sent, str):
        return sent.lstrip("(").startswith(("[&env &form", "[&form &env"))
    eldoc = found.get("eldoc")
    return isinstance(eldoc, list) and any(
        isinstance(arity, list) and arity[:2] in (["&env", "&form"], ["&form", "&env"])
        for arity in eldoc
    )


def _kind(found: Message, name: str, sent: tuple[str, ...]) -> str:
    if shapes.flag(found.get("special-form")):
        return "special-form"
    if shapes.flag(found.get("macro")) or _is_macro(found):
        return "macro"
    if present(found.get("member")):
        return _member_kind(found, sent)
    if present(found.get("class")):
        return "class"
    return _plain_kind(found, name, sent)


def _plain_kind(found: Message, name: str, sent: tuple[str, ...]) -> str:
    if shapes.text(found.get("ns")) == name:
        return "namespace"
    told = KINDS.get(shapes.text(found.get("type")) or "", "")
    if told and told != "variable":
        return told
    return "function" if sent else "variable"


def _member_kind(found: Message, sent: tuple[str, ...]) -> str:
    static = ":static" in (java.modifiers(found.get("modifiers")) or "")
    kind = "method" if sent or present(found.get("returns")) else "field"
    return f"static-{kind}" if static else kind


def _candidates(several: Message, asked: str) -> tuple[tuple[str, SymbolInfo], ...]:
    found = []
    for label, item in list(several.items())[:MAX_CANDIDATES]:
        info = _info(item, asked) if isinstance(item, dict) else None
        if info is not None:
            found.append((label, info))
    return tuple(found)


def _snippet_request(query: SymbolQuery) -> Message | None:
    snippet = snippets.FAMILIES.get(query.language)
    return snippets.params(snippet.symbol_info(query.symbol, query.ns)) if snippet else None


def _snippet_parse(messages: Sequence[Message], query: SymbolQuery) -> SymbolInfo | None:
    row = snippets.value(messages)
    if not isinstance(row, list) or len(row) != 9:
        return None
    ns, name, doc, file, line, column, column0, arities, macro = row
    sent = shapes.arglists(arities)
    is_macro = macro is True
    return SymbolInfo(
        name=shapes.text(name) or query.symbol,
        ns=shapes.text(ns),
        kind="macro" if is_macro else "function" if sent else "variable",
        doc=shapes.text(doc),
        arglists=sent,
        location=locations.parse(
            file,
            line=line,
            column=column0 if column is None else column,
            column_base=0 if column is None else 1,
        ),
        macro=is_macro,
    )


_HEADING = re.compile(r"(?:(?P<ns>[^\s/]+)/)?(?P<name>[^\s(\[]+)\n(?P<rest>.*)", re.DOTALL)


def _complete_doc_parse(messages: Sequence[Message], query: SymbolQuery) -> SymbolInfo | None:
    """`ns/name`, argument lists, perhaps `Macro`, and the docstring, as compliment prints them."""
    doc = shapes.text(shapes.merge(messages).get("completion-doc"))
    if doc is None:
        return None
    heading = _HEADING.fullmatch(doc)
    asked = query.symbol.rpartition("/")[2] or query.symbol
    if heading is None or heading["name"] != asked:
        return SymbolInfo(query.symbol, doc=doc.strip())
    lines = heading["rest"].split("\n")
    sent = shapes.arglists(lines.pop(0)) if lines[0].startswith(("(", "[")) else ()
    told = {"Macro": "macro", "Special Form": "special-form"}.get(lines[0] if lines else "", "")
    return SymbolInfo(
        heading["name"],
        ns=heading["ns"],
        kind=told or ("function" if sent else ""),
        doc="\n".join(lines[1:] if told else lines).strip() or None,
        arglists=sent,
        macro=told == "macro",
        special=told == "special-form",
    )


_INFO_VARIANTS: tuple[Variant[SymbolQuery, SymbolInfo], ...] = (
    Variant("cider/info", _request, _parse),
    Variant("info", _request, _parse),
    Variant("lookup", _request, _parse),
    Variant("cider/eldoc", _request, _parse),
    Variant("eldoc", _request, _parse),
    Variant("eval", _snippet_request, _snippet_parse, snippet=True),
)

SYMBOL_INFO: Question[SymbolQuery, SymbolInfo] = Question(
    "symbol-info", _INFO_VARIANTS, timeout=2.0
)

COMPLETION_DOC: Question[SymbolQuery, SymbolInfo] = Question(
    "completion-doc",
    (
        Variant("cider/complete-doc", _request, _complete_doc_parse),
        Variant("complete-doc", _request, _complete_doc_parse),
        *_INFO_VARIANTS,
    ),
    timeout=2.0,
)
