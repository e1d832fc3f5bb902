"""Code actions that show what a macro call becomes, and take that away again."""

import asyncio
import time

from nrepl_lsp.lsp.actions.soon import soon
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import plain_range, workspace_edit
from nrepl_lsp.lsp.lookup import symbol_query
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.source.calling.macro_calls import MacroCall, comment_at, macro_call_at
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.rewriting.namespace_edits import is_clojure
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO

from .offer import Asked, Offer

__all__ = ["KINDS", "offers"]

DOCUMENT = "refactor.expand.macro"
COMMENT = "refactor.expand.comment"
COLLAPSE = "refactor.collapse.macro"
KINDS = ("refactor", "refactor.expand", DOCUMENT, COMMENT, "refactor.collapse", COLLAPSE)

COMMAND = "nrepl.macroexpand"


async def offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked, deadline: float
) -> list[Offer]:
    """
    Expanding the call whose brackets or name the cursor is on, or taking the comment away.

    Expanding runs the macro, so it is a command: an editor may ask for an edit before it is chosen.
    deadline: of `time.monotonic`.
    """
    if not is_clojure(snapshot.language):
        return []
    cursor = ls.documents.cursor(snapshot, place.range)
    call = macro_call_at(snapshot, cursor)
    if call is not None and not _is_on(call, cursor):
        call = None
    comment = comment_at(snapshot, call, cursor)
    if comment is not None:
        edit = workspace_edit(ls, snapshot, [(comment.start, comment.end, "")])
        return [Offer(COLLAPSE, "Collapse macro expansion", edit=edit)]
    if call is None or asked.is_automatic or not asked.wants_any((DOCUMENT, COMMENT)):
        return []
    if not await _is_macro(ls, snapshot, call, deadline):
        return []
    position = plain_range(ls, snapshot, call.span.start, call.span.start)["start"]
    argument = {"uri": snapshot.uri, "position": position}
    found = [Offer(DOCUMENT, "Expand macro call (read-only document)", COMMAND, argument)]
    if ls.client.applies_edits:
        into = {**argument, "into": "comment"}
        found.append(Offer(COMMENT, "Expand macro into a comment", COMMAND, into))
    return found


def _is_on(call: MacroCall, cursor: int) -> bool:
    return call.span.start <= cursor <= call.head_span.end or cursor == call.span.end


async def _is_macro(
    ls: NreplLanguageServer, snapshot: Snapshot, call: MacroCall, deadline: float
) -> bool:
    """Whether the program says in time that the head is a macro, and can expand the call."""
    repl = ls.repl_for(snapshot.uri)
    if repl is None:
        return False
    try:
        left = max(0.0, deadline - time.monotonic())
        async with asyncio.timeout(left):
            ns, family = namespace_at(snapshot, call.span.start), snapshot.language.family
            if ns is not None and await repl.loaded_namespace(ns, family, left) is None:
                # Nothing is expanded there, whatever the head is: see `nrepl.macroexpand`.
                return False
            query = await symbol_query(repl, snapshot, call.head_span.start, call.head, left)
    except (NreplError, TimeoutError):
        return False
    if query is None:
        return False
    answer = await soon(repl, SYMBOL_INFO, query, deadline)
    info = answer[0] if answer is not None else None
    return info is not None and (info.macro or info.kind == "macro")
