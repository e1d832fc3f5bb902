"""A connection's life: opening, describing, sessions, watching, and each of its ends."""

import asyncio
import os
import socket
import struct
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.nrepl import (
    Address,
    AddressError,
    BencodeCodec,
    ConnectFailed,
    Connection,
    ConnectionLost,
    DecodeError,
    LimitExceeded,
    Limits,
    MemoryStream,
    OpFailed,
    Protocol,
    RequestTimeout,
    connect,
    open_unix,
    register,
    transport,
)
from nrepl_lsp.nrepl import connection as connection_module
from nrepl_lsp.nrepl.bencode import encode
from tests.nrepl.wire import Wire
from tests.support.fault_server import (
    FaultServer,
    deep_nesting,
    double_done,
    garbage,
    hang_up_mid_reply,
    huge_length,
    key_without_value,
    late,
    reply,
    silent,
    slow,
    split,
)

# -- opening --------------------------------------------------------------------------------


async def test_connects_by_url_and_closes_with_async_with() -> None:
    async with FaultServer() as server:
        async with await connect(server.url) as connection:
            assert connection.is_open
            assert str(connection.address) == server.url
            capabilities = await connection.describe()
            assert capabilities is connection.capabilities
            assert capabilities.supports("eval")
        assert not connection.is_open
        assert await connection.wait_closed() is None
        await server.disconnected()


async def test_connects_by_address_and_localhost_means_127_0_0_1() -> None:
    async with FaultServer() as server:
        async with await connect(Address("nrepl", "localhost", server.port)) as connection:
            assert (await connection.describe()).ops


async def test_localhost_means_ipv6_too() -> None:
    try:
        server = FaultServer(host="::1")
        await server.start()
    except OSError:  # no IPv6 on this machine
        with pytest.raises(ConnectFailed, match="nothing is listening there"):
            await connect(f"localhost:{refused_port()}")
        return
    async with await connect(f"localhost:{server.port}") as connection:
        assert (await connection.describe()).ops
    await server.stop()


async def test_connects_to_a_socket_file(tmp_path: Path) -> None:
    path = str(tmp_path / "nrepl socket")
    received = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.set_result(await reader.read(100))
        writer.write(encode({"id": "1", "ops": {}, "status": ["done"]}))
        writer.close()

    async with await asyncio.start_unix_server(serve, path):
        async with await connect(str(Address("nrepl+unix", path=path))) as connection:
            assert (await connection.describe()).ops is None
            assert await received == b"d2:id1:12:op8:describee"


def refused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nrepl+unix:/nowhere/at/all", "there is no such socket file"),
        (f"nrepl+unix:{__file__}", "nothing is listening there"),
        (f"nrepl+unix:/{'x' * 200}", "AF_UNIX path too long"),
        (f"nrepl://{'x' * 70}:1", "there can be no such name"),
        ("nrepl://a..b:1", "there can be no such name"),
    ],
)
async def test_what_cannot_be_opened_is_said_in_words(url: str, reason: str) -> None:
    with pytest.raises(ConnectFailed, match=reason) as caught:
        await connect(url)

    assert caught.value.address == str(Address.parse(url))
    assert caught.value.speaks is None
    assert isinstance(caught.value.__cause__, OSError | ValueError)


async def test_a_port_where_nothing_listens_is_refused() -> None:
    with pytest.raises(ConnectFailed, match="nothing is listening there"):
        await connect(f"localhost:{refused_port()}")


def test_reasons_are_words_for_people() -> None:
    assert transport.reason_of(socket.gaierror(-2, "x")) == "the host name is not known"
    assert transport.reason_of(OSError(5, "Input/output error")) == "Input/output error"
    assert transport.reason_of(OSError("odd")) == "odd"


async def test_a_system_without_socket_files_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loop:
        """Windows' event loop has no create_unix_connection."""

    monkeypatch.setattr(asyncio, "get_running_loop", Loop)
    with pytest.raises(ConnectFailed, match="no filesystem sockets"):
        await open_unix(Address("nrepl+unix", path="/x"), Connection.__new__(Connection))


@pytest.mark.parametrize("url", ["", "host:port", "gopher://h:1"])
async def test_a_wrong_address_is_an_address_error(url: str) -> None:
    with pytest.raises(AddressError):
        await connect(url)


async def test_connecting_has_a_deadline() -> None:
    async def never(address: Address, sink: object) -> Any:
        await asyncio.Event().wait()

    register("never", never, BencodeCodec())
    with pytest.raises(ConnectFailed, match=r"no connection within 0\.01 s"):
        await connect("never://h:1", timeout=0.01)


async def test_a_connection_that_is_not_attached_cannot_be_used() -> None:
    connection = Connection(Address("nrepl", "h", 1), Protocol())

    assert not connection.is_open
    with pytest.raises(ConnectionLost, match="not connected to nrepl://h:1"):
        connection.request("describe")
    connection.write_eof()
    await connection.close()


