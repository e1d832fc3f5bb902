"""Changes of a document's text as LSP's edits, as small as they can be."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nrepl_lsp.source.document import Snapshot

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["Change", "plain_range", "text_edits", "workspace_edit"]

Change = tuple[int, int, str]
"""What is between two offsets of a text is replaced by a new text."""


def plain_range(
    ls: "NreplLanguageServer", snapshot: Snapshot, start: int, end: int
) -> dict[str, Any]:
    """Two offsets as a `Range`, as plain LSP data."""
    lines, encoding = snapshot.lines, ls.documents.encoding
    line, column = lines.position(start, encoding)
    end_line, end_column = lines.position(end, encoding)
    return {
        "start": {"line": line, "character": column},
        "end": {"line": end_line, "character": end_column},
    }


def text_edits(
    ls: "NreplLanguageServer", snapshot: Snapshot, changes: Sequence[Change]
) -> list[dict[str, Any]]:
    """Changes that do not overlap as `TextEdit`s, as plain LSP data."""
    return [
        {"range": plain_range(ls, snapshot, start, end), "newText": text}
        for start, end, text in changes
    ]


def workspace_edit(
    ls: "NreplLanguageServer", snapshot: Snapshot, changes: Sequence[Change]
) -> dict[str, Any]:
    """A `WorkspaceEdit` of one document, for its version where the client can say it."""
    edits = text_edits(ls, snapshot, changes)
    if not ls.client.document_changes:
        return {"changes": {snapshot.uri: edits}}
    document = {"uri": snapshot.uri, "version": snapshot.version}
    return {"documentChanges": [{"textDocument": document, "edits": edits}]}
