"""Telling an nREPL server from everything else that may be behind a port, in bounded time."""

import asyncio
import contextlib
import http.server
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from nrepl_lsp.nrepl import AddressError, ConnectFailed, RequestTimeout, probe
from nrepl_lsp.nrepl import probe as probe_function
from nrepl_lsp.nrepl.connection import Connection
from nrepl_lsp.nrepl.probe import HALF_CLOSE_TIMEOUT
from tests.support.fault_server import FaultServer, hang_up_mid_reply, silent, unknown_op

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Program = Callable[[Reader, Writer], Awaitable[None]]

TIMEOUT = 0.2


@asynccontextmanager
async def listening(program: Program) -> AsyncIterator[str]:
    """A program behind a port of loopback; gives the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await program(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield str(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def says(text: bytes, *, then_closes: bool = False) -> Program:
    """A program that greets at once, and then only listens."""

    async def program(reader: Reader, writer: Writer) -> None:
        writer.write(text)
        while not then_closes and await reader.read(1000):
            pass

    return program


def answers(text: bytes, *, then_closes: bool = False) -> Program:
    """A program that answers the first bytes that it gets."""

    async def program(reader: Reader, writer: Writer) -> None:
        await reader.read(1000)
        await says(text, then_closes=then_closes)(reader, writer)

    return program


def at_the_end(text: bytes) -> Program:
    """A program that waits for the end of its input, and then complains."""

    async def program(reader: Reader, writer: Writer) -> None:
        await reader.read()
        writer.write(text)

    return program


async def echo(reader: Reader, writer: Writer) -> None:
    while data := await reader.read(1000):
        writer.write(data)


async def closes(reader: Reader, writer: Writer) -> None:
    writer.close()


PREPL_COMPLAINT = b'{:tag :ret, :val "{:via [{:type java.lang.RuntimeException}]}", :ns "user"}\n'

PROGRAMS: dict[str, tuple[Program, str, str]] = {
    "TTY transport": (says(b";; nREPL 1.0.0\n;; Clojure 1.11.1\nuser=> "), "tty", "TTY transport"),
    "socket REPL": (says(b"user=> "), "socket-repl", "plain socket REPL"),
    "babashka's socket REPL": (says(b"Babashka v1.3\nuser=> "), "socket-repl", "socket REPL"),
    "prepl": (at_the_end(PREPL_COMPLAINT), "prepl", "prepl"),
    "EDN transport": (answers(b'{:id "1", :status #{:done}}'), "edn", "speaks EDN"),
    "EDN at the end of input": (at_the_end(b'{:status #{:error}, :ex "x"}'), "edn", "EDN"),
    "unrepl": (says(b'[:unrepl/hello {:session "s"}]'), "edn", "EDN"),
    "TLS": (answers(b"\x15\x03\x03\x00\x02\x02\x0a", then_closes=True), "tls", "expects TLS"),
    "HTTP": (answers(b"HTTP/1.1 400 Bad Request\r\n\r\n", then_closes=True), "http", "web server"),
    "SSH": (says(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "ssh", "SSH server"),
    "Redis": (answers(b"-ERR unknown command\r\n"), "something", "does not speak nREPL"),
    "garbage": (says(bytes(range(256))), "something", "does not speak nREPL"),
    "a huge length": (answers(b"d2:id99999999999999:"), "something", "does not speak nREPL"),
    "one that closes": (closes, "closed", "closed the connection without a word"),
    "one that closes when asked": (answers(b"", then_closes=True), "closed", "without a word"),
    "one that closes in a message": (answers(b"d2:id1:1", then_closes=True), "something", "nREPL"),
    "silence": (says(b""), "silence", "does not answer"),
    "half a message": (answers(b"d2:id1:1"), "silence", "does not answer"),
    "an echo": (echo, "silence", "does not answer"),
}


@pytest.mark.parametrize(("program", "speaks", "words"), PROGRAMS.values(), ids=list(PROGRAMS))
async def test_says_in_a_sentence_what_is_there_instead(
    program: Program, speaks: str, words: str
) -> None:
    async with listening(program) as port:
        start = time.monotonic()
        with pytest.raises(ConnectFailed, match=words) as caught:
            await probe(port, timeout=TIMEOUT)

    assert caught.value.speaks == speaks
    assert caught.value.address == f"nrepl://127.0.0.1:{port}"
    assert "\n" not in caught.value.reason
    assert caught.value.__cause__ is not None
    assert time.monotonic() - start < TIMEOUT + HALF_CLOSE_TIMEOUT + 1


async def test_knows_pythons_own_web_server() -> None:
    class Quiet(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with pytest.raises(ConnectFailed) as caught:
                await probe(str(server.server_port), timeout=TIMEOUT)
        finally:
            server.shutdown()
            thread.join()
    assert caught.value.speaks == "http"


async def test_a_real_server_gives_a_connection_and_its_capabilities() -> None:
    async with FaultServer() as server:
        connection, capabilities = await probe(server.url)

        assert connection.is_open
        assert capabilities.supports("eval")
        assert connection.capabilities is capabilities
        await connection.close()


async def test_a_server_without_describe_is_one_all_the_same() -> None:
    async with FaultServer() as server:
        server.on("describe", unknown_op())
        connection, capabilities = await probe(server.url)

        assert capabilities.ops is None
        await connection.close()


async def test_a_server_that_is_only_busy_gets_nothing_but_the_end() -> None:
    async with FaultServer() as server:
        server.on("describe", silent())
        with pytest.raises(ConnectFailed) as caught:
            await probe(server.url, timeout=0.05)

        assert isinstance(caught.value.__cause__, RequestTimeout)
        assert caught.value.speaks == "silence" or caught.value.speaks == "closed"
        assert [request["op"] for request in server.requests] == ["describe"]
        await server.disconnected()


async def test_a_server_that_hangs_up_in_its_reply_is_no_nrepl_server() -> None:
    async with FaultServer() as server:
        server.on("describe", hang_up_mid_reply())
        with pytest.raises(ConnectFailed):
            await probe(server.url)


async def test_nobody_there_and_no_address_are_said_as_in_connect() -> None:
    with pytest.raises(ConnectFailed, match="no such socket file") as caught:
        await probe("nrepl+unix:/nowhere")
    assert caught.value.speaks is None
    with pytest.raises(AddressError):
        await probe("::")


@pytest.mark.parametrize("moment", ["the answer", "the half-close"])
async def test_cancelling_closes_the_connection(
    moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Connection] = []
    half_closed = asyncio.Event()
    original = Connection.write_eof

    def write_eof(self: Connection) -> None:
        half_closed.set()
        original(self)

    def attach(self: Connection, stream: object) -> None:
        opened.append(self)
        self._stream = stream  # type: ignore[assignment]

    monkeypatch.setattr(Connection, "write_eof", write_eof)
    monkeypatch.setattr(Connection, "attach", attach)
    async with FaultServer() as server:
        server.on("describe", silent())
        timeout = 60 if moment == "the answer" else 0.01
        probing = asyncio.ensure_future(probe_function(server.url, timeout=timeout))
        await server.received("describe")
        if moment == "the half-close":
            await asyncio.wait_for(half_closed.wait(), 5)
        probing.cancel()
        with pytest.raises((asyncio.CancelledError, ConnectFailed)):
            await probing

        assert [connection.is_open for connection in opened] == [False]
        await server.disconnected()
