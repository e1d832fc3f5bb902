"""PacedStream: one request a packet, for servers that read only one from each."""

import asyncio
from itertools import pairwise

import pytest

from nrepl_lsp.nrepl import ConnectionLost
from nrepl_lsp.nrepl.transport import WRITE_LIMIT, PacedStream

from .wire import Wire

GAP = 0.01


async def test_requests_leave_in_order_and_not_together():
    wire = Wire()
    wire.connection.pace(GAP)
    loop = asyncio.get_running_loop()
    times = []
    written = wire.stream.write
    all_left = asyncio.Event()

    def write(data):
        written(data)
        times.append(loop.time())
        if len(times) == 3:
            all_left.set()

    wire.stream.write = write
    for number in range(3):
        wire.connection.request("eval", code=str(number))
    async with asyncio.timeout(5):
        await all_left.wait()

    assert wire.codes == ["0", "1", "2"]
    # The loop's timers may fire a clock tick early.
    assert all(later - earlier >= GAP * 0.8 for earlier, later in pairwise(times))


async def test_after_a_pause_a_request_leaves_at_once():
    wire = Wire()
    wire.connection.pace(GAP)
    wire.connection.request("describe")
    await asyncio.sleep(2 * GAP)

    wire.connection.request("clone")

    assert [request["op"] for request in wire.requests] == ["describe", "clone"]


async def test_what_waits_at_the_end_is_not_sent():
    wire = Wire()
    wire.connection.pace(GAP)
    first = wire.connection.request("describe")
    second = wire.connection.request("clone")

    await wire.connection.close()
    await asyncio.sleep(2 * GAP)

    assert [request["op"] for request in wire.requests] == ["describe"]
    for responses in (first, second):
        with pytest.raises(ConnectionLost):
            await responses.collect()


async def test_a_stream_that_ends_in_between_is_no_fault():
    wire = Wire()
    wire.connection.pace(GAP)
    wire.connection.request("describe")
    wire.connection.request("clone")
    wire.stream.close()
    await asyncio.sleep(2 * GAP)

    assert [request["op"] for request in wire.requests] == ["describe"]


async def test_a_server_that_never_reads_is_given_up():
    wire = Wire()
    stream = PacedStream(wire.stream, 60.0)
    stream.write(b"d2:op8:describee")
    stream.write(b"x" * WRITE_LIMIT)

    with pytest.raises(ConnectionLost, match="stopped reading"):
        stream.write(b"y")
    stream.write_eof()
    stream.close()


async def test_a_stream_that_cannot_take_more_ends_instead_of_forgetting_a_request():
    wire = Wire()
    wire.connection.pace(GAP)
    wire.connection.request("describe")

    def refuse(data):
        raise ConnectionLost("the server has stopped reading")

    wire.stream.write = refuse
    waiting = wire.connection.request("clone", timeout=None)

    async with asyncio.timeout(5):
        with pytest.raises(ConnectionLost):
            await waiting.collect()
