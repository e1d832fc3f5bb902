"""Asking how the last error came about, in the user's session and without changing it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from nrepl_lsp.repl.attaching import attach
from nrepl_lsp.repl.last_error import causes_of_last_error
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.tooling.last_error_code import is_last_error_code
from tests.support.fault_server import DONE, FaultServer, held, reply, silent

JVM = {"versions": {"clojure": {"version-string": "1.11.1"}, "java": {"version-string": "17"}}}
CHAIN = '"[[\\"a.B\\" \\"boom\\" nil []]]"'


@pytest.fixture
async def nrepl() -> Any:
    async with FaultServer() as server:
        yield server


def on_a_jvm(nrepl: FaultServer) -> FaultServer:
    """Have a server say that it runs on Java."""

    async def describe(peer: Any, request: Any) -> None:
        peer.answer(request, {**JVM, "ops": {op: {} for op in nrepl.ops}}, DONE)

    nrepl.on("describe", describe)
    return nrepl


async def attached(nrepl: FaultServer, **options: Any) -> Repl:
    repl = await attach(nrepl.url, **options)
    nrepl.requests.clear()
    return repl


async def test_the_op_is_asked_in_the_users_session(nrepl: FaultServer) -> None:
    nrepl.on("analyze-last-stacktrace", reply({"class": "a.B", "message": "boom"}, DONE))
    repl = await attached(on_a_jvm(nrepl))
    causes = await causes_of_last_error(repl, "clojure", 5)
    assert causes is not None
    assert [cause.message for cause in causes] == ["boom"]
    (request,) = nrepl.requests
    assert request["session"] == repl.user.id
    nrepl.on("analyze-last-stacktrace", reply({"status": ["done", "no-error"]}))
    assert await causes_of_last_error(repl, "clojure", 5) is None
    await repl.close()


async def test_after_another_session_was_taken_that_one_is_asked(nrepl: FaultServer) -> None:
    nrepl.on("analyze-last-stacktrace", reply({"class": "a.B", "message": "boom"}, DONE))
    repl = await attached(on_a_jvm(nrepl))
    await causes_of_last_error(repl, "clojure", 5)
    new = replace(repl, user=await repl.user.connection.clone())
    for one in (new, repl):
        await causes_of_last_error(one, "clojure", 5)
    sessions = [request["session"] for request in nrepl.of("analyze-last-stacktrace")]
    assert sessions == [repl.user.id, new.user.id, repl.user.id]
    await repl.close()


async def test_a_copy_of_the_session_is_read_and_closed(nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": CHAIN}, DONE))
    repl = await attached(on_a_jvm(nrepl))
    causes = await causes_of_last_error(repl, "clojure", 5)
    assert causes is not None
    assert [(cause.class_name, cause.message) for cause in causes] == [("a.B", "boom")]
    clone, evaluation, close = [*nrepl.requests, *await nrepl.received("close")][:3]
    assert (clone["op"], clone["session"]) == ("clone", repl.user.id)
    assert is_last_error_code(evaluation["code"])
    assert evaluation["session"] == close["session"]
    assert evaluation["session"] not in (repl.user.id, repl.tooling.id)
    await repl.close()


@pytest.mark.parametrize("family", ["hy", "scheme", ""])
async def test_no_code_goes_to_programs_of_other_languages(nrepl: FaultServer, family: str) -> None:
    repl = await attached(on_a_jvm(nrepl))
    assert await causes_of_last_error(repl, family, 5) is None
    assert nrepl.requests == []
    await repl.close()


async def test_no_code_goes_anywhere_without_snippets_java_or_copies(nrepl: FaultServer) -> None:
    elsewhere = await attached(nrepl)
    assert await causes_of_last_error(elsewhere, "clojure", 5) is None
    unwanted = await attached(on_a_jvm(nrepl), snippets=False)
    assert await causes_of_last_error(unwanted, "clojure", 5) is None
    without = await attached(nrepl.without("clone"))
    assert await causes_of_last_error(without, "clojure", 5) is None
    assert nrepl.of("eval") == []
    for repl in (elsewhere, unwanted, without):
        await repl.close()


async def test_a_program_that_does_not_answer_is_waited_for_so_long_only(
    nrepl: FaultServer,
) -> None:
    nrepl.on("eval", silent())
    repl = await attached(on_a_jvm(nrepl))
    async with asyncio.timeout(4):
        assert await causes_of_last_error(repl, "clojure", 0.1) is None
        await nrepl.received("close")
        nrepl.on("clone", silent())
        assert await causes_of_last_error(repl, "clojure", 0.1) is None
    await repl.close()


@pytest.mark.parametrize("status", ["unknown-session", "error"])
async def test_a_session_that_cannot_be_copied_gives_nothing(
    nrepl: FaultServer, status: str
) -> None:
    repl = await attached(on_a_jvm(nrepl))
    nrepl.on("clone", reply({"status": ["done", "error", status]}))
    assert await causes_of_last_error(repl, "clojure", 5) is None
    assert nrepl.of("eval") == []
    await repl.close()


async def test_an_error_while_it_is_read_gives_nothing(nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"err": "no"}, {"ex": "X", "status": ["eval-error", "done"]}))
    repl = await attached(on_a_jvm(nrepl))
    assert await causes_of_last_error(repl, "clojure", 5) is None
    await nrepl.received("close")
    await repl.close()


async def test_an_id_that_is_none_never_enters_code(nrepl: FaultServer) -> None:
    nrepl.on("clone", reply({"new-session": '") (boom) (str "'}, DONE))
    repl = await attached(on_a_jvm(nrepl))
    assert await causes_of_last_error(repl, "clojure", 5) is None
    assert nrepl.requests == []
    await repl.close()


async def test_a_copy_that_comes_too_late_is_closed(nrepl: FaultServer) -> None:
    gate = asyncio.Event()
    repl = await attached(on_a_jvm(nrepl))
    nrepl.on("clone", held(gate, reply({"new-session": "late"}, DONE)))
    assert await causes_of_last_error(repl, "clojure", 0.05) is None
    gate.set()
    (close,) = await nrepl.received("close")
    assert close["session"] == "late"
    assert nrepl.of("eval") == []
    await repl.close()


async def test_it_is_asked_beside_what_runs_and_its_copies_are_not_kept(
    nrepl: FaultServer,
) -> None:
    gate = asyncio.Event()

    async def evaluate(peer: Any, request: Any) -> None:
        is_ours = is_last_error_code(request["code"])
        await (reply({"value": CHAIN}, DONE) if is_ours else held(gate))(peer, request)

    nrepl.on("eval", evaluate)
    repl = await attached(on_a_jvm(nrepl))
    running = repl.evaluate("(long)", output_limit=100, value_limit=100)
    await nrepl.received("eval")
    for _ in range(3):
        assert await causes_of_last_error(repl, "clojure", 5)
    closed = await nrepl.received("close", 3)
    assert len({one["session"] for one in closed}) == 3
    assert repl.user.id not in {one["session"] for one in closed}
    gate.set()
    assert (await running.result()).values == ("(long)",)
    await repl.close()
