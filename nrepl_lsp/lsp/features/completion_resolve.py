"""`completionItem/resolve`: the documentation of one candidate."""

from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.explaining.markdown import documentation, hover_text
from nrepl_lsp.lsp.lookup import ask_named, ask_symbol, family_of, namespace_info
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.tooling.class_loading import may_load
from nrepl_lsp.tooling.symbol_info import COMPLETION_DOC
from nrepl_lsp.tooling.values import SymbolInfo


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
    snapshot = ls.documents.snapshot(data["uri"])
    if snapshot is None:
        snapshot = Document(data["uri"], "", None, "").snapshot()
    language = snapshot.language
    info = await _info(ls, snapshot, data, _symbol(item.label, data))
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


async def _info(
    ls: NreplLanguageServer, snapshot: Snapshot, data: dict[str, Any], symbol: str
) -> SymbolInfo | None:
    """What the program says of a candidate: where it was typed, or in the namespace it was for."""
    repl, ns, place = ls.repl_for(snapshot.uri), data.get("ns"), data.get("offset")
    if repl is None:
        return None
    timeout = ls.settings.hover_timeout
    if "/" not in symbol and may_load(symbol, family_of(snapshot.language)):
        return await namespace_info(ls, repl, symbol, snapshot, timeout)
    if isinstance(place, int):
        # The text may have become shorter since.
        offset = max(0, min(place, len(snapshot.text)))
        return await ask_symbol(ls, repl, COMPLETION_DOC, snapshot, offset, symbol, timeout)
    # The candidate may be of a program that was attached before.
    given = ns if isinstance(ns, str) else None
    return await ask_named(ls, repl, COMPLETION_DOC, snapshot, symbol, given, timeout)


def _symbol(label: str, data: dict[str, Any]) -> str:
    """What a label stands for: an alias for its namespace, a name in `:refer [|]` for its var."""
    symbol, qualifier = data.get("symbol"), data.get("qualifier")
    if isinstance(symbol, str):
        return symbol
    return qualifier + label if isinstance(qualifier, str) else label
