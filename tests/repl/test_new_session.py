"""A new session for the same program, and everything that can happen meanwhile."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from nrepl_lsp.nrepl import ConnectFailed, ConnectionLost, OpFailed, RequestTimeout, UnknownOp
from nrepl_lsp.repl import attaching, session_ops
from nrepl_lsp.repl import new_session as new_session_module
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.session_ops import SessionOp, start_op
from nrepl_lsp.repl.supervisor import Origin, State, Supervisor
from tests.repl.states import States, target
from tests.support.fault_server import (
    DEFAULTS,
    DONE,
    Behaviour,
    FaultServer,
    Peer,
    held,
    reply,
    silent,
)

LIMITS: dict[str, int] = {"output_limit": 10_000, "value_limit": 10_000}


def at_once() -> Iterator[float]:
    return itertools.repeat(0.01)


@pytest.fixture(autouse=True)
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "SECOND_CONNECTION_TIMEOUT", 0.3)
    monkeypatch.setattr(new_session_module, "CLONE_TIMEOUT", 0.1)
    monkeypatch.setattr(new_session_module, "CONNECT_TIMEOUT", 0.3)
    monkeypatch.setattr(new_session_module, "CLOSE_TIMEOUT", 0.1)


@pytest.fixture
def states() -> States:
    return States()


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as server:
        yield server


@pytest.fixture
async def supervisor(states: States, server: FaultServer) -> AsyncIterator[Supervisor]:
    """One that is attached to `server`."""
    supervisor = Supervisor(None, on_change=states, delays=at_once)
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    await states.until_ready(supervisor)
    yield supervisor
    await supervisor.close()


def live(supervisor: Supervisor) -> Repl:
    assert supervisor.repl is not None
    return supervisor.repl


def busy(server: FaultServer, peers: tuple[int, ...] = (0,)) -> Behaviour:
    """Clone, but not on connections where code runs that does not end: Basilisp, babashka."""
    blocked = [server.peers[number] for number in peers]

    async def behave(peer: Peer, request: dict[str, Any]) -> None:
        await (silent() if peer in blocked else DEFAULTS["clone"])(peer, request)

    return behave


# -- on the same connection -----------------------------------------------------------------


async def test_the_new_session_belongs_to_the_same_program(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    old = live(supervisor)
    new = await supervisor.start_session()
    assert supervisor.repl is new is not old
    assert new.user.id != old.user.id
    assert new.user.connection is old.user.connection
    assert (new.tooling, new.dialect, new.namespaces) == (old.tooling, old.dialect, old.namespaces)
    assert states.order == ["connecting", "ready"], "nobody has to learn of it anew"
    (closed,) = await server.received("close")
    assert closed["session"] == old.user.id
    result = await new.evaluate("(+ 1 2)", **LIMITS).result()
    assert result.status == "done"
    assert server.of("eval")[-1]["session"] == new.user.id


async def test_what_runs_ends_and_what_waits_is_never_sent(
    supervisor: Supervisor, server: FaultServer
) -> None:
    server.on("eval", silent(), code="(loop [] (recur))")
    old = live(supervisor)
    running = old.evaluate("(loop [] (recur))", **LIMITS)
    waiting = old.evaluate("(launch)", **LIMITS)
    await server.received("eval")
    left: list[Repl] = []
    new = await supervisor.start_session(lambda *both: left.extend(both))
    assert left == [old, new]
    assert (await waiting.result()).status == "interrupted"
    assert (await running.result()).status == "interrupted"
    assert [request["code"] for request in server.of("eval")] == ["(loop [] (recur))"]
    (asked,) = server.of("interrupt")
    assert asked["interrupt-id"] == running.id


async def test_a_server_that_never_ends_what_it_closes_holds_up_nobody(
    supervisor: Supervisor, server: FaultServer
) -> None:
    server.on("eval", silent())
    server.on("interrupt", silent())
    server.on("close", silent())
    running = live(supervisor).evaluate("(work)", **LIMITS)
    await server.received("eval")
    await supervisor.start_session()
    async with asyncio.timeout(3):
        assert (await running.result()).status == "interrupted"


async def test_the_new_session_is_kept_over_a_lost_connection(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    new = await supervisor.start_session()
    server.hang_up()
    await states.until(lambda: supervisor.repl not in (None, new))
    assert live(supervisor).user.id == new.user.id
    assert live(supervisor).is_resumed


async def test_all_sessions_are_closed_at_the_end(
    supervisor: Supervisor, server: FaultServer
) -> None:
    for _ in range(3):
        await supervisor.start_session()
    await supervisor.close()
    await server.disconnected()
    assert server.sessions == []


async def test_who_asks_at_the_same_time_gets_the_same_session(supervisor: Supervisor) -> None:
    one, two = await asyncio.gather(supervisor.start_session(), supervisor.start_session())
    assert one is two
    assert await supervisor.start_session() is not one


async def test_who_asks_may_lose_patience(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    gate = asyncio.Event()
    server.on("clone", held(gate))
    old = live(supervisor)
    asking = asyncio.create_task(supervisor.start_session())
    await server.received("clone", 3)
    asking.cancel()
    gate.set()
    new = await supervisor.start_session()
    assert live(supervisor) is new is not old
    assert len(server.of("clone")) == 3, "it is the one that was being made"


async def test_a_listener_that_fails_does_not_end_the_exchange(supervisor: Supervisor) -> None:
    def fail(old: Repl, new: Repl) -> None:
        raise RuntimeError("a fault of somebody else's")

    assert await supervisor.start_session(fail) is supervisor.repl


# -- races ----------------------------------------------------------------------------------


async def test_a_program_that_goes_meanwhile(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    old = live(supervisor)
    server.on("clone", silent())
    asking = asyncio.create_task(supervisor.start_session())
    await server.received("clone", 3)
    server.on("clone", DEFAULTS["clone"])
    server.hang_up()
    with pytest.raises(ConnectionLost):
        await asking
    await states.until(lambda: supervisor.repl not in (None, old))
    assert live(supervisor).user.id == old.user.id, "what ran there goes on"


async def test_being_aimed_elsewhere_meanwhile(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    server.on("clone", silent())
    asking = asyncio.create_task(supervisor.start_session())
    await server.received("clone", 3)
    async with FaultServer() as other:
        supervisor.aim(target(other))
        with pytest.raises(ConnectionLost):
            await asking
        await states.until_ready(supervisor)
        assert live(supervisor).address.port == other.port
        await server.disconnected()
        await supervisor.close()


async def test_being_closed_meanwhile_leaves_nothing_open(
    supervisor: Supervisor, server: FaultServer
) -> None:
    server.on("clone", silent())
    asking = asyncio.create_task(supervisor.start_session())
    await server.received("clone", 3)
    await supervisor.close()
    with pytest.raises(ConnectionLost):
        await asking
    await server.disconnected()


async def test_a_connection_lost_right_after_the_answer(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    old = live(supervisor)

    async def answer_and_hang_up(peer: Peer, request: dict[str, Any]) -> None:
        await DEFAULTS["clone"](peer, request)
        server.on("clone", DEFAULTS["clone"])
        server.hang_up()

    server.on("clone", answer_and_hang_up)
    try:
        new = await supervisor.start_session()
    except ConnectionLost:
        new = old
    await states.until(lambda: supervisor.repl not in (None, old, new))
    assert supervisor.state is State.READY
    result = await live(supervisor).evaluate("1", **LIMITS).result()
    assert result.values == ("1",)


async def test_nothing_is_asked_of_a_program_that_is_not_there(states: States) -> None:
    supervisor = Supervisor(None, on_change=states)
    with pytest.raises(ConnectionLost, match="no program is attached"):
        await supervisor.start_session()


# -- servers that answer nothing while they evaluate ----------------------------------------


async def test_a_connection_that_answers_nothing_is_replaced(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    server.on("eval", silent(), code="(loop)")
    server.on("clone", busy(server))
    server.without("interrupt")
    old = live(supervisor)
    running = old.evaluate("(loop)", **LIMITS)
    waiting = old.evaluate("(launch)", **LIMITS)
    await server.received("eval")
    new = await supervisor.start_session()
    assert live(supervisor) is new
    assert new.user.connection is not old.user.connection
    assert new.tooling is old.tooling
    assert (await running.result()).status == "interrupted"
    assert (await waiting.result()).status == "interrupted"
    await old.user.connection.wait_closed()
    assert (await new.evaluate("1", **LIMITS).result()).values == ("1",)
    assert states.order == ["connecting", "ready"], "the loss of the old connection is none"
    assert live(supervisor) is new
    with pytest.raises(ConnectionLost):
        old.evaluate("(late)", **LIMITS)
    server.on("clone", DEFAULTS["clone"])
    server.hang_up()
    await states.until(lambda: supervisor.repl not in (None, new))


async def test_a_replaced_connection_is_closed_at_the_end(
    supervisor: Supervisor, server: FaultServer
) -> None:
    server.on("clone", busy(server))
    await supervisor.start_session()
    await supervisor.close()
    await server.disconnected()


async def test_a_program_that_takes_no_other_connection(
    supervisor: Supervisor, server: FaultServer
) -> None:
    """nbb's one thread evaluates."""
    server.on("clone", silent())
    server.on("describe", silent())
    old = live(supervisor)
    with pytest.raises(ConnectFailed):
        await supervisor.start_session()
    assert live(supervisor) is old
    await server.connected(2)


