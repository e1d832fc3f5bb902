"""The real program over stdio, driven by the demo's small editor."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.demo.editor import Editor
from tests.support import warm
from tests.support.servers import UNWANTED

#: The program itself, for what is about starting and ending, and about its process.
STARTED = [sys.executable, "-m", "nrepl_lsp"]

_PLACE = Path(tempfile.gettempdir(), f"nrepl-lsp-{os.getpid()}-{secrets.token_hex(4)}")
_IS_WARM = sys.platform == "linux"

#: The same without the second that its imports take; see `tests/support/warm.py`.
PROGRAM = [sys.executable, "-I", "-S", warm.__file__, str(_PLACE)] if _IS_WARM else STARTED

#: What a current editor announces, as far as it changes our answers.
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}},
    },
}


class Client(Editor):
    """The demo's editor with words for what the tests do often."""

    async def say_hello(self) -> Any:
        return await self.initialize(CAPABILITIES)

    async def attached(self, to: object = "") -> None:
        await self.notified(
            "window/logMessage",
            lambda params: params["message"].startswith("Attached to") and str(to) in str(params),
        )

    async def shown(self, text: str) -> str:
        """Wait for a message that holds a text."""
        params = await self.notified("window/showMessage", lambda params: text in params["message"])
        return str(params["message"])

    async def ask(self, method: str, uri: str, line: int, character: int) -> Any:
        place = {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": character},
        }
        return await self.request(f"textDocument/{method}", place)

    async def at(self, method: str, uri: str, text: str, mark: str) -> Any:
        """Ask at the end of the first `mark` in a document's text."""
        before = text[: text.index(mark) + len(mark)].replace("\r\n", "\n").split("\n")
        column = len(before[-1].encode("utf-16-le")) // 2
        return await self.ask(method, uri, len(before) - 1, column)

    async def evaluate(self, uri: str, code: str, **more: Any) -> Any:
        return await self.command("nrepl.evalCode", uri=uri, code=code, wait=True, **more)

    def open_text(self, uri: str, text: str, language: str = "clojure") -> str:
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def type(self, uri: str, line: int, character: int, text: str, version: int) -> None:
        place = {"line": line, "character": character}
        self.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": uri, "version": version},
                "contentChanges": [{"range": {"start": place, "end": place}, "text": text}],
            },
        )


@pytest.fixture(scope="session", autouse=True)
def warm_program() -> Iterator[None]:
    """Who answers `PROGRAM`."""
    if not _IS_WARM:
        yield
        return
    environment = {key: value for key, value in os.environ.items() if key not in UNWANTED}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.warm", str(_PLACE)],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield
        finally:
            process.kill()
            _PLACE.unlink(missing_ok=True)


@pytest.fixture
def client(tmp_path: Path) -> Callable[..., Client]:
    """`client(root, *arguments, **environment)`: an editor with nrepl-lsp; use `async with`."""

    def make(root: Path, *arguments: str, **environment: str) -> Client:
        environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), **environment}
        settings = [f"{name}={value}" for name, value in environment.items()]
        return Client(["env", *settings, *PROGRAM, *arguments], root)

    return make
