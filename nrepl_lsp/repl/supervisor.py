"""
Keeping one project's REPL attached: connecting, noticing the loss, reconnecting, letting go.

    detached ──aim──▶ connecting ──▶ ready ──lost──▶ lost ──delay──▶ connecting …
        ▲                 │ failed ──▶ lost                │
        └──── aim(None) ──┴──────── aim(None) ─────────────┘

A supervisor is *aimed* at an address, by a port file, a setting or a command, and never chooses one
itself. After a loss it goes back to the same program only: a port that was taken over by another
one is left alone until the user, or a newly written port file, points at it again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nrepl_lsp.nrepl import AddressError, ConnectFailed, ConnectionLost, NreplError

from .attaching import attach
from .exchanging import Exchange, Exchanges
from .new_session import leave_session, take_along
from .repl import Repl
from .sessions import OURS, Owned
from .targets import AttachOptions, Origin, State, Target, growing_delays

__all__ = ["AttachOptions", "Origin", "State", "Supervisor", "Target", "growing_delays"]

log = logging.getLogger(__name__)

#: Seconds that an attachment must have lasted for the delays to begin anew.
SETTLED_AFTER = 10.0
#: Seconds for a port file to be written anew, before another program at its port is a problem.
REWRITE_DELAY = 1.5
#: Seconds that `close` waits; closing a connection takes up to one.
CLOSE_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class _Former:
    """The attachment that was lost, to recognise the same program by."""

    session: str | None
    tooling: str | None
    owned: Owned
    kind: tuple[tuple[tuple[str, str], ...], frozenset[str] | None]


class Supervisor:
    """
    The live REPL of one project, or the lack of one.

    root: the project's folder; None for documents that have none. on_change is called after every
    change of `state`, on the event loop, and on_news also when only the target, the problem or the
    session may be others. `close` ends it.
    """

    def __init__(
        self,
        root: Path | None,
        *,
        options: AttachOptions | None = None,
        on_change: Callable[[Supervisor], None] = lambda _: None,
        on_news: Callable[[], None] = lambda: None,
        delays: Callable[[], Iterator[float]] = growing_delays,
    ) -> None:
        self.root = root
        self.options = options or AttachOptions()
        self.state = State.DETACHED
        #: Whether the user should be told of the problem: waiting will not mend it.
        self.needs_user = False
        self.target: Target | None = None
        #: Whether the user chose by command, so that port files no longer decide.
        self.is_manual = False
        self._reason: str | None = None
        self._repl: Repl | None = None
        #: The last one that there was; its connections are ours until they are closed.
        self._held: Repl | None = None
        self._former: _Former | None = None
        self._on_change = on_change
        self._on_news = on_news
        self._delays = delays
        self._task: asyncio.Task[None] | None = None
        self._exchanges = Exchanges(self._exchange_session, lambda: self.target)
        self._ending: set[asyncio.Task[Any]] = set()
        self._changed = asyncio.Event()

    @property
    def repl(self) -> Repl | None:
        """The live REPL, or None at once."""
        return self._repl if self._repl is not None and self._repl.is_live else None

    @property
    def problem(self) -> str | None:
        """Why there is no REPL, in one sentence; None while nothing is known to be wrong."""
        if self._reason is None or self.target is None:
            return None
        return f"{self.target.address}: {self._reason}"

    def aim(self, target: Target | None) -> None:
        """
        Attach to another address, or to none; the old attachment is closed. Does not wait.

        The same target again changes nothing. Neither does a port file that was only written again
        while we are attached: that the connection lives proves that it is the same program.
        """
        if target == self.target:
            return
        if self.repl is not None and _is_same_place(target, self.target):
            self.target = target
        else:
            self._aim(target)

    def detach(self) -> None:
        """Let go by the user's command: port files no longer attach until `connect`."""
        self.is_manual = True
        self._aim(None)

    async def connect(self, target: Target, timeout: float) -> Repl:
        """
        Attach by the user's command, and wait for the outcome of the first attempt.

        Raises `ConnectFailed` with the reason; trying goes on in the background also then.
        Cancelling stops waiting, not attaching.
        """
        self.is_manual = target.origin is Origin.COMMAND
        if self.repl is None:
            self._aim(target)
        elif self.target is not None and target.address == self.target.address:
            # Attached there already: what runs and what the session holds stay.
            self.target = target
        else:
            self.aim(target)
        try:
            async with asyncio.timeout(timeout):
                while self.target == target and self.state is State.CONNECTING:
                    await self._changed.wait()
        except TimeoutError:
            pass
        if self.target != target:
            raise ConnectFailed(str(target.address), "another address was chosen meanwhile")
        if self.repl is None:
            raise ConnectFailed(str(target.address), self._reason or "no answer yet")
        return self.repl

    def start_session(
        self,
        let_go: Callable[[Repl, Repl], None] = lambda *_: None,
        *,
        keep: bool = False,
        is_free: Callable[[Repl], bool] = lambda _: True,
    ) -> Coroutine[Any, Any, Repl]:
        """
        Evaluate in a new session of the same program from now on; the old one is closed, if ours.

        let_go: called with the old REPL and the new one at the moment of the exchange; no work may
        be begun in the old one any more. keep: the old session is left as it is, to be used again;
        then nothing may run in it, as far as `is_free` knows either. Who calls while another waits
        gets the same session. Raises `ConnectionLost`, `SessionInUse`, and `ConnectFailed` when the
        program makes no session; then everything is as before. Cancelling stops waiting, not the
        exchange, which has begun before anybody waits.
        """
        return self._exchanges.begin(Exchange(None, keep, let_go, is_free))

    def switch_session(
        self,
        session: str,
        let_go: Callable[[Repl, Repl], None] = lambda *_: None,
        *,
        is_free: Callable[[Repl], bool] = lambda _: True,
    ) -> Coroutine[Any, Any, Repl]:
        """
        Evaluate in another session that the program has; the old one is left as it is.

        Raises as `start_session` with `keep`, and `SessionUnknown` when the program does not list
        the session.
        """
        return self._exchanges.begin(Exchange(session, True, let_go, is_free))

    @property
    def exchange(self) -> asyncio.Task[Repl] | None:
        """The exchange of the session that is under way."""
        return self._exchanges.under_way

    async def close(self) -> None:
        """Detach and wait until all that was attached is closed; bounded, never fails."""
        self._aim(None)
        if self._ending:
            await asyncio.wait(self._ending, timeout=CLOSE_TIMEOUT)

    def _aim(self, target: Target | None) -> None:
        self.target = target
        self._former = None
        self._explain(None)
        if self._task is not None:
            self._task.cancel()
        for task in (self._task, self._exchanges.cancel()):
            if task is not None:
                self._end(task)
        self._task = None
        if target is None:
            self._set(State.DETACHED, None)
            return
        self._set(State.CONNECTING, None)
        self._task = asyncio.create_task(self._keep_attached(target), name=f"repl {self.root}")

    async def _keep_attached(self, target: Target) -> None:
        delays = self._delays()
        while True:
            # It may have been named anew while we were attached.
            target = self.target or target
            try:
                repl = await self._attach(target)
            except NreplError as error:
                self._fail(error)
            else:
                if why := self._why_not(target, repl):
                    await self._leave_alone(target, repl, why)
                    return
                attached_at = time.monotonic()
                await self._stay(repl)
                if time.monotonic() - attached_at >= SETTLED_AFTER:
                    delays = self._delays()
            await asyncio.sleep(next(delays))
            self._set(State.CONNECTING, None)

    async def _attach(self, target: Target) -> Repl:
        return await attach(
            target.address,
            snippets=self.options.snippets,
            recorder=self.options.recorder,
            old_session=self._former.session if self._former is not None else None,
            old_tooling=self._former.tooling if self._former is not None else None,
            old_owned=self._former.owned if self._former is not None else OURS,
        )

    def _fail(self, error: NreplError) -> None:
        reason = error.reason if isinstance(error, ConnectFailed) else str(error)
        speaks_other = isinstance(error, ConnectFailed) and error.speaks is not None
        self._explain(reason, needs_user=speaks_other or isinstance(error, AddressError))
        log.info("not attached: %s", self.problem)
        self._set(State.LOST, None)

    def _why_not(self, target: Target, repl: Repl) -> str | None:
        """
        Why not to go on with what answers now; None where it is what answered before the loss.

        A session that is still there proves that it is the same program. Without that proof, a
        server that writes a port file would have written it again when it was restarted, and the
        target would be another; behind an address that a person named, the same kind of server is
        taken for the same program. Where a person has chosen the session, such as a ClojureScript
        one, its code means something else in another.
        """
        former = self._former
        if former is None:
            return None
        is_named = target.origin is not Origin.PORT_FILE and former.kind == _kind(repl)
        if not repl.is_resumed and not is_named:
            return "another program may answer there now; run nrepl.connect to attach to it"
        if not former.owned.user and former.session != repl.user.id:
            return "the chosen session is gone; run nrepl.connect to go on in a new one"
        return None

    async def _leave_alone(self, target: Target, repl: Repl, why: str) -> None:
        """Let go of another program, or session, than before; it got no code."""
        await repl.close()
        if target.origin is Origin.PORT_FILE:
            # Servers listen before they write the file, and then we are aimed anew.
            await asyncio.sleep(REWRITE_DELAY)
        self._explain(why, needs_user=True)
        log.warning("%s", self.problem)
        self._set(State.LOST, None)

    async def _exchange_session(self, wanted: Exchange) -> Repl:
        old = self.repl
        if old is None:
            raise ConnectionLost(self._reason or "no program is attached")
        new = await wanted.made(old, self.options.recorder, lambda repl: repl is self._repl)
        take_along(old, new)
        self._hold(new)
        self._set(self.state, new)
        try:
            wanted.let_go(old, new)
        except Exception:
            log.exception("what runs in the old session was not let go of")
        if not wanted.keep:
            self._end(asyncio.create_task(leave_session(old, new), name="end session"))
        return new

    def _end(self, task: asyncio.Task[Any]) -> None:
        """Have `close` wait for a task."""
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _stay(self, repl: Repl) -> None:
        """
        Be attached until a connection is lost; closes both in any case.

        The sessions end only when we let go: after a loss the user's is taken up again, with what
        may still run in it.
        """
        self._explain(None)
        self._hold(repl)
        self._set(State.READY, repl)
        try:
            repl = await self._until_lost(repl)
            self._explain("the program has gone; waiting for it to come back")
            self._set(State.LOST, None)
            await repl.close(sessions=False)
        finally:
            # Not the one from the beginning, if its session was exchanged.
            await asyncio.shield((self._held or repl).close())

    async def _until_lost(self, repl: Repl) -> Repl:
        """Wait until a connection of the REPL is lost that there is by then, and return it."""
        while True:
            ends = [
                asyncio.ensure_future(session.connection.wait_closed())
                for session in (repl.user, repl.tooling)
            ]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for end in ends:
                    end.cancel()
            if self._repl is None or self._repl is repl:
                return repl
            # A connection may go because its session was exchanged for one on another.
            repl = self._repl

    def _hold(self, repl: Repl) -> None:
        self._held = repl
        self._former = _Former(repl.user.id, repl.tooling.id, repl.owned, _kind(repl))

    def _explain(self, reason: str | None, *, needs_user: bool = False) -> None:
        self._reason, self.needs_user = reason, needs_user

    def _set(self, state: State, repl: Repl | None) -> None:
        is_other = state is not self.state
        self.state, self._repl = state, repl
        # Also when the state is the same: `connect` has to see that it is about another target.
        self._changed.set()
        self._changed = asyncio.Event()
        _tell(self._on_news)
        if is_other:
            _tell(self._on_change, self)


def _tell(listener: Callable[..., None], *what: Any) -> None:
    """Call a listener, whose fault must not end the keeping of the REPL."""
    try:
        listener(*what)
    except Exception:
        log.exception("a listener failed")


def _is_same_place(one: Target | None, other: Target | None) -> bool:
    if one is None or other is None:
        return False
    return (one.address, one.origin) == (other.address, other.origin)


def _kind(repl: Repl) -> tuple[tuple[tuple[str, str], ...], frozenset[str] | None]:
    return tuple(sorted(repl.capabilities.versions.items())), repl.capabilities.ops
