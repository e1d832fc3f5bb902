"""How a function is called: its argument lists as LSP's signatures, and which of them is meant."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from nrepl_lsp.source.calling.arglists import (
    Parameter,
    is_python,
    parameters,
    plain_name,
    python_parameters,
)
from nrepl_lsp.source.calling.calls import Call
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.tooling.values import SymbolInfo

from ..client import ClientFeatures
from .markdown import documentation, is_small

__all__ = ["Signature", "signature_help", "signatures_of"]

DOC_LIMIT = 400
"""Characters of documentation under a signature; the whole is in the hover."""

REMEMBERED_LIMIT = 64
"""Functions whose signatures are remembered."""


_PARAGRAPH = re.compile(r"\n[ \t]*\n")


class Signature:
    """
    One way to call a function.

    least, most: how many arguments it takes, those given by name not counted.
    """

    __slots__ = ("_labels", "_named", "_places", "_rest", "label", "least", "most", "parameters")

    def __init__(self, label: str, parameters: tuple[Parameter, ...]) -> None:
        kinds = [parameter.kind for parameter in parameters]
        self.label = label
        self.parameters = parameters
        self.least = kinds.count("required")
        self.most = float("inf") if "rest" in kinds else self.least + kinds.count("optional")
        self._rest = kinds.index("rest") if "rest" in kinds else None
        self._places = [n for n, kind in enumerate(kinds[: self._rest]) if kind != "named"]
        self._named = {
            plain_name(parameter.name): number
            for number, parameter in reversed(list(enumerate(parameters)))
            if parameter.kind == "named"
        }
        self._labels: dict[bool, list[dict[str, Any]]] = {}

    def active(self, call: Call) -> int | None:
        """The number of the parameter that the cursor is on; None on the head and past the end."""
        named = self._named.get(plain_name(call.keyword)) if call.keyword else None
        if named is not None or call.index is None:
            return named
        return self._places[call.index] if call.index < len(self._places) else self._rest

    def labels(self, *, as_offsets: bool) -> list[dict[str, Any]]:
        """Its parameters as plain LSP data; not to be changed: they are made once."""
        made = self._labels.get(as_offsets)
        if made is None:
            show = _offsets if as_offsets else _unique
            made = [{"label": show(self.label, *it.span)} for it in self.parameters]
            self._labels[as_offsets] = made
        return made


def signatures_of(info: SymbolInfo, language: Language) -> list[Signature]:
    """The ways to call what the program, or the text, says of a function."""
    if info.forms:
        return [_special(form, language) for form in info.forms]
    return list(_SIGNATURES.of(info, language))


class _Signatures:
    """Those of the functions that were asked about last: they are shown at every key press."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[Signature, ...]] = {}

    def of(self, info: SymbolInfo, language: Language) -> tuple[Signature, ...]:
        is_macro = info.macro or info.kind == "macro"
        name = info.qualified_name
        key = (name, info.arglists, language.id, is_macro)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED_LIMIT:
                del self._known[next(iter(self._known))]
            found = tuple(_signature(name, each, language, is_macro) for each in info.arglists)
            self._known[key] = found
        return found


_SIGNATURES = _Signatures()


def signature_help(
    signatures: Sequence[Signature],
    call: Call,
    info: SymbolInfo,
    client: ClientFeatures,
    chosen: tuple[int, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """
    A `SignatureHelp` as plain LSP data.

    chosen: the number and the labels of what the client shows now; its choice stays while the
    arguments still fit. A signature of which no parameter is active is sent without any: 3.17 has
    no null, and takes a number that is left out, or out of range, for the first.
    """
    number = _choice(signatures, call, chosen)
    doc = _documentation(info, client)
    items = []
    for signature in signatures:
        active = signature.active(call)
        shown = signature.labels(as_offsets=client.signature_label_offsets)
        item: dict[str, Any] = {
            "label": signature.label,
            "parameters": shown if active is not None else [],
        }
        if doc:
            item["documentation"] = doc
        if client.signature_active_parameter and active is not None:
            item["activeParameter"] = active
        items.append(item)
    answer: dict[str, Any] = {"signatures": items, "activeSignature": number}
    active = signatures[number].active(call)
    if active is not None:
        answer["activeParameter"] = active
    return answer


def _choice(
    signatures: Sequence[Signature], call: Call, chosen: tuple[int, Sequence[str]] | None
) -> int:
    """The first arity that takes the arguments with the one to come, else without it, else more."""
    if chosen is not None and [signature.label for signature in signatures] == list(chosen[1]):
        number = chosen[0]
        if 0 <= number < len(signatures) and call.needed <= signatures[number].most:
            return number
    for count in (call.needed, call.count):
        for number, signature in enumerate(signatures):
            if signature.least <= count <= signature.most:
                return number
        for number, signature in enumerate(signatures):
            if count <= signature.most:
                return number
    return max(range(len(signatures)), key=lambda number: signatures[number].most)


def _offsets(label: str, start: int, end: int) -> list[int]:
    return [_units(label[:start]), _units(label[:end])]


def _unique(label: str, start: int, end: int) -> str:
    """A parameter's text, with a neighbour where clients would find it elsewhere first."""
    for around in (label[start:end], label[start - 1 : end], label[start - 1 : end + 1]):
        if label.count(around) == 1:
            return around
    return label[start:end]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _documentation(info: SymbolInfo, client: ClientFeatures) -> Any:
    """The first paragraph of the documentation; None when there is none."""
    if not info.doc:
        return None
    markdown = client.signature_markdown
    first_paragraph = _remembered_paragraph if is_small(info) else _first_paragraph
    value = first_paragraph(info, markdown)
    return {"kind": "markdown", "value": value} if markdown and value else value or None


def _first_paragraph(info: SymbolInfo, markdown: bool) -> str:
    text = _PARAGRAPH.split((info.doc or "").strip("\n"), maxsplit=1)[0]
    if len(text) > DOC_LIMIT:
        text = text[: DOC_LIMIT - 1].rstrip() + "…"
    return documentation(replace(info, doc=text), markdown=markdown)


_remembered_paragraph = lru_cache(maxsize=REMEMBERED_LIMIT)(_first_paragraph)


def _signature(name: str, arglist: str, language: Language, is_macro: bool) -> Signature:
    inner = " ".join(arglist.split()) if "\n" in arglist else arglist.strip()
    closed = {"[": "]", "(": ")"}.get(inner[:1])
    as_python = is_python(inner, language)
    if closed is not None:
        inner = inner[1:-1].strip() if inner.endswith(closed) else inner[1:].strip()
    before = f"({name} " if inner else f"({name}"
    label = f"{before}{inner})"
    span = Span(len(before), len(label) - 1)
    if as_python:
        return Signature(label, tuple(python_parameters(label, span)))
    return Signature(label, tuple(parameters(label, span, language, is_macro)))


def _special(form: str, language: Language) -> Signature:
    """A special form as the documentation writes it: `(if test then else?)`."""
    head = re.match(r"\(\S+\s*", form)
    if head is None or not form.endswith(")") or head.end() >= len(form):
        return Signature(form, ())
    inside = Span(head.end(), len(form) - 1)
    return Signature(form, tuple(parameters(form, inside, language, is_macro=True)))
