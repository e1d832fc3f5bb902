"""The command that makes an action's edit, for editors that cannot take it from the action."""

from typing import Any

from nrepl_lsp.lsp.actions.code_actions import edit_for, ready_edit
from nrepl_lsp.lsp.applying import EditUnavailableError, apply_edit
from nrepl_lsp.lsp.server import NreplLanguageServer


async def apply_action(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """
    `nrepl.applyAction`: have the editor apply `edit`, or the edit that `deferred` stands for.

    uri, version: the document that `edit` is for; nothing is applied to another version.
    """
    given = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
    label = given.get("label")
    try:
        if "edit" in given:
            edit = ready_edit(ls, given)
        else:
            edit = await edit_for(ls, given.get("deferred"))
        applied = await apply_edit(ls, label if isinstance(label, str) else "nREPL", edit)
    except EditUnavailableError as why:
        ls.warn(str(why))
        return {"applied": False}
    return {"applied": applied}
