"""The command that brings the program up to date with the text."""

import asyncio
from typing import Any

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.evaluations import ANSWER_WITHIN
from nrepl_lsp.lsp.evaluating.interrupting import tell_if_it_goes_on
from nrepl_lsp.lsp.evaluating.outcomes import Outcome
from nrepl_lsp.lsp.evaluating.picking import RefusedError, refused
from nrepl_lsp.lsp.evaluating.series import Series
from nrepl_lsp.lsp.load_state.program_forms import program_forms
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session.work import answered, place_of
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.namespaces import namespace_at

__all__ = ["eval_changed_forms"]

#: What nobody holds may be collected while it runs.
_under_way: set["asyncio.Task[None]"] = set()


async def eval_changed_forms(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """
    `nrepl.evalChangedForms`: evaluate the forms that the program has not, in their order.

    It stops at the first that fails or is interrupted; the reply counts in `evaluated`.
    """
    given = Arguments.read(arguments)
    try:
        place = place_of(ls, given)
    except RefusedError as why:
        return {**refused(ls, why), "evaluated": 0, "changed": 0}
    running = {**Outcome("running").reply(), "evaluated": 0, "changed": 0}
    work = _evaluate(ls, place.repl, place.snapshot, wait=given.wait)
    return await answered(work, wait=given.wait, running=running)


async def _evaluate(
    ls: NreplLanguageServer, repl: Repl, snapshot: Snapshot, *, wait: bool
) -> dict[str, Any]:
    """Find out what has changed, which may take a while, and begin with it."""
    try:
        with ls.evaluations.plans.under_way(repl):
            await program_forms(ls).ask(ls, snapshot)
        codes = _changed(ls, snapshot)
    except RefusedError as why:
        return {**refused(ls, why), "evaluated": 0, "changed": 0}
    if not codes:
        ls.say("Nothing has changed since it was evaluated.")
        return {**Outcome("done").reply(), "evaluated": 0, "changed": 0}
    series = Series(
        ls, repl, codes, lambda code, is_last: ls.evaluations.start(repl, code, is_quiet=True)
    )
    task = asyncio.create_task(_tell(ls, series), name="changed forms")
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    try:
        outcome = await series.outcome(None if wait else ANSWER_WITHIN)
    except asyncio.CancelledError:
        if series.current is not None:
            tell_if_it_goes_on(ls, series.current)
        raise
    return {**outcome.reply(), "evaluated": series.evaluated, "changed": len(codes)}


def _changed(ls: NreplLanguageServer, snapshot: Snapshot) -> list[Code]:
    """The code to evaluate; raises `RefusedError` where it is not known what has changed."""
    # While it was asked, somebody may have typed.
    snapshot = ls.documents.snapshot(snapshot.uri) or snapshot
    forms = program_forms(ls)
    changed = forms.changed(ls, snapshot)
    if not changed and forms.is_loaded(ls, snapshot) is False:
        raise RefusedError("Load the file first (nrepl.loadFile): it is not loaded.")
    if not changed and not forms.is_known(ls, snapshot):
        raise RefusedError(
            "Load the file first (nrepl.loadFile): what the program has of it is not known."
        )
    return [
        Code(
            snapshot.text[form.span.start : form.span.end],
            snapshot.language,
            snapshot.uri,
            namespace_at(snapshot, form.span.start),
            snapshot,
            *form.span,
        )
        for form in changed
    ]


async def _tell(ls: NreplLanguageServer, series: Series) -> None:
    """Sum up what has gone well in one message; a failure shows itself."""
    outcome, count = await series.outcome(None), series.evaluated
    if outcome.status == "done":
        ls.say(f"Evaluated {count} changed form{'s' if count != 1 else ''}.")
