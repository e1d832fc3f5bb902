"""`textDocument/implementation`: what implements a protocol or a multimethod."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_IMPLEMENTATION


async def implementation(ls: NreplLanguageServer, params: types.ImplementationParams) -> None:
    """Not there yet."""
