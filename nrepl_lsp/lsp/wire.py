"""The wire between one editor and the server: stdio, and TCP for debugging.

stdin is read at once and always, in order, whatever the client leaves unread (see `outlets`).

Exit codes: 0 after `shutdown`, 1 without it (as LSP says for `exit`; the same for the end of
stdin and for an editor that is gone) or when the input is not LSP, 128 + n for signal n.
"""

import asyncio
import contextlib
import logging
import os
import signal
import stat
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Protocol

from lsprotocol import types

from .jsonrpc import MESSAGE_LIMIT, FrameError, Framer, Oversize
from .outlets import DescriptorOutlet, Outlet, StreamOutlet, ThreadOutlet
from .protocol import Protocol as LspProtocol

logger = logging.getLogger(__name__)

CHUNK = 256 * 1024
"""Bytes read at once."""

CLOSE_DEADLINE = 0.5
"""Seconds that `server.close()` may take."""

FLUSH_DEADLINE = 0.2
"""Seconds that the client has to read our last messages."""

EXIT_DEADLINE = 0.9
"""Seconds after which the process ends whatever still hangs."""

CLIENT_POLL = 3.0
"""Seconds between two looks at the client's process."""

_POSIX = os.name == "posix"

# SIGHUP is what Emacs leaves us with when it exits.
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if _POSIX else ()))


class Server(Protocol):
    """What is served: a pygls server with our protocol and an asynchronous `close`."""

    protocol: Any
    process_id: int | None

    def close(self) -> Awaitable[None]:
        """Give back everything the server holds; idempotent. Cancelled after `CLOSE_DEADLINE`."""
        ...


class Session:
    """One client's conversation: bytes in, and its end.

    `ended` gives the exit code.
    """

    def __init__(self, server: Server, limit: int = MESSAGE_LIMIT) -> None:
        self._protocol: LspProtocol = server.protocol
        self._protocol.on_exit = self.end
        self._framer = Framer(limit)
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def end(self, code: int | None = None) -> None:
        """End the session; without a code by whether the client has sent `shutdown`."""
        if not self.ended.done():
            default = 0 if self._protocol.is_shut_down else 1
            self.ended.set_result(default if code is None else code)

    def receive(self, data: bytes) -> None:
        """Handle the messages that `data` completes; no data is the end of the stream."""
        if not data:
            self.end()
        if self.ended.done():
            return
        try:
            messages = self._framer.feed(data)
        except FrameError as error:
            logger.error("%s", error)
            self.end(1)
            return
        for message in messages:
            if isinstance(message, Oversize):
                self._report(message)
            else:
                self._protocol.receive(message)

    def _report(self, message: Oversize) -> None:
        text = f"A message of {message.size} bytes was ignored: the limit is {message.limit} bytes."
        logger.error("%s", text)
        params = types.ShowMessageParams(type=types.MessageType.Error, message=text)
        self._protocol.notify(types.WINDOW_SHOW_MESSAGE, params)


