"""The exchange of the user's session for another: one at a time, and none in vain."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from nrepl_lsp.nrepl import ConnectionLost
from nrepl_lsp.nrepl.recording import Recorder

from .new_session import discard, with_new_session, with_session
from .repl import Repl
from .sessions import SessionInUse

__all__ = ["Exchange", "Exchanges"]


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """
    To what the user's session is exchanged: `session`, or a new one.

    keep: the old session is left as it is, to be used again; then nothing may run in it, as far as
    `is_free` knows either. let_go: called with the old REPL and the new one at the moment of the
    exchange; no work may be begun in the old one any more.
    """

    session: str | None
    keep: bool
    let_go: Callable[[Repl, Repl], None]
    is_free: Callable[[Repl], bool]

    def is_like(self, other: Exchange | None) -> bool:
        """Whether both want the same."""
        return other is not None and (self.session, self.keep) == (other.session, other.keep)

    async def made(
        self, old: Repl, recorder: Recorder | None, is_current: Callable[[Repl], bool]
    ) -> Repl:
        """
        Return a REPL like `old` but for `user`, to be put in its place at once.

        is_current: whether `old` is still the one in use. Raises `ConnectionLost`, `SessionInUse`,
        `SessionUnknown` when the program does not list the session, and `ConnectFailed` with a
        reason when it makes none or does not answer. Nothing is left open then, nor after
        cancelling.
        """
        self._check(old)
        if self.session is not None:
            new = await with_session(old, self.session)
        else:
            new = await with_new_session(old, recorder, keep=self.keep)
        try:
            if not is_current(old) or not new.is_live:
                raise ConnectionLost("the program has gone meanwhile")
            self._check(old)
        except (ConnectionLost, SessionInUse):
            if self.session is None:
                await discard(new, old)
            raise
        return new

    def _check(self, repl: Repl) -> None:
        """Raise `SessionInUse` where the session is to be kept and something runs or waits."""
        session = repl.user
        is_busy = session.running is not None or bool(session.queued)
        if self.keep and (is_busy or not self.is_free(repl)):
            raise SessionInUse(str(repl.address), "something runs or waits in the session")


class Exchanges:
    """
    Has one exchange at a time made, in the order in which they were wanted.

    make: makes one. program: what is the same as long as the same program is meant.
    """

    def __init__(
        self, make: Callable[[Exchange], Coroutine[Any, Any, Repl]], program: Callable[[], object]
    ) -> None:
        self._make = make
        self._program = program
        self._task: asyncio.Task[Repl] | None = None
        self._wanted: Exchange | None = None

    @property
    def under_way(self) -> asyncio.Task[Repl] | None:
        """The one that is being made."""
        return self._task if self._task is not None and not self._task.done() else None

    def begin(self, wanted: Exchange) -> Coroutine[Any, Any, Repl]:
        """
        Begin with it at once, if no other is under way, and return what waits for the new REPL.

        Who wants the same as what is under way gets that. Cancelling stops waiting, not the
        exchange. Raises what `Exchange.made` does, and `ConnectionLost` when it was cancelled.
        """
        task = self.under_way
        if task is None:
            task = self._task = asyncio.create_task(self._make(wanted), name="session")
            task.add_done_callback(_look_at_error)
            self._wanted = wanted
        elif not wanted.is_like(self._wanted):
            return self._after(task, wanted, self._program())
        return _result_of(task)

    def cancel(self) -> asyncio.Task[Repl] | None:
        """Have none under way any more; returns what is being cancelled."""
        task, self._task = self.under_way, None
        if task is not None:
            task.cancel()
        return task

    async def _after(self, before: asyncio.Task[Repl], wanted: Exchange, program: object) -> Repl:
        await asyncio.wait({before})
        if self._program() != program:
            raise ConnectionLost("another address was chosen meanwhile")
        return await self.begin(wanted)


async def _result_of(exchange: asyncio.Task[Repl]) -> Repl:
    await asyncio.wait({exchange})
    if exchange.cancelled():
        raise ConnectionLost("the program was let go of")
    return exchange.result()


def _look_at_error(exchange: asyncio.Task[Repl]) -> None:
    """Take note of a failure: whoever waited may have gone."""
    if not exchange.cancelled():
        exchange.exception()
