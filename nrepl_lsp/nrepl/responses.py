"""What comes back for one request: a stream of messages, or all of them at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from .errors import NreplError, OpFailed, RequestTimeout, UnknownOp, UnknownSession
from .messages import DONE, ENDING_AFTER_GRACE, Message, is_failure, present, status_of, text_of
from .waiting import Waiter

__all__ = ["GRACE", "REPLY_LIMIT", "Receiver", "Reply", "Responses"]

#: Seconds to wait for `done` after a reply that looks final without it: tools.nrepl 0.2.13 ends
#: an unknown `op` properly but HyREPL an interrupted eval never.
GRACE = 1.0

#: Messages of one reply that may wait to be taken; the rest is dropped and counted. cider's
#: longest (a test run) has some hundreds.
REPLY_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything that came for a request: the messages in order and their statuses together."""

    messages: tuple[Message, ...]
    dropped: int = 0

    @property
    def status(self) -> frozenset[str]:
        """All statuses of all messages."""
        if len(self.messages) == 1:
            return status_of(self.messages[0])
        return frozenset().union(*map(status_of, self.messages))

    def get(self, key: str) -> Any:
        """Return the first value of a key that says something, else None."""
        for message in self.messages:
            if present(value := message.get(key)):
                return value
        return None

    def error_text(self) -> str | None:
        """Return the first line of what the server says went wrong, if it says anything."""
        for key in ("message", "err", "error", "ex"):
            for message in self.messages:
                if text := text_of(message, key):
                    return text.strip().partition("\n")[0]
        return None

    def raise_for_status(self, op: str) -> None:
        """Raise `UnknownOp`, `UnknownSession` or `OpFailed` when the statuses say failure."""
        status = self.status
        if status is DONE:
            return
        if "unknown-op" in status:
            raise UnknownOp(op, status, self)
        if "unknown-session" in status:
            raise UnknownSession(op, status, self)
        if is_failure(status):
            raise OpFailed(op, status, self)


class Receiver:
    """
    The base of what waits for a request's messages: its deadline, its end, its one failure.

    A receiver ends once: by the message that ends the request, by silence for `GRACE` after one
    that looks final, by its deadline, by a lost connection, or by `finish`.
    """

    #: Takes what comes after the end; None lets it drop.
    late: Callable[[Message], None] | None = None

    def __init__(self, op: str) -> None:
        self.op = op
        self.is_finished = False
        self.error: NreplError | None = None
        self._on_finish: Callable[[], None] = _nothing
        self._deadline: asyncio.TimerHandle | None = None
        self._grace: asyncio.TimerHandle | None = None

    def start(self, on_finish: Callable[[], None], timeout: float | None) -> None:
        """Begin to wait; `on_finish` is called once when it is over, for whatever reason."""
        self._on_finish = on_finish
        if timeout is not None:
            self._deadline = asyncio.get_running_loop().call_later(
                timeout, lambda: self.fail(RequestTimeout(self.op, timeout))
            )

    def deliver(self, message: Message, *, is_last: bool) -> None:
        """Take a message of the request."""
        if self.is_finished:
            return
        self.take(message)
        if is_last:
            self.finish()
        elif self._grace is not None or status_of(message) & ENDING_AFTER_GRACE:
            self.expect_end()

    def expect_end(self) -> None:
        """End as soon as nothing has come for `GRACE` seconds."""
        if self._grace is not None:
            self._grace.cancel()
        self._grace = asyncio.get_running_loop().call_later(GRACE, self.finish)

    def take(self, message: Message) -> None:
        """Keep what the message says; for subclasses."""
        raise NotImplementedError

    def ended(self) -> None:
        """Know that the request is over; for subclasses, called once."""

    def fail(self, error: NreplError) -> None:
        """End with an error. The first end counts."""
        if not self.is_finished:
            self.error = error
            self.finish()

    def finish(self) -> None:
        """End. The first end counts."""
        if self.is_finished:
            return
        self.is_finished = True
        for timer in (self._deadline, self._grace):
            if timer is not None:
                timer.cancel()
        self._on_finish()
        self.ended()


def _nothing() -> None:
    """Nobody is told of the end yet."""


class Responses(Receiver):
    """
    The messages for one request, as they come (`async for`) or together (`await collect()`).

    Iteration ends after the message that ends the request. It raises `RequestTimeout` when the
    request's deadline passes and `ConnectionLost` when the connection goes, each after what had
    come before. Statuses that say failure raise only in `collect`. Cancelling stops listening.
    """

    def __init__(self, op: str) -> None:
        super().__init__(op)
        self._messages: deque[Message] = deque()
        self._waiter = Waiter()
        self.dropped = 0

    def take(self, message: Message) -> None:
        """Keep a message for the consumer."""
        if len(self._messages) >= REPLY_LIMIT:
            self.dropped += 1
            return
        self._messages.append(message)
        self._waiter.wake()

    def ended(self) -> None:
        """Wake the consumer."""
        self._waiter.wake()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        while not self._messages:
            if self.is_finished:
                if self.error is not None:
                    raise self.error
                raise StopAsyncIteration
            await self._waiter.wait()
        return self._messages.popleft()

    async def collect(self) -> Reply:
        """
        Return the whole reply once it has ended.

        Raises `UnknownOp`, `UnknownSession`, `OpFailed`, `RequestTimeout`, `ConnectionLost`.
        Cancelling forgets the request; the server is not told, except for evals by their session.
        """
        try:
            while not self.is_finished:
                await self._waiter.wait()
        except asyncio.CancelledError:
            self.finish()
            # What came in the very turn in which we were cancelled is nobody's either.
            while self.late is not None and self._messages:
                self.late(self._messages.popleft())
            raise
        if self.error is not None:
            raise self.error
        reply = Reply(tuple(self._messages), self.dropped)
        self._messages.clear()
        reply.raise_for_status(self.op)
        return reply
