"""Code actions that evaluate, connect and interrupt, for editors with no key for a command."""

from collections.abc import Iterator
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import form_at, form_before, forms_in, top_level_form

from .offer import Asked, Offer

__all__ = ["KINDS", "offers"]

# Own kinds: VS Code hides `source.*` from the menu of Ctrl+. and from the light bulb.
FORM = "nrepl.evaluate.form"
TOP_LEVEL = "nrepl.evaluate.topLevelForm"
SELECTION = "nrepl.evaluate.selection"
LOAD = "nrepl.evaluate.file"
INTERRUPT = "nrepl.interrupt"
CONNECT = "nrepl.connect"
KINDS = ("nrepl", "nrepl.evaluate", FORM, TOP_LEVEL, SELECTION, LOAD, INTERRUPT, CONNECT)

#: Characters of a form in a title.
TITLE_LIMIT = 40


def offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> Iterator[Offer]:
    """Everything that can be done with the program here, most wanted first."""
    repl = ls.repl_for(place.uri)
    if repl is None:
        yield Offer(CONNECT, "Connect to nREPL", "nrepl.connect", {"uri": place.uri})
        return
    if ls.evaluations.running(repl):
        yield Offer(INTERRUPT, "Interrupt evaluation", "nrepl.interrupt", {"uri": place.uri})
    cursor = ls.documents.cursor(snapshot, place.range)
    at_cursor = {"uri": place.uri, "position": _plain(ls.documents.position(snapshot, cursor))}
    form = form_at(snapshot, cursor) or form_before(snapshot, cursor)
    top_level = top_level_form(snapshot, cursor)
    if place.is_selection:
        edges = (place.range.start, place.range.end)
        start, end = (ls.documents.offset(snapshot, edge) for edge in edges)
        selected = list(forms_in(snapshot, start, end))
        # Eglot sends the form at point as the range when nothing is selected.
        if selected and (selected != [form] or asked.names(SELECTION)):
            span = {"start": _plain(place.range.start), "end": _plain(place.range.end)}
            whole = {"uri": place.uri, "range": span}
            yield Offer(SELECTION, "Evaluate selection", "nrepl.evalSelection", whole)
    # The same twice would be a choice without a difference; a key bound to the kind needs both.
    if form is not None and (form != top_level or asked.names(FORM)):
        yield Offer(FORM, f"Evaluate form {_shown(snapshot, form)}", "nrepl.evalForm", at_cursor)
    if top_level is not None:
        title = f"Evaluate top-level form {_shown(snapshot, top_level)}"
        yield Offer(TOP_LEVEL, title, "nrepl.evalTopLevelForm", at_cursor)
    yield Offer(LOAD, "Load file into the REPL", "nrepl.loadFile", {"uri": place.uri})


def _shown(snapshot: Snapshot, span: tuple[int, int]) -> str:
    start, end = span
    line = " ".join(snapshot.text[start : min(end, start + 4 * TITLE_LIMIT)].split())
    return line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1] + "…"


def _plain(position: types.Position) -> dict[str, Any]:
    return {"line": position.line, "character": position.character}
