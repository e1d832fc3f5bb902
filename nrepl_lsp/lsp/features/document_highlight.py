"""`textDocument/documentHighlight`: the symbol under the cursor within its scope."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT


async def document_highlight(
    ls: NreplLanguageServer, params: types.DocumentHighlightParams
) -> None:
    """Not there yet."""
