"""`textDocument/codeLens`: what can be done with the forms of a document, above them."""

from lsprotocol import types

from nrepl_lsp.lsp.protocol import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer


async def code_lens(ls: NreplLanguageServer, params: types.CodeLensParams) -> Raw | None:
    """Answer None where there is nothing to show."""
    return None
