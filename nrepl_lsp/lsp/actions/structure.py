"""Code actions that rearrange brackets and calls; all of them from the text alone."""

from collections.abc import Callable, Sequence

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.edits import workspace_edit
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.changes import Change
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.rewriting.cycling import cycle
from nrepl_lsp.source.rewriting.threading import thread, unwind

from .offer import Asked, Offer

__all__ = ["KINDS", "offers"]

CYCLE = "refactor.rewrite.cycle"
THREAD_FIRST = "refactor.rewrite.threadFirst"
THREAD_LAST = "refactor.rewrite.threadLast"
UNWIND = "refactor.rewrite.unwindThread"
_Rewrite = Callable[[Snapshot, int, bool], Change | None]
_REWRITES: tuple[tuple[str, str, _Rewrite], ...] = (
    (THREAD_FIRST, "Thread first", lambda text, at, fully: thread(text, at, "first", fully=fully)),
    (THREAD_LAST, "Thread last", lambda text, at, fully: thread(text, at, "last", fully=fully)),
    (UNWIND, "Unwind thread", lambda text, at, fully: unwind(text, at, fully=fully)),
)

KINDS: tuple[str, ...] = (
    *(name + suffix for name, _, _ in _REWRITES for suffix in ("", "All")),
    CYCLE,
)


def offers(ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked) -> list[Offer]:
    """
    What can be done with the list at the cursor, its edit ready; nothing when nobody has asked.

    "All" is not offered where it would do the same as one step.
    """
    if asked.is_automatic and asked.only is None:
        return []
    offset = ls.documents.cursor(snapshot, place.range)
    found: list[Offer] = []
    for name, title, rewrite in _REWRITES:
        one, fully = rewrite(snapshot, offset, False), rewrite(snapshot, offset, True)
        if one is not None:
            found.append(_offer(ls, snapshot, name, title, [one]))
        if fully is not None and fully != one:
            found.append(_offer(ls, snapshot, f"{name}All", f"{title} all", [fully]))
    cycled = cycle(snapshot, offset)
    # In the menu of everything only what the cursor is on: there are brackets around every place.
    if cycled is not None and (asked.is_for(CYCLE) or _is_on(offset, cycled.changes)):
        title = f"Change {cycled.old} to {cycled.new}"
        found.append(_offer(ls, snapshot, CYCLE, title, cycled.changes))
    return found


def _is_on(offset: int, changes: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a place is at the opening bracket, or before or behind the closing one."""
    (first, *_), (start, end, _) = changes[0], changes[-1]
    return offset == first or start <= offset <= end


def _offer(
    ls: NreplLanguageServer,
    snapshot: Snapshot,
    kind: str,
    title: str,
    changes: Sequence[tuple[int, int, str]],
) -> Offer:
    return Offer(kind, title, edit=workspace_edit(ls, snapshot, changes))
