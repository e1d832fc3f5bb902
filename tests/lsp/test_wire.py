"""Frames, JSON text, the outlets, and sessions over descriptors and streams."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from nrepl_lsp.lsp import jsonrpc, outlets, wire
from nrepl_lsp.lsp.jsonrpc import FrameError, Framer, Oversize, decode, encode, frame
from nrepl_lsp.lsp.protocol import Protocol, Raw, shared_converter

DEADLINE = 5.0


# JSON text


@pytest.fixture(params=["orjson", "json"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "json":
        monkeypatch.setattr(jsonrpc, "orjson", None)
    return str(request.param)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, None, True]}, '{"a":[1,null,true]}'),
        ("λ😀", '"λ😀"'),
        ("a\udcffb", '"a\ufffdb"'),
        ("\ud800 \\ud800", '"\ufffd \\\\ud800"'),
        ("\ud83d\ude00", '"😀"'),
        (2**70, str(2**70)),
        ({1: 2}, '{"1":2}'),
    ],
)
def test_json_is_the_same_with_both_libraries(library: str, value: Any, text: str) -> None:
    assert json.loads(encode(value)) == json.loads(text)
    assert b", " not in encode([1, 2])
    assert b": " not in encode({"a": 1})


def test_what_json_does_not_know_goes_through_default(library: str) -> None:
    assert encode({"set": {1}}, sorted) == b'{"set":[1]}'
    assert encode(["\udcff", {1}], sorted) == '["\ufffd",[1]]'.encode()
    with pytest.raises(TypeError):
        encode({1})


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(), st.lists))
def test_what_is_encoded_is_decoded(value: Any) -> None:
    assert decode(encode(value)) == value


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_not_json_raises_value_error(library: str, text: bytes) -> None:
    with pytest.raises(ValueError):
        decode(text)


def test_half_surrogates_are_let_in(library: str) -> None:
    assert decode(rb'{"text": "\ud83d"}') == {"text": "\ud83d"}


# Frames


def test_a_frame_counts_bytes() -> None:
    assert frame("λ".encode()) == b"Content-Length: 2\r\n\r\n\xce\xbb"


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 4\r\n\r\n",
        b"content-length:4\r\n\r\n",
        b"CONTENT-LENGTH :  4 \r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: 4\r\n\r\n",
        b"Content-Length: 4\r\nX-Other: a:b\r\n\r\n",
        b"Content-Length: 4\n\n",
        b"\r\n\r\nContent-Length: 4\r\n\r\n",
    ],
)
def test_headers_are_read_tolerantly_at_every_split(header: bytes) -> None:
    stream = header + b"null" + header + b"true"
    assert Framer().feed(stream) == [b"null", b"true"]
    for at in range(1, len(stream)):
        framer = Framer()
        assert framer.feed(stream[:at]) + framer.feed(stream[at:]) == [b"null", b"true"]


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(1, 30))
def test_messages_come_out_whole_whatever_the_chunks(bodies: list[bytes], size: int) -> None:
    stream = b"".join(frame(body) for body in bodies)
    framer = Framer()
    found: list[bytes | Oversize] = []
    for at in range(0, len(stream), size):
        found += framer.feed(stream[at : at + size])
    assert found == bodies


def test_a_message_over_the_limit_is_skipped_and_the_next_one_read() -> None:
    stream = frame(b"x" * 100) + frame(b"null")
    whole = Framer(limit=10).feed(stream)
    assert whole == [Oversize(100, 10), b"null"]
    framer = Framer(limit=10)
    found = [message for at in range(len(stream)) for message in framer.feed(stream[at : at + 1])]
    assert found == whole


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (b"hello\n", "expected a header such as 'Content-Length: 52', got 'hello'"),
        (b"hello\r\n\r\n", "got 'hello'"),
        (b"Content-Length: -1\r\n\r\n", "Content-Length is '-1'"),
        (b"Content-Length: 1_0\r\n\r\n", "Content-Length is '1_0'"),
        (b"Content-Type: x\r\n\r\n", "there is no Content-Length"),
        (b"A: " + b"x" * jsonrpc.HEADER_LIMIT, "no end of headers"),
        (b"\xff\xfe\n", "got '"),
    ],
)
def test_what_is_not_lsp_is_a_clear_error(stream: bytes, words: str) -> None:
    with pytest.raises(FrameError, match="not an LSP message") as raised:
        Framer().feed(stream)
    assert words in str(raised.value)


# Outlets


def read_all(descriptor: int) -> bytes:
    """What can be read now."""
    os.set_blocking(descriptor, False)
    found = b""
    with contextlib.suppress(BlockingIOError):
        while data := os.read(descriptor, 65536):
            found += data
    return found


class Pipe:
    """A pipe whose ends are closed with the test."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        os.set_blocking(self.write, False)

    def close(self) -> None:
        for end in (self.read, self.write):
            with contextlib.suppress(OSError):
                os.close(end)


