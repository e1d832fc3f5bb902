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
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from nrepl_lsp.nrepl import Address, ConnectFailed, NreplError
from nrepl_lsp.nrepl.recording import Recorder

from .repl import Repl, attach

__all__ = ["AttachOptions", "Origin", "State", "Supervisor", "Target", "growing_delays"]

log = logging.getLogger(__name__)

#: Seconds before the first and, at most, before each later attempt to reconnect.
FIRST_DELAY = 0.25
LAST_DELAY = 15.0


class State(Enum):
    """Where a supervisor stands; the values are what `nrepl.status` shows."""

    DETACHED = "detached"
    CONNECTING = "connecting"
    READY = "ready"
    LOST = "lost"


class Origin(Enum):
    """Who named the address."""

    PORT_FILE = "port file"
    ENVIRONMENT = "environment"
    SETTING = "setting"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Target:
    """An address to be attached to. `stamp` tells one writing of a port file from the next."""

    address: Address
    origin: Origin
    stamp: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class AttachOptions:
    """What every attachment of a supervisor gets."""

    snippets: bool = True
    recorder: Recorder | None = None


@dataclass(frozen=True, slots=True)
class _Former:
    """The attachment before, to recognise the same program by."""

    target: Target
    session: str | None
    kind: tuple[tuple[tuple[str, str], ...], frozenset[str] | None]


def growing_delays() -> Iterator[float]:
    """Yield seconds between attempts: doubling to `LAST_DELAY`, each up to a quarter off."""
    delay = FIRST_DELAY
    while True:
        yield delay * random.uniform(0.75, 1.25)
        delay = min(delay * 2, LAST_DELAY)


class Supervisor:
    """
    The live REPL of one project, or the lack of one.

    root: the project's folder; None for documents that have none. on_change is called after every
    change of `state`, on the event loop. `close` ends it.
    """

    def __init__(
        self,
        root: Path | None,
        *,
        options: AttachOptions | None = None,
        on_change: Callable[[Supervisor], None] = lambda _: None,
        delays: Callable[[], Iterator[float]] = growing_delays,
    ) -> None:
        self.root = root
        self.options = options or AttachOptions()
        self.state = State.DETACHED
        #: Why there is no REPL, in one sentence; None while there is one.
        self.problem: str | None = None
        #: Whether the user should be told of the problem: waiting will not mend it.
        self.needs_user = False
        self.target: Target | None = None
        #: Whether the user chose by command, so that port files no longer decide.
        self.is_manual = False
        self._repl: Repl | None = None
        self._former: _Former | None = None
        self._on_change = on_change
        self._delays = delays
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @property
    def repl(self) -> Repl | None:
        """The live REPL, or None at once."""
        return self._repl if self._repl is not None and self._repl.is_live else None

    def aim(self, target: Target | None) -> None:
        """
        Attach to another address, or to none; the old attachment is closed. Does not wait.

        The same target again changes nothing.
        """
        if target == self.target:
            return
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
        if self.state is State.READY and target == self.target and self.repl is not None:
            return self.repl
        self._former = None
        self._aim(target)
        try:
            async with asyncio.timeout(timeout):
                while self.state is State.CONNECTING:
                    await self._changed.wait()
        except TimeoutError:
            pass
        if self.repl is None:
            raise ConnectFailed(str(target.address), self.problem or "no answer yet")
        return self.repl

    async def close(self) -> None:
        """Detach and wait until the connection is closed; bounded, never fails."""
        task = self._task
        self._aim(None)
        if task is not None:
            await asyncio.wait([task], timeout=3.0)

    def _aim(self, target: Target | None) -> None:
        self.target = target
        self.problem = None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if target is None:
            self._set(State.DETACHED, None)
            return
        self._set(State.CONNECTING, None)
        self._task = asyncio.create_task(self._keep_attached(target), name=f"repl {self.root}")

    async def _keep_attached(self, target: Target) -> None:
        delays = self._delays()
        while True:
            try:
                repl = await self._attach(target)
            except NreplError as error:
                reason = error.reason if isinstance(error, ConnectFailed) else str(error)
                self.problem = f"{target.address}: {reason}"
                self.needs_user = isinstance(error, ConnectFailed) and error.speaks is not None
                log.info("not attached: %s", self.problem)
                self._set(State.LOST, None)
            else:
                if repl is None:
                    self._set(State.LOST, None)
                    return
                delays = self._delays()
                await self._stay(target, repl)
            await asyncio.sleep(next(delays))
            self._set(State.CONNECTING, None)

    async def _attach(self, target: Target) -> Repl | None:
        """Attach; None when another program than before is behind the address."""
        former = self._former
        repl = await attach(
            target.address,
            snippets=self.options.snippets,
            recorder=self.options.recorder,
            old_session=former.session if former and former.target == target else None,
        )
        if former is None or former.target != target or _is_same_program(former, repl):
            return repl
        self.needs_user = True
        self.problem = (
            f"{target.address} may be another program now: run nrepl.connect to attach to it"
        )
        log.warning("%s", self.problem)
        await repl.close()
        return None

    async def _stay(self, target: Target, repl: Repl) -> None:
        """Be attached until the connection is lost; closes it in any case."""
        self._former = _Former(target, repl.user.id, _kind(repl))
        self.problem = None
        self._set(State.READY, repl)
        ends = [
            asyncio.ensure_future(session.connection.wait_closed())
            for session in (repl.user, repl.tooling)
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
            await asyncio.shield(repl.close())
        self.problem = f"{target.address}: the connection was lost"
        self.needs_user = False
        self._set(State.LOST, None)

    def _set(self, state: State, repl: Repl | None) -> None:
        if state is self.state and repl is self._repl:
            return
        self.state, self._repl = state, repl
        self._changed.set()
        self._changed = asyncio.Event()
        self._on_change(self)


def _kind(repl: Repl) -> tuple[tuple[tuple[str, str], ...], frozenset[str] | None]:
    return tuple(sorted(repl.capabilities.versions.items())), repl.capabilities.ops


def _is_same_program(former: _Former, repl: Repl) -> bool:
    """
    Whether what answers now is surely what answered before, at the same target.

    A session that is still there proves it. Without that proof, a server that writes a port file
    would have written it again when it was restarted, and the target would be another; behind an
    address that a person named, the same kind of server is taken for the same program.
    """
    if former.session is not None and repl.user.id == former.session:
        return True
    return former.target.origin is not Origin.PORT_FILE and former.kind == _kind(repl)
