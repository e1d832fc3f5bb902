"""`textDocument/prepareRename` and `textDocument/rename`: names that only this text knows."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

PREPARE = types.TEXT_DOCUMENT_PREPARE_RENAME
METHOD = types.TEXT_DOCUMENT_RENAME


async def prepare_rename(ls: NreplLanguageServer, params: types.PrepareRenameParams) -> None:
    """Not there yet."""


async def rename(ls: NreplLanguageServer, params: types.RenameParams) -> None:
    """Not there yet."""
