"""`textDocument/implementation`: what implements a protocol, a method of it, or a multimethod."""

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.locating.meanings import Patience
from nrepl_lsp.lsp.locating.protocols import implementations_of, subject_at
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.locals.scopes import local_at


async def implementation(ls: NreplLanguageServer, params: types.ImplementationParams) -> Raw | None:
    """Answer the types of a protocol, or the methods themselves; None where there are none."""
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None:
        return None
    ls.documents.notice(Place.at(uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    if local_at(snapshot, offset) is not None:
        return None
    patience = Patience(ls.settings.definition_timeout)
    subject = await subject_at(ls, snapshot, offset, patience)
    if subject is None:
        return None
    found = await implementations_of(ls, snapshot, subject, patience)
    locations = [
        {"uri": text.uri, "range": plain_range(ls, text, *span)}
        for text, spans in found
        for span in spans
    ]
    return Raw(locations) if locations else None
