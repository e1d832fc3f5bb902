"""
Byte streams over asyncio: TCP and filesystem sockets, with a twin in memory for tests.

A stream is opened with a `Sink` and pushes what it reads into it: the socket is always read, so
the reply to `interrupt` never waits behind a flood of output that nobody takes.

Foreign exceptions end here: openers raise `ConnectFailed`, a broken stream ends its sink with an
`OSError` as the cause.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeAlias

from .address import Address
from .errors import ConnectFailed, ConnectionLost

__all__ = [
    "WRITE_LIMIT",
    "ByteStream",
    "MemoryStream",
    "Opener",
    "PacedStream",
    "Sink",
    "open_tcp",
    "open_unix",
    "reason_of",
]

#: Bytes that may wait for a server that does not read. A loaded file is one message.
WRITE_LIMIT = 64 * 1024 * 1024


#: Bytes taken from a socket in one turn of the loop. asyncio takes 256 kB: 3,700 short messages of
#: a flood, which everything else would have to wait for at each of its own turns.
READ_SIZE = 32 * 1024


class Sink(Protocol):
    """What a stream pushes into. Called from the event loop, never concurrently."""

    def data_received(self, data: bytes) -> None:
        """Take the next bytes."""
        ...

    def stream_ended(self, cause: Exception | None) -> None:
        """Know that nothing more comes; called exactly once."""
        ...


class ByteStream(Protocol):
    """An open two-way stream of bytes."""

    def write(self, data: bytes) -> None:
        """Queue bytes in one piece; raises `ConnectionLost` past `WRITE_LIMIT` waiting bytes."""
        ...

    def write_eof(self) -> None:
        """Say that nothing more will be written; reading goes on."""
        ...

    def close(self) -> None:
        """End the stream in both directions; the sink hears of it, at once or later."""
        ...


Opener: TypeAlias = Callable[[Address, Sink], Awaitable[ByteStream]]

# Linux only, and not sticky: it has to be set again after each read. A server that answers an eval
# with two packets (nREPL, babashka, Basilisp, …) waits between them for our delayed ACK because
# it leaves Nagle's algorithm on: 44 ms per eval without this (G11 in
# docs/benchmark.md).
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)


class _SocketStream(asyncio.Protocol):
    """A connected socket; at once asyncio's protocol and our `ByteStream`."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._transport: asyncio.Transport | None = None
        self._socket: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        # What asyncio's selector transports call it; others go on with their own.
        setattr(transport, "max_size", READ_SIZE)  # noqa: B010 - no type declares it
        sock = transport.get_extra_info("socket")
        if _QUICKACK is not None and sock is not None and sock.family != socket.AF_UNIX:
            self._socket = sock

    def data_received(self, data: bytes) -> None:
        if self._socket is not None and _QUICKACK is not None:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            except OSError:
                self._socket = None
        self._sink.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._socket = None
        self._sink.stream_ended(exc)

    def write(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            raise ConnectionLost("the connection is closed")
        waiting = transport.get_write_buffer_size()
        if waiting and waiting + len(data) > WRITE_LIMIT:
            raise ConnectionLost("the server has stopped reading")
        transport.write(data)

    def write_eof(self) -> None:
        if self._transport is not None and self._transport.can_write_eof():
            self._transport.write_eof()

    def close(self) -> None:
        if self._transport is not None:
            # abort(), not close(): close() would wait for a peer that does not read.
            if self._transport.get_write_buffer_size():
                self._transport.abort()
            else:
                self._transport.close()


async def open_tcp(address: Address, sink: Sink) -> ByteStream:
    """Connect to a host and port; `localhost` means 127.0.0.1, then ::1."""
    hosts = ["127.0.0.1", "::1"] if address.host == "localhost" else [address.host or ""]
    failure: OSError | ValueError | None = None
    loop = asyncio.get_running_loop()
    for host in hosts:
        try:
            _, stream = await loop.create_connection(
                lambda: _SocketStream(sink), host, address.port or 0
            )
            return stream
        except (OSError, ValueError) as error:
            failure = failure or error
    assert failure is not None
    raise ConnectFailed(str(address), reason_of(failure)) from failure


async def open_unix(address: Address, sink: Sink) -> ByteStream:
    """Connect to a filesystem socket. Cancelling leaves nothing."""
    loop = asyncio.get_running_loop()
    if not hasattr(loop, "create_unix_connection"):
        raise ConnectFailed(str(address), "this system has no filesystem sockets")
    try:
        _, stream = await loop.create_unix_connection(lambda: _SocketStream(sink), address.path)
    except (OSError, ValueError) as error:
        raise ConnectFailed(str(address), reason_of(error)) from error
    return stream


_REASONS = {
    errno.ECONNREFUSED: "nothing is listening there",
    errno.ENOENT: "there is no such socket file",
    errno.EACCES: "it may not be opened by this user",
    errno.EHOSTUNREACH: "the host cannot be reached",
    errno.ENETUNREACH: "the network cannot be reached",
    errno.ETIMEDOUT: "the host does not answer",
    errno.ENOTSOCK: "the file is not a socket",
}


def reason_of(error: OSError | ValueError) -> str:
    """Return what an error of connecting means, in words for a person."""
    if isinstance(error, socket.gaierror):
        return "the host name is not known"
    if isinstance(error, ValueError):
        # A label of the host name is empty or too long; a NUL in a path.
        return "there can be no such name"
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


class PacedStream:
    """
    A stream whose pieces leave at least `gap` seconds apart, in order.

    For servers that take what one read brings for one message and are one reply behind for good
    when it was two: hy-nrepl 1.0.4, HyREPL, JeeJah.
    """

    def __init__(self, stream: ByteStream, gap: float) -> None:
        self._stream = stream
        self._gap = gap
        self._waiting: deque[bytes] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def write(self, data: bytes) -> None:
        """Send now or in its turn; raises `ConnectionLost` past `WRITE_LIMIT` waiting bytes."""
        if self._timer is None:
            self._send(data)
        elif sum(map(len, self._waiting)) + len(data) > WRITE_LIMIT:
            raise ConnectionLost("the server has stopped reading")
        else:
            self._waiting.append(data)

    def write_eof(self) -> None:
        """Say that nothing more will be written."""
        self._stream.write_eof()

    def close(self) -> None:
        """End the stream; what still waits is not sent."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._stream.close()

    def _send(self, data: bytes) -> None:
        self._stream.write(data)
        self._timer = asyncio.get_running_loop().call_later(self._gap, self._send_next)

    def _send_next(self) -> None:
        self._timer = None
        if self._waiting:
            try:
                self._send(self._waiting.popleft())
            except ConnectionLost:
                # Nobody is there to be told but the sink, which hears of the end.
                self.close()


class MemoryStream:
    """A stream without a network: keeps what is written; the peer speaks through `receive`."""

    def __init__(self, sink: Sink, on_write: Callable[[bytes], None] | None = None) -> None:
        self._sink = sink
        self._on_write = on_write
        self.written: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes) -> None:
        """Keep the bytes, and hand them to the peer."""
        if self.is_closed:
            raise ConnectionLost("the connection is closed")
        self.written.append(data)
        if self._on_write is not None:
            self._on_write(data)

    def write_eof(self) -> None:
        """Do nothing: nobody waits for the end here."""

    def receive(self, data: bytes) -> None:
        """Let the peer say something."""
        self._sink.data_received(data)

    def close(self, cause: Exception | None = None) -> None:
        """End the stream, as the peer would too."""
        if not self.is_closed:
            self.is_closed = True
            self._sink.stream_ended(cause)
