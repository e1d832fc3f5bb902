"""
An editor for the demo: plain LSP over a program's stdin and stdout, and nothing more.

Written without an LSP library on purpose: it shows that any editor can do this.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

__all__ = ["Editor", "ServerFault"]

#: Seconds for one answer. The first completion of a cold server is the slowest.
ANSWER_TIMEOUT = 30.0


class ServerFault(Exception):
    """The server answered a request with an error, or ended."""


class Editor:
    """Starts a language server and talks to it. Use `async with`; leaving it ends the server."""

    def __init__(self, command: list[str], root: Path) -> None:
        self._command = command
        self._root = root
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.exit_code: int | None = None
        #: Every notification of the server, in order, as (method, params).
        self.notifications: list[tuple[str, Any]] = []
        self._arrived = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._reading is not None
        try:
            if self._process.returncode is None:
                await self.request("shutdown", None)
                self.notify("exit", None)
            async with asyncio.timeout(5):
                self.exit_code = await self._process.wait()
        except (ServerFault, TimeoutError, ConnectionError):
            if self._process.returncode is None:
                self._process.kill()
            self.exit_code = await self._process.wait()
        finally:
            self._reading.cancel()

    async def initialize(self, capabilities: dict[str, Any]) -> Any:
        """Say hello; return what the server is able to do."""
        result = await self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": self._root.as_uri(),
                "workspaceFolders": [{"uri": self._root.as_uri(), "name": self._root.name}],
                "capabilities": capabilities,
            },
        )
        self.notify("initialized", {})
        return result

    def open(self, path: Path, language_id: str) -> str:
        """Open a file; return its URI."""
        document = {
            "uri": path.as_uri(),
            "languageId": language_id,
            "version": 1,
            "text": path.read_text("utf-8"),
        }
        self.notify("textDocument/didOpen", {"textDocument": document})
        return path.as_uri()

    async def command(self, name: str, **argument: Any) -> Any:
        """Run one of the server's commands with its one object of arguments."""
        arguments = [argument] if argument else []
        return await self.request(
            "workspace/executeCommand", {"command": name, "arguments": arguments}
        )

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and wait for its answer; raises `ServerFault`."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                return await answer
        except TimeoutError:
            raise ServerFault(f"no answer to {method} within {ANSWER_TIMEOUT:g} s") from None
        finally:
            self._answers.pop(number, None)

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    async def notified(self, method: str, accept: Callable[[Any], bool] = lambda _: True) -> Any:
        """Wait for a notification that is acceptable, past ones included; return its params."""
        async with asyncio.timeout(ANSWER_TIMEOUT):
            while True:
                for name, params in self.notifications:
                    if name == method and accept(params):
                        return params
                self._arrived.clear()
                await self._arrived.wait()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        stream = self._process.stdout
        try:
            while True:
                head = await stream.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split()[0])
                self._receive(json.loads(await stream.readexactly(length)))
        except asyncio.IncompleteReadError:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ServerFault("the server ended"))

    def _receive(self, message: dict[str, Any]) -> None:
        if "method" in message and "id" in message:
            # This editor answers requests of the server like one that has nothing to say.
            result = [None] if message["method"] == "workspace/configuration" else None
            self._send({"id": message["id"], "result": result})
        elif "method" in message:
            self.notifications.append((message["method"], message.get("params")))
            self._arrived.set()
        elif (answer := self._answers.get(message.get("id", 0))) and not answer.done():
            if "error" in message:
                answer.set_exception(ServerFault(message["error"].get("message", "error")))
            else:
                answer.set_result(message.get("result"))
