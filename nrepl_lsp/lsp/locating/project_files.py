"""
The texts of a project: the documents that are open, and its files on the disk.

Files are read in a thread, those only that hold a word that is looked for, within limits; a thread
that nobody waits for any more ends at the next file.
"""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import LANGUAGES

from ..documents import path_of
from .texts import bytes_of, open_texts, snapshot_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["PASSED_FOLDERS", "search", "search_closed"]

#: Bytes that one search reads at most.
BYTES_LIMIT = 128 * 1024 * 1024
#: Entries of folders that one search passes at most.
ENTRIES_LIMIT = 100_000
#: Folders that hold what was made from the sources, or others' sources; hidden ones are passed too.
PASSED_FOLDERS = frozenset(
    "node_modules target out build dist classes __pycache__ __pypackages__ venv env vendor".split()
)

Found = TypeVar("Found")
Look = Callable[[Snapshot], Sequence[Found]]


async def search(
    ls: "NreplLanguageServer",
    snapshot: Snapshot,
    words: Collection[str],
    look: Look[Found],
    deadline: float,
) -> list[tuple[Snapshot, Sequence[Found]]]:
    """
    What `look` finds in the open documents and in the files of the project, where it finds any.

    A file on the disk is looked into if it holds one of `words`. At the deadline (of
    `time.monotonic`) it is what was found by then. The document itself is first, then the others
    by URI. Cancelling ends the search.
    """
    opened = open_texts(ls, snapshot)
    found = [(text, spans) for text in opened if (spans := look(text))]
    wanted = tuple(word.encode("utf-8", "replace") for word in words if word)
    plan = _Plan(
        _folders(ls, snapshot.uri),
        _open_paths(ls),
        _extensions(snapshot.language.family),
        partial(_has_one, wanted),
        deadline,
    )
    if wanted:
        found += await _on_disk(ls, plan, look)
    found.sort(key=lambda one: (one[0].uri != snapshot.uri, one[0].uri))
    return found


async def search_closed(
    ls: "NreplLanguageServer", letters: str, look: Look[Found], deadline: float
) -> list[tuple[Snapshot, Sequence[Found]]]:
    """
    What `look` finds in the files of all projects that are not open, of all kinds of language.

    A file is looked into if it holds the letters in their order, whatever their case. At the
    deadline (of `time.monotonic`) it is what was found by then. Cancelling ends the search.
    """
    roots = [it.root for it in ls.routing.supervisors if it.root is not None]
    uris = [(folder / "_").as_uri() for folder in (*roots, *ls.source_folders(""))]
    folders = dict.fromkeys(
        folder for uri in (*uris, *ls.documents.uris()) for folder in _folders(ls, uri)
    )
    wanted = [letter.encode("utf-8", "replace") for letter in letters.lower() if letter.strip()]
    plan = _Plan(
        tuple(folders),
        _open_paths(ls),
        tuple(dict.fromkeys(it for one in LANGUAGES for it in _extensions(one.family))),
        partial(_has_in_order, wanted),
        deadline,
    )
    return await _on_disk(ls, plan, look)


def _open_paths(ls: "NreplLanguageServer") -> frozenset[Path]:
    paths = {path_of(uri) for uri in ls.documents.uris()}
    return frozenset(path for path in paths if path is not None)


async def _on_disk(
    ls: "NreplLanguageServer", plan: "_Plan", look: Look[Found]
) -> list[tuple[Snapshot, Sequence[Found]]]:
    on_disk: list[tuple[Snapshot, Sequence[Found]]] = []
    if plan.folders:
        stop = threading.Event()
        try:
            async with asyncio.timeout(max(0.0, plan.deadline - time.monotonic())):
                await asyncio.to_thread(_search, plan, look, on_disk, stop)
        except TimeoutError:
            ls.log.info("the project's files took too long to be searched")
        finally:
            stop.set()
    # The thread may still be at a file.
    return list(on_disk)


class _Plan(NamedTuple):
    """
    Where and what to search.

    folders: (folder, folders in it that are other projects). passed: files that are open.
    is_wanted: whether a file's bytes are worth to be looked into.
    """

    folders: tuple[tuple[Path, frozenset[Path]], ...]
    passed: frozenset[Path]
    extensions: tuple[str, ...]
    is_wanted: Callable[[bytes], bool]
    deadline: float


def _has_one(words: Collection[bytes], data: bytes) -> bool:
    return any(word in data for word in words)


def _has_in_order(letters: Iterable[bytes], data: bytes) -> bool:
    # Only ASCII letters become small ones here; others are left to the names themselves.
    lower, at = data.lower(), 0
    for letter in letters:
        if letter.isascii():
            at = lower.find(letter, at) + 1
            if not at:
                return False
    return True


def _folders(ls: "NreplLanguageServer", uri: str) -> tuple[tuple[Path, frozenset[Path]], ...]:
    """The project's folder; all of the workspace's where one program serves them all."""
    supervisor = ls.supervisor_for(uri)
    root = supervisor.root if supervisor is not None else None
    folders = ls.source_folders(uri)
    if ls.routing.options.connect is not None:
        outer = [it for it in folders if not any(other in it.parents for other in folders)]
        return tuple((folder, frozenset()) for folder in outer)
    if root is None:
        path = path_of(uri)
        root = next((it for it in folders if path is not None and it in path.parents), None)
    if root is None or root == Path(root.anchor) or root == Path.home():
        # A file that was opened alone; that is no project.
        return ()
    others = {it.root for it in ls.routing.supervisors if it.root is not None} - {root}
    return ((root, frozenset(others)),)


def _extensions(family: str) -> tuple[str, ...]:
    return tuple(
        extension
        for language in LANGUAGES
        if language.family == family and language.lexical is not None
        for extension in language.extensions
    )


def _search(
    plan: _Plan,
    look: Look[Found],
    found: list[tuple[Snapshot, Sequence[Found]]],
    stop: threading.Event,
) -> None:
    left = BYTES_LIMIT
    for path in _files(plan):
        if stop.is_set() or left <= 0 or time.monotonic() > plan.deadline:
            return
        data = bytes_of(path) or b""
        left -= len(data)
        if data and plan.is_wanted(data):
            snapshot = snapshot_of(path, data)
            if spans := look(snapshot):
                found.append((snapshot, spans))


def _files(plan: _Plan) -> Iterator[Path]:
    entries = 0
    for root, others in plan.folders:
        for folder, folders, names in os.walk(root):
            entries += len(folders) + len(names)
            if entries > ENTRIES_LIMIT:
                return
            here = Path(folder)
            folders[:] = _entered(here, folders, others)
            for name in sorted(names):
                if name.endswith(plan.extensions) and not name.startswith("."):
                    path = here / name
                    if path not in plan.passed:
                        yield path


def _entered(folder: Path, names: Iterable[str], others: frozenset[Path]) -> list[str]:
    """The folders in a folder that are looked into."""
    return sorted(
        name
        for name in names
        if not name.startswith(".") and name not in PASSED_FOLDERS and folder / name not in others
    )