# -- describing and sessions ----------------------------------------------------------------


async def test_a_verbose_describe_sends_the_flag_as_text(wire: Wire) -> None:
    describing = asyncio.ensure_future(wire.connection.describe(verbose=True))
    await asyncio.sleep(0)
    assert wire.last == {"op": "describe", "id": "1", "verbose?": "true"}
    wire.say(wire.last, {"ops": {"eval": {"doc": "Evaluates."}}}, {"versions": {"x": "1"}})
    wire.done(wire.last)

    capabilities = await describing

    assert capabilities.op_docs == {"eval": {"doc": "Evaluates."}}
    assert capabilities.versions == {"x": "1"}


async def test_a_server_without_describe_has_unknown_ops(wire: Wire) -> None:
    describing = asyncio.ensure_future(wire.connection.describe())
    await asyncio.sleep(0)
    wire.say(wire.last, status=["error", "unknown-op", "done"])

    assert (await describing).ops is None
    assert wire.connection.capabilities is describing.result()


async def test_a_clone_is_a_session_and_the_same_id_is_the_same_session(wire: Wire) -> None:
    cloning = asyncio.ensure_future(wire.connection.clone("old"))
    await asyncio.sleep(0)
    assert wire.last == {"op": "clone", "id": "1", "session": "old", "client-name": "nrepl-lsp"}
    wire.done(wire.last, **{"new-session": "new"})
    session = await cloning

    assert session.id == "new"
    assert wire.connection.session("new") is session
    assert wire.connection.session(None) is wire.connection.session(None)


async def test_a_clone_that_lazuli_spells_with_an_underscore(wire: Wire) -> None:
    cloning = asyncio.ensure_future(wire.connection.clone())
    await asyncio.sleep(0)
    wire.done(wire.last, new_session="new")

    assert (await cloning).id == "new"


async def test_a_clone_without_a_session_in_the_answer_has_failed(wire: Wire) -> None:
    cloning = asyncio.ensure_future(wire.connection.clone())
    await asyncio.sleep(0)
    wire.done(wire.last, **{"new-session": []})

    with pytest.raises(OpFailed, match="clone: no new-session"):
        await cloning


@pytest.mark.parametrize("timeout", [0.001, 60])
async def test_a_session_that_comes_after_we_gave_up_is_closed(wire: Wire, timeout: float) -> None:
    cloning = asyncio.ensure_future(wire.connection.clone(timeout=timeout))
    await asyncio.sleep(0)
    clone = wire.last
    if timeout == 60:
        cloning.cancel()
    with pytest.raises((asyncio.CancelledError, RequestTimeout)):
        await cloning

    wire.done(clone, out="late")
    assert wire.last is clone
    wire.done(clone, **{"new-session": "unwanted"})

    assert (wire.last["op"], wire.last["session"]) == ("close", "unwanted")


async def test_closing_ends_cloned_and_adopted_sessions_and_no_others() -> None:
    async with FaultServer() as server:
        theirs, old = server.new_session(), server.new_session()
        connection = await connect(server.url)
        ours = await connection.clone()
        copy = await ours.clone()
        connection.session(theirs)
        assert connection.adopt(old) is connection.session(old)

        await connection.close()

        assert server.sessions == [theirs]
        assert [it["session"] for it in server.of("close")] == [ours.id, copy.id, old]


async def test_closing_without_the_sessions_leaves_them() -> None:
    async with FaultServer() as server:
        connection = await connect(server.url)
        session = await connection.clone()

        await connection.close(sessions=False)

        assert server.sessions == [session.id]


async def test_closing_waits_for_the_server_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "CLOSE_TIMEOUT", 0.02)
    async with FaultServer() as server:
        server.on("close", silent())
        connection = await connect(server.url)
        await connection.clone()
        await connection.clone()

        await asyncio.wait_for(connection.close(), 1)

        assert len(server.of("close")) == 2
        assert not connection.is_open
        assert await connection.wait_closed() is None


async def test_closing_copes_with_a_server_that_hangs_up_instead_or_refuses() -> None:
    async with FaultServer() as server:
        server.on("close", hang_up_mid_reply())
        connection = await connect(server.url)
        await connection.clone()
        await connection.close()
        assert not connection.is_open

        server.on("close", reply({"status": ["done", "error", "unknown-session"]}))
        connection = await connect(server.url)
        await connection.clone()
        await connection.close()
        assert await connection.wait_closed() is None


async def test_closing_twice_at_once_is_harmless(wire: Wire) -> None:
    wire.connection.adopt("a")
    first = asyncio.ensure_future(wire.connection.close())
    await asyncio.sleep(0)
    assert wire.last["op"] == "close"

    await wire.connection.close()
    await first
    await wire.connection.close()

    assert wire.stream.is_closed
    assert await wire.connection.wait_closed() is None
    assert [request["op"] for request in wire.requests] == ["close"]


