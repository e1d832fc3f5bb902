"""Evaluating in a session that is there already: whose it is, and who closes it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from nrepl_lsp.nrepl import ConnectFailed, ConnectionLost
from nrepl_lsp.repl import new_session as new_session_module
from nrepl_lsp.repl import supervisor as supervisor_module
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.sessions import OURS, Owned, SessionInUse, SessionUnknown, sessions_in
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

from .test_new_session import LIMITS, at_once, busy, live


@pytest.fixture(autouse=True)
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_session_module, "CLOSE_TIMEOUT", 0.3)
    monkeypatch.setattr(supervisor_module, "REWRITE_DELAY", 0.01)


@pytest.fixture
def states() -> States:
    return States()


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as server:
        yield server


@pytest.fixture
def foreign(server: FaultServer) -> str:
    """A session that another tool has made."""
    return server.new_session()


@pytest.fixture
async def supervisor(
    states: States, server: FaultServer, foreign: str
) -> AsyncIterator[Supervisor]:
    """One that is attached to `server`."""
    supervisor = Supervisor(None, on_change=states, delays=at_once)
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    await states.until_ready(supervisor)
    yield supervisor
    await supervisor.close()


def closed(server: FaultServer) -> list[str]:
    return [request["session"] for request in server.of("close")]


async def ended(supervisor: Supervisor, server: FaultServer) -> None:
    await supervisor.close()
    await server.disconnected()


# -- switching ------------------------------------------------------------------------------


async def test_code_runs_in_the_session_that_was_chosen(
    supervisor: Supervisor, states: States, server: FaultServer, foreign: str
) -> None:
    old = live(supervisor)
    new = await supervisor.switch_session(foreign)
    assert supervisor.repl is new is not old
    assert (new.user.id, new.owned.user) == (foreign, False)
    assert (new.tooling, new.dialect, new.namespaces) == (old.tooling, old.dialect, old.namespaces)
    await new.evaluate("(+ 1 2)", **LIMITS).result()
    assert server.of("eval")[-1]["session"] == foreign
    assert states.order == ["connecting", "ready"]
    back = await supervisor.switch_session(str(old.user.id))
    assert (back.user, back.owned) == (old.user, OURS)
    assert closed(server) == []


async def test_a_session_that_is_not_ours_is_not_closed_at_the_end(
    supervisor: Supervisor, server: FaultServer, foreign: str
) -> None:
    await supervisor.switch_session(foreign)
    await ended(supervisor, server)
    assert server.sessions == [foreign], "but all of ours are"
    assert server.of("interrupt") == []


async def test_at_the_end_only_what_is_ours_is_stopped_in_it(
    supervisor: Supervisor, server: FaultServer, foreign: str
) -> None:
    server.on("eval", silent(), code="(loop)")
    new = await supervisor.switch_session(foreign)
    running = new.evaluate("(loop)", **LIMITS)
    waiting = new.evaluate("(launch)", **LIMITS)
    await server.received("eval")
    number = running.id
    supervisor.detach()
    (stopped,) = await server.received("interrupt")
    assert (stopped["session"], stopped["interrupt-id"]) == (foreign, number)
    for one in (running, waiting):
        try:
            assert (await one.result()).status == "interrupted"
        except ConnectionLost:
            assert one is running
    await ended(supervisor, server)
    assert server.sessions == [foreign]
    assert [request["code"] for request in server.of("eval")] == ["(loop)"]


async def test_a_new_session_leaves_it_as_it_is_and_stops_what_is_ours(
    supervisor: Supervisor, server: FaultServer, foreign: str
) -> None:
    own = live(supervisor).user.id
    server.on("eval", silent(), code="(loop)")
    repl = await supervisor.switch_session(foreign)
    running = repl.evaluate("(loop)", **LIMITS)
    waiting = repl.evaluate("(launch)", **LIMITS)
    await server.received("eval")
    number = running.id
    new = await supervisor.start_session()
    assert (await running.result()).status == (await waiting.result()).status == "interrupted"
    assert [one["interrupt-id"] for one in server.of("interrupt")] == [number]
    assert closed(server) == []
    assert (new.owned.user, new.owned.kept) == (True, (own,))
    again = await supervisor.switch_session(foreign)
    assert (await again.evaluate("1", **LIMITS).result()).values == ("1",)
    await ended(supervisor, server)
    assert server.sessions == [foreign]


@pytest.mark.parametrize("has_interrupt", [True, False])
async def test_what_does_not_stop_in_it_is_not_followed_for_ever(
    states: States, has_interrupt: bool
) -> None:
    async with FaultServer() as server:
        server.on("eval", silent(), code="(loop)")
        server.on("interrupt", silent())
        if not has_interrupt:
            server.without("interrupt")
        foreign = server.new_session()
        supervisor = Supervisor(None, on_change=states, delays=at_once)
        supervisor.aim(target(server))
        await states.until_ready(supervisor)
        repl = await supervisor.switch_session(foreign)
        running = repl.evaluate("(loop)", **LIMITS)
        await server.received("eval")
        await supervisor.start_session()
        async with asyncio.timeout(3):
            assert (await running.result()).status == "interrupted"
        assert closed(server) == []
        await supervisor.close()


async def test_an_interrupt_names_our_evaluation(
    supervisor: Supervisor, server: FaultServer, foreign: str
) -> None:
    server.on("eval", silent(), code="(loop)")
    repl = await supervisor.switch_session(foreign)
    running = repl.evaluate("(loop)", **LIMITS)
    await server.received("eval")
    number = running.id
    assert await running.interrupt() == "interrupted"
    (asked,) = server.of("interrupt")
    assert (asked["session"], asked["interrupt-id"]) == (foreign, number)


async def test_input_goes_to_it(supervisor: Supervisor, server: FaultServer, foreign: str) -> None:
    repl = await supervisor.switch_session(foreign)
    server.on("eval", reply({"status": ["need-input"]}), code="(read-line)")
    running = repl.evaluate("(read-line)", **LIMITS)
    await server.received("eval")
    repl.user.send_input("Ada", running)
    (given,) = await server.received("stdin")
    assert (given["session"], given["stdin"]) == (foreign, "Ada\n")
    await running.interrupt()


# -- refusals -------------------------------------------------------------------------------


def of_others(*sessions: str) -> Behaviour:
    return reply({"sessions": list(sessions), **DONE})


async def test_what_is_not_listed_is_not_switched_to(
    supervisor: Supervisor, server: FaultServer, foreign: str
) -> None:
    old = live(supervisor)
    tooling = str(old.tooling.id)
    server.sessions.remove(foreign)
    for session in (foreign, tooling, "nobody's"):
        with pytest.raises(SessionUnknown):
            await supervisor.switch_session(session)
    assert len(server.of("ls-sessions")) == 3, "it is asked at the time"
    server.on("ls-sessions", of_others())
    with pytest.raises(SessionUnknown):
        await supervisor.switch_session("x" * 36)
    assert supervisor.repl is old
    assert (await old.evaluate("1", **LIMITS).result()).values == ("1",)
    server.sessions.append(foreign)


async def test_nor_is_that_for_the_questions_of_another_project(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    """Two projects may be attached to one program."""
    other = Supervisor(None, on_change=states, delays=at_once)
    other.aim(target(server))
    await states.until_ready(other)
    with pytest.raises(SessionUnknown):
        await supervisor.switch_session(str(live(other).tooling.id))
    assert live(other).user.id in (await live(supervisor).list_sessions(1) or ())
    await other.close()


async def test_a_session_that_we_are_closing_is_not_switched_to(
    supervisor: Supervisor, server: FaultServer
) -> None:
    server.on("close", silent())
    old = live(supervisor)
    new = await supervisor.start_session()
    assert old.user.id in server.sessions
    assert old.user.id not in (await new.list_sessions(1) or ())
    with pytest.raises(SessionUnknown):
        await supervisor.switch_session(str(old.user.id))
    server.on("close", DEFAULTS["close"])


async def test_a_program_that_does_not_answer_is_not_switched(
    supervisor: Supervisor, server: FaultServer, foreign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_session_module, "LISTED_WITHIN", 0.1)
    server.on("ls-sessions", silent())
    with pytest.raises(ConnectFailed) as refusal:
        await supervisor.switch_session(foreign)
    assert not isinstance(refusal.value, SessionUnknown | SessionInUse)
    server.on("ls-sessions", reply({"status": ["done", "error"]}))
    with pytest.raises(ConnectFailed):
        await supervisor.switch_session(foreign)


async def test_a_program_that_cannot_list_is_not_switched(states: States) -> None:
    async with FaultServer() as server:
        server.without("ls-sessions")
        foreign = server.new_session()
        supervisor = Supervisor(None, on_change=states, delays=at_once)
        supervisor.aim(target(server))
        await states.until_ready(supervisor)
        with pytest.raises(SessionUnknown):
            await supervisor.switch_session(foreign)
        assert server.of("ls-sessions") == []
        await supervisor.close()


@pytest.mark.parametrize("keep", [True, False])
async def test_a_session_in_which_something_runs_is_not_left(
    supervisor: Supervisor, server: FaultServer, foreign: str, keep: bool
) -> None:
    server.on("eval", silent(), code="(loop)")
    old = live(supervisor)
    running = old.evaluate("(loop)", **LIMITS)
    await server.received("eval")
    with pytest.raises(SessionInUse):
        await (supervisor.start_session(keep=True) if keep else supervisor.switch_session(foreign))
    assert supervisor.repl is old
    assert server.of("interrupt") == []
    await running.interrupt()


@pytest.mark.parametrize(("op", "count"), [("ls-sessions", 1), ("clone", 3)])
async def test_what_has_begun_meanwhile_keeps_the_session(
    supervisor: Supervisor, server: FaultServer, foreign: str, op: str, count: int
) -> None:
    gate = asyncio.Event()
    server.on(op, held(gate))
    server.on("eval", silent(), code="(loop)")
    old = live(supervisor)
    before = list(server.sessions)
    exchange = (
        supervisor.switch_session(foreign)
        if op == "ls-sessions"
        else supervisor.start_session(keep=True)
    )
    asking = asyncio.create_task(exchange)
    await server.received(op, count)
    running = old.evaluate("(loop)", **LIMITS)
    gate.set()
    with pytest.raises(SessionInUse):
        await asking
    assert supervisor.repl is old
    assert server.sessions == before
    await running.interrupt()


async def test_who_knows_that_something_waits_is_heard(
    supervisor: Supervisor, foreign: str
) -> None:
    with pytest.raises(SessionInUse):
        await supervisor.switch_session(foreign, is_free=lambda _: False)
    with pytest.raises(SessionInUse):
        await supervisor.start_session(keep=True, is_free=lambda _: False)
    assert (await supervisor.start_session(is_free=lambda _: False)).owned.kept == ()


# -- keeping the old one --------------------------------------------------------------------


async def test_a_session_that_is_kept_is_there_to_come_back_to(
    supervisor: Supervisor, server: FaultServer, foreign: str
) -> None:
    first = live(supervisor)
    second = await supervisor.start_session(keep=True)
    third = await supervisor.start_session(keep=True)
    assert third.owned.kept == (first.user.id, second.user.id)
    assert closed(server) == []
    back = await supervisor.switch_session(str(first.user.id))
    assert back.user is first.user
    assert back.owned == Owned(True, (str(second.user.id), str(third.user.id)))
    assert (await back.evaluate("1", **LIMITS).result()).values == ("1",)
    await ended(supervisor, server)
    assert server.sessions == [foreign], "all of ours are closed at the end"


async def test_no_other_connection_is_made_to_keep_a_session(
    supervisor: Supervisor, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_session_module, "CLONE_TIMEOUT", 0.1)
    server.on("clone", busy(server))
    with pytest.raises(ConnectFailed, match="beside the old one"):
        await supervisor.start_session(keep=True)
    assert len(server.peers) == 2


async def test_kept_sessions_move_with_the_one_in_use(
    supervisor: Supervisor, server: FaultServer, foreign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old connection goes when its code keeps it from answering; what was kept stays."""
    monkeypatch.setattr(new_session_module, "CLONE_TIMEOUT", 0.3)
    first = live(supervisor)
    second = await supervisor.start_session(keep=True)
    server.on("eval", silent(), code="(loop)")
    server.on("clone", busy(server))
    running = second.evaluate("(loop)", **LIMITS)
    await server.received("eval")
    third = await supervisor.start_session()
    assert third.user.connection is not second.user.connection
    assert (await running.result()).status == "interrupted"
    await second.user.connection.wait_closed()
    assert first.user.id not in closed(server)
    back = await supervisor.switch_session(str(first.user.id))
    assert (await back.evaluate("1", **LIMITS).result()).values == ("1",)
    server.on("clone", DEFAULTS["clone"])
    await ended(supervisor, server)
    assert first.user.id in closed(server)
    assert foreign in server.sessions


