"""`textDocument/foldingRange`: what can be folded away."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_FOLDING_RANGE


async def folding_range(ls: NreplLanguageServer, params: types.FoldingRangeParams) -> None:
    """Not there yet."""
