"""Who calls a definition and whom it calls, as places in texts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.calling.calls_in import Mentions, mentions_in
from nrepl_lsp.source.definitions.outline import Definition, definition_at
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.naming.names import names_at
from nrepl_lsp.source.naming.references import Named, meaning
from nrepl_lsp.tooling.references import CALLEES, Xref
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO
from nrepl_lsp.tooling.values import SourceLocation

from ..lookup import ask_symbol
from .call_sites import Defined, declarations_in_texts, text_of, uses_of
from .meanings import Patience, ask_about
from .places import definition_near

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["CALLABLE", "Call", "callees_of", "callers_of"]

#: Kinds of definitions that can call and be called.
CALLABLE = frozenset(("function", "macro", "method", "multimethod", "test", "variable"))
#: Functions of one answer that the program is asked about.
LOOKUPS_LIMIT = 50


class Call(NamedTuple):
    """A definition, and where it calls or is called."""

    defined: Defined
    spans: tuple[Span, ...]


async def callers_of(
    ls: "NreplLanguageServer",
    snapshot: Snapshot,
    named: Named,
    repl: Repl | None,
    patience: Patience,
) -> list[Call]:
    """The definitions that name it, each with the places in it; `snapshot` is of its program."""
    found: list[Call] = []
    for text, spans in await uses_of(ls, snapshot, named, repl, patience):
        inside: dict[Definition, list[Span]] = {}
        for span in spans:
            definition = definition_at(text, span.start)
            if definition is None or definition.kind not in (*CALLABLE, "class", "constant"):
                continue
            if definition.name_span != span or meaning(text, span) != named:
                inside.setdefault(definition, []).append(span)
        found += [Call(Defined(text, one), tuple(places)) for one, places in inside.items()]
    return found


async def callees_of(
    ls: "NreplLanguageServer",
    snapshot: Snapshot,
    caller: Defined,
    named: Named,
    repl: Repl | None,
    patience: Patience,
) -> list[Call]:
    """
    The functions that a definition names, each with the places in it, in the text's order.

    Those of the project by their texts, the others as the program says; without its list of
    callees each head of a list is asked about.
    """
    mentioned = mentions_in(caller.snapshot, caller.definition)
    wanted = [one.named for one in mentioned]
    declared = await declarations_in_texts(ls, snapshot, wanted, patience)
    family = snapshot.language.family
    callees = await ask_about(ls, repl, CALLEES, named, family, patience)
    found: list[Call] = []
    lookups = 0
    for one in mentioned:
        known = declared.get(one.named)
        if known is None and repl is not None and lookups < LOOKUPS_LIMIT and not patience.is_over:
            place: tuple[str, SourceLocation] | None = None
            if callees is not None:
                place = _place_in(callees, caller.snapshot, one)
            elif one.is_called:
                lookups += 1
                place = await _ask(ls, repl, caller.snapshot, one, patience)
            known = await _defined(ls, snapshot.uri, repl, place)
        if known is not None and known.definition.kind in CALLABLE:
            found.append(Call(known, one.spans))
    return found


def _place_in(
    callees: Sequence[Xref], snapshot: Snapshot, one: Mentions
) -> tuple[str, SourceLocation] | None:
    """Where the program says that one of its callees is, if that is what is written."""
    names = names_at(snapshot, one.spans[0].start)
    unsaid = (*names.core, *names.uses)
    for callee in callees:
        is_same = callee.ns == one.named.ns if one.named.ns is not None else callee.ns in unsaid
        if is_same and callee.short_name == one.named.name and callee.location is not None:
            return callee.short_name, callee.location
    return None


async def _ask(
    ls: "NreplLanguageServer", repl: Repl, snapshot: Snapshot, one: Mentions, patience: Patience
) -> tuple[str, SourceLocation] | None:
    """Where the program says that a function is that the text calls."""
    start = one.spans[0].start
    info = await ask_symbol(ls, repl, SYMBOL_INFO, snapshot, start, one.text, patience.left)
    if info is None or info.location is None or info.kind not in ("function", "macro", "variable"):
        return None
    # `let` and `when` are how the language is written, not what is called.
    if info.kind == "macro" and info.ns in names_at(snapshot, start).core:
        return None
    return info.name, info.location


async def _defined(
    ls: "NreplLanguageServer", uri: str, repl: Repl, place: tuple[str, SourceLocation] | None
) -> Defined | None:
    text = await text_of(ls, uri, place[1], repl) if place is not None else None
    if text is None or place is None:
        return None
    definition = definition_near(text, place[0], place[1].line)
    return Defined(text, definition) if definition is not None else None