async def test_a_new_session_waits_for_a_switch_that_is_under_way(
    supervisor: Supervisor, server: FaultServer, foreign: str
) -> None:
    gate = asyncio.Event()
    server.on("ls-sessions", held(gate))
    switching = asyncio.create_task(supervisor.switch_session(foreign))
    await server.received("ls-sessions")
    starting = asyncio.create_task(supervisor.start_session())
    gate.set()
    assert (await switching).user.id == foreign
    new = await starting
    assert supervisor.repl is new
    assert new.user.id not in (None, foreign)


async def test_a_switch_that_waits_is_not_made_in_another_program(
    supervisor: Supervisor, states: States, server: FaultServer, foreign: str
) -> None:
    server.on("ls-sessions", silent())
    switching = asyncio.create_task(supervisor.switch_session(foreign))
    await server.received("ls-sessions")
    starting = asyncio.create_task(supervisor.start_session())
    await asyncio.sleep(0)
    async with FaultServer() as other:
        supervisor.aim(target(other))
        for asked in (switching, starting):
            with pytest.raises(ConnectionLost):
                await asked
        await states.until_ready(supervisor)
        assert len(other.of("clone")) == 2
        await supervisor.close()


# -- over a lost connection -----------------------------------------------------------------


async def lost(supervisor: Supervisor, states: States, server: FaultServer) -> Repl:
    """Lose the connection, and return the REPL that there is then."""
    before = live(supervisor)
    server.hang_up()
    await states.until(lambda: supervisor.repl not in (None, before))
    return live(supervisor)


