"""An editor in the test's own process: LSP messages in and out, without a process or a socket.

Texts mark the cursor with `|` and a selection with `«…»`.
"""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nrepl_lsp.lsp import jsonrpc
from nrepl_lsp.lsp.server import NreplLanguageServer

DEADLINE = 5.0

#: What a current editor announces, as far as it changes our answers.
MODERN: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"configuration": False, "workspaceFolders": True},
    "textDocument": {
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "completion": {
            "completionItem": {
                "documentationFormat": ["markdown", "plaintext"],
                "labelDetailsSupport": True,
            },
            "completionItemKind": {"valueSet": list(range(1, 26))},
            "completionList": {"itemDefaults": ["editRange", "data"]},
        },
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}},
    },
}


class RequestFailed(Exception):
    """The server answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.message = error["message"]


class Editor:
    """A client of `server`. Leaving the context shuts the server down."""

    def __init__(self, server: NreplLanguageServer, root: Path | None = None) -> None:
        self.server = server
        self.root = root
        #: Every notification of the server, in order, as (method, params).
        self.notifications: list[tuple[str, Any]] = []
        #: Requests of the server, and how they are answered; without an answer: never.
        self.requests: list[tuple[str, Any]] = []
        self.answers: dict[str, Callable[[Any], Any]] = {
            "client/registerCapability": lambda params: None
        }
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._framer = jsonrpc.Framer()
        self._changed = asyncio.Event()
        server.protocol.set_writer(self)

    async def __aenter__(self) -> "Editor":
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(RequestFailed):
            await self.request("shutdown")
        await self.server.close()

    # -- the wire ---------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        for body in self._framer.feed(data):
            assert isinstance(body, bytes)
            self._receive(json.loads(body))

    def close(self) -> None:
        pass

    def send(self, message: dict[str, Any]) -> None:
        self.server.protocol.receive(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def _receive(self, message: dict[str, Any]) -> None:
        method, number = message.get("method"), message.get("id")
        if method is None:
            future = self._waiting.pop(number, None)  # type: ignore[arg-type]
            if future is None or future.done():
                return
            if "error" in message:
                future.set_exception(RequestFailed(message["error"]))
            else:
                future.set_result(message.get("result"))
        elif number is None:
            self.notifications.append((method, message.get("params")))
        else:
            self.requests.append((method, message.get("params")))
            if answer := self.answers.get(method):
                # On a later turn, as over a wire.
                asyncio.get_running_loop().call_soon(self._answer, number, answer, message)
        self._changed.set()

    def _answer(self, number: Any, answer: Callable[[Any], Any], message: Any) -> None:
        try:
            self.send({"id": number, "result": answer(message.get("params"))})
        except RequestFailed as failed:
            error = {"code": failed.code, "message": failed.message}
            self.send({"id": number, "error": error})

    # -- what an editor does ----------------------------------------------------------------

    def start_request(self, method: str, params: Any = None) -> tuple[int, "asyncio.Future[Any]"]:
        number = next(self._ids)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        self.send({"id": number, "method": method, "params": params})
        return number, future

    async def request(self, method: str, params: Any = None) -> Any:
        _, future = self.start_request(method, params)
        async with asyncio.timeout(DEADLINE):
            return await future

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    async def until(self, accept: Callable[[], Any], what: str) -> Any:
        """Wait until `accept` gives something true; it is asked after each message."""
        try:
            async with asyncio.timeout(DEADLINE):
                while not (found := accept()):
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"no {what}; came: {self.notifications}") from None

    async def notified(self, method: str, text: str = "") -> Any:
        """The params of a notification that holds `text`; past ones count."""

        def look() -> Any:
            return next(
                (
                    params
                    for name, params in self.notifications
                    if name == method and text in json.dumps(params, ensure_ascii=False)
                ),
                None,
            )

        return await self.until(look, f"{method} with {text!r}")

    def shown(self) -> list[str]:
        """The texts of all messages shown so far."""
        return [
            params["message"]
            for method, params in self.notifications
            if method == "window/showMessage"
        ]

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """What stands in a document now."""
        for method, params in reversed(self.notifications):
            if method == "textDocument/publishDiagnostics" and params["uri"] == uri:
                return list(params["diagnostics"])
        return []

    async def initialize(
        self, capabilities: dict[str, Any] | None = None, options: Any = None, **params: Any
    ) -> Any:
        folders = [{"uri": self.root.as_uri(), "name": "project"}] if self.root else None
        result = await self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": self.root.as_uri() if self.root else None,
                "workspaceFolders": folders,
                "capabilities": MODERN if capabilities is None else capabilities,
                "initializationOptions": options,
                **params,
            },
        )
        self.notify("initialized", {})
        return result

    async def attached(self) -> None:
        await self.notified("window/logMessage", "Attached to")

    def open(self, text: str, name: str = "src/demo.clj", language: str = "clojure") -> "Opened":
        """Open a document; a marked cursor or selection is taken out of its text."""
        plain, marks = unmarked(text)
        uri = name if ":" in name else (self.root or Path("/nowhere")).joinpath(name).as_uri()
        document = {"uri": uri, "languageId": language, "version": 1, "text": plain}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return Opened(self, uri, plain, marks)

    async def command(self, name: str, *arguments: Any) -> Any:
        params = {"command": name, "arguments": list(arguments)}
        return await self.request("workspace/executeCommand", params)


class Opened:
    """A document that is open, with the places marked in its text."""

    def __init__(self, editor: Editor, uri: str, text: str, marks: list[int]) -> None:
        self.editor = editor
        self.uri = uri
        self.text = text
        self.marks = [position(text, mark) for mark in marks]
        self.version = 1

    @property
    def cursor(self) -> dict[str, int]:
        return self.marks[0]

    @property
    def selection(self) -> dict[str, Any]:
        return {"start": self.marks[0], "end": self.marks[-1]}

    @property
    def at_cursor(self) -> dict[str, Any]:
        return {"uri": self.uri, "position": self.cursor}

    async def ask(self, method: str, **more: Any) -> Any:
        place = more.pop("position", None) or self.cursor
        params = {"textDocument": {"uri": self.uri}, "position": place, **more}
        return await self.editor.request(f"textDocument/{method}", params)

    async def actions(self, **context: Any) -> Any:
        params = {
            "textDocument": {"uri": self.uri},
            "range": self.selection,
            "context": {"diagnostics": [], **context},
        }
        return await self.editor.request("textDocument/codeAction", params)

    def change(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        span = {
            "start": {"line": start[0], "character": start[1]},
            "end": {"line": end[0], "character": end[1]},
        }
        self.send_change({"range": span, "text": text})

    def replace(self, text: str) -> None:
        self.send_change({"text": text})

    def send_change(self, *changes: dict[str, Any]) -> None:
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        params = {"textDocument": document, "contentChanges": list(changes)}
        self.editor.notify("textDocument/didChange", params)

    def close(self) -> None:
        self.editor.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})


def unmarked(text: str) -> tuple[str, list[int]]:
    """The text without its marks, and where they were."""
    marks = []
    plain = ""
    for character in text:
        if character in "|«»":
            marks.append(len(plain))
        else:
            plain += character
    return plain, marks


def position(text: str, offset: int, encoding: str = "utf-16") -> dict[str, int]:
    """A place in LSP's units, worked out the slow and plain way."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    name = encoding if encoding == "utf-8" else f"{encoding}-le"
    return {"line": len(before) - 1, "character": len(before[-1].encode(name)) // width}
