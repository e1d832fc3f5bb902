"""`textDocument/documentSymbol`: the definitions in a text."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_DOCUMENT_SYMBOL


async def document_symbol(ls: NreplLanguageServer, params: types.DocumentSymbolParams) -> None:
    """Not there yet."""