async def test_it_is_taken_up_again_and_still_not_ours(
    supervisor: Supervisor, states: States, server: FaultServer, foreign: str
) -> None:
    own = live(supervisor).user.id
    await supervisor.switch_session(foreign)
    repl = await lost(supervisor, states, server)
    assert (repl.user.id, repl.is_resumed) == (foreign, True)
    assert repl.owned == Owned(False, (str(own),))
    back = await supervisor.switch_session(str(own))
    assert back.owned.user, "ours is ours over the loss"
    await supervisor.switch_session(foreign)
    await lost(supervisor, states, server)
    await ended(supervisor, server)
    assert server.sessions == [foreign]


async def test_what_runs_in_it_goes_on_over_the_loss(
    supervisor: Supervisor, states: States, server: FaultServer, foreign: str
) -> None:
    server.on("eval", silent(), code="(loop)")
    repl = await supervisor.switch_session(foreign)
    running = repl.evaluate("(loop)", **LIMITS)
    await server.received("eval")
    await lost(supervisor, states, server)
    with pytest.raises(ConnectionLost):
        await running.result()
    assert server.of("interrupt") == []


@pytest.mark.parametrize("origin", [Origin.PORT_FILE, Origin.COMMAND])
async def test_code_for_a_chosen_session_that_is_gone_goes_nowhere_else(
    states: States, server: FaultServer, foreign: str, origin: Origin
) -> None:
    supervisor = Supervisor(None, on_change=states, delays=at_once)
    supervisor.aim(target(server, origin, 1))
    await states.until_ready(supervisor)
    await supervisor.switch_session(foreign)
    server.sessions.remove(foreign)
    server.hang_up()
    await states.until(lambda: supervisor.needs_user)
    assert (supervisor.state, supervisor.repl) == (State.LOST, None)
    assert supervisor.problem == (
        f"{server.url}: the chosen session is gone; run nrepl.connect to go on in a new one"
    )
    await server.disconnected()
    assert server.sessions == [], "ours are closed all the same"
    repl = await supervisor.connect(target(server, origin, 1), timeout=5)
    assert repl.owned == OURS
    await supervisor.close()


async def test_a_kept_session_proves_the_program(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    first = live(supervisor)
    second = await supervisor.start_session(keep=True)
    server.sessions.remove(str(second.user.id))
    third = await lost(supervisor, states, server)
    assert third.user.id not in (first.user.id, second.user.id)
    assert (third.is_resumed, third.owned) == (True, Owned(True, (str(first.user.id),)))


async def test_a_failed_reconnect_closes_none_of_them(
    supervisor: Supervisor, states: States, server: FaultServer, foreign: str
) -> None:
    own = live(supervisor).user.id
    await supervisor.switch_session(foreign)
    failed: list[Peer] = []

    async def fail_once(peer: Peer, request: dict[str, object]) -> None:
        if not failed:
            failed.append(peer)
            peer.hang_up()
            return
        await DEFAULTS["clone"](peer, request)

    server.on("clone", fail_once)
    repl = await lost(supervisor, states, server)
    assert failed
    assert repl.user.id == foreign
    assert own in server.sessions


def test_ids_are_read_from_any_reply() -> None:
    assert sessions_in([{"sessions": ["a", 1, "", "b", "a"]}, {"status": ["done"]}]) == ("a", "b")
    assert sessions_in([{"sessions": "a"}, {}]) == ()