@pytest.fixture
def pipe() -> Any:
    made = Pipe()
    yield made
    made.close()


async def test_a_slow_reader_gets_everything_in_order(pipe: Pipe) -> None:
    lost: list[str] = []
    outlet = outlets.DescriptorOutlet(pipe.write, lambda: lost.append("lost"))
    messages = [bytes([number]) * 50_000 for number in range(8)]
    for message in messages:
        outlet.write(message)
    flushing = asyncio.ensure_future(outlet.flush())
    found = b""
    async with asyncio.timeout(DEADLINE):
        while not flushing.done():
            found += read_all(pipe.read)
            await asyncio.sleep(0)
    found += read_all(pipe.read)
    assert found == b"".join(messages)
    assert lost == []


@pytest.mark.parametrize("outlet_type", [outlets.DescriptorOutlet, outlets.ThreadOutlet])
async def test_a_client_that_does_not_read_is_given_up(
    pipe: Pipe, outlet_type: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(outlets, "OUTPUT_LIMIT", 300_000)
    os.set_blocking(pipe.write, outlet_type is outlets.ThreadOutlet)
    lost: list[str] = []
    outlet = outlet_type(pipe.write, lambda: lost.append("lost"))
    for _ in range(8):
        outlet.write(b"x" * 100_000)
    assert lost == ["lost"]
    assert "bytes unread" in caplog.text
    outlet.write(b"ignored")
    read_all(pipe.read)  # lets the thread go on
    await outlet.flush()


@pytest.mark.parametrize("outlet_type", [outlets.DescriptorOutlet, outlets.ThreadOutlet])
async def test_a_client_that_is_gone_ends_the_session_once(pipe: Pipe, outlet_type: Any) -> None:
    os.close(pipe.read)
    lost = asyncio.Event()
    outlet = outlet_type(pipe.write, lost.set)
    outlet.write(b"x")
    async with asyncio.timeout(DEADLINE):
        await lost.wait()
        await outlet.flush()
    outlet.write(b"ignored")


async def test_a_client_that_goes_while_we_wait_for_it_ends_the_session(pipe: Pipe) -> None:
    lost = asyncio.Event()
    outlet = outlets.DescriptorOutlet(pipe.write, lost.set)
    outlet.write(b"x" * 200_000)
    os.close(pipe.read)
    async with asyncio.timeout(DEADLINE):
        await lost.wait()
        await outlet.flush()


async def test_the_thread_writes_in_order(pipe: Pipe) -> None:
    os.set_blocking(pipe.write, True)
    outlet = outlets.ThreadOutlet(pipe.write, lambda: None)
    outlet.write(b"one ")
    outlet.write(b"two")
    async with asyncio.timeout(DEADLINE):
        await outlet.flush()
    assert read_all(pipe.read) == b"one two"


# Sessions


class StandIn(LanguageServer):
    """A server small enough to see through."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("stand-in", "1", protocol_cls=Protocol, converter_factory=shared_converter)
        self.closed = 0

        @self.feature(types.TEXT_DOCUMENT_HOVER)
        async def hover(ls: StandIn, params: types.HoverParams) -> Raw:
            return Raw({"contents": "x" * params.position.line})

    async def close(self) -> None:
        self.closed += 1


class Client:
    """The other end of a session, on a stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._framer = Framer()
        self._messages: list[Any] = []

    def send(self, method: str, params: Any = None, msg_id: Any = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if msg_id is not None:
            message["id"] = msg_id
        self.writer.write(frame(encode(message)))

    async def receive(self) -> Any:
        async with asyncio.timeout(DEADLINE):
            while not self._messages:
                data = await self.reader.read(65536)
                assert data, "the server has closed the connection"
                self._messages += [decode(body) for body in self._framer.feed(data)]
            return self._messages.pop(0)

    async def ask(self, method: str, params: Any = None) -> Any:
        self.send(method, params, 1)
        return await self.receive()

    async def initialize(self, process_id: int | None = None) -> Any:
        return await self.ask("initialize", {"processId": process_id, "capabilities": {}})

    async def hover(self, length: int) -> str:
        position = {"line": length, "character": 0}
        answer = await self.ask(
            "textDocument/hover", {"textDocument": {"uri": "file:///a"}, "position": position}
        )
        return str(answer["result"]["contents"])

    async def ended(self) -> None:
        """Wait for the server to close its side."""
        async with asyncio.timeout(DEADLINE):
            with contextlib.suppress(ConnectionError):
                assert await self.reader.read() == b""


@contextlib.asynccontextmanager
async def over_descriptors(
    server: Any, **options: Any
) -> AsyncIterator[tuple[Client, asyncio.Task[int]]]:
    """A session whose stdin and stdout are one socket: what socat and inetd give a program."""
    ours, theirs = socket.socketpair()
    stdin = theirs.detach()
    serving = asyncio.ensure_future(wire.serve_descriptors(server, stdin, os.dup(stdin), **options))
    client = Client(*await asyncio.open_connection(sock=ours))
    try:
        yield client, serving
    finally:
        client.writer.close()
        await finished(serving)
        await asyncio.sleep(0)  # the transport closes its file one turn later


@contextlib.asynccontextmanager
async def over_a_stream(
    server: Any, **options: Any
) -> AsyncIterator[tuple[Client, asyncio.Task[int]]]:
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=theirs)
    serving = asyncio.ensure_future(wire.serve_stream(server, reader, writer, **options))
    client = Client(*await asyncio.open_connection(sock=ours))
    try:
        yield client, serving
    finally:
        client.writer.close()
        await finished(serving)


async def finished(serving: asyncio.Task[int]) -> int:
    async with asyncio.timeout(DEADLINE):
        return await serving


both = pytest.mark.parametrize("connect", [over_descriptors, over_a_stream])


@both
async def test_a_session_from_initialize_to_exit_ends_with_zero(connect: Any) -> None:
    server = StandIn()
    async with connect(server) as (client, serving):
        assert "capabilities" in (await client.initialize())["result"]
        assert await client.hover(3) == "xxx"
        assert (await client.ask("shutdown"))["result"] is None
        client.send("exit")
        assert await finished(serving) == 0
        await client.ended()
    assert server.closed == 1


@both
async def test_exit_without_shutdown_ends_with_one(connect: Any) -> None:
    server = StandIn()
    async with connect(server) as (client, serving):
        await client.initialize()
        client.send("exit")
        assert await finished(serving) == 1
    assert server.closed == 1


@both
@pytest.mark.parametrize(("shut_down", "code"), [(True, 0), (False, 1)])
async def test_the_end_of_the_input_ends_the_session(
    connect: Any, shut_down: bool, code: int
) -> None:
    server = StandIn()
    async with connect(server) as (client, serving):
        await client.initialize()
        if shut_down:
            await client.ask("shutdown")
        client.writer.write_eof()
        assert await finished(serving) == code
    assert server.closed == 1


@both
async def test_input_that_is_not_lsp_ends_with_one(
    connect: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with connect(StandIn()) as (client, serving):
        client.writer.write(b"hello\n")
        assert await finished(serving) == 1
    assert "not an LSP message" in caplog.text


@both
async def test_an_oversize_message_is_reported_and_the_session_goes_on(connect: Any) -> None:
    async with connect(StandIn(), limit=1000) as (client, _):
        await client.initialize()
        client.writer.write(frame(b"x" * 1001))
        message = await client.receive()
        assert message["method"] == "window/showMessage"
        assert "1001 bytes was ignored: the limit is 1000" in message["params"]["message"]
        assert await client.hover(1) == "x"


@both
async def test_large_answers_arrive_whole(connect: Any) -> None:
    async with connect(StandIn()) as (client, _):
        await client.initialize()
        assert len(await client.hover(3_000_000)) == 3_000_000


async def test_a_client_that_closes_both_ends_without_a_word_ends_the_session() -> None:
    server = StandIn()
    async with over_a_stream(server) as (client, serving):
        await client.initialize()
        client.writer.transport.abort()
        assert await finished(serving) == 1
    assert server.closed == 1


async def test_a_stream_client_that_does_not_read_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outlets, "OUTPUT_LIMIT", 100_000)
    async with over_a_stream(StandIn()) as (client, serving):
        await client.initialize()
        position = {"line": 5_000_000, "character": 0}
        for number in (1, 2):
            params = {"textDocument": {"uri": "file:///a"}, "position": position}
            client.send("textDocument/hover", params, number)
        assert await finished(serving) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_session_after_the_cleanup(number: int) -> None:
    server = StandIn()
    ends: list[int] = []
    async with over_descriptors(server, on_end=ends.append) as (client, serving):
        await client.initialize()
        os.kill(os.getpid(), number)
        assert await finished(serving) == 128 + number
    assert server.closed == 1
    assert ends == [128 + number]


async def test_running_requests_are_cancelled_at_the_end() -> None:
    server = StandIn()
    started, cancelled = asyncio.Event(), asyncio.Event()

    @server.command("block")
    async def block() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with over_descriptors(server) as (client, serving):
        await client.initialize()
        client.send("workspace/executeCommand", {"command": "block"}, 5)
        async with asyncio.timeout(DEADLINE):
            await started.wait()
        client.writer.write_eof()
        await finished(serving)
        async with asyncio.timeout(DEADLINE):
            await cancelled.wait()


@pytest.mark.parametrize("fault", ["hangs", "fails"])
async def test_a_cleanup_that_does_not_work_does_not_keep_the_session(
    fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wire, "CLOSE_DEADLINE", 0.01)
    caplog.set_level("INFO", "nrepl_lsp")

    class Faulty(StandIn):
        async def close(self) -> None:
            if fault == "fails":
                raise OSError("broken")
            await asyncio.Event().wait()

    async with over_descriptors(Faulty()) as (client, serving):
        client.send("exit")
        assert await finished(serving) == 1
    assert "could not close the server" in caplog.text


async def test_the_session_ends_with_the_clients_process() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as editor:
        assert editor.stdin is not None
        async with over_descriptors(StandIn(), poll=0.005) as (client, serving):
            await client.initialize(editor.pid)
            looked = asyncio.ensure_future(asyncio.wait([serving], timeout=0.05))
            await looked
            assert not serving.done()
            editor.stdin.close()
            editor.wait(DEADLINE)
            assert await finished(serving) == 1


async def test_a_process_that_was_never_seen_is_not_watched() -> None:
    # An editor outside of the container that we run in.
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait(DEADLINE)
    async with over_descriptors(StandIn(), poll=0.001) as (client, serving):
        await client.initialize(gone.pid)
        await asyncio.wait([serving], timeout=0.05)
        assert not serving.done()


@pytest.mark.parametrize(
    ("process_id", "is_alive"),
    [pytest.param(os.getpid(), True, id="own"), (1, True), (0, False), (10**30, False)],
)
def test_a_process_is_looked_at_without_touching_it(process_id: int, is_alive: bool) -> None:
    assert wire._is_alive(process_id) is is_alive


def test_a_process_of_another_user_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(process_id: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert wire._is_alive(1)


async def test_without_posix_no_process_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_POSIX", False)
    await asyncio.wait_for(wire._watch_client(StandIn(), lambda: None, 60), DEADLINE)


def wait_for_reading_threads() -> None:
    """Until then a descriptor that is closed here could be read under its next owner."""
    for thread in threading.enumerate():
        if thread.name == "stdin":
            thread.join(DEADLINE)


async def test_a_file_as_input_is_read_by_a_thread(tmp_path: Path) -> None:
    conversation = tmp_path / "in"
    requests = [
        {"id": 1, "method": "initialize", "params": {"capabilities": {}}},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    ]
    conversation.write_bytes(b"".join(frame(encode(message)) for message in requests))
    stdin = os.open(conversation, os.O_RDONLY)
    stdout = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    assert await asyncio.wait_for(wire.serve_descriptors(StandIn(), stdin, stdout), DEADLINE) == 0
    wait_for_reading_threads()
    os.close(stdin)
    answers = Framer().feed((tmp_path / "out").read_bytes())
    assert [decode(answer)["id"] for answer in answers if isinstance(answer, bytes)] == [1, 2]


async def test_the_ways_of_other_systems_serve_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_POSIX", False)
    server = StandIn()
    stdin, stdout = Pipe(), Pipe()
    os.set_blocking(stdout.write, True)
    serving = asyncio.ensure_future(
        wire.serve_descriptors(server, stdin.read, os.dup(stdout.write))
    )
    message = {"id": 1, "method": "initialize", "params": {"capabilities": {}}}
    os.write(stdin.write, frame(encode(message)))
    os.close(stdin.write)
    assert await finished(serving) == 1
    wait_for_reading_threads()
    answers = Framer().feed(read_all(stdout.read))
    assert len(answers) == 1
    stdin.close()
    stdout.close()


async def test_an_input_that_cannot_be_read_ends_the_session(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stdout = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    folder = os.open(tmp_path, os.O_RDONLY)
    assert await asyncio.wait_for(wire.serve_descriptors(StandIn(), folder, stdout), DEADLINE) == 1
    wait_for_reading_threads()
    os.close(folder)


async def test_descriptors_are_left_as_they_were() -> None:
    ours, theirs = socket.socketpair()
    stdin = theirs.detach()
    kept = os.dup(stdin)
    os.set_blocking(stdin, True)
    serving = asyncio.ensure_future(wire.serve_descriptors(StandIn(), stdin, os.dup(stdin)))
    ours.shutdown(socket.SHUT_WR)
    await finished(serving)
    assert os.get_blocking(kept)
    await asyncio.sleep(0)
    os.close(kept)
    ours.close()


# TCP


@contextlib.asynccontextmanager
async def listening(create: Any) -> AsyncIterator[tuple[str, int]]:
    announced: asyncio.Queue[str] = asyncio.Queue()
    serving = asyncio.ensure_future(wire.listen(create, "127.0.0.1", 0, announced.put_nowait))
    async with asyncio.timeout(DEADLINE):
        host, _, port = (await announced.get()).rpartition(":")
    try:
        yield host, int(port)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        assert await finished(serving) == 128 + signal.SIGTERM


async def test_tcp_serves_one_client_after_the_other_and_refuses_a_second() -> None:
    made: list[StandIn] = []

    def create() -> StandIn:
        made.append(StandIn())
        return made[-1]

    async with listening(create) as address:
        first = Client(*await asyncio.open_connection(*address))
        assert "result" in await first.initialize()
        second = Client(*await asyncio.open_connection(*address))
        await second.ended()
        second.writer.close()
        assert await first.hover(2) == "xx"
        first.send("exit")
        await first.ended()
        first.writer.close()
        third = Client(*await asyncio.open_connection(*address))
        assert "result" in await third.initialize()
    await third.ended()
    third.writer.close()
    assert [server.closed for server in made] == [1, 1]


# The process


@pytest.mark.parametrize("has_stderr", [True, False])
def test_the_wire_is_taken_from_the_standard_streams(
    has_stderr: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.dup(0), os.dup(1)
    dup2 = os.dup2

    def duplicate(source: int, target: int) -> None:
        if source == 2 and not has_stderr:
            raise OSError("Bad file descriptor")
        dup2(source, target)

    monkeypatch.setattr(os, "dup2", duplicate)
    try:
        stdin, stdout = wire.guard_stdio()
        nothing = os.stat(os.devnull)
        assert os.path.samestat(os.fstat(stdout), os.fstat(before[1]))
        assert os.path.samestat(os.fstat(stdin), os.fstat(before[0]))
        assert os.path.samestat(os.fstat(0), nothing)
        assert os.path.samestat(os.fstat(1), os.fstat(2) if has_stderr else nothing)
        assert not os.get_inheritable(stdout)
    finally:
        for target, descriptor in enumerate(before):
            dup2(descriptor, target)
            os.close(descriptor)
    os.close(stdin)
    os.close(stdout)


def test_stdio_is_served_and_the_process_told_to_end_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stdin, stdout = Pipe(), Pipe()
    ends: list[int] = []
    monkeypatch.setattr(wire, "guard_stdio", lambda: (stdin.read, os.dup(stdout.write)))
    monkeypatch.setattr(wire, "_exit_in_time", ends.append)
    os.write(stdin.write, frame(encode({"method": "exit"})))
    assert wire.serve_stdio(StandIn()) == 1
    assert ends == [1]
    os.close(stdin.write)
    stdout.close()


def test_the_process_ends_in_time_whatever_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, codes = threading.Event(), []

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(wire, "EXIT_DEADLINE", 0.0)
    wire._exit_in_time(3)
    assert ended.wait(DEADLINE)
    assert codes == [3]


def test_tcp_says_where_it_listens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def listen(create: Any, host: str, port: int, announce: Any, **options: Any) -> int:
        announce(f"{host}:{port}")
        return 7

    monkeypatch.setattr(wire, "listen", listen)
    assert wire.serve_tcp(StandIn, "localhost", 2087) == 7
    assert capsys.readouterr().err == "nrepl-lsp listens on localhost:2087\n"
