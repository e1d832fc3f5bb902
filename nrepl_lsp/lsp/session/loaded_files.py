"""What becomes known of the open documents when the program loads files, or loses names."""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Document, Snapshot

from ..evaluating.code import declared_namespace
from ..evaluating.picking import text_on_disk
from ..load_state.hints import stale_hints
from ..load_state.program_forms import program_forms
from ..showing.lenses import refresh

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["is_unsaved", "note_loaded", "note_removed"]

#: Open documents of the loaded namespaces whose files are read.
FILES_LIMIT = 50


async def is_unsaved(snapshot: Snapshot) -> bool:
    """Whether the editor's text is another than the file's, or there is no file."""
    return await asyncio.to_thread(text_on_disk, snapshot.uri) != _without_mark(snapshot.text)


async def note_loaded(ls: "NreplLanguageServer", repl: Repl, namespaces: Collection[str]) -> None:
    """Know that the program has loaded the files of these namespaces."""
    loaded = [one for one in _open(ls, repl) if declared_namespace(one) in namespaces]
    for snapshot in loaded[:FILES_LIMIT]:
        text = await asyncio.to_thread(text_on_disk, snapshot.uri)
        if text == _without_mark(snapshot.text):
            program_forms(ls).loaded(ls, snapshot)
        elif text is not None:
            name = snapshot.language.language_ids[0]
            file = Document(snapshot.uri, name, None, text).snapshot()
            program_forms(ls).loaded(ls, file)
    _show(ls)


def note_removed(
    ls: "NreplLanguageServer", repl: Repl, ns: str, names: Iterable[str] | None = None
) -> None:
    """Know that the program has lost names of a namespace, or all."""
    gone = None if names is None else tuple(names)
    for snapshot in _open(ls, repl):
        if declared_namespace(snapshot) == ns:
            program_forms(ls).forget(snapshot.uri, gone)
    _show(ls)


def _show(ls: "NreplLanguageServer") -> None:
    stale_hints(ls).soon(ls)
    refresh(ls)


def _open(ls: "NreplLanguageServer", repl: Repl) -> Iterator[Snapshot]:
    for uri in ls.documents.uris():
        snapshot = ls.documents.snapshot(uri)
        if snapshot is not None and ls.repl_for(uri) is repl:
            yield snapshot


def _without_mark(text: str) -> str:
    return text.removeprefix("\ufeff")
