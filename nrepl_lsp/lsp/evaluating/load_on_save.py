"""Loading documents when they are saved, for users who have asked for it (`nrepl.loadOnSave`)."""

import asyncio
from typing import TYPE_CHECKING

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import PLAIN
from nrepl_lsp.source.namespaces import namespace_form

from ..documents import path_of
from .picking import whole
from .running import Running

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["document_saved"]


class _Loading:
    """A document that is being loaded. is_again: it was saved since."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.is_again = False
        self.task: asyncio.Task[None] | None = None


class _UnderWay:
    """The loadings of an editor's documents that have not ended."""

    def __init__(self) -> None:
        self.loading: dict[str, _Loading] = {}


def document_saved(ls: "NreplLanguageServer", uri: str) -> None:
    """
    Load a document that was saved, as it is in the editor.

    One that is saved again while it loads is loaded once more after that, however often it was
    saved. Without a program that it belongs to nothing happens.
    """
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None or not _is_loadable(ls, snapshot):
        return
    all_loading = ls.part(_UnderWay).loading
    under_way = all_loading.get(snapshot.uri)
    if under_way is not None:
        under_way.is_again = True
        return
    repl = ls.repl_for(snapshot.uri)
    if repl is None:
        return
    loading = all_loading[snapshot.uri] = _Loading(ls.evaluations.start(repl, whole(snapshot)))
    loading.task = asyncio.create_task(_follow(ls, snapshot.uri, loading), name="load on save")


async def _follow(ls: "NreplLanguageServer", uri: str, loading: _Loading) -> None:
    assert loading.running.task is not None
    try:
        await asyncio.wait({loading.running.task})
    finally:
        del ls.part(_UnderWay).loading[uri]
    # Who interrupts a loading does not want the next one.
    is_interrupted = loading.running.is_dropped or loading.running.task.cancelled()
    if loading.is_again and not is_interrupted and ls.settings.load_on_save:
        document_saved(ls, uri)


def _is_loadable(ls: "NreplLanguageServer", snapshot: Snapshot) -> bool:
    """
    Whether saving a document means to load it.

    In Clojure's family only files that declare a namespace are: `project.clj`, `data_readers.clj`
    and all data are not. Files of no project of the user's (libraries, notes) are left alone.
    """
    if snapshot.language is PLAIN:
        return False
    if snapshot.language.family == "clojure" and namespace_form(snapshot) is None:
        return False
    path = path_of(snapshot.uri)
    folders = ls.source_folders(snapshot.uri)
    return path is not None and (not folders or any(it in path.parents for it in folders))
