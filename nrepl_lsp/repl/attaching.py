"""Attaching to a program: connecting, learning what it can do, making the sessions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from nrepl_lsp.nrepl import (
    Address,
    Capabilities,
    Connection,
    Message,
    NreplError,
    OpFailed,
    RequestTimeout,
    Session,
    probe,
)
from nrepl_lsp.nrepl.connection import CLOSE_TIMEOUT
from nrepl_lsp.nrepl.recording import Recorder
from nrepl_lsp.tooling.variants import Ask, Dialect

from .loaded_namespaces import LoadedNamespaces
from .repl import Repl, close_all
from .sessions import OURS, UNGUESSABLE, Owned, note_asking, sessions_in
from .silence import Silence

__all__ = ["attach"]

log = logging.getLogger(__name__)

#: Seconds for the second connection to answer. hy-nrepl 1.0.4 serves one connection at a time:
#: there it never does, and tooling shares the first.
SECOND_CONNECTION_TIMEOUT = 1.0
#: Seconds for the verbose describe, whose answer is 113 kB on cider-nrepl; without it we go on.
VERBOSE_TIMEOUT = 10.0
#: Seconds for the list of sessions after a reconnect.
SESSIONS_TIMEOUT = 5.0
#: Seconds between requests on a connection that all share (see `PacedStream`), so that each is
#: read alone; a server's read loop turns much faster.
SHARED_GAP = 0.02


async def attach(
    address: Address | str,
    *,
    snippets: bool = True,
    recorder: Recorder | None = None,
    old_session: str | None = None,
    old_tooling: str | None = None,
    old_owned: Owned = OURS,
) -> Repl:
    """
    Connect, learn what the server can do, and make (or take up again) the sessions.

    old_session: the user's session of an attachment that was lost; it is used again if the server
    says that it still has it, and its id is none that another program may have given. old_owned:
    which sessions were ours then; the kept ones that are there still are. old_tooling: the session
    for tooling, which is closed then. Raises `AddressError`, `ConnectFailed`, `ConnectionLost` and
    `RequestTimeout`; nothing is left open then, nor after cancelling.
    """
    connection, capabilities = await probe(address, recorder=recorder)
    opened = [connection]
    try:
        capabilities = await _describe_verbosely(connection, capabilities)
        if second := await _second_connection(connection, recorder):
            opened.append(second)
        else:
            connection.pace(SHARED_GAP)
        # Before any session is made: a server may give a new one an id that an old one had.
        there = await _still_there(connection, (old_session, *old_owned.kept), old_tooling)
        tooling = await _session(opened[-1])
        if old_tooling is not None and old_tooling in there:
            opened[-1].session(old_tooling).send_close(CLOSE_TIMEOUT)
        user, is_ours = None, True
        if old_session is not None and old_session in there:
            is_ours = old_owned.user
            user = connection.adopt(old_session) if is_ours else connection.session(old_session)
        user = user or await _session(connection)
    except BaseException:
        await close_all(*opened)
        raise
    kept = tuple(one for one in old_owned.kept if one in there)
    for one in kept:
        connection.adopt(one)
    note_asking(tooling)
    silence = Silence()
    ask = _asker(tooling, silence, in_turn=second is None)
    dialect = Dialect(capabilities, ask, snippets=snippets)
    namespaces = LoadedNamespaces(dialect)
    return Repl(
        connection.address,
        capabilities,
        user,
        tooling,
        dialect,
        namespaces,
        bool(there),
        silence,
        ask,
        Owned(is_ours, kept, old_owned.ended if there else frozenset()),
    )


async def _describe_verbosely(connection: Connection, known: Capabilities) -> Capabilities:
    """Learn which parameters ops document; the reply's ops and versions are the same."""
    try:
        verbose = await connection.describe(verbose=True, timeout=VERBOSE_TIMEOUT)
    except RequestTimeout as error:
        log.info("%s: %s", connection.address, error)
        verbose = known
    connection.capabilities = verbose if verbose.ops else known
    return connection.capabilities


async def _second_connection(first: Connection, recorder: Recorder | None) -> Connection | None:
    try:
        connection, _ = await probe(
            first.address, timeout=SECOND_CONNECTION_TIMEOUT, recorder=recorder
        )
    except NreplError as error:
        log.info("%s: no second connection: %s", first.address, error)
        return None
    connection.capabilities = first.capabilities
    return connection


async def _session(connection: Connection) -> Session:
    """Make a session; where that cannot be, each evaluation is on its own."""
    capabilities = connection.capabilities
    if capabilities is not None and capabilities.lacks("clone"):
        return connection.session(None)
    try:
        return await connection.clone()
    except OpFailed as error:
        log.info("%s: no sessions: %s", connection.address, error)
        return connection.session(None)


async def _still_there(
    connection: Connection, sessions: Sequence[str | None], tooling: str | None
) -> frozenset[str | None]:
    """
    Which of the sessions the server has; no other program can have one of such an id.

    tooling: one that proves nothing by itself.
    """
    known = {one for one in sessions if one is not None and len(one) >= UNGUESSABLE}
    capabilities = connection.capabilities
    if not known or capabilities is None or not capabilities.supports("ls-sessions"):
        return frozenset()
    try:
        reply = await connection.request("ls-sessions", timeout=SESSIONS_TIMEOUT).collect()
    except (OpFailed, RequestTimeout):
        return frozenset()
    listed = frozenset(sessions_in(reply.messages))
    return listed & (known | {tooling}) if listed & known else frozenset()


def _asker(session: Session, silence: Silence, *, in_turn: bool) -> Ask:
    """
    Return what sends the questions, on a shared connection one after the other's answer.

    hy-nrepl 1.0.4 handles one message per read: two at once leave it one reply behind for good.
    """
    turn = asyncio.Lock()

    async def ask(op: str, params: Message, timeout: float | None) -> Sequence[Message]:
        params = {**params, "session": session.id}
        responses = session.connection.request(op, params, timeout=timeout)
        responses.late = lambda _: silence.answered()
        silence.asked()
        try:
            reply = await responses.collect()
        except OpFailed:
            silence.answered()
            raise
        silence.answered()
        return reply.messages

    async def ask_in_turn(op: str, params: Message, timeout: float) -> Sequence[Message]:
        try:
            # Waiting for the turn counts: on a shared connection it is waiting for the server.
            async with asyncio.timeout(timeout), turn:
                return await ask(op, params, None)
        except TimeoutError:
            raise RequestTimeout(op, timeout) from None

    return ask_in_turn if in_turn else ask
