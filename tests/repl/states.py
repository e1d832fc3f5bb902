"""Waiting for what a supervisor does, by its own events and with a deadline."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from nrepl_lsp.nrepl import Address
from nrepl_lsp.repl.supervisor import Origin, State, Supervisor, Target
from tests.support.fault_server import FaultServer

DEADLINE = 5.0


@dataclass
class States:
    """An `on_change` that keeps every state, and wakes who waits."""

    seen: list[tuple[Supervisor, State]] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, supervisor: Supervisor) -> None:
        self.seen.append((supervisor, supervisor.state))
        self._changed.set()

    @property
    def order(self) -> list[str]:
        """The states in order."""
        return [state.value for _, state in self.seen]

    async def until(self, holds: Callable[[], object], deadline: float = DEADLINE) -> None:
        """Wait for a change after which something holds."""
        try:
            async with asyncio.timeout(deadline):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"it did not happen; states: {self.order}") from None

    async def until_ready(self, supervisor: Supervisor, deadline: float = DEADLINE) -> None:
        """Wait until a supervisor has a live REPL."""
        await self.until(lambda: supervisor.repl is not None, deadline)

    async def until_state(self, supervisor: Supervisor, state: State) -> None:
        """Wait until a supervisor is in a state."""
        await self.until(lambda: supervisor.state is state)


def target(
    server: FaultServer | int, origin: Origin = Origin.COMMAND, stamp: int | None = None
) -> Target:
    """Return a server (or a port) as a target; `stamp` stands for a writing of a port file."""
    port = server if isinstance(server, int) else server.port
    stamps = None if stamp is None else (stamp, 4, 1)
    return Target(Address("nrepl", "127.0.0.1", port), origin, stamps)
