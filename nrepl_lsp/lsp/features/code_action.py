"""
`textDocument/codeAction`: what can be done here, by the providers in `lsp/actions`.

The menu is in the order of `_ORDER`: what waits for the user, repairs, what is evaluated most, what
rewrites the text, and the rest. Helix and VS Code sort by kind before they look at the order; their
own groups (quick fixes, refactorings) then come first, and ours keep this order among themselves.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterable
from types import ModuleType
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.actions import (
    clean_namespace,
    comments,
    evaluation,
    inspector,
    macros,
    more,
    namespace,
    structure,
    tests,
    traces,
)
from nrepl_lsp.lsp.actions.code_actions import as_plain
from nrepl_lsp.lsp.actions.offer import Asked, Offer
from nrepl_lsp.lsp.actions.soon import PATIENCE
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.load_state.hints import stale_hints
from nrepl_lsp.lsp.load_state.program_forms import program_forms
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot

#: Those that answer at once.
PROVIDERS = (evaluation, traces, tests, comments, inspector, structure, more)

TESTS = "nrepl.test"

#: Entries of a menu that was not opened for one kind; what is more is had on the `ns` form.
MENU_LIMIT = 25

_ORDER = (
    *("nrepl.interrupt", "nrepl.input", "nrepl.trace", "quickfix", "nrepl.test.one"),
    *("nrepl.evaluate.selection", "nrepl.evaluate.form", "nrepl.evaluate.list"),
    *("nrepl.evaluate.topLevelForm", "nrepl.evaluate.changedForms", "nrepl.evaluate.comment"),
    *("nrepl.test", "nrepl.evaluate.file", "nrepl.inspect", "nrepl.evaluate.replace", "nrepl"),
    *("refactor", "source", "nrepl.more"),
)
"""Kinds with all below them, first to last; the longest that fits counts."""


async def code_action(ls: NreplLanguageServer, params: types.CodeActionParams) -> Raw | None:
    """Answer what can be done here now, most wanted first; nothing that would only fail."""
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None:
        return None
    program_forms(ls).notice(snapshot)
    stale_hints(ls).follow(ls, snapshot.uri)
    place = Place(uri, params.range)
    ls.documents.notice(place)
    asked = Asked.of(params.context)
    offers = await _offers(ls, snapshot, place, asked)
    if asked.is_automatic and asked.only is None:
        # That a test can be run is no news, that one has failed is.
        offers = [one for one in offers if not one.kind.startswith(TESTS) or one.diagnostics]
    offers.sort(key=_rank)
    shown: dict[str, dict[str, Any]] = {}
    for offer in offers:
        # Eglot offers each title once.
        if asked.wants(offer.kind) and offer.title not in shown:
            action = as_plain(ls, snapshot, offer, is_whole_menu=asked.only is None)
            if action is not None:
                shown[offer.title] = action
    limit = MENU_LIMIT if asked.only is None else None
    return Raw(list(shown.values())[:limit]) if shown else None


async def _offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> list[Offer]:
    """What the providers of the wanted kinds offer."""
    # What is read off the text, another server beside us offers as well.
    is_alone = ls.settings.profile == "full"
    is_text_of_ours = evaluation.is_made_here(ls, place.uri)
    deadline = time.monotonic() + PATIENCE
    waiting: list[Awaitable[Iterable[Offer]]] = []
    if is_alone and asked.wants_any(namespace.KINDS) and not is_text_of_ours:
        waiting.append(namespace.offers(ls, snapshot, place, asked, deadline))
    if asked.wants_any(macros.KINDS):
        waiting.append(macros.offers(ls, snapshot, place, asked, deadline))
    if asked.wants_any(clean_namespace.KINDS) and not is_text_of_ours:
        waiting.append(clean_namespace.offers(ls, snapshot, asked, deadline))
    async with asyncio.TaskGroup() as together:
        tasks = [together.create_task(_listed(ls, one)) for one in waiting]
        if asked.wants("nrepl.evaluate.file") and not asked.is_automatic:
            await _know_load_state(ls, snapshot)
    found = [offer for task in tasks for offer in task.result()]
    for provider in _at_once(ls, snapshot, asked, is_text_of_ours=is_text_of_ours):
        if asked.wants_any(provider.KINDS) and (is_alone or provider is not structure):
            found += _offered(ls, provider, snapshot, place, asked)
    return found


def _at_once(
    ls: NreplLanguageServer, snapshot: Snapshot, asked: Asked, *, is_text_of_ours: bool
) -> tuple[ModuleType, ...]:
    """The providers that have something to say in such a document."""
    if is_text_of_ours:
        # It is there to be read: a page of the inspector leads on, nothing else is to be done.
        return (evaluation, inspector) if inspector.is_page(ls, snapshot) else (evaluation,)
    if snapshot.index is None and asked.only is None:
        return (evaluation, traces)
    return PROVIDERS


async def _listed(ls: NreplLanguageServer, offers: Awaitable[Iterable[Offer]]) -> list[Offer]:
    """What one provider offers; when it fails, the menu is there all the same."""
    try:
        return list(await offers)
    except Exception:
        ls.log.exception("code actions")
        return []


async def _know_load_state(ls: NreplLanguageServer, snapshot: Snapshot) -> None:
    """Know in time whether the file is loaded, for what is offered of it."""
    try:
        await program_forms(ls).ask(ls, snapshot, PATIENCE)
    except Exception:
        ls.log.exception("code actions")


def _offered(
    ls: NreplLanguageServer, provider: ModuleType, snapshot: Snapshot, place: Place, asked: Asked
) -> list[Offer]:
    """What one provider offers; when it fails, the menu is there all the same."""
    try:
        return list(provider.offers(ls, snapshot, place, asked))
    except Exception:
        ls.log.exception("code actions: %s", provider.__name__)
        return []


def _rank(offer: Offer) -> int:
    if offer.is_first:
        return -1
    kind = offer.kind
    while kind and kind not in _ORDER:
        kind = kind.rpartition(".")[0]
    return _ORDER.index(kind) if kind else len(_ORDER)
