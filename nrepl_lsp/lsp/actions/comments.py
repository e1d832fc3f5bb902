"""Code actions that write results into the text, and put right those that are true no more."""

from collections.abc import Iterator

import attrs
from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import plain_range, workspace_edit
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.showing.marks import Anchor, Mark, range_of, stretch_of
from nrepl_lsp.lsp.showing.result_comments import drifts, update_of
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.rewriting.result_comments import comment_of, has_comments

from .form_here import form_here, form_with_value
from .offer import Asked, Offer
from .titles import form_title, title_of

__all__ = ["KINDS", "offers"]

FIX = "quickfix"
INTO = "nrepl.evaluate.comment"
REPLACE = "nrepl.evaluate.replace"
CHECK = "nrepl.evaluate.checkComments"
KINDS = ("nrepl", "nrepl.evaluate", FIX, INTO, REPLACE, CHECK)


def offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> Iterator[Offer]:
    """Corrections of the comments in the range, then what runs the form at the cursor."""
    yield from _fixes(ls, snapshot, place)
    if not ls.client.applies_edits or snapshot.language.lexical is None:
        return
    # Menus that come with every move of the cursor stay as they are.
    if asked.is_automatic or ls.repl_for(place.uri) is None:
        return
    cursor = ls.documents.cursor(snapshot, place.range)
    found = form_with_value(snapshot, cursor)
    # A key that is bound to one of the kinds needs it wherever the command does something.
    if found is None and (asked.names(INTO) or asked.names(REPLACE)):
        form = form_here(snapshot, cursor)
        found = (form, cursor) if form is not None else None
    if found is not None:
        form, at = found
        at_cursor = {"uri": place.uri, "position": plain_range(ls, snapshot, at, at)["start"]}
        shown = title_of(snapshot, form)
        again = "again into its comment" if comment_of(snapshot, form) else "into a comment"
        yield Offer(INTO, f"Evaluate {shown} {again}", "nrepl.evalToComment", at_cursor)
        title = f"Replace {shown} with its value"
        yield Offer(REPLACE, title, "nrepl.replaceWithResult", at_cursor)
    if has_comments(snapshot):
        title = "Check the results in comments"
        yield Offer(CHECK, title, "nrepl.checkComments", {"uri": place.uri})


def _fixes(ls: NreplLanguageServer, snapshot: Snapshot, place: Place) -> Iterator[Offer]:
    marks = drifts(ls, snapshot.uri)
    here = Anchor(ls.documents.uri_of(place.uri), stretch_of(place.range))
    at_cursor = [mark for mark in marks if _concerns(mark, here)]
    for mark in at_cursor:
        changes = update_of(ls, snapshot, [mark])
        if changes:
            title = f"Update to => {form_title(snapshot.language, mark.content.value)}"
            edit = workspace_edit(ls, snapshot, changes)
            diagnostics = tuple(_diagnostics([mark]))
            yield Offer(FIX, title, edit=edit, is_preferred=True, diagnostics=diagnostics)
    if at_cursor and len(marks) > 1:
        changes = update_of(ls, snapshot, marks)
        title = f"Update all {len(changes)} results in comments"
        edit = workspace_edit(ls, snapshot, changes)
        yield Offer(FIX, title, edit=edit, diagnostics=tuple(_diagnostics(marks)))


def _concerns(mark: Mark, here: Anchor) -> bool:
    """Whether a place touches a comment or its form; editors ask right behind them as well."""
    return any(
        anchor.stretch[0] <= here.stretch[1] and here.stretch[0] <= anchor.stretch[1]
        for anchor in mark.anchors
    )


def _diagnostics(marks: list[Mark]) -> Iterator[types.Diagnostic]:
    for mark in marks:
        if mark.diagnostic is not None:
            yield attrs.evolve(mark.diagnostic, range=range_of(mark.place.stretch))
