"""The commands for the state of the program that evaluations run in."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.evaluating.picking import RefusedError
from nrepl_lsp.lsp.evaluating.running import Running
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session import namespaces as session_namespaces
from nrepl_lsp.lsp.session import reloading, undefining
from nrepl_lsp.lsp.session.work import Place, Work, answered, place_of

__all__ = ["reload", "switch_namespace", "undef", "undef_all"]

Reply = dict[str, Any]


async def switch_namespace(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """`nrepl.switchNamespace`: make `ns`, or the document's, the session's own namespace."""
    given = Arguments.read(arguments)

    async def plan(place: Place) -> Work:
        return await session_namespaces.switch(ls, place, given.ns)

    return await _do(ls, given, plan, session_namespaces.reply)


async def reload(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """
    `nrepl.reload`: load code again.

    what: "namespace" (`ns` or the document's, from its file; the default), "changed", or "all".
    """
    given = Arguments.read(arguments)
    members = next((value for value in arguments if isinstance(value, dict)), {})
    what = members.get("what")
    what = reloading.WHAT[0] if what is None else what
    if what not in reloading.WHAT:
        choices = ", ".join(reloading.WHAT)
        raise JsonRpcInvalidParams(f"what must be one of {choices}, not {what!r:.40}")

    async def plan(place: Place) -> Work:
        if what == "namespace":
            return await reloading.reload_namespace(ls, place, given.ns)
        return await reloading.reload_program(ls, place, what)

    def reply(status: str, message: str | None = None) -> Reply:
        return reloading.reply(status, what, message)

    return await _do(ls, given, plan, reply)


async def undef(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """`nrepl.undef`: remove the name at the cursor, or `symbol`, from its namespace."""
    given = Arguments.read(arguments)

    async def plan(place: Place) -> Work:
        return await undefining.undef(ls, place, given.ns, given.symbol)

    return await _do(ls, given, plan, undefining.reply)


async def undef_all(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """`nrepl.undefAll`: remove all names of `ns`, or of the document's namespace."""
    given = Arguments.read(arguments)

    async def plan(place: Place) -> Work:
        return await undefining.undef_all(ls, place, given.ns)

    return await _do(ls, given, plan, undefining.reply)


async def _do(
    ls: NreplLanguageServer,
    given: Arguments,
    plan: Callable[[Place], Awaitable[Work]],
    reply: Callable[..., Reply],
) -> Reply:
    """Find out what is to be done, have it done, and tell; `running` while it goes on."""

    def refused(why: RefusedError) -> Reply:
        ls.warn(str(why))
        return reply(why.status, message=str(why))

    async def work(place: Place) -> Reply:
        try:
            with ls.evaluations.plans.under_way(place.repl):
                planned = await plan(place)
            if ls.repl_for(place.snapshot.uri) is not planned.repl:
                raise RefusedError("The session has changed meanwhile: try again.")
        except RefusedError as why:
            return refused(why)
        return await planned.finished(_start(ls, planned))

    try:
        # Now, as later the document may be another.
        place = place_of(ls, given)
    except RefusedError as why:
        return refused(why)
    return await answered(work(place), wait=given.wait, running=reply("running"))


def _start(ls: NreplLanguageServer, work: Work) -> Running:
    code = work.code
    if work.op is not None:
        code = replace(code, op=work.op, called=code.text)
    return ls.evaluations.start(work.repl, code, is_quiet=True)
