"""`textDocument/codeAction`: what can be done here, by the providers in `lsp/actions`."""

import asyncio
import time

from lsprotocol import types

from nrepl_lsp.lsp.actions import clean_namespace, evaluation, macros, namespace, structure
from nrepl_lsp.lsp.actions.code_actions import as_plain
from nrepl_lsp.lsp.actions.offer import Asked, Offer
from nrepl_lsp.lsp.actions.soon import PATIENCE
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.protocol import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot


async def code_action(ls: NreplLanguageServer, params: types.CodeActionParams) -> Raw | None:
    """Answer what can be done here now, most wanted first; nothing that would only fail."""
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None:
        return None
    place = Place(uri, params.range)
    ls.documents.notice(place)
    asked = Asked.of(params.context)
    offers = await _offers(ls, snapshot, place, asked)
    wanted = (as_plain(ls, snapshot, offer) for offer in offers if asked.wants(offer.kind))
    shown = [action for action in wanted if action is not None]
    return Raw(shown) if shown else None


async def _offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> list[Offer]:
    """What the providers of the wanted kinds offer: the program first, the text last."""
    # What is read off the text, another server beside us offers as well.
    is_alone = ls.settings.profile == "full"
    deadline = time.monotonic() + PATIENCE
    async with asyncio.TaskGroup() as together:
        first, last = [], []
        if is_alone and asked.wants_any(namespace.KINDS):
            fixes = namespace.offers(ls, snapshot, place, asked, deadline)
            first.append(together.create_task(fixes))
        if asked.wants_any(macros.KINDS):
            expansions = macros.offers(ls, snapshot, place, asked, deadline)
            first.append(together.create_task(expansions))
        if asked.wants_any(clean_namespace.KINDS):
            cleaning = clean_namespace.offers(ls, snapshot, asked, deadline)
            last.append(together.create_task(cleaning))
    found: list[Offer] = []
    if asked.wants_any(evaluation.KINDS):
        found += evaluation.offers(ls, snapshot, place, asked)
    found += [offer for task in first for offer in task.result()]
    if is_alone and asked.wants_any(structure.KINDS):
        found += structure.offers(ls, snapshot, place)
    return found + [offer for task in last for offer in task.result()]
