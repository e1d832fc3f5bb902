"""Where the name at a place is defined: by the text, by the program, by what was evaluated."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.locals.scopes import Local, binding_spans
from nrepl_lsp.source.naming.names import Names, names_at
from nrepl_lsp.source.naming.references import defined_as
from nrepl_lsp.source.naming.subjects import Subject, resource_at, subject_at
from nrepl_lsp.tooling.resources import RESOURCE, ResourceQuery
from nrepl_lsp.tooling.values import SourceLocation, SymbolInfo

from ..documents import path_of
from ..locating import namespace_places
from ..lookup import LEAST_PATIENCE, Found, subject_info
from .evaluated_forms import definition_named
from .evaluated_places import evaluated_target
from .places import Target, located, span_target, target_in_file
from .project_files import PASSED_FOLDERS

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["definition_answer"]


#: Classes of an ambiguous method whose files are looked for.
CANDIDATES_LIMIT = 8


class _Place(NamedTuple):
    """Where a request came from, and until when it waits."""

    ls: "NreplLanguageServer"
    snapshot: Snapshot
    repl: Repl | None
    deadline: float

    @property
    def patience(self) -> float:
        return max(self.deadline - time.monotonic(), LEAST_PATIENCE)


async def definition_answer(
    ls: "NreplLanguageServer", snapshot: Snapshot, offset: int, *, feature: str, links: bool
) -> Any | None:
    """
    Where what is at an offset is defined, as plain LSP data; None when nobody knows.

    feature: the one that asks. links: whether the client takes `LocationLink`s, which say what they
    were asked for.
    """
    deadline = time.monotonic() + ls.settings.definition_timeout
    place = _Place(ls, snapshot, ls.repl_for(snapshot.uri), deadline)
    settings = ls.settings
    is_left = settings.profile == "complement" and not settings.features.get(feature)
    subject = subject_at(snapshot, offset)
    if is_left and subject is not None and subject.local is not None:
        return None
    if subject is not None:
        origin, targets = subject.span, await _targets(place, subject)
    elif (resource := resource_at(snapshot, offset)) is not None:
        origin, targets = resource[1], await _resource(place, resource[0])
    else:
        return None
    if is_left:
        targets = [target for target in targets if not _is_in_files(ls, snapshot.uri, target)]
    if not targets:
        return None
    if not links:
        locations = [target.location for target in targets]
        return locations[0] if len(locations) == 1 else locations
    selected = span_target(ls, snapshot, origin, origin).whole
    return [
        {
            "originSelectionRange": selected,
            "targetUri": target.uri,
            "targetRange": target.whole,
            "targetSelectionRange": target.name,
        }
        for target in targets
    ]


def _is_in_files(ls: "NreplLanguageServer", uri: str, target: Target) -> bool:
    """
    Whether a server that reads the project's files answers the same place.

    Editors would list it twice. A library that is installed into the project is none of its files.
    """
    path = path_of(target.uri)
    if path is None or not target.is_defined or not ls.is_in_workspace(path):
        return False
    if ls.cache in path.parents:
        return False
    around = [folder for folder in ls.source_folders(uri) if folder in path.parents]
    folders = [path.relative_to(folder).parts[:-1] for folder in around]
    return not any(name.startswith(".") or name in PASSED_FOLDERS for name in min(folders, key=len))


async def _targets(place: _Place, subject: Subject) -> Sequence[Target]:
    if subject.local is not None:
        return _bindings(place, subject.local)
    if subject.kind == "namespace":
        return _one(
            await namespace_places.namespace_target(
                place.ls, place.snapshot, subject.namespace, place.repl, place.patience
            )
        )
    names = names_at(place.snapshot, subject.span.start)
    ns, name = defined_as(place.snapshot, subject.span.start, subject.asked)
    if place.repl is not None:
        if ns is not None and ns == names.ns and not await _is_loaded(place, ns):
            # The program would tell of what its first namespace has of that name.
            return _one(_in_text(place, names, ns, name))
        found = await subject_info(place.ls, place.snapshot, subject, place.patience)
        told = await _told(place, found) if found is not None else []
        if not told:
            told = _one(await _evaluated(place, found, ns, name))
        if told:
            return told
        if found is not None and found.info.special:
            return []
    return _one(_in_text(place, names, ns, name) or await _in_project(place, ns, name))


def _one(target: Target | None) -> Sequence[Target]:
    return [target] if target is not None else []


def _bindings(place: _Place, local: Local) -> Sequence[Target]:
    """A local is bound in several places in `#?(:clj x :cljs x)`."""
    spans = binding_spans(place.snapshot, local) or [local.binding]
    return [span_target(place.ls, place.snapshot, span, span) for span in spans]


async def _is_loaded(place: _Place, ns: str) -> bool:
    if place.repl is None:
        return False
    try:
        family = place.snapshot.language.family
        return await place.repl.loaded_namespace(ns, family, place.patience) is not None
    except NreplError as error:
        place.ls.log.info("is %s loaded: %s", ns, error)
        return False


async def _told(place: _Place, found: Found) -> Sequence[Target]:
    """Where the program says that it is; a method of several classes may be in several files."""
    candidates = [info for _, info in found.info.candidates[:CANDIDATES_LIMIT]]
    told = [await _told_of(place, info, found.repl) for info in candidates or [found.info]]
    return [target for target in told if target is not None]


async def _told_of(place: _Place, info: SymbolInfo, repl: Repl) -> Target | None:
    ls, location = place.ls, info.location
    if location is None or (info.special and not location.exact):
        # Of `if` nREPL knows a file but no line: it is in the compiler.
        return None
    if location.kind == "text" and (loaded := ls.evaluations.loaded_from(location.text or "")):
        snapshot = ls.documents.snapshot(loaded)
        if snapshot is not None and snapshot.uri == loaded:
            return _defined_in(place, snapshot, info.name)
    path = await located(ls, place.snapshot.uri, location, repl)
    return await target_in_file(ls, location, path, info.name) if path is not None else None


def _in_text(place: _Place, names: Names, ns: str | None, name: str) -> Target | None:
    """Where the document itself defines a name of its own namespace."""
    if ns is not None and ns != names.ns:
        return None
    return _defined_in(place, place.snapshot, name)


def _defined_in(place: _Place, snapshot: Snapshot, name: str) -> Target | None:
    found = definition_named(snapshot, name)
    if found is None:
        return None
    return span_target(place.ls, snapshot, found.span, found.name_span)


async def _in_project(place: _Place, ns: str | None, name: str) -> Target | None:
    """Where the project's file of another namespace defines a name, if there is such a file."""
    if ns is None:
        return None
    snapshot = await namespace_places.namespace_text(place.ls, place.snapshot, ns)
    return _defined_in(place, snapshot, name) if snapshot is not None else None


async def _evaluated(
    place: _Place, found: Found | None, ns: str | None, name: str
) -> Target | None:
    """The text that was evaluated and defined it, by the program's name for it."""
    if place.repl is None:
        return None
    if found is not None:
        ns, name = found.info.ns, found.info.name
    language = place.snapshot.language
    return await evaluated_target(place.ls, place.snapshot.uri, place.repl, ns, name, language)


async def _resource(place: _Place, name: str) -> Sequence[Target]:
    """A resource by the program's word, else by its name in the project and on the class path."""
    if place.repl is None:
        path = await namespace_places.project_file(place.ls, place.snapshot.uri, name)
    else:
        location = None
        try:
            query = ResourceQuery(name)
            location = await place.repl.ask(RESOURCE, query, timeout=place.patience)
        except NreplError as error:
            place.ls.log.info("no resource %s: %s", name, error)
        location = location or SourceLocation("resource", name)
        path = await located(place.ls, place.snapshot.uri, location, place.repl)
    if path is None:
        return []
    return [await target_in_file(place.ls, SourceLocation("file", str(path)), path, "")]
