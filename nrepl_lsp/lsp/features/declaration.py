"""`textDocument/declaration`: where a name is declared, which is where it is defined."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_DECLARATION


async def declaration(ls: NreplLanguageServer, params: types.DeclarationParams) -> None:
    """Not there yet."""
