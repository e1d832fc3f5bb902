"""`textDocument/references`: where a symbol is used."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_REFERENCES


async def references(ls: NreplLanguageServer, params: types.ReferenceParams) -> None:
    """Not there yet."""
