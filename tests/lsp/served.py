"""A small server, and an editor at the other end of its pipe, socket or stream."""

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from nrepl_lsp.lsp.jsonrpc import Framer, decode, encode, frame
from nrepl_lsp.lsp.protocol import Protocol
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.stdio import serve_descriptors
from nrepl_lsp.lsp.structuring import shared_converter
from nrepl_lsp.lsp.tcp import serve_stream

DEADLINE = 5.0


def read_all(descriptor: int) -> bytes:
    """What can be read now."""
    os.set_blocking(descriptor, False)
    found = b""
    with contextlib.suppress(BlockingIOError):
        while data := os.read(descriptor, 65536):
            found += data
    return found


class Pipe:
    """A pipe whose ends are closed with the test."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        os.set_blocking(self.write, False)

    def close(self) -> None:
        for end in (self.read, self.write):
            with contextlib.suppress(OSError):
                os.close(end)


class StandIn(LanguageServer):
    """A server small enough to see through."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("stand-in", "1", protocol_cls=Protocol, converter_factory=shared_converter)
        self.closed = 0

        @self.feature(types.TEXT_DOCUMENT_HOVER)
        async def hover(ls: StandIn, params: types.HoverParams) -> Raw:
            return Raw({"contents": "x" * params.position.line})

    async def close(self) -> None:
        self.closed += 1


class Client:
    """The other end of a session, on a stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._framer = Framer()
        self._messages: list[Any] = []

    def send(self, method: str, params: Any = None, msg_id: Any = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if msg_id is not None:
            message["id"] = msg_id
        self.writer.write(frame(encode(message)))

    async def receive(self) -> Any:
        async with asyncio.timeout(DEADLINE):
            while not self._messages:
                data = await self.reader.read(65536)
                assert data, "the server has closed the connection"
                self._messages += [decode(body) for body in self._framer.feed(data)]
            return self._messages.pop(0)

    async def ask(self, method: str, params: Any = None) -> Any:
        self.send(method, params, 1)
        return await self.receive()

    async def initialize(self, process_id: int | None = None) -> Any:
        return await self.ask("initialize", {"processId": process_id, "capabilities": {}})

    async def hover(self, length: int) -> str:
        position = {"line": length, "character": 0}
        answer = await self.ask(
            "textDocument/hover", {"textDocument": {"uri": "file:///a"}, "position": position}
        )
        return str(answer["result"]["contents"])

    async def ended(self) -> None:
        """Wait for the server to close its side."""
        async with asyncio.timeout(DEADLINE):
            with contextlib.suppress(ConnectionError):
                assert await self.reader.read() == b""


@contextlib.asynccontextmanager
async def over_descriptors(
    server: Any, **options: Any
) -> AsyncIterator[tuple[Client, asyncio.Task[int]]]:
    """A session whose stdin and stdout are one socket: what socat and inetd give a program."""
    ours, theirs = socket.socketpair()
    stdin = theirs.detach()
    serving = asyncio.ensure_future(serve_descriptors(server, stdin, os.dup(stdin), **options))
    client = Client(*await asyncio.open_connection(sock=ours))
    try:
        yield client, serving
    finally:
        client.writer.close()
        await finished(serving)
        await asyncio.sleep(0)  # the transport closes its file one turn later


@contextlib.asynccontextmanager
async def over_a_stream(
    server: Any, **options: Any
) -> AsyncIterator[tuple[Client, asyncio.Task[int]]]:
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=theirs)
    serving = asyncio.ensure_future(serve_stream(server, reader, writer, **options))
    client = Client(*await asyncio.open_connection(sock=ours))
    try:
        yield client, serving
    finally:
        client.writer.close()
        await finished(serving)


async def finished(serving: asyncio.Task[int]) -> int:
    async with asyncio.timeout(DEADLINE):
        return await serving


def wait_for_reading_threads() -> None:
    """Until then a descriptor that is closed here could be read under its next owner."""
    for thread in threading.enumerate():
        if thread.name == "stdin":
            thread.join(DEADLINE)
