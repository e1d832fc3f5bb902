"""
The nREPL protocol without I/O: bytes in, deliveries and bytes out; no clock, no loop, no socket.

A request is *pending* from `send` until a status ends it (`messages.ENDING`) or until the caller
gives it up with `finish`. What comes for it afterwards (output of threads it started, cider's
`state`, a second `done` from nREPL before 1.5) is delivered as *late*; what belongs to no request
of ours (streams, notifications, replies without an id) as *stray*. Neither is ever an error.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .bencode import DEFAULT_LIMITS, Limits
from .codec import BencodeCodec, Codec
from .errors import DecodeError
from .messages import ENDING, Message, status_of

__all__ = ["FINISHED_LIMIT", "Delivery", "Protocol", "Standing"]

#: Ids of ended requests that are remembered so that late output finds its evaluation.
FINISHED_LIMIT = 1000


class Standing(Enum):
    """How a message stands to the requests we made."""

    REPLY = "reply"
    LAST = "last"
    LATE = "late"
    STRAY = "stray"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that came, the id it belongs to (None when stray) and how it stands to it."""

    id: str | None
    message: Message
    standing: Standing


class Protocol:
    """
    One connection's conversation.

    `send` returns the new request's id and queues its bytes for `data_to_send`; `receive` takes
    bytes and returns deliveries. After a `DecodeError` the stream cannot be read any more: `error`
    holds it, the deliveries of messages before the fault have been returned, and `receive` ignores
    everything else.
    """

    def __init__(self, codec: Codec | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self._codec = codec or BencodeCodec()
        self._decoder = self._codec.decoder(limits)
        self._numbers = itertools.count(1)
        self._pending: set[str] = set()
        self._finished: OrderedDict[str, None] = OrderedDict()
        self._outgoing: list[bytes] = []

    @property
    def error(self) -> DecodeError | None:
        """Why the server's bytes cannot be read any further, once that is so."""
        return self._decoder.error

    @property
    def pending(self) -> frozenset[str]:
        """The ids of requests whose end has not been seen."""
        return frozenset(self._pending)

    def send(self, op: str, params: Message) -> tuple[str, Message]:
        """
        Queue a request; return its id and the message as it will be written.

        Parameters whose value is None are left out. Raises `EncodeError`, and then queues nothing.
        """
        message: dict[str, Any] = {key: item for key, item in params.items() if item is not None}
        message["op"] = op
        # The counter is not reused, and text: HyREPL and nbb answer other types differently.
        request_id = str(next(self._numbers))
        message["id"] = request_id
        data = self._codec.encode(message)
        self._pending.add(request_id)
        self._outgoing.append(data)
        return request_id, message

    def data_to_send(self) -> list[bytes]:
        """
        Return the queued requests, each in one piece, and forget them.

        One piece per request because nbb decodes every read as text: a message cut inside a
        character reaches it damaged.
        """
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    def receive(self, data: bytes) -> list[Delivery]:
        """Take bytes from the server; never raises: a fault is kept in `error`."""
        return [self._deliver(message) for message in self._decoder.feed(data)]

    def finish(self, request_id: str) -> None:
        """Give up on a request: what still comes for it is late. Unknown ids are ignored."""
        if request_id in self._pending:
            self._pending.remove(request_id)
            self._finished[request_id] = None
            while len(self._finished) > FINISHED_LIMIT:
                self._finished.popitem(last=False)

    def lose(self) -> None:
        """End the conversation: nothing is pending any more, and nothing is to be sent."""
        for request_id in self.pending:
            self.finish(request_id)
        self._outgoing.clear()

    def _deliver(self, message: Message) -> Delivery:
        request_id = message.get("id")
        if not isinstance(request_id, str):
            return Delivery(None, message, Standing.STRAY)
        if request_id in self._pending:
            if status_of(message) & ENDING:
                self.finish(request_id)
                return Delivery(request_id, message, Standing.LAST)
            return Delivery(request_id, message, Standing.REPLY)
        if request_id in self._finished:
            return Delivery(request_id, message, Standing.LATE)
        return Delivery(None, message, Standing.STRAY)
