"""`textDocument/completion`: what the running program could put at the cursor."""

import time
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.convert import completion_list
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.lookup import LEAST_PATIENCE
from nrepl_lsp.lsp.protocol import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.symbols import completion_context, prefix_at
from nrepl_lsp.tooling.completion import COMPLETION, CompletionQuery
from nrepl_lsp.tooling.values import Completions

METHOD = types.TEXT_DOCUMENT_COMPLETION
OPTIONS = types.CompletionOptions(trigger_characters=["/", ".", ":"], resolve_provider=True)

_EMPTY = Raw({"isIncomplete": False, "items": []})


async def completion(ls: NreplLanguageServer, params: types.CompletionParams) -> Raw:
    """Answer an empty list at once with no REPL, so that another server's answer stands."""
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    repl = ls.repl_for(uri)
    if snapshot is None or repl is None:
        return _EMPTY
    ls.documents.notice(Place.at(uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    prefix = prefix_at(snapshot, offset)
    if prefix is None or (not prefix.text and not _is_invoked(params.context)):
        return _EMPTY
    answer = await _ask(ls, repl, snapshot, offset, prefix.text)
    if answer is None:
        return _EMPTY
    found, ns = answer
    (line, start), (end_line, end) = (
        snapshot.lines.position(place, ls.documents.encoding) for place in prefix.replace
    )
    replace = {
        "start": {"line": line, "character": start},
        "end": {"line": end_line, "character": end},
    }
    data: dict[str, Any] = {"uri": uri}
    if ns is not None:
        data["ns"] = ns
    limit = ls.settings.completion_limit
    return Raw(completion_list(found, limit=limit, replace=replace, data=data, client=ls.client))


async def _ask(
    ls: NreplLanguageServer, repl: Repl, snapshot: Snapshot, offset: int, prefix: str
) -> tuple[Completions, str | None] | None:
    family = snapshot.language.family
    timeout = ls.settings.completion_timeout
    deadline = time.monotonic() + timeout
    try:
        ns = await repl.namespace_to_ask(namespace_at(snapshot, offset), family, timeout)
        context = completion_context(snapshot, offset) if repl.takes_context else None
        query = CompletionQuery(prefix, ns, context, family)
        remaining = max(deadline - time.monotonic(), LEAST_PATIENCE)
        found = await repl.ask(COMPLETION, query, timeout=remaining)
    except NreplError as error:
        ls.log.info("no completions for %s: %s", prefix, error)
        return None
    return (found, ns) if found is not None else None


def _is_invoked(context: types.CompletionContext | None) -> bool:
    """Whether the user asked for the list; typing alone should not fetch every name there is."""
    return context is None or context.trigger_kind == types.CompletionTriggerKind.Invoked
