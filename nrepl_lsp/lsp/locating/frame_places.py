"""Where the frames of a stack trace are, for an editor that is to jump there."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nrepl_lsp.lsp import convert
from nrepl_lsp.tooling import locations
from nrepl_lsp.tooling.causes import Cause, StackFrame
from nrepl_lsp.tooling.values import ErrorPlace, SourceLocation

from ..documents import path_of
from ..evaluating.code import Code
from ..evaluating.faults import is_same_file
from .places import remember

if TYPE_CHECKING:
    from nrepl_lsp.repl.library_sources import LibrarySources

    from ..server import NreplLanguageServer

__all__ = ["FramePlace", "frame_places", "is_own_file", "namespace_of", "own_folders"]

#: Frames of one chain whose places are looked for.
FRAMES_LIMIT = 300
#: Archives' entries that are unpacked for one trace: most people never look into them.
ENTRIES_LIMIT = 5

#: What the class path's name of a namespace may end in.
_EXTENSIONS = (".clj", ".cljc", ".cljs", ".lpy")
#: Where others' code lies in a project's folder; each virtual environment has a `lib/python3.12`.
_INSTALLED = re.compile(
    r"(?:^|/)(?:(?:site|dist)-packages|node_modules|\.venv|lib(?:64)?/python[0-9.]+t?)/"
)


class FramePlace(NamedTuple):
    """A place in a document or file, 0-based and in the editor's units."""

    uri: str
    line: int
    column: int
    is_project: bool


async def frame_places(
    ls: "NreplLanguageServer", code: Code, causes: Sequence[Cause]
) -> dict[StackFrame, FramePlace]:
    """
    The places of the frames that can be found without a question to the program.

    code: what was evaluated; frames without a file may be of it, or of its namespace's document.
    """
    found: dict[StackFrame, FramePlace] = {}
    elsewhere: dict[StackFrame, tuple[SourceLocation, ...]] = {}
    loads = _loads(code, causes)
    every = (frame for cause in causes for frame in cause.frames)
    frames = dict.fromkeys(frame for frame in every if frame.name not in loads)
    for frame in list(frames)[:FRAMES_LIMIT]:
        if frame.place is None or frame.place.line is None:
            continue
        if _is_own(code, frame) and code.uri is not None:
            found[frame] = _at(ls, ls.documents.uri_of(code.uri), frame.place, is_project=True)
        else:
            elsewhere[frame] = tuple(_sources(frame))
    folders, own = ls.source_folders(code.uri or ""), await own_folders(ls, code.uri or "")
    wanted = dict.fromkeys(one for sources in elsewhere.values() for one in sources)
    paths = await asyncio.to_thread(_find, ls.sources, wanted, folders)
    for frame, sources in elsewhere.items():
        path = next((p for one in sources if (p := _path(ls, one, paths)) is not None), None)
        if path is None or frame.place is None:
            continue
        is_project = is_own_file(ls, path, own)
        if not is_project and code.uri is not None:
            remember(ls, code.uri, path)
        uri = ls.documents.uri_of(convert.uri_of(path))
        found[frame] = _at(ls, uri, frame.place, is_project=is_project)
    return found


async def own_folders(ls: "NreplLanguageServer", uri: str) -> list[Path]:
    """The folders of a document's project and workspace, also as they are without links."""
    folders = ls.source_folders(uri)
    resolved = await asyncio.to_thread(lambda: [folder.resolve() for folder in folders])
    return list(dict.fromkeys([*folders, *resolved]))


def is_own_file(ls: "NreplLanguageServer", path: Path, folders: Iterable[Path]) -> bool:
    """Whether a file in one of these folders is the project's, and not only installed there."""
    if ls.sources.holds(path):
        return False
    around = (folder for folder in folders if folder in path.parents)
    return any(not _INSTALLED.search(path.relative_to(one).as_posix()) for one in around)


def _loads(code: Code, causes: Sequence[Cause]) -> set[str]:
    """The names of the JVM's frames of loading itself: nREPL's own code, as if in the file."""
    if not code.is_file:
        return set()
    calls = (pair for cause in causes for pair in pairwise(cause.frames))
    return {
        outer.name
        for inner, outer in calls
        if outer.is_sent and inner.name == "clojure.lang.Compiler/load"
    }


def _is_own(code: Code, frame: StackFrame) -> bool:
    """Whether a frame is of the document that the code is in."""
    place = frame.place
    if code.snapshot is None or place is None or place.line is None:
        return False
    first, last = code.lines()
    if frame.is_sent and first < place.line <= last + 1:
        # tools.nrepl 0.2.13 names the file that has started the server.
        return True
    if place.line > code.snapshot.lines.line_count:
        return False
    if place.file:
        return path_of(code.uri or "") is not None and is_same_file(place.file, code)
    ns = namespace_of(frame)
    return ns is None or ns == (code.ns or code.declared_namespace or "user")


def namespace_of(frame: StackFrame) -> str | None:
    """The namespace in a frame's name, where it has one."""
    ns, slash, _ = frame.name.partition("/")
    return ns if slash and ns else None


def _sources(frame: StackFrame) -> Iterable[SourceLocation]:
    """Where a frame's file may be, the surest first."""
    assert frame.place is not None
    file = frame.place.file
    if file and (named := locations.parse(file)) is not None:
        yield named
        if named.kind != "resource":
            return
    ns = namespace_of(frame)
    if ns is not None and (not file or file.endswith(_EXTENSIONS)):
        name = ns.replace("-", "_").replace(".", "/")
        yield from (SourceLocation("resource", name + extension) for extension in _EXTENSIONS)


def _find(
    sources: "LibrarySources", wanted: Iterable[SourceLocation], folders: Sequence[Path]
) -> dict[SourceLocation, Path]:
    """The local files; blocks on the disk."""
    found: dict[SourceLocation, Path] = {}
    unpacked = 0
    for one in wanted:
        if one.kind == "archive":
            unpacked += 1
        if one.kind == "text" or (one.kind == "archive" and unpacked > ENTRIES_LIMIT):
            continue
        path = sources.find(one, folders=folders)
        if path is not None:
            found[one] = path
    return found


def _path(
    ls: "NreplLanguageServer", source: SourceLocation, paths: Mapping[SourceLocation, Path]
) -> Path | None:
    if source.kind != "text":
        return paths.get(source)
    # nbb 1.6.214 says of loaded code its text.
    loaded = ls.evaluations.loaded_from(source.text or "")
    return path_of(loaded) if loaded is not None else None


def _at(ls: "NreplLanguageServer", uri: str, place: ErrorPlace, *, is_project: bool) -> FramePlace:
    """The place in the text as it is now; without a column the line's first form."""
    line, column = max(0, (place.line or 1) - 1), max(0, (place.column or 1) - 1)
    snapshot, encoding = ls.documents.snapshot(uri), ls.documents.encoding
    if snapshot is not None:
        line = min(line, snapshot.lines.line_count - 1)
        text = snapshot.lines.line_text(line)
        if place.column is None:
            column = len(text) - len(text.lstrip()) if text.strip() else 0
        offset = snapshot.lines.offset(line, column, "utf-16")
        line, column = snapshot.lines.position(offset, encoding)
    elif encoding != "utf-16":
        column = 0
    return FramePlace(uri, line, column, is_project)
