"""An editor at a TCP connection, for debugging."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable
from typing import Any

from .jsonrpc import MESSAGE_LIMIT
from .outlets import StreamOutlet
from .wire import CHUNK, CLIENT_POLL, Server, Session, exit_in_time, ignore, serve, signals

__all__ = ["listen", "serve_stream", "serve_tcp"]

logger = logging.getLogger(__name__)


def serve_tcp(create: Callable[[], Server], host: str, port: int) -> int:
    """Serve one client at a time, each with a server of its own, until a signal; the exit code.

    Anyone who can reach the port can run code. Raises OSError when the address
    cannot be listened at.
    """

    def announce(address: str) -> None:
        print(f"nrepl-lsp listens on {address}", file=sys.stderr, flush=True)  # noqa: T201

    return asyncio.run(listen(create, host, port, announce, on_end=exit_in_time))


async def listen(
    create: Callable[[], Server],
    host: str,
    port: int,
    announce: Callable[[str], None],
    *,
    on_end: Callable[[int], None] = ignore,
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
    with signals(stop):
        bound = listener.sockets[0].getsockname()
        announce(f"{bound[0]}:{bound[1]}")
        code = await stopped
    on_end(code)
    listener.close()
    for task in tuple(current):
        task.cancel()
        await asyncio.wait([task])
    return code


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
        return await serve(server, session, outlet, poll, ignore)
    finally:
        reading.cancel()
        writer.close()
