"""`textDocument/hover`: the name under the cursor, and what its form came to."""

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.explaining.hovers import hover_at
from nrepl_lsp.lsp.explaining.result_hovers import with_result
from nrepl_lsp.lsp.explaining.text_hovers import text_hover_at
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.showing.result_marks import OWNER


async def hover(ls: NreplLanguageServer, params: types.HoverParams) -> Raw | None:
    """Answer None, not an empty text, when there is nothing to say: Eglot's timer dies on `""`."""
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None:
        return None
    ls.documents.notice(Place.at(uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    markdown = ls.client.hover_markdown
    found = await hover_at(ls, snapshot, offset, markdown=markdown)
    if found is None and ls.settings.profile == "full":
        # A server that reads files says it beside this one.
        found = text_hover_at(snapshot, offset, markdown=markdown)
    # Of what was evaluated while the program was asked, the text may have moved.
    if ls.marks.of(uri, OWNER) and snapshot is ls.documents.snapshot(uri):
        found = with_result(ls, snapshot, offset, found, markdown=markdown)
    if found is None:
        return None
    return Raw(
        {
            "contents": {"kind": "markdown" if markdown else "plaintext", "value": found.text},
            "range": plain_range(ls, snapshot, *found.span),
        }
    )
