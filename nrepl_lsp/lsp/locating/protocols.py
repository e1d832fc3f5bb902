"""Protocols, multimethods and types: what implements what, in texts and in the program."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.definitions.implementations import (
    Implementation,
    implementation_at,
    implementations_in,
    methods_of,
    protocols_of,
)
from nrepl_lsp.source.definitions.outline import outline
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.naming.references import Named, declarations_of, each_definition
from nrepl_lsp.source.symbols import symbol_at
from nrepl_lsp.tooling.implementations import (
    IMPLEMENTATIONS,
    PROTOCOLS_WITH_METHOD,
    TYPE_PROTOCOLS,
    MethodQuery,
)
from nrepl_lsp.tooling.references import Xref

from .call_sites import Defined, Uses, declaration_of, text_of
from .meanings import Meaning, Patience, ask_about, meaning_of
from .places import definition_near
from .project_files import search

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Subject", "implementations_of", "subject_at", "types_of"]

#: Types that the program names whose files are looked at.
TYPES_LIMIT = 200
_CONSTRUCTORS = ("map->", "->")


class Subject(NamedTuple):
    """
    What the cursor is on. method: a method's name, of one of `protocols`.

    protocols: those that are certain by what stands at the cursor.
    """

    meaning: Meaning
    protocols: tuple[Named, ...]
    method: str | None


async def subject_at(
    ls: "NreplLanguageServer", snapshot: Snapshot, offset: int, patience: Patience
) -> Subject | None:
    """What the symbol at an offset is among protocols and their methods; None for no symbol."""
    found = await meaning_of(ls, snapshot, offset, patience)
    if found is None:
        return None
    symbol = symbol_at(snapshot, offset)
    written = symbol.text.rpartition("/")[2] if symbol is not None else ""
    if written in [prefix + found.named.name for prefix in _CONSTRUCTORS]:
        # Here the function that makes something is not the type of what it makes.
        found = found._replace(named=found.named._replace(name=written))
    inside = implementation_at(snapshot, offset)
    if inside is not None:
        return Subject(found, (inside[0],), inside[1])
    protocols = await _with_method(ls, snapshot, found, patience)
    return Subject(found, protocols, found.named.name if protocols else None)


async def _with_method(
    ls: "NreplLanguageServer", snapshot: Snapshot, found: Meaning, patience: Patience
) -> tuple[Named, ...]:
    """The protocols whose method it is: a method is a var of its protocol's namespace."""
    named, repl = found.named, found.repl
    if named.ns is None or not named.is_certain:
        return ()

    def look(text: Snapshot) -> list[Named | None]:
        """Its protocol if it is a method, None if it is anything else."""
        declared = {definition.name_span for definition in declarations_of(text, named)}
        return [
            Named(named.ns, one.name) if one.name_span not in declared else None
            for one in each_definition(outline(text))
            if one.name_span in declared
            or (one.kind == "protocol" and any(it.name_span in declared for it in one.children))
        ]

    texts = await search(ls, snapshot, named.words, look, patience.deadline)
    declared = [one for _, found in texts for one in found]
    protocols = dict.fromkeys(one for one in declared if one is not None)
    can_ask = repl is not None and repl.dialect.can_answer(PROTOCOLS_WITH_METHOD)
    if repl is not None and can_ask and not declared:
        query = MethodQuery(named.name)
        try:
            known = await repl.ask(PROTOCOLS_WITH_METHOD, query, timeout=patience.left)
        except NreplError as error:
            ls.log.info("no protocols with %s: %s", named.name, error)
            known = None
        for xref in known or ():
            if xref.ns == named.ns:
                protocols[Named(xref.ns, xref.short_name)] = None
    return tuple(protocols)


