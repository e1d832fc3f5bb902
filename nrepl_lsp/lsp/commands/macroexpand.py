"""
The command that shows what a macro call becomes.

Expanding runs the macro, which is the user's code: nothing but this command does it.
"""

import asyncio
from typing import Any, cast, get_args

from pygls.exceptions import JsonRpcInvalidParams

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.expanding_code import expanding_code
from nrepl_lsp.lsp.evaluating.macro_expansions import (
    Expanding,
    NotExpandedError,
    put_below,
    show_expansion,
)
from nrepl_lsp.lsp.evaluating.outcomes import not_loaded
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session.work import answered
from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.calling.macro_calls import macro_call_at
from nrepl_lsp.source.calling.macro_steps import stepped
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.rewriting.namespace_edits import is_clojure
from nrepl_lsp.source.rewriting.printing import on_lines
from nrepl_lsp.tooling.macroexpansion import MACROEXPANSION, ExpansionQuery, How

__all__ = ["macroexpand"]

#: Seconds for the program: the op's middleware may have to be loaded first, and macros run.
EXPAND_TIMEOUT = 15.0


class _ShownError(NotExpandedError):
    """An evaluation has failed, which the user has been shown."""


async def macroexpand(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """
    `nrepl.macroexpand`: expand the call at a place.

    how: "1" (once, the default), "all", or "step". into: "document" (read-only, the default) or
    "comment" (below the call).
    """
    given = Arguments.read(arguments)
    members = next((value for value in arguments if isinstance(value, dict)), {})
    how = _choice(members, "how", get_args(How))
    into = _choice(members, "into", ("document", "comment"))
    place = given.place(ls.documents.last_place)
    snapshot = ls.documents.snapshot(place.uri) if place is not None else None
    if place is None or snapshot is None:
        return _refused(ls, "No document is open: pass `uri` and `position`.")
    if ls.repl_for(place.uri) is None:
        return _refused(ls, ls.why_detached(place.uri), "disconnected")
    call = macro_call_at(snapshot, ls.documents.cursor(snapshot, place.range))
    if call is None or not is_clojure(snapshot.language):
        return _refused(ls, "There is no macro call at the cursor.")
    ns = given.ns if given.ns is not None else namespace_at(snapshot, call.span.start)
    expanding = Expanding(snapshot, call, ns, cast("How", how), into)
    return await answered(_expand(ls, expanding), wait=given.wait, running=_reply("running"))


async def _expand(ls: NreplLanguageServer, expanding: Expanding) -> dict[str, Any]:
    try:
        expansion = await _expansion(ls, expanding)
        if expansion.strip() == expanding.text:
            raise NotExpandedError(_why_the_same(expanding))
        expansion = on_lines(expanding.snapshot.language, expansion)
        if expanding.into == "comment":
            await put_below(ls, expanding, expansion)
            return _reply("done", expansion)
        return _reply("done", expansion, uri=await show_expansion(ls, expanding, expansion))
    except _ShownError as why:
        return _reply("error", why=str(why))
    except NotExpandedError as why:
        return _refused(ls, str(why))


async def _expansion(ls: NreplLanguageServer, expanding: Expanding) -> str:
    repl = ls.repl_for(expanding.snapshot.uri)
    if repl is None:
        raise NotExpandedError(ls.why_detached(expanding.snapshot.uri))
    try:
        expansion = await _by_op(repl, expanding)
        if expansion is not None:
            return expansion
        return await _by_evaluation(ls, repl, expanding)
    except NreplError as error:
        raise NotExpandedError(f"Not expanded: {error}.") from error


async def _by_op(repl: Repl, expanding: Expanding) -> str | None:
    """Ask for the expansion; None when the program cannot be asked, so that nothing has run."""
    if not repl.dialect.can_answer(MACROEXPANSION):
        return None
    family = expanding.snapshot.language.family
    ns = await repl.loaded_namespace(expanding.ns, family, EXPAND_TIMEOUT)
    if ns is None and expanding.ns is not None:
        raise NotExpandedError(not_loaded(expanding.ns))
    query = ExpansionQuery(expanding.text, ns, expanding.how)
    try:
        async with asyncio.timeout(EXPAND_TIMEOUT):
            answer = await repl.ask(MACROEXPANSION, query)
    except TimeoutError:
        raise NotExpandedError(
            f"The program has not expanded the call within {EXPAND_TIMEOUT:g} s, and the macro may "
            "still be running: try again later, or reconnect (nrepl.connect)."
        ) from None
    if answer is None and repl.dialect.can_answer(MACROEXPANSION):
        raise NotExpandedError("The macro has failed: evaluate the call to see why.")
    if answer is not None and answer.failure is not None:
        why = answer.failure.partition("\n")[0] or "the program does not say why"
        raise NotExpandedError(f"The macro has failed: {why}. Evaluate the call to see more.")
    return answer.text if answer is not None else None


async def _by_evaluation(ls: NreplLanguageServer, repl: Repl, expanding: Expanding) -> str:
    """Have the program evaluate calls of its own `macroexpand-1`; its failure is shown."""
    language, text = expanding.snapshot.language, expanding.text
    code = Code(
        await expanding_code(repl, expanding, EXPAND_TIMEOUT),
        language,
        expanding.snapshot.uri,
        expanding.ns,
    )
    outcome = await ls.evaluations.start(repl, code, is_quiet=True).outcome(None)
    if outcome.status != "done" or not outcome.values:
        fault = outcome.fault
        raise _ShownError(fault.message if fault is not None else "The evaluation has failed.")
    value = outcome.values[-1]
    return stepped(language, text, value) or text if expanding.how == "step" else value


def _why_the_same(expanding: Expanding) -> str:
    is_step = expanding.how == "step"
    return "No macro call is left." if is_step else f"{expanding.call.head} is not a macro."


def _choice(members: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = members.get(name)
    if value is not None and value not in choices:
        raise JsonRpcInvalidParams(f"{name} must be one of {', '.join(choices)}, not {value!r:.40}")
    return str(value or choices[0])


def _reply(
    status: str, expansion: str | None = None, uri: str | None = None, why: str = ""
) -> dict[str, Any]:
    error = {"message": why} if why else None
    return {"status": status, "expansion": expansion, "uri": uri, "error": error}


def _refused(ls: NreplLanguageServer, text: str, status: str = "error") -> dict[str, Any]:
    """Nothing is expanded, and the user is told why."""
    ls.warn(text)
    return _reply(status, why=text)
