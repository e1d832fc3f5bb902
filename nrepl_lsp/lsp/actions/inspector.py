"""Code actions that look into values: at a form, and in the pages that the inspector shows."""

from collections.abc import Iterator
from typing import Any

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.showing.inspected_pages import View
from nrepl_lsp.lsp.showing.inspector import view_of
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import form_at, form_before

from .offer import Asked, Offer

__all__ = ["KINDS", "is_page", "offers"]

INSPECT = "nrepl.inspect"
PUSH = "nrepl.inspect.push"
POP = "nrepl.inspect.pop"
PAGE = "nrepl.inspect.page"
REFRESH = "nrepl.inspect.refresh"
KINDS = ("nrepl", INSPECT, PUSH, POP, PAGE, REFRESH)

#: Characters of a form or value in a title.
TITLE_LIMIT = 40


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
    form = form_at(snapshot, cursor) or form_before(snapshot, cursor)
    if form is not None:
        position = plain_range(ls, snapshot, cursor, cursor)["start"]
        at_cursor = {"uri": place.uri, "position": position}
        title = f"Inspect the value of {_shown(snapshot.text[form.start : form.end])}"
        yield Offer(INSPECT, title, "nrepl.inspect", at_cursor)


def _ways(view: View, place: Place) -> Iterator[Offer]:
    line = place.range.start.line
    here: dict[str, Any] = {"uri": place.uri}
    # The value of a map's entry is what is mostly meant, and stands behind its key.
    for item in reversed(view.items[line] if line < len(view.items) else ()):
        argument = {**here, "go": "push", "index": item.number}
        yield Offer(PUSH, f"Inspect {_shown(item.text)}", "nrepl.inspect", argument)
    page = view.page
    for is_there, kind, title, go in (
        (page.has_next, PAGE, "Next page", "next"),
        (page.has_previous, PAGE, "Previous page", "previous"),
        (view.can_go_back, POP, "Back to what this is a part of", "pop"),
        (view.value.text is None, REFRESH, "Show this value again as it is now", "refresh"),
    ):
        if is_there:
            yield Offer(kind, title, "nrepl.inspect", {**here, "go": go})


def _shown(text: str) -> str:
    line = " ".join(text[: 4 * TITLE_LIMIT].split())
    return line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1] + "…"
