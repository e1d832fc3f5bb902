"""Evaluating in another session that the program has, such as one that another tool has made."""

from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from nrepl_lsp.nrepl import ConnectionLost, NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.sessions import SessionInUse, SessionUnknown
from nrepl_lsp.repl.supervisor import Supervisor

from ..evaluating.series import series_of
from .namespaces import namespace_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["IN_USE", "begin_switch", "follow", "is_free", "refusal", "why_detached"]

IN_USE = "Something runs or waits in this session: interrupt it first."
CURRENT = "That session is in use already."
NOT_LISTED = "This program cannot list its sessions, so there is none to switch to."
GONE = "The program has no such session any more: choose another."
NO_ANSWER = "The program has not answered: try again when it is done."
#: Characters of a session's id in a message.
SHORT = 8


def begin_switch(
    ls: "NreplLanguageServer", supervisor: Supervisor, session: str
) -> Coroutine[Any, Any, str | None]:
    """
    Have a program's code evaluated in that session from now on; the old one stays as it is.

    What is evaluated after the call waits for it. Returns None when that is done and told, else a
    sentence why not. Cancelling stops waiting only.
    """
    repl = supervisor.repl
    if repl is not None and not repl.can_list_sessions:
        return refusal(NOT_LISTED)
    if repl is not None and repl.user.id == session and supervisor.exchange is None:
        ls.say(CURRENT)
        return refusal(None)
    exchange = supervisor.switch_session(session, partial(follow, ls), is_free=partial(is_free, ls))

    async def outcome() -> str | None:
        try:
            new = await exchange
        except ConnectionLost:
            return why_detached(supervisor)
        except SessionInUse:
            return IN_USE
        except SessionUnknown:
            return GONE
        except NreplError as error:
            ls.log.info("not switched: %s", error)
            return NO_ANSWER
        ns = namespace_of(new)
        where = f"{session[:SHORT]} ({ns})" if ns else session[:SHORT]
        ls.say(f"Code runs in the session {where} from now on.")
        return None

    return outcome()


async def refusal(why: str | None) -> str | None:
    """The outcome of what has not begun."""
    return why


def is_free(ls: "NreplLanguageServer", repl: Repl) -> bool:
    """Whether nothing runs or waits in the session in use; what waits for another does not."""
    return not ls.evaluations.belonging_to(repl) and not any(
        not one.awaits_session for one in series_of(ls, repl)
    )


def follow(ls: "NreplLanguageServer", old: Repl, new: Repl) -> None:
    """Have what waits for the new session run there."""
    ls.evaluations.follow(old, new)
    for series in series_of(ls, old):
        if series.awaits_session:
            series.follow(new)


def why_detached(supervisor: Supervisor) -> str:
    """Why there is no program any more, as a sentence that says what to do."""
    if supervisor.problem:
        return f"No REPL: {supervisor.problem}."
    return "No REPL is attached any more: run nrepl.connect."
