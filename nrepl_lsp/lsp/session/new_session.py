"""A new session for a program, whatever runs in the old one."""

from typing import TYPE_CHECKING

from nrepl_lsp.nrepl import ConnectionLost, NreplError, Session
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.supervisor import Supervisor

from ..evaluating.series import series_of
from .work import say

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["start_new_session"]


async def start_new_session(ls: "NreplLanguageServer", program: Supervisor | Repl) -> str | None:
    """
    Have a program's code evaluated in a new session from now on.

    program: who keeps it, or the REPL that is meant; if that is there no more, nothing is to be
    done. What runs in the old session ends as interrupted, and what waits is dropped. Returns None
    when that is done and told, else a sentence why not and what to do; then nothing has been
    stopped. Takes up to ten seconds where the program answers nothing. Cancelling stops waiting
    only.
    """
    supervisor = _supervisor(ls, program)
    if supervisor is None:
        return None
    if supervisor.repl is None:
        return _why_detached(supervisor)
    left: list[Session] = []

    def let_go(old: Repl) -> None:
        under_way = ls.evaluations.running(old)
        sent = (one.evaluation for one in under_way if one.evaluation is not None)
        left.extend(one.session for one in sent if one.id is not None)
        for series in series_of(ls, old):
            series.stop()
        # The last first, so that none of them begins when the one before has gone.
        for running in reversed(under_way):
            running.stop()

    try:
        new = await supervisor.start_session(let_go)
    except ConnectionLost:
        return _why_detached(supervisor)
    except NreplError as error:
        ls.log.info("no new session: %s", error)
        return (
            "The program makes no new session while it is busy: "
            "wait until it is done, or restart it."
        )
    say(ls, _told(new, left))
    return None


def _told(new: Repl, left: list[Session]) -> str:
    # Both fit into a line: Neovim has longer messages confirmed by Enter.
    if any(one.connection is not new.user.connection or not one.can_interrupt for one in left):
        # Basilisp 0.5.1 has no interrupt.
        return "A new session has begun; what was running may go on."
    return "A new session has begun; what was defined is still there."


def _supervisor(ls: "NreplLanguageServer", program: Supervisor | Repl) -> Supervisor | None:
    if isinstance(program, Supervisor):
        return program
    return next((one for one in ls.routing.supervisors if one.repl is program), None)


def _why_detached(supervisor: Supervisor) -> str:
    if supervisor.problem:
        return f"No REPL: {supervisor.problem}."
    return "No REPL is attached any more: run nrepl.connect."
