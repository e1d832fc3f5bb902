"""Questions while the program evaluates: no waiting for one that answers nothing meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from nrepl_lsp.repl import repl as module
from nrepl_lsp.repl import silence
from nrepl_lsp.repl.attaching import attach
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO, SymbolQuery
from tests.support.fault_server import DEFAULTS, FaultServer, held, silent

QUERY = SymbolQuery("map", "user", "clojure")
LIMITS = {"output_limit": 1000, "value_limit": 1000}


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as server:
        yield server


@pytest.fixture
async def repl(server: FaultServer) -> AsyncIterator[Repl]:
    repl = await attach(server.url)
    yield repl
    await repl.close()


async def test_one_that_answers_meanwhile_is_asked(repl: Repl, server: FaultServer) -> None:
    server.on("eval", silent(), code="(loop)")
    repl.evaluate("(loop)", **LIMITS)
    found = await repl.ask(SYMBOL_INFO, QUERY, timeout=2.0)
    assert found is not None
    assert found.name == "map"


def hold(server: FaultServer) -> asyncio.Event:
    """Have questions answered once this is set."""
    gate = asyncio.Event()
    server.on("eval", silent(), code="(loop)")
    for op in ("info", "lookup"):
        server.on(op, held(gate, DEFAULTS[op]))
    return gate


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a second takes less."""
    monkeypatch.setattr(silence, "SILENT_AFTER", 0.05)
    monkeypatch.setattr(silence, "MARGIN", 0.0)


async def test_one_that_is_only_slow_is_waited_for(repl: Repl, server: FaultServer) -> None:
    gate = hold(server)
    repl.evaluate("(loop)", **LIMITS)
    asking = asyncio.ensure_future(repl.ask(SYMBOL_INFO, QUERY, timeout=3.0))
    await server.received("info")
    _, waiting = await asyncio.wait({asking}, timeout=5 * module.BUSY_TIMEOUT)
    assert waiting
    gate.set()
    assert await asking is not None
    assert not repl.silence.is_expected


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("timeout", [2.0, 5.0])
async def test_one_that_does_not_is_not_waited_for_twice(
    repl: Repl, server: FaultServer, timeout: float
) -> None:
    hold(server)
    repl.evaluate("(loop)", **LIMITS)
    assert await repl.ask(SYMBOL_INFO, QUERY, timeout=0.1) is None
    assert repl.silence.is_expected
    started = time.monotonic()
    assert await repl.ask(SYMBOL_INFO, QUERY, timeout=timeout) is None
    assert time.monotonic() - started < 1.0


@pytest.mark.usefixtures("soon")
async def test_what_is_not_waited_for_counts_against_no_op(repl: Repl, server: FaultServer) -> None:
    hold(server)
    repl.evaluate("(loop)", **LIMITS)
    repl.silence.is_expected = True
    for _ in range(4):
        assert await repl.ask(SYMBOL_INFO, QUERY, timeout=2.0) is None
    assert repl.dialect.record().demoted == {}


async def test_who_is_in_no_hurry_waits(repl: Repl, server: FaultServer) -> None:
    gate = hold(server)
    repl.evaluate("(loop)", **LIMITS)
    repl.silence.is_expected = True
    asking = asyncio.ensure_future(repl.ask(SYMBOL_INFO, QUERY))
    _, waiting = await asyncio.wait({asking}, timeout=2 * module.BUSY_TIMEOUT)
    assert waiting
    gate.set()
    assert await asking is not None


@pytest.mark.usefixtures("soon")
async def test_a_late_answer_ends_the_hurry(repl: Repl, server: FaultServer) -> None:
    gate = hold(server)
    repl.evaluate("(loop)", **LIMITS)
    repl.silence.is_expected = True
    assert await repl.ask(SYMBOL_INFO, QUERY, timeout=2.0) is None
    gate.set()
    # In no hurry: answered, and behind what was asked before.
    assert await repl.ask(SYMBOL_INFO, QUERY) is not None
    assert not repl.silence.is_expected
    # Known of the server by now, and not only for this evaluation.
    evaluation = repl.user.running
    assert evaluation is not None
    assert repl.silence.is_broken(evaluation)
    assert await repl.ask(SYMBOL_INFO, QUERY, timeout=2.0) is not None


@pytest.mark.usefixtures("soon")
async def test_an_answer_after_the_evaluation_proves_nothing(
    repl: Repl, server: FaultServer
) -> None:
    gate, ending = hold(server), asyncio.Event()
    server.on("eval", held(ending), code="(f)")
    evaluation = repl.evaluate("(f)", **LIMITS)
    assert await repl.ask(SYMBOL_INFO, QUERY, timeout=0.1) is None
    ending.set()
    await evaluation.result()
    gate.set()
    assert await repl.ask(SYMBOL_INFO, QUERY, timeout=2.0) is not None
    assert repl.silence.is_expected


async def test_what_is_known_without_asking_is_no_silence(
    repl: Repl, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "SILENT_AFTER", 0.0)
    server.on("eval", silent(), code="(loop)")
    repl.named_namespace("user")
    repl.evaluate("(loop)", **LIMITS)
    assert await repl.loaded_namespace("user", "clojure", timeout=2.0) == "user"
    assert not repl.silence.is_expected


async def test_what_has_ended_meanwhile_is_no_hurry(repl: Repl, server: FaultServer) -> None:
    ending, answering = asyncio.Event(), asyncio.Event()
    server.on("eval", held(ending), code="(f)")
    for op in ("info", "lookup"):
        server.on(op, held(answering, DEFAULTS[op]))
    evaluation = repl.evaluate("(f)", **LIMITS)
    asking = asyncio.ensure_future(repl.ask(SYMBOL_INFO, QUERY, timeout=2.0))
    await server.received("eval")
    ending.set()
    await evaluation.result()
    _, waiting = await asyncio.wait({asking}, timeout=2 * module.BUSY_TIMEOUT)
    assert waiting
    answering.set()
    assert await asking is not None
