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
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from nrepl_lsp.nrepl import Address, AddressError, ConnectFailed, NreplError
from nrepl_lsp.nrepl.recording import Recorder

from .repl import Repl, attach

__all__ = ["AttachOptions", "Origin", "State", "Supervisor", "Target", "growing_delays"]

log = logging.getLogger(__name__)

#: Seconds before the first and, at most, before each later attempt to reconnect.
FIRST_DELAY = 0.25
LAST_DELAY = 15.0
#: Seconds that an attachment must have lasted for the delays to begin anew.
SETTLED_AFTER = 10.0
#: Seconds for a port file to be written anew, before another program at its port is a problem.
REWRITE_DELAY = 1.5
#: Seconds that `close` waits; closing a connection takes up to one.
CLOSE_TIMEOUT = 3.0


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
    """The attachment that was lost, to recognise the same program by."""

    session: str | None
    tooling: str | None
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
        #: Whether the user should be told of the problem: waiting will not mend it.
        self.needs_user = False
        self.target: Target | None = None
        #: Whether the user chose by command, so that port files no longer decide.
        self.is_manual = False
        self._reason: str | None = None
        self._repl: Repl | None = None
        self._former: _Former | None = None
        self._on_change = on_change
        self._delays = delays
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
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
            self._ending.add(self._task)
            self._task.add_done_callback(self._ending.discard)
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
                self._fail(error)
            else:
                if not self._is_same_program(target, repl):
                    await self._leave_alone(target, repl)
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
        )

    def _fail(self, error: NreplError) -> None:
        reason = error.reason if isinstance(error, ConnectFailed) else str(error)
        speaks_other = isinstance(error, ConnectFailed) and error.speaks is not None
        self._explain(reason, needs_user=speaks_other or isinstance(error, AddressError))
        log.info("not attached: %s", self.problem)
        self._set(State.LOST, None)

    def _is_same_program(self, target: Target, repl: Repl) -> bool:
        """
        Whether what answers now is surely what answered before the loss, if anything did.

        A session that is still there proves it. Without that proof, a server that writes a port
        file would have written it again when it was restarted, and the target would be another;
        behind an address that a person named, the same kind of server is taken for the same
        program.
        """
        former = self._former
        if former is None or repl.is_resumed:
            return True
        return target.origin is not Origin.PORT_FILE and former.kind == _kind(repl)

    async def _leave_alone(self, target: Target, repl: Repl) -> None:
        """Let go of another program than before; it got no code."""
        await repl.close()
        if target.origin is Origin.PORT_FILE:
            # Servers listen before they write the file, and then we are aimed anew.
            await asyncio.sleep(REWRITE_DELAY)
        self._explain(
            "another program may answer there now; run nrepl.connect to attach to it",
            needs_user=True,
        )
        log.warning("%s", self.problem)
        self._set(State.LOST, None)

    async def _stay(self, repl: Repl) -> None:
        """
        Be attached until a connection is lost; closes both in any case.

        The sessions end only when we let go: after a loss the user's is taken up again, with what
        may still run in it.
        """
        self._former = _Former(repl.user.id, repl.tooling.id, _kind(repl))
        self._explain(None)
        self._set(State.READY, repl)
        ends = [
            asyncio.ensure_future(session.connection.wait_closed())
            for session in (repl.user, repl.tooling)
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            self._explain("the program has gone; waiting for it to come back")
            self._set(State.LOST, None)
            await repl.close(sessions=False)
        finally:
            for end in ends:
                end.cancel()
            await asyncio.shield(repl.close())

    def _explain(self, reason: str | None, *, needs_user: bool = False) -> None:
        self._reason, self.needs_user = reason, needs_user

    def _set(self, state: State, repl: Repl | None) -> None:
        is_other = state is not self.state
        self.state, self._repl = state, repl
        # Also when the state is the same: `connect` has to see that it is about another target.
        self._changed.set()
        self._changed = asyncio.Event()
        if not is_other:
            return
        try:
            self._on_change(self)
        except Exception:
            # A listener's fault must not end the keeping of the REPL.
            log.exception("a listener failed")


def _is_same_place(one: Target | None, other: Target | None) -> bool:
    if one is None or other is None:
        return False
    return (one.address, one.origin) == (other.address, other.origin)


def _kind(repl: Repl) -> tuple[tuple[tuple[str, str], ...], frozenset[str] | None]:
    return tuple(sorted(repl.capabilities.versions.items())), repl.capabilities.ops
