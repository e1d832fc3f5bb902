"""Keeping attached: states in order, reconnecting, and never to another program."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from nrepl_lsp.nrepl import Address, ConnectFailed, ConnectionLost
from nrepl_lsp.repl import attaching
from nrepl_lsp.repl import supervisor as supervisor_module
from nrepl_lsp.repl.supervisor import (
    AttachOptions,
    Origin,
    State,
    Supervisor,
    Target,
    growing_delays,
)
from tests.repl.states import States, target
from tests.support.fault_server import (
    DONE,
    FaultServer,
    Peer,
    garbage,
    hang_up_mid_eval,
    hang_up_mid_reply,
    held,
    raw,
    reply,
    silent,
)
from tests.support.servers import free_port

LIMITS: dict[str, int] = {"output_limit": 10_000, "value_limit": 10_000}

#: What may be said to a program that is not known to be the one from before.
HARMLESS = {"describe", "ls-sessions", "clone", "close"}


def at_once() -> Iterator[float]:
    return itertools.repeat(0.01)


@pytest.fixture
def states() -> States:
    return States()


@pytest.fixture
async def supervisor(states: States, monkeypatch) -> AsyncIterator[Supervisor]:
    monkeypatch.setattr(attaching, "SECOND_CONNECTION_TIMEOUT", 0.2)
    monkeypatch.setattr(supervisor_module, "REWRITE_DELAY", 0.05)
    supervisor = Supervisor(None, on_change=states, delays=at_once)
    yield supervisor
    await supervisor.close()


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as server:
        yield server


# -- attaching and letting go ---------------------------------------------------------------


async def test_a_new_supervisor_is_detached(supervisor: Supervisor) -> None:
    assert (supervisor.state, supervisor.repl, supervisor.target) == (State.DETACHED, None, None)
    assert (supervisor.problem, supervisor.needs_user) == (None, False)


async def test_being_aimed_attaches(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    supervisor.aim(target(server))
    assert supervisor.state is State.CONNECTING
    await states.until_ready(supervisor)
    assert states.order == ["connecting", "ready"]
    assert supervisor.problem is None


async def test_the_same_target_again_changes_nothing(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    repl = supervisor.repl
    supervisor.aim(target(server))
    assert supervisor.repl is repl
    assert states.order == ["connecting", "ready"]


async def test_being_aimed_at_nothing_lets_go_and_closes_the_sessions(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    supervisor.aim(None)
    assert (supervisor.state, supervisor.repl) == (State.DETACHED, None)
    await server.disconnected()
    assert server.sessions == []
    assert states.order == ["connecting", "ready", "detached"]


async def test_another_address_replaces_the_repl(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    async with FaultServer() as other:
        supervisor.aim(target(server))
        await states.until_ready(supervisor)
        supervisor.aim(target(other))
        await states.until_ready(supervisor)
        await server.disconnected()
        assert server.sessions == []
        assert supervisor.repl is not None
        assert supervisor.repl.address.port == other.port
        assert states.order == ["connecting", "ready", "connecting", "ready"]


async def test_another_address_while_connecting_gives_up_the_first(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    async with FaultServer() as slow:
        slow.on("describe", silent())
        supervisor.aim(target(slow))
        await slow.received("describe")
        supervisor.aim(target(server))
        await states.until_ready(supervisor)
        await slow.disconnected()
        assert supervisor.repl is not None
        assert supervisor.repl.address.port == server.port
        assert states.order == ["connecting", "ready"]


async def test_the_options_are_those_at_the_time_of_attaching(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    server.without("complete", "completions", "info", "lookup")
    supervisor.options = AttachOptions(snippets=False)
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    assert supervisor.repl is not None
    assert supervisor.repl.dialect.record().questions["namespaces"] is None


# -- servers that are not there -------------------------------------------------------------


async def test_a_server_that_appears_later_is_attached(
    supervisor: Supervisor, states: States
) -> None:
    server = FaultServer(port=free_port())
    supervisor.aim(target(server))
    await states.until_state(supervisor, State.LOST)
    assert supervisor.problem == f"{server.url}: nothing is listening there"
    assert supervisor.needs_user is False
    async with server:
        await states.until_ready(supervisor)
        assert states.order[:3] == ["connecting", "lost", "connecting"]
        assert states.order[-1] == "ready"
        assert supervisor.problem is None


@pytest.mark.parametrize(
    ("greeting", "sentence"),
    [
        (b";; nREPL 1.0.0\r\nuser=> ", "TTY transport"),
        (b"user=> ", "socket REPL"),
        (b"\x15\x03\x03\x00\x02\x02", "TLS"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "web server"),
        (b"garbage", "does not speak nREPL"),
    ],
)
async def test_what_is_no_nrepl_server_is_a_problem_for_the_user(
    supervisor: Supervisor, states: States, server: FaultServer, greeting: bytes, sentence: str
) -> None:
    server.on("describe", raw(greeting, then_hang_up=True))
    supervisor.aim(target(server))
    await states.until_state(supervisor, State.LOST)
    assert supervisor.needs_user
    assert supervisor.problem is not None
    assert supervisor.problem.startswith(f"{server.url}: ")
    assert sentence in supervisor.problem
    assert supervisor.problem.count(server.url) == 1


async def test_a_problem_that_has_gone_is_not_told_any_more(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    server.on("describe", garbage())
    supervisor.aim(target(server))
    await states.until_state(supervisor, State.LOST)
    assert supervisor.needs_user
    async with FaultServer() as other:
        supervisor.aim(target(other))
        assert (supervisor.problem, supervisor.needs_user) == (None, False)
        await states.until_ready(supervisor)
        assert (supervisor.problem, supervisor.needs_user) == (None, False)


async def test_an_address_that_nobody_can_speak_to_is_a_problem_for_the_user(
    supervisor: Supervisor, states: States
) -> None:
    supervisor.aim(Target(Address("gopher", "127.0.0.1", 70), Origin.SETTING))
    await states.until_state(supervisor, State.LOST)
    assert supervisor.needs_user
    assert supervisor.problem is not None


def test_delays_double_up_to_the_last_and_are_jittered() -> None:
    delays = list(itertools.islice(growing_delays(), 12))
    expected = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, *[15.0] * 6]
    for delay, middle in zip(delays, expected, strict=True):
        assert middle * 0.75 <= delay <= middle * 1.25
    assert len({delay / middle for delay, middle in zip(delays, expected, strict=True)}) > 1


@pytest.mark.parametrize(("settled_after", "delay"), [(0, 0), (60, 3)])
async def test_delays_begin_anew_only_after_an_attachment_that_lasted(
    states: States, server: FaultServer, monkeypatch, settled_after: float, delay: int
) -> None:
    """A server that drops us as soon as we are there must not be asked four times a second."""
    monkeypatch.setattr(supervisor_module, "SETTLED_AFTER", settled_after)
    drawn: list[int] = []

    def counted() -> Iterator[float]:
        for attempt in itertools.count():
            drawn.append(attempt)
            yield 0.01

    supervisor = Supervisor(None, on_change=states, delays=counted)
    server.on("describe", garbage())
    supervisor.aim(target(server))
    await states.until(lambda: drawn[-1:] == [2])
    server.on("describe", reply({"ops": {"eval": {}, "clone": {}, "ls-sessions": {}}, **DONE}))
    await states.until_ready(supervisor)
    drawn.clear()
    server.hang_up()
    await states.until(lambda: drawn)
    assert drawn[0] == delay
    await supervisor.close()


# -- losing and healing ---------------------------------------------------------------------


async def test_a_lost_connection_fails_the_evaluation_once_and_is_made_anew(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    server.on("eval", hang_up_mid_eval({"out": "half"}), code="(work)")
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    first = supervisor.repl
    assert first is not None
    running = first.evaluate("(work)", **LIMITS)
    waiting = first.evaluate("(after)", **LIMITS)
    for evaluation in (running, waiting):
        with pytest.raises(ConnectionLost):
            await evaluation.result()
    await states.until(lambda: supervisor.repl not in (None, first))
    assert states.order == ["connecting", "ready", "lost", "connecting", "ready"]
    assert [request["code"] for request in server.of("eval")] == ["(work)"]
    assert running.summary().out == "half"
    assert supervisor.repl is not None
    result = await supervisor.repl.evaluate("(again)", **LIMITS).result()
    assert result.values == ("(again)",)
    with pytest.raises(ConnectionLost):
        first.evaluate("(old)", **LIMITS)


async def test_a_server_killed_in_the_middle_of_a_reply_is_reconnected(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    server.on("eval", hang_up_mid_reply(), code="(work)")
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    first = supervisor.repl
    assert first is not None
    with pytest.raises(ConnectionLost):
        await first.evaluate("(work)", **LIMITS).result()
    await states.until(lambda: supervisor.repl not in (None, first))


async def test_the_users_session_is_kept_over_a_lost_connection(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    await states.until_ready(supervisor)
    first = supervisor.repl
    assert first is not None
    server.hang_up()
    await states.until(lambda: supervisor.repl not in (None, first))
    assert supervisor.repl is not None
    assert supervisor.repl.user.id == first.user.id


@pytest.mark.parametrize("fault", [Peer.hang_up, lambda peer: peer.write(b"not bencode")])
async def test_what_ends_the_tooling_connection_leaves_the_users_session_and_what_runs_in_it(
    supervisor: Supervisor, states: States, server: FaultServer, fault: Callable[[Peer], None]
) -> None:
    server.on("eval", silent(), code="(work)")
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    await states.until_ready(supervisor)
    first = supervisor.repl
    assert first is not None
    running = first.evaluate("(work)", **LIMITS)
    await server.received("eval")
    fault(server.peers[1])
    with pytest.raises(ConnectionLost):
        await running.result()
    await states.until(lambda: supervisor.repl not in (None, first))
    assert supervisor.repl is not None
    assert supervisor.repl.user.id == first.user.id
    assert first.user.id not in [request["session"] for request in server.of("close")]
    assert not supervisor.needs_user


async def test_reconnecting_leaves_no_tooling_session_behind(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    await states.until_ready(supervisor)
    for count in (1, 2):
        before = supervisor.repl
        assert before is not None
        server.hang_up()
        await states.until(lambda before=before: supervisor.repl not in (None, before))
        closed = await server.received("close", count)
        assert closed[-1]["session"] == before.tooling.id
    await supervisor.close()
    assert server.sessions == []


async def test_a_port_file_written_again_leaves_a_live_repl(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    await states.until_ready(supervisor)
    first = supervisor.repl
    rewritten = target(server, Origin.PORT_FILE, 2)
    supervisor.aim(rewritten)
    assert supervisor.repl is first
    assert supervisor.target == rewritten
    assert await supervisor.connect(target(server, Origin.PORT_FILE, 3), timeout=5) is first
    assert states.order == ["connecting", "ready"]
    server.hang_up()
    await states.until(lambda: supervisor.repl not in (None, first))
    assert states.order == ["connecting", "ready", "lost", "connecting", "ready"]


async def test_the_loss_is_told_before_the_rest_is_closed(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    server.on("close", silent())
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    assert supervisor.repl is not None
    started = time.monotonic()
    server.peers[0].hang_up()
    await states.until_state(supervisor, State.LOST)
    assert time.monotonic() - started < 0.5
    assert supervisor.problem == f"{server.url}: the program has gone; waiting for it to come back"


async def test_the_loss_of_the_tooling_connection_is_a_loss(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    first = supervisor.repl
    server.peers[1].hang_up()
    await states.until(lambda: supervisor.repl not in (None, first))
    assert states.order == ["connecting", "ready", "lost", "connecting", "ready"]


# -- never to another program ---------------------------------------------------------------


async def lose(server: FaultServer, supervisor: Supervisor, states: States) -> FaultServer:
    """Attach, end the server, and return another one that is to be started on its port."""
    await states.until_ready(supervisor)
    await server.stop()
    await states.until_state(supervisor, State.LOST)
    return FaultServer(port=server.port)


async def test_another_program_behind_the_same_port_file_gets_no_code(
    supervisor: Supervisor, states: States
) -> None:
    server = FaultServer()
    await server.start()
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    other = await lose(server, supervisor, states)
    async with other:
        await states.until(lambda: supervisor.needs_user)
        assert (supervisor.state, supervisor.repl) == (State.LOST, None)
        assert supervisor.problem == (
            f"{server.url}: another program may answer there now; run nrepl.connect to attach to it"
        )
        await other.disconnected()
        assert {request["op"] for request in other.requests} <= HARMLESS
        assert other.sessions == []
        asked = len(other.requests)

        repl = await supervisor.connect(target(server, Origin.PORT_FILE, 1), timeout=5)
        assert supervisor.repl is repl
        assert len(other.requests) > asked
        assert (supervisor.problem, supervisor.needs_user) == (None, False)
    await supervisor.close()


async def test_a_rewritten_port_file_attaches_to_the_new_program(
    supervisor: Supervisor, states: States
) -> None:
    server = FaultServer()
    await server.start()
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    async with await lose(server, supervisor, states):
        supervisor.aim(target(server, Origin.PORT_FILE, 2))
        await states.until_ready(supervisor)
        assert not supervisor.needs_user
        await supervisor.close()


async def test_a_port_file_written_after_the_server_listens_alarms_nobody(
    supervisor: Supervisor, states: States, monkeypatch
) -> None:
    monkeypatch.setattr(supervisor_module, "REWRITE_DELAY", 60)
    server = FaultServer()
    await server.start()
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    async with await lose(server, supervisor, states) as other:
        await other.received("close", 2)
        await other.disconnected()
        assert not supervisor.needs_user
        supervisor.aim(target(server, Origin.PORT_FILE, 2))
        await states.until_ready(supervisor)
        assert not supervisor.needs_user
        await supervisor.close()


class CountingServer(FaultServer):
    """A server whose sessions are called 1, 2, …, as with every other program of its kind."""

    def new_session(self) -> str:
        self.sessions.append(str(len(self.sessions) + 1))
        return self.sessions[-1]


async def test_a_session_id_that_comes_by_counting_proves_nothing(
    supervisor: Supervisor, states: States
) -> None:
    server = CountingServer()
    await server.start()
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    await lose(server, supervisor, states)
    other = CountingServer(port=server.port)
    others = [other.new_session() for _ in range(3)]
    async with other:
        await states.until(lambda: supervisor.needs_user)
        await other.disconnected()
        assert other.sessions[:3] == others
        assert {request.get("session") for request in other.of("close")}.isdisjoint(others)
        assert supervisor.repl is None


@pytest.mark.parametrize("origin", [Origin.COMMAND, Origin.SETTING, Origin.ENVIRONMENT])
async def test_a_named_address_is_attached_again_to_the_same_kind(
    supervisor: Supervisor, states: States, origin: Origin
) -> None:
    server = FaultServer()
    await server.start()
    supervisor.aim(target(server, origin))
    async with await lose(server, supervisor, states):
        await states.until_ready(supervisor)
        await supervisor.close()


@pytest.mark.parametrize("origin", [Origin.COMMAND, Origin.SETTING, Origin.ENVIRONMENT])
async def test_a_named_address_is_not_attached_to_another_kind(
    supervisor: Supervisor, states: States, origin: Origin
) -> None:
    server = FaultServer()
    await server.start()
    supervisor.aim(target(server, origin))
    other = await lose(server, supervisor, states)
    other.without("complete")
    async with other:
        await states.until(lambda: supervisor.needs_user)
        await other.disconnected()
        assert {request["op"] for request in other.requests} <= HARMLESS
        assert supervisor.repl is None


async def test_letting_go_while_another_program_is_left_alone(
    supervisor: Supervisor, states: States, monkeypatch
) -> None:
    monkeypatch.setattr(supervisor_module, "REWRITE_DELAY", 60)
    server = FaultServer()
    await server.start()
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    other = await lose(server, supervisor, states)
    async with other:
        await other.received("close", 2)
        started = time.monotonic()
        await supervisor.close()
        assert time.monotonic() - started < 2
        await other.disconnected()


# -- by the user's command ------------------------------------------------------------------


async def test_connect_returns_the_repl(supervisor: Supervisor, server: FaultServer) -> None:
    repl = await supervisor.connect(target(server), timeout=5)
    assert supervisor.repl is repl
    assert supervisor.is_manual
    assert await supervisor.connect(target(server), timeout=5) is repl


async def test_connect_to_what_is_attached_leaves_what_runs_there(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    """Found by its port file, and then named by the user."""
    server.on("eval", silent())
    supervisor.aim(target(server, Origin.PORT_FILE, 1))
    await states.until_ready(supervisor)
    repl = supervisor.repl
    assert repl is not None
    evaluation = repl.evaluate("(long)", **LIMITS)
    await server.received("eval")

    assert await supervisor.connect(target(server, Origin.COMMAND), 5) is repl
    assert not evaluation.is_finished
    assert server.of("close") == []
    assert supervisor.is_manual, "its port file says no more where the project is attached"


async def test_connect_says_why_not(supervisor: Supervisor) -> None:
    port = free_port()
    with pytest.raises(ConnectFailed) as failure:
        await supervisor.connect(target(port), timeout=5)
    assert str(failure.value) == f"nrepl://127.0.0.1:{port}: nothing is listening there"


async def test_connect_goes_on_after_its_deadline(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    gate = asyncio.Event()
    server.on("describe", held(gate))
    with pytest.raises(ConnectFailed, match="no answer yet"):
        await supervisor.connect(target(server), timeout=0.05)
    gate.set()
    await states.until_ready(supervisor)


async def test_connect_never_returns_the_repl_of_another_address(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    async with FaultServer() as slow:
        slow.on("describe", silent())
        connecting = asyncio.create_task(supervisor.connect(target(slow), timeout=5))
        await slow.received("describe")
        supervisor.aim(target(server))
        with pytest.raises(ConnectFailed, match="another address was chosen meanwhile"):
            await connecting
        await states.until_ready(supervisor)


async def test_cancelling_connect_goes_on_attaching(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    gate = asyncio.Event()
    server.on("describe", held(gate))
    connecting = asyncio.create_task(supervisor.connect(target(server), timeout=5))
    await server.received("describe")
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    gate.set()
    await states.until_ready(supervisor)


async def test_detach_is_the_users_and_connect_undoes_it(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    await supervisor.connect(target(server, Origin.PORT_FILE, 1), timeout=5)
    assert not supervisor.is_manual
    supervisor.detach()
    assert (supervisor.state, supervisor.is_manual) == (State.DETACHED, True)
    await supervisor.connect(target(server, Origin.PORT_FILE, 1), timeout=5)
    assert not supervisor.is_manual


# -- closing --------------------------------------------------------------------------------


async def test_closing_while_connecting_is_bounded(
    supervisor: Supervisor, server: FaultServer
) -> None:
    server.on("describe", silent())
    supervisor.aim(target(server))
    await server.received("describe")
    started = time.monotonic()
    await supervisor.close()
    assert time.monotonic() - started < 1
    await server.disconnected()


async def test_closing_a_silent_server_is_bounded(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    server.on("close", silent())
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    started = time.monotonic()
    await supervisor.close()
    assert time.monotonic() - started < 2
    await server.disconnected()


async def test_closing_waits_for_what_was_let_go_before(
    supervisor: Supervisor, states: States, server: FaultServer
) -> None:
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    supervisor.detach()
    await supervisor.close()
    assert len(server.of("close")) == 2
    assert server.sessions == []


async def test_closing_twice_or_unused_is_harmless(supervisor: Supervisor) -> None:
    await supervisor.close()
    await supervisor.close()
    assert supervisor.state is State.DETACHED


async def test_a_listener_that_fails_ends_nothing(server: FaultServer) -> None:
    states = States()

    def listen(supervisor: Supervisor) -> None:
        states(supervisor)
        raise RuntimeError("a fault of the listener")

    supervisor = Supervisor(None, on_change=listen, delays=at_once)
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    first = supervisor.repl
    server.hang_up()
    await states.until(lambda: supervisor.repl not in (None, first))
    await supervisor.close()


async def test_one_listener_that_fails_keeps_nothing_from_the_other(
    states: States, server: FaultServer
) -> None:
    def fail() -> None:
        raise RuntimeError("a fault of the listener")

    supervisor = Supervisor(None, on_change=states, on_news=fail, delays=at_once)
    supervisor.aim(target(server))
    await states.until_ready(supervisor)
    await supervisor.close()
    assert states.order == ["connecting", "ready", "detached"]


def test_asking_for_the_repl_is_cheap() -> None:
    class Live:
        is_live = True

    supervisor: Any = Supervisor(None)
    supervisor._repl = Live()
    rounds = 20_000
    best = min(_seconds_of(rounds, lambda: supervisor.repl) for _ in range(3))
    assert best / rounds < 20e-6


def _seconds_of(rounds: int, call: Any) -> float:
    started = time.perf_counter()
    for _ in range(rounds):
        call()
    return time.perf_counter() - started
