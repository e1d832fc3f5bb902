"""`textDocument/formatting`: the program's own formatter, as the smallest edits."""

from lsprotocol import types

from nrepl_lsp.lsp.formatting import formatting_edits
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer


async def formatting(ls: NreplLanguageServer, params: types.DocumentFormattingParams) -> Raw | None:
    """Format everything; None when no program does it, or the code is not whole."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    edits = await formatting_edits(ls, snapshot, params.options)
    return Raw(edits) if edits is not None else None
