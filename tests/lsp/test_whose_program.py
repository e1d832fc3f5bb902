"""No code goes to a program that it was not meant for."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, reply

from .conftest import attach_file
from .editor import Editor, Opened

CODE = "(delete-all!)"


@pytest.fixture
async def other() -> AsyncIterator[FaultServer]:
    """The program of another project."""
    async with FaultServer() as server:
        server.on("ns-list", reply({"ns-list": ["user", "demo"]}, DONE))
        yield server


@pytest.fixture
def elsewhere(tmp_path: Path, other: FaultServer) -> Path:
    """The other project's folder."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    attach_file(folder, other)
    return folder


@pytest.fixture
async def start(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> Callable[..., Any]:
    """`await start(*folders)`: an editor with the project and other folders, all attached."""

    async def begin(*folders: Path) -> Editor:
        attach_file(project, nrepl)
        editor = make_editor()
        wanted = [{"uri": it.as_uri(), "name": it.name} for it in (project, *folders)]
        await editor.initialize(workspaceFolders=wanted)

        async def are_attached() -> bool:
            connections = (await editor.command("nrepl.status"))["connections"]
            return [it["state"] for it in connections] == ["ready"] * len(wanted)

        while not await are_attached():
            pass
        return editor

    return begin


async def evaluate(document: Opened) -> Any:
    return await document.editor.command("nrepl.evalForm", {**document.at_cursor, "wait": True})


def sent(server: FaultServer) -> list[str]:
    return [request["code"].strip() for request in server.of("eval")]


async def test_a_document_outside_the_workspace_belongs_to_the_port_file_above_it(
    start: Any, nrepl: FaultServer, other: FaultServer, elsewhere: Path
) -> None:
    """Helix that was started elsewhere calls the folder it was started in the workspace."""
    editor = await start()
    (elsewhere / "src").mkdir()
    document = editor.open(f"{CODE}|", (elsewhere / "src" / "b.clj").as_uri())
    await editor.notified("window/logMessage", f":{other.port}")
    await evaluate(document)
    assert (sent(nrepl), sent(other)) == ([], [CODE])
    # Whatever becomes of the workspace and of the port file.
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": []}})
    (elsewhere / ".nrepl-port").unlink()
    await evaluate(document)
    assert (sent(nrepl), sent(other)) == ([], [CODE, CODE])


async def test_a_port_file_that_somebody_else_wrote_attaches_nobody(
    start: Any,
    nrepl: FaultServer,
    other: FaultServer,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    editor = await start()
    monkeypatch.setattr("os.getuid", lambda: -1)
    document = editor.open(f"{CODE}|", (elsewhere / "b.clj").as_uri())
    answer = await evaluate(document)
    assert answer["status"] == "disconnected"
    assert "open its project's folder" in answer["error"]["message"]
    assert (sent(nrepl), other.requests) == ([], [])


async def test_a_document_whose_folder_was_removed_goes_to_no_other_program(
    start: Any, nrepl: FaultServer, elsewhere: Path
) -> None:
    editor = await start(elsewhere)
    document = editor.open(f"{CODE}|", (elsewhere / "b.clj").as_uri())
    removed = {"added": [], "removed": [{"uri": elsewhere.as_uri(), "name": "elsewhere"}]}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": removed})
    await evaluate(document)
    assert sent(nrepl) == []


async def test_a_path_that_leads_out_of_a_project_is_not_in_it(
    start: Any, nrepl: FaultServer, other: FaultServer, elsewhere: Path, project: Path
) -> None:
    editor = await start(elsewhere)
    document = editor.open(f"{CODE}|", f"{project.as_uri()}/../elsewhere/b.clj")
    await evaluate(document)
    assert (sent(nrepl), sent(other)) == ([], [CODE])


async def test_two_documents_whose_names_differ_in_an_escape_are_two(
    editor: Editor, nrepl: FaultServer
) -> None:
    editor.open(f"{CODE}|", "file:///nowhere/a%2520b.clj")
    document = editor.open("(harmless)|", "file:///nowhere/a%20b.clj")
    await evaluate(document)
    assert sent(nrepl) == ["(harmless)"]


async def test_a_document_that_opens_behind_the_cursor_is_not_the_last_place(
    start: Any, nrepl: FaultServer, other: FaultServer, elsewhere: Path
) -> None:
    """Where the cursor stops VS Code and Emacs ask for highlights, and often for nothing else."""
    editor = await start(elsewhere)
    document = editor.open("(harmless)|")
    await document.ask("hover")
    editor.open(f"{CODE}|", (elsewhere / "b.clj").as_uri())
    await document.ask("documentHighlight")
    await editor.command("nrepl.evalTopLevelForm", {"wait": True})
    assert (sent(nrepl), sent(other)) == (["(harmless)"], [])
