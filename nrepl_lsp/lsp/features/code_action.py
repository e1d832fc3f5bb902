"""`textDocument/codeAction`: evaluating and connecting, for editors with no key for a command."""

from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import form_at, form_before, forms_in, top_level_form

METHOD = types.TEXT_DOCUMENT_CODE_ACTION

# Own kinds: VS Code hides `source.*` from the menu of Ctrl+. and from the light bulb.
FORM = "nrepl.evaluate.form"
TOP_LEVEL = "nrepl.evaluate.topLevelForm"
SELECTION = "nrepl.evaluate.selection"
LOAD = "nrepl.evaluate.file"
INTERRUPT = "nrepl.interrupt"
CONNECT = "nrepl.connect"
KINDS = ("nrepl", "nrepl.evaluate", FORM, TOP_LEVEL, SELECTION, LOAD, INTERRUPT, CONNECT)

OPTIONS = types.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=True)

#: Characters of a form in a title.
TITLE_LIMIT = 40


async def code_action(
    ls: NreplLanguageServer, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command] | None:
    """Answer what can be done here now, most wanted first; nothing that would only fail."""
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None:
        return None
    place = Place(uri, params.range)
    ls.documents.notice(place)
    repl = ls.repl_for(uri)
    if repl is None:
        offers = [(CONNECT, "Connect to nREPL", "nrepl.connect", {"uri": uri})]
    else:
        offers = _evaluations(ls, snapshot, place, params.context.only or ())
        if ls.evaluations.running(repl):
            offers.insert(0, (INTERRUPT, "Interrupt evaluation", "nrepl.interrupt", {"uri": uri}))
    only = params.context.only
    return [
        _action(ls, kind, title, command, argument)
        for kind, title, command, argument in offers
        if only is None or any(_is_within(kind, wanted) for wanted in only)
    ] or None


_Offer = tuple[str, str, str, dict[str, Any]]


def _evaluations(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, only: Sequence[str]
) -> list[_Offer]:
    uri, offers = place.uri, list[_Offer]()
    cursor = ls.documents.cursor(snapshot, place.range)
    at_cursor = {"uri": uri, "position": _plain(ls.documents.position(snapshot, cursor))}
    form = form_at(snapshot, cursor) or form_before(snapshot, cursor)
    top_level = top_level_form(snapshot, cursor)
    if place.is_selection:
        edges = (place.range.start, place.range.end)
        start, end = (ls.documents.offset(snapshot, edge) for edge in edges)
        selected = list(forms_in(snapshot, start, end))
        # Eglot sends the form at point as the range when nothing is selected.
        if selected and (selected != [form] or SELECTION in only):
            whole = {
                "uri": uri,
                "range": {"start": _plain(place.range.start), "end": _plain(place.range.end)},
            }
            offers.append((SELECTION, "Evaluate selection", "nrepl.evalSelection", whole))
    # The same twice would be a choice without a difference; a key bound to the kind needs both.
    if form is not None and (form != top_level or FORM in only):
        title = f"Evaluate form {_shown(snapshot, form)}"
        offers.append((FORM, title, "nrepl.evalForm", at_cursor))
    if top_level is not None:
        title = f"Evaluate top-level form {_shown(snapshot, top_level)}"
        offers.append((TOP_LEVEL, title, "nrepl.evalTopLevelForm", at_cursor))
    offers.append((LOAD, "Load file into the REPL", "nrepl.loadFile", {"uri": uri}))
    return offers


def _shown(snapshot: Snapshot, span: tuple[int, int]) -> str:
    start, end = span
    line = " ".join(snapshot.text[start : min(end, start + 4 * TITLE_LIMIT)].split())
    return line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1] + "…"


def _action(
    ls: NreplLanguageServer, kind: str, title: str, command: str, argument: dict[str, Any]
) -> types.CodeAction | types.Command:
    call = types.Command(title=title, command=command, arguments=[argument])
    if not ls.client.code_action_literals:
        return call
    return types.CodeAction(title=title, kind=kind, command=call)


def _plain(position: types.Position) -> dict[str, int]:
    return {"line": position.line, "character": position.character}


def _is_within(kind: str, wanted: str) -> bool:
    """Whether a kind is the wanted one or below it; an empty one is above all."""
    wanted = str(getattr(wanted, "value", wanted))
    return wanted == "" or kind == wanted or kind.startswith(wanted + ".")
