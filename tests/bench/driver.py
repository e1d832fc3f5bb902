"""An LSP client that blocks: bytes made before the clock starts, read until the reply is whole."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.bench.measure import Unavailable

DEADLINE = 20.0
PROGRAM = Path(sys.executable).parent / "nrepl-lsp"
UNWANTED = {
    "PYTHONDONTWRITEBYTECODE",
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
    "NREPL_HOST",
    "NREPL_PORT",
}
CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "completion": {
            "completionItem": {"snippetSupport": False, "documentationFormat": ["markdown"]},
            "completionList": {"itemDefaults": ["editRange", "data"]},
        },
    },
}

Json = dict[str, Any]


def frame(body: Json) -> bytes:
    """Return one message as it goes over the wire."""
    data = json.dumps(body, separators=(",", ":")).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(data), data)


def at(uri: str, line: int, character: int) -> Json:
    """Return the parameters of a request about a position."""
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


class LspProcess:
    """A language server over pipes. A context manager that kills it in the end.

    Requests raise Unavailable when the server ended, with the last lines that it printed.
    """

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str] = {}) -> None:
        self.home = tempfile.TemporaryDirectory(prefix="nrepl-bench-")
        self.root = Path(self.home.name).resolve()
        self._errors = (self.root / "stderr").open("w+b")
        self._buffer = bytearray()
        self._last_id = 0
        kept = {key: value for key, value in os.environ.items() if key not in UNWANTED}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=self.root,
            env={**kept, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._in = self.process.stdin.fileno()
        self._out = self.process.stdout.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.communicate()
        self._errors.close()
        self.home.cleanup()

    def initialize(self) -> float:
        """Do the handshake; return the seconds from the process' start to the reply."""
        params = {
            "processId": os.getpid(),
            "rootUri": self.root.as_uri(),
            "workspaceFolders": [{"uri": self.root.as_uri(), "name": "bench"}],
            "capabilities": CAPABILITIES,
        }
        self.request("initialize", params)
        seconds = time.perf_counter() - self.started
        self.notify("initialized", {})
        return seconds

    def open(self, name: str, text: str, language: str = "clojure") -> str:
        """Open a document of that name in the root; return its URI."""
        uri = (self.root / name).as_uri()
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def notify(self, method: str, params: Json) -> None:
        self._write(frame({"jsonrpc": "2.0", "method": method, "params": params}))

    def request(self, method: str, params: Json) -> Any:
        """Return the result of a request; None also stands for an error."""
        return self._ask(method, params, b"")[1].get("result")

    def seconds(self, method: str, params: Json, before: bytes = b"") -> float:
        """Return the time from the first byte out (`before` comes first) to the reply's last."""
        return self._ask(method, params, before)[0]

    def _ask(self, method: str, params: Json, before: bytes) -> tuple[float, Json]:
        self._last_id += 1
        wanted = self._last_id
        data = before + frame({"jsonrpc": "2.0", "id": wanted, "method": method, "params": params})
        start = time.perf_counter()
        self._write(data)
        while True:
            body = self._read()
            taken = time.perf_counter() - start
            message = json.loads(body)
            if message.get("id") == wanted and "method" not in message:
                return taken, message
            if "id" in message:
                self._write(frame({"jsonrpc": "2.0", "id": message["id"], "result": None}))

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._in, data) :]
        except BrokenPipeError:
            raise self._ended() from None

    def _read(self) -> bytes:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._fill()
        header = bytes(self._buffer[:end]).lower()
        length = int(header.split(b"content-length:")[1].split()[0])
        start = end + 4
        while len(self._buffer) < start + length:
            self._fill()
        body = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return body

    def _fill(self) -> None:
        if not select.select([self._out], [], [], DEADLINE)[0]:
            raise Unavailable(f"the server did not answer in {DEADLINE:g} s")
        data = os.read(self._out, 1 << 20)
        if not data:
            raise self._ended()
        self._buffer += data

    def _ended(self) -> Unavailable:
        self.process.wait(5)
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        last = lines[-1][:120] if lines else "no word"
        return Unavailable(f"the server ended with code {self.process.returncode}: {last}")

    def resident_bytes(self) -> int:
        """Return the process' resident memory (Linux)."""
        try:
            status = Path(f"/proc/{self.process.pid}/statm").read_text()
        except OSError:
            raise Unavailable("resident memory is read from /proc, which is Linux") from None
        return int(status.split()[1]) * os.sysconf("SC_PAGE_SIZE")


def nrepl_lsp(*arguments: str, env: Mapping[str, str] = {}) -> LspProcess:
    """Start the product as an editor would. Raises Unavailable while it is not there."""
    if not PROGRAM.exists():
        raise Unavailable("nrepl-lsp is not installed")
    return LspProcess([str(PROGRAM), *arguments], env=env)


def module(name: str, *arguments: str) -> LspProcess:
    """Start a module of the tests as a language server."""
    repository = str(Path(__file__).parents[2])
    return LspProcess([sys.executable, "-m", name, *arguments], env={"PYTHONPATH": repository})


def floor(name: str, *arguments: str) -> LspProcess:
    """Start one of the floors in tests/bench/floors."""
    return module(f"tests.bench.floors.{name}", *arguments)
