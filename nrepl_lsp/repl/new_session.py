"""
Exchanging the user's session for a new one of the same program.

A `Repl` never changes, so this makes another one that shares with the old what is known of the
program: the dialect, the namespaces, the tooling session.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace

from nrepl_lsp.nrepl import (
    ConnectFailed,
    Connection,
    NreplError,
    OpFailed,
    RequestTimeout,
    Session,
    probe,
)
from nrepl_lsp.nrepl.recording import Recorder

from .repl import Repl

__all__ = ["discard", "end_session", "with_new_session"]

log = logging.getLogger(__name__)

#: Seconds for a new session. Servers that answer nothing while they evaluate (Basilisp 0.5.1,
#: babashka, nbb) never make one on a connection whose code does not end.
CLONE_TIMEOUT = 3.0
#: Seconds for another connection, which those servers take; nbb not while its one thread runs.
CONNECT_TIMEOUT = 3.0
#: Seconds for the old session to be closed.
CLOSE_TIMEOUT = 5.0


async def with_new_session(repl: Repl, recorder: Recorder | None = None) -> Repl:
    """
    Make a session, on a connection of its own where the old one answers nothing.

    Returns a REPL like `repl` but for `user`; the old session is left as it is. Raises
    `ConnectionLost`, and `ConnectFailed` with a reason when the program makes no session;
    nothing is left open then, nor after cancelling.
    """
    session = await _cloned(repl.user.connection)
    if session is None:
        session = await _on_new_connection(repl, recorder)
    return replace(repl, user=session, is_resumed=False)


async def discard(unused: Repl, kept: Repl) -> None:
    """Give back what `with_new_session` made of `kept`; never fails."""
    try:
        if unused.user.connection is kept.user.connection:
            await unused.user.close(CLOSE_TIMEOUT)
        else:
            await unused.user.connection.close()
    except NreplError as error:
        log.debug("a new session was not closed: %s", error)


async def end_session(old: Repl, new: Repl) -> None:
    """
    End the old session: what runs in it ends as interrupted, what waits is never sent.

    Bounded, never fails. Where the new session needed a connection of its own, the old connection
    goes too; what runs there may go on in the program.
    """
    session = old.user
    for evaluation in session.queued:
        session.stop(evaluation)
    if session.running is not None and not session.running.is_interrupt_requested:
        with suppress(NreplError):
            # To close a session does not stop what runs in it (nREPL 1.0.0, tools.nrepl 0.2.13).
            session.stop(session.running)
    if new.user.connection is not session.connection:
        _drop_running(session)
        await session.connection.close()
        return
    try:
        await session.close(CLOSE_TIMEOUT)
    except NreplError as error:
        log.info("the old session was not closed: %s", error)
        _drop_running(session)


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
