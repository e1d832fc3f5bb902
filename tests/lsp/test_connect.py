"""`nrepl.connect`, `nrepl.disconnect` and `nrepl.status`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.session.status import names_of
from tests.support.fault_server import FaultServer, held, silent

from .conftest import attach_file
from .editor import Editor, RequestFailed


async def test_status_tells_everything_about_a_connection(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    await editor.open("(ma|p)").ask("hover")
    (connection,) = (await editor.command("nrepl.status"))["connections"]
    timings, questions = connection.pop("timings"), connection.pop("questions")
    assert connection == {
        "root": str(project),
        "state": "ready",
        "address": nrepl.url,
        "problem": None,
        "ns": None,
        "server": "fault-server 1.0",
        "language": "fault-server",
        "versions": {"fault-server": "1.0"},
        "ops": nrepl.ops,
        "demoted": {},
    }
    assert questions["completion"] == "complete"
    assert (questions["symbol-info"], questions["namespaces"]) == ("info", "ns-list")
    assert timings["info"]["count"] == 1


async def test_status_of_a_project_without_a_program(detached: Editor, project: Path) -> None:
    (connection,) = (await detached.command("nrepl.status"))["connections"]
    assert connection["root"] == str(project)
    assert connection["state"] == "detached"
    assert (connection["address"], connection["server"], connection["ops"]) == (None, None, [])


async def test_status_says_which_connection_a_document_belongs_to(
    make_editor: Callable[..., Editor], project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    editor = make_editor()
    folders = [{"uri": path.as_uri(), "name": path.name} for path in (project, other)]
    await editor.initialize(workspaceFolders=folders)
    assert (await editor.command("nrepl.status"))["current"] is None
    uris = [editor.open("x").uri, editor.open("x", (other / "a.clj").as_uri()).uri]
    for uri, root in zip(uris, (project, other), strict=True):
        answer = await editor.command("nrepl.status", {"uri": uri})
        assert answer["connections"][answer["current"]]["root"] == str(root)
    # The last place is in the other one; a scratch document is nobody's.
    assert (await editor.command("nrepl.status"))["current"] == answer["current"]
    scratch = editor.open("x", "untitled:1").uri
    assert (await editor.command("nrepl.status", {"uri": scratch}))["current"] is None


async def test_connect_attaches_to_an_address(detached: Editor, nrepl: FaultServer) -> None:
    answer = await detached.command("nrepl.connect", {"url": nrepl.url})
    assert (answer["connected"], answer["message"]) == (True, None)
    assert (answer["state"], answer["address"]) == ("ready", nrepl.url)
    assert await detached.open("(ma|p)").ask("hover") is not None


async def test_connect_takes_a_port(detached: Editor, nrepl: FaultServer) -> None:
    assert (await detached.command("nrepl.connect", {"url": nrepl.port}))["connected"] is True


async def test_connect_works_with_no_folder_open(
    make_editor: Callable[..., Editor], nrepl: FaultServer
) -> None:
    editor = make_editor(root=None)
    await editor.initialize({})
    document = editor.open("(ma|p)", "untitled:1")
    assert (await editor.command("nrepl.connect", {"url": nrepl.url}))["connected"] is True
    assert await document.ask("hover") is not None


async def test_connect_without_an_address_says_when_nothing_was_found(detached: Editor) -> None:
    answer = await detached.command("nrepl.connect")
    assert answer["connected"] is False
    assert "no port file was found: start a server, or give its address" in answer["message"]
    assert detached.shown() == [answer["message"]]


@pytest.mark.parametrize("url", ["http://x", "127.0.0.1:notaport", "127.0.0.1:1"])
async def test_connect_says_why_it_failed(detached: Editor, url: str) -> None:
    answer = await detached.command("nrepl.connect", {"url": url})
    assert answer["connected"] is False
    assert answer["message"].startswith("Not connected: ")
    assert detached.shown() == [answer["message"]]


async def test_connect_gives_up_waiting_but_not_trying(
    detached: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    monkeypatch.setattr("nrepl_lsp.lsp.commands.connect.CONNECT_TIMEOUT", 0.05)
    gate = asyncio.Event()
    nrepl.on("describe", held(gate))
    answer = await detached.command("nrepl.connect", {"url": nrepl.url})
    assert answer["connected"] is False
    gate.set()
    await detached.attached()


async def test_connect_in_no_project_s_document_asks_which_is_meant(
    make_editor: Callable[..., Editor], project: Path, tmp_path: Path, nrepl: FaultServer
) -> None:
    editor = make_editor()
    folders = [{"uri": folder.as_uri(), "name": "x"} for folder in (project, tmp_path / "b")]
    await editor.initialize({}, workspaceFolders=folders)
    for command in ("nrepl.connect", "nrepl.disconnect"):
        answer = await editor.command(command, {"uri": "untitled:1"})
        assert answer["connected"] is False
        assert "pass the `uri`" in answer["message"]
    outside = await editor.command("nrepl.evalCode", {"uri": "untitled:1", "code": "1"})
    assert outside["error"]["message"].startswith("This document belongs to no attached")


async def test_disconnect_lets_go_until_connect(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    document = editor.open("(ma|p)")
    answer = await editor.command("nrepl.disconnect")
    assert (answer["connected"], answer["state"]) == (False, "detached")
    await nrepl.disconnected()
    attach_file(project, nrepl)
    assert await document.ask("hover") is None
    assert (await editor.command("nrepl.connect"))["connected"] is True
    assert await document.ask("hover") is not None


@pytest.mark.usefixtures("impatient")
async def test_disconnect_fails_what_runs(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", silent())
    await editor.command("nrepl.evalCode", {"code": "(loop [])"})
    await editor.command("nrepl.disconnect")
    await editor.notified("window/showMessage", "The connection was lost")


@pytest.mark.parametrize("url", [True, 1.5, [], {}])
async def test_an_address_of_the_wrong_type_is_refused(detached: Editor, url: Any) -> None:
    with pytest.raises(RequestFailed) as failed:
        await detached.command("nrepl.connect", {"url": url})
    assert failed.value.code == -32602


async def test_while_connecting_the_user_is_told_to_wait(
    detached: Editor, nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("describe", silent())
    attach_file(project, nrepl)
    document = detached.open("(f)|")
    await nrepl.received("describe")
    answer = await detached.command("nrepl.evalForm", document.at_cursor)
    assert answer["error"]["message"] == "Still connecting to the REPL; try again in a moment."


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ({}, (None, None)),
        ({"java": "17", "python": "3"}, (None, None)),
        ({"nrepl": "1.0.0", "clojure": "1.11.1", "java": "17"}, ("nrepl 1.0.0", "clojure")),
        ({"basilisp": "0.5.1", "python": "3.11"}, ("basilisp 0.5.1", "basilisp")),
        ({"nbb-nrepl": "1.2", "node": "20"}, ("nbb-nrepl 1.2", "nbb")),
        ({"babashka": "1.3", "babashka.nrepl": "0.0.8"}, ("babashka 1.3", "babashka")),
        ({"clojure": "0.0.0", "java": "0.0.0", "hy-nrepl": "1.0.4"}, ("hy-nrepl 1.0.4", "hy")),
        ({"nrepl": "1.0"}, ("nrepl 1.0", None)),
    ],
)
def test_servers_and_languages_are_named_for_people(
    versions: dict[str, str], expected: tuple[str | None, str | None]
) -> None:
    assert names_of(versions) == expected
