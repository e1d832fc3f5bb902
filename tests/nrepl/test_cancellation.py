"""What if we are cancelled exactly here: at each await, nothing leaks and nothing is lost."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from nrepl_lsp.nrepl import Address, BencodeCodec, Connection, Session, Value, connect, register
from tests.nrepl.wire import ALL_OPS, Wire
from tests.support.fault_server import FaultServer, silent


@pytest.fixture
async def session(wire: Wire) -> Session:
    return wire.connection.session("s")


async def cancelled(waiting: Coroutine[Any, Any, Any], *, turns: int = 1) -> None:
    """Start something, let the loop turn, cancel it there, and see that it ends as cancelled."""
    task = asyncio.ensure_future(waiting)
    for _ in range(turns):
        await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


# -- requests -------------------------------------------------------------------------------


async def test_collect_forgets_the_request(wire: Wire) -> None:
    responses = wire.connection.request("info")
    await cancelled(responses.collect())

    assert responses.is_finished
    assert wire.connection._receivers == {}
    assert wire.connection._protocol.pending == frozenset()
    wire.done(wire.last)  # comes late, harms nobody
    assert wire.connection.is_open
    assert [request["op"] for request in wire.requests] == ["info"]


async def test_iterating_loses_no_message(wire: Wire) -> None:
    responses = wire.connection.request("info")
    await cancelled(anext(responses))
    wire.done(wire.last, value="1")

    assert (await responses.collect()).get("value") == "1"


async def test_iterating_keeps_a_message_that_comes_with_the_cancellation(wire: Wire) -> None:
    responses = wire.connection.request("info")
    task = asyncio.ensure_future(anext(responses))
    await asyncio.sleep(0)
    wire.done(wire.last, value="1")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await anext(responses))["value"] == "1"


async def test_describe_leaves_what_was_known(wire: Wire) -> None:
    known = wire.connection.capabilities
    await cancelled(wire.connection.describe())

    assert wire.connection.capabilities is known


# -- evaluations ----------------------------------------------------------------------------


async def test_result_of_a_running_evaluation_interrupts_it(wire: Wire, session: Session) -> None:
    evaluation = session.eval("(loop)")
    await cancelled(evaluation.result())

    assert wire.last == {"op": "interrupt", "id": "2", "session": "s", "interrupt-id": "1"}
    wire.say(wire.requests[0], status=["done", "interrupted"])
    assert (await evaluation.result()).status == "interrupted"


async def test_result_of_a_queued_evaluation_takes_it_out_of_the_queue(
    wire: Wire, session: Session
) -> None:
    session.eval("1")
    queued = session.eval("2")
    await cancelled(queued.result())

    assert session.queued == ()
    assert wire.codes == ["1"]
    assert (await queued.result()).status == "interrupted"


async def test_result_on_a_server_without_interrupt_only_stops_waiting() -> None:
    wire = Wire(ops=ALL_OPS - {"interrupt"})
    evaluation = wire.connection.session("s").eval("(loop)")
    await cancelled(evaluation.result())

    assert len(wire.requests) == 1
    wire.done(wire.last, value="1")
    assert (await evaluation.result()).values == ("1",)


async def test_result_when_the_connection_goes_at_that_moment(wire: Wire, session: Session) -> None:
    evaluation = session.eval("(loop)")
    wire.stream.is_closed = True
    await cancelled(evaluation.result())

    assert evaluation.is_finished


async def test_result_under_a_deadline_interrupts_the_evaluation(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("(loop)")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await evaluation.result()

    assert wire.last["op"] == "interrupt"


async def test_leaving_an_iteration_does_not_interrupt(wire: Wire, session: Session) -> None:
    evaluation = session.eval("1")
    await cancelled(anext(evaluation))
    wire.done(wire.last, value="1")

    assert len(wire.requests) == 1
    assert await anext(evaluation) == Value("1")


async def test_interrupt_stops_waiting_and_not_the_interrupt(wire: Wire, session: Session) -> None:
    evaluation = session.eval("(loop)")
    await cancelled(evaluation.interrupt())
    wire.say(wire.requests[0], status=["done", "interrupted"])

    assert (await evaluation.result()).status == "interrupted"


async def test_closing_a_session_has_told_the_server(wire: Wire, session: Session) -> None:
    await cancelled(session.close())

    assert wire.last["op"] == "close"
    assert wire.connection.session("s") is not session


# -- connections ----------------------------------------------------------------------------


async def test_connect_while_the_stream_opens_leaves_none() -> None:
    opening, left = asyncio.Event(), asyncio.Event()

    async def slow(address: Address, sink: object) -> Any:
        opening.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    register("slow", slow, BencodeCodec())
    await cancelled(connect("slow://h:1"))

    assert opening.is_set()
    assert left.is_set()


@pytest.mark.parametrize("turns", range(1, 6))
async def test_connect_over_tcp_leaves_no_connection_at_any_turn(turns: int) -> None:
    async with FaultServer() as server:
        task = asyncio.ensure_future(connect(server.url))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        try:
            connection = await task
        except asyncio.CancelledError:
            pass
        else:
            await connection.close()
        # Connections are accepted in order: after this one the server knows of the first.
        async with await connect(server.url) as second:
            await second.describe()
        await server.disconnected()


async def test_close_closes_at_once_without_its_sessions_answers() -> None:
    async with FaultServer() as server:
        server.on("close", silent())
        connection = await connect(server.url)
        await connection.clone()
        closing = asyncio.ensure_future(connection.close())
        await server.received("close")
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing

        assert not connection.is_open
        assert await connection.wait_closed() is None
        await server.disconnected()


async def test_waiting_for_the_end_does_not_end_it(wire: Wire) -> None:
    await cancelled(wire.connection.wait_closed())

    assert wire.connection.is_open
    wire.stream.close()
    assert "closed the connection" in str(await wire.connection.wait_closed())


async def test_the_body_of_async_with_closes_the_connection() -> None:
    async with FaultServer() as server:
        entered = asyncio.Event()
        connections: list[Connection] = []

        async def body() -> None:
            async with await connect(server.url) as connection:
                connections.append(connection)
                await connection.clone()
                entered.set()
                await asyncio.Event().wait()

        task = asyncio.ensure_future(body())
        await asyncio.wait_for(entered.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert not connections[0].is_open
        assert server.sessions == []
