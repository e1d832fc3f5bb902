"""The command that makes an action's edit, for editors that cannot take it from the action."""

from typing import Any

from nrepl_lsp.lsp.actions.code_actions import EditUnavailableError, apply_edit, edit_for, tell
from nrepl_lsp.lsp.server import NreplLanguageServer


async def apply_action(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.applyAction`: have the editor apply `edit`, or the edit that `deferred` stands for."""
    given = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
    label = given.get("label")
    edit = given.get("edit")
    try:
        if edit is None:
            edit = await edit_for(ls, given.get("deferred"))
        applied = await apply_edit(ls, label if isinstance(label, str) else "nREPL", edit)
    except EditUnavailableError as why:
        tell(ls, str(why))
        return {"applied": False}
    return {"applied": applied}
