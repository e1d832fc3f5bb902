"""`textDocument/selectionRange`: ever larger forms around a cursor."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_SELECTION_RANGE


async def selection_range(ls: NreplLanguageServer, params: types.SelectionRangeParams) -> None:
    """Not there yet."""
