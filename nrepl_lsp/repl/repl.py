"""One attachment to a running program: its sessions, what it can do, and asking it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from nrepl_lsp.nrepl import (
    Address,
    Capabilities,
    Connection,
    Evaluation,
    OpFailed,
    Output,
    RequestTimeout,
    Session,
)
from nrepl_lsp.tooling.variants import Ask, Dialect, Question

from .loaded_namespaces import LoadedNamespaces
from .sessions import OURS, Owned, asking_at, sessions_in, stop_ours
from .silence import Silence

__all__ = ["Repl", "close_all", "eval_position"]

#: Bytes of one printed value that servers with the print middleware are asked to stop at.
PRINT_QUOTA = 1024 * 1024

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
    answer nothing on a connection while they evaluate. is_resumed: whether a session is there that
    was there before, so that this is surely the same program. silence: what the program has shown
    of how it answers meanwhile. send: sends a question. owned: which of its sessions are ours.
    """

    address: Address
    capabilities: Capabilities
    user: Session
    tooling: Session
    dialect: Dialect
    namespaces: LoadedNamespaces
    is_resumed: bool
    silence: Silence
    send: Ask
    owned: Owned = OURS

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
    def can_list_sessions(self) -> bool:
        """Whether the program says that it can tell which sessions it has."""
        return self.capabilities.supports("ls-sessions")

    async def list_sessions(self, timeout: float) -> tuple[str, ...] | None:
        """
        Return the program's sessions, but for those of our questions and those we are closing.

        None when it cannot list them, or not in time. Raises `ConnectionLost`.
        """
        if not self.can_list_sessions:
            return None
        listed = await self._unless_busy(self._list_sessions(timeout), timeout)
        hidden = asking_at(self.address) | self.owned.ended
        return None if listed is None else tuple(one for one in listed if one not in hidden)

    async def _list_sessions(self, timeout: float) -> tuple[str, ...] | None:
        try:
            return sessions_in(await self.send("ls-sessions", {}, timeout))
        except (OpFailed, RequestTimeout):
            return None

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
        End both connections, and our sessions unless they are to be taken up again.

        In a session that is not ours only what we have there is stopped. Bounded, never fails.
        """
        if sessions and not self.owned.user:
            stop_ours(self.user)
        await close_all(self.user.connection, self.tooling.connection, sessions=sessions)

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


async def close_all(*connections: Connection, sessions: bool = True) -> None:
    """Close connections, each of them also when this is cancelled."""
    await asyncio.gather(*(it.close(sessions=sessions) for it in set(connections)))
