"""Where a name is used: in the texts of the project, and where the program says it is called."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.definitions.outline import Definition
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.naming.references import Named, declarations_of, places_of
from nrepl_lsp.tooling.references import CALLERS, Xref
from nrepl_lsp.tooling.values import SourceLocation

from .meanings import Patience, ask_about, info_of
from .places import definition_near, located
from .project_files import search
from .texts import open_texts, read_text

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    *("Defined", "Uses", "declaration_of", "declarations_in_texts", "text_of", "uses_of"),
]

#: Callers that the program names whose files are looked at.
CALLERS_LIMIT = 200


class Uses(NamedTuple):
    """Places in one text, in its order."""

    snapshot: Snapshot
    spans: Sequence[Span]


class Defined(NamedTuple):
    """A definition and the text it is in."""

    snapshot: Snapshot
    definition: Definition


async def uses_of(
    ls: "NreplLanguageServer",
    snapshot: Snapshot,
    named: Named,
    repl: Repl | None,
    patience: Patience,
) -> list[Uses]:
    """
    Where a name is written, its definition included: in the document itself, then by URI.

    A name of which nothing is known is looked for in the document only. Of callers that the program
    knows and no text names (made by a macro) it is the name of their definition.
    """
    if not named.is_certain:
        return [Uses(snapshot, spans)] if (spans := places_of(snapshot, named)) else []
    asking = ask_about(ls, repl, CALLERS, named, snapshot.language.family, patience)
    callers = asyncio.create_task(asking, name="callers")
    try:
        found = await search(
            ls, snapshot, named.words, lambda text: places_of(text, named), patience.deadline
        )
        uses = {text.uri: Uses(text, spans) for text, spans in found}
        called = await callers
    finally:
        callers.cancel()
    if called and repl is not None:
        await _add_callers(ls, snapshot.uri, named, repl, called, uses, patience)
    others = sorted(uri for uri in uses if uri != snapshot.uri)
    return [uses[uri] for uri in (snapshot.uri, *others) if uri in uses]


async def _add_callers(
    ls: "NreplLanguageServer",
    uri: str,
    named: Named,
    repl: Repl,
    callers: Iterable[Xref],
    uses: dict[str, Uses],
    patience: Patience,
) -> None:
    for caller in list(callers)[:CALLERS_LIMIT]:
        if patience.is_over:
            return
        text = await text_of(ls, uri, caller.location, repl)
        if text is None or caller.location is None:
            continue
        definition = definition_near(text, caller.short_name, caller.location.line)
        if definition is None:
            continue
        known = uses.get(text.uri)
        spans = set(known.spans) if known is not None else set()
        if not any(_is_in(span, definition.span) for span in spans):
            inside = [span for span in places_of(text, named) if _is_in(span, definition.span)]
            spans.update(inside or [definition.name_span])
            uses[text.uri] = Uses(text, sorted(spans))


async def text_of(
    ls: "NreplLanguageServer", uri: str, place: SourceLocation | None, repl: Repl
) -> Snapshot | None:
    """The text of what the program says something is in; `uri` is a document of the program."""
    path: Path | None = await located(ls, uri, place, repl) if place is not None else None
    return await read_text(ls, path) if path is not None else None


async def declaration_of(
    ls: "NreplLanguageServer",
    snapshot: Snapshot,
    named: Named,
    repl: Repl | None,
    patience: Patience,
    place: SourceLocation | None = None,
) -> Defined | None:
    """
    Where a name is defined: in an open document, where the program says, or in the project.

    place: what the program has said of it already.
    """
    for text in open_texts(ls, snapshot) if named.is_certain else [snapshot]:
        for definition in declarations_of(text, named):
            return Defined(text, definition)
    if not named.is_certain:
        return None
    if repl is not None:
        family = snapshot.language.family
        info = await info_of(ls, repl, named, family, patience) if place is None else None
        place = info.location if info is not None else place
        found = await text_of(ls, snapshot.uri, place, repl)
        if found is not None and place is not None:
            near = definition_near(found, named.name, place.line)
            if near is not None:
                return Defined(found, near)
    declared = await search(
        ls, snapshot, named.words, lambda text: declarations_of(text, named), patience.deadline
    )
    return Defined(declared[0][0], declared[0][1][0]) if declared else None


async def declarations_in_texts(
    ls: "NreplLanguageServer", snapshot: Snapshot, wanted: Collection[Named], patience: Patience
) -> dict[Named, Defined]:
    """Where the open documents and the files of the project define names, in one search."""
    names = [named for named in wanted if named.is_certain and named.ns is not None]

    def look(text: Snapshot) -> list[tuple[Named, Definition]]:
        return [
            (named, definition)
            for named in names
            if named.words[0] in text.text
            for definition in declarations_of(text, named)[:1]
        ]

    words = {word for named in names for word in named.words}
    found: dict[Named, Defined] = {}
    for text, pairs in await search(ls, snapshot, words, look, patience.deadline):
        for named, definition in pairs:
            found.setdefault(named, Defined(text, definition))
    return found


def _is_in(span: Span, whole: Span) -> bool:
    return whole.start <= span.start and span.end <= whole.end