async def test_a_program_that_makes_no_session_there_either(
    supervisor: Supervisor, server: FaultServer
) -> None:
    server.on("clone", reply({"status": ["done", "error"]}))
    old = live(supervisor)
    with pytest.raises(ConnectFailed, match="no new session"):
        await supervisor.start_session()
    assert live(supervisor) is old


async def test_being_closed_while_connecting_anew_leaves_nothing_open(
    supervisor: Supervisor, server: FaultServer
) -> None:
    server.on("clone", silent())
    describes = len(server.of("describe"))
    server.on("describe", silent())
    asking = asyncio.create_task(supervisor.start_session())
    await server.received("describe", describes + 1)
    await supervisor.close()
    with pytest.raises(ConnectionLost):
        await asking
    await server.disconnected()


async def test_the_loss_of_the_rest_while_connecting_anew(
    supervisor: Supervisor, states: States, server: FaultServer, monkeypatch
) -> None:
    """What was made anew is given back: it may be another program's."""
    monkeypatch.setattr(new_session_module, "CONNECT_TIMEOUT", 5.0)
    gate = asyncio.Event()
    server.on("clone", busy(server))
    describes = len(server.of("describe"))
    server.on("describe", held(gate))
    old = live(supervisor)
    asking = asyncio.create_task(supervisor.start_session())
    await server.received("describe", describes + 1)
    for peer in server.peers[:2]:
        peer.hang_up()
    await states.until_state(supervisor, State.LOST)
    server.on("clone", DEFAULTS["clone"])
    gate.set()
    with pytest.raises(ConnectionLost, match="gone meanwhile"):
        await asking
    await states.until(lambda: supervisor.repl not in (None, old))
    await supervisor.close()
    await server.disconnected()


