"""Real nREPL servers for the tests: how each one starts, and one that is running.

A server counts as started when it has answered a bencoded `describe`: the port, the port file and
the printed line all come earlier or later, by server. Each one runs in a process group of its own
with a folder of its own, and ends with the whole group, so that nothing outlives the tests.

Nothing here uses nrepl_lsp: what is tested must not be what says that the test may begin.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import pytest

JARS = Path("/usr/share/java")
NBB = Path(__file__).parent / "nbb" / "node_modules" / "nbb" / "cli.js"
PROGRAMS = Path(sys.executable).parent

DESCRIBE = b"d2:id1:12:op8:describee"
DONE = b"6:statusl4:done"

# A cold Basilisp compiles its core library first: 15 s on the machine of docs/servers.md.
READY_SECONDS = 50.0
STOP_SECONDS = 5.0

# PYTHONDONTWRITEBYTECODE switches Basilisp's namespace cache off (15 s a start instead of 0.5 s);
# coverage's variables would trace every Python server that the tests start.
UNWANTED = ("PYTHONDONTWRITEBYTECODE", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")


class ServerFailedError(Exception):
    """A server ended, or did not answer in time; the text holds what it printed."""


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """How one server starts.

    `command(cwd, place)` gives the arguments, `place` being a port in text or a socket's path.
    `absent()` says in one line what is missing and how to get it, or None when it can start.
    """

    name: str
    language: str
    command: Callable[[Path, str], list[str]]
    absent: Callable[[], str | None]
    marks: tuple[str, ...] = ("live",)
    unix: bool = False
    writes_port_file: bool = True


def _java(cwd: Path, jar: str, *rest: str) -> list[str]:
    class_path = [JARS / "clojure.jar", JARS / jar, cwd, cwd / "src"]
    # A start takes a third of the time where little is compiled, and by one collector.
    quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    path = ":".join(map(str, class_path))
    return ["java", "-Xmx512m", *quick, "-cp", path, "clojure.main", *rest]


def _nrepl(cwd: Path, port: str) -> list[str]:
    return _java(cwd, "nrepl.jar", "-m", "nrepl.cmdline", "--bind", "127.0.0.1", "--port", port)


def _nrepl_unix(cwd: Path, path: str) -> list[str]:
    return _java(cwd, "nrepl.jar", "-m", "nrepl.cmdline", "--socket", path)


def _tools_nrepl(cwd: Path, port: str) -> list[str]:
    start = f'(clojure.tools.nrepl.server/start-server :bind "127.0.0.1" :port {port})'
    code = f"(require 'clojure.tools.nrepl.server) {start} @(promise)"
    return _java(cwd, "tools.nrepl.jar", "-e", code)


def _basilisp(cwd: Path, port: str) -> list[str]:
    return [str(PROGRAMS / "basilisp"), "nrepl-server", "--port", port]


def _hy(cwd: Path, port: str) -> list[str]:
    return [str(PROGRAMS / "hy-nrepl"), port]


def _nbb(cwd: Path, port: str) -> list[str]:
    return ["node", str(NBB), "-cp", f"{cwd}:{cwd / 'src'}", "nrepl-server", ":port", port]


def _needs_java(jar: str, package: str) -> Callable[[], str | None]:
    def absent() -> str | None:
        wanted = [JARS / "clojure.jar", JARS / jar]
        if shutil.which("java") and all(path.exists() for path in wanted):
            return None
        packages = f"{package} libclojure-java default-jre-headless"
        return f"get it with: sudo apt-get install --no-install-recommends {packages}"

    return absent


def _needs_node() -> str | None:
    if shutil.which("node") and NBB.exists():
        return None
    return "get it with: npm ci --prefix tests/support/nbb (needs Node.js)"


def _needs_program(name: str) -> Callable[[], str | None]:
    def absent() -> str | None:
        return None if (PROGRAMS / name).exists() else "get it with: pip install --group test"

    return absent


JAVA_MARKS = ("live", "java")
_NREPL_ABSENT = _needs_java("nrepl.jar", "libnrepl-clojure")
_TOOLS_ABSENT = _needs_java("tools.nrepl.jar", "libtools-nrepl-clojure")

SERVERS: dict[str, ServerSpec] = {
    spec.name: spec
    for spec in (
        ServerSpec("basilisp", "clojure", _basilisp, _needs_program("basilisp")),
        ServerSpec("nbb", "clojure", _nbb, _needs_node, ("live", "node")),
        ServerSpec("nrepl-1.0.0", "clojure", _nrepl, _NREPL_ABSENT, JAVA_MARKS),
        ServerSpec(
            "nrepl-1.0.0-unix", "clojure", _nrepl_unix, _NREPL_ABSENT, JAVA_MARKS, unix=True
        ),
        ServerSpec(
            "tools.nrepl-0.2.13",
            "clojure",
            _tools_nrepl,
            _TOOLS_ABSENT,
            JAVA_MARKS,
            writes_port_file=False,
        ),
        ServerSpec("hy-nrepl", "hy", _hy, _needs_program("hy-nrepl"), writes_port_file=False),
    )
}


#: The servers that are not another one over a unix socket.
PROGRAMS_APART = tuple(name for name, spec in SERVERS.items() if not spec.unix)


def missing(reason: str) -> NoReturn:
    """Skip the test with `reason`; under `CI=true` fail it, since there nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true allows no skipped server; {reason}", pytrace=False)
    pytest.skip(reason)


