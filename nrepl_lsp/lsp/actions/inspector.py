"""Code actions that look into values: at a form, and in the pages that the inspector shows."""

from collections.abc import Iterator
from typing import Any

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.showing.inspected_pages import View
from nrepl_lsp.lsp.showing.inspector import view_of
from nrepl_lsp.source.document import Snapshot

from .form_here import form_here, form_with_value
from .offer import Asked, Offer
from .titles import form_title, title_of

__all__ = ["KINDS", "is_page", "offers"]

INSPECT = "nrepl.inspect"
PUSH = "nrepl.inspect.push"
POP = "nrepl.inspect.pop"
PAGE = "nrepl.inspect.page"
REFRESH = "nrepl.inspect.refresh"
KINDS = ("nrepl", INSPECT, PUSH, POP, PAGE, REFRESH)


def is_page(ls: NreplLanguageServer, snapshot: Snapshot) -> bool:
    """Whether a document is a page of the inspector, where nothing else is worth offering."""
    return view_of(ls, snapshot.uri) is not None


def offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> Iterator[Offer]:
    """Inspecting the form at the cursor, or going on from a page."""
    view = view_of(ls, snapshot.uri)
    if view is not None:
        yield from _ways(view, place)
        return
    if asked.is_automatic or ls.repl_for(place.uri) is None:
        return
    cursor = ls.documents.cursor(snapshot, place.range)
    found = form_with_value(snapshot, cursor)
    if found is None and asked.names(INSPECT):
        form = form_here(snapshot, cursor)
        found = (form, cursor) if form is not None else None
    if found is not None:
        form, at = found
        at_cursor = {"uri": place.uri, "position": plain_range(ls, snapshot, at, at)["start"]}
        title = f"Inspect the value of {title_of(snapshot, form)}"
        yield Offer(INSPECT, title, "nrepl.inspect", at_cursor)


def _ways(view: View, place: Place) -> Iterator[Offer]:
    line = place.range.start.line
    here: dict[str, Any] = {"uri": place.uri}
    # The value of a map's entry is what is mostly meant, and stands behind its key.
    for item in reversed(view.items[line] if line < len(view.items) else ()):
        argument = {**here, "go": "push", "index": item.number}
        yield Offer(
            PUSH, f"Inspect {form_title(view.value.language, item.text)}", "nrepl.inspect", argument
        )
    page = view.page
    for is_there, kind, title, go in (
        (page.has_next, PAGE, "Next page", "next"),
        (page.has_previous, PAGE, "Previous page", "previous"),
        (view.can_go_back, POP, "Back to what this is a part of", "pop"),
        (view.value.text is None, REFRESH, "Show this value again as it is now", "refresh"),
    ):
        if is_there:
            yield Offer(kind, title, "nrepl.inspect", {**here, "go": go})
