"""
An editor at stdin and stdout, or at two other descriptors.

stdin is read at once and always, in order, whatever the client leaves unread (see `outlets`).
"""

import asyncio
import contextlib
import logging
import os
import stat
import threading
from collections.abc import AsyncIterator, Callable, Iterator

from .jsonrpc import MESSAGE_LIMIT
from .outlets import DescriptorOutlet, Outlet, ThreadOutlet
from .wire import CHUNK, CLIENT_POLL, POSIX, Server, Session, exit_in_time, ignore, serve, signals

__all__ = ["guard_stdio", "serve_descriptors", "serve_stdio"]

logger = logging.getLogger(__name__)


def serve_stdio(server: Server) -> int:
    """Serve the client at stdin and stdout; the exit code.

    The process ends soon after the session, whatever hangs.
    """
    stdin, stdout = guard_stdio()
    return asyncio.run(serve_descriptors(server, stdin, stdout, on_end=exit_in_time))


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


async def serve_descriptors(
    server: Server,
    stdin: int,
    stdout: int,
    *,
    limit: int = MESSAGE_LIMIT,
    poll: float = CLIENT_POLL,
    on_end: Callable[[int], None] = ignore,
) -> int:
    """Serve one client over two file descriptors to its end; the exit code.

    Both descriptors are closed at the end (not a `stdin` that only a thread can read: it sits in
    the read). `on_end` is called when the session is over, before the cleanup. SIGINT and SIGTERM
    end the session.
    """
    session = Session(server, limit)
    outlet_type = DescriptorOutlet if POSIX else ThreadOutlet
    outlet: Outlet = outlet_type(stdout, session.end)
    try:
        with _blocking_restored(stdin, stdout), signals(session.end):
            server.protocol.set_writer(outlet)
            async with _reading(stdin, session):
                return await serve(server, session, outlet, poll, on_end)
    finally:
        os.close(stdout)


class _Reader(asyncio.Protocol):
    """Hands what a pipe transport reads to a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def data_received(self, data: bytes) -> None:
        self._session.receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._session.end()


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
    return POSIX and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor))


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
    if not POSIX:
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
