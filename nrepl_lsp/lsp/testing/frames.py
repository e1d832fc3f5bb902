"""The calls that an exception in a test came through, as far as they are in the project."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from nrepl_lsp.lsp import convert
from nrepl_lsp.tooling.stacktrace import StackFrame
from nrepl_lsp.tooling.testing import Failure

from ..locating.frame_places import is_own_file, own_folders

if TYPE_CHECKING:
    from ..server import NreplLanguageServer
    from .marks import Texts

__all__ = ["own_frame", "project_frames"]

#: Calls that are looked into.
FRAMES_LIMIT = 20

#: Functions without a name, and what a REPL wraps around a form.
_NAMELESS = re.compile(r"(?:fn|eval|reify|iter)(?:__)?\d*$")


def own_frame(failure: Failure, frame: StackFrame) -> bool:
    """Whether a call is in the namespace or the file of the test itself."""
    ns, slash, _ = frame.name.partition("/")
    if slash:
        return ns == failure.ns
    file = frame.place.file if frame.place is not None else None
    return file is not None and file == failure.start.file


async def project_frames(
    ls: "NreplLanguageServer", failure: Failure, texts: "Texts"
) -> AsyncIterator[tuple[str, str, types.Range]]:
    """
    The named functions of the project that were called, innermost first: words, URI, line.

    One that calls itself is there once, as are the two calls of each function on a JVM.
    """
    seen, before = set(), None
    folders = await own_folders(ls, texts.near.uri)
    for cause in failure.causes[-1:]:
        for frame in cause.frames[:FRAMES_LIMIT]:
            found = await _found(ls, failure, frame, texts, folders)
            if found is None:
                continue
            function = frame.name, found[1]
            if function != before and found[0] not in seen:
                seen.add(found[0])
                yield found
            before = function


async def _found(
    ls: "NreplLanguageServer",
    failure: Failure,
    frame: StackFrame,
    texts: "Texts",
    folders: Sequence[Path],
) -> tuple[str, str, types.Range] | None:
    place = frame.place
    if place is None or place.line is None:
        return None
    ns, slash, function = frame.name.partition("/")
    if slash:
        if _NAMELESS.match(function.partition("/")[0]):
            return None
        text = await texts.of(ns)
        if text is None or place.line > text.lines.line_count:
            return None
        words, uri, short = frame.name, text.uri, text.uri.rpartition("/")[2]
    else:
        path = await _path(ls, place.file, folders)
        if path is None or frame.name == failure.test:
            return None
        words, uri, short = frame.name, convert.uri_of(path), path.name
    start = types.Position(place.line - 1, 0)
    return (
        f"{words} ({short}:{place.line})",
        ls.documents.uri_of(uri),
        types.Range(start, start),
    )


async def _path(
    ls: "NreplLanguageServer", file: str | None, folders: Sequence[Path]
) -> Path | None:
    """A file of the project by the name that the program has for it."""
    if not file:
        return None
    mapped = (mapping.apply(file) for mapping in ls.settings.path_mappings)
    path = Path(next((name for name in mapped if name is not None), file))
    if not path.is_absolute() or not is_own_file(ls, path, folders):
        return None
    return path if await asyncio.to_thread(path.is_file) else None
