"""
The pages of inspected values that were shown, in documents that cannot be written to.

Where the editor asks us for the texts of documents without a file, one document shows every step.
Elsewhere each step has a file of its own: an edit of the one that is open would leave it unsaved,
which every editor then asks about, editors notice late or with a question that a file was written
anew, and the editor's own way back leads to the page before. Where no document can be shown, the
open one is edited all the same.
"""

import asyncio
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from .. import document_contents
from ..applying import apply_edit
from ..documents import Place, path_of
from ..edits import workspace_edit
from ..evaluating.picking import RefusedError
from ..read_only_documents import is_shown, show, write
from .inspected_pages import View, document_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["NOT_CURRENT", "PROGRAM_GONE", "is_last", "item_at", "last_view", "show_view", "view_of"]

#: Inspected values that are kept, and pages that are known again.
VALUES_KEPT = 4
VIEWS_KEPT = 200

PROGRAM_GONE = "The program that this value is of has gone: inspect the form again."
NOT_CURRENT = "This is not the page that the inspector shows now: go on there, or inspect again."


class _Shown:
    """The views of one editor by their documents, the one shown last at the end."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}

    def keep(self, uri: str, view: View) -> None:
        self.views.pop(uri, None)
        self.views[uri] = view
        values = list(dict.fromkeys(id(one.value) for one in reversed(self.views.values())))
        kept = set(values[:VALUES_KEPT])
        views = [(key, one) for key, one in self.views.items() if id(one.value) in kept]
        self.views = dict(views[-VIEWS_KEPT:])


def view_of(ls: "NreplLanguageServer", uri: str) -> View | None:
    """The page that a document shows; None for any other document."""
    views = ls.part(_Shown).views
    return views.get(uri) or views.get(_plain(uri))


def last_view(ls: "NreplLanguageServer") -> View | None:
    """The page that was shown last."""
    return next(reversed(ls.part(_Shown).views.values()), None)


def is_last(ls: "NreplLanguageServer", view: View) -> bool:
    """Whether the program's inspector stands at a view: of each program it is the last one."""
    views = ls.part(_Shown).views.values()
    of_program = [one for one in views if one.value.repl is view.value.repl and not one.value.text]
    return bool(of_program) and of_program[-1] is view


def item_at(ls: "NreplLanguageServer", view: View, place: Place | None) -> int:
    """The number of the item on a line of a page. Raises `RefusedError`."""
    line = place.range.start.line if place is not None else -1
    is_here = place is not None and view_of(ls, place.uri) is view
    items = view.items[line] if is_here and 0 <= line < len(view.items) else ()
    if not items:
        raise RefusedError(
            "There is no item on this line: go to one, or pass its number as `index`."
        )
    return items[-1].number


async def show_view(ls: "NreplLanguageServer", view: View) -> tuple[str, View]:
    """Show a page in a document; its URI and the view. Raises `RefusedError`."""
    text, view = document_of(view)
    shown = ls.part(_Shown)
    opened = _open_document(ls, shown, view)
    if opened is not None:
        snapshot = ls.documents.snapshot(opened)
        assert snapshot is not None
        shown.keep(opened, view)
        edit = workspace_edit(ls, snapshot, [(0, len(snapshot.text), text)])
        await apply_edit(ls, "Inspect", edit)
        return opened, view
    if ls.client.shows_documents and await document_contents.register(ls):
        uri = document_contents.uri_for(f"inspector/{_file_name(view)}")
        is_other = document_contents.text_of(ls, uri) is not None
        # VS Code offers no code actions in what cannot be edited.
        text, view = document_of(view, goes_on_by="nrepl.inspect")
        shown.keep(uri, view)
        await document_contents.put(ls, uri, text, origin=view.value.uri)
        # The lines are others than before: the first is where they are when they come.
        if await is_shown(ls, uri, 0 if is_other else None):
            return uri, view
    try:
        path = await asyncio.to_thread(write, ls.cache / "inspector", _file_name(view), text)
    except OSError as error:
        raise RefusedError(f"The value cannot be shown: {error}.") from error
    supervisor = ls.supervisor_for(view.value.uri)
    if supervisor is not None:
        ls.routing.remember_library(path, supervisor)
    shown.keep(path.as_uri(), view)
    await show(ls, path)
    return path.as_uri(), view


def _open_document(ls: "NreplLanguageServer", shown: _Shown, view: View) -> str | None:
    """The open document to edit, for editors that cannot be shown another one."""
    if ls.client.shows_documents or not ls.client.applies_edits:
        return None
    return next(
        (
            uri
            for uri, one in reversed(shown.views.items())
            if one.value is view.value and ls.documents.snapshot(uri) is not None
        ),
        None,
    )


def _file_name(view: View) -> str:
    """What a page is called: with the extension of the document that the value is of."""
    language = view.value.language
    extension = PurePosixPath((view.value.uri or "").rpartition("/")[2]).suffix
    return "value" + (extension if extension in language.extensions else language.extensions[0])


def _plain(uri: str) -> str:
    """Editors escape differently; what we make has plain ASCII names in a folder of any name."""
    if document_contents.is_ours(uri):
        return document_contents.plain(uri)
    path = path_of(uri)
    return path.as_uri() if path is not None else uri
