"""`codeAction/resolve`: the edit of an action that was chosen."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.CODE_ACTION_RESOLVE


async def code_action_resolve(ls: NreplLanguageServer, params: types.CodeAction) -> None:
    """Not there yet."""
