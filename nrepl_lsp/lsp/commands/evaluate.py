"""The commands that run the user's code as it stands in the text."""

import asyncio
from dataclasses import replace
from typing import Any

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.evaluating import picking
from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.evaluations import ANSWER_WITHIN
from nrepl_lsp.lsp.evaluating.interrupting import tell_if_it_goes_on
from nrepl_lsp.lsp.evaluating.outcomes import Outcome
from nrepl_lsp.lsp.evaluating.picking import RefusedError, refused
from nrepl_lsp.lsp.evaluating.running import Running
from nrepl_lsp.lsp.evaluating.series import Series
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.languages import for_document
from nrepl_lsp.source.namespaces import namespace_at


async def eval_form(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalForm`: the form at the cursor, or the one before it."""
    return await _evaluate_picked(ls, Arguments.read(arguments), picking.form)


async def eval_top_level_form(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalTopLevelForm`: the outermost form around the cursor, or the one in `comment`."""
    return await _evaluate_picked(ls, Arguments.read(arguments), picking.top_level)


async def eval_selection(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalSelection`: the forms in the range."""
    return await _evaluate_picked(ls, Arguments.read(arguments), picking.selection)


async def eval_to_cursor(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalToCursor`: from the start of the top-level form to the cursor."""
    return await _evaluate_picked(ls, Arguments.read(arguments), picking.to_cursor)


async def eval_namespace_form(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalNamespaceForm`: the form that makes the namespace in force at the cursor."""
    return await _evaluate_picked(ls, Arguments.read(arguments), picking.declaration)


async def eval_buffer(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalBuffer`: all forms of the document one after the other, up to the first error."""
    given = Arguments.read(arguments)
    try:
        file = await picking.file_at(ls, given)
        repl = _repl(ls, file)
        count, forms = picking.forms_of(file)
    except RefusedError as why:
        return refused(ls, why)
    series = Series(
        ls,
        repl,
        forms,
        lambda code, is_last: ls.evaluations.start(repl, code, is_quiet=not is_last),
    )
    outcome = await _outcome(ls, series, given)
    return {**outcome.reply(), "evaluated": series.evaluated, "forms": count}


async def eval_code(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalCode`: the text given as `code`, in the namespace `ns` or the document's."""
    given = Arguments.read(arguments)
    if given.code is None:
        return refused(ls, RefusedError("Nothing to evaluate: pass the text as `code`."))
    place = given.place(ls.documents.last_place)
    uri = place.uri if place is not None else None
    snapshot = ls.documents.snapshot(place.uri) if place is not None else None
    language = snapshot.language if snapshot is not None else for_document("", uri or "")
    if snapshot is None or place is None:
        return await _evaluate(ls, given, Code(given.code, language, uri, given.ns))
    # Who names no place means the file: what is in force at its end.
    start = ls.documents.offset(snapshot, place.range.start)
    ns = namespace_at(snapshot, start if given.range is not None else len(snapshot.text))
    code = Code(given.code, language, uri, given.ns if given.ns is not None else ns)
    if given.range is not None and snapshot.text.startswith(given.code, start):
        # A plugin that sends what stands there: errors and results have their place.
        code = replace(code, snapshot=snapshot, start=start, end=start + len(given.code))
    return await _evaluate(ls, given, code)


async def load_file(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.loadFile`: the whole file as it is in the editor, saved or not."""
    given = Arguments.read(arguments)
    try:
        code = await picking.file_at(ls, given)
    except RefusedError as why:
        return refused(ls, why)
    return await _evaluate(ls, given, code)


async def _evaluate_picked(
    ls: NreplLanguageServer, given: Arguments, pick: picking.Pick
) -> dict[str, Any]:
    try:
        code = picking.picked(ls, given, pick)
    except RefusedError as why:
        return refused(ls, why)
    return await _evaluate(ls, given, code)


async def _evaluate(ls: NreplLanguageServer, given: Arguments, code: Code) -> dict[str, Any]:
    try:
        repl = _repl(ls, code)
    except RefusedError as why:
        return refused(ls, why)
    outcome = await _outcome(ls, ls.evaluations.start(repl, code), given)
    return outcome.reply()


def _repl(ls: NreplLanguageServer, code: Code) -> Repl:
    repl = ls.repl_for(code.uri)
    if repl is None:
        raise RefusedError(ls.why_detached(code.uri), "disconnected")
    return repl


async def _outcome(ls: NreplLanguageServer, what: Running | Series, given: Arguments) -> Outcome:
    """What it came to, soon or at its end; when the request is cancelled it is interrupted."""
    try:
        return await what.outcome(None if given.wait else ANSWER_WITHIN)
    except asyncio.CancelledError:
        running = what.current if isinstance(what, Series) else what
        if running is not None:
            tell_if_it_goes_on(ls, running)
        raise
