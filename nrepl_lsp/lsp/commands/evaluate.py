"""The commands that run the user's code: nothing else in the server does."""

import asyncio
from collections.abc import Callable
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.documents import DocumentStore, path_of
from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.evaluations import ANSWER_WITHIN
from nrepl_lsp.lsp.evaluating.results import Fault, Outcome, Status
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.forms import form_at, form_before, forms_in, top_level_form
from nrepl_lsp.source.languages import for_document
from nrepl_lsp.source.namespaces import namespace_at

#: Bytes of a file that is loaded without being open.
FILE_LIMIT = 16 * 1024 * 1024


async def eval_form(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalForm`: the form at the cursor, or the one before it."""
    return await _evaluate_picked(ls, Arguments.read(arguments), _form)


async def eval_top_level_form(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalTopLevelForm`: the outermost form around the cursor, or the one in `comment`."""
    return await _evaluate_picked(ls, Arguments.read(arguments), _top_level_form)


async def eval_selection(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalSelection`: the forms in the range."""
    return await _evaluate_picked(ls, Arguments.read(arguments), _selection)


async def eval_code(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalCode`: the text given as `code`, in the namespace `ns` or the document's."""
    given = Arguments.read(arguments)
    if given.code is None:
        return _refused(ls, "Nothing to evaluate: pass the text as `code`.")
    place = given.place(ls.documents.last_place)
    uri = place.uri if place is not None else None
    snapshot = ls.documents.snapshot(place.uri) if place is not None else None
    language = snapshot.language if snapshot is not None else for_document("", uri or "")
    ns = given.ns
    if ns is None and snapshot is not None and place is not None:
        # Who names no place means the file: what is in force at its end.
        offset = ls.documents.offset(snapshot, place.range.start)
        ns = namespace_at(snapshot, offset if given.range is not None else len(snapshot.text))
    return await _evaluate(ls, given, Code(given.code, language, uri, ns))


async def load_file(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.loadFile`: the whole file as it is in the editor, saved or not."""
    given = Arguments.read(arguments)
    place = given.place(ls.documents.last_place)
    if place is None:
        return _refused(ls, "No document is open: pass its `uri`.")
    snapshot = ls.documents.snapshot(place.uri) or await asyncio.to_thread(_read, place.uri)
    if snapshot is None:
        return _refused(ls, f"{place.uri} is not open and cannot be read.")
    start = 1 if snapshot.text.startswith("\ufeff") else 0
    end = len(snapshot.text)
    text = snapshot.text[start:]
    code = Code(text, snapshot.language, snapshot.uri, None, snapshot, start, end, is_file=True)
    return await _evaluate(ls, given, code)


async def interrupt(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.interrupt`: stop what runs for this document, and drop what waits behind it."""
    given = Arguments.read(arguments)
    place = given.place(ls.documents.last_place)
    targets = ls.evaluations.running()
    if given.evaluation is not None:
        targets = [one for one in targets if one.id == given.evaluation]
    elif place is not None:
        repl = ls.repl_for(place.uri)
        targets = ls.evaluations.running(repl) if repl is not None else []
    status = await ls.evaluations.interrupt(targets)
    message = _INTERRUPT_MESSAGES.get(status)
    if message is not None:
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, message))
    return {"status": status, "message": message}


_INTERRUPT_MESSAGES = {
    "idle": "Nothing is running.",
    "unsupported": "This server cannot interrupt; restart it to stop the evaluation.",
    "unanswered": "The server has not reacted to the interrupt; the evaluation may go on.",
}

_Span = tuple[int, int]
_Pick = Callable[[DocumentStore, Snapshot, types.Range], _Span | str]


def _form(documents: DocumentStore, snapshot: Snapshot, place: types.Range) -> _Span | str:
    cursor = documents.cursor(snapshot, place)
    span = form_at(snapshot, cursor) or form_before(snapshot, cursor)
    return span if span is not None else "There is no form at or before the cursor."


def _top_level_form(
    documents: DocumentStore, snapshot: Snapshot, place: types.Range
) -> _Span | str:
    span = top_level_form(snapshot, documents.cursor(snapshot, place))
    return span if span is not None else "There is no top-level form at the cursor."


def _selection(documents: DocumentStore, snapshot: Snapshot, place: types.Range) -> _Span | str:
    start, end = (documents.offset(snapshot, edge) for edge in (place.start, place.end))
    spans = forms_in(snapshot, min(start, end), max(start, end))
    return (spans[0][0], spans[-1][1]) if spans else "There is no whole form in the selection."


async def _evaluate_picked(
    ls: NreplLanguageServer, given: Arguments, pick: _Pick
) -> dict[str, Any]:
    place = given.place(ls.documents.last_place)
    if place is None:
        return _refused(ls, "No document is open: pass `uri` and `position`.")
    snapshot = ls.documents.snapshot(place.uri)
    if snapshot is None:
        return _refused(ls, f"{place.uri} is not open.")
    if ls.repl_for(place.uri) is None:
        return _refused(ls, ls.why_detached(place.uri), "disconnected")
    span = pick(ls.documents, snapshot, place.range)
    if isinstance(span, str):
        return _refused(ls, span)
    start, end = span
    ns = given.ns if given.ns is not None else namespace_at(snapshot, start)
    text = snapshot.text[start:end]
    code = Code(text, snapshot.language, snapshot.uri, ns, snapshot, start, end)
    return await _evaluate(ls, given, code)


def _read(uri: str) -> Snapshot | None:
    path = path_of(uri)
    try:
        # To open a pipe waits for its writer; a device may have no end.
        if path is None or not path.is_file():
            return None
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError:
        return None
    if len(data) > FILE_LIMIT:
        return None
    return Document(uri, "", None, data.decode("utf-8-sig", "replace")).snapshot()


async def _evaluate(ls: NreplLanguageServer, given: Arguments, code: Code) -> dict[str, Any]:
    repl = ls.repl_for(code.uri)
    if repl is None:
        return _refused(ls, ls.why_detached(code.uri), "disconnected")
    running = ls.evaluations.start(repl, code)
    outcome = await running.outcome(None if given.wait else ANSWER_WITHIN)
    return outcome.reply()


def _refused(ls: NreplLanguageServer, text: str, status: Status = "error") -> dict[str, Any]:
    """Nothing is evaluated, and the user is told why: many editors ignore a command's reply."""
    outcome = Outcome(status, fault=Fault(text))
    ls.results.show(outcome)
    return outcome.reply()