# -- ends -----------------------------------------------------------------------------------


async def test_our_close_fails_what_waits_and_later_requests(wire: Wire) -> None:
    responses = wire.connection.request("info")
    subscription = wire.connection.watch()

    await wire.connection.close()

    with pytest.raises(ConnectionLost, match="was closed"):
        await responses.collect()
    with pytest.raises(ConnectionLost, match="was closed"):
        await anext(subscription)
    with pytest.raises(ConnectionLost, match="not connected"):
        wire.connection.request("info")
    with pytest.raises(ConnectionLost, match="closed"):
        await anext(wire.connection.watch())


async def test_a_server_that_hangs_up_fails_everything_with_the_cause() -> None:
    async with FaultServer() as server:
        server.on("eval", silent())
        connection = await connect(server.url)
        session = await connection.clone()
        running, queued = session.eval("1"), session.eval("2")
        responses = connection.request("info", timeout=None)
        subscription = connection.watch()
        await server.received("eval")

        server.hang_up()

        for waiting in (
            running.result(),
            queued.result(),
            responses.collect(),
            anext(subscription),
        ):
            with pytest.raises(ConnectionLost, match="closed the connection"):
                await waiting
        for evaluation in (running, queued):
            with pytest.raises(ConnectionLost):
                await anext(evaluation)
        assert isinstance(await connection.wait_closed(), ConnectionLost)
        with pytest.raises(ConnectionLost, match="the connection is closed"):
            session.eval("3")
        with pytest.raises(ConnectionLost) as caught:
            connection.request("info")
        assert caught.value.__cause__ is await connection.wait_closed()
        await connection.close()
        assert [request["code"] for request in server.of("eval")] == ["1"]


async def test_a_reset_connection_has_the_os_error_as_its_cause() -> None:
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        connection = await connect(str(listener.getsockname()[1]))
        peer, _ = await loop.sock_accept(listener)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

        error = await asyncio.wait_for(connection.wait_closed(), 5)

    assert isinstance(error, ConnectionLost)
    assert isinstance(error.__cause__, ConnectionResetError)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (garbage(), DecodeError),
        (huge_length(), LimitExceeded),
        (deep_nesting(), LimitExceeded),
        (hang_up_mid_reply(), ConnectionLost),
    ],
)
async def test_bytes_that_are_not_nrepl_end_the_connection(behaviour: Any, kind: type) -> None:
    async with FaultServer() as server:
        server.on("info", behaviour)
        connection = await connect(server.url)
        with pytest.raises(kind):
            await connection.request("info", timeout=5).collect()

        assert not connection.is_open
        assert type(await connection.wait_closed()) is kind
        await server.disconnected()


async def test_messages_in_the_same_read_as_a_fault_still_arrive(wire: Wire) -> None:
    responses = wire.connection.request("info")

    wire.stream.receive(encode({"id": "1", "value": "1", "status": ["done"]}) + b"!")

    assert (await responses.collect()).get("value") == "1"
    assert isinstance(await wire.connection.wait_closed(), DecodeError)
    assert wire.stream.is_closed
    wire.connection.data_received(encode({"id": "1"}))


async def test_limits_are_the_callers() -> None:
    async with FaultServer() as server:
        connection = await connect(server.url, limits=Limits(message=50))
        with pytest.raises(LimitExceeded, match="more than message=50"):
            await connection.describe()


async def test_odd_replies_over_a_socket_are_read() -> None:
    async with FaultServer() as server:
        server.on("split", split({"value": "λ" * 20, "status": ["done"]}))
        server.on("twice", double_done({"value": "2"}))
        server.on("late", late({"value": "late"}))
        server.on("key", key_without_value())
        server.on("slow", slow(0.01, reply({"value": "slow", "status": ["done"]})))
        async with await connect(server.url) as connection:
            assert (await connection.request("split").collect()).get("value") == "λ" * 20
            assert len((await connection.request("twice").collect()).messages) == 2
            assert len((await connection.request("late").collect()).messages) == 1
            assert (await connection.request("key").collect()).messages[0]["info"] == []
            assert (await connection.request("slow").collect()).get("value") == "slow"


async def test_first_bytes_are_kept_for_telling_what_is_there(wire: Wire) -> None:
    wire.stream.receive(b"d1:a300:" + b"x" * 100)
    wire.stream.receive(b"x" * 200 + b"e")
    wire.stream.receive(b"de")

    assert wire.connection.first_bytes == b"d1:a300:" + b"x" * 248


# -- the socket -----------------------------------------------------------------------------


