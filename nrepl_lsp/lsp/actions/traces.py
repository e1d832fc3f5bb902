"""The code action that shows how an error came about."""

from collections.abc import Iterable

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.showing.errors import OWNER
from nrepl_lsp.lsp.showing.marks import Anchor, stretch_of
from nrepl_lsp.source.document import Snapshot

from .offer import Asked, Offer

__all__ = ["KINDS", "offers"]

TRACE = "nrepl.trace"
KINDS = ("nrepl", TRACE)


def offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> Iterable[Offer]:
    """The trace of the error that stands here, or came of the form here; of several the last."""
    here = Anchor(ls.documents.uri_of(snapshot.uri), stretch_of(place.range))
    marks = [
        mark
        for mark in ls.marks.every(OWNER)
        if mark.place.overlaps(here) or (mark.origin is not None and mark.origin.overlaps(here))
    ]
    if not marks:
        return
    start, _ = marks[-1].place.stretch
    position = {"line": start[0], "character": start[1]}
    fixes = tuple(
        one
        for one in asked.diagnostics
        if (one.range.start.line, one.range.start.character) == start
    )
    argument = {"uri": marks[-1].place.uri, "position": position}
    evaluation = getattr(marks[-1].content, "evaluation", None)
    if evaluation is not None:
        argument["evaluation"] = evaluation
    yield Offer(TRACE, "Show the stack trace", "nrepl.showTrace", argument, diagnostics=fixes)
