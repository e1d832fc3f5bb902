"""`textDocument/inlayHint`: results beside the code."""

from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.explaining.result_texts import result_tooltip
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.showing.result_marks import ResultMark


async def inlay_hint(ls: NreplLanguageServer, params: types.InlayHintParams) -> Raw | None:
    """Answer None where there is nothing to show. The request says that hints are shown here."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    marks = ls.results.hints(snapshot.uri)
    start, end = params.range.start, params.range.end
    asked = ((start.line, start.character), (end.line, end.character))
    hints = [
        _hint(ls, mark, snapshot.language.fence)
        for mark in marks
        if asked[0] <= mark.code.stretch[1] <= asked[1]
    ]
    return Raw(hints) if hints else None


def _hint(ls: NreplLanguageServer, mark: ResultMark, fence: str) -> dict[str, Any]:
    line, column = mark.code.stretch[1]
    markdown = ls.client.hover_markdown
    return {
        "position": {"line": line, "character": column},
        "label": mark.hint,
        "paddingLeft": True,
        "tooltip": {
            "kind": "markdown" if markdown else "plaintext",
            "value": result_tooltip(mark.outcome, fence, markdown=markdown),
        },
    }
