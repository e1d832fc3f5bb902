"""`codeAction/resolve`: the edit of an action that was chosen, or is shown before it is."""

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from nrepl_lsp.lsp.actions.code_actions import edit_for
from nrepl_lsp.lsp.applying import EditUnavailableError
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.structuring import shared_converter


async def code_action_resolve(
    ls: NreplLanguageServer, params: types.CodeAction
) -> types.CodeAction | Raw:
    """Give an action its edit. VS Code resolves those that need none, too."""
    if params.data is None:
        return params
    try:
        edit = await edit_for(ls, params.data)
    except EditUnavailableError as why:
        raise JsonRpcException(str(why), types.LSPErrorCodes.RequestFailed) from None
    return Raw({**shared_converter().unstructure(params), "edit": edit})