class FakeSocket:
    """Counts what is set on it."""

    def __init__(self, family: int = socket.AF_INET) -> None:
        self.family = family
        self.options: list[tuple[int, int, int]] = []
        self.fails = False

    def setsockopt(self, *option: int) -> None:
        self.options.append(option)  # type: ignore[arg-type]
        if self.fails:
            raise OSError("closed")


class FakeTransport(asyncio.Transport):
    """A transport over a fake socket, whose peer does not read."""

    def __init__(self, sock: FakeSocket | None, waiting: int = 0) -> None:
        super().__init__({"socket": sock})
        self.waiting = waiting
        self.calls: list[str] = []

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return bool(self.calls)

    def can_write_eof(self) -> bool:
        return False

    def write(self, data: Any) -> None:
        self.waiting += len(data)

    def abort(self) -> None:
        self.calls.append("abort")

    def close(self) -> None:
        self.calls.append("close")


def socket_stream(transport_: FakeTransport) -> Any:
    class Nobody:
        def data_received(self, data: bytes) -> None: ...

        def stream_ended(self, cause: Exception | None) -> None: ...

    stream = transport._SocketStream(Nobody())
    stream.connection_made(transport_)
    return stream


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="only Linux has TCP_QUICKACK")
def test_quickack_is_set_again_after_each_read() -> None:
    sock = FakeSocket()
    stream = socket_stream(FakeTransport(sock))
    for _ in range(3):
        stream.data_received(b"de")

    assert sock.options == [(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)] * 3

    sock.fails = True
    stream.data_received(b"de")
    stream.data_received(b"de")
    assert len(sock.options) == 4


def test_quickack_is_left_alone_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    unix, missing = FakeSocket(socket.AF_UNIX), FakeSocket()
    socket_stream(FakeTransport(unix)).data_received(b"de")
    socket_stream(FakeTransport(None)).data_received(b"de")
    monkeypatch.setattr(transport, "_QUICKACK", None)
    socket_stream(FakeTransport(missing)).data_received(b"de")

    assert unix.options == missing.options == []


def test_bytes_that_a_server_does_not_read_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "WRITE_LIMIT", 100)
    over = FakeTransport(None)
    stream = socket_stream(over)
    stream.write(b"x" * 500)  # a single message may be as long as it likes

    with pytest.raises(ConnectionLost, match="stopped reading"):
        stream.write(b"x")
    stream.write_eof()
    stream.close()
    assert over.calls == ["abort"]
    with pytest.raises(ConnectionLost, match="closed"):
        stream.write(b"x")


def test_a_stream_that_was_never_connected_can_be_closed() -> None:
    stream = transport._SocketStream(None)  # type: ignore[arg-type]
    stream.write_eof()
    stream.close()
    with pytest.raises(ConnectionLost):
        stream.write(b"x")


async def test_a_server_that_stops_reading_loses_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "WRITE_LIMIT", 1_000_000)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = await connect(str(listener.getsockname()[1]))
        first = connection.request("eval", code="1", timeout=None)

        def flood() -> None:
            while True:
                connection.request("eval", code="x" * 900_000, timeout=None)

        with pytest.raises(ConnectionLost, match="stopped reading"):
            flood()
        with pytest.raises(ConnectionLost, match="stopped reading"):
            await first.collect()
        assert not connection.is_open
        assert "stopped reading" in str(await connection.wait_closed())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files by /proc")
async def test_a_connection_that_ends_leaves_no_socket_open() -> None:
    def sockets() -> int:
        found = 0
        for name in os.listdir("/proc/self/fd"):
            try:
                found += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
            except OSError:
                continue
        return found

    async with FaultServer() as server:
        server.on("info", garbage())
        before = sockets()
        for _ in range(5):
            connection = await connect(server.url)
            with pytest.raises(DecodeError):
                await connection.request("info").collect()
        await server.disconnected()
        await asyncio.sleep(0)
        assert sockets() == before


async def test_a_fault_in_the_middle_of_a_read_leaves_the_rest_to_nobody(wire: Wire) -> None:
    session = wire.connection.session("s")
    session.eval("1")
    queued = session.eval("2")
    responses = wire.connection.request("info")
    wire.stream.is_closed = True  # so that "2" cannot be written

    wire.stream.receive(b"".join(encode({"id": id_, "status": ["done"]}) for id_ in "12"))

    for waiting in (queued.result(), responses.collect()):
        with pytest.raises(ConnectionLost):
            await waiting


def test_a_memory_stream_keeps_what_is_written() -> None:
    stream = MemoryStream(Connection.__new__(Connection))
    stream.write(b"de")

    assert stream.written == [b"de"]


async def test_the_memory_stream_ends_once(wire: Wire) -> None:
    wire.connection.write_eof()
    await wire.connection.close()

    with pytest.raises(ConnectionLost):
        wire.stream.write(b"de")
    assert wire.stream.written == []
