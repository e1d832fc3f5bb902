"""Finding out, in bounded time, whether an nREPL server is behind an address, or what else is."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from .address import Address
from .bencode import DEFAULT_LIMITS, Limits
from .capabilities import Capabilities
from .connection import Connection, connect
from .errors import ConnectFailed, ConnectionLost, RequestTimeout
from .recording import Recorder

__all__ = ["HALF_CLOSE_TIMEOUT", "PROBE_TIMEOUT", "probe"]

#: Seconds for the first answer. Servers answer describe in 0.1 to 13 ms; a busy one may not.
PROBE_TIMEOUT = 5.0
#: Seconds a silent peer gets to react when our side of the connection ends.
HALF_CLOSE_TIMEOUT = 0.5

_SENTENCES = {
    "tty": "it is an nREPL server with the TTY transport; start it with the bencode transport",
    "socket-repl": "it is a plain socket REPL, which is not nREPL; start an nREPL server instead",
    "prepl": "it is a prepl, which is not nREPL; start an nREPL server instead",
    "edn": "it speaks EDN; start it with the bencode transport",
    "tls": "it expects TLS, which is not supported",
    "http": "it is a web server, not an nREPL server",
    "ssh": "it is an SSH server, not an nREPL server",
    "closed": "it closed the connection without a word",
    "silence": "it does not answer; it may be busy, serve another client, or be no nREPL server",
    "something": "it does not speak nREPL",
}

_KINDS = (
    ("tls", re.compile(rb"\x15\x03")),
    ("http", re.compile(rb"HTTP/|\s*<(?:!DOCTYPE|html)", re.IGNORECASE)),
    ("ssh", re.compile(rb"SSH-")),
    ("tty", re.compile(rb";; nREPL ")),
    ("prepl", re.compile(rb"\{[^}]{0,80}:tag :|\{:(?:val|ns|ms|form) ")),
    ("edn", re.compile(rb"[\[{](?::|\")")),
    ("socket-repl", re.compile(rb"[^\x00-\x08]{0,200}\w=> ")),
)


async def probe(
    address: Address | str,
    *,
    timeout: float = PROBE_TIMEOUT,
    limits: Limits = DEFAULT_LIMITS,
    recorder: Recorder | None = None,
) -> tuple[Connection, Capabilities]:
    """
    Connect, and let the server describe itself.

    Raises `AddressError`, and `ConnectFailed` whose `reason` says in a sentence what is there
    instead and whose `speaks` names it: `tty`, `socket-repl`, `prepl`, `edn`, `tls`, `http`, `ssh`,
    `closed`, `silence` or `something`. Takes at most `timeout`, and half a second for a peer that
    stays silent. Cancelling closes the connection.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    connection = await connect(address, timeout=timeout, limits=limits, recorder=recorder)
    try:
        return connection, await connection.describe(timeout=deadline - loop.time())
    except (ConnectionLost, RequestTimeout) as error:
        kind = await _kind_of(connection)
        raise ConnectFailed(str(connection.address), _SENTENCES[kind], speaks=kind) from error
    except asyncio.CancelledError:
        await connection.close(sessions=False)
        raise


async def _kind_of(connection: Connection) -> str:
    """
    Close a connection that gave no description; return what is behind it.

    A silent peer first hears our side end, which makes some speak.

    A prepl takes the described message for an unfinished symbol and complains when input ends. For
    an nREPL server that is only busy it is a client that went away. Nothing else is written: a
    line of text would kill an nbb that is slow to answer.
    """
    was_silent = connection.is_open
    try:
        with suppress(TimeoutError):
            connection.write_eof()
            async with asyncio.timeout(HALF_CLOSE_TIMEOUT):
                await connection.wait_closed()
    finally:
        await connection.close(sessions=False)
    first = connection.first_bytes
    otherwise = "silence" if was_silent else "something" if first else "closed"
    return next((kind for kind, start in _KINDS if start.match(first)), otherwise)
