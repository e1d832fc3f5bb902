"""The commands that run the user's code: nothing else in the server does."""

import asyncio
from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.documents import Place, path_of
from nrepl_lsp.lsp.evaluations import ANSWER_WITHIN, Code
from nrepl_lsp.lsp.results import Fault, Outcome
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.forms import form_at, form_before, forms_in, top_level_form
from nrepl_lsp.source.namespaces import namespace_at, namespace_form

#: Bytes of a file that is loaded without being open.
FILE_LIMIT = 16 * 1024 * 1024


async def eval_form(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalForm`: the form at the cursor, or the one before it."""
    given = Arguments.read(arguments)
    return await _evaluate(ls, given, _form(ls, given))


async def eval_top_level_form(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalTopLevelForm`: the outermost form around the cursor, or the one in `comment`."""
    given = Arguments.read(arguments)
    return await _evaluate(ls, given, _top_level_form(ls, given))


async def eval_selection(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalSelection`: the forms in the range."""
    given = Arguments.read(arguments)
    return await _evaluate(ls, given, _selection(ls, given))


async def eval_code(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalCode`: the text given as `code`, in the namespace `ns` or the document's."""
    given = Arguments.read(arguments)
    if given.code is None:
        return _refused("Nothing to evaluate: pass the text as `code`.")
    place = given.place(ls.documents.last_place)
    snapshot = ls.documents.snapshot(place.uri) if place is not None else None
    ns = given.ns
    if ns is None and snapshot is not None and place is not None:
        ns = namespace_at(snapshot, ls.documents.offset(snapshot, place.range.start))
    return await _evaluate(ls, given, Code(given.code, place.uri if place else None, ns))


async def load_file(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.loadFile`: the whole file as it is in the editor, saved or not."""
    given = Arguments.read(arguments)
    place = given.place(ls.documents.last_place)
    if place is None:
        return _refused("No document is open: pass its `uri`.")
    snapshot = ls.documents.snapshot(place.uri) or await asyncio.to_thread(_read, place.uri)
    if snapshot is None:
        return _refused(f"{place.uri} is not open and cannot be read.")
    text = snapshot.text
    code = Code(text, place.uri, None, snapshot, 0, len(text), is_file=True)
    return await _evaluate(ls, given, code)


async def interrupt(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.interrupt`: stop what runs for this document, and drop what waits behind it."""
    given = Arguments.read(arguments)
    place = given.place(ls.documents.last_place)
    repl = ls.repl_for(place.uri) if place is not None else None
    targets = ls.evaluations.running(repl)
    if given.evaluation is not None:
        targets = [one for one in ls.evaluations.running() if one.id == given.evaluation]
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


def _form(ls: NreplLanguageServer, given: Arguments) -> Code | str:
    found = _cursor(ls, given)
    if isinstance(found, str):
        return found
    place, snapshot, offset = found
    span = form_at(snapshot, offset) or form_before(snapshot, offset)
    if span is None:
        return "There is no form at or before the cursor."
    return _code(place, snapshot, span)


def _top_level_form(ls: NreplLanguageServer, given: Arguments) -> Code | str:
    found = _cursor(ls, given)
    if isinstance(found, str):
        return found
    place, snapshot, offset = found
    span = top_level_form(snapshot, offset)
    if span is None:
        return "There is no top-level form at the cursor."
    return _code(place, snapshot, span)


def _selection(ls: NreplLanguageServer, given: Arguments) -> Code | str:
    found = _cursor(ls, given)
    if isinstance(found, str):
        return found
    place, snapshot, start = found
    end = ls.documents.offset(snapshot, place.range.end)
    spans = forms_in(snapshot, min(start, end), max(start, end))
    if not spans:
        return "There is no whole form in the selection."
    return _code(place, snapshot, (spans[0][0], spans[-1][1]))


def _cursor(ls: NreplLanguageServer, given: Arguments) -> tuple[Place, Snapshot, int] | str:
    place = given.place(ls.documents.last_place)
    if place is None:
        return "No document is open: pass `uri` and `position`."
    snapshot = ls.documents.snapshot(place.uri)
    if snapshot is None:
        return f"{place.uri} is not open."
    return place, snapshot, ls.documents.offset(snapshot, place.range.start)


def _code(place: Place, snapshot: Snapshot, span: Sequence[int]) -> Code:
    start, end = span
    declaration = namespace_form(snapshot)
    is_declaration = declaration is not None and tuple(declaration) == (start, end)
    ns = None if is_declaration else namespace_at(snapshot, start)
    return Code(snapshot.text[start:end], place.uri, ns, snapshot, start, end)


def _read(uri: str) -> Snapshot | None:
    path = path_of(uri)
    try:
        if path is None or path.stat().st_size > FILE_LIMIT:
            return None
        return Document(uri, "", None, path.read_text("utf-8-sig", "replace")).snapshot()
    except OSError:
        return None


async def _evaluate(ls: NreplLanguageServer, given: Arguments, code: Code | str) -> dict[str, Any]:
    if isinstance(code, str):
        return _refused(code)
    repl = ls.repl_for(code.uri)
    if repl is None:
        return _disconnected(ls, code.uri)
    try:
        if code.ns is not None and not await _is_loaded(repl, code):
            return _not_loaded(ls, code.ns)
        # The connection may have gone while we asked; another program must not get the code.
        running = ls.evaluations.start(repl, code)
    except NreplError as error:
        ls.log.info("not evaluated: %s", error)
        return _disconnected(ls, code.uri)
    outcome = await running.outcome(None if given.wait else ANSWER_WITHIN)
    return outcome.reply()


async def _is_loaded(repl: Repl, code: Code) -> bool:
    family = code.snapshot.language.family if code.snapshot is not None else "clojure"
    known = await repl.loaded_namespace(code.ns, family)
    # A server that cannot list its namespaces has to judge itself.
    return known is not None or not repl.can_list_namespaces


def _not_loaded(ls: NreplLanguageServer, ns: str) -> dict[str, Any]:
    text = f"The namespace {ns} is not loaded: load the file first (nrepl.loadFile)."
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
    return _refused(text)


def _disconnected(ls: NreplLanguageServer, uri: str | None) -> dict[str, Any]:
    text = ls.why_detached(uri)
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
    return Outcome("", "", "disconnected", fault=Fault(text)).reply()


def _refused(text: str) -> dict[str, Any]:
    return Outcome("", "", "error", fault=Fault(text)).reply()
