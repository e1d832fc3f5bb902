"""What the symbol at a place means, by its text and by the running program together."""

import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.naming.names import defined_names, names_at
from nrepl_lsp.source.naming.references import Named, named_at
from nrepl_lsp.tooling.references import XrefQuery
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO, SymbolQuery
from nrepl_lsp.tooling.values import SourceLocation, SymbolInfo
from nrepl_lsp.tooling.variants import Question

from ..lookup import LEAST_PATIENCE, symbol_info

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

Answer = TypeVar("Answer")

__all__ = ["Meaning", "Patience", "ask_about", "info_of", "meaning_of"]

_OF_VARS = ("function", "macro", "variable", "special-form")


class Patience:
    """Until when a request waits for all that it asks."""

    def __init__(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; always some, so that what is quick is answered."""
        return max(self.deadline - time.monotonic(), LEAST_PATIENCE)

    @property
    def is_over(self) -> bool:
        """Whether nothing more should be begun."""
        return time.monotonic() > self.deadline


class Meaning(NamedTuple):
    """
    What a symbol means, and what the program says of it, if it was asked and knows it.

    kind: of the same words as `SymbolInfo.kind`, "" when it is not known.
    """

    named: Named
    repl: Repl | None
    info: SymbolInfo | None = None

    @property
    def kind(self) -> str:
        return self.info.kind if self.info is not None else ""

    @property
    def location(self) -> SourceLocation | None:
        """Where the program says that it is defined."""
        return self.info.location if self.info is not None else None


async def meaning_of(
    ls: "NreplLanguageServer", snapshot: Snapshot, offset: int, patience: Patience
) -> Meaning | None:
    """
    What the symbol at an offset means; None where there is none. Locals are for the caller.

    The program is asked only where the text does not say it, and for half of the time, so that a
    busy program leaves enough for the texts.
    """
    named = named_at(snapshot, offset) if snapshot.index is not None else None
    if named is None:
        return None
    repl = ls.repl_for(snapshot.uri)
    is_own = named.name in defined_names(snapshot, names_at(snapshot, offset).ns)
    if repl is None or named.is_certain or is_own:
        return Meaning(named, repl)
    found = await symbol_info(ls, snapshot, offset, patience.left / 2)
    info = found.info if found is not None else None
    if info is None:
        return Meaning(named, repl)
    if info.kind == "namespace":
        return Meaning(Named(None, info.name), repl, info)
    if info.ns is not None and info.kind in _OF_VARS:
        named = Named(info.ns, info.name)
    return Meaning(named, repl, info)


async def info_of(
    ls: "NreplLanguageServer", repl: Repl, named: Named, family: str, patience: Patience
) -> SymbolInfo | None:
    """What the program says of a name of one of its namespaces; None for others."""
    if named.ns is None:
        return None
    try:
        ns = await repl.loaded_namespace(named.ns, family, patience.left)
        if ns is None:
            return None
        query = SymbolQuery(f"{ns}/{named.name}", ns, family, is_known=True)
        info = await repl.ask(SYMBOL_INFO, query, timeout=patience.left)
    except NreplError as error:
        ls.log.info("no answer for %s: %s", named.name, error)
        return None
    return info if info is not None and info.name == named.name else None


async def ask_about(
    ls: "NreplLanguageServer",
    repl: Repl | None,
    question: Question[XrefQuery, Answer],
    named: Named,
    family: str,
    patience: Patience,
) -> Answer | None:
    """Ask about a name of a namespace that the program has; None at once for any other."""
    if repl is None or named.ns is None or not repl.dialect.can_answer(question):
        return None
    try:
        ns = await repl.loaded_namespace(named.ns, family, patience.left)
        if ns is None:
            return None
        return await repl.ask(question, XrefQuery(ns, named.name), timeout=patience.left)
    except NreplError as error:
        ls.log.info("no answer for %s: %s", named.name, error)
        return None
