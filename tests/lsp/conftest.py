"""An editor in the test's process, and a scripted nREPL server that it finds by its port file."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.registry import create_server
from tests.support.fault_server import DONE, FaultServer, reply

from .editor import Editor


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not turn `done` into `running`, nor leave something out of a menu."""
    for module in ("evaluate", "changed_forms"):
        monkeypatch.setattr(f"nrepl_lsp.lsp.commands.{module}.ANSWER_WITHIN", 4.0)
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 4.0)
    monkeypatch.setattr("nrepl_lsp.lsp.features.code_action.PATIENCE", 4.0)
    monkeypatch.setattr("nrepl_lsp.lsp.following.input.ASK_AFTER", 0.0)
    monkeypatch.setattr("nrepl_lsp.lsp.evaluating.interrupting.ASK_AFTER", 0.0)


@pytest.fixture
def impatient(patience: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not end at once is answered `running`, without the test having to wait."""
    monkeypatch.setattr("nrepl_lsp.lsp.commands.evaluate.ANSWER_WITHIN", 0.02)


@pytest.fixture
def quick_menu(patience: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A menu that waits for nothing, in tests of programs that do not answer."""
    monkeypatch.setattr("nrepl_lsp.lsp.features.code_action.PATIENCE", 0.05)


@pytest.fixture
async def nrepl() -> AsyncIterator[FaultServer]:
    """A scripted server that knows the namespace `demo`."""
    async with FaultServer() as server:
        server.on("ns-list", reply({"ns-list": ["user", "demo"]}, DONE))
        yield server


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's folder, without a port file."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    return folder


@pytest.fixture
async def make_editor(tmp_path: Path, project: Path) -> AsyncIterator[Callable[..., Editor]]:
    """`make_editor(root=project, **server)`: an editor that has not said anything yet."""
    editors: list[Editor] = []

    def make(root: Path | None = project, **options: Any) -> Editor:
        options = {"environment": {}, "cache": tmp_path / "cache", **options}
        editors.append(Editor(create_server(**options), root))
        return editors[-1]

    yield make
    for editor in editors:
        await editor.__aexit__()


@pytest.fixture
async def detached(make_editor: Callable[..., Editor]) -> Editor:
    """An editor in a project where no program runs."""
    editor = make_editor()
    await editor.initialize()
    return editor


@pytest.fixture
async def editor(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Editor:
    """An editor whose project is attached to `nrepl`."""
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    nrepl.requests.clear()
    return editor


def attach_file(project: Path, nrepl: FaultServer) -> None:
    """Leave the port file of a server in a project."""
    (project / ".nrepl-port").write_text(str(nrepl.port))
