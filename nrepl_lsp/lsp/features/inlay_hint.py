"""`textDocument/inlayHint`: results beside the code."""

from lsprotocol import types

from nrepl_lsp.lsp.protocol import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer


async def inlay_hint(ls: NreplLanguageServer, params: types.InlayHintParams) -> Raw | None:
    """Answer None where there is nothing to show."""
    return None
