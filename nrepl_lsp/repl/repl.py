"""One attachment to a running program: its sessions, what it can do, and asking it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nrepl_lsp.nrepl import (
    Address,
    Capabilities,
    Connection,
    Evaluation,
    Message,
    NreplError,
    OpFailed,
    Output,
    RequestTimeout,
    Session,
    probe,
)
from nrepl_lsp.nrepl.connection import CLOSE_TIMEOUT
from nrepl_lsp.nrepl.recording import Recorder
from nrepl_lsp.tooling.variants import Ask, Dialect, Question

from .loaded_namespaces import LoadedNamespaces
from .silence import Silence

__all__ = ["Repl", "attach", "eval_position"]

log = logging.getLogger(__name__)

#: Seconds for the second connection to answer. hy-nrepl 1.0.4 serves one connection at a time:
#: there it never does, and tooling shares the first.
SECOND_CONNECTION_TIMEOUT = 1.0
#: Seconds for the verbose describe, whose answer is 113 kB on cider-nrepl; without it we go on.
VERBOSE_TIMEOUT = 10.0
#: Seconds for the list of sessions after a reconnect.
SESSIONS_TIMEOUT = 5.0
#: Characters of a session's id from which on no other program has the same one. Most servers use
#: UUIDs; some count.
UNGUESSABLE = 16
#: Bytes of one printed value that servers with the print middleware are asked to stop at.
PRINT_QUOTA = 1024 * 1024
#: Seconds between requests on a connection that all share (see `PacedStream`), so that each is
#: read alone; a server's read loop turns much faster.
SHARED_GAP = 0.02

#: Seconds that a question gets which is in a hurry, while a program evaluates that is known to
#: answer nothing then (nbb, hy-nrepl): a hover asks up to three.
BUSY_TIMEOUT = 0.06
#: The same for questions that may take longer than `HURRY` seconds: a person has asked for those.
PATIENT_BUSY_TIMEOUT = 0.5
HURRY = 3.0

Query = TypeVar("Query")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, eq=False)
class Repl:
    """
    A live REPL; it never changes. Reconnecting makes a new one, and whoever still holds the old
    one gets `ConnectionLost`: nothing crosses over to another program.

    user: the session of what the user evaluates. tooling: the session of our questions, on a
    connection of its own where the server takes a second one, because babashka, Basilisp and nbb
    answer nothing on a connection while they evaluate. is_resumed: whether `user` is a session that
    was there before, so that this is surely the same program. silence: what the program has shown
    of how it answers meanwhile.
    """

    address: Address
    capabilities: Capabilities
    user: Session
    tooling: Session
    dialect: Dialect
    namespaces: LoadedNamespaces
    is_resumed: bool
    silence: Silence

    @property
    def is_live(self) -> bool:
        """Whether both connections are open."""
        return self.user.connection.is_open and self.tooling.connection.is_open

    async def ask(
        self, question: Question[Query, Answer], query: Query, *, timeout: float | None = None
    ) -> Answer | None:
        """
        Ask in the tooling session; None when the server does not know, cannot, or is too slow.

        Raises `ConnectionLost`. Cancelling stops listening.
        """
        asked = self.dialect.answer(question, query, timeout=timeout)
        return await self._unless_busy(asked, timeout)

    async def loaded_namespace(
        self, ns: str | None, family: str, timeout: float | None = None
    ) -> str | None:
        """
        Return `ns` if the server has it, else None; also when it is not known within `timeout`.

        Naming a namespace that is not there makes Basilisp *create* it, broken, for the rest of
        the connection; others fail or silently take another. Where the server cannot list its
        namespaces, only those are trusted that it has named itself. Raises `ConnectionLost`.
        """
        if ns is None or self.namespaces.has(ns):
            return ns
        return await self._unless_busy(self.namespaces.find(ns, family, timeout), timeout)

    async def namespace_to_ask(
        self, ns: str | None, family: str, timeout: float | None = None
    ) -> str | None:
        """
        Return the namespace for a question: `ns` if it is loaded, else the one REPLs begin in.

        None where that is not there either. nbb 1.6.214 knows no symbol without a namespace.
        """
        if ns is not None and self.namespaces.has(ns):
            return ns
        return await self._unless_busy(self.namespaces.find_to_ask(ns, family, timeout), timeout)

    async def known_namespaces(self, family: str, timeout: float | None = None) -> frozenset[str]:
        """
        Return the namespaces that the server has, as far as they are known within `timeout`.

        Raises `ConnectionLost`.
        """
        found = await self._unless_busy(self.namespaces.all(family, timeout), timeout)
        return self.namespaces.known if found is None else found

    @property
    def takes_context(self) -> bool:
        """Whether completion says that it uses the form around the cursor (`__prefix__`)."""
        for op in ("cider/complete", "complete"):
            optional = self.capabilities.op_docs.get(op, {}).get("optional")
            if isinstance(optional, dict) and "context" in optional:
                return True
        return False

    @property
    def can_list_namespaces(self) -> bool:
        """Whether `loaded_namespace` knows rather than guesses: whether it ever got a list."""
        return self.namespaces.are_listed

    def evaluate(
        self,
        code: str,
        *,
        ns: str | None = None,
        file: str | None = None,
        line: int = 0,
        column: int = 0,
        on_late_output: Callable[[Output], None] | None = None,
        output_limit: int,
        value_limit: int,
        extra: Mapping[str, Any] | None = None,
    ) -> Evaluation:
        """
        Queue code in the user's session. `ns` must be loaded; line and column are 0-based.

        extra: more parameters of the op. Raises `ConnectionLost`. The reply may define namespaces,
        so the next question lists anew.
        """
        self.namespaces.note_change()
        code, position = eval_position(self.capabilities, code, line, column)
        return self.user.eval(
            code,
            ns=ns,
            file=file,
            on_late_output=on_late_output,
            output_limit=output_limit,
            value_limit=value_limit,
            **position,
            **self.print_limits("eval"),
            **(extra or {}),
        )

    def load_file(
        self,
        text: str,
        *,
        path: str | None,
        name: str | None,
        on_late_output: Callable[[Output], None] | None = None,
        output_limit: int,
        value_limit: int,
    ) -> Evaluation:
        """Queue the loading of a whole file's text in the user's session; raises as `evaluate`."""
        self.namespaces.note_change()
        return self.user.load_file(
            text,
            path=path,
            name=name,
            on_late_output=on_late_output,
            output_limit=output_limit,
            value_limit=value_limit,
            **self.print_limits("load-file"),
        )

    def named_namespace(self, ns: str | None) -> None:
        """Remember that an evaluation has ended, and the namespace the server named in it."""
        self.namespaces.note_change(ns)

    def print_limits(self, op: str) -> dict[str, int]:
        """The parameters that bound what an op prints, where its documentation has them."""
        optional = self.capabilities.op_docs.get(op, {}).get("optional")
        quota = "nrepl.middleware.print/quota"
        return {quota: PRINT_QUOTA} if isinstance(optional, dict) and quota in optional else {}

    async def close(self, *, sessions: bool = True) -> None:
        """
        End both connections, and the sessions unless they are to be taken up again.

        Bounded, never fails.
        """
        await _close(self.user.connection, self.tooling.connection, sessions=sessions)

    async def _unless_busy(
        self, asking: Coroutine[Any, Any, Answer | None], timeout: float | None
    ) -> Answer | None:
        """
        The answer; None soon where the program evaluates and is known to answer nothing meanwhile.

        That counts against no op. Who sets no timeout is in no hurry.
        """
        evaluation = self._without_answers()
        if timeout is None or evaluation is None:
            return await asking
        task = asyncio.ensure_future(asking)
        try:
            soon = BUSY_TIMEOUT if timeout <= HURRY else PATIENT_BUSY_TIMEOUT
            # One that has not shown yet that it is silent may only be slow.
            await asyncio.wait({task}, timeout=soon if self.silence.is_expected else None)
            # It may have answered meanwhile, or have ended.
            if self._without_answers() is evaluation:
                self.silence.judge(evaluation)
                if not task.done():
                    return None
            return await task
        finally:
            task.cancel()

    def _without_answers(self) -> Evaluation | None:
        """What is evaluated, unless something was answered meanwhile."""
        evaluation = self.user.running
        if evaluation is None or evaluation.sent_at is None or self.silence.is_broken(evaluation):
            return None
        return evaluation


def eval_position(
    capabilities: Capabilities, code: str, line: int, column: int
) -> tuple[str, dict[str, int]]:
    """
    Return code and parameters such that errors count lines from the document's start (0-based).

    Servers that document `line` get it. For the others the code is moved to its place by empty
    lines and blanks, which every reader skips.
    """
    if capabilities.takes_position:
        return code, {"line": line + 1, "column": column + 1}
    return "\n" * line + " " * column + code, {}


async def attach(
    address: Address | str,
    *,
    snippets: bool = True,
    recorder: Recorder | None = None,
    old_session: str | None = None,
    old_tooling: str | None = None,
) -> Repl:
    """
    Connect, learn what the server can do, and make (or take up again) the sessions.

    old_session: the user's session of an attachment that was lost; it is used again if the server
    says that it still has it, and its id is none that another program may have given. old_tooling:
    its session for tooling, which is closed then. Raises `AddressError`, `ConnectFailed`,
    `ConnectionLost` and `RequestTimeout`; nothing is left open then, nor after cancelling.
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
        old, left_over = await _listed(connection, old_session, old_tooling)
        tooling = await _session(opened[-1])
        if old is not None and left_over is not None:
            opened[-1].session(left_over).send_close(CLOSE_TIMEOUT)
        user = connection.adopt(old) if old is not None else await _session(connection)
    except BaseException:
        await _close(*opened)
        raise
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
        old is not None,
        silence,
    )


async def _close(*connections: Connection, sessions: bool = True) -> None:
    """Close connections, each of them also when this is cancelled."""
    await asyncio.gather(*(it.close(sessions=sessions) for it in set(connections)))


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


async def _listed(
    connection: Connection, user: str | None, tooling: str | None
) -> tuple[str | None, str | None]:
    """Return those sessions that the server has; no other program can have one of that id."""
    capabilities = connection.capabilities
    if user is None or len(user) < UNGUESSABLE:
        return None, None
    if capabilities is None or not capabilities.supports("ls-sessions"):
        return None, None
    try:
        reply = await connection.request("ls-sessions", timeout=SESSIONS_TIMEOUT).collect()
    except (OpFailed, RequestTimeout):
        return None, None
    listed = reply.get("sessions")
    sessions = listed if isinstance(listed, list) else []
    return user if user in sessions else None, tooling if tooling in sessions else None


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