class _Reader(asyncio.Protocol):
    """Hands what a pipe transport reads to a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def data_received(self, data: bytes) -> None:
        self._session.receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._session.end()


def _ignore(code: int) -> None:
    """Nothing hangs on the end of this session."""


async def serve_descriptors(
    server: Server,
    stdin: int,
    stdout: int,
    *,
    limit: int = MESSAGE_LIMIT,
    poll: float = CLIENT_POLL,
    on_end: Callable[[int], None] = _ignore,
) -> int:
    """Serve one client over two file descriptors to its end; the exit code.

    Both descriptors are closed at the end (not a `stdin` that only a thread can read: it sits in
    the read). `on_end` is called when the session is over, before the cleanup. SIGINT and SIGTERM
    end the session.
    """
    session = Session(server, limit)
    outlet_type = DescriptorOutlet if _POSIX else ThreadOutlet
    outlet: Outlet = outlet_type(stdout, session.end)
    try:
        with _blocking_restored(stdin, stdout), _signals(session.end):
            server.protocol.set_writer(outlet)
            async with _reading(stdin, session):
                return await _serve(server, session, outlet, poll, on_end)
    finally:
        os.close(stdout)


async def serve_stream(
    server: Server,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    limit: int = MESSAGE_LIMIT,
    poll: float = CLIENT_POLL,
) -> int:
    """Serve one client over an asyncio stream to its end; the exit code. The writer is closed."""
    session = Session(server, limit)
    outlet = StreamOutlet(writer, session.end)
    server.protocol.set_writer(outlet)

    async def read() -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                session.receive(data)
        session.end()

    reading = asyncio.create_task(read())
    try:
        return await _serve(server, session, outlet, poll, _ignore)
    finally:
        reading.cancel()
        writer.close()


async def _serve(
    server: Server, session: Session, outlet: Outlet, poll: float, on_end: Callable[[int], None]
) -> int:
    watching = asyncio.create_task(_watch_client(server, session.end, poll))
    try:
        code = await session.ended
        on_end(code)
    finally:
        watching.cancel()
        server.protocol.cancel_pending()
        await _within(CLOSE_DEADLINE, server.close(), "close the server")
        await _within(FLUSH_DEADLINE, outlet.flush(), "send the last messages")
    return code


async def _within(seconds: float, step: Awaitable[None], what: str) -> None:
    try:
        async with asyncio.timeout(seconds):
            await step
    except Exception as error:
        # The editor is gone: nobody can do anything about it.
        logger.info("could not %s: %r", what, error)


async def _watch_client(server: Server, end: Callable[[], None], interval: float) -> None:
    """End when the client's process does; some editors leave stdin open to a child of theirs.

    A process that was never seen is not watched: it may live in another process namespace.
    """
    if not _POSIX:  # os.kill(pid, 0) would end the process there
        return
    was_alive = False
    while True:
        is_alive = server.process_id is not None and _is_alive(server.process_id)
        if was_alive and not is_alive:
            logger.info("The client's process %s is gone", server.process_id)
            end()
            return
        was_alive = is_alive
        await asyncio.sleep(interval)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return process_id > 0


@contextlib.asynccontextmanager
async def _reading(descriptor: int, session: Session) -> AsyncIterator[None]:
    """Feed the session from a descriptor, by the loop where it can wait for it, else a thread."""
    loop = asyncio.get_running_loop()
    if not _can_be_awaited(descriptor):
        thread = threading.Thread(
            target=_read_in_thread, args=(descriptor, session, loop), name="stdin", daemon=True
        )
        thread.start()
        yield
        return
    file = open(descriptor, "rb", buffering=0)  # noqa: ASYNC230 - nothing is read here
    transport, _ = await loop.connect_read_pipe(lambda: _Reader(session), file)
    try:
        yield
    finally:
        transport.close()


def _can_be_awaited(descriptor: int) -> bool:
    """Whether the event loop can wait for it: not on Windows, not for files and /dev/null."""
    mode = os.fstat(descriptor).st_mode
    return _POSIX and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor))


def _read_in_thread(descriptor: int, session: Session, loop: asyncio.AbstractEventLoop) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: the session is over
        while True:
            try:
                data = os.read(descriptor, CHUNK)
            except OSError as error:
                logger.warning("cannot read from the client: %s", error)
                data = b""
            loop.call_soon_threadsafe(session.receive, data)
            if not data:
                return


@contextlib.contextmanager
def _blocking_restored(*descriptors: int) -> Iterator[None]:
    """A terminal left non-blocking would trouble the shell, which shares it."""
    if not _POSIX:
        yield
        return
    before = [(descriptor, os.get_blocking(descriptor)) for descriptor in descriptors]
    os.set_blocking(descriptors[-1], False)
    try:
        yield
    finally:
        for descriptor, blocking in before:
            with contextlib.suppress(OSError):  # the reader has closed its own
                os.set_blocking(descriptor, blocking)


@contextlib.contextmanager
def _signals(end: Callable[[int], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    caught = []
    for number in _ENDING_SIGNALS:
        # Windows has no signal handlers in the loop; threads other than the main one neither.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, end, 128 + number)
            caught.append(number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def guard_stdio() -> tuple[int, int]:
    """Take stdin and stdout for the wire; descriptors of the two.

    From then on `print` and the children's output go to stderr, and children read nothing.
    """
    stdin, stdout = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # there is no stderr
        os.dup2(nothing, 1)
    os.close(nothing)
    return stdin, stdout


def serve_stdio(server: Server) -> int:
    """Serve the client at stdin and stdout; the exit code.

    The process ends at most `EXIT_DEADLINE` seconds after the session, whatever hangs.
    """
    stdin, stdout = guard_stdio()
    return asyncio.run(serve_descriptors(server, stdin, stdout, on_end=_exit_in_time))


def _exit_in_time(code: int) -> None:
    timer = threading.Timer(EXIT_DEADLINE, os._exit, (code,))
    timer.daemon = True
    timer.start()


def serve_tcp(create: Callable[[], Server], host: str, port: int) -> int:
    """Serve one client at a time, each with a server of its own, until a signal; the exit code.

    For debugging: anyone who can reach the port can run code. Raises OSError when the address
    cannot be listened at.
    """

    def announce(address: str) -> None:
        print(f"nrepl-lsp listens on {address}", file=sys.stderr, flush=True)  # noqa: T201

    return asyncio.run(listen(create, host, port, announce, on_end=_exit_in_time))


async def listen(
    create: Callable[[], Server],
    host: str,
    port: int,
    announce: Callable[[str], None],
    *,
    on_end: Callable[[int], None] = _ignore,
) -> int:
    """Listen until SIGINT or SIGTERM; `announce` gets `host:port` once clients may connect."""
    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    current: set[asyncio.Task[Any]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if current:
            logger.warning("A second client is refused while one is connected")
            writer.close()
            return
        task = asyncio.ensure_future(serve_stream(create(), reader, writer))
        current.add(task)
        task.add_done_callback(current.discard)

    def stop(code: int) -> None:
        if not stopped.done():
            stopped.set_result(code)

    listener = await asyncio.start_server(accept, host, port)
    with _signals(stop):
        bound = listener.sockets[0].getsockname()
        announce(f"{bound[0]}:{bound[1]}")
        code = await stopped
    on_end(code)
    listener.close()
    for task in tuple(current):
        task.cancel()
        await asyncio.wait([task])
    return code
