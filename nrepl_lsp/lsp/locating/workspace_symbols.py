"""The symbols of a workspace: those that open documents define, and those of the programs."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.definitions.outline import outline
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.naming.names import names_at
from nrepl_lsp.source.naming.references import Named, each_definition
from nrepl_lsp.tooling.values import SourceLocation
from nrepl_lsp.tooling.workspace_symbols import WORKSPACE_SYMBOLS, FoundSymbol, SymbolsQuery

from ..edits import plain_range
from .call_sites import declarations_in_texts
from .meanings import Patience, info_of
from .places import (
    Target,
    file_text,
    located,
    open_document,
    target_in_file,
    target_in_text,
    target_unread,
)
from .symbol_kinds import SYMBOL_KINDS

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    *("SYMBOLS_LIMIT", "UNPLACED", "Finder", "FromProgram", "in_texts", "is_like", "of_documents"),
    *("of_programs", "resolved", "unplaced"),
]

#: Symbols of one answer.
SYMBOLS_LIMIT = 200
#: Symbols whose place is asked for, one after the other, where the client cannot ask when chosen.
LOOKUPS_LIMIT = 50
#: Begins the URI of a symbol whose place is asked for when it is chosen.
UNPLACED = "nrepl:"


class Program(NamedTuple):
    """A live program; `uri` is a document of its project, which need not be there."""

    repl: Repl
    uri: str
    families: tuple[str, ...]
    namespaces: tuple[str, ...]


def is_like(query: str, text: str) -> bool:
    """Whether a text has the letters of a query in their order, whatever their case."""
    letters = iter(text.lower())
    return all(letter in letters for letter in query.lower() if not letter.isspace())


def of_documents(ls: "NreplLanguageServer", query: str) -> dict[str, dict[str, Any]]:
    """
    Qualified name → symbol that an open document defines, the likest names first.

    Without a query all of them, in the order of the texts.
    """
    found: list[tuple[tuple[bool, bool, int, str], str, dict[str, Any]]] = []
    for uri in ls.documents.uris():
        snapshot = ls.documents.snapshot(uri)
        if snapshot is not None:
            for name, qualified, symbol in _defined(ls, snapshot, query):
                found.append((_rank(query, name), qualified, symbol))
    symbols: dict[str, dict[str, Any]] = {}
    if query:
        found.sort(key=lambda one: one[0])
    for _, qualified, symbol in found[:SYMBOLS_LIMIT]:
        symbols.setdefault(qualified, symbol)
    return symbols


def _rank(query: str, name: str) -> tuple[bool, bool, int, str]:
    typed, lower = query.strip().lower(), name.lower()
    return not lower.startswith(typed), typed not in lower, len(name), name


def _defined(
    ls: "NreplLanguageServer", snapshot: Snapshot, query: str
) -> Iterator[tuple[str, str, dict[str, Any]]]:
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


class FromProgram(NamedTuple):
    """A symbol without its place; `place` is what the program said of it, if it did."""

    symbol: dict[str, Any]
    uri: str
    place: SourceLocation | None

    @property
    def named(self) -> Named:
        """What it means."""
        return Named(self.symbol["containerName"], self.symbol["name"])

    @property
    def qualified(self) -> str:
        """`ns/name`."""
        return f"{self.symbol['containerName']}/{self.symbol['name']}"


async def of_programs(
    ls: "NreplLanguageServer", query: str, patience: Patience
) -> dict[str, FromProgram]:
    """Qualified name → symbol of an attached program; those of the open documents' first."""
    symbols: dict[str, FromProgram] = {}
    programs = list(_programs(ls))
    # Half of the time is for the places of what those programs know that are not silent.
    asking = Patience(patience.left / 2)
    answers = await asyncio.gather(*(_ask(ls, program, query, asking) for program in programs))
    for program, answer in zip(programs, answers, strict=True):
        for found in answer:
            if not found.ns or len(symbols) >= SYMBOLS_LIMIT:
                continue
            symbol = {
                "name": found.name,
                "kind": SYMBOL_KINDS.get(found.kind, SYMBOL_KINDS["variable"]),
                "containerName": found.ns,
            }
            known = FromProgram(symbol, program.uri, found.location)
            symbols.setdefault(known.qualified, known)
    return symbols


def _programs(ls: "NreplLanguageServer") -> Iterator[Program]:
    for supervisor in ls.routing.supervisors:
        if supervisor.repl is None:
            continue
        texts = [
            snapshot
            for uri in ls.documents.uris()
            if ls.supervisor_for(uri) is supervisor
            and (snapshot := ls.documents.snapshot(uri)) is not None
        ]
        root = supervisor.root or Path.cwd()
        namespaces = [names_at(text, len(text.text)).ns or "" for text in texts]
        yield Program(
            supervisor.repl,
            texts[0].uri if texts else (root / "_").as_uri(),
            tuple(dict.fromkeys(text.language.family for text in texts)),
            tuple(dict.fromkeys(ns for ns in namespaces if ns)),
        )


