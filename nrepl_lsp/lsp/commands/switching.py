"""The commands for which of the program's sessions evaluates: listing, switching, making them."""

from collections.abc import Callable, Coroutine
from typing import Any

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session import session_list
from nrepl_lsp.lsp.session.new_session import begin_new_session
from nrepl_lsp.lsp.session.switching import begin_switch, refusal
from nrepl_lsp.lsp.session.work import answered
from nrepl_lsp.nrepl import NreplError
from nrepl_lsp.repl.supervisor import Supervisor

__all__ = ["new_session", "sessions", "switch_session"]

NO_SESSION = "No session was given: pass one of those that nrepl.sessions lists as `session`."
NO_SESSIONS = "This server has no sessions to switch between."

Reply = dict[str, Any]
Exchange = Coroutine[Any, Any, str | None]


async def sessions(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """`nrepl.sessions`: the sessions of the program, the one in use first."""
    given = Arguments.read(arguments)
    place = given.place(ls.documents.last_place)
    uri = place.uri if place is not None else None
    repl = ls.repl_for(uri)
    try:
        if repl is not None:
            return await session_list.sessions_of(repl)
    except NreplError as error:
        ls.log.info("no sessions: %s", error)
    message = ls.why_detached(uri)
    ls.warn(message)
    return {"status": "disconnected", "sessions": [], "message": message}


async def switch_session(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """`nrepl.switchSession`: evaluate in the program's session `session` from now on."""
    given = Arguments.read(arguments)

    def switch(supervisor: Supervisor) -> Exchange:
        if given.session is None:
            repl = supervisor.repl
            has_none = repl is not None and repl.user.id is None
            return refusal(NO_SESSIONS if has_none else NO_SESSION)
        return begin_switch(ls, supervisor, given.session)

    return await _exchanged(ls, given, switch)


async def new_session(ls: NreplLanguageServer, *arguments: Any) -> Reply:
    """`nrepl.newSession`: evaluate in a new session of the same program from now on."""
    given = Arguments.read(arguments)
    return await _exchanged(
        ls, given, lambda supervisor: begin_new_session(ls, supervisor, keep=given.keep)
    )


async def _exchanged(
    ls: NreplLanguageServer, given: Arguments, begin: Callable[[Supervisor], Exchange]
) -> Reply:
    """Exchange the session of the program that is meant; the exchange says why it was not."""
    place = given.place(ls.documents.last_place)
    uri = place.uri if place is not None else None
    supervisor = ls.supervisor_for(uri)
    if supervisor is not None and supervisor.repl is not None:
        # Now, as the next command may evaluate.
        status, exchange = "error", begin(supervisor)
    else:
        status, exchange = "disconnected", refusal(ls.why_detached(uri))

    async def outcome() -> Reply:
        problem = await exchange
        if problem is None:
            return {"status": "done", "message": None}
        ls.warn(problem)
        return {"status": status, "message": problem}

    running: Reply = {"status": "running", "message": None}
    return await answered(outcome(), wait=given.wait, running=running)
