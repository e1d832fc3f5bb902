"""A smoke test of the client library against each real server that is installed."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from nrepl_lsp.nrepl import (
    Capabilities,
    Connection,
    ConnectionLost,
    NeedInput,
    Output,
    ReplayServer,
    Session,
    UnknownOp,
    connect,
    probe,
)
from nrepl_lsp.nrepl.recording import Recorder
from tests.support.servers import RunningServer, ServerPool

pytestmark = pytest.mark.live

DEADLINE = 20.0

#: How each language says it.
PRINT = {"clojure": '(println "λ out")', "hy": '(print "λ out")'}
SLEEP = {
    "clojure": "(Thread/sleep 60000)",
    "hy": "(do (import time) (for [_ (range 600)] (time.sleep 0.1)))",
}


@pytest.fixture
async def attached(live_server: RunningServer) -> AsyncIterator[tuple[Connection, Capabilities]]:
    connection, capabilities = await probe(live_server.url, timeout=DEADLINE)
    yield connection, capabilities
    await connection.close()


@pytest.fixture
async def session(attached: tuple[Connection, Capabilities]) -> Session:
    return await attached[0].clone()


async def test_describes_itself(attached: tuple[Connection, Capabilities]) -> None:
    connection, capabilities = attached

    assert capabilities.ops is not None
    assert {"eval", "clone", "describe"} <= capabilities.ops
    verbose = await connection.describe(verbose=True)
    assert verbose.ops == capabilities.ops


async def test_evaluates(session: Session) -> None:
    async with asyncio.timeout(DEADLINE):
        result = await session.eval("(+ 1 2)").result()

    assert (result.status, result.values, result.err) == ("done", ("3",), "")


async def test_output_is_merged_and_whole(live_server: RunningServer, session: Session) -> None:
    async with asyncio.timeout(DEADLINE):
        evaluation = session.eval(PRINT[live_server.language])
        result = await evaluation.result()

    assert result.out == "λ out\n"
    assert [event async for event in evaluation].count(Output("out", "λ out\n")) == 1


async def test_a_form_that_fails_is_an_error_with_its_text(session: Session) -> None:
    async with asyncio.timeout(DEADLINE):
        result = await session.eval("(no-such-function-at-all 1)").result()
        after = await session.eval("(+ 1 2)").result()

    assert result.status == "error"
    assert "no" in result.err + (result.ex or "")
    assert (after.status, after.values) == ("done", ("3",))


async def test_evaluations_run_in_the_order_they_were_asked(session: Session) -> None:
    async with asyncio.timeout(DEADLINE):
        evaluations = [session.eval(f"(+ {number} 0)") for number in range(20)]
        results = [await evaluation.result() for evaluation in evaluations]

    assert [result.values for result in results] == [(str(number),) for number in range(20)]


async def test_interrupts_where_the_server_can_and_says_so_where_not(
    live_server: RunningServer, attached: tuple[Connection, Capabilities], session: Session
) -> None:
    if not attached[1].supports("interrupt"):
        evaluation = session.eval("(+ 1 2)")
        assert await evaluation.interrupt() == "unsupported"
        assert (await evaluation.result()).values == ("3",)
        return
    async with asyncio.timeout(DEADLINE):
        started = session.eval(PRINT[live_server.language] + " " + SLEEP[live_server.language])
        assert isinstance(await anext(started), Output)  # it runs by now
        try:
            answer = await started.interrupt()
            result = await started.result()
        except ConnectionLost:
            # The JDK closes the channel of a socket file when the thread that is just writing to
            # it is interrupted; nREPL 1.0.0 can do nothing about it, and nor can we.
            assert live_server.spec.unix
            return

    assert answer in ("interrupted", "unanswered")
    assert result.status == "interrupted"
    assert (await session.eval("(+ 1 2)").result()).values == ("3",)


async def test_an_unknown_op_is_told_or_at_least_answered(
    live_server: RunningServer, attached: tuple[Connection, Capabilities]
) -> None:
    request = attached[0].request("no-such-op-at-all", timeout=DEADLINE)
    if live_server.name == "hy-nrepl":  # answers plain `done`
        assert (await request.collect()).status == {"done"}
        return
    with pytest.raises(UnknownOp):
        await request.collect()


async def test_a_session_is_listed_until_it_is_closed(
    attached: tuple[Connection, Capabilities], session: Session
) -> None:
    connection, capabilities = attached

    async def listed() -> list[str]:
        return (await connection.request("ls-sessions").collect()).get("sessions") or []

    if capabilities.lacks("ls-sessions"):
        with pytest.raises(UnknownOp):
            await listed()
        return
    assert session.id in await listed()
    await session.close()
    assert session.id not in await listed()


async def test_a_recording_of_it_replays(
    live_server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("recording") / "live.jsonl"

    async def converse(url: str, recorder: Recorder | None = None) -> list[object]:
        async with await connect(url, recorder=recorder) as connection:
            capabilities = await connection.describe()
            session = await connection.clone()
            results = [await session.eval(code).result() for code in ("(+ 1 2)", "(+ 3 4)")]
            return [capabilities.ops, capabilities.versions, *results]

    async with asyncio.timeout(DEADLINE):
        recorder = Recorder(path)
        recorded = await converse(live_server.url, recorder)
        recorder.close()
        async with ReplayServer(path) as replay:
            assert await converse(replay.url) == recorded


async def test_hy_nrepl_reads_input_in_its_own_way(server_pool: ServerPool) -> None:
    connection, _ = await probe(server_pool.get("hy-nrepl").url, timeout=DEADLINE)
    async with asyncio.timeout(DEADLINE), connection:
        session = await connection.clone()
        evaluation = session.eval('(input "> ")')
        async for event in evaluation:
            if event == NeedInput():
                session.send_input("a line")
        result = await evaluation.result()

    assert (result.out, result.values) == ("> ", ('"a line"',))


# -- on a JVM -------------------------------------------------------------------------------


#: Tells when it runs: a request that comes right after one may be dealt with before it.
RUNNING = "(do (println :runs) (Thread/sleep 60000))"


@pytest.fixture
async def jvm(server_pool: ServerPool) -> AsyncIterator[tuple[Connection, str]]:
    url = server_pool.get("nrepl-1.0.0").url
    connection, _ = await probe(url, timeout=DEADLINE)
    yield connection, url
    await connection.close()


@pytest.mark.java
async def test_output_of_a_thread_arrives_after_the_end(jvm: tuple[Connection, str]) -> None:
    session = await jvm[0].clone()
    late: asyncio.Queue[Output] = asyncio.Queue()
    async with asyncio.timeout(DEADLINE):
        code = "(def gate (promise)) (future @gate (println :late)) :done"
        evaluation = session.eval(code, on_late_output=late.put_nowait)
        assert (await evaluation.result()).values[-1] == ":done"
        assert (await session.eval("(deliver gate 1) nil").result()).status == "done"

        text = ""
        while "\n" not in text:
            text += (await late.get()).text
    assert text == ":late\n"


@pytest.mark.java
async def test_a_session_outlives_its_connection(jvm: tuple[Connection, str]) -> None:
    async with asyncio.timeout(DEADLINE):
        first = await connect(jvm[1])
        session = await first.clone()
        await session.eval("(def outlives 42)").result()
        await first.close(sessions=False)

        second = await connect(jvm[1])
        same = second.adopt(str(session.id))
        assert (await same.eval("*1").result()).values == ("#'user/outlives",)
        await second.close()

        sessions = (await jvm[0].request("ls-sessions").collect()).get("sessions") or []
    assert session.id not in sessions


@pytest.mark.java
async def test_code_that_reads_gets_a_line_or_the_end_of_input(jvm: tuple[Connection, str]) -> None:
    session = await jvm[0].clone()
    async with asyncio.timeout(DEADLINE):
        for text, value in (("a line", '"a line"'), ("", "nil")):
            evaluation = session.eval("(read-line)")
            async for event in evaluation:
                if event == NeedInput():
                    session.send_input(text)
            assert (await evaluation.result()).values == (value,)


@pytest.mark.java
async def test_closing_a_session_ends_what_runs_in_it(jvm: tuple[Connection, str]) -> None:
    session = await jvm[0].clone()
    async with asyncio.timeout(DEADLINE):
        running, queued = session.eval(RUNNING), session.eval("2")
        assert await anext(running) == Output("out", ":runs\n")
        await session.close()

        assert (await queued.result()).status == "interrupted"
        assert (await running.result()).status == "interrupted"


@pytest.mark.java
async def test_a_timeout_interrupts_and_the_session_goes_on(jvm: tuple[Connection, str]) -> None:
    session = await jvm[0].clone()
    async with asyncio.timeout(DEADLINE):
        slow, after = session.eval("(loop [] (recur))", timeout=0.2), session.eval("(+ 1 2)")
        with pytest.raises(TimeoutError):
            await slow.result()
        assert (await after.result()).values == ("3",)


@pytest.mark.java
async def test_old_tools_nrepl_ends_a_closed_sessions_evaluation(server_pool: ServerPool) -> None:
    connection = await connect(server_pool.get("tools.nrepl-0.2.13").url)
    async with asyncio.timeout(DEADLINE), connection:
        session = await connection.clone()
        running = session.eval(RUNNING)
        assert await anext(running) == Output("out", ":runs\n")
        await session.close()

        assert (await running.result()).status == "interrupted"
