"""Offers as `CodeAction`s or `Command`s, and the edits of those that were chosen."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from nrepl_lsp.source.document import Snapshot

from ..actions import clean_namespace
from ..applying import TEXT_CHANGED, EditUnavailableError, current
from ..edits import Change, workspace_edit
from ..structuring import shared_converter
from .offer import Offer

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["APPLY", "as_plain", "edit_for", "ready_edit"]

APPLY = "nrepl.applyAction"
"""The command of an action whose edit the editor cannot take from the action itself."""

_Maker = Callable[["NreplLanguageServer", Snapshot], Awaitable[list[Change] | str]]
_MAKERS: Mapping[str, _Maker] = {clean_namespace.MAKE: clean_namespace.changes}


def as_plain(
    ls: "NreplLanguageServer", snapshot: Snapshot, offer: Offer, *, is_whole_menu: bool
) -> dict[str, Any] | None:
    """
    An offer as plain LSP data; None when this client could not carry it out.

    snapshot: the document that the offer is for. is_whole_menu: whether no kind was asked for.
    """
    takes_edit = ls.client.code_action_literals and (
        offer.edit is not None
        or (offer.deferred is not None and ls.client.code_action_resolves_edits)
    )
    call = None if takes_edit else _call(ls, snapshot, offer)
    if not takes_edit and call is None:
        return None
    if not ls.client.code_action_literals:
        return call
    kind = offer.kind
    if is_whole_menu and kind.startswith("refactor"):
        # Helix 25.07 and VS Code put what is called so before evaluating, and in Helix the first
        # entry is chosen already: Enter would rewrite the code.
        kind = f"nrepl.{kind}"
    action: dict[str, Any] = {"title": offer.title, "kind": kind}
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


def _call(ls: "NreplLanguageServer", snapshot: Snapshot, offer: Offer) -> dict[str, Any] | None:
    if offer.command is not None:
        return {
            "title": offer.title,
            "command": offer.command,
            "arguments": [dict(offer.argument)],
        }
    if not ls.client.applies_edits:
        return None
    argument: dict[str, Any] = {"label": offer.title}
    if offer.edit is not None:
        # The edit itself names the version only where the client can say it.
        document = {"uri": snapshot.uri, "version": snapshot.version}
        argument |= {**document, "edit": offer.edit}
    else:
        argument["deferred"] = offer.deferred
    return {"title": offer.title, "command": APPLY, "arguments": [argument]}


async def edit_for(ls: "NreplLanguageServer", deferred: Any) -> dict[str, Any]:
    """
    The `WorkspaceEdit` of a deferred offer, as plain LSP data.

    deferred: the offer's data as the client gives it back. Raises `EditUnavailableError`.
    """
    given = deferred if isinstance(deferred, Mapping) else {}
    make, snapshot = _MAKERS.get(str(given.get("make"))), _named(ls, given)
    if make is None or snapshot is None:
        raise EditUnavailableError(TEXT_CHANGED)
    made = await make(ls, snapshot)
    if isinstance(made, str):
        raise EditUnavailableError(made)
    now = current(ls, snapshot)
    if now is None:
        raise EditUnavailableError(TEXT_CHANGED)
    return workspace_edit(ls, now, made)


def ready_edit(ls: "NreplLanguageServer", given: Mapping[str, Any]) -> Any:
    """The edit in a command's argument, for the text that is there now, whatever the edit is.

    Raises `EditUnavailableError`.
    """
    if _named(ls, given) is None:
        raise EditUnavailableError(TEXT_CHANGED)
    return given.get("edit")


def _named(ls: "NreplLanguageServer", given: Mapping[str, Any]) -> Snapshot | None:
    """The document that `uri` names, if it is at `version`."""
    uri = given.get("uri")
    snapshot = ls.documents.snapshot(uri) if isinstance(uri, str) else None
    if snapshot is None or snapshot.version != given.get("version"):
        return None
    return snapshot
