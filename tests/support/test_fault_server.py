"""The server that misbehaves on demand: tidy until told otherwise, faulty exactly as told."""

import asyncio

import pytest

from nrepl_lsp.nrepl import ConnectionLost, Output, RequestTimeout, connect
from tests.support import fault_server
from tests.support.fault_server import (
    FaultServer,
    hang_up_mid_eval,
    held,
    reply,
    silent,
    slow,
)


async def test_answers_like_a_small_tidy_server() -> None:
    async with FaultServer() as server, await connect(server.url) as connection:
        capabilities = await connection.describe()
        assert capabilities.ops == frozenset(server.ops)
        session = await connection.clone()
        assert (await connection.request("ls-sessions").collect()).get("sessions") == [session.id]
        result = await session.eval("(+ 1 2)", ns="here").result()
        assert (result.values, result.ns) == (("(+ 1 2)",), "here")
        assert (await session.load_file("x", name="a.clj").result()).values == ("a.clj",)
        session.send_input("x")
        for op in ("complete", "completions"):
            reply_ = await connection.request(op, prefix="ma").collect()
            assert [it["candidate"] for it in reply_.get("completions")] == ["map", "mapcat"]
        assert (await connection.request("info", sym="map").collect()).get("ns") == "core"
        assert "no-info" in (await connection.request("info", sym="nix").collect()).status
        assert (await connection.request("lookup", sym="map").collect()).get("info")["ns"] == "core"
        assert (await connection.request("lookup", sym="nix").collect()).get("info") is None
        await session.close()
        assert server.sessions == []
        await session.close()  # unknown-session, which is no error
        assert len(server.of("close")) == 2


async def test_interrupt_ends_a_silent_evaluation() -> None:
    async with FaultServer() as server, await connect(server.url) as connection:
        server.on("eval", silent(), code="(loop)")
        session = await connection.clone()
        running = session.eval("(loop)")
        await server.received("eval")

        assert await running.interrupt() == "interrupted"
        assert (await running.result()).status == "interrupted"
        assert (await session.eval("1").result()).values == ("1",)


async def test_rules_go_by_parameters_and_the_newest_wins() -> None:
    async with FaultServer() as server, await connect(server.url) as connection:
        server.on("eval", reply({"value": "any", "status": ["done"]}))
        server.on("eval", reply({"value": "one", "status": ["done"]}), code="1")
        session = await connection.clone()

        values = [(await session.eval(code).result()).values[0] for code in "12"]
        assert values == ["one", "any"]


async def test_ops_can_be_taken_away_and_added() -> None:
    async with FaultServer() as server:
        server.without("eval", "eval", "clone").on("mine", slow(0, reply({"status": ["done"]})))
        async with await connect(server.url) as connection:
            capabilities = await connection.describe()
            assert capabilities.lacks("eval")
            assert capabilities.supports("mine")
            await connection.request("mine").collect()


async def test_an_answer_can_be_held_until_the_test_says_so() -> None:
    gate = asyncio.Event()
    async with FaultServer() as server, await connect(server.url) as connection:
        server.on("info", held(gate))
        waiting = connection.request("info", sym="map")
        await server.received("info")
        assert (await connection.describe()).ops
        assert not waiting.is_finished
        gate.set()
        assert (await waiting.collect()).get("ns") == "core"


async def test_a_slow_answer_runs_into_a_deadline() -> None:
    async with FaultServer() as server, await connect(server.url) as connection:
        server.on("info", slow(60))
        with pytest.raises(RequestTimeout):
            await connection.request("info", timeout=0.01).collect()


async def test_hanging_up_in_the_middle_of_an_evaluation() -> None:
    async with FaultServer() as server, await connect(server.url) as connection:
        server.on("eval", hang_up_mid_eval({"out": "so far"}))
        evaluation = (await connection.clone()).eval("1")

        assert await anext(evaluation) == Output("out", "so far")
        with pytest.raises(ConnectionLost):
            await evaluation.result()


async def test_says_things_unasked_and_starts_again_on_the_same_port() -> None:
    async with FaultServer() as server:
        connection = await connect(server.url)
        await server.connected()
        subscription = connection.watch()
        server.send({"out": "hello"})
        assert await anext(subscription) == {"out": "hello"}
        url = server.url
        await server.stop()
        assert isinstance(await connection.wait_closed(), ConnectionLost)

        await server.start()
        assert server.url == url
        async with await connect(url) as again:
            assert (await again.describe()).ops


async def test_what_does_not_come_fails_the_test_and_says_what_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fault_server, "DEADLINE", 0.01)
    async with FaultServer() as server, await connect(server.url) as connection:
        await connection.describe()
        with pytest.raises(
            AssertionError, match=r"2 × describe did not come; came: \['describe'\]"
        ):
            await server.received("describe", 2)
