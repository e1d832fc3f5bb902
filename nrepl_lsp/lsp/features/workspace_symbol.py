"""`workspace/symbol`: names of the program and of open documents."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.WORKSPACE_SYMBOL


async def workspace_symbol(ls: NreplLanguageServer, params: types.WorkspaceSymbolParams) -> None:
    """Not there yet."""
