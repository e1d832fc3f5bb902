"""`textDocument/declaration`: where a name is declared, which is where it is defined."""

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.locating.definitions import definition_answer
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer


async def declaration(ls: NreplLanguageServer, params: types.DeclarationParams) -> Raw | None:
    """Answer as `textDocument/definition` does, with places that every client takes."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    ls.documents.notice(Place.at(params.text_document.uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    answer = await definition_answer(ls, snapshot, offset, feature="declaration", links=False)
    return Raw(answer) if answer is not None else None
