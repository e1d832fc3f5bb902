"""
What a namespace is: its documentation and its file.

Few servers know namespaces by `info` or `lookup`: cider-nrepl does, and names one of its files
(of clojure.core it is core_print.clj). The others answer "not found". Ops look for a class of that
name too, and loading the one that `gen-class` made loads the namespace again: so the snippet, which
only looks at namespaces, goes first.
"""

from __future__ import annotations

from collections.abc import Sequence

from nrepl_lsp.nrepl.messages import Message

from . import locations, shapes, snippets
from .symbol_info import SYMBOL_INFO, SymbolQuery
from .values import SymbolInfo
from .variants import Question, Variant

__all__ = ["NAMESPACE_INFO"]


def _as_symbol(op: str) -> Variant[SymbolQuery, SymbolInfo]:
    """The variant that asks for a namespace as for any symbol."""
    asked = next(variant for variant in SYMBOL_INFO.variants if variant.op == op)

    def parse(messages: Sequence[Message], query: SymbolQuery) -> SymbolInfo | None:
        found = asked.parse(messages, query)
        return found if found is not None and found.kind == "namespace" else None

    return Variant(op, asked.request, parse)


def _snippet_request(query: SymbolQuery) -> Message | None:
    snippet = snippets.FAMILIES.get(query.language)
    return snippets.params(snippet.namespace_info(query.symbol)) if snippet else None


def _snippet_parse(messages: Sequence[Message], query: SymbolQuery) -> SymbolInfo | None:
    row = snippets.value(messages)
    if not isinstance(row, list) or len(row) != 3:
        return None
    name = shapes.text(row[0]) or query.symbol
    return SymbolInfo(
        name,
        ns=name,
        kind="namespace",
        doc=shapes.text(row[1]),
        location=locations.parse(row[2]),
    )


NAMESPACE_INFO: Question[SymbolQuery, SymbolInfo] = Question(
    "namespace-info",
    (
        Variant("eval", _snippet_request, _snippet_parse, snippet=True),
        _as_symbol("cider/info"),
        _as_symbol("info"),
        _as_symbol("lookup"),
    ),
    timeout=2.0,
)
"""What a loaded namespace is. The query's symbol names it; one that is not loaded is not asked."""