async def test_one_shared_connection_is_not_given_up(states: States) -> None:
    """hy-nrepl serves one connection at a time."""
    async with FaultServer() as server:

        async def first_only(peer: Peer, request: dict[str, Any]) -> None:
            if peer is server.peers[0]:
                await DEFAULTS["describe"](peer, request)

        server.on("describe", first_only)
        supervisor = Supervisor(None, on_change=states, delays=at_once)
        supervisor.aim(target(server))
        await states.until_ready(supervisor)
        old = live(supervisor)
        assert old.user.connection is old.tooling.connection
        new = await supervisor.start_session()
        assert new.user.connection is old.user.connection
        server.on("clone", silent())
        with pytest.raises(ConnectFailed, match="one connection only"):
            await supervisor.start_session()
        assert live(supervisor) is new
        await supervisor.close()


async def test_a_server_without_sessions_gets_another_connection(states: States) -> None:
    async with FaultServer() as server:
        server.without("clone", "close", "ls-sessions")
        supervisor = Supervisor(None, on_change=states, delays=at_once)
        supervisor.aim(target(server))
        await states.until_ready(supervisor)
        server.on("eval", silent(), code="(loop)")
        old = live(supervisor)
        running = old.evaluate("(loop)", **LIMITS)
        await server.received("eval")
        new = await supervisor.start_session()
        assert new.user.id is None
        assert new.user.connection is not old.user.connection
        assert (await running.result()).status == "interrupted"
        assert (await new.evaluate("1", **LIMITS).result()).values == ("1",)
        await supervisor.close()


