"""One consumer that sleeps until there is something to take."""

from __future__ import annotations

import asyncio

__all__ = ["Waiter"]


class Waiter:
    """
    Wakes the one task that waits; a wake-up without a waiter is not remembered.

    The consumer checks its condition before each `wait`, all on one event loop, so nothing
    is missed. A second consumer is refused: two would take each other's messages.
    """

    __slots__ = ("_future",)

    def __init__(self) -> None:
        self._future: asyncio.Future[None] | None = None

    def wake(self) -> None:
        """Let the waiting task go on, if there is one."""
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    async def wait(self) -> None:
        """Sleep until `wake`. Raises `RuntimeError` when another task already waits."""
        if self._future is not None:
            raise RuntimeError("another task is already waiting here")
        self._future = asyncio.get_running_loop().create_future()
        try:
            await self._future
        finally:
            self._future = None
