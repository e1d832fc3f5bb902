"""`textDocument/definition`: where a name is defined."""

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.locating.definitions import definition_answer
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer


async def definition(ls: NreplLanguageServer, params: types.DefinitionParams) -> Raw | None:
    """Answer places in files that every editor can open, or None."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    ls.documents.notice(Place.at(params.text_document.uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    links = ls.client.definition_links
    answer = await definition_answer(ls, snapshot, offset, feature="definition", links=links)
    return Raw(answer) if answer is not None else None
