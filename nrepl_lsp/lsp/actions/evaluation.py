"""Code actions that evaluate, connect and interrupt, for editors with no key for a command."""

from collections.abc import Iterator
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp import document_contents
from nrepl_lsp.lsp.documents import Place, path_of
from nrepl_lsp.lsp.edits import plain_range
from nrepl_lsp.lsp.evaluating.running import Running
from nrepl_lsp.lsp.load_state.program_forms import ChangedForm, program_forms
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import Span, form_around, forms_in, top_level_form
from nrepl_lsp.source.languages import EDN

from .form_here import form_here, is_evaluated_alone
from .offer import Asked, Offer
from .titles import file_name, form_title, title_of

__all__ = ["KINDS", "is_made_here", "offers"]

# Own kinds: VS Code hides `source.*` from the menu of Ctrl+. and from the light bulb.
FORM = "nrepl.evaluate.form"
TOP_LEVEL = "nrepl.evaluate.topLevelForm"
LIST = "nrepl.evaluate.list"
SELECTION = "nrepl.evaluate.selection"
CHANGED = "nrepl.evaluate.changedForms"
LOAD = "nrepl.evaluate.file"
INTERRUPT = "nrepl.interrupt"
INPUT = "nrepl.input"
CONNECT = "nrepl.connect"
KINDS = (
    *("nrepl", "nrepl.evaluate", FORM, LIST, TOP_LEVEL, SELECTION, CHANGED, LOAD),
    *(INTERRUPT, INPUT, CONNECT),
)


#: Folders of the cache with what can be evaluated.
CODE_FOLDERS = ("sources", "macroexpansions")


def offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> Iterator[Offer]:
    """
    What can be evaluated here.

    When nobody has opened a menu, only what waits for the user: code that runs or reads input, and
    the form at the cursor if it was changed. A light bulb at every form would mean nothing.
    """
    uri, repl = place.uri, ls.repl_for(place.uri)
    # Data is looked at, and evaluated only by who asks for that.
    is_text = snapshot.index is None or snapshot.language is EDN
    if repl is None:
        is_wanted = not is_text or asked.is_for(CONNECT)
        # An editor may start another server for what we show: no program belongs to that.
        if is_wanted and not asked.is_automatic and not is_made_here(ls, uri):
            yield Offer(CONNECT, "Connect to nREPL", "nrepl.connect", {"uri": uri})
        return
    running = ls.evaluations.running(repl)
    if running:
        yield Offer(INTERRUPT, f"Interrupt {_running(running)}", "nrepl.interrupt", {"uri": uri})
        yield from _input(ls, place, running)
    if is_made_here(ls, uri):
        return
    changed = program_forms(ls).changed(ls, snapshot)
    cursor = ls.documents.cursor(snapshot, place.range)
    if asked.is_automatic and asked.only is None:
        top_level = top_level_form(snapshot, cursor)
        if any(one.span == top_level and _is_in(cursor, one.span) for one in changed):
            yield from _forms(ls, snapshot, place, asked)
        return
    yield from _selection(ls, snapshot, place, asked)
    if not is_text or asked.is_for(FORM) or asked.is_for(TOP_LEVEL):
        yield from _forms(ls, snapshot, place, asked)
    yield from _changed(snapshot, place, asked, changed, cursor)
    if not is_text or asked.is_for(LOAD):
        is_missing = program_forms(ls).is_loaded(ls, snapshot) is False
        title = f"Load {file_name(uri)}"
        yield Offer(LOAD, title, "nrepl.loadFile", {"uri": uri}, is_first=is_missing)


def is_made_here(ls: NreplLanguageServer, uri: str) -> bool:
    """Whether we have written a document to show something that is no code."""
    if document_contents.is_ours(uri):
        return True
    path = path_of(uri)
    if path is None or ls.cache not in path.parents:
        return False
    return not any(ls.cache / name in path.parents for name in CODE_FOLDERS)


def _running(running: list[Running]) -> str:
    code = running[0].code
    what = code.called or form_title(code.language, code.text)
    if code.is_file and code.uri is not None:
        what = f"loading {file_name(code.uri)}"
    return what + (f" and {len(running) - 1} more" if len(running) > 1 else "")


