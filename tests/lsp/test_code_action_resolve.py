"""Edits that are made when an action is chosen: cleaning the `ns` form."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, hang_up_mid_reply, held, reply

from .applied import capabilities, with_workspace_edit
from .conftest import attach_file
from .editor import Editor, Opened, RequestFailed

TEXT = "(ns demo\n  (:require [b]\n            [a]))\n(a/f)\n"
CLEAN = "(ns demo\n  (:require\n   [a]))\n"
KIND = "source.organizeImports.cleanNs"
STALE = "The text has changed since the action was offered: try again."


@pytest.fixture
def nrepl(nrepl: FaultServer) -> FaultServer:
    """The scripted server, which cleans `ns` forms."""
    nrepl.on("refactor/clean-ns", reply({"ns": CLEAN}, DONE))
    return nrepl


Start = Callable[..., Any]


@pytest.fixture
def start(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Start:
    """`await start(text, saved, **capabilities)`: an editor with a document that is on the disk."""

    async def begin(text: str = TEXT, saved: str | None = None, **announced: Any) -> Opened:
        attach_file(project, nrepl)
        editor = make_editor()
        await editor.initialize(capabilities(**announced))
        await editor.attached()
        (project / "src" / "demo.clj").write_bytes((text if saved is None else saved).encode())
        return editor.open(text + "|" if "|" not in text else text)

    return begin


async def offered(document: Opened) -> Any:
    return await document.actions(only=["source.organizeImports"])


async def resolved(document: Opened, action: Any) -> Any:
    return await document.editor.request("codeAction/resolve", action)


async def test_the_edit_is_made_when_it_is_asked_for(start: Start, nrepl: FaultServer) -> None:
    document = await start()
    (action,) = await offered(document)
    assert (action["title"], action["kind"]) == ("Clean the ns form", KIND)
    assert "edit" not in action
    assert nrepl.of("refactor/clean-ns") == []
    chosen = await resolved(document, action)
    assert chosen.items() >= action.items()
    assert with_workspace_edit(document, chosen["edit"]) == CLEAN + "(a/f)\n"
    (request,) = nrepl.of("refactor/clean-ns")
    assert request["path"] == str(document.editor.root / "src" / "demo.clj")


async def test_only_what_differs_is_edited(start: Start, nrepl: FaultServer) -> None:
    document = await start(TEXT, versions=False)
    nrepl.on("refactor/clean-ns", reply({"ns": TEXT.split("\n(a")[0].replace("[b]", "[c]")}, DONE))
    (action,) = await offered(document)
    chosen = await resolved(document, action)
    ((edit,),) = chosen["edit"]["changes"].values()
    assert (edit["newText"], edit["range"]["start"]) == ("c", {"line": 1, "character": 13})


async def test_nothing_to_change_is_no_edit(start: Start, nrepl: FaultServer) -> None:
    nrepl.on("refactor/clean-ns", reply({"ns": []}, DONE))
    document = await start()
    (action,) = await offered(document)
    chosen = await resolved(document, action)
    assert with_workspace_edit(document, chosen["edit"]) == TEXT


async def test_a_text_that_has_changed_since_is_left_alone(start: Start) -> None:
    document = await start()
    (action,) = await offered(document)
    document.change((3, 0), (3, 0), " ")
    with pytest.raises(RequestFailed, match=STALE) as failed:
        await resolved(document, action)
    assert failed.value.code == -32803


@pytest.mark.parametrize("data", [{}, 3, {"make": "cleanNamespace"}, {"make": "x", "uri": "y"}])
async def test_data_that_is_not_ours_is_refused(start: Start, data: Any) -> None:
    document = await start()
    with pytest.raises(RequestFailed, match=STALE):
        await resolved(document, {"title": "x", "data": data})


async def test_an_action_that_needs_no_edit_is_given_back(start: Start) -> None:
    document = await start()
    action = {"title": "x", "command": {"title": "x", "command": "nrepl.status"}}
    assert await resolved(document, action) == action


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"error": "boom"}, "has not cleaned the ns form: load the file"),
        ({"status": ["done", "error", "unknown-op"]}, "has not cleaned the ns form"),
        ({"ns": "(ns other)"}, "something else"),
        ({"ns": "(ns demo"}, "something else"),
        ({"ns": "(ns demo) (f)"}, "something else"),
        ({"ns": "#_(ns demo)"}, "something else"),
    ],
)
async def test_an_answer_that_is_not_the_form_is_refused(
    start: Start, nrepl: FaultServer, answer: dict[str, Any], why: str
) -> None:
    nrepl.on("refactor/clean-ns", reply({"status": ["done"], **answer}))
    document = await start()
    (action,) = await offered(document)
    with pytest.raises(RequestFailed, match=why):
        await resolved(document, action)


async def test_a_lost_connection_cleans_nothing(start: Start, nrepl: FaultServer) -> None:
    nrepl.on("refactor/clean-ns", hang_up_mid_reply())
    document = await start()
    (action,) = await offered(document)
    with pytest.raises(RequestFailed, match="has not cleaned"):
        await resolved(document, action)


async def test_a_text_that_changes_while_it_is_cleaned_is_left_alone(
    start: Start, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("refactor/clean-ns", held(gate, reply({"ns": CLEAN}, DONE)))
    document = await start()
    (action,) = await offered(document)
    request = asyncio.create_task(resolved(document, action))
    await nrepl.received("refactor/clean-ns")
    document.change((3, 0), (3, 0), " ")
    gate.set()
    with pytest.raises(RequestFailed, match=STALE):
        await request


async def test_what_was_typed_and_undone_meanwhile_does_not_matter(
    start: Start, nrepl: FaultServer
) -> None:
    """The edit is for the version that the editor has when it gets it."""
    gate = asyncio.Event()
    nrepl.on("refactor/clean-ns", held(gate, reply({"ns": CLEAN}, DONE)))
    document = await start()
    (action,) = await offered(document)
    request = asyncio.create_task(resolved(document, action))
    await nrepl.received("refactor/clean-ns")
    document.change((3, 0), (3, 0), " ")
    document.change((3, 0), (3, 1), "")
    gate.set()
    edit = (await request)["edit"]
    assert edit["documentChanges"][0]["textDocument"]["version"] == 3
    assert with_workspace_edit(document, edit) == CLEAN + "(a/f)\n"


async def test_a_file_that_was_written_meanwhile_is_not_cleaned(start: Start) -> None:
    document = await start()
    (action,) = await offered(document)
    (document.editor.root / "src" / "demo.clj").write_text("(ns demo)")
    with pytest.raises(RequestFailed, match="Save the file first"):
        await resolved(document, action)


async def test_a_program_that_has_gone_cannot_clean(start: Start) -> None:
    document = await start()
    (action,) = await offered(document)
    await document.editor.command("nrepl.disconnect")
    with pytest.raises(RequestFailed, match="No REPL"):
        await resolved(document, action)


@pytest.mark.parametrize(
    ("text", "saved"),
    [
        (TEXT, "(ns demo)"),
        (TEXT, TEXT[:-2] + "x\n"),
        ("(ns demo\n  ; why\n  (:require [b]))", None),
        ("(ns demo (:require #_[b] [c]))", None),
        ("(f)", None),
        ("(ns demo", None),
    ],
)
async def test_what_cannot_be_cleaned_is_not_offered(
    start: Start, text: str, saved: str | None
) -> None:
    assert await offered(await start(text, saved)) is None


async def test_a_document_without_a_file_is_not_offered_it(start: Start) -> None:
    document = await start()
    other = document.editor.open(TEXT + "|", "untitled:Untitled-1")
    assert await offered(other) is None
    gone = document.editor.open(TEXT + "|", "src/not-there.clj")
    assert await offered(gone) is None


async def test_a_program_without_the_op_is_not_offered(start: Start, nrepl: FaultServer) -> None:
    nrepl.without("refactor/clean-ns")
    assert await offered(await start()) is None


async def test_without_a_program_nothing_is_cleaned(start: Start) -> None:
    document = await start()
    await document.editor.command("nrepl.disconnect")
    assert await offered(document) is None


async def test_clients_that_do_not_resolve_get_a_command(start: Start) -> None:
    document = await start(resolves=False)
    editor = document.editor
    editor.answers["workspace/applyEdit"] = lambda params: {"applied": True}
    (action,) = await offered(document)
    call = action["command"]
    assert call["command"] == "nrepl.applyAction"
    assert await editor.command(call["command"], *call["arguments"]) == {"applied": True}
    (params,) = [params for method, params in editor.requests if method == "workspace/applyEdit"]
    assert params["label"] == "Clean the ns form"
    assert with_workspace_edit(document, params["edit"]) == CLEAN + "(a/f)\n"


async def test_clients_that_neither_resolve_nor_apply_get_nothing(start: Start) -> None:
    assert await offered(await start(resolves=False, applies=False)) is None


async def test_a_refused_edit_is_told(start: Start) -> None:
    document = await start(resolves=False)
    editor = document.editor
    editor.answers["workspace/applyEdit"] = lambda params: {
        "applied": False,
        "failureReason": "read-only",
    }
    (action,) = await offered(document)
    call = action["command"]
    assert await editor.command(call["command"], *call["arguments"]) == {"applied": False}
    assert editor.shown() == ["The editor has not applied the edit: read-only."]


async def test_an_error_of_the_editor_is_told(start: Start) -> None:
    document = await start(resolves=False)
    editor = document.editor

    def fail(_: Any) -> Any:
        raise RequestFailed({"code": -32601, "message": "no"})

    editor.answers["workspace/applyEdit"] = fail
    (action,) = await offered(document)
    call = action["command"]
    assert await editor.command(call["command"], *call["arguments"]) == {"applied": False}
    assert editor.shown() == ["The editor has not applied the edit: Clean the ns form."]


async def test_an_editor_that_never_says_holds_up_nobody(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vim with ALE applies the edit and answers nothing."""
    monkeypatch.setattr("nrepl_lsp.lsp.applying.APPLY_TIMEOUT", 0.02)
    document = await start(resolves=False)
    (action,) = await offered(document)
    call = action["command"]
    answer = await document.editor.command(call["command"], *call["arguments"])
    assert answer == {"applied": None}
    assert document.editor.shown() == []


async def test_a_command_for_a_text_that_has_changed_says_so(start: Start) -> None:
    document = await start(resolves=False)
    (action,) = await offered(document)
    document.change((3, 0), (3, 0), " ")
    call = action["command"]
    answer = await document.editor.command(call["command"], *call["arguments"])
    assert answer == {"applied": False}
    assert document.editor.shown() == [STALE]


@pytest.mark.parametrize("argument", [None, {}, {"edit": 3}, {"edit": {"changes": 3}}, {"x": 1}])
async def test_arguments_that_are_not_ours_are_refused(start: Start, argument: Any) -> None:
    document = await start()
    assert await document.editor.command("nrepl.applyAction", argument) == {"applied": False}
