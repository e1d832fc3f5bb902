"""What the program knows of the symbol at a place; hover, definition and resolve ask it here."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.naming.names import defined_names, names_at, resolve
from nrepl_lsp.source.naming.subjects import Subject, subject_at
from nrepl_lsp.source.symbols import Symbol
from nrepl_lsp.tooling.namespace_info import NAMESPACE_INFO
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO, SymbolQuery
from nrepl_lsp.tooling.values import SymbolInfo

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["LEAST_PATIENCE", "Found", "namespace_info", "subject_info", "symbol_info"]

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
    family = snapshot.language.family
    if subject.kind == "namespace" and family == _LISTED:
        info = await namespace_info(ls, repl, subject.namespace, snapshot, timeout)
        return Found(subject.symbol, info, repl) if info is not None else None
    deadline = time.monotonic() + timeout
    try:
        named = namespace_at(snapshot, subject.span.start)
        ns = await repl.namespace_to_ask(named, family, timeout)
        asked: str | None = subject.asked if family == _LISTED else subject.symbol.text
        if family == _LISTED and (subject.namespace or ns != named):
            asked = await _spelled_out(repl, snapshot, subject, deadline - time.monotonic())
        if asked is None:
            return None
        query = SymbolQuery(asked, ns, family)
        remaining = max(deadline - time.monotonic(), LEAST_PATIENCE)
        found = await repl.ask(SYMBOL_INFO, query, timeout=remaining)
    except NreplError as error:
        ls.log.info("no answer for %s: %s", subject.asked, error)
        return None
    return Found(subject.symbol, found, repl) if found is not None else None


async def namespace_info(
    ls: "NreplLanguageServer", repl: Repl, name: str, snapshot: Snapshot, timeout: float
) -> SymbolInfo | None:
    """What the program says of a namespace; None at once for one that it has not."""
    family = snapshot.language.family
    deadline = time.monotonic() + timeout
    try:
        ns = await repl.loaded_namespace(name, family, timeout)
        if ns is None:
            return None
        remaining = max(deadline - time.monotonic(), LEAST_PATIENCE)
        return await repl.ask(NAMESPACE_INFO, SymbolQuery(ns, None, family), timeout=remaining)
    except NreplError as error:
        ls.log.info("no answer for %s: %s", name, error)
        return None


async def _spelled_out(
    repl: Repl, snapshot: Snapshot, subject: Subject, timeout: float
) -> str | None:
    """
    The symbol with its whole namespace, for where the program does not know what it is called.

    The text itself where it says no namespace, or one that names no loaded one (a class); None
    for a name that the text says is of a namespace that is not loaded.
    """
    family = snapshot.language.family
    if subject.namespace:
        return subject.asked if await _is_loaded(repl, subject.namespace, family, timeout) else None
    names = names_at(snapshot, subject.span.start)
    ns, name = resolve(names, subject.asked, defined_names(snapshot, names.ns))
    if ns is not None and ns == names.ns:
        return None
    if ns is None:
        return subject.asked
    return f"{ns}/{name}" if await _is_loaded(repl, ns, family, timeout) else subject.asked


async def _is_loaded(repl: Repl, ns: str, family: str, timeout: float) -> bool:
    patience = max(timeout, LEAST_PATIENCE)
    return await repl.loaded_namespace(ns, family, patience) is not None
