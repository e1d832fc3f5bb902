"""
A server that gives a recorded conversation's answers, for tests and for looking into bug reports.

    async with ReplayServer("recording.jsonl") as server:
        connection = await connect(server.url)

It holds no state of its own: an answer depends on the request and on how often it was asked before.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from .address import Address
from .bencode import Decoder, encode
from .messages import Message
from .recording import Exchange, read_exchanges
from .transport import ByteStream, MemoryStream, Sink

__all__ = ["Replay", "ReplayServer"]

#: What differs from one run to the next, or says who asks and not what.
_ASIDE = frozenset({"id", "session", "interrupt-id", "client-name", "client-version"})


class Replay:
    """
    Recorded exchanges, as answers: `answer(request)` gives the messages for it.

    A request is matched to the exchanges with the same op and parameters; repeated requests get
    their answers in the order of the recording, and then the last one again and again. With
    `lenient`, a request that was never made so gets the answer of the most similar one of its op.
    """

    def __init__(self, exchanges: Iterable[Exchange], *, lenient: bool = False) -> None:
        self._lenient = lenient
        self._by_op: defaultdict[str, list[_Recorded]] = defaultdict(list)
        for exchange in exchanges:
            params = _params(exchange.request)
            same = next((it for it in self._by_op[exchange.op] if it.params == params), None)
            if same is None:
                self._by_op[exchange.op].append(_Recorded(params, [exchange]))
            else:
                same.exchanges.append(exchange)

    def answer(self, request: Message) -> list[Message]:
        """
        Return the recorded replies with the request's `id` and `session` in place of their own.

        An op that was never recorded gives `unknown-op`, other parameters give `not-recorded`.
        """
        recorded = self._find(request)
        if isinstance(recorded, str):
            return [{**_same(request), "status": ["done", "error", recorded]}]
        exchange, turn = recorded.next()
        replies = [{**message, **_same(request)} for message in exchange.replies]
        # Two clones are two sessions, also when the recording has but one.
        for message in replies:
            if turn and isinstance(new := message.get("new-session"), str):
                message["new-session"] = f"{new}-{turn + 1}"
        return replies

    def _find(self, request: Message) -> _Recorded | str:
        params = _params(request)
        candidates = self._by_op.get(str(request.get("op")), [])
        if not candidates:
            return "unknown-op"
        best = max(candidates, key=lambda it: it.likeness(params))
        return best if self._lenient or best.params == params else "not-recorded"


class _Recorded:
    """The exchanges that began with the same request."""

    def __init__(self, params: Message, exchanges: list[Exchange]) -> None:
        self.params = params
        self.exchanges = exchanges
        self._uses = 0

    def next(self) -> tuple[Exchange, int]:
        """Return the next exchange, and how often it has been given before."""
        position = min(self._uses, len(self.exchanges) - 1)
        turn = self._uses - position
        self._uses += 1
        return self.exchanges[position], turn

    def likeness(self, params: Message) -> tuple[bool, int]:
        """Order exchanges by how much of a request they share."""
        equal = sum(key in self.params and self.params[key] == params[key] for key in params)
        return self.params == params, equal


def _params(request: Message) -> Message:
    return {key: value for key, value in request.items() if key not in _ASIDE}


def _same(request: Message) -> dict[str, Any]:
    return {key: request[key] for key in ("id", "session") if key in request}


class ReplayServer:
    """
    A recording behind a port of 127.0.0.1, from `async with` until its end.

    Takes what `Recorder` writes. Raises `OSError` when the file cannot be read. `open` is the same
    server without a network, as an opener for `register`.
    """

    def __init__(self, path: str | Path, *, lenient: bool = False) -> None:
        self._replay = Replay(read_exchanges(path), lenient=lenient)
        self._server: asyncio.Server | None = None
        self._connections: set[_ReplayConnection] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """The address to connect to."""
        return str(Address("nrepl", "127.0.0.1", self.port))

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            for connection in tuple(self._connections):
                connection.close()
            await self._server.wait_closed()

    def _connection(self) -> _ReplayConnection:
        return _ReplayConnection(self._replay, self._connections)

    async def open(self, address: Address, sink: Sink) -> ByteStream:
        """Open a stream in memory: `register("replay", server.open, BencodeCodec())`."""
        decoder = Decoder()
        loop = asyncio.get_running_loop()

        def on_write(data: bytes) -> None:
            for answer in _answers(self._replay, decoder, data):
                loop.call_soon(stream.receive, answer)

        stream = MemoryStream(sink, on_write)
        return stream


class _ReplayConnection(asyncio.Protocol):
    def __init__(self, replay: Replay, connections: set[_ReplayConnection]) -> None:
        self._replay = replay
        self._connections = connections
        self._decoder = Decoder()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        for answer in _answers(self._replay, self._decoder, data):
            self._transport.write(answer)
        if self._decoder.error is not None:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


def _answers(replay: Replay, decoder: Decoder, data: bytes) -> Iterable[bytes]:
    for request in decoder.feed(data):
        for message in replay.answer(request):
            yield encode(message)
