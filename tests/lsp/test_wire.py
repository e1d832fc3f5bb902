"""Sessions, over descriptors and over streams alike."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from nrepl_lsp.lsp import wire
from nrepl_lsp.lsp.jsonrpc import frame

from .served import DEADLINE, StandIn, finished, over_a_stream, over_descriptors

both = pytest.mark.parametrize("connect", [over_descriptors, over_a_stream])


@both
async def test_a_session_from_initialize_to_exit_ends_with_zero(connect: Any) -> None:
    server = StandIn()
    async with connect(server) as (client, serving):
        assert "capabilities" in (await client.initialize())["result"]
        assert await client.hover(3) == "xxx"
        assert (await client.ask("shutdown"))["result"] is None
        client.send("exit")
        assert await finished(serving) == 0
        await client.ended()
    assert server.closed == 1


@both
async def test_exit_without_shutdown_ends_with_one(connect: Any) -> None:
    server = StandIn()
    async with connect(server) as (client, serving):
        await client.initialize()
        client.send("exit")
        assert await finished(serving) == 1
    assert server.closed == 1


@both
@pytest.mark.parametrize(("shut_down", "code"), [(True, 0), (False, 1)])
async def test_the_end_of_the_input_ends_the_session(
    connect: Any, shut_down: bool, code: int
) -> None:
    server = StandIn()
    async with connect(server) as (client, serving):
        await client.initialize()
        if shut_down:
            await client.ask("shutdown")
        client.writer.write_eof()
        assert await finished(serving) == code
    assert server.closed == 1


@both
async def test_input_that_is_not_lsp_ends_with_one(
    connect: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with connect(StandIn()) as (client, serving):
        client.writer.write(b"hello\n")
        assert await finished(serving) == 1
    assert "not an LSP message" in caplog.text


@both
async def test_an_oversize_message_is_reported_and_the_session_goes_on(connect: Any) -> None:
    async with connect(StandIn(), limit=1000) as (client, _):
        await client.initialize()
        client.writer.write(frame(b"x" * 1001))
        message = await client.receive()
        assert message["method"] == "window/showMessage"
        assert "1001 bytes was ignored: the limit is 1000" in message["params"]["message"]
        assert await client.hover(1) == "x"


@both
async def test_large_answers_arrive_whole(connect: Any) -> None:
    async with connect(StandIn()) as (client, _):
        await client.initialize()
        assert len(await client.hover(3_000_000)) == 3_000_000


async def test_a_client_that_closes_both_ends_without_a_word_ends_the_session() -> None:
    server = StandIn()
    async with over_a_stream(server) as (client, serving):
        await client.initialize()
        client.writer.transport.abort()
        assert await finished(serving) == 1
    assert server.closed == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_session_after_the_cleanup(number: int) -> None:
    server = StandIn()
    ends: list[int] = []
    async with over_descriptors(server, on_end=ends.append) as (client, serving):
        await client.initialize()
        os.kill(os.getpid(), number)
        assert await finished(serving) == 128 + number
    assert server.closed == 1
    assert ends == [128 + number]


async def test_running_requests_are_cancelled_at_the_end() -> None:
    server = StandIn()
    started, cancelled = asyncio.Event(), asyncio.Event()

    @server.command("block")
    async def block() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with over_descriptors(server) as (client, serving):
        await client.initialize()
        client.send("workspace/executeCommand", {"command": "block"}, 5)
        async with asyncio.timeout(DEADLINE):
            await started.wait()
        client.writer.write_eof()
        await finished(serving)
        async with asyncio.timeout(DEADLINE):
            await cancelled.wait()


@pytest.mark.parametrize("fault", ["hangs", "fails"])
async def test_a_cleanup_that_does_not_work_does_not_keep_the_session(
    fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wire, "CLOSE_DEADLINE", 0.01)
    caplog.set_level("INFO", "nrepl_lsp")

    class Faulty(StandIn):
        async def close(self) -> None:
            if fault == "fails":
                raise OSError("broken")
            await asyncio.Event().wait()

    async with over_descriptors(Faulty()) as (client, serving):
        client.send("exit")
        assert await finished(serving) == 1
    assert "could not close the server" in caplog.text


async def test_the_session_ends_with_the_clients_process() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as editor:
        assert editor.stdin is not None
        async with over_descriptors(StandIn(), poll=0.005) as (client, serving):
            await client.initialize(editor.pid)
            looked = asyncio.ensure_future(asyncio.wait([serving], timeout=0.05))
            await looked
            assert not serving.done()
            editor.stdin.close()
            editor.wait(DEADLINE)
            assert await finished(serving) == 1


async def test_a_process_that_was_never_seen_is_not_watched() -> None:
    # An editor outside of the container that we run in.
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait(DEADLINE)
    async with over_descriptors(StandIn(), poll=0.001) as (client, serving):
        await client.initialize(gone.pid)
        await asyncio.wait([serving], timeout=0.05)
        assert not serving.done()


@pytest.mark.parametrize(
    ("process_id", "is_alive"),
    [pytest.param(os.getpid(), True, id="own"), (1, True), (0, False), (10**30, False)],
)
def test_a_process_is_looked_at_without_touching_it(process_id: int, is_alive: bool) -> None:
    assert wire._is_alive(process_id) is is_alive


def test_a_process_of_another_user_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(process_id: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert wire._is_alive(1)


async def test_without_posix_no_process_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "POSIX", False)
    await asyncio.wait_for(wire._watch_client(StandIn(), lambda: None, 60), DEADLINE)


def test_the_process_ends_in_time_whatever_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, codes = threading.Event(), []

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(wire, "EXIT_DEADLINE", 0.0)
    wire.exit_in_time(3)
    assert ended.wait(DEADLINE)
    assert codes == [3]
