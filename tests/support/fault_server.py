"""An nREPL server that misbehaves on demand, for what a real one will not do when a test asks.

It answers like a small, tidy server until it is told otherwise, op by op:

    async with FaultServer() as server:
        server.on("eval", silent(), code="(loop [])")
        server.on("complete", slow(5))
        server.on("info", hang_up_mid_reply())
        connection = await connect(server.url)
        ...
        await server.received("eval")           # the wire: what came, in order
        server.hang_up()                        # every connection, now

By default: `describe` lists the ops that have an answer; `clone`, `close` and `ls-sessions` keep
sessions; `eval` echoes its code as the value and `load-file` the file's name; `interrupt` ends what
is running in the session; `stdin` ends; `complete`, `completions`, `info` and `lookup` know the
names of `SYMBOLS`; any other op is `unknown-op`.

A behaviour is `async (peer, request) -> None`; the ones below cover the usual faults, and a test
may write its own with `peer.answer` and `peer.write`. Each request is dealt with in a task of its
own, so one that is slow or silent holds up no other. The peer's side runs on the test's own loop.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Self

from nrepl_lsp.nrepl.bencode import Decoder, encode
from nrepl_lsp.nrepl.messages import Message

Behaviour = Callable[["Peer", Message], Awaitable[None]]

#: Seconds that `received` and `connected` wait before they fail the test.
DEADLINE = 5.0

DONE: Message = {"status": ["done"]}

#: What the default `complete` and `info` know.
SYMBOLS: dict[str, Message] = {
    "map": {"ns": "core", "arglists-str": "[f coll]", "doc": "Applies f to each item."},
    "mapcat": {"ns": "core", "arglists-str": "[f coll]", "doc": "Joins what f gives."},
    "reduce": {"ns": "core", "arglists-str": "[f init coll]", "doc": "Folds a collection."},
}


class Peer:
    """One client's connection, as the server sees it."""

    def __init__(self, server: "FaultServer", writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.running: dict[str, asyncio.Task[None]] = {}
        self._writer = writer

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        if not self._writer.is_closing():
            self._writer.write(data)

    def send(self, *messages: Message) -> None:
        """Send messages as they are."""
        for message in messages:
            self.write(encode(message))

    def answer(self, request: Message, *messages: Message) -> None:
        """Send messages with the request's `id` and `session`."""
        self.send(*(message_for(request, message) for message in messages))

    async def write_slowly(self, data: bytes) -> None:
        """Send bytes one by one, each in a segment of its own as far as the kernel lets us."""
        for position in range(len(data)):
            self.write(data[position : position + 1])
            await self._writer.drain()
            await asyncio.sleep(0)

    def hang_up(self) -> None:
        """End the connection, after what was written before."""
        self._writer.close()


def message_for(request: Message, message: Message) -> Message:
    """Return a reply with the `id` and `session` of what it answers."""
    same = {key: request[key] for key in ("id", "session") if key in request}
    return {**same, **message}


class FaultServer:
    """The server; `async with` starts it on a free port of 127.0.0.1 and ends it."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.requests: list[Message] = []
        self.peers: list[Peer] = []
        self.sessions: list[str] = []
        self.host, self.port = host, port
        self._defaults: dict[str, Behaviour] = dict(DEFAULTS)
        self._special: list[tuple[str, Message, Behaviour]] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None

    # -- what the test says ---------------------------------------------------------------

    def on(self, op: str, behaviour: Behaviour, /, **params: Any) -> None:
        """Behave so for an op, if these parameters are as given; the newest rule wins."""
        self._special.insert(0, (op, params, behaviour))
        self._defaults.setdefault(op, behaviour)

    def without(self, *ops: str) -> Self:
        """Know nothing of these ops any more."""
        for op in ops:
            self._defaults.pop(op, None)
        return self

    @property
    def ops(self) -> list[str]:
        """What `describe` lists."""
        return sorted(self._defaults)

    @property
    def url(self) -> str:
        """The address to connect to."""
        return f"nrepl://{self.host}:{self.port}"

    async def received(self, op: str, count: int = 1) -> list[Message]:
        """Wait until `count` requests of an op have come; return all of them."""
        return await self._wait(lambda: self.of(op), count, f"{count} × {op}")

    async def connected(self, count: int = 1) -> list[Peer]:
        """Wait until `count` connections are open."""
        return await self._wait(lambda: self.peers, count, f"{count} connections")

    async def disconnected(self) -> None:
        """Wait until no connection is open."""
        async with asyncio.timeout(DEADLINE), self._changed:
            await self._changed.wait_for(lambda: not self.peers)

    def of(self, op: str) -> list[Message]:
        """Return the requests of an op that have come."""
        return [request for request in self.requests if request.get("op") == op]

    def send(self, *messages: Message) -> None:
        """Send messages unasked on every connection."""
        for peer in self.peers:
            peer.send(*messages)

    def hang_up(self) -> None:
        """End every connection; the server goes on listening."""
        for peer in tuple(self.peers):
            peer.hang_up()

    def new_session(self) -> str:
        """Make a session."""
        self.sessions.append(str(uuid.uuid4()))
        return self.sessions[-1]

    # -- how it runs ----------------------------------------------------------------------

    async def start(self) -> None:
        """Listen; again on the same port after `stop`."""
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and end all connections."""
        assert self._server is not None
        self._server.close()
        self.hang_up()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _wait(self, things: Callable[[], list[Any]], count: int, what: str) -> list[Any]:
        async with self._changed:
            try:
                async with asyncio.timeout(DEADLINE):
                    await self._changed.wait_for(lambda: len(things()) >= count)
            except TimeoutError:
                seen = [request.get("op") for request in self.requests]
                raise AssertionError(f"{what} did not come; came: {seen}") from None
            return things()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(self, writer)
        decoder = Decoder()
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        await self._change(lambda: self.peers.append(peer))
        try:
            while data := await reader.read(65536):
                for request in decoder.feed(data):
                    await self._take(peer, request)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            for running in tuple(peer.running.values()):
                running.cancel()
            writer.close()
            self._tasks.discard(task)
            await self._change(lambda: self.peers.remove(peer))

    async def _change(self, change: Callable[[], None]) -> None:
        async with self._changed:
            change()
            self._changed.notify_all()

    async def _take(self, peer: Peer, request: Message) -> None:
        await self._change(lambda: self.requests.append(request))
        task = asyncio.ensure_future(self._behave(peer, request))
        key = str(request.get("id"))
        peer.running[key] = task
        self._tasks.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if peer.running.get(key) is task:
                del peer.running[key]

        task.add_done_callback(ended)

    async def _behave(self, peer: Peer, request: Message) -> None:
        op = request.get("op")
        for special, params, behaviour in self._special:
            if special == op and all(request.get(key) == params[key] for key in params):
                return await behaviour(peer, request)
        return await self._defaults.get(str(op), unknown_op())(peer, request)


# -- faults ---------------------------------------------------------------------------------


def reply(*messages: Message) -> Behaviour:
    """Answer with these messages, exactly: no `done` unless one has it."""

    async def behave(peer: Peer, request: Message) -> None:
        peer.answer(request, *messages)

    return behave


def raw(data: bytes, *, then_hang_up: bool = False) -> Behaviour:
    """Answer with these bytes, such as garbage."""

    async def behave(peer: Peer, request: Message) -> None:
        peer.write(data)
        if then_hang_up:
            peer.hang_up()

    return behave


def silent() -> Behaviour:
    """Never answer; `interrupt` ends it."""

    async def behave(peer: Peer, request: Message) -> None:
        await asyncio.Event().wait()

    return behave


def slow(seconds: float, then: Behaviour | None = None) -> Behaviour:
    """Answer as by default, or as `then`, but so much later."""

    async def behave(peer: Peer, request: Message) -> None:
        await asyncio.sleep(seconds)
        await (then or DEFAULTS[request["op"]])(peer, request)

    return behave


def held(gate: asyncio.Event, then: Behaviour | None = None) -> Behaviour:
    """Answer as by default, or as `then`, once the test sets `gate`."""

    async def behave(peer: Peer, request: Message) -> None:
        await gate.wait()
        await (then or DEFAULTS[request["op"]])(peer, request)

    return behave


def split(*messages: Message) -> Behaviour:
    """Answer one byte at a time."""

    async def behave(peer: Peer, request: Message) -> None:
        for message in messages:
            await peer.write_slowly(encode(message_for(request, message)))

    return behave


def double_done(*messages: Message) -> Behaviour:
    """Answer with the messages, `done`, and `done` again, as nREPL did before 1.5."""
    return reply(*messages, DONE, DONE)


def late(*messages: Message) -> Behaviour:
    """Answer `done`, and only then the messages."""
    return reply(DONE, *messages)


def unknown_op() -> Behaviour:
    """Answer that there is no such op."""
    return reply({"status": ["done", "error", "unknown-op"]})


def key_without_value() -> Behaviour:
    """Answer as guile-ares-rs writes false: a key, and nothing where its value belongs."""

    async def behave(peer: Peer, request: Message) -> None:
        request_id = request["id"].encode()
        peer.write(b"d2:id%d:%s6:statusl4:donee4:infoe" % (len(request_id), request_id))

    return behave


def hang_up_mid_reply() -> Behaviour:
    """End the connection in the middle of a message."""
    return raw(b"d2:id1:15:value400:abc", then_hang_up=True)


def hang_up_mid_eval(*messages: Message) -> Behaviour:
    """Answer with the messages, and end the connection instead of the reply."""

    async def behave(peer: Peer, request: Message) -> None:
        peer.answer(request, *messages)
        peer.hang_up()

    return behave


def garbage() -> Behaviour:
    """Answer with what is no bencode."""
    return raw(b"\x00\xff;; not bencode\r\n")


def huge_length() -> Behaviour:
    """Announce a string of a terabyte."""
    return raw(b"d5:value1099511627776:")


def deep_nesting(depth: int = 100_000) -> Behaviour:
    """Answer with so many lists in lists."""
    return raw(b"d5:value" + b"l" * depth)


# -- sensible answers -----------------------------------------------------------------------


async def _describe(peer: Peer, request: Message) -> None:
    ops = {op: {} for op in peer.server.ops}
    versions = {"fault-server": {"major": 1, "minor": 0, "version-string": "1.0"}}
    peer.answer(request, {"ops": ops, "versions": versions, "aux": {}, **DONE})


async def _clone(peer: Peer, request: Message) -> None:
    peer.answer(request, {"new-session": peer.server.new_session(), **DONE})


async def _close(peer: Peer, request: Message) -> None:
    session = request.get("session")
    if session not in peer.server.sessions:
        peer.answer(request, {"status": ["done", "error", "unknown-session"]})
        return
    peer.server.sessions.remove(session)
    peer.answer(request, {"status": ["done", "session-closed"]})


async def _ls_sessions(peer: Peer, request: Message) -> None:
    peer.answer(request, {"sessions": list(peer.server.sessions), **DONE})


async def _eval(peer: Peer, request: Message) -> None:
    value = {"value": request.get("code", ""), "ns": request.get("ns", "user")}
    peer.answer(request, value, DONE)


async def _load_file(peer: Peer, request: Message) -> None:
    peer.answer(request, {"value": request.get("file-name", "")}, DONE)


async def _interrupt(peer: Peer, request: Message) -> None:
    evaluation = request.get("interrupt-id", "")
    running = peer.running.get(evaluation)
    if running is None:
        peer.answer(request, {"status": ["done", "session-idle"]})
        return
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    peer.answer({**request, "id": evaluation}, {"status": ["done", "interrupted"]})
    peer.answer(request, DONE)


async def _done(peer: Peer, request: Message) -> None:
    peer.answer(request, DONE)


async def _complete(peer: Peer, request: Message) -> None:
    prefix = str(request.get("prefix") or request.get("symbol") or "")
    found = [
        {"candidate": name, "type": "function", "ns": facts["ns"]}
        for name, facts in SYMBOLS.items()
        if name.startswith(prefix)
    ]
    peer.answer(request, {"completions": found, **DONE})


def _known(request: Message) -> Message:
    name = str(request.get("sym") or request.get("symbol") or "")
    return {"name": name, **SYMBOLS[name]} if name in SYMBOLS else {}


async def _info(peer: Peer, request: Message) -> None:
    found = _known(request)
    peer.answer(request, {**found, "status": ["done"] if found else ["done", "no-info"]})


async def _lookup(peer: Peer, request: Message) -> None:
    peer.answer(request, {"info": _known(request) or [], **DONE})


DEFAULTS: dict[str, Behaviour] = {
    "clone": _clone,
    "close": _close,
    "complete": _complete,
    "completions": _complete,
    "describe": _describe,
    "eval": _eval,
    "info": _info,
    "interrupt": _interrupt,
    "load-file": _load_file,
    "lookup": _lookup,
    "ls-sessions": _ls_sessions,
    "stdin": _done,
}
