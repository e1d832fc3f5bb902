"""`textDocument/rangeFormatting`: the lines of a selection, formatted."""

from lsprotocol import types

from nrepl_lsp.lsp.formatting import formatting_edits
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.lexer import Span


async def range_formatting(
    ls: NreplLanguageServer, params: types.DocumentRangeFormattingParams
) -> Raw | None:
    """
    Format the top-level forms that a range touches, and keep what is on its lines.

    A part of a form is not formatted by itself: how it is indented depends on what it is in.
    """
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    lines = _lines(ls, snapshot, params.range)
    forms = _touched(snapshot, lines)
    if forms is None:
        return None
    edits = await formatting_edits(ls, snapshot, params.options, forms, lines)
    return Raw(edits) if edits is not None else None


def _lines(ls: NreplLanguageServer, snapshot: Snapshot, place: types.Range) -> Span:
    """The lines of a range, without the one that it ends before the first character of."""
    start, end = (ls.documents.offset(snapshot, edge) for edge in (place.start, place.end))
    start, end = min(start, end), max(start, end)
    lines = snapshot.lines
    first, (last, column) = lines.position(start, "utf-32")[0], lines.position(end, "utf-32")
    if last > first and column == 0:
        last -= 1
    return Span(
        lines.offset(first, 0, "utf-32"), lines.offset(last, len(lines.line_text(last)), "utf-32")
    )


def _touched(snapshot: Snapshot, lines: Span) -> Span | None:
    """From the first to the last top-level form on some lines, discarded ones as well."""
    index = snapshot.index
    if index is None:
        return None
    found = [
        (start, end)
        for start, end in zip(index.starts, index.ends, strict=True)
        if start < lines.end and end > lines.start
    ]
    return Span(found[0][0], found[-1][1]) if found else None
