"""
What the user's code prints, on its way to the editor's log.

The seam for showing output in other ways: everything printed, during an evaluation and after it,
passes through `write`.
"""

import asyncio
from collections.abc import Callable

from lsprotocol import types

__all__ = ["BATCH_INTERVAL", "BATCH_LIMIT", "OutputLog"]

#: Seconds for which output is gathered: a loop that prints must not become a flood of messages.
BATCH_INTERVAL = 0.1
#: Characters of one message; more printed within one interval is counted, not sent.
BATCH_LIMIT = 64 * 1024


class OutputLog:
    """Gathers printed text and sends it in batches, in order."""

    def __init__(self, send: Callable[[types.LogMessageParams], None]) -> None:
        self._send = send
        self._pieces: list[str] = []
        self._size = 0
        self._cut = 0
        self._timer: asyncio.TimerHandle | None = None

    def write(self, text: str) -> None:
        """Take printed text; it is sent within `BATCH_INTERVAL`."""
        kept = text[: max(BATCH_LIMIT - self._size, 0)]
        self._cut += len(text) - len(kept)
        self._size += len(kept)
        if kept:
            self._pieces.append(kept)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BATCH_INTERVAL, self.flush)

    def flush(self) -> None:
        """Send what was gathered now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        text = "".join(self._pieces)
        if self._cut:
            text += f"\n… {self._cut:,} more characters"
        self._pieces.clear()
        self._size = self._cut = 0
        if text := text.rstrip("\n"):
            self._send(types.LogMessageParams(types.MessageType.Log, text))

    def close(self) -> None:
        """Throw away what was not sent: nobody reads it any more."""
        self._pieces.clear()
        self._cut = 0
        self.flush()