async def implementations_of(
    ls: "NreplLanguageServer", snapshot: Snapshot, subject: Subject, patience: Patience
) -> list[Uses]:
    """Where a protocol, one of its methods or a multimethod is implemented."""
    named, repl, method = subject.meaning.named, subject.meaning.repl, subject.method
    protocols = subject.protocols or (named,)

    def look(text: Snapshot) -> list[Span]:
        spans = [definition.name_span for definition in methods_of(text, named)]
        for protocol in protocols:
            for one in implementations_in(text, protocol):
                spans += _places(one, method)
        return sorted(set(spans))

    if not all(protocol.is_certain for protocol in protocols):
        # Another text may mean something else by that name.
        own = look(snapshot)
        return [Uses(snapshot, own)] if own else []
    words = {word for one in (named, *protocols) for word in one.words}
    texts = await search(ls, snapshot, words, look, patience.deadline)
    found = {text.uri: Uses(text, spans) for text, spans in texts}
    for protocol in protocols:
        family = snapshot.language.family
        known = await ask_about(ls, repl, IMPLEMENTATIONS, protocol, family, patience)
        if known is not None and repl is not None:
            for text, spans in await _elsewhere(
                ls, snapshot.uri, repl, known.types, look, found, patience
            ):
                found[text.uri] = Uses(text, spans)
    return list(found.values())


async def _elsewhere(
    ls: "NreplLanguageServer",
    uri: str,
    repl: Repl,
    types: Iterable[Xref],
    look: Callable[[Snapshot], Sequence[Span]],
    known: Iterable[str],
    patience: Patience,
) -> list[tuple[Snapshot, Sequence[Span]]]:
    """What the files of the types that the program knows hold, but for those known already."""
    found: dict[str, tuple[Snapshot, Sequence[Span]]] = {}
    passed = set(known)
    for one in list(types)[:TYPES_LIMIT]:
        if patience.is_over:
            break
        text = await text_of(ls, uri, one.location, repl)
        if text is None or one.location is None or text.uri in passed:
            continue
        spans = look(text)
        if not spans:
            near = definition_near(text, one.name.rpartition(".")[2], one.location.line)
            spans = [near.name_span] if near is not None else []
        if spans:
            found[text.uri] = (text, spans)
    return list(found.values())


def _places(one: Implementation, method: str | None) -> list[Span]:
    if method is None:
        return [one.type]
    return [span for name, span in one.methods if name == method]


async def types_of(
    ls: "NreplLanguageServer", snapshot: Snapshot, subject: Subject, patience: Patience
) -> list[Defined]:
    """
    The protocol of a method; the type of a constructor; the protocols of a type, or else itself.

    Nothing for anything else: what a value is nobody knows.
    """
    named, repl = subject.meaning.named, subject.meaning.repl
    if subject.method is not None:
        return await _declared(ls, snapshot, subject.protocols, repl, patience)
    for prefix in _CONSTRUCTORS:
        if named.ns is not None and named.name.startswith(prefix) and named.name != prefix:
            made = Named(named.ns, named.name.removeprefix(prefix))
            return _only_types(await _declared(ls, snapshot, [made], repl, patience))
    own = _only_types(await _declared(ls, snapshot, [named], repl, patience))
    if not own and subject.meaning.kind != "class":
        return []
    protocols = list(protocols_of(own[0].snapshot, own[0].definition)) if own else []
    family = snapshot.language.family
    known = await ask_about(ls, repl, TYPE_PROTOCOLS, named, family, patience)
    protocols += [Named(one.ns, one.short_name) for one in known or () if one.ns is not None]
    wanted = list(dict.fromkeys(protocols))[:TYPES_LIMIT]
    return await _declared(ls, snapshot, wanted, repl, patience) or own


def _only_types(found: list[Defined]) -> list[Defined]:
    return [one for one in found if one.definition.kind == "class"]


async def _declared(
    ls: "NreplLanguageServer",
    snapshot: Snapshot,
    wanted: Iterable[Named],
    repl: Repl | None,
    patience: Patience,
) -> list[Defined]:
    found = [
        await declaration_of(ls, snapshot, named, repl, patience)
        for named in wanted
        if named.ns is not None and not patience.is_over
    ]
    return [one for one in found if one is not None]