def require(name: str) -> ServerSpec:
    """Return the server called `name`, or skip (under `CI=true`: fail) when it is not installed."""
    spec = SERVERS[name]
    if reason := spec.absent():
        missing(f"{name} is not installed; {reason}")
    return spec


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def answers(place: str, timeout: float = 1.0) -> bool:
    """Say whether an nREPL server answers a bencoded `describe` at a port or a socket's path."""
    unix = not place.isdigit()
    family = socket.AF_UNIX if unix else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(timeout)
        try:
            probe.connect(place if unix else ("127.0.0.1", int(place)))
            probe.sendall(DESCRIBE)
            received = b""
            while DONE not in received and (data := probe.recv(65536)):
                received += data
        except OSError:
            return False
    return DONE in received


@dataclass(slots=True)
class RunningServer:
    """A server that answered `describe`. A context manager: leaving it stops the server."""

    spec: ServerSpec
    cwd: Path
    place: str
    process: subprocess.Popen[bytes]
    home: Path

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def language(self) -> str:
        return self.spec.language

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        if self.spec.unix:
            return f"nrepl+unix:{self.place}"
        return f"nrepl://127.0.0.1:{self.place}"

    @property
    def port(self) -> int | None:
        """The TCP port; None for a unix socket."""
        return None if self.spec.unix else int(self.place)

    @property
    def port_file(self) -> Path:
        """`.nrepl-port` in the server's folder; nREPL 1.0.0 on a unix socket leaves it empty."""
        return self.cwd / ".nrepl-port"

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def output(self) -> str:
        """Return what the server printed so far, both streams in one."""
        return (self.home / "output").read_text(errors="replace")

    def stop(self) -> None:
        """End the server as a terminal would: SIGTERM to its group, then SIGKILL."""
        _end(self.process, signal.SIGTERM)
        if not self.spec.writes_port_file:
            self.port_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the server at once; its port file stays behind, as after a crash."""
        if self.is_running:
            _end(self.process, signal.SIGKILL)

    def restart(self, port: int | None = None) -> None:
        """Start again in the same folder, on `port` or a free one (a unix socket keeps its path).

        The server is stopped first if it still runs. Raises ServerFailedError.
        """
        if self.is_running:
            self.stop()
        if self.spec.unix:
            Path(self.place).unlink(missing_ok=True)
        wanted = self.place if self.spec.unix else port
        self.process, self.place = _start(self.spec, self.cwd, self.home, wanted)
        _write_port_file(self)

    def dispose(self) -> None:
        """Stop the server and remove its folder; a project folder that was given stays."""
        if self.is_running:
            self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.dispose()


def start(name: str, *, cwd: Path | None = None, port: int | None = None) -> RunningServer:
    """Start the server called `name` in `cwd` (default: an empty folder of its own).

    `cwd` and `cwd/src` are where it finds namespaces, and `.nrepl-port` appears in `cwd`. Without
    `port` a free one is taken. Skips the test when the server is missing; raises ServerFailedError.
    """
    spec = require(name)
    # Not pytest's tmp_path: a unix socket's path must stay below 108 bytes (macOS: 104).
    home = Path(tempfile.mkdtemp(prefix="nrepl-")).resolve()
    if cwd is None:
        cwd = home / "project"
        (cwd / "src").mkdir(parents=True)
    wanted = str(home / "socket") if spec.unix else port
    try:
        process, place = _start(spec, cwd, home, wanted)
    except ServerFailedError:
        shutil.rmtree(home, ignore_errors=True)
        raise
    server = RunningServer(spec, cwd, place, process, home)
    atexit.register(server.dispose)
    _write_port_file(server)
    return server


def _write_port_file(server: RunningServer) -> None:
    if not server.spec.writes_port_file:
        server.port_file.write_text(server.place)


def _start(
    spec: ServerSpec, cwd: Path, home: Path, wanted: str | int | None
) -> tuple[subprocess.Popen[bytes], str]:
    # A port that was free a moment ago may be taken by now: then one more try with another one.
    tries = 1 if wanted else 2
    while True:
        tries -= 1
        place = str(wanted or free_port())
        process = _spawn(spec, cwd, home, place)
        try:
            _wait_until_ready(spec, process, place, home)
        except ServerFailedError:
            _end(process, signal.SIGKILL)
            if not tries:
                raise
        else:
            return process, place


def _spawn(spec: ServerSpec, cwd: Path, home: Path, place: str) -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if key not in UNWANTED}
    # hy-nrepl runs `hy`, which is beside it and not on every PATH.
    environment["PATH"] = f"{PROGRAMS}{os.pathsep}{environment['PATH']}"
    environment["PYTHONPATH"] = f"{cwd}{os.pathsep}{cwd / 'src'}"
    with (home / "output").open("ab") as output:
        return subprocess.Popen(
            spec.command(cwd, place),
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_until_ready(
    spec: ServerSpec, process: subprocess.Popen[bytes], place: str, home: Path
) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers(place):
        output = (home / "output").read_text(errors="replace")[-4000:]
        if process.poll() is not None:
            raise ServerFailedError(f"{spec.name} ended with code {process.returncode}:\n{output}")
        if time.monotonic() > deadline:
            raise ServerFailedError(f"{spec.name} did not answer in {READY_SECONDS:g} s:\n{output}")
        # The process offers no event for "listening"; asking again is the only way.
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(process.pid, how)
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        # Also after a clean end: a child of the server may have stayed.
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class ServerPool:
    """Servers that many tests share, each started when it is first asked for."""

    def __init__(self) -> None:
        self._servers: dict[str, RunningServer] = {}

    def get(self, name: str) -> RunningServer:
        """Return the shared server called `name`; starts it again if a test ended it."""
        server = self._servers.get(name)
        if server is None or not server.is_running:
            server = self._servers[name] = start(name)
        return server

    def close(self) -> None:
        for server in self._servers.values():
            server.dispose()
