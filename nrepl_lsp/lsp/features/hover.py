"""`textDocument/hover`: what the running program knows of the symbol under the cursor."""

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.lookup import symbol_info
from nrepl_lsp.lsp.markdown import hover_text
from nrepl_lsp.lsp.protocol import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_HOVER


async def hover(ls: NreplLanguageServer, params: types.HoverParams) -> Raw | None:
    """Answer None, not an empty text, when there is nothing to say: Eglot's timer dies on `""`."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    ls.documents.notice(Place.at(params.text_document.uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    found = await symbol_info(ls, snapshot, offset, ls.settings.hover_timeout)
    if found is None:
        return None
    markdown = ls.client.hover_markdown
    text = hover_text(found.info, snapshot.language, markdown=markdown)
    (line, start), (end_line, end) = (
        snapshot.lines.position(place, ls.documents.encoding) for place in found.symbol.span
    )
    return Raw(
        {
            "contents": {"kind": "markdown" if markdown else "plaintext", "value": text},
            "range": {
                "start": {"line": line, "character": start},
                "end": {"line": end_line, "character": end},
            },
        }
    )
