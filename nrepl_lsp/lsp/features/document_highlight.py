"""`textDocument/documentHighlight`: the symbol under the cursor within its scope."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.definitions.outline import Definition, outline
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.locals.scopes import binding_spans, local_at, local_occurrences
from nrepl_lsp.source.naming.names import defined_names, names_at, resolve, spellings
from nrepl_lsp.source.occurrences import name_at, occurrences
from nrepl_lsp.source.symbols import Symbol

LOOKS_LIMIT = 1_000_000
"""How many namespaces may be looked at for one answer, places times namespaces."""

READ, WRITE = int(types.DocumentHighlightKind.Read), int(types.DocumentHighlightKind.Write)


async def document_highlight(
    ls: NreplLanguageServer, params: types.DocumentHighlightParams
) -> Raw | None:
    """A local: where it is bound (write) and used (read); else every place of the same name."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    # VS Code and Emacs ask wherever the cursor stops, which is where the user is.
    ls.documents.notice(Place.at(params.text_document.uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    local = local_at(snapshot, offset)
    if local is not None:
        spans = local_occurrences(snapshot, local)
        written: Collection[Span] = set(binding_spans(snapshot, local))
    else:
        symbol = name_at(snapshot, offset)
        if symbol is None:
            return None
        spans = _places(snapshot, symbol)
        written = set(_names_defined(outline(snapshot)))
    return Raw(
        [
            {
                "range": plain_range(ls, snapshot, *span),
                "kind": WRITE if span in written else READ,
            }
            for span in spans
        ]
    )


def _names_defined(definitions: Iterable[Definition]) -> Iterator[Span]:
    for definition in definitions:
        yield definition.name_span
        yield from _names_defined(definition.children)


def _places(snapshot: Snapshot, symbol: Symbol) -> list[Span]:
    """Where the symbol is written, under other aliases or without one too."""
    names = names_at(snapshot, symbol.span.start)
    ns, name = meaning = resolve(names, symbol.text, defined_names(snapshot, names.ns))
    if ns is None:
        return occurrences(snapshot, [symbol.text])
    spans = occurrences(snapshot, {symbol.text, *spellings(names, ns, name)})
    spans = _nearest(snapshot, spans, symbol.span)
    return [span for span in spans if _means(snapshot, span) == meaning]


def _nearest(snapshot: Snapshot, spans: list[Span], place: Span) -> list[Span]:
    """As many places as can be looked at: each costs a look at all namespaces of the text."""
    namespaces = sum(one.kind == "namespace" for one in outline(snapshot))
    reach = LOOKS_LIMIT // (namespaces + 1) // 2
    number = bisect_left(spans, place)
    return spans[max(0, number - reach) : number + reach]


def _means(snapshot: Snapshot, span: Span) -> tuple[str | None, str]:
    names = names_at(snapshot, span.start)
    written = snapshot.text[span.start : span.end]
    return resolve(names, written, defined_names(snapshot, names.ns))
