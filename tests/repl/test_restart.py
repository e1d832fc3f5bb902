"""A real server that is killed in the middle of an evaluation and started again elsewhere."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from nrepl_lsp.nrepl import ConnectionLost, Output
from nrepl_lsp.repl.routing import Routing, RoutingOptions
from nrepl_lsp.repl.supervisor import State, Supervisor
from nrepl_lsp.tooling.completion import COMPLETION, CompletionQuery
from tests.repl.states import States
from tests.support.servers import RunningServer, free_port

LIMITS: dict[str, int] = {"output_limit": 10_000, "value_limit": 10_000}

SLEEP = {
    "basilisp": '(do (println "asleep") (import time) (time/sleep 60))',
    "nrepl-1.0.0": '(do (println "asleep") (Thread/sleep 60000))',
}


@pytest.mark.live
@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", ["basilisp", pytest.param("nrepl-1.0.0", marks=pytest.mark.java)])
async def test_a_server_killed_mid_evaluation_is_ready_again_by_itself(
    name: str, start_server: Callable[..., RunningServer], tmp_path: Path
) -> None:
    (tmp_path / "src").mkdir()
    server = await asyncio.to_thread(lambda: start_server(name, cwd=tmp_path))
    states = States()
    routing = Routing(on_change=states)
    routing.start([tmp_path], RoutingOptions())
    supervisor = routing.supervisor_for(tmp_path / "src/a.clj")
    assert supervisor is not None
    await states.until_ready(supervisor, 20)
    first = supervisor.repl
    assert first is not None

    running = first.evaluate(SLEEP[name], **LIMITS)
    async with asyncio.timeout(20):
        async for event in running:
            if isinstance(event, Output) and "asleep" in event.text:
                break
    server.kill()
    with pytest.raises(ConnectionLost):
        await running.result()
    await states.until_state(supervisor, State.LOST)
    assert supervisor.repl is None

    await asyncio.to_thread(server.restart, free_port())
    await states.until_ready(supervisor, 20)
    second = supervisor.repl
    assert second is not None
    assert second.address.port == server.port != first.address.port
    result = await second.evaluate("(+ 1 2)", **LIMITS).result()
    assert result.values == ("3",)
    found = await second.ask(COMPLETION, CompletionQuery("ma", None, None, "clojure"))
    if name == "basilisp":
        assert found is not None
        assert "map" in [candidate.label for candidate in found.candidates]
    with pytest.raises(ConnectionLost):
        first.evaluate("1", **LIMITS)
    await routing.close()


@pytest.mark.live
@pytest.mark.java
@pytest.mark.timeout(180)
async def test_a_server_restarted_on_its_old_port_is_ready_again_without_a_question(
    start_server: Callable[..., RunningServer], tmp_path: Path
) -> None:
    """It listens before it writes its port file, so we may come too early.

    Not Basilisp: after a kill its port stays taken for a minute.
    """
    server = await asyncio.to_thread(lambda: start_server("nrepl-1.0.0", cwd=tmp_path))
    states, alarms = States(), []

    def listen(supervisor: Supervisor) -> None:
        if supervisor.needs_user:
            alarms.append(supervisor.problem)
        states(supervisor)

    routing = Routing(on_change=listen)
    routing.start([tmp_path], RoutingOptions())
    supervisor = routing.supervisor_for(tmp_path / "a.clj")
    assert supervisor is not None
    await states.until_ready(supervisor, 20)
    first = supervisor.repl
    server.kill()
    await states.until_state(supervisor, State.LOST)
    await asyncio.to_thread(server.restart, server.port)
    await states.until(lambda: supervisor.repl not in (None, first), 30)
    assert alarms == []
    assert supervisor.repl is not None
    assert (await supervisor.repl.evaluate("(+ 1 2)", **LIMITS).result()).values == ("3",)
    await routing.close()
