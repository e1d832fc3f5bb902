"""nrepl-lsp as a process: its arguments, its exit codes, and a wire that nothing disturbs."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp import __version__, cli
from nrepl_lsp.lsp.jsonrpc import Framer, frame

DEADLINE = 15.0

ONE_SECOND = 1.0
"""How long the end may take; measured, with `SLACK` for a busy machine."""

SLACK = 1.0

STAND_IN = """
import asyncio, subprocess, sys, time, types
from pathlib import Path

def create_server(*, connect=None, record=None):
    from pygls.lsp.server import LanguageServer
    from nrepl_lsp.lsp.protocol import Protocol
    from nrepl_lsp.lsp.structuring import shared_converter

    class StandIn(LanguageServer):
        async def close(self):
            if HANG == "close":
                await asyncio.to_thread(time.sleep, 60)
            if MARK:
                Path(MARK).write_text("closed")

    server = StandIn("stand-in", "1", protocol_cls=Protocol, converter_factory=shared_converter)

    @server.command("print")
    async def loud(ls):
        print("printed")
        child = "import sys; print('child read', repr(sys.stdin.read()))"
        subprocess.run([sys.executable, "-c", child], check=True)
        return "quiet"

    @server.command("block")
    async def block(ls):
        await asyncio.to_thread(time.sleep, 60)

    return server

HANG, MARK = sys.argv[1:3]
module = types.ModuleType("nrepl_lsp.lsp.registry")
module.create_server = create_server
sys.modules[module.__name__] = module
from nrepl_lsp.cli import main
sys.exit(main(sys.argv[3:]))
"""


class Program:
    """A running nrepl-lsp with the stand-in server, driven over its stdin and stdout."""

    def __init__(self, *arguments: str, hang: str = "", mark: str = "") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", STAND_IN, hang, mark, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        self._framer = Framer()
        self._messages: list[Any] = []

    def send(self, method: str, params: Any = None, msg_id: Any = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if msg_id is not None:
            message["id"] = msg_id
        self.process.stdin.write(frame(json.dumps(message).encode()))  # type: ignore[union-attr]

    def receive(self) -> Any:
        while not self._messages:
            data = self.process.stdout.read(65536)  # type: ignore[union-attr]
            assert data, "stdout has ended"
            self._messages += [json.loads(body) for body in self._framer.feed(data)]  # type: ignore[arg-type]
        return self._messages.pop(0)

    def ask(self, method: str, params: Any = None) -> Any:
        self.send(method, params, 1)
        return self.receive()

    def initialize(self) -> None:
        params = {"processId": os.getpid(), "capabilities": {}}
        assert "capabilities" in self.ask("initialize", params)["result"]

    def end(self) -> tuple[int, float, str]:
        """The exit code, how long the end took, and what was written to stderr."""
        started = time.monotonic()
        code = self.process.wait(DEADLINE)
        took = time.monotonic() - started
        return code, took, self.process.stderr.read().decode()  # type: ignore[union-attr]

    def dispose(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Program]]:
    programs: list[Program] = []

    def run(*arguments: str, **options: str) -> Program:
        programs.append(Program(*arguments, **options))
        return programs[-1]

    yield run
    for program in programs:
        program.dispose()


# The session


@pytest.mark.e2e
@pytest.mark.parametrize("arguments", [(), ("--stdio",), ("--stdio", "--log-level", "DEBUG")])
def test_a_session_over_stdio_ends_with_zero(
    start: Callable[..., Program], arguments: tuple[str, ...], tmp_path: Path
) -> None:
    program = start(*arguments, mark=str(tmp_path / "mark"))
    program.initialize()
    assert program.ask("shutdown")["result"] is None
    program.send("exit")
    code, took, err = program.end()
    assert program.process.stdout.read() == b""  # type: ignore[union-attr]
    assert (code, took < ONE_SECOND + SLACK) == (0, True)
    assert (tmp_path / "mark").read_text() == "closed"
    assert ("DEBUG" in err) == ("DEBUG" in arguments)
    assert "Traceback" not in err


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda program: program.send("exit"), 1),
        (lambda program: program.process.stdin.close(), 1),
        (lambda program: program.process.send_signal(signal.SIGTERM), 128 + signal.SIGTERM),
        (lambda program: program.process.send_signal(signal.SIGINT), 128 + signal.SIGINT),
        (lambda program: program.process.stdin.write(b"hello\n"), 1),
    ],
    ids=["exit", "end of input", "SIGTERM", "SIGINT", "not LSP"],
)
def test_every_other_end_is_clean_quick_and_has_its_code(
    start: Callable[..., Program], end: Callable[[Program], Any], code: int, tmp_path: Path
) -> None:
    program = start(mark=str(tmp_path / "mark"))
    program.initialize()
    end(program)
    found, took, err = program.end()
    assert found == code
    assert took < ONE_SECOND + SLACK
    assert (tmp_path / "mark").read_text() == "closed"
    assert "Traceback" not in err


@pytest.mark.e2e
@pytest.mark.parametrize("hang", ["close", "command"])
def test_nothing_that_hangs_keeps_the_process(start: Callable[..., Program], hang: str) -> None:
    program = start(hang=hang)
    program.initialize()
    if hang == "command":
        program.send("workspace/executeCommand", {"command": "block"}, 7)
        assert program.ask("workspace/executeCommand", {"command": "?"})["error"]
    program.process.stdin.close()  # type: ignore[union-attr]
    code, took, _ = program.end()
    assert code == 1
    assert took < ONE_SECOND + SLACK


@pytest.mark.e2e
def test_prints_and_children_do_not_reach_the_wire(start: Callable[..., Program]) -> None:
    program = start()
    program.initialize()
    assert program.ask("workspace/executeCommand", {"command": "print"})["result"] == "quiet"
    program.send("exit")
    code, _, err = program.end()
    assert program.process.stdout.read() == b""  # type: ignore[union-attr]
    assert code == 1
    assert "printed" in err
    assert "child read ''" in err


@pytest.mark.e2e
def test_tcp_serves_for_debugging(start: Callable[..., Program]) -> None:
    program = start("--tcp", "127.0.0.1:0")
    line = program.process.stderr.readline().decode()  # type: ignore[union-attr]
    assert line.startswith("nrepl-lsp listens on 127.0.0.1:")
    port = int(line.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
        request = {"id": 1, "method": "initialize", "params": {"capabilities": {}}}
        client.sendall(frame(json.dumps(request).encode()))
        assert client.recv(65536).startswith(b"Content-Length: ")
        program.process.send_signal(signal.SIGTERM)
        code, took, _ = program.end()
    assert code == 128 + signal.SIGTERM
    assert took < ONE_SECOND + SLACK


@pytest.mark.e2e
def test_the_command_line_alone_imports_nothing_slow() -> None:
    slow = "('asyncio', 'logging', 'pygls', 'attrs')"
    code = f"import sys, nrepl_lsp.cli; print([name for name in {slow} if name in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=DEADLINE
    )
    assert result.stdout == "[]\n"


@pytest.mark.e2e
def test_the_module_is_the_program() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "nrepl_lsp", "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE,
    )
    assert result.stdout == f"nrepl-lsp {__version__}\n"
    assert result.stderr == ""


# Arguments


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tcp", "7888"], "expected HOST:PORT, got '7888'"),
        (["--tcp", "localhost:x"], "expected HOST:PORT"),
        (["--tcp", "localhost:70000"], "expected HOST:PORT"),
        (["--tcp"], "expected one argument"),
        (["--stdio", "--tcp", "localhost:0"], "exclude each other"),
        (["--connect", "not an address"], "is not an nREPL address"),
        (["--log-level", "loud"], "invalid choice: 'loud'"),
        (["--log-file", "/no/such/folder/log"], "cannot write the log"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["play"], "invalid choice: 'play'"),
    ],
)
def test_wrong_arguments_are_one_clear_sentence_and_exit_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert words in err
    assert err.startswith("nrepl-lsp: ")
    assert err.count("\n") == 1
    assert out == ""


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"nrepl-lsp {__version__}\n"


@pytest.mark.parametrize("missing", ["rich", "basilisp"])
def test_the_demo_says_what_it_needs(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == missing else 1)
    with pytest.raises(SystemExit) as ended:
        cli.main(["demo"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        'nrepl-lsp: the demo needs two more packages: pip install "nrepl-lsp[demo]"\n'
    )


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (3, 3)])
def test_the_demos_result_is_the_exit_code(
    result: int | None, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = types.ModuleType("nrepl_lsp.demo")
    demo.main = lambda: result  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "nrepl_lsp.demo", demo)
    monkeypatch.setattr("nrepl_lsp.demo", demo, raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: 1)
    assert cli.main(["demo"]) == code


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What the command line would serve, in place of serving it; logging is put back."""
    from nrepl_lsp.lsp import stdio, tcp

    calls: list[Any] = []
    server = types.ModuleType("nrepl_lsp.lsp.registry")
    server.create_server = lambda **options: options  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, server.__name__, server)
    monkeypatch.setattr("nrepl_lsp.lsp.registry", server, raising=False)
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    monkeypatch.setattr(stdio, "serve_stdio", lambda server: calls.append(server) or 5)
    monkeypatch.setattr(
        tcp, "serve_tcp", lambda create, *address: calls.append((create(), address)) or 6
    )
    root, ours = logging.getLogger(), logging.getLogger("nrepl_lsp")
    handlers = set(root.handlers)
    levels = root.level, ours.level, logging.raiseExceptions
    yield calls
    for handler in set(root.handlers) - handlers:
        root.removeHandler(handler)
        handler.close()
    root.level, ours.level, logging.raiseExceptions = levels


