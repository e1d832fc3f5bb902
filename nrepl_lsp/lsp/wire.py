"""
A session: one editor's conversation with the server, however its bytes come and go.

Exit codes: 0 after `shutdown`, 1 without it (as LSP says for `exit`; the same for the end of the
input and for an editor that is gone) or when the input is not LSP, 128 + n for signal n.
"""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Protocol

from lsprotocol import types

from .jsonrpc import MESSAGE_LIMIT, FrameError, Framer, Oversize
from .outlets import Outlet
from .protocol import Protocol as LspProtocol

__all__ = [
    *("CHUNK", "CLIENT_POLL", "POSIX", "Server", "Session", "exit_in_time", "ignore"),
    *("serve", "signals"),
]

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

POSIX = os.name == "posix"

# SIGHUP is what Emacs leaves us with when it exits.
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if POSIX else ()))


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


def ignore(code: int) -> None:
    """Nothing hangs on the end of this session."""


async def serve(
    server: Server, session: Session, outlet: Outlet, poll: float, on_end: Callable[[int], None]
) -> int:
    """
    Go on with a session to its end; the exit code.

    `on_end` is called when it is over, before the server is closed.
    """
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
    if not POSIX:  # os.kill(pid, 0) would end the process there
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


@contextlib.contextmanager
def signals(end: Callable[[int], None]) -> Iterator[None]:
    """Have the signals that end a process end what is served."""
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


def exit_in_time(code: int) -> None:
    """Have the process end at most `EXIT_DEADLINE` seconds later, whatever hangs."""
    timer = threading.Timer(EXIT_DEADLINE, os._exit, (code,))
    timer.daemon = True
    timer.start()
