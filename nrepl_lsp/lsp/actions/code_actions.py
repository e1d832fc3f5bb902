"""Offers as `CodeAction`s or `Command`s, and the edits of those that were chosen."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from nrepl_lsp.source.document import Snapshot

from ..actions import clean_namespace
from ..edits import Change, workspace_edit
from ..protocol import shared_converter
from .offer import Offer

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["APPLY", "EditUnavailableError", "apply_edit", "as_plain", "edit_for"]

APPLY = "nrepl.applyAction"
"""The command of an action whose edit the editor cannot take from the action itself."""

#: Seconds for the client to say what came of an edit. Vim with ALE applies it and never answers.
APPLY_TIMEOUT = 3.0

TEXT_CHANGED = "The text has changed since the action was offered: try again."

_Maker = Callable[["NreplLanguageServer", Snapshot], Awaitable[list[Change] | str]]
_MAKERS: Mapping[str, _Maker] = {clean_namespace.MAKE: clean_namespace.changes}


class EditUnavailableError(Exception):
    """Why there is no edit, as a sentence for the user."""


def as_plain(ls: "NreplLanguageServer", offer: Offer) -> dict[str, Any] | None:
    """An offer as plain LSP data; None when this client could not carry it out."""
    takes_edit = ls.client.code_action_literals and (
        offer.edit is not None
        or (offer.deferred is not None and ls.client.code_action_resolves_edits)
    )
    call = None if takes_edit else _call(ls, offer)
    if not takes_edit and call is None:
        return None
    if not ls.client.code_action_literals:
        return call
    action: dict[str, Any] = {"title": offer.title, "kind": offer.kind}
    if call is not None:
        action["command"] = call
    elif offer.edit is not None:
        action["edit"] = offer.edit
    else:
        action["data"] = offer.deferred
    if offer.is_preferred:
        action["isPreferred"] = True
    if offer.diagnostics:
        action["diagnostics"] = shared_converter().unstructure(list(offer.diagnostics))
    return action


def _call(ls: "NreplLanguageServer", offer: Offer) -> dict[str, Any] | None:
    if offer.command is not None:
        return {
            "title": offer.title,
            "command": offer.command,
            "arguments": [dict(offer.argument)],
        }
    if not ls.client.applies_edits:
        return None
    what = {"edit": offer.edit} if offer.edit is not None else {"deferred": offer.deferred}
    argument = {"label": offer.title, **what}
    return {"title": offer.title, "command": APPLY, "arguments": [argument]}


async def edit_for(ls: "NreplLanguageServer", deferred: Any) -> dict[str, Any]:
    """
    The `WorkspaceEdit` of a deferred offer, as plain LSP data.

    deferred: the offer's data as the client gives it back. Raises `EditUnavailableError`.
    """
    given = deferred if isinstance(deferred, Mapping) else {}
    make, uri = _MAKERS.get(str(given.get("make"))), given.get("uri")
    snapshot = ls.documents.snapshot(uri) if isinstance(uri, str) else None
    if make is None or snapshot is None or snapshot.version != given.get("version"):
        raise EditUnavailableError(TEXT_CHANGED)
    made = await make(ls, snapshot)
    if isinstance(made, str):
        raise EditUnavailableError(made)
    if not is_current(ls, snapshot):
        raise EditUnavailableError(TEXT_CHANGED)
    return workspace_edit(ls, snapshot, made)


def is_current(ls: "NreplLanguageServer", snapshot: Snapshot) -> bool:
    """Whether a document is still as it was when the snapshot was taken."""
    now = ls.documents.snapshot(snapshot.uri)
    return now is not None and (now is snapshot or now.text == snapshot.text)


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
        raise EditUnavailableError("This is no edit.") from error
    try:
        async with asyncio.timeout(APPLY_TIMEOUT):
            answer = await ls.workspace_apply_edit_async(params)
    except TimeoutError:
        return None
    except Exception as error:
        ls.log.info("workspace/applyEdit: %r", error)
        tell(ls, f"The editor has not applied the edit: {label}.")
        return False
    if not answer.applied:
        why = f": {answer.failure_reason}" if answer.failure_reason else ""
        tell(ls, f"The editor has not applied the edit{why}.")
    return bool(answer.applied)


def tell(ls: "NreplLanguageServer", text: str) -> None:
    """Show the user why nothing happened: many editors ignore a command's reply."""
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