def test_the_options_reach_the_server(served: list[Any], tmp_path: Path) -> None:
    record = str(tmp_path / "record")
    assert cli.main(["--stdio", "--connect", "nrepl://localhost:7888", "--record", record]) == 5
    assert served == [{"connect": "nrepl://localhost:7888", "record": record}]


def test_tcp_takes_the_address(served: list[Any]) -> None:
    assert cli.main(["--tcp", "[::1]:2087"]) == 6
    assert served == [({"connect": None, "record": None}, ("::1", 2087))]


def test_the_log_goes_to_the_file_with_pygls_at_warning(served: list[Any], tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert cli.main(["--log-file", str(log), "--log-level", "INFO"]) == 5
    logging.getLogger("nrepl_lsp.x").info("ours")
    logging.getLogger("pygls.x").info("theirs")
    text = log.read_text()
    assert "INFO nrepl_lsp.x: ours" in text
    assert "theirs" not in text


def test_the_log_is_at_warning_by_default(
    served: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main([])
    assert not logging.getLogger("nrepl_lsp.x").isEnabledFor(logging.INFO)
    assert logging.getLogger("nrepl_lsp.x").isEnabledFor(logging.WARNING)


def test_a_server_that_cannot_start_is_one_sentence(
    served: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**options: Any) -> None:
        raise PermissionError(13, "Permission denied", "record.jsonl")

    monkeypatch.setattr("nrepl_lsp.lsp.registry.create_server", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main(["--record", "record.jsonl"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "nrepl-lsp: cannot start: [Errno 13] Permission denied: 'record.jsonl'\n"
    )
