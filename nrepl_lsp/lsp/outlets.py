"""Where messages go: writers that keep the order and never block the event loop.

What a client does not read is kept up to `OUTPUT_LIMIT`; then the client counts as gone. Nothing
waits for a slow reader: one that blocks while it writes to us would wait for ever.
"""

import asyncio
import contextlib
import logging
import os
import queue
import threading
from collections.abc import Callable
from typing import Any, Protocol

logger = logging.getLogger(__name__)

OUTPUT_LIMIT = 64 * 1024 * 1024
"""Bytes kept for a client that does not read; when it is passed the session ends."""


class Outlet(Protocol):
    """Where messages go: never blocks, keeps their order, ends the session when nobody reads."""

    def write(self, data: bytes) -> None:
        """Send, or keep for later."""
        ...

    async def flush(self) -> None:
        """Wait until everything is sent."""
        ...


class DescriptorOutlet:
    """Writes to a file descriptor when it takes bytes (POSIX).

    Not `connect_write_pipe`: it takes input on a two-way socket as the sign of a closed pipe, and
    socat and inetd give a program the same socket as stdin and stdout.
    """

    def __init__(self, descriptor: int, on_lost: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._kept = bytearray()
        self._empty = asyncio.Event()
        self._empty.set()
        self._is_lost = False

    def write(self, data: bytes) -> None:
        if self._is_lost:
            return
        if self._kept:
            self._kept += data
            if len(self._kept) > OUTPUT_LIMIT:
                self._lose(f"the client has left {len(self._kept)} bytes unread")
            return
        sent = self._send(data)
        if sent < len(data) and not self._is_lost:
            self._kept += memoryview(data)[sent:]
            self._empty.clear()
            self._loop.add_writer(self._descriptor, self._send_kept)

    async def flush(self) -> None:
        await self._empty.wait()

    def _send(self, data: bytes | bytearray) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            self._lose(f"cannot write to the client: {error}")
            return 0

    def _send_kept(self) -> None:
        sent = self._send(self._kept)
        del self._kept[:sent]
        if not self._kept:
            self._loop.remove_writer(self._descriptor)
            self._empty.set()

    def _lose(self, reason: str) -> None:
        logger.warning("%s", reason)
        self._is_lost = True
        if not self._empty.is_set():
            self._loop.remove_writer(self._descriptor)
        self._kept.clear()
        self._empty.set()
        self._on_lost()


class ThreadOutlet:
    """Writes to a file descriptor from a thread, where descriptors cannot be waited for."""

    def __init__(self, descriptor: int, on_lost: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._messages: queue.SimpleQueue[bytes | asyncio.Event] = queue.SimpleQueue()
        self._kept = 0
        self._is_lost = False
        threading.Thread(target=self._run, name="stdout", daemon=True).start()

    def write(self, data: bytes) -> None:
        self._kept += len(data)
        if self._kept > OUTPUT_LIMIT:
            self._lose(f"the client has left {self._kept} bytes unread")
        elif not self._is_lost:
            self._messages.put(data)

    async def flush(self) -> None:
        flushed = asyncio.Event()
        self._messages.put(flushed)
        await flushed.wait()

    def _run(self) -> None:
        while True:
            message = self._messages.get()
            if isinstance(message, asyncio.Event):
                self._call(message.set)
                continue
            try:
                rest = memoryview(message)
                while rest and not self._is_lost:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError as error:
                self._call(self._lose, f"cannot write to the client: {error}")
            self._call(self._sent, len(message))

    def _call(self, function: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody cares any more
            self._loop.call_soon_threadsafe(function, *args)

    def _sent(self, size: int) -> None:
        self._kept -= size

    def _lose(self, reason: str) -> None:
        if not self._is_lost:
            self._is_lost = True
            logger.warning("%s", reason)
            self._on_lost()


class StreamOutlet:
    """Writes to an asyncio stream."""

    def __init__(self, writer: asyncio.StreamWriter, on_lost: Callable[[], None]) -> None:
        self._writer = writer
        self._on_lost = on_lost

    def write(self, data: bytes) -> None:
        if self._writer.is_closing():
            return
        self._writer.write(data)
        if self._writer.transport.get_write_buffer_size() > OUTPUT_LIMIT:
            logger.warning("the client does not read what it asked for")
            self._writer.transport.abort()
            self._on_lost()

    async def flush(self) -> None:
        await self._writer.drain()
