"""Having the editor apply an edit of a document, if its text is still the one that was read."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from nrepl_lsp.source.document import Snapshot

from .structuring import shared_converter

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["TEXT_CHANGED", "EditUnavailableError", "apply_edit", "current"]

#: Seconds for the client to say what came of an edit. Vim with ALE applies it and never answers.
APPLY_TIMEOUT = 3.0

TEXT_CHANGED = "The text has changed since the action was offered: try again."
UNREADABLE = "The edit cannot be read: choose the action in the menu again."


class EditUnavailableError(Exception):
    """Why there is no edit, as a sentence for the user."""


def current(ls: "NreplLanguageServer", snapshot: Snapshot) -> Snapshot | None:
    """The document now, perhaps at another version; None when its text is another."""
    now = ls.documents.snapshot(snapshot.uri)
    return now if now is not None and (now is snapshot or now.text == snapshot.text) else None


async def apply_edit(ls: "NreplLanguageServer", label: str, edit: Mapping[str, Any]) -> bool | None:
    """
    Have the editor apply an edit; a refusal is told to the user. None: it has not said.

    Raises `EditUnavailableError` for what is not a `WorkspaceEdit`.
    """
    try:
        params = shared_converter().structure(
            {"label": label, "edit": edit}, types.ApplyWorkspaceEditParams
        )
    except Exception as error:
        raise EditUnavailableError(UNREADABLE) from error
    try:
        async with asyncio.timeout(APPLY_TIMEOUT):
            answer = await ls.workspace_apply_edit_async(params)
    except TimeoutError:
        return None
    except Exception as error:
        ls.log.info("workspace/applyEdit: %r", error)
        ls.warn(f"The editor has not applied the edit: {label}.")
        return False
    if not answer.applied:
        why = f": {answer.failure_reason}" if answer.failure_reason else ""
        ls.warn(f"The editor has not applied the edit{why}.")
    return bool(answer.applied)
