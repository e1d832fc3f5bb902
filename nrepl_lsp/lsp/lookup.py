"""What the program knows of the symbol at a place; hover, definition and resolve ask it here."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.symbols import Symbol, symbol_at
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO, SymbolQuery
from nrepl_lsp.tooling.values import SymbolInfo

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["LEAST_PATIENCE", "Found", "symbol_info"]

#: Seconds that a question gets in any case, however long its namespace took to be found.
LEAST_PATIENCE = 0.05


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

    A lost connection and a late answer are None too. Cancelling stops listening.
    """
    repl = ls.repl_for(snapshot.uri)
    symbol = symbol_at(snapshot, offset) if repl is not None else None
    if repl is None or symbol is None or symbol.kind != "symbol":
        return None
    family = snapshot.language.family
    deadline = time.monotonic() + timeout
    try:
        ns = await repl.namespace_to_ask(namespace_at(snapshot, offset), family, timeout)
        query = SymbolQuery(symbol.text, ns, family)
        remaining = max(deadline - time.monotonic(), LEAST_PATIENCE)
        info = await repl.ask(SYMBOL_INFO, query, timeout=remaining)
    except NreplError as error:
        ls.log.info("no answer for %s: %s", symbol.text, error)
        return None
    return Found(symbol, info, repl) if info is not None else None
