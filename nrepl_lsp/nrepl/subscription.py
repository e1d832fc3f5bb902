"""Watching a connection: messages that match a pattern, whoever they were meant for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Self

from .errors import ConnectionLost, NreplError
from .messages import Message, present, status_of
from .waiting import Waiter

__all__ = ["ABSENT", "ANY", "SUBSCRIPTION_LIMIT", "Pattern", "Subscription", "one_of"]

#: Messages that wait for a subscriber before the oldest are dropped (and counted).
SUBSCRIPTION_LIMIT = 1024


class _Criterion:
    def __init__(self, name: str, test: Callable[[Any], bool]) -> None:
        self._name = name
        self.matches = test

    def __repr__(self) -> str:
        return self._name


#: The key is there and says something (nREPL's nil is `[]`).
ANY: Final = _Criterion("ANY", present)
#: The key is not there, or nil.
ABSENT: Final = _Criterion("ABSENT", lambda value: not present(value))


def one_of(values: Collection[Any]) -> _Criterion:
    """The key's value is one of these."""
    wanted = list(values)

    def holds(value: Any) -> bool:
        statuses = value if isinstance(value, frozenset) else (value,)
        return any(one in wanted for one in statuses)

    return _Criterion(f"one_of({wanted!r})", holds)


class Pattern:
    """
    What a message must look like: a criterion for each of some keys; all of them must hold.

    A criterion is a plain value (equal to it), `ANY`, `ABSENT`, `one_of(…)` or a predicate of
    the value, which is None for a missing key. For `status`, plain texts mean "among the
    statuses", and a predicate is given the statuses as a frozenset.

        Pattern(value=ANY)    Pattern({"status": "eval-error"})    Pattern(out=str.isspace)
    """

    def __init__(self, criteria: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        self._criteria = {**(criteria or {}), **more}

    def matches(self, message: Message) -> bool:
        """Whether every criterion holds for the message. A predicate that raises does not hold."""
        return all(_holds(wanted, key, message) for key, wanted in self._criteria.items())

    def __repr__(self) -> str:
        return f"Pattern({self._criteria!r})"


def _holds(wanted: Any, key: str, message: Message) -> bool:
    value: Any = status_of(message) if key == "status" else message.get(key)
    if isinstance(wanted, _Criterion):
        return wanted.matches(value)
    if callable(wanted):
        try:
            return bool(wanted(value))
        except Exception:  # somebody else's code, which must not end the connection
            return False
    if key == "status" and isinstance(wanted, str):
        return wanted in value
    return bool(value == wanted)


class Subscription:
    """
    An endless, bounded stream of matching messages; iterate over it with `async for`.

    When more than `limit` messages wait, the oldest are dropped and counted in `dropped`.
    Iteration ends after `close()`; a lost connection raises `ConnectionLost` once what had come
    before is used up. Cancelling a wait loses no message.
    """

    def __init__(
        self, pattern: Pattern, limit: int, on_close: Callable[[Subscription], None]
    ) -> None:
        self.pattern = pattern
        self.dropped = 0
        self._limit = limit
        self._messages: deque[Message] = deque()
        self._on_close = on_close
        self._waiter = Waiter()
        self._end: NreplError | None = None
        self._is_closed = False

    def deliver(self, message: Message) -> None:
        """Offer a message; called by the connection for every one that comes."""
        if self._is_closed or not self.pattern.matches(message):
            return
        if len(self._messages) >= self._limit:
            self._messages.popleft()
            self.dropped += 1
        self._messages.append(message)
        self._waiter.wake()

    def fail(self, error: NreplError) -> None:
        """Know that the connection is gone; called by the connection once."""
        self._end = error
        self._waiter.wake()

    def close(self) -> None:
        """Stop watching; what had come can still be taken."""
        if not self._is_closed:
            self._is_closed = True
            self._on_close(self)
            self._waiter.wake()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        while not self._messages:
            if self._is_closed:
                raise StopAsyncIteration
            if self._end is not None:
                raise ConnectionLost(str(self._end)) from self._end
            await self._waiter.wait()
        return self._messages.popleft()
