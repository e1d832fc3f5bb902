"""What hovers and completion documentation say, as Markdown or as plain text."""

import re
from textwrap import dedent

from nrepl_lsp.source.languages import Language
from nrepl_lsp.tooling.values import SymbolInfo

__all__ = ["documentation", "hover_text"]

#: Characters of documentation shown; a class with 300 methods is no help in a hover.
TEXT_LIMIT = 20_000
#: Candidates of an ambiguous name that are listed.
CANDIDATES_SHOWN = 8

_BACKTICKS = re.compile(r"`{3,}")


def hover_text(info: SymbolInfo, language: Language, *, markdown: bool) -> str:
    """What a hover says: signatures, what it is, and its documentation."""
    head = _signatures(info)
    facts = [_what(info, markdown=markdown), *_facts(info)]
    parts = [_fenced(head, language.fence) if markdown else head]
    parts.append(_joined(facts, markdown=markdown))
    parts.append(documentation(info, markdown=markdown))
    if info.candidates:
        names = [label for label, _ in info.candidates[:CANDIDATES_SHOWN]]
        more = len(info.candidates) - len(names)
        parts.append("One of: " + ", ".join(names) + (f" and {more} more" if more > 0 else ""))
    return "\n\n".join(part for part in parts if part)


def documentation(info: SymbolInfo, *, markdown: bool) -> str:
    """A symbol's documentation with its lines as they were written; empty when there is none."""
    if not info.doc:
        return ""
    text = _dedented(info.doc)[:TEXT_LIMIT]
    # A fence keeps lines, indentation and stars as they are in every editor; doc strings are
    # written for a terminal, not as Markdown.
    return _fenced(text, "text") if markdown else text


def _signatures(info: SymbolInfo) -> str:
    if info.forms:
        return "\n".join(info.forms)
    name = info.qualified_name
    if not info.arglists:
        return name
    return "\n".join(f"({name}{_arguments(arglist)})" for arglist in info.arglists)


def _arguments(arglist: str) -> str:
    inner = arglist.strip()
    if inner[:1] in ("[", "(") and inner[-1:] in ("]", ")"):
        inner = inner[1:-1].strip()
    return f" {inner}" if inner else ""


def _what(info: SymbolInfo, *, markdown: bool) -> str:
    kind = info.kind.replace("-", " ") or ("macro" if info.macro else "")
    where = f"{info.ns}" if info.ns and info.ns != info.name else ""
    if not kind:
        return where
    kind = f"*{kind}*" if markdown else kind
    return f"{kind} in {where}" if where else kind


def _facts(info: SymbolInfo) -> list[str]:
    facts = []
    if info.added:
        facts.append(f"since {info.added}")
    if info.deprecated:
        said = info.deprecated if info.deprecated.lower() != "true" else ""
        facts.append("deprecated" + (f" since {said}" if said else ""))
    if info.returns:
        facts.append(f"returns {info.returns}")
    return facts


def _joined(facts: list[str], *, markdown: bool) -> str:
    return (" · " if markdown else ", ").join(fact for fact in facts if fact)


def _fenced(text: str, name: str) -> str:
    fence = "```"
    if fence in text:
        fence = "`" * (max(map(len, _BACKTICKS.findall(text))) + 1)
    return f"{fence}{name}\n{text}\n{fence}" if text else ""


def _dedented(doc: str) -> str:
    """A doc string's first line starts at its quote; the others are indented by the code."""
    first, newline, rest = doc.strip("\n").partition("\n")
    is_indented = newline and rest[:1] in (" ", "\t", "\n")
    return (first.strip() + newline + (dedent(rest) if is_indented else rest)).rstrip()
