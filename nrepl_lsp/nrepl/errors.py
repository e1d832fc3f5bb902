"""
The faults of a conversation with an nREPL server.

    NreplError
    ├── AddressError            an address that cannot be understood (also a ValueError)
    ├── ConnectFailed           nothing there, or something there that does not speak nREPL
    ├── ConnectionLost          the connection ended; every pending request fails with it once
    │   └── DecodeError         … because the peer sent bytes that are not its codec's
    │       └── LimitExceeded   … or more of them than a named limit allows
    ├── EncodeError             a request holds a value that the codec cannot carry (our fault)
    ├── OpFailed                the server answered, and the answer is a failure
    │   ├── UnknownOp           … because it has no such op
    │   └── UnknownSession      … because the session is not (or no longer) there
    ├── RequestTimeout          no end of the reply within the request's deadline
    └── EdnError                text that is not EDN

Absence is never here: a symbol that nobody knows is `None`, not an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .responses import Reply

__all__ = [
    "AddressError",
    "ConnectFailed",
    "ConnectionLost",
    "DecodeError",
    "EdnError",
    "EncodeError",
    "LimitExceeded",
    "NreplError",
    "OpFailed",
    "RequestTimeout",
    "UnknownOp",
    "UnknownSession",
]


class NreplError(Exception):
    """The root of all faults in this library."""


class AddressError(NreplError, ValueError):
    """The text is not the address of an nREPL server. `text` is what was given."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text!r} is not an nREPL address: {reason}")
        self.text = text


class ConnectFailed(NreplError):
    """
    No nREPL server answers at `address`.

    `reason` is one sentence for a person; the foreign exception, if there was one, is the cause.
    `speaks` names what was found there instead (`"http"`, `"tls"`, `"socket-repl"`, …), or is None.
    """

    def __init__(self, address: str, reason: str, *, speaks: str | None = None) -> None:
        super().__init__(f"{address}: {reason}")
        self.address = address
        self.reason = reason
        self.speaks = speaks


class ConnectionLost(NreplError):
    """The connection has ended, by the peer, by a fault or by `close()`; nothing more will come."""


class DecodeError(ConnectionLost):
    """The peer sent bytes that cannot be decoded, at `offset` bytes into the stream."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} (at byte {offset} of the stream)")
        self.reason = reason
        self.offset = offset


class LimitExceeded(DecodeError):
    """A message is larger or deeper than the named `limit` of `Limits` allows."""

    def __init__(self, limit: str, allowed: int, offset: int) -> None:
        super().__init__(f"more than {limit}={allowed}", offset)
        self.limit = limit
        self.allowed = allowed


class EncodeError(NreplError, TypeError):
    """A request holds a value that cannot be sent; nothing of it was written."""


class OpFailed(NreplError):
    """
    The server answered the request with a failure.

    `op` is the op as sent, `status` the statuses of the whole reply, `reply` everything that came.
    """

    def __init__(self, op: str, status: frozenset[str], reply: Reply | None = None) -> None:
        text = reply.error_text() if reply is not None else None
        words = ", ".join(sorted(status - {"done"}))
        super().__init__(f"{op}: {words}" + (f": {text}" if text else ""))
        self.op = op
        self.status = status
        self.reply = reply


class UnknownOp(OpFailed):
    """The server has no such op (`unknown-op`)."""


class UnknownSession(OpFailed):
    """The server does not know the session (`unknown-session`), perhaps after a restart."""


class RequestTimeout(NreplError, TimeoutError):
    """The reply to `op` did not end within `seconds`; what comes later is dropped."""

    def __init__(self, op: str, seconds: float) -> None:
        super().__init__(f"{op}: no answer within {seconds:g} s")
        self.op = op
        self.seconds = seconds


class EdnError(NreplError, ValueError):
    """The text is not EDN, or more of it than the reader's limits allow."""
