"""`workspace/symbol`: names of the programs and of open documents."""

from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.locating.meanings import Patience
from nrepl_lsp.lsp.locating.workspace_symbols import (
    SYMBOLS_LIMIT,
    Finder,
    FromProgram,
    in_texts,
    of_documents,
    of_programs,
    resolved,
    unplaced,
)
from nrepl_lsp.lsp.protocol import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.WORKSPACE_SYMBOL
RESOLVE = types.WORKSPACE_SYMBOL_RESOLVE


async def workspace_symbol(ls: NreplLanguageServer, params: types.WorkspaceSymbolParams) -> Raw:
    """
    Answer what open documents define, then what the programs know; bounded.

    Without a query it is what the documents define. Where the client cannot ask for a place when a
    symbol is chosen, only symbols are given whose place is known.
    """
    query = params.query.strip()
    symbols = of_documents(ls, query)
    if not query:
        return Raw(list(symbols.values()))
    patience = Patience(ls.settings.definition_timeout)
    finder, missing = Finder(ls, patience), list[FromProgram]()
    for qualified, found in (await of_programs(ls, query, patience)).items():
        if qualified in symbols or len(symbols) >= SYMBOLS_LIMIT:
            continue
        if found.place is None and ls.client.workspace_symbols_resolve:
            symbols[qualified] = unplaced(found)
        elif (location := await finder.location(found)) is not None:
            symbols[qualified] = {**found.symbol, "location": location}
        else:
            missing.append(found)
    for qualified, location in (await in_texts(ls, missing, patience)).items():
        symbol = next(it.symbol for it in missing if it.qualified == qualified)
        symbols[qualified] = {**symbol, "location": location}
    return Raw(list(symbols.values()))


async def resolve(ls: NreplLanguageServer, symbol: types.WorkspaceSymbol) -> Any:
    """Answer the symbol with its place; where there is none, say so and give it back."""
    patience = Patience(ls.settings.definition_timeout)
    location = await resolved(ls, symbol.data, patience)
    if location is None:
        text = f"No file is known that defines {symbol.name}."
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
        return symbol
    given = {"name": symbol.name, "kind": int(symbol.kind), "location": location}
    if symbol.container_name is not None:
        given["containerName"] = symbol.container_name
    return Raw(given)
