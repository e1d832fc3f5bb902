"""Loading documents when they are saved, when the user has asked for that."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, Message, Peer, reply

from .conftest import attach_file
from .editor import Editor, Opened


@pytest.fixture
def start(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Any:
    async def begin(**options: Any) -> Editor:
        attach_file(project, nrepl)
        editor = make_editor()
        await editor.initialize(options={"nrepl": options})
        await editor.attached()
        nrepl.requests.clear()
        return editor

    return begin


def save(document: Opened) -> None:
    params = {"textDocument": {"uri": document.uri}}
    document.editor.notify("textDocument/didSave", params)


def loaded(nrepl: FaultServer) -> list[str]:
    return [request["file"] for request in nrepl.of("load-file")]


async def test_saving_loads_the_document(start: Any, nrepl: FaultServer, project: Path) -> None:
    editor = await start(loadOnSave=True)
    save(editor.open("(ns demo)\n(f)"))
    (request,) = await nrepl.received("load-file")
    assert request["file"] == "(ns demo)\n(f)"
    assert request["file-path"] == str(project / "src" / "demo.clj")


async def test_by_default_saving_runs_nothing(start: Any, nrepl: FaultServer) -> None:
    editor = await start()
    save(editor.open("(ns demo)\n(f)"))
    await editor.command("nrepl.status")
    assert loaded(nrepl) == nrepl.of("eval") == []


async def test_saving_while_it_is_loaded_loads_once_more_with_the_last_text(
    start: Any, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()

    async def load(peer: Peer, request: Message) -> None:
        await gate.wait()
        peer.answer(request, {"value": "nil"}, DONE)

    nrepl.on("load-file", load)
    editor = await start(loadOnSave=True)
    document = editor.open("(ns demo)")
    other = editor.open("(ns other)", "src/other.clj")
    save(document)
    await nrepl.received("load-file")
    for number in range(5):
        document.replace(f"(ns demo) {number}")
        save(document)
    save(other)
    gate.set()
    await nrepl.received("load-file", 3)
    await editor.until(lambda: not editor.server.evaluations.running(), "end")
    assert loaded(nrepl) == ["(ns demo)", "(ns other)", "(ns demo) 4"]


@pytest.mark.parametrize("how", ["interrupted", "switched off", "closed"])
async def test_it_is_not_loaded_once_more(start: Any, nrepl: FaultServer, how: str) -> None:
    gate = asyncio.Event()

    async def load(peer: Peer, request: Message) -> None:
        await gate.wait()
        peer.answer(request, {"value": "nil"}, DONE)

    nrepl.on("load-file", load)
    editor = await start(loadOnSave=True)
    document = editor.open("(ns demo)")
    save(document)
    await nrepl.received("load-file")
    save(document)
    if how == "interrupted":
        await editor.command("nrepl.interrupt")
    elif how == "closed":
        document.close()
    else:
        settings = {"settings": {"nrepl": {"loadOnSave": False}}}
        editor.notify("workspace/didChangeConfiguration", settings)
        await editor.command("nrepl.status")
    gate.set()
    await editor.until(lambda: not editor.server.evaluations.running(), "end")
    await editor.command("nrepl.status")
    assert loaded(nrepl) == ["(ns demo)"]


@pytest.mark.parametrize(
    ("text", "name", "language"),
    [
        ("(defproject x)", "project.clj", "clojure"),
        ("{:deps {}}", "deps.edn", "edn"),
        ("(ns demo)", "notes.txt", "plaintext"),
        ("(ns demo)", "untitled:1", "clojure"),
        ("(ns demo)", "file:///elsewhere/demo.clj", "clojure"),
    ],
)
async def test_what_is_no_source_of_the_project_is_left_alone(
    start: Any, nrepl: FaultServer, text: str, name: str, language: str
) -> None:
    editor = await start(loadOnSave=True)
    save(editor.open(text, name, language))
    await editor.command("nrepl.status")
    assert loaded(nrepl) == nrepl.of("eval") == []


async def test_other_languages_are_evaluated(start: Any, nrepl: FaultServer) -> None:
    editor = await start(loadOnSave=True)
    save(editor.open("(print 1)", "src/a.hy", "hy"))
    (request,) = await nrepl.received("eval")
    assert request["code"] == "(print 1)"


async def test_without_a_program_nothing_is_said(make_editor: Callable[..., Editor]) -> None:
    editor = make_editor()
    await editor.initialize(options={"nrepl.loadOnSave": True})
    save(editor.open("(ns demo)"))
    await editor.command("nrepl.status")
    assert editor.shown() == []


async def test_a_document_that_is_not_open_is_ignored(start: Any, nrepl: FaultServer) -> None:
    editor = await start(loadOnSave=True)
    document = editor.open("(ns demo)")
    document.close()
    save(document)
    await editor.command("nrepl.status")
    assert loaded(nrepl) == []


async def test_an_error_is_told_as_of_every_loading(start: Any, nrepl: FaultServer) -> None:
    err = "Syntax error compiling at (demo.clj:2:1).\nUnable to resolve symbol\n"
    nrepl.on("load-file", reply({"err": err}, {"ex": "class A", "status": ["eval-error"]}, DONE))
    editor = await start(loadOnSave=True)
    save(editor.open("(ns demo)\n(f)"))
    await editor.notified("window/showMessage", "Unable to resolve symbol")
