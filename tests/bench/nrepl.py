"""The canned nREPL server as a process, and a blocking client: what the op alone costs."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.driver import UNWANTED
from tests.bench.measure import Unavailable
from tests.bench.samples import bencode

DEADLINE = 10.0


@contextmanager
def echo_server(candidates: int) -> Iterator[int]:
    """Start the server of floors/echo_nrepl.py; gives its port."""
    command = [sys.executable, "-m", "tests.bench.floors.echo_nrepl", str(candidates)]
    server = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[2],
        env={key: value for key, value in os.environ.items() if key not in UNWANTED},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline())
    finally:
        server.kill()
        server.communicate()


class BlockingClient:
    """Sends prepared bytes and decodes until `done`, with the product's decoder.

    The decoder is shared on purpose: it is inside the bridge, the floor bridge and the op alike, so
    it cancels out; G6 measures it by itself. `TCP_QUICKACK` is armed again after every read, where
    the system has it.
    """

    def __init__(self, port: int) -> None:
        from nrepl_lsp.nrepl.bencode import Decoder

        self.socket = socket.create_connection(("127.0.0.1", port), DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._decoder = Decoder()
        self._quick_ack = getattr(socket, "TCP_QUICKACK", None)

    def ask(self, request: bytes) -> list[dict[str, Any]]:
        """Return the replies up to the one with `done`."""
        self.socket.sendall(request)
        messages: list[dict[str, Any]] = []
        while not messages or "done" not in messages[-1].get("status", ()):
            data = self.socket.recv(1 << 18)
            if self._quick_ack is not None:
                self.socket.setsockopt(socket.IPPROTO_TCP, self._quick_ack, 1)
            messages += self._decoder.feed(data)
        return messages

    def seconds(self, request: dict[str, Any]) -> float:
        """Return the time of one request, its bytes made beforehand."""
        data = bencode({**request, "id": "1"})
        start = time.perf_counter()
        self.ask(data)
        return time.perf_counter() - start

    def close(self) -> None:
        self.socket.close()


def until(ready: Callable[[], Any], what: str) -> Any:
    """Ask again until there is an answer; fails after DEADLINE seconds."""
    deadline = time.monotonic() + DEADLINE
    while not (answer := ready()):
        if time.monotonic() > deadline:
            raise Unavailable(f"{what} did not come in {DEADLINE:g} s")
        time.sleep(0.02)
    return answer
