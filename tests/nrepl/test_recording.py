"""Recording a conversation, reading it back, and replaying it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.nrepl import (
    BencodeCodec,
    Exchange,
    OpFailed,
    Pattern,
    Recorder,
    Replay,
    ReplayServer,
    UnknownOp,
    connect,
    read_exchanges,
    recording,
    register,
)
from tests.nrepl.wire import Wire
from tests.support.fault_server import FaultServer, reply


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.jsonl"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path: Path, *entries: object) -> Path:
    path.write_text("\n".join(json.dumps(entry) for entry in entries) + "\n")
    return path


# -- recording ------------------------------------------------------------------------------


def test_a_line_says_when_which_way_and_what(path: Path) -> None:
    times = iter([10.0, 10.0125, 11.0, 12.0])
    recorder = Recorder(path, clock=lambda: next(times))
    recorder.record(">", {"op": "eval", "code": "λ\udcff"}, 2)
    recorder.record("<", {"status": ["done"]}, 2)
    recorder.note("closed", 2)
    recorder.close()
    recorder.note("ignored")
    recorder.close()

    assert lines(path) == [
        {"t_ms": 12.5, "connection": 2, "dir": ">", "msg": {"op": "eval", "code": "λ\udcff"}},
        {"t_ms": 1000.0, "connection": 2, "dir": "<", "msg": {"status": ["done"]}},
        {"t_ms": 2000.0, "connection": 2, "dir": "note", "note": "closed"},
    ]


def test_a_recording_begins_with_an_empty_file(path: Path) -> None:
    recorder = Recorder(path)
    recorder.note("x")
    recorder.close()
    assert len(lines(path)) == 1

    Recorder(path).close()
    assert lines(path) == []


def test_a_file_that_cannot_be_opened_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Recorder(tmp_path / "no" / "such" / "folder")


def test_a_recording_has_a_limit_and_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "RECORDING_LIMIT", 200)
    recorder = Recorder(path)
    for _ in range(10):
        recorder.record(">", {"op": "x" * 50})

    assert path.stat().st_size < 300
    assert lines(path)[-1] == {"dir": "note", "note": "recording limit reached"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
async def test_a_full_disk_ends_the_recording_and_nothing_else() -> None:
    recorder = Recorder("/dev/full")
    wire = Wire(recorder=recorder)
    for number in ("1", "2"):
        asked = wire.connection.request("describe")
        wire.done(wire.last)
        assert (await asked.collect()).status == {"done"}
        assert wire.last == {"op": "describe", "id": number}
    recorder.close()


async def test_a_connection_records_both_directions_and_its_end(path: Path) -> None:
    recorder = Recorder(path)
    first, second = Wire(recorder=recorder), Wire(recorder=recorder)
    first.connection.request("describe")
    first.done(first.last)
    second.stream.close(OSError("x"))
    await first.connection.close()
    recorder.close()

    entries = [(it["connection"], it["dir"], it.get("msg", it.get("note"))) for it in lines(path)]
    assert entries == [
        (1, ">", {"op": "describe", "id": "1"}),
        (1, "<", {"id": "1", "status": ["done"]}),
        (2, "note", "closed: nrepl://memory:1 closed the connection"),
        (1, "note", "closed: by us"),
    ]


# -- reading --------------------------------------------------------------------------------


def test_exchanges_are_requests_with_their_replies_early_and_late(path: Path) -> None:
    write(
        path,
        {"dir": ">", "connection": 1, "msg": {"op": "eval", "id": "1"}},
        {"dir": ">", "connection": 2, "msg": {"op": "info", "id": "1"}},
        {"dir": "<", "connection": 2, "msg": {"id": "1", "status": ["done"]}},
        {"dir": "<", "connection": 1, "msg": {"id": "1", "value": "1"}},
        {"dir": "<", "connection": 1, "msg": {"out": "nobody's"}},
        {"dir": "note", "note": "x"},
        {"dir": "<", "connection": 1, "msg": {"id": "1", "out": "late"}},
    )

    one, two = read_exchanges(path)

    assert one == Exchange(
        {"op": "eval", "id": "1"}, ({"id": "1", "value": "1"}, {"id": "1", "out": "late"})
    )
    assert (one.op, one.is_done) == ("eval", False)
    assert (two.op, two.is_done) == ("info", True)


def test_scenarios_keep_exchanges_apart(path: Path) -> None:
    write(
        path,
        {"scenario": "a", "dir": ">", "msg": {"op": "eval", "id": "1"}},
        {"scenario": "a", "dir": "<", "msg": {"id": "1", "value": "a"}},
        {"scenario": "b", "dir": ">", "msg": {"op": "eval", "id": "1"}},
        {"scenario": "b", "dir": "<", "msg": {"id": "1", "value": "b"}},
    )

    found = [(it.scenario, it.replies[0]["value"]) for it in read_exchanges(path)]
    assert found == [("a", "a"), ("b", "b")]


def test_lines_that_are_no_messages_are_skipped(path: Path) -> None:
    path.write_bytes(
        b"\nnot json\n[]\n{}\n3\n"
        + b"[" * 100_000
        + b'\n{"dir": ">", "msg": 7}\n{"dir": "?", "msg": {}}\n\xff\n'
        + b'{"dir": ">", "msg": {"id": "1"}}\n'
    )

    (exchange,) = read_exchanges(path)

    assert exchange == Exchange({"id": "1"}, ())
    assert exchange.op == ""


# -- replaying ------------------------------------------------------------------------------


def exchange(request: dict[str, Any], *replies: dict[str, Any]) -> Exchange:
    return Exchange(request, replies)


EVAL_1 = {"op": "eval", "code": "1", "id": "9", "session": "old"}


def test_an_answer_has_the_id_and_the_session_of_the_request() -> None:
    replay = Replay([exchange(EVAL_1, {"id": "9", "session": "old", "value": "1"})])

    assert replay.answer({"op": "eval", "code": "1", "id": "3", "session": "new"}) == [
        {"id": "3", "session": "new", "value": "1"}
    ]
    # The session of a throw-away eval is the server's own.
    assert replay.answer({"op": "eval", "code": "1", "id": "4"}) == [
        {"id": "4", "session": "old", "value": "1"}
    ]


def test_repeated_requests_replay_in_order_and_the_last_one_repeats() -> None:
    replay = Replay([exchange(EVAL_1, {"value": text}) for text in "abc"])

    answers = [replay.answer({**EVAL_1, "id": str(n)})[0]["value"] for n in range(5)]
    assert answers == ["a", "b", "c", "c", "c"]


def test_each_clone_is_a_session_of_its_own() -> None:
    clone = {"op": "clone", "client-name": "another"}
    replay = Replay([exchange(clone, {"new-session": text}) for text in "ab"])

    answers = [replay.answer({"op": "clone"})[0]["new-session"] for _ in range(4)]
    assert answers == ["a", "b", "b-2", "b-3"]


def test_what_was_never_recorded_is_an_error() -> None:
    replay = Replay([exchange(EVAL_1, {"value": "1"})])

    (unknown,) = replay.answer({"op": "info", "id": "1", "session": "s"})
    assert unknown == {"id": "1", "session": "s", "status": ["done", "error", "unknown-op"]}
    (other,) = replay.answer({"op": "eval", "code": "2"})
    assert other == {"status": ["done", "error", "not-recorded"]}
    assert replay.answer({})[0]["status"] == ["done", "error", "unknown-op"]


def test_lenient_takes_the_most_similar_request_of_the_op() -> None:
    replay = Replay(
        [
            exchange({"op": "eval", "code": "1", "ns": "a"}, {"value": "1a"}),
            exchange({"op": "eval", "code": "1", "ns": "b", "line": 3}, {"value": "1b"}),
            exchange({"op": "eval", "code": "1"}, {"value": "1"}),
        ],
        lenient=True,
    )

    def value(**params: Any) -> str:
        return replay.answer({"op": "eval", **params})[0].get("value")

    assert value(code="1", ns="b") == "1b"
    assert value(code="1") == "1"
    assert value(code="2", ns="a") == "1a"
    assert replay.answer({"op": "info"})[0]["status"] == ["done", "error", "unknown-op"]


async def converse(url: str, recorder: Recorder | None = None) -> list[Any]:
    """Hold a conversation; return all that it came to."""
    async with await connect(url, recorder=recorder) as connection:
        strays = connection.watch(Pattern(note="bye"))
        capabilities = await connection.describe()
        session, tooling = await connection.clone(), await connection.clone()
        found = [capabilities.ops, session.id != tooling.id]
        for code in ("(+ 1 2)", "(λ)", "(+ 1 2)"):
            found.append(await session.eval(code, ns="user").result())
        found.append((await connection.request("info", sym="map").collect()).get("doc"))
        with pytest.raises(UnknownOp) as unknown:
            await connection.request("no-such-op").collect()
        found.append(unknown.value.status)
        found.append((await anext(strays))["note"])
    return found


async def test_a_recorded_conversation_replays_with_the_same_results(path: Path) -> None:
    recorder = Recorder(path)
    async with FaultServer() as server:
        server.on("info", reply({"note": "bye", "doc": "Maps.", "status": ["done"]}))
        server.on("eval", reply({"out": "\udcff"}, {"value": "λ", "status": ["done"]}), code="(λ)")
        recorded = await converse(server.url, recorder)
    recorder.close()

    async with ReplayServer(path) as replay:
        assert await converse(replay.url) == recorded
        register("replay", replay.open, BencodeCodec())
        assert await converse("replay://memory") == recorded


async def test_a_replay_server_closes_a_connection_that_is_not_bencode(path: Path) -> None:
    write(path)
    async with ReplayServer(path) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.read() == b""
        writer.close()


async def test_a_replay_server_ends_its_connections_with_it(path: Path) -> None:
    write(path, {"dir": ">", "msg": {"op": "eval", "id": "1"}})
    async with ReplayServer(path, lenient=True) as server:
        connection = await connect(server.url)
        with pytest.raises(OpFailed, match="unknown-op"):
            await connection.request("info").collect()
        waiting = connection.request("eval", code="1")  # recorded, without an answer
        await asyncio.sleep(0)
    with pytest.raises(Exception, match="closed"):
        await waiting.collect()
    await connection.close()


async def test_a_replay_server_that_was_not_started_can_be_left(path: Path) -> None:
    server = ReplayServer(write(path))
    await server.__aexit__(None, None, None)
    assert server.port == 0
    async with server:
        connection = await connect(server.url)
        assert connection.is_open
        await connection.close()


def test_a_recording_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        ReplayServer(tmp_path / "none.jsonl")
