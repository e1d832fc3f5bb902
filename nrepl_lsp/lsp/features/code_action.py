"""`textDocument/codeAction`: what can be done here, by the providers in `lsp/actions`."""

from collections.abc import AsyncIterator

from lsprotocol import types

from nrepl_lsp.lsp.actions import clean_namespace, evaluation, macros, namespace, structure
from nrepl_lsp.lsp.actions.code_actions import as_plain
from nrepl_lsp.lsp.actions.offer import Asked, Offer
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.protocol import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot

METHOD = types.TEXT_DOCUMENT_CODE_ACTION

KINDS = (
    *evaluation.KINDS,
    *namespace.KINDS,
    *macros.KINDS,
    *structure.KINDS,
    *clean_namespace.KINDS,
)

OPTIONS = types.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=True)


async def code_action(ls: NreplLanguageServer, params: types.CodeActionParams) -> Raw | None:
    """Answer what can be done here now, most wanted first; nothing that would only fail."""
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None:
        return None
    place = Place(uri, params.range)
    ls.documents.notice(place)
    asked = Asked.of(params.context)
    offers = [offer async for offer in _offers(ls, snapshot, place, asked)]
    wanted = (as_plain(ls, offer) for offer in offers if asked.wants(offer.kind))
    shown = [action for action in wanted if action is not None]
    return Raw(shown) if shown else None


async def _offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> AsyncIterator[Offer]:
    """What the providers of the wanted kinds offer: the program first, the text last."""
    # What is read off the text, another server beside us offers as well.
    is_alone = ls.settings.profile == "full"
    if asked.wants_any(evaluation.KINDS):
        for offer in evaluation.offers(ls, snapshot, place, asked):
            yield offer
    if is_alone and asked.wants_any(namespace.KINDS):
        for offer in await namespace.offers(ls, snapshot, place, asked):
            yield offer
    if asked.wants_any(macros.KINDS):
        for offer in await macros.offers(ls, snapshot, place, asked):
            yield offer
    if is_alone and asked.wants_any(structure.KINDS):
        for offer in structure.offers(ls, snapshot, place):
            yield offer
    if asked.wants_any(clean_namespace.KINDS):
        for offer in await clean_namespace.offers(ls, snapshot, asked):
            yield offer
