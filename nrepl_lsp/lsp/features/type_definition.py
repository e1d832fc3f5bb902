"""`textDocument/typeDefinition`: the protocols of a type, the protocol of a method."""

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.locating.meanings import Patience
from nrepl_lsp.lsp.locating.protocols import subject_at, types_of
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.locals.scopes import local_at


async def type_definition(
    ls: NreplLanguageServer, params: types.TypeDefinitionParams
) -> Raw | None:
    """Answer their names' places; None for a local, whose type nobody knows."""
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
    found = await types_of(ls, snapshot, subject, patience)
    locations = [
        {
            "uri": one.snapshot.uri,
            "range": plain_range(ls, one.snapshot, *one.definition.name_span),
        }
        for one in found
    ]
    return Raw(locations) if locations else None
