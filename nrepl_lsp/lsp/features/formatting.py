"""`textDocument/formatting`: the program's own formatter, as the smallest edits."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_FORMATTING


async def formatting(ls: NreplLanguageServer, params: types.DocumentFormattingParams) -> None:
    """Not there yet."""
