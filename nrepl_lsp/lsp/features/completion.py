"""`textDocument/completion`: what the running program and the text could put at the cursor."""

from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.completing.completion_items import completion_list
from nrepl_lsp.lsp.completing.completions import find_completions
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.symbols import Prefix, prefix_at

_EMPTY = Raw({"isIncomplete": False, "items": []})


async def completion(ls: NreplLanguageServer, params: types.CompletionParams) -> Raw:
    """Answer an empty list at once where nothing is found, so that another server's stands."""
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None:
        return _EMPTY
    ls.documents.notice(Place.at(uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    prefix = prefix_at(snapshot, offset)
    if prefix is None or not _is_wanted(prefix, params.context, snapshot.language):
        return _EMPTY
    found = await find_completions(ls, snapshot, offset, prefix)
    if not found.completions.candidates:
        return Raw({"isIncomplete": found.completions.is_incomplete, "items": []})
    data: dict[str, Any] = {"uri": uri}
    if found.ns is not None:
        data["ns"] = found.ns
    written = namespace_at(snapshot, prefix.replace.start)
    if "." in prefix.text or (written is not None and written != found.ns):
        # What a candidate is called where it was asked for has to be worked out again.
        data["offset"] = prefix.replace.start
    if found.qualifier:
        data["qualifier"] = found.qualifier
    return Raw(
        completion_list(
            found.completions,
            limit=ls.settings.completion_limit,
            replace=plain_range(ls, snapshot, *prefix.replace),
            data=data,
            client=ls.client,
            fence=snapshot.language.fence,
            deprecated=found.deprecated,
            snippets=ls.settings.completion_snippets and found.is_head,
        )
    )


def _is_wanted(prefix: Prefix, context: types.CompletionContext | None, language: Language) -> bool:
    """Whether a list is asked for by the user, or by a character that means something here."""
    if context is None or context.trigger_kind != types.CompletionTriggerKind.TriggerCharacter:
        return True
    # Typing alone should not fetch every name there is.
    return bool(prefix.text) and context.trigger_character in language.trigger_characters
