"""Questions while the program evaluates: no waiting for one that answers nothing meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from nrepl_lsp.repl import repl as module
from nrepl_lsp.repl.repl import Repl, attach
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


@pytest.mark.parametrize("timeout", [2.0, 5.0, None])
async def test_one_that_does_not_is_not_waited_for(
    repl: Repl, server: FaultServer, timeout: float | None
) -> None:
    gate = asyncio.Event()
    server.on("eval", silent(), code="(loop)")
    for op in ("info", "lookup"):
        server.on(op, held(gate, DEFAULTS[op]))
    repl.evaluate("(loop)", **LIMITS)
    started = time.monotonic()
    if timeout is not None:
        assert await repl.ask(SYMBOL_INFO, QUERY, timeout=timeout) is None
        assert time.monotonic() - started < 1.0
        # That was the evaluation's fault, not the op's.
        assert repl.dialect.record().demoted == {}
    else:
        asking = asyncio.ensure_future(repl.ask(SYMBOL_INFO, QUERY))
        _, waiting = await asyncio.wait({asking}, timeout=2 * module.BUSY_TIMEOUT)
        assert waiting
        gate.set()
        assert await asking is not None


async def test_a_late_answer_ends_the_hurry(
    repl: Repl, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_MARGIN", 0.0)
    server.on("eval", silent(), code="(loop)")
    gate = asyncio.Event()
    for op in ("info", "lookup"):
        server.on(op, held(gate, DEFAULTS[op]))
    repl.evaluate("(loop)", **LIMITS)
    assert await repl.ask(SYMBOL_INFO, QUERY, timeout=2.0) is None
    gate.set()
    assert await repl.ask(SYMBOL_INFO, QUERY) is not None
    monkeypatch.setattr(module, "BUSY_TIMEOUT", 0.0)
    assert await repl.ask(SYMBOL_INFO, QUERY, timeout=2.0) is not None


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
