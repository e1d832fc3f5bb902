"""The commands that write results into the text, and see whether those there are still true."""

from typing import Any

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.evaluating import picking
from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.outcomes import Outcome, Status
from nrepl_lsp.lsp.evaluating.picking import RefusedError, refused
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session.work import answered, place_of
from nrepl_lsp.lsp.showing.result_comments import (
    Followed,
    Verdict,
    counts,
    follow,
    judge,
    let_go,
    needs,
    value_of,
    write,
)
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.printed_values import as_code, why_unreadable
from nrepl_lsp.source.rewriting.result_comments import commented_forms

Reply = dict[str, Any]


async def eval_to_comment(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """
    `nrepl.evalToComment`: put the value of a form into a comment beside it.

    topLevel: take the outermost form around the cursor, or the one in `comment`.
    """
    members = next((value for value in arguments if isinstance(value, dict)), {})
    pick = picking.top_level if members.get("topLevel") is True else picking.form
    return await _evaluate_into(ls, Arguments.read(arguments), pick, "comment")


async def replace_with_result(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """`nrepl.replaceWithResult`: put the value in the place of the form."""
    return await _evaluate_into(ls, Arguments.read(arguments), picking.form, "place")


async def check_comments(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """`nrepl.checkComments`: mark such comments that are true no more."""
    given = Arguments.read(arguments)
    try:
        place = place_of(ls, given)
    except RefusedError as why:
        return _unchecked(ls, why)
    snapshot, start, end = place.snapshot, 0, None
    if given.range is not None and given.range.start != given.range.end:
        edges = (given.range.start, given.range.end)
        start, end = sorted(ls.documents.offset(snapshot, edge) for edge in edges)
    forms = [comment.form for comment in commented_forms(snapshot, start, end)]
    if not forms:
        where = "document" if end is None else "selection"
        return _unchecked(ls, RefusedError(f"No form of this {where} has a comment `=> …`."))
    work = _check(ls, place.repl, follow(ls, snapshot, forms))
    reply = await answered(work, wait=given.wait, running=counts("running", [], len(forms)))
    if reply["status"] == "running":
        ls.say(f"Checking {len(forms)} results in comments; an interrupt ends it.")
    return reply


async def _evaluate_into(
    ls: NreplLanguageServer, given: Arguments, pick: picking.Pick, into: str
) -> Reply:
    try:
        code = picking.picked(ls, given, pick)
        needs(ls, code)
    except RefusedError as why:
        return refused(ls, why) | {"written": None}
    repl = ls.repl_for(code.uri)
    if repl is None or code.snapshot is None:
        gone = RefusedError(ls.why_detached(code.uri), "disconnected")
        return refused(ls, gone) | {"written": None}
    (form,) = follow(ls, code.snapshot, [Span(code.start, code.end)])
    work = _write(ls, repl, code, form, into)
    running = Outcome("running", code=code).reply() | {"written": None}
    return await answered(work, wait=given.wait, running=running)


async def _write(
    ls: NreplLanguageServer, repl: Repl, code: Code, form: Followed, into: str
) -> Reply:
    """Evaluate, and have the editor write what comes of it."""
    written: str | None = None
    try:
        outcome = await ls.evaluations.start(repl, code, is_quiet=True).outcome(None)
        try:
            written = _text_for(repl, outcome, into)
            if written is not None:
                label = "Result into a comment" if into == "comment" else "Replace with result"
                if await write(ls, form, written, label, into=into) is False:
                    written = None
        except RefusedError as why:
            return refused(ls, why) | {"values": list(outcome.values), "written": None}
    finally:
        let_go(ls, [form])
    return outcome.reply() | {"written": written}


def _text_for(repl: Repl, outcome: Outcome, into: str) -> str | None:
    """What is to be written; None when the user has been told why there is nothing."""
    if into == "comment":
        written = value_of(repl, outcome)
        if written is None and outcome.status == "done":
            raise RefusedError("The program has sent no value: nothing was written.")
        return written
    if outcome.status != "done":
        return None
    if len(outcome.values) != 1 or outcome.code is None:
        raise RefusedError(f"There are {len(outcome.values)} values: nothing was replaced.")
    value, language = outcome.values[0], outcome.code.language
    why = why_unreadable(language, value)
    if why is not None:
        raise RefusedError(f"Nothing was replaced, because the value {why}.")
    return as_code(language, value)


async def _check(ls: NreplLanguageServer, repl: Repl, forms: list[Followed]) -> Reply:
    """Evaluate forms one after the other and mark what their comments say wrongly."""
    verdicts: list[Verdict] = []
    status: Status = "done"
    try:
        for form in forms:
            code = form.code()
            if code is None:
                verdicts.append("gone")
                continue
            running = ls.evaluations.start(repl, code, is_quiet=True, is_silent=True)
            outcome = await running.outcome(None)
            value = value_of(repl, outcome)
            if value is None and outcome.status != "done":
                status = outcome.status
                if outcome.fault is not None:
                    ls.results.show(outcome)
                break
            verdicts.append(judge(ls, form, value or ""))
    finally:
        let_go(ls, forms)
    reply = counts(status, verdicts, len(forms))
    (ls.warn if reply["drifted"] else ls.say)(reply["message"])
    return reply


def _unchecked(ls: NreplLanguageServer, why: RefusedError) -> Reply:
    """Nothing was checked, and the user is told why."""
    refused(ls, why)
    return counts(why.status, [], 0) | {"message": str(why)}
