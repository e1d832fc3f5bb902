"""`nrepl/status`: what plugins are told of the connections, and when."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.session import status
from tests.support.fault_server import DONE, FaultServer, reply

from .conftest import attach_file
from .editor import MODERN, Editor

WANTED = {"status": True}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "BATCH_INTERVAL", 0.01)


@pytest.fixture
async def opted(make_editor: Callable[..., Editor]) -> Callable[..., Any]:
    async def make(wanted: Any = WANTED, **options: Any) -> Editor:
        editor = make_editor(**options)
        await editor.initialize({**MODERN, "experimental": {"nrepl": wanted}})
        return editor

    return make


def told(editor: Editor) -> list[list[dict[str, Any]]]:
    """The connections as they were told, one after the other."""
    return [it["connections"] for method, it in editor.notifications if method == "nrepl/status"]


async def until(editor: Editor, accept: Callable[[list[dict[str, Any]]], Any]) -> Any:
    """Wait until the editor was told last what is accepted; what was accepted."""
    return await editor.until(
        lambda: accept(told(editor)[-1]) and told(editor)[-1] if told(editor) else None, "status"
    )


def states(editor: Editor) -> list[list[str]]:
    return [[one["state"] for one in connections] for connections in told(editor)]


async def test_it_is_told_at_first_also_where_nothing_runs(
    opted: Callable[..., Any], project: Path
) -> None:
    editor = await opted()
    (connection,) = await until(editor, lambda it: True)
    assert connection == {
        "root": str(project),
        "state": "detached",
        "address": None,
        "problem": None,
        "ns": None,
        "server": None,
        "language": None,
    }


async def test_without_a_project_there_is_no_connection(opted: Callable[..., Any]) -> None:
    editor = await opted(root=None)
    assert await editor.until(lambda: told(editor), "status") == [[]]


@pytest.mark.parametrize("wanted", [None, {"status": "yes"}, {"evaluation": True}])
async def test_nobody_else_is_told(
    opted: Callable[..., Any], nrepl: FaultServer, project: Path, wanted: Any
) -> None:
    attach_file(project, nrepl)
    editor = await opted(wanted)
    await editor.attached()
    await editor.command("nrepl.disconnect")
    await editor.server.close()
    assert told(editor) == []


async def test_a_program_comes_and_goes_and_comes_back(
    opted: Callable[..., Any], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = await opted()
    (ready,) = await until(editor, lambda it: it[0]["state"] == "ready")
    assert (ready["address"], ready["server"]) == (nrepl.url, "fault-server 1.0")
    assert (ready["language"], ready["problem"], ready["ns"]) == ("fault-server", None, None)
    nrepl.hang_up()
    (lost,) = await until(editor, lambda it: it[0]["state"] == "lost")
    assert "has gone" in lost["problem"]
    assert (lost["address"], lost["server"], lost["ns"]) == (nrepl.url, None, None)
    await until(editor, lambda it: it[0]["state"] == "ready")
    # Never twice the same.
    assert all(one != other for one, other in zip(told(editor), told(editor)[1:], strict=False))


async def test_it_is_the_same_as_the_commands(
    opted: Callable[..., Any], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = await opted()
    pushed = await until(editor, lambda it: it[0]["state"] == "ready")
    asked = (await editor.command("nrepl.status"))["connections"]
    assert [{name: one[name] for name in pushed[0]} for one in asked] == pushed


async def test_the_users_commands_are_told(
    opted: Callable[..., Any], nrepl: FaultServer, project: Path
) -> None:
    editor = await opted()
    await editor.command("nrepl.connect", {"url": nrepl.url})
    await until(editor, lambda it: it[0]["state"] == "ready")
    await editor.command("nrepl.disconnect")
    (gone,) = await until(editor, lambda it: it[0]["state"] == "detached")
    assert (gone["address"], gone["problem"]) == (None, None)


async def test_another_address_is_told_while_it_connects(
    opted: Callable[..., Any], free_port: int, project: Path
) -> None:
    editor = await opted()
    for address in (f"nrepl://127.0.0.1:{free_port}", "nrepl://127.0.0.1:1"):
        answer = await editor.command("nrepl.connect", {"url": address})
        assert answer["connected"] is False
        await until(
            editor,
            lambda it, address=address: (
                (it[0]["address"], it[0]["state"]) == (address, "lost")
                and "nothing is listening" in it[0]["problem"]
            ),
        )


@pytest.fixture
async def free_port() -> int:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def test_the_sessions_namespace_is_told(
    opted: Callable[..., Any], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    nrepl.on("eval", reply({"value": "1", "ns": "user"}, DONE), code="1")
    nrepl.on("eval", reply({"value": "nil", "ns": "demo"}, DONE), code="(in-ns 'demo)")
    editor = await opted()
    await editor.attached()
    uri = editor.open("(ns demo)").uri
    scratch = editor.open("1", "untitled:scratch.clj").uri
    await editor.command("nrepl.evalCode", {"uri": scratch, "code": "1", "wait": True})
    await until(editor, lambda it: it[0]["ns"] == "user")
    await editor.command("nrepl.switchNamespace", {"uri": uri, "ns": "demo", "wait": True})
    await until(editor, lambda it: it[0]["ns"] == "demo")
    # What is evaluated in a namespace of its own changes nothing.
    before = len(told(editor))
    nrepl.on("eval", reply({"value": "1", "ns": "demo"}, DONE), code="2")
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "2", "wait": True})
    # A new session begins where sessions begin.
    await editor.command("nrepl.newSession", {"uri": uri, "wait": True})
    await until(editor, lambda it: it[0]["ns"] is None)
    assert len(told(editor)) == before + 1


async def test_projects_that_went_leave_the_list(
    opted: Callable[..., Any], nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    attach_file(project, nrepl)
    other = tmp_path / "other"
    other.mkdir()
    editor = await opted()
    await until(editor, lambda it: it[0]["state"] == "ready")
    added = {"uri": other.as_uri(), "name": "other"}
    event = {"added": [added], "removed": []}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    both = await until(editor, lambda it: len(it) == 2)
    assert {one["root"]: one["state"] for one in both} == {
        str(project): "ready",
        str(other): "detached",
    }
    removed = {"uri": project.as_uri(), "name": "project"}
    event = {"added": [], "removed": [removed]}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    (left,) = await until(editor, lambda it: len(it) == 1)
    assert left["root"] == str(other)


async def test_many_changes_are_one_notification(
    opted: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    monkeypatch.setattr(status, "BATCH_INTERVAL", 0.1)
    editor = await opted()
    for number in range(20):
        folder = project / f"part{number}"
        folder.mkdir()
        (folder / ".nrepl-port").write_text("1")
        editor.open("x", f"part{number}/demo.clj")
    await until(editor, lambda it: len(it) == 21)
    assert len(told(editor)) <= 2


async def test_nothing_is_told_after_the_end(opted: Callable[..., Any]) -> None:
    editor = await opted()
    editor.server.status_changed()
    await editor.server.close()
    editor.server.status_changed()
    before = len(told(editor))
    assert editor.server._status is not None
    assert editor.server._status._timer is None or editor.server._status._timer.cancelled()
    assert len(told(editor)) == before
