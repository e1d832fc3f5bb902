"""The symbols that the texts of a workspace define: open documents, and files that are not open."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nrepl_lsp.source.definitions.outline import outline
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.naming.names import names_at
from nrepl_lsp.source.naming.references import each_definition

from ..edits import plain_range
from .meanings import Patience
from .project_files import search_closed
from .symbol_kinds import SYMBOL_KINDS

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["SYMBOLS_LIMIT", "is_like", "of_closed_files", "of_documents"]

#: Symbols of one answer.
SYMBOLS_LIMIT = 200

#: Name, qualified name, and the symbol as plain LSP data.
_Defined = tuple[str, str, dict[str, Any]]


def is_like(query: str, text: str) -> bool:
    """Whether a text has the letters of a query in their order, whatever their case."""
    letters = iter(text.lower())
    return all(letter in letters for letter in query.lower() if not letter.isspace())


def of_documents(ls: "NreplLanguageServer", query: str) -> dict[str, dict[str, Any]]:
    """
    Qualified name → symbol that an open document defines, the likest names first.

    Without a query all of them, in the order of the texts.
    """
    found: list[_Defined] = []
    for uri in ls.documents.uris():
        snapshot = ls.documents.snapshot(uri)
        if snapshot is not None:
            found += _defined(ls, snapshot, query)
    return _likest(query, found)


async def of_closed_files(
    ls: "NreplLanguageServer", query: str, patience: Patience
) -> dict[str, dict[str, Any]]:
    """As `of_documents`, of the projects' files that are not open; in half of the time."""
    deadline = Patience(patience.left / 2).deadline
    # No text holds the separator of a qualified name.
    letters = query.replace("/", "")
    files = await search_closed(ls, letters, lambda text: list(_defined(ls, text, query)), deadline)
    return _likest(query, [one for _, defined in files for one in defined])


def _likest(query: str, found: list[_Defined]) -> dict[str, dict[str, Any]]:
    symbols: dict[str, dict[str, Any]] = {}
    if query:
        found.sort(key=lambda one: _rank(query, one[0]))
    for _, qualified, symbol in found:
        symbols.setdefault(qualified, symbol)
    return symbols


def _rank(query: str, name: str) -> tuple[bool, bool, int, str]:
    typed, lower = query.strip().lower(), name.lower()
    return not lower.startswith(typed), typed not in lower, len(name), name


def _defined(ls: "NreplLanguageServer", snapshot: Snapshot, query: str) -> Iterator[_Defined]:
    for one in each_definition(outline(snapshot)):
        ns = names_at(snapshot, one.name_span.start).ns if one.kind != "namespace" else None
        qualified = f"{ns}/{one.name}" if ns else one.name
        if is_like(query, one.name) or is_like(query, qualified):
            symbol: dict[str, Any] = {
                "name": one.name,
                "kind": SYMBOL_KINDS.get(one.kind, SYMBOL_KINDS["variable"]),
                "location": {
                    "uri": snapshot.uri,
                    "range": plain_range(ls, snapshot, *one.name_span),
                },
            }
            if ns:
                symbol["containerName"] = ns
            # Two files may each have a `main` without a namespace.
            yield one.name, qualified if ns else f"{qualified} {snapshot.uri}", symbol
