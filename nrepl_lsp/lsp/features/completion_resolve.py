"""`completionItem/resolve`: the documentation of one candidate."""

import time
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.explaining.markdown import documentation, hover_text
from nrepl_lsp.lsp.lookup import LEAST_PATIENCE
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.source.languages import for_document
from nrepl_lsp.tooling.symbol_info import COMPLETION_DOC, SymbolQuery

METHOD = types.COMPLETION_ITEM_RESOLVE


async def completion_resolve(
    ls: NreplLanguageServer, item: types.CompletionItem
) -> types.CompletionItem:
    """
    Answer the item with what is known more; the item itself says where to ask.

    Locals, keywords and words of the text have data that says nothing, and come back as they are.
    """
    data = item.data
    if not isinstance(data, dict) or not isinstance(data.get("uri"), str):
        return item
    uri, ns = data["uri"], data.get("ns")
    symbol = _symbol(item.label, data)
    repl = ls.repl_for(uri)
    if repl is None:
        return item
    snapshot = ls.documents.snapshot(uri)
    language = snapshot.language if snapshot is not None else for_document("", uri)
    timeout = ls.settings.hover_timeout
    deadline = time.monotonic() + timeout
    try:
        # The candidate may be of a program that was attached before.
        given = ns if isinstance(ns, str) else None
        ns = await repl.namespace_to_ask(given, language.family, timeout)
        query = SymbolQuery(symbol, ns, language.family)
        remaining = max(deadline - time.monotonic(), LEAST_PATIENCE)
        info = await repl.ask(COMPLETION_DOC, query, timeout=remaining)
    except NreplError as error:
        ls.log.info("no documentation for %s: %s", symbol, error)
        return item
    if info is None:
        return item
    markdown = ls.client.completion_markdown
    text = (
        hover_text(info, language, markdown=True)
        if markdown
        else documentation(info, markdown=False)
    )
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    if text:
        item.documentation = types.MarkupContent(kind, text)
    if item.detail is None and info.arglists:
        item.detail = " ".join(info.arglists)
    return item


def _symbol(label: str, data: dict[str, Any]) -> str:
    """What a label stands for: an alias for its namespace, a name in `:refer [|]` for its var."""
    symbol, qualifier = data.get("symbol"), data.get("qualifier")
    if isinstance(symbol, str):
        return symbol
    return qualifier + label if isinstance(qualifier, str) else label
