"""One attachment to a running program: its sessions, what it can do, and asking it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nrepl_lsp.nrepl import (
    Address,
    Capabilities,
    Connection,
    ConnectionLost,
    Evaluation,
    Message,
    NreplError,
    Output,
    RequestTimeout,
    Session,
    probe,
)
from nrepl_lsp.nrepl.recording import Recorder
from nrepl_lsp.tooling.namespaces import NAMESPACES, NamespacesQuery
from nrepl_lsp.tooling.variants import Dialect, Question

__all__ = ["Repl", "attach", "eval_position"]

log = logging.getLogger(__name__)

#: Seconds for the second connection to answer. hy-nrepl 1.0.4 serves one connection at a time:
#: there it never does, and tooling shares the first.
SECOND_CONNECTION_TIMEOUT = 1.0
#: Seconds for the verbose describe, whose answer is 113 kB on cider-nrepl; without it we go on.
VERBOSE_TIMEOUT = 10.0
#: Seconds for which a namespace that was not there is not asked for again.
NAMESPACES_REST = 2.0
#: Bytes of one printed value that servers with the print middleware are asked to stop at.
PRINT_QUOTA = 1024 * 1024

Query = TypeVar("Query")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Namespaces:
    """The namespaces known to exist, and when they were last listed."""

    known: frozenset[str] = frozenset()
    named: set[str] = field(default_factory=set)
    listed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Repl:
    """
    A live REPL; it never changes. Reconnecting makes a new one, and whoever still holds the old
    one gets `ConnectionLost`: nothing crosses over to another program.

    user: the session of what the user evaluates. tooling: the session of our questions, on a
    connection of its own where the server takes a second one, because babashka, Basilisp and nbb
    answer nothing on a connection while they evaluate.
    """

    address: Address
    capabilities: Capabilities
    user: Session
    tooling: Session
    dialect: Dialect
    _namespaces: _Namespaces = field(default_factory=_Namespaces)

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
        return await self.dialect.answer(question, query, timeout=timeout)

    async def loaded_namespace(self, ns: str | None, family: str) -> str | None:
        """
        Return `ns` if the server has it, else None.

        Naming a namespace that is not there makes Basilisp *create* it, broken, for the rest of
        the connection; others fail or silently take another. Where the server cannot list its
        namespaces, only those are trusted that it has named itself.
        """
        if ns is None or ns in self._namespaces.known or ns in self._namespaces.named:
            return ns
        listed = self._namespaces.listed_at
        if listed is None or time.monotonic() - listed > NAMESPACES_REST:
            names = await self.dialect.answer(NAMESPACES, NamespacesQuery(family))
            self._namespaces.listed_at = time.monotonic()
            self._namespaces.known = names or frozenset()
        return ns if ns in self._namespaces.known else None

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
        """Whether `loaded_namespace` knows rather than guesses, by the last time it asked."""
        return bool(self._namespaces.known)

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
    ) -> Evaluation:
        """
        Queue code in the user's session. `ns` must be loaded; line and column are 0-based.

        Raises `ConnectionLost`. The reply may define namespaces, so the next question lists anew.
        """
        self._namespaces.listed_at = None
        code, position = eval_position(self.capabilities, code, line, column)
        return self.user.eval(
            code,
            ns=ns,
            file=file,
            on_late_output=on_late_output,
            output_limit=output_limit,
            value_limit=value_limit,
            **position,
            **self._print_limits("eval"),
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
        self._namespaces.listed_at = None
        return self.user.load_file(
            text,
            path=path,
            name=name,
            on_late_output=on_late_output,
            output_limit=output_limit,
            value_limit=value_limit,
            **self._print_limits("load-file"),
        )

    def named_namespace(self, ns: str | None) -> None:
        """Remember a namespace that the server itself named in a reply."""
        if ns:
            self._namespaces.named.add(ns)

    async def close(self) -> None:
        """End both connections and the sessions that were cloned; bounded, never fails."""
        connections = {self.user.connection, self.tooling.connection}
        await asyncio.gather(*(connection.close() for connection in connections))

    def _print_limits(self, op: str) -> dict[str, int]:
        optional = self.capabilities.op_docs.get(op, {}).get("optional")
        quota = "nrepl.middleware.print/quota"
        return {quota: PRINT_QUOTA} if isinstance(optional, dict) and quota in optional else {}


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
) -> Repl:
    """
    Connect, learn what the server can do, and make (or take up again) the sessions.

    old_session: the user's session of an attachment that was lost; it is used again if the server
    says that it still has it. Raises `AddressError`, `ConnectFailed`, `ConnectionLost` and
    `RequestTimeout`; nothing is left open then, nor after cancelling.
    """
    connection, capabilities = await probe(address, recorder=recorder)
    tooling: Connection | None = None
    try:
        capabilities = await _describe_verbosely(connection, capabilities)
        tooling = await _second_connection(connection, recorder)
        user = await _user_session(connection, old_session)
        session = await _session(tooling or connection)
    except BaseException:
        await connection.close()
        if tooling is not None:
            await tooling.close()
        raise
    dialect = Dialect(capabilities, _asker(session), snippets=snippets)
    return Repl(connection.address, capabilities, user, session, dialect)


async def _describe_verbosely(connection: Connection, known: Capabilities) -> Capabilities:
    """Learn which parameters ops document; the reply's ops and versions are the same."""
    try:
        verbose = await connection.describe(verbose=True, timeout=VERBOSE_TIMEOUT)
    except RequestTimeout:
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
    capabilities = connection.capabilities
    if capabilities is not None and capabilities.lacks("clone"):
        return connection.session(None)
    return await connection.clone()


async def _user_session(connection: Connection, old: str | None) -> Session:
    capabilities = connection.capabilities
    if old is not None and capabilities is not None and capabilities.supports("ls-sessions"):
        try:
            reply = await connection.request("ls-sessions", timeout=5.0).collect()
        except ConnectionLost:
            raise
        except NreplError:
            return await _session(connection)
        sessions = reply.get("sessions")
        if isinstance(sessions, list) and old in sessions:
            return connection.adopt(old)
    return await _session(connection)


def _asker(session: Session) -> Any:
    async def ask(op: str, params: Message, timeout: float) -> Sequence[Message]:
        request = session.connection.request(op, {**params, "session": session.id}, timeout=timeout)
        return (await request.collect()).messages

    return ask
