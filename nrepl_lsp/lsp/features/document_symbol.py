"""`textDocument/documentSymbol`: the definitions in a text."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.documents import TEXT_LIMIT
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.locating.symbol_kinds import SYMBOL_KINDS
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.definitions.outline import Definition, outline

_DEPRECATED = [types.SymbolTag.Deprecated.value]

_Range = Callable[[int, int], dict[str, Any]]


async def document_symbol(
    ls: NreplLanguageServer, params: types.DocumentSymbolParams
) -> Raw | None:
    """Answer a tree, or a list for clients that take no tree; empty where nothing is defined."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None or len(snapshot.text) > TEXT_LIMIT:
        return None
    range_of = partial(plain_range, ls, snapshot)
    definitions, tags = outline(snapshot), ls.client.symbol_deprecated_tag
    if ls.client.hierarchical_symbols:
        return Raw([_tree(definition, range_of, tags=tags) for definition in definitions])
    uri = params.text_document.uri
    return Raw(list(_flat(definitions, uri, "", range_of, tags=tags)))


def _tree(definition: Definition, range_of: _Range, *, tags: bool) -> dict[str, Any]:
    symbol = _symbol(definition, tags=tags)
    symbol["range"] = range_of(*definition.span)
    symbol["selectionRange"] = range_of(*definition.name_span)
    if definition.detail:
        symbol["detail"] = definition.detail
    if definition.children:
        symbol["children"] = [_tree(it, range_of, tags=tags) for it in definition.children]
    return symbol


def _flat(
    definitions: Sequence[Definition], uri: str, container: str, range_of: _Range, *, tags: bool
) -> Iterator[dict[str, Any]]:
    for definition in definitions:
        symbol = _symbol(definition, tags=tags)
        symbol["location"] = {"uri": uri, "range": range_of(*definition.span)}
        if container:
            symbol["containerName"] = container
        yield symbol
        yield from _flat(definition.children, uri, definition.name, range_of, tags=tags)


def _symbol(definition: Definition, *, tags: bool) -> dict[str, Any]:
    symbol: dict[str, Any] = {
        "name": definition.name,
        "kind": SYMBOL_KINDS.get(definition.kind, SYMBOL_KINDS["variable"]),
    }
    if definition.is_deprecated and tags:
        symbol["tags"] = _DEPRECATED
    return symbol
