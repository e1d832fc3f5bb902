"""`textDocument/references`: where a symbol is used."""

from collections.abc import Iterator
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.locating.call_sites import Uses, declaration_of, uses_of
from nrepl_lsp.lsp.locating.meanings import Meaning, Patience, meaning_of
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.locals.scopes import binding_spans, local_at, local_occurrences
from nrepl_lsp.source.naming.references import declarations_of, named_at

#: Places of one answer.
LOCATIONS_LIMIT = 10_000


async def references(ls: NreplLanguageServer, params: types.ReferenceParams) -> Raw | None:
    """
    A local in its scope; else what is written of it in the project, and who calls it.

    The document's own places are first, then the others by URI.
    """
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None:
        return None
    ls.documents.notice(Place.at(uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    with_declaration = params.context.include_declaration
    local = local_at(snapshot, offset)
    if local is not None:
        spans = local_occurrences(snapshot, local)
        if not with_declaration:
            bindings = binding_spans(snapshot, local)
            spans = [span for span in spans if span not in bindings]
        return Raw(list(_locations(ls, [Uses(snapshot, spans)])))
    patience = Patience(ls.settings.definition_timeout)
    meaning = await meaning_of(ls, snapshot, offset, patience)
    if meaning is None:
        return None
    uses = await uses_of(ls, snapshot, meaning.named, meaning.repl, patience)
    if not uses and (own := named_at(snapshot, offset)) is not None:
        # The program calls the core otherwise than the text's language does.
        uses = await uses_of(ls, snapshot, own._replace(is_certain=False), None, patience)
    uses = await _declared(ls, snapshot, meaning, uses, patience, wanted=with_declaration)
    return Raw(list(_locations(ls, uses))[:LOCATIONS_LIMIT])


async def _declared(
    ls: NreplLanguageServer,
    snapshot: Snapshot,
    meaning: Meaning,
    uses: list[Uses],
    patience: Patience,
    *,
    wanted: bool,
) -> list[Uses]:
    """The places with the definition's, wherever it is, or without it."""
    named = meaning.named
    declared = [
        {definition.name_span for definition in declarations_of(one.snapshot, named)}
        for one in uses
    ]
    if not wanted:
        return [
            Uses(one.snapshot, [span for span in one.spans if span not in spans])
            for one, spans in zip(uses, declared, strict=True)
        ]
    if any(declared):
        return uses
    found = await declaration_of(
        ls, snapshot, named, meaning.repl, patience, place=meaning.location
    )
    if found is None:
        return uses
    return [*uses, Uses(found.snapshot, [found.definition.name_span])]


def _locations(ls: NreplLanguageServer, uses: list[Uses]) -> Iterator[dict[str, Any]]:
    for snapshot, spans in uses:
        for span in dict.fromkeys(spans):
            yield {"uri": snapshot.uri, "range": plain_range(ls, snapshot, *span)}