def _input(ls: NreplLanguageServer, place: Place, running: list[Running]) -> Iterator[Offer]:
    from nrepl_lsp.lsp.following.input import current_line, input_of

    asking = input_of(ls)
    waiting = [one for one in (asking.waiting() if asking is not None else []) if one in running]
    if not waiting:
        return
    line = current_line(ls, place) or ""
    evaluation = {"uri": place.uri, "evaluation": waiting[0].id}
    short = " ".join(line.split())
    if short:
        title = f"Send “{short[:40]}{'…' if len(short) > 40 else ''}” as input"
        there = {"start": _plain(place.range.start), "end": _plain(place.range.end)}
        yield Offer(INPUT, title, "nrepl.sendInput", {**evaluation, "range": there})
    empty = {**evaluation, "text": ""}
    yield Offer(INPUT, "Send an empty line as input", "nrepl.sendInput", empty)
    end = {**evaluation, "end": True}
    yield Offer(INPUT, "Send the end of input", "nrepl.sendInput", end)


def _selection(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> Iterator[Offer]:
    if not place.is_selection:
        return
    start, end = (
        ls.documents.offset(snapshot, edge) for edge in (place.range.start, place.range.end)
    )
    selected = list(forms_in(snapshot, start, end))
    form = form_here(snapshot, ls.documents.cursor(snapshot, place.range))
    # Eglot sends the form at point as the range when nothing is selected.
    if not selected or (selected == [form] and not asked.names(SELECTION)):
        return
    what = title_of(snapshot, selected[0])
    if len(selected) > 1:
        what = f"the {len(selected)} selected forms"
    whole = {"start": _plain(place.range.start), "end": _plain(place.range.end)}
    argument = {"uri": place.uri, "range": whole}
    yield Offer(SELECTION, f"Evaluate {what}", "nrepl.evalSelection", argument)


def _forms(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked
) -> Iterator[Offer]:
    """The form at the cursor and those around it; the same twice would be no choice."""
    cursor = ls.documents.cursor(snapshot, place.range)
    position = _plain(ls.documents.position(snapshot, cursor))
    argument = {"uri": place.uri, "position": position}
    form, top_level = form_here(snapshot, cursor), top_level_form(snapshot, cursor)
    # A key that is bound to one of the kinds needs it also where they are the same.
    is_alone = form not in (None, top_level) and is_evaluated_alone(snapshot, form)
    if form is not None and (is_alone or asked.names(FORM)):
        yield Offer(FORM, f"Evaluate {title_of(snapshot, form)}", "nrepl.evalForm", argument)
    around = form_around(snapshot, cursor)
    is_within = around not in (None, form, top_level) and _is_word(snapshot, form)
    if around is not None and is_within and is_evaluated_alone(snapshot, around):
        # On a word of a call mostly the call is meant. A position would not be exact: `(f)(g)`.
        whole = {"uri": place.uri, "range": plain_range(ls, snapshot, *around)}
        title = f"Evaluate {title_of(snapshot, around)}"
        yield Offer(LIST, title, "nrepl.evalSelection", whole)
    if top_level is not None:
        title = f"Evaluate {title_of(snapshot, top_level)}"
        yield Offer(TOP_LEVEL, title, "nrepl.evalTopLevelForm", argument)


def _changed(
    snapshot: Snapshot, place: Place, asked: Asked, changed: list[ChangedForm], cursor: int
) -> Iterator[Offer]:
    if not changed:
        return
    title = f"Evaluate {len(changed)} changed forms"
    if len(changed) == 1:
        if top_level_form(snapshot, cursor) == changed[0].span and not asked.names(CHANGED):
            return
        title = f"Evaluate the changed form {title_of(snapshot, changed[0].span)}"
    yield Offer(CHANGED, title, "nrepl.evalChangedForms", {"uri": place.uri})


def _is_word(snapshot: Snapshot, form: Span | None) -> bool:
    return form is not None and snapshot.text[form.end - 1] not in ")]}"


def _is_in(cursor: int, span: Span) -> bool:
    return span.start <= cursor <= span.end


def _plain(position: types.Position) -> dict[str, Any]:
    return {"line": position.line, "character": position.character}
