"""`workspace/symbol`: names of the programs, of open documents and of the projects' files."""

import asyncio
from itertools import islice
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.locating.meanings import Patience
from nrepl_lsp.lsp.locating.workspace_symbols import (
    Finder,
    FromProgram,
    in_texts,
    of_programs,
    resolved,
    unplaced,
)
from nrepl_lsp.lsp.locating.workspace_texts import SYMBOLS_LIMIT, of_closed_files, of_documents
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer


async def workspace_symbol(ls: NreplLanguageServer, params: types.WorkspaceSymbolParams) -> Raw:
    """
    Answer what open documents define, then the other files, then what programs know; bounded.

    Without a query it is what the documents define. Where the client cannot ask for a place when a
    symbol is chosen, only symbols are given whose place is known. Beside a server that reads the
    files it is what the programs know and no text of the project defines.
    """
    query = params.query.strip()
    settings = ls.settings
    is_left = settings.profile == "complement" and not settings.features.get("workspaceSymbol")
    in_project = of_documents(ls, query)
    if not query:
        return Raw([] if is_left else list(in_project.values())[:SYMBOLS_LIMIT])
    patience = Patience(settings.definition_timeout)
    closed, known = await asyncio.gather(
        of_closed_files(ls, query, patience), of_programs(ls, query, patience)
    )
    for qualified, symbol in closed.items():
        in_project.setdefault(qualified, symbol)
    symbols = {} if is_left else dict(islice(in_project.items(), SYMBOLS_LIMIT))
    finder, missing = Finder(ls, patience), list[FromProgram]()
    for qualified, found in known.items():
        if qualified in in_project or len(symbols) >= SYMBOLS_LIMIT:
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
        ls.say(text)
        return symbol
    given = {"name": symbol.name, "kind": int(symbol.kind), "location": location}
    if symbol.container_name is not None:
        given["containerName"] = symbol.container_name
    return Raw(given)
