"""`textDocument/rangeFormatting`: the forms in a selection, formatted."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_RANGE_FORMATTING


async def range_formatting(
    ls: NreplLanguageServer, params: types.DocumentRangeFormattingParams
) -> None:
    """Not there yet."""
