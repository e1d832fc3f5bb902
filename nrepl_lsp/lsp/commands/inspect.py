"""The command that shows a value piece by piece."""

from dataclasses import replace
from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.evaluating import picking
from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.picking import RefusedError, refused
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session.work import answered
from nrepl_lsp.lsp.showing import inspector
from nrepl_lsp.lsp.showing.inspected_pages import (
    Inspected,
    Step,
    View,
    check_step,
    first_view,
    stepped,
)
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.session_ops import OpRun, SessionOp
from nrepl_lsp.source.languages import for_document
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.tooling import inspection

Reply = dict[str, Any]

_RUNNING: Reply = {"status": "running", "uri": None, "path": None, "items": [], "error": None}


async def inspect(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """
    `nrepl.inspect`: show a form's value, or go on in the one shown.

    go: "push" (into item `index`, by default the one on the cursor's line), "pop", "next",
    "previous", "refresh". In a page of the inspector, "push" is what is meant without it.
    """
    given = Arguments.read(arguments)
    members = next((value for value in arguments if isinstance(value, dict)), {})
    go, index = _go(members), _index(members)
    place = given.place(ls.documents.last_place)
    view = inspector.view_of(ls, place.uri) if place is not None else None
    if go is None and given.code is None and view is not None:
        go = "push"
    try:
        if go is not None:
            view = view or inspector.last_view(ls)
            if view is None:
                raise RefusedError("Nothing is inspected: run nrepl.inspect on a form first.")
            if go == "push" and index is None:
                index = inspector.item_at(ls, view, given.place(ls.documents.last_place))
            work = _go_on(ls, view, go, index)
        else:
            code = _code(ls, given)
            repl = ls.repl_for(code.uri)
            if repl is None:
                raise RefusedError(ls.why_detached(code.uri), "disconnected")
            work = _begin(ls, repl, code)
    except RefusedError as why:
        return _refused(ls, why)
    return await answered(work, wait=given.wait, running=_RUNNING)


async def _begin(ls: NreplLanguageServer, repl: Repl, code: Code) -> Reply:
    """Evaluate code, and show what it comes to."""
    extra = inspection.params(repl.capabilities)
    running = ls.evaluations.start(repl, code, is_quiet=True, extra=extra)
    outcome = await running.outcome(None)
    if outcome.status != "done":
        return _RUNNING | {"status": outcome.status, "error": outcome.reply()["error"]}
    try:
        if not outcome.values:
            raise RefusedError("The program has sent no value: there is nothing to inspect.")
        text = outcome.values[-1]
        page = inspection.page_of(text) if extra is not None else None
        kept = None if page is not None else text
        # Plain text has no forms; what programs print is mostly like Clojure's.
        language = code.language if code.language.lexical else for_document("clojure", "")
        value = Inspected(repl, language, code.title, code.uri, kept)
        return await _show(ls, first_view(value, page))
    except RefusedError as why:
        return _refused(ls, why)


async def _go_on(ls: NreplLanguageServer, view: View, go: str, index: int | None) -> Reply:
    """Go on from a page that was shown."""
    try:
        check_step(view, go)
        if view.value.text is not None:
            return await _show(ls, stepped(view, go, index))
        return await _show(ls, await _ask(ls, view, go, index))
    except RefusedError as why:
        return _refused(ls, why)


async def _ask(ls: NreplLanguageServer, view: View, go: str, index: int | None) -> View:
    """Have the program's inspector go on. Raises `RefusedError`."""
    value, repl = view.value, view.value.repl
    if not repl.is_live or all(one.repl is not repl for one in ls.routing.supervisors):
        raise RefusedError(inspector.PROGRAM_GONE, "disconnected")
    if not inspector.is_last(ls, view):
        raise RefusedError(inspector.NOT_CURRENT)
    op = inspection.op_of(repl.capabilities, go)
    if op is None:
        raise RefusedError("This program's inspector cannot do that.")
    asked = SessionOp(op, {"idx": index} if go == "push" else {})
    code = Code(f"({op})", value.language, value.uri, called=op, op=asked)
    running = ls.evaluations.start(repl, code, is_quiet=True)
    outcome = await running.outcome(None)
    run = running.evaluation
    page = inspection.page_in(run.messages) if isinstance(run, OpRun) else None
    if outcome.status != "done" or page is None:
        raise RefusedError("The inspector has shown nothing: inspect the form again.")
    trail = view.trail
    if go == "push":
        trail = (*trail, Step(Span(0, 0)))
    elif go == "pop":
        trail = trail[:-1]
    return replace(view, page=page, trail=trail)


async def _show(ls: NreplLanguageServer, view: View) -> Reply:
    uri, view = await inspector.show_view(ls, view)
    items = [{"index": one.number, "text": one.text} for line in view.items for one in line]
    return {"status": "done", "uri": uri, "path": view.page.path, "items": items, "error": None}


def _code(ls: NreplLanguageServer, given: Arguments) -> Code:
    """The code whose value is meant. Raises `RefusedError`."""
    if given.code is None:
        return picking.picked(ls, given, picking.form)
    place = given.place(ls.documents.last_place)
    snapshot = ls.documents.snapshot(place.uri) if place is not None else None
    uri = place.uri if place is not None else None
    language = snapshot.language if snapshot is not None else for_document("", uri or "")
    ns = given.ns
    if ns is None and snapshot is not None:
        ns = namespace_at(snapshot, len(snapshot.text))
    return Code(given.code, language, uri, ns)


def _go(members: dict[str, Any]) -> str | None:
    go = members.get("go")
    if go is not None and go not in inspection.GOES:
        raise JsonRpcInvalidParams(f"go must be one of {', '.join(inspection.GOES)}")
    return go


def _index(members: dict[str, Any]) -> int | None:
    index = members.get("index")
    if index is not None and (isinstance(index, bool) or not isinstance(index, int)):
        raise JsonRpcInvalidParams(f"index must be a number, not {index!r:.40}")
    return index


def _refused(ls: NreplLanguageServer, why: RefusedError) -> Reply:
    refused(ls, why)
    return _RUNNING | {"status": why.status, "error": {"message": str(why)}}