async def test_what_was_made_in_vain_is_given_back(
    supervisor: Supervisor, server: FaultServer
) -> None:
    old = live(supervisor)
    for behaviour in (DEFAULTS["close"], silent()):
        new = await new_session_module.with_new_session(old)
        assert new.user.id in server.sessions
        server.on("close", behaviour)
        await new_session_module.discard(new, old)
        assert server.of("close")[-1]["session"] == new.user.id
    assert old.is_live
    server.on("close", DEFAULTS["close"])


# -- ops in the user's session --------------------------------------------------------------

REFRESH = SessionOp("refresh")


async def test_an_op_waits_for_its_turn_and_holds_up_what_comes_after(
    supervisor: Supervisor, server: FaultServer
) -> None:
    gate = asyncio.Event()
    server.on("eval", held(gate), code="(first)")
    server.on("refresh", reply({"reloading": ["a.b"]}, {"status": ["ok"]}, DONE))
    repl = live(supervisor)
    first = repl.evaluate("(first)", **LIMITS)
    asked = start_op(repl, SessionOp("refresh", {"dirs": ["src"]}))
    await server.received("eval")
    last = repl.evaluate("(last)", **LIMITS)
    assert server.of("refresh") == []
    gate.set()
    assert (await asked.result()).status == "done"
    assert asked.messages[0]["reloading"] == ["a.b"]
    (sent,) = server.of("refresh")
    assert (sent["session"], sent["dirs"]) == (repl.user.id, ["src"])
    assert (await first.result()).status == (await last.result()).status == "done"
    ops = [request["op"] for request in server.requests if request["op"] in ("eval", "refresh")]
    assert ops == ["eval", "refresh", "eval"]


async def test_what_an_op_prints_and_warns_of_is_no_failure(
    supervisor: Supervisor, server: FaultServer
) -> None:
    server.on("refresh", reply({"progress": "Loading a.b"}, {"err": "Reflection warning\n"}, DONE))
    asked = SessionOp("refresh", printed=lambda message: message.get("progress", ""))
    run = start_op(live(supervisor), asked)
    result = await run.result()
    assert (result.status, result.out, result.err) == (
        "done",
        "Loading a.b",
        "Reflection warning\n",
    )


async def test_the_failures_of_an_op(
    supervisor: Supervisor, server: FaultServer, monkeypatch
) -> None:
    repl = live(supervisor)
    server.on("refresh", reply({"error-ns": "a.b", "status": ["error"]}, DONE))
    failed = start_op(repl, REFRESH)
    await failed.result()
    with pytest.raises(OpFailed):
        failed.reply.raise_for_status("refresh")
    unknown = start_op(repl, SessionOp("no-such-op"))
    await unknown.result()
    with pytest.raises(UnknownOp):
        unknown.reply.raise_for_status("no-such-op")
    server.on("refresh", silent())
    with pytest.raises(RequestTimeout):
        await start_op(repl, REFRESH, timeout=0.05).result()
    await server.received("interrupt")
    asked = start_op(repl, REFRESH)
    await server.received("refresh", 3)
    await repl.user.interrupt()
    assert (await asked.result()).status == "interrupted"
    monkeypatch.setattr("nrepl_lsp.nrepl.session.QUEUE_LIMIT", 0)
    with pytest.raises(Exception, match="waiting already"):
        start_op(repl, REFRESH)
    server.hang_up()
    await repl.user.connection.wait_closed()
    with pytest.raises(ConnectionLost):
        start_op(repl, REFRESH)


async def test_cancelling_interrupts_an_op(supervisor: Supervisor, server: FaultServer) -> None:
    server.on("refresh", silent())
    asked = asyncio.create_task(start_op(live(supervisor), REFRESH).result())
    await server.received("refresh")
    asked.cancel()
    await server.received("interrupt")


async def test_a_flood_of_messages_is_bounded(
    supervisor: Supervisor, server: FaultServer, monkeypatch
) -> None:
    monkeypatch.setattr(session_ops, "REPLY_LIMIT", 3)
    server.on("refresh", reply(*({"progress": str(n)} for n in range(10)), DONE))
    run = start_op(live(supervisor), SessionOp("refresh"))
    assert (await run.result()).status == "done"
    assert [message.get("progress") for message in run.messages] == ["0", "1", "2"]
    assert run.reply.dropped == 8
