"""A new session for a program, whatever runs in the old one."""

from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from nrepl_lsp.nrepl import ConnectionLost, NreplError, Session
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.sessions import SessionInUse
from nrepl_lsp.repl.supervisor import Supervisor

from ..evaluating.series import series_of
from .switching import IN_USE, follow, is_free, refusal, why_detached

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["begin_new_session", "start_new_session"]

BUSY = "The program makes no new session while it is busy: wait until it is done, or restart it."
NOTHING_TO_KEEP = "This program has no sessions: there is nothing to keep."
NONE_BESIDE = "The program makes no new session beside the old one: try again when it is done."


async def start_new_session(
    ls: "NreplLanguageServer", program: Supervisor | Repl, *, keep: bool = False
) -> str | None:
    """
    Have a program's code evaluated in a new session from now on.

    program: who keeps it, or the REPL that is meant; if that is there no more, nothing is to be
    done. What runs in the old session ends as interrupted, and what waits is dropped; with `keep`
    it is left as it is, which is refused while something runs. Returns None when that is done and
    told, else a sentence why not and what to do; then nothing has been stopped. Takes up to ten
    seconds where the program answers nothing. Cancelling stops waiting only.
    """
    supervisor = _supervisor(ls, program)
    return await begin_new_session(ls, supervisor, keep=keep) if supervisor is not None else None


def begin_new_session(
    ls: "NreplLanguageServer", supervisor: Supervisor, *, keep: bool
) -> Coroutine[Any, Any, str | None]:
    """As `start_new_session`, but what is evaluated after the call waits for the session."""
    left: list[Session] = []

    def let_go(old: Repl, new: Repl) -> None:
        if not keep:
            left.extend(_stop_all(ls, old))
        follow(ls, old, new)

    is_nameless = supervisor.repl is not None and supervisor.repl.user.id is None
    if keep and is_nameless:
        return refusal(NOTHING_TO_KEEP)
    exchange = supervisor.start_session(let_go, keep=keep, is_free=partial(is_free, ls))

    async def outcome() -> str | None:
        try:
            new = await exchange
        except ConnectionLost:
            return why_detached(supervisor)
        except SessionInUse:
            return IN_USE
        except NreplError as error:
            ls.log.info("no new session: %s", error)
            return NONE_BESIDE if keep else BUSY
        ls.say(_told(new, left))
        return None

    return outcome()


def _stop_all(ls: "NreplLanguageServer", old: Repl) -> list[Session]:
    """End all in the old session but what waits for the new one; the sessions of what was sent."""
    under_way = ls.evaluations.belonging_to(old)
    sent = [one.evaluation for one in under_way if one.evaluation is not None]
    for series in series_of(ls, old):
        if not series.awaits_session:
            series.stop()
    # The last first, so that none of them begins when the one before has gone.
    for running in reversed(under_way):
        running.stop()
    return [one.session for one in sent if one.id is not None]


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
