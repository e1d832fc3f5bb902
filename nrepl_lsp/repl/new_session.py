"""
Another session of the same program, a new one or one that is there, and leaving the old one.

A `Repl` never changes, so this makes another one that shares with the old what is known of the
program: the dialect, the namespaces, the tooling session.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from nrepl_lsp.nrepl import (
    ConnectFailed,
    Connection,
    EvaluationResult,
    NreplError,
    OpFailed,
    RequestTimeout,
    Session,
    probe,
)
from nrepl_lsp.nrepl.recording import Recorder

from .repl import Repl
from .sessions import SessionUnknown, stop_ours

__all__ = ["discard", "leave_session", "take_along", "with_new_session", "with_session"]

log = logging.getLogger(__name__)

#: Seconds for a new session. Servers that answer nothing while they evaluate (Basilisp 0.5.1,
#: babashka, nbb) never make one on a connection whose code does not end.
CLONE_TIMEOUT = 3.0
#: Seconds for another connection, which those servers take; nbb not while its one thread runs.
CONNECT_TIMEOUT = 3.0
#: Seconds for the old session to be closed, or for what runs there to be stopped.
CLOSE_TIMEOUT = 5.0
#: Seconds for the program to say whether it has a session.
LISTED_WITHIN = 3.0


async def with_new_session(
    repl: Repl, recorder: Recorder | None = None, *, keep: bool = False
) -> Repl:
    """
    Make a session, on a connection of its own where the old one answers nothing.

    Returns a REPL like `repl` but for `user`; the old session is left as it is. keep: it is to be
    used again, so its connection has to stay. Raises `ConnectionLost`, and `ConnectFailed` with a
    reason when the program makes no session; nothing is left open then, nor after cancelling.
    """
    session = await _cloned(repl.user.connection)
    if session is None and keep:
        raise ConnectFailed(str(repl.address), "it makes no new session beside the old one")
    if session is None:
        session = await _on_new_connection(repl, recorder)
    owned = repl.owned.leaving(repl.user.id, keep=keep)
    return replace(repl, user=session, is_resumed=False, owned=owned)


async def with_session(repl: Repl, session_id: str) -> Repl:
    """
    Take a session that the program says now that it has; both are left as they are.

    Raises `ConnectionLost`, `ConnectFailed` when the program does not answer, and `SessionUnknown`
    when it lists no such session, or cannot list them.
    """
    address = str(repl.address)
    if not repl.can_list_sessions:
        raise SessionUnknown(address, "it cannot list its sessions")
    listed = await repl.list_sessions(LISTED_WITHIN)
    if listed is None:
        raise ConnectFailed(address, "it has not said which sessions it has")
    if session_id not in listed:
        raise SessionUnknown(address, "it has no such session")
    owned = repl.owned.leaving(repl.user.id, keep=True).entering(session_id)
    session = repl.user.connection.session(session_id)
    return replace(repl, user=session, is_resumed=False, owned=owned)


async def discard(unused: Repl, kept: Repl) -> None:
    """Give back what `with_new_session` made of `kept`; never fails."""
    try:
        if unused.user.connection is kept.user.connection:
            await unused.user.close(CLOSE_TIMEOUT)
        else:
            await unused.user.connection.close()
    except NreplError as error:
        log.debug("a new session was not closed: %s", error)


def take_along(old: Repl, new: Repl) -> None:
    """Have the sessions that are kept end with the connection that is used from now on."""
    before, after = old.user.connection, new.user.connection
    if before is not after:
        for session_id in new.owned.kept:
            after.adopt(session_id)
            before.release(session_id)


async def leave_session(old: Repl, new: Repl) -> None:
    """
    End what we have in the old session: what runs ends as interrupted, what waits is never sent.

    The session itself is closed unless it is not ours. Bounded, never fails. Where the new session
    needed a connection of its own, the old connection goes too; what runs there may go on in the
    program.
    """
    session = old.user
    stop_ours(session)
    if new.user.connection is not session.connection:
        _drop_running(session)
        await session.connection.close()
        return
    if session.id is not None and session.id not in new.owned.ended:
        await _until_stopped(session)
        return
    try:
        await session.close(CLOSE_TIMEOUT)
    except NreplError as error:
        log.info("the old session was not closed: %s", error)
        _drop_running(session)


async def _until_stopped(session: Session) -> None:
    """Wait for the end of what was interrupted; what does not stop is not followed any more."""
    running = session.running
    if running is None:
        return
    if session.can_interrupt:
        ending = asyncio.ensure_future(running.result())
        ending.add_done_callback(_look_at_error)
        await asyncio.wait({ending}, timeout=CLOSE_TIMEOUT)
    running.drop()


def _look_at_error(ending: asyncio.Future[EvaluationResult]) -> None:
    if not ending.cancelled():
        ending.exception()


def _drop_running(session: Session) -> None:
    if session.running is not None:
        session.running.drop()


async def _cloned(connection: Connection) -> Session | None:
    """A new session; None when the server has none, or does not answer."""
    capabilities = connection.capabilities
    if capabilities is not None and capabilities.lacks("clone"):
        return None
    try:
        return await connection.clone(timeout=CLONE_TIMEOUT)
    except (OpFailed, RequestTimeout) as error:
        log.info("%s: no new session: %s", connection.address, error)
        return None


async def _on_new_connection(repl: Repl, recorder: Recorder | None) -> Session:
    address = repl.address
    if repl.user.connection is repl.tooling.connection:
        # It takes no second one, and to let go of the first is to lose the program from sight.
        raise ConnectFailed(str(address), "it answers nothing, and takes one connection only")
    connection, _ = await probe(address, timeout=CONNECT_TIMEOUT, recorder=recorder)
    try:
        connection.capabilities = repl.capabilities
        session = await _cloned(connection)
        if session is not None:
            return session
        if repl.capabilities.lacks("clone"):
            return connection.session(None)
        raise ConnectFailed(str(address), "it makes no new session")
    except BaseException:
        await connection.close()
        raise
