"""The symbols of a workspace that its programs know, and their places."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import PLAIN
from nrepl_lsp.source.naming.names import names_at
from nrepl_lsp.source.naming.references import Named
from nrepl_lsp.tooling.values import SourceLocation
from nrepl_lsp.tooling.workspace_symbols import WORKSPACE_SYMBOLS, FoundSymbol, SymbolsQuery

from ..edits import plain_range
from .call_sites import declarations_in_texts
from .evaluated_places import evaluated_target
from .meanings import Patience, info_of
from .places import (
    Target,
    located,
    target_in_file,
    target_in_text,
    target_unread,
)
from .symbol_kinds import SYMBOL_KINDS
from .texts import file_text, open_document
from .workspace_texts import SYMBOLS_LIMIT

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    *("UNPLACED", "Finder", "FromProgram", "in_texts", "of_programs", "resolved", "unplaced"),
]

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
        path = await self._path(found.uri, place, repl) if place is not None else None
        if place is None or path is None:
            return await _evaluated(self._ls, found.uri, repl, found.named)
        return (await self._target(place, path, found.named.name)).location

    async def _path(self, uri: str, place: SourceLocation, repl: Repl) -> Path | None:
        key = place.kind, place.path, place.entry
        if place.kind == "text" or key not in self._paths:
            self._paths[key] = await located(self._ls, uri, place, repl)
        return self._paths[key]

    async def _target(self, place: SourceLocation, path: Path, name: str) -> Target:
        """As `target_in_file`, but each file is read once."""
        if open_document(self._ls, path) is not None:
            return await target_in_file(self._ls, place, path, name)
        if path not in self._texts and not self._reading.is_over:
            self._texts[path] = await asyncio.to_thread(file_text, path)
        text = self._texts.get(path)
        if text is None or not text.text or self._reading.is_over:
            return await asyncio.to_thread(target_unread, self._ls, place, path)
        return await asyncio.to_thread(target_in_text, self._ls, place, text, name)


async def _place_of(
    ls: "NreplLanguageServer", named: Named, uri: str, repl: Repl, patience: Patience
) -> SourceLocation | None:
    snapshot = ls.documents.snapshot(uri)
    family = snapshot.language.family if snapshot is not None else ""
    info = await info_of(ls, repl, named, family, patience)
    return info.location if info is not None else None


async def _evaluated(
    ls: "NreplLanguageServer", uri: str, repl: Repl, named: Named
) -> dict[str, Any] | None:
    """The `Location` of what was typed at a REPL, which no file has."""
    snapshot = ls.documents.snapshot(uri)
    language = snapshot.language if snapshot is not None else PLAIN
    target = await evaluated_target(ls, uri, repl, named.ns, named.name, language)
    return target.location if target is not None else None


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
    if repl is not None and (evaluated := await _evaluated(ls, uri, repl, named)) is not None:
        return evaluated
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
