"""What the program knows of the symbol at a place; hover, definition and resolve ask it here."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.languages.table import BASILISP, EDN
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.naming.names import Names, defined_names, names_at, resolve
from nrepl_lsp.source.naming.references import defined_as
from nrepl_lsp.source.naming.subjects import Subject, subject_at
from nrepl_lsp.source.symbols import Symbol
from nrepl_lsp.tooling.class_loading import may_load, qualifier_of
from nrepl_lsp.tooling.namespace_info import NAMESPACE_INFO
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO, SymbolQuery
from nrepl_lsp.tooling.values import SymbolInfo
from nrepl_lsp.tooling.variants import Question

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = [
    "LEAST_PATIENCE",
    "Found",
    "ask_named",
    "ask_symbol",
    "family_of",
    "is_known_name",
    "namespace_info",
    "subject_info",
    "symbol_info",
    "symbol_query",
]

#: Seconds that a question gets in any case, however long its namespace took to be found.
LEAST_PATIENCE = 0.05

#: The family whose programs can list their namespaces; others are asked for what is written.
_LISTED = "clojure"


@dataclass(frozen=True, slots=True)
class Found:
    """A symbol of the text and what the program says of it."""

    symbol: Symbol
    info: SymbolInfo
    repl: Repl


async def symbol_info(
    ls: "NreplLanguageServer", snapshot: Snapshot, offset: int, timeout: float
) -> Found | None:
    """
    Ask about the symbol at an offset; None at once when there is none, or no REPL.

    Nothing is asked about locals and keywords. A lost connection and a late answer are None too.
    Cancelling stops listening.
    """
    subject = subject_at(snapshot, offset) if ls.repl_for(snapshot.uri) is not None else None
    if subject is None or subject.kind == "local":
        return None
    return await subject_info(ls, snapshot, subject, timeout)


async def subject_info(
    ls: "NreplLanguageServer", snapshot: Snapshot, subject: Subject, timeout: float
) -> Found | None:
    """Ask about what a place is about, as `symbol_info` does; not for locals."""
    repl = ls.repl_for(snapshot.uri)
    if repl is None:
        return None
    if subject.kind == "namespace" and snapshot.language.family == _LISTED:
        info = await namespace_info(ls, repl, subject.namespace, snapshot, timeout)
        return Found(subject.symbol, info, repl) if info is not None else None
    deadline = time.monotonic() + timeout
    asked = subject.asked if snapshot.language.family == _LISTED else subject.symbol.text
    if "/" not in asked and may_load(asked, family_of(snapshot.language)):
        # What a class and a namespace may be called: only the latter is looked for.
        info = await namespace_info(ls, repl, asked, snapshot, timeout)
        if info is not None:
            return Found(subject.symbol, info, repl)
    try:
        query = await symbol_query(
            repl, snapshot, subject.span.start, asked, _left(deadline), said=subject.namespace
        )
        if query is None:
            return None
        found = await repl.ask(SYMBOL_INFO, query, timeout=_left(deadline))
    except NreplError as error:
        ls.log.info("no answer for %s: %s", subject.asked, error)
        return None
    return Found(subject.symbol, found, repl) if found is not None else None


async def ask_symbol(
    ls: "NreplLanguageServer",
    repl: Repl | None,
    question: Question[SymbolQuery, SymbolInfo],
    snapshot: Snapshot,
    offset: int,
    text: str,
    timeout: float,
) -> SymbolInfo | None:
    """
    Ask one of the questions about a symbol as it is written at an offset; not for locals.

    None at once without a REPL, and for what only the text knows. A lost connection and a late
    answer are None too. Cancelling stops listening.
    """
    if repl is None:
        return None
    deadline = time.monotonic() + timeout
    try:
        query = await symbol_query(repl, snapshot, offset, text, timeout)
        if query is None:
            return None
        return await repl.ask(question, query, timeout=_left(deadline))
    except NreplError as error:
        ls.log.info("no answer for %s: %s", text, error)
        return None


async def ask_named(
    ls: "NreplLanguageServer",
    repl: Repl,
    question: Question[SymbolQuery, SymbolInfo],
    snapshot: Snapshot,
    name: str,
    ns: str | None,
    timeout: float,
) -> SymbolInfo | None:
    """Ask, as `ask_symbol` does, about a name of a namespace that is given, not of a place."""
    deadline = time.monotonic() + timeout
    family = family_of(snapshot.language)
    try:
        known = await repl.namespace_to_ask(ns, family, timeout)
        is_known = False
        if "/" in name and may_load(name, family):
            is_known = await _is_loaded(repl, qualifier_of(name), family, _left(deadline))
        query = SymbolQuery(name, known, family, is_known)
        return await repl.ask(question, query, timeout=_left(deadline))
    except NreplError as error:
        ls.log.info("no answer for %s: %s", name, error)
        return None


async def symbol_query(
    repl: Repl, snapshot: Snapshot, offset: int, text: str, timeout: float, *, said: str = ""
) -> SymbolQuery | None:
    """
    What to ask the program about a symbol that is written at an offset, so that it loads nothing.

    Where the program has not the namespace that is in force there, the name is written out whole:
    the one that is asked in has other aliases and names. said: the namespace, where the text says
    it elsewhere and `text` has it already. None where only the text knows the name. Raises
    `ConnectionLost`.
    """
    deadline = time.monotonic() + timeout
    family = family_of(snapshot.language)
    named = namespace_at(snapshot, offset)
    ns = await repl.namespace_to_ask(named, family, timeout)
    if snapshot.language.family != _LISTED:
        return SymbolQuery(text, ns, family)
    if said:
        if not await _is_loaded(repl, said, family, _left(deadline)):
            return None
    elif ns != named:
        whole = await _spelled_out(repl, snapshot, offset, text, _left(deadline))
        if whole is None:
            return None
        text = whole
    if not may_load(text, family):
        return SymbolQuery(text, ns, family)
    names = names_at(snapshot, offset)
    # In an `ns` form it is the namespace that this declares.
    here = await repl.loaded_namespace(names.ns, family, _left(deadline))
    if here is not None:
        ns, text = here, _as_imported(names, text)
    is_known = await is_known_name(repl, snapshot, offset, text, ns, _left(deadline))
    return SymbolQuery(text, ns, family, is_known)


async def is_known_name(
    repl: Repl, snapshot: Snapshot, offset: int, text: str, ns: str | None, timeout: float
) -> bool:
    """
    Whether the program may be asked about a dotted name, or what begins so: see `may_load`.

    It has the namespace before the slash, or in Basilisp the Python module, whose import by the
    namespace that is asked in (`ns`) has been run. Raises `ConnectionLost`.
    """
    qualifier = qualifier_of(text)
    names = names_at(snapshot, offset) if snapshot.language is BASILISP else None
    if names is not None and names.ns == ns is not None:
        modules = names.imports.values()
        if any(f"{qualifier}.".startswith(f"{module}.") for module in modules):
            return True
    if "/" not in text:
        # A namespace of that name does not help: a class may have it too (`gen-class`).
        return False
    return await _is_loaded(repl, qualifier, family_of(snapshot.language), timeout)


def family_of(language: Language) -> str:
    """
    The family whose snippets a document's program may be asked by; "" for none.

    EDN is no program: what is beside it may be of any language.
    """
    return "" if language is EDN else language.family


def _as_imported(names: Names, text: str) -> str:
    """A class by the short name that its namespace knows it by, which loads nothing."""
    qualifier = qualifier_of(text)
    for short, full in names.imports.items():
        if full == qualifier and "." not in short:
            return text.replace(full, short, 1)
    return text


async def namespace_info(
    ls: "NreplLanguageServer", repl: Repl, name: str, snapshot: Snapshot, timeout: float
) -> SymbolInfo | None:
    """What the program says of a namespace; None at once for one that it has not."""
    family = family_of(snapshot.language)
    deadline = time.monotonic() + timeout
    try:
        ns = await repl.loaded_namespace(name, family, timeout)
        if ns is None:
            return None
        query = SymbolQuery(ns, None, family, is_known=True)
        return await repl.ask(NAMESPACE_INFO, query, timeout=_left(deadline))
    except NreplError as error:
        ls.log.info("no answer for %s: %s", name, error)
        return None


async def _spelled_out(
    repl: Repl, snapshot: Snapshot, offset: int, text: str, timeout: float
) -> str | None:
    """
    A symbol with its whole namespace, for where the program does not know what it is called.

    The text itself where it says no namespace, or one that is not loaded (a class); None for what
    the text itself defines, of which the program may have another.
    """
    names = names_at(snapshot, offset)
    ns, name = resolve(names, text, defined_names(snapshot, names.ns))
    if ns is None:
        ns, _ = defined_as(snapshot, offset, text)
        return text if ns is None or ns != names.ns else None
    if ns == names.ns:
        return None
    is_loaded = await _is_loaded(repl, ns, family_of(snapshot.language), timeout)
    return f"{ns}/{name}" if is_loaded else text


async def _is_loaded(repl: Repl, ns: str, family: str, timeout: float) -> bool:
    return await repl.loaded_namespace(ns, family, timeout) is not None


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), LEAST_PATIENCE)
