"""`nrepl.namespaces`: what there is to choose from, and what is said where that is not known."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.commands import namespaces
from nrepl_lsp.tooling.namespaces import NAMESPACES, NamespacesQuery
from tests.support.fault_server import DONE, FaultServer, held, reply, silent, unknown_op

from .conftest import attach_file
from .editor import Editor

NOTHING: dict[str, Any] = {"namespaces": [], "ns": None}


async def test_the_loaded_ones_come_sorted(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo.web", "demo.core"]}, DONE))
    nrepl.on("eval", reply({"value": "1", "ns": "user"}, DONE))
    uri = editor.open("(ns demo.core)").uri
    scratch = editor.open("1", "untitled:scratch.clj").uri
    await editor.command("nrepl.evalCode", {"uri": scratch, "code": "1", "wait": True})
    evaluations = len(nrepl.of("eval"))
    assert await editor.command("nrepl.namespaces", {"uri": uri}) == {
        "status": "done",
        "namespaces": ["demo.core", "demo.web", "user"],
        "ns": "user",
        "message": None,
    }
    assert len(nrepl.of("eval")) == evaluations
    assert editor.shown()[1:] == []


async def test_what_was_defined_since_is_there(editor: Editor, nrepl: FaultServer) -> None:
    editor.open("(ns demo)")
    assert "new.one" not in (await editor.command("nrepl.namespaces"))["namespaces"]
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo", "new.one"]}, DONE))
    nrepl.on("eval", reply({"value": "nil"}, DONE))
    await editor.command("nrepl.evalCode", {"code": "(create-ns 'new.one)", "wait": True})
    assert "new.one" in (await editor.command("nrepl.namespaces"))["namespaces"]


async def test_without_a_program_it_says_what_to_do(detached: Editor) -> None:
    answer = await detached.command("nrepl.namespaces")
    assert answer == {**NOTHING, "status": "disconnected", "message": answer["message"]}
    assert "nrepl.connect" in answer["message"]
    assert detached.shown() == [answer["message"]]


async def test_a_program_that_cannot_list_them_is_told_of(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("ns-list", unknown_op())
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"nrepl": {"snippets": False}})
    await editor.attached()
    uri = editor.open("1", "untitled:scratch.clj").uri
    answer = await editor.command("nrepl.namespaces", {"uri": uri})
    assert answer == {**NOTHING, "status": "done", "message": namespaces.NOT_LISTED}
    nrepl.on("eval", reply({"value": "1", "ns": "user"}, DONE))
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "1", "wait": True})
    answer = await editor.command("nrepl.namespaces", {"uri": uri})
    assert answer == {
        "status": "done",
        "namespaces": ["user"],
        "ns": "user",
        "message": namespaces.ONLY_NAMED,
    }


async def test_a_program_that_does_not_answer_is_not_waited_for(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(namespaces, "LISTED_WITHIN", 0.05)
    nrepl.on("ns-list", silent())
    answer = await editor.command("nrepl.namespaces")
    assert answer == {**NOTHING, "status": "error", "message": namespaces.NO_ANSWER}


async def test_what_was_known_is_given_while_it_does_not_answer(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await editor.command("nrepl.namespaces")
    monkeypatch.setattr(namespaces, "LISTED_WITHIN", 0.05)
    nrepl.on("ns-list", silent())
    nrepl.on("eval", reply({"value": "1"}, DONE))
    uri = editor.open("1", "untitled:scratch.clj").uri
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "1", "wait": True})
    answer = await editor.command("nrepl.namespaces")
    assert (answer["status"], answer["namespaces"]) == ("done", ["demo", "user"])
    assert answer["message"] == namespaces.NOT_NEW


async def test_a_connection_that_is_lost_meanwhile(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("ns-list", held(asyncio.Event(), DONE))
    _, asked = editor.start_request(
        "workspace/executeCommand", {"command": "nrepl.namespaces", "arguments": []}
    )
    await nrepl.received("ns-list")
    nrepl.hang_up()
    async with asyncio.timeout(5):
        answer = await asked
    assert (answer["status"], answer["namespaces"]) == ("disconnected", [])
    assert answer["message"]


async def test_of_very_many_the_first_come(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(namespaces, "NAMESPACES_LIMIT", 1000)
    nrepl.on("ns-list", reply({"ns-list": [f"ns{number:05}" for number in range(1234)]}, DONE))
    answer = await editor.command("nrepl.namespaces")
    assert answer["namespaces"][::999] == ["ns00000", "ns00999"]
    assert answer["message"] == "These are 1,000 of 1,234 namespaces."


async def test_with_no_document_open_those_of_the_only_program_come(editor: Editor) -> None:
    answer = await editor.command("nrepl.namespaces")
    assert (answer["status"], answer["namespaces"]) == ("done", ["demo", "user"])


async def test_asked_from_plain_text_the_language_of_the_program_counts(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", unknown_op())
    nrepl.on("eval", reply({"value": '("user" "demo.core")'}, DONE))
    editor.open("(ns demo.core)")
    uri = editor.open("notes", "notes.txt", "plaintext").uri
    answer = await editor.command("nrepl.namespaces", {"uri": uri})
    assert (answer["namespaces"], answer["message"]) == (["demo.core", "user"], None)


async def test_a_program_whose_op_is_set_aside_can_list_them_all_the_same(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nrepl_lsp.tooling.variants.TIMEOUTS_IN_A_ROW", 1)
    monkeypatch.setattr(namespaces, "LISTED_WITHIN", 0.05)
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"nrepl": {"snippets": False}})
    await editor.attached()
    nrepl.on("ns-list", silent())
    repl = editor.server.repl_for(None)
    assert repl is not None
    assert await repl.dialect.answer(NAMESPACES, NamespacesQuery(), timeout=0.01) is None
    assert not repl.dialect.can_answer(NAMESPACES)
    answer = await editor.command("nrepl.namespaces")
    assert answer == {**NOTHING, "status": "error", "message": namespaces.NO_ANSWER}
