"""Sessions over TCP, one client after the other."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from nrepl_lsp.lsp import outlets, tcp

from .served import DEADLINE, Client, StandIn, finished, over_a_stream


async def test_a_stream_client_that_does_not_read_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outlets, "OUTPUT_LIMIT", 100_000)
    async with over_a_stream(StandIn()) as (client, serving):
        await client.initialize()
        position = {"line": 5_000_000, "character": 0}
        for number in (1, 2):
            params = {"textDocument": {"uri": "file:///a"}, "position": position}
            client.send("textDocument/hover", params, number)
        assert await finished(serving) == 1


@contextlib.asynccontextmanager
async def listening(create: Any) -> AsyncIterator[tuple[str, int]]:
    announced: asyncio.Queue[str] = asyncio.Queue()
    serving = asyncio.ensure_future(tcp.listen(create, "127.0.0.1", 0, announced.put_nowait))
    async with asyncio.timeout(DEADLINE):
        host, _, port = (await announced.get()).rpartition(":")
    try:
        yield host, int(port)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        assert await finished(serving) == 128 + signal.SIGTERM


async def test_tcp_serves_one_client_after_the_other_and_refuses_a_second() -> None:
    made: list[StandIn] = []

    def create() -> StandIn:
        made.append(StandIn())
        return made[-1]

    async with listening(create) as address:
        first = Client(*await asyncio.open_connection(*address))
        assert "result" in await first.initialize()
        second = Client(*await asyncio.open_connection(*address))
        await second.ended()
        second.writer.close()
        assert await first.hover(2) == "xx"
        first.send("exit")
        await first.ended()
        first.writer.close()
        third = Client(*await asyncio.open_connection(*address))
        assert "result" in await third.initialize()
    await third.ended()
    third.writer.close()
    assert [server.closed for server in made] == [1, 1]


def test_tcp_says_where_it_listens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def listen(create: Any, host: str, port: int, announce: Any, **options: Any) -> int:
        announce(f"{host}:{port}")
        return 7

    monkeypatch.setattr(tcp, "listen", listen)
    assert tcp.serve_tcp(StandIn, "localhost", 2087) == 7
    assert capsys.readouterr().err == "nrepl-lsp listens on localhost:2087\n"
