"""One session for each editor and server, and the matrix of what was seen in them."""

import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import servers
from tests.support.servers import RunningServer

from .editor import Desk, Editor, Missing
from .matrix import Matrix
from .program import PROGRAMS

SERVER = str(Path(sys.executable).parent / "nrepl-lsp")

#: In the environment of everything that a session starts.
MARK = "NREPL_LSP_SESSION"


@dataclass(frozen=True)
class Session:
    """A driver, by module and class, and a server; all of them must run under `CI=true`."""

    module: str
    driver: str
    server: str

    @property
    def id(self) -> str:
        return f"{self.module}-{self.driver}-{self.server}"

    def editor_class(self) -> type[Editor]:
        module = importlib.import_module(f".{self.module}", __package__)
        chosen = getattr(module, self.driver)
        assert issubclass(chosen, Editor)
        return chosen


SESSIONS = [
    Session("neovim", "Neovim", "basilisp"),
    Session("neovim", "Neovim", "nrepl-1.0.0"),
    Session("neovim", "NeovimPlugin", "basilisp"),
    Session("neovim", "NeovimPlugin", "nrepl-1.0.0"),
    Session("helix", "Helix", "basilisp"),
    Session("helix", "Helix", "nrepl-1.0.0"),
    Session("emacs", "Eglot", "basilisp"),
    Session("emacs", "Eglot", "nrepl-1.0.0"),
    Session("emacs", "EglotPlugin", "basilisp"),
    Session("emacs", "EglotPlugin", "nrepl-1.0.0"),
    Session("vscode", "Code", "basilisp"),
    Session("vscode", "Code", "nrepl-1.0.0"),
    Session("emacs", "LspMode", "basilisp"),
    Session("emacs", "LspMode", "nrepl-1.0.0"),
    Session("vim", "VimAle", "basilisp"),
    Session("vim", "VimAle", "nrepl-1.0.0"),
    Session("kate", "Kate", "basilisp"),
    Session("kate", "Kate", "nrepl-1.0.0"),
]

#: The versions of the editors that are installed, by their sessions.
VERSIONS = pytest.StashKey[dict[Session, str]]()
MATRIX = pytest.StashKey[Matrix]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shots", metavar="DIR", help="where the editors' screenshots are kept")
    parser.addoption("--matrix", metavar="FILE", help="the document whose matrix is written anew")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[VERSIONS] = {}
    config.stash[MATRIX] = Matrix([session.id for session in SESSIONS])
    config.pluginmanager.register(config.stash[MATRIX])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n 2` two sessions run at a time, each in one process, as its journeys share it."""
    from xdist.scheduler import LoadScopeScheduling

    class Sessions(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            # By the parameter, and by the file for what has none.
            name, _, parameter = nodeid.rstrip("]").partition("[")
            return parameter or name.partition("::")[0]

    return Sessions(config, log)


@dataclass(frozen=True)
class Work:
    """A session under way: `editor` shows the sample file of the running `server`'s project."""

    editor: Editor
    server: RunningServer
    mark: str

    def left(self) -> list[str]:
        """The command lines of the processes that the editor started and that are still there."""
        return [_command_line(pid) for pid in _marked(self.mark)]


@pytest.fixture(
    scope="module", params=[pytest.param(session, id=session.id) for session in SESSIONS]
)
def work(request: pytest.FixtureRequest) -> Iterator[Work]:
    """Each editor at work; what is left of it at the end is killed."""
    session: Session = request.param
    driver = session.editor_class()
    try:
        request.config.stash[VERSIONS][session] = driver.version()
    except Missing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI=true allows no skipped editor; {missing}", pytrace=False)
        pytest.skip(str(missing))
    # Not pytest's tmp_path: sockets' paths must stay below 108 bytes.
    base = Path(tempfile.mkdtemp(prefix="editor-")).resolve()
    program = PROGRAMS[session.server]
    file = program.write(base / "project")
    server = servers.start(session.server, cwd=base / "project")
    mark = uuid.uuid4().hex
    home = base / "home"
    home.mkdir()
    desk = Desk(
        program=program,
        project=base / "project",
        file=file,
        home=home,
        server=[SERVER],
        environment={
            MARK: mark,
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_RUNTIME_DIR": str(home),
        },
        shots=Path(request.config.getoption("--shots") or base / "shots"),
    )
    editor = driver(desk)
    try:
        editor.start()
        yield Work(editor, server, mark)
    finally:
        editor.kill()
        for pid in _marked(mark):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        server.dispose()
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def editor(work: Work, request: pytest.FixtureRequest) -> Editor:
    """The session's editor, settled; skips the journey that the editor has no means for."""
    journey = request.function.__name__.removeprefix("test_")
    if reason := work.editor.lacks.get(journey):
        pytest.skip(f"{work.editor.name}: {reason}")
    work.editor.settle()
    return work.editor


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put what came of a journey into the matrix; show the screen of a failed one."""
    report = yield
    spec = getattr(item, "callspec", None)
    session = spec.params.get("work") if spec is not None else None
    if isinstance(session, Session) and (version := item.config.stash[VERSIONS].get(session)):
        journey = item.name.split("[")[0].removeprefix("test_")
        editor = session.editor_class().name
        Matrix.note(report, session.id, editor, version, session.server, journey)
    if report.failed and "work" in getattr(item, "funcargs", {}):
        with suppress(Exception):
            report.sections.append(("screen", item.funcargs["work"].editor.screen()))
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    matrix = config.stash[MATRIX]
    if not matrix.cells:
        return
    terminalreporter.section("editors and journeys")
    terminalreporter.write_line(matrix.text())
    if path := config.getoption("--matrix"):
        matrix.write(Path(path))


def _marked(mark: str) -> list[int]:
    """The processes that have the session's mark in their environment; zombies do not count."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return ""


def wait_until_gone(work: Work, seconds: float = 10.0) -> list[str]:
    """What is still left of the session after so many seconds at most."""
    deadline = time.monotonic() + seconds
    while (left := work.left()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left