async def _ask(
    ls: "NreplLanguageServer", program: Program, query: str, patience: Patience
) -> Sequence[FoundSymbol]:
    repl, namespaces = program.repl, program.namespaces
    near = tuple(dict.fromkeys(ns.split(".")[0] for ns in namespaces))
    # Without an open document nobody knows what language the program's snippets are in.
    for family in program.families or ("",):
        try:
            ns = namespaces[0] if namespaces else None
            ns = await repl.namespace_to_ask(ns, family, patience.left)
            question = SymbolsQuery(query, near, family, ns)
            found = await repl.ask(WORKSPACE_SYMBOLS, question, timeout=patience.left)
        except NreplError as error:
            ls.log.info("no symbols for %s: %s", query, error)
            return ()
        if found is not None:
            return found
    return ()


class Finder:
    """Finds the files of symbols for one request; each file is looked for once."""

    def __init__(self, ls: "NreplLanguageServer", patience: Patience) -> None:
        self._ls = ls
        self._patience = patience
        self._paths: dict[tuple[str, str, str | None], Path | None] = {}
        self._texts: dict[Path, Snapshot | None] = {}
        #: Until when files are read; after that the program's lines count.
        self._reading = Patience(patience.left / 2)
        self._lookups = 0

    async def location(self, found: FromProgram) -> dict[str, Any] | None:
        """The `Location` of a symbol; None where no file has it, or too much was asked already."""
        place, repl = found.place, self._ls.repl_for(found.uri)
        if repl is None or self._patience.is_over:
            return None
        if place is None:
            if self._lookups >= LOOKUPS_LIMIT:
                return None
            self._lookups += 1
            place = await _place_of(self._ls, found.named, found.uri, repl, self._patience)
        if place is None:
            return None
        key = place.kind, place.path, place.entry
        if place.kind == "text" or key not in self._paths:
            self._paths[key] = await located(self._ls, found.uri, place, repl)
        path = self._paths[key]
        if path is None:
            return None
        return (await self._target(place, path, found.named.name)).location

    async def _target(self, place: SourceLocation, path: Path, name: str) -> Target:
        """As `target_in_file`, but each file is read once."""
        encoding = self._ls.documents.encoding
        if open_document(self._ls, path) is not None:
            return await target_in_file(self._ls, place, path, name)
        if path not in self._texts and not self._reading.is_over:
            self._texts[path] = await asyncio.to_thread(file_text, path)
        text = self._texts.get(path)
        if text is None or self._reading.is_over:
            return await asyncio.to_thread(target_unread, encoding, place, path)
        return await asyncio.to_thread(target_in_text, encoding, place, text, name)


async def _place_of(
    ls: "NreplLanguageServer", named: Named, uri: str, repl: Repl, patience: Patience
) -> SourceLocation | None:
    snapshot = ls.documents.snapshot(uri)
    family = snapshot.language.family if snapshot is not None else ""
    info = await info_of(ls, repl, named, family, patience)
    return info.location if info is not None else None


async def in_texts(
    ls: "NreplLanguageServer", founds: Sequence[FromProgram], patience: Patience
) -> dict[str, dict[str, Any]]:
    """Qualified name → `Location`, for symbols whose place the program does not know itself."""
    locations: dict[str, dict[str, Any]] = {}
    for uri in dict.fromkeys(found.uri for found in founds):
        snapshot = ls.documents.snapshot(uri)
        if snapshot is None:
            continue
        wanted = [found.named for found in founds if found.uri == uri]
        declared = await declarations_in_texts(ls, snapshot, wanted, patience)
        for named, (text, definition) in declared.items():
            place = plain_range(ls, text, *definition.name_span)
            locations.setdefault(f"{named.ns}/{named.name}", {"uri": text.uri, "range": place})
    return locations


async def resolved(
    ls: "NreplLanguageServer", data: Any, patience: Patience
) -> dict[str, Any] | None:
    """The `Location` of a symbol that was chosen, from its data; None where no file has it."""
    if not isinstance(data, dict):
        return None
    ns, name, uri = data.get("ns"), data.get("name"), data.get("uri")
    if not (isinstance(ns, str) and isinstance(name, str) and isinstance(uri, str)):
        return None
    repl, named = ls.repl_for(uri), Named(ns, name)
    place = await _place_of(ls, named, uri, repl, patience) if repl is not None else None
    if repl is not None and place is not None:
        path = await located(ls, uri, place, repl)
        if path is not None:
            return (await target_in_file(ls, place, path, name)).location
    found = FromProgram({"containerName": ns, "name": name}, uri, None)
    return (await in_texts(ls, [found], patience)).get(f"{ns}/{name}")


def unplaced(found: FromProgram) -> dict[str, Any]:
    """A symbol whose place is asked for when it is chosen."""
    named = found.named
    return {
        **found.symbol,
        "location": {"uri": UNPLACED + quote(found.qualified, safe="/.")},
        "data": {"ns": named.ns, "name": named.name, "uri": found.uri},
    }
