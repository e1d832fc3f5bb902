"""`textDocument/selectionRange`: ever larger forms around a cursor."""

from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.selection import selections


async def selection_range(
    ls: NreplLanguageServer, params: types.SelectionRangeParams
) -> Raw | None:
    """Answer one range for each position, in their order; each has its parents in it."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    return Raw([_selection(ls, snapshot, position) for position in params.positions])


def _selection(
    ls: NreplLanguageServer, snapshot: Snapshot, position: types.Position
) -> dict[str, Any]:
    parent: dict[str, Any] | None = None
    found: dict[str, Any] = {}
    for start, end in reversed(selections(snapshot, ls.documents.offset(snapshot, position))):
        found = {"range": plain_range(ls, snapshot, start, end)}
        if parent is not None:
            found["parent"] = parent
        parent = found
    return found
