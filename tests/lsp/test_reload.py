"""`nrepl.reload`: one namespace, what has changed, or all."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.outcomes import Outcome
from nrepl_lsp.lsp.evaluating.running import Running
from nrepl_lsp.lsp.load_state.program_forms import program_forms
from nrepl_lsp.lsp.session.namespaces import SessionNamespaces, namespace_of
from nrepl_lsp.source.languages import CLOJURE
from tests.support.fault_server import DONE, FaultServer, Peer, reply, silent

from .conftest import attach_file
from .editor import Editor, Opened, RequestFailed

TEXT = "(ns demo)\n\n(defn area [side]\n  (* side side))\n"
OK = {"status": ["ok"]}

#: As Clojure prints it: the file is named by its place on the class path.
BROKEN = "Syntax error compiling at (demo.clj:4:3).\nUnable to resolve symbol: nope\n"
FAILS = ({"err": BROKEN}, {"ex": "class clojure.lang.ExceptionInfo", "status": ["eval-error"]})


async def reload(editor: Editor, **more: Any) -> Any:
    return await editor.command("nrepl.reload", {"wait": True, **more})


def saved(editor: Editor, text: str = TEXT, name: str = "src/demo.clj") -> Opened:
    """A document that is on the disk as it is in the editor."""
    assert editor.root is not None
    (editor.root / name).write_bytes(text.encode())
    return editor.open(text, name)


@pytest.fixture
async def reloading(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> Editor:
    """An editor whose program has cider-nrepl's ops."""
    for op in ("refresh", "refresh-all", "cider/refresh", "cider/refresh-all"):
        nrepl.on(op, reply({"reloading": []}, OK, DONE))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    return editor


# -- one namespace --------------------------------------------------------------------------


async def test_the_document_s_namespace_is_loaded_from_its_file(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"value": "nil", "ns": "user"}, DONE))
    document = saved(editor)
    answer = await reload(editor, uri=document.uri)
    assert answer == {
        "status": "done",
        "what": "namespace",
        "namespaces": ["demo"],
        "message": "Reloaded demo from its file.",
        "error": None,
    }
    assert editor.shown() == ["Reloaded demo from its file."]
    (sent,) = nrepl.of("eval")
    assert sent["code"] == "(require '[demo] :reload)"
    assert "ns" not in sent


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT])
async def test_what_is_not_saved_is_told(editor: Editor, nrepl: FaultServer, text: str) -> None:
    document = saved(editor, text)
    assert "unsaved" not in (await reload(editor, uri=document.uri))["message"]
    document.change((2, 6), (2, 10), "size")
    answer = await reload(editor, uri=document.uri)
    assert answer["status"] == "done"
    assert "has not the unsaved changes: save it, or use nrepl.loadFile" in answer["message"]
    assert editor.shown()[-1] == answer["message"]


async def test_a_file_that_is_not_there_is_not_saved(editor: Editor) -> None:
    document = editor.open(TEXT, "src/never.clj")
    assert "unsaved" in (await reload(editor, uri=document.uri))["message"]


async def test_another_namespace_has_no_unsaved_changes(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open(TEXT)
    answer = await reload(editor, uri=document.uri, ns="other.one")
    assert (answer["status"], answer["namespaces"]) == ("done", ["other.one"])
    assert answer["message"] == "Reloaded other.one from its file."


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("basilisp.core", "(require '[demo]))"),
        ("nbb.core", '(nbb.core/load-file "'),
    ],
)
async def test_programs_that_load_in_a_way_of_their_own(
    editor: Editor, nrepl: FaultServer, host: str, code: str
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user", host]}, DONE))
    document = saved(editor)
    assert (await reload(editor, uri=document.uri))["status"] == "done"
    assert code in nrepl.of("eval")[0]["code"]


@pytest.mark.parametrize(
    ("text", "more", "sentence"),
    [
        ("(inc 1)", {}, "declares no namespace"),
        (TEXT, {"ns": "a b"}, "a b is no namespace's name"),
        (TEXT, {"ns": "]) (System/exit 1"}, "is no namespace's name"),
    ],
)
async def test_what_cannot_be_reloaded(
    editor: Editor, nrepl: FaultServer, text: str, more: dict[str, Any], sentence: str
) -> None:
    document = editor.open(text)
    answer = await reload(editor, uri=document.uri, **more)
    assert answer["status"] == "error"
    assert sentence in answer["message"]
    assert nrepl.of("eval") == []


async def test_other_languages_are_told_so(editor: Editor) -> None:
    document = editor.open("(defn f [] 1)", "src/sums.hy", "hy")
    assert "use nrepl.loadFile" in (await reload(editor, uri=document.uri, ns="x"))["message"]


async def test_an_error_is_marked_in_the_file(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply(*FAILS, DONE))
    document = saved(editor)
    answer = await reload(editor, uri=document.uri)
    assert answer["status"] == "error"
    assert answer["message"] == "Unable to resolve symbol: nope"
    assert answer["error"]["uri"] == document.uri
    (marked,) = editor.diagnostics(document.uri)
    assert marked["range"]["start"] == {"line": 3, "character": 2}
    assert "Unable to resolve symbol: nope" in marked["message"]

    nrepl.on("eval", reply({"value": "nil", "ns": "user"}, DONE))
    assert (await reload(editor, uri=document.uri))["status"] == "done"
    assert editor.diagnostics(document.uri) == []


async def test_an_error_in_another_file_is_marked_there(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("eval", reply(*FAILS, DONE))
    other = project / "src" / "demo.clj"
    other.write_text(TEXT)
    document = saved(editor, "(ns main (:require [demo]))\n", "src/main.clj")
    answer = await reload(editor, uri=document.uri)
    assert answer["error"]["uri"] == other.as_uri()
    assert len(editor.diagnostics(other.as_uri())) == 1
    again = await reload(editor, uri=document.uri)
    assert again["error"] == answer["error"]
    assert len(editor.diagnostics(other.as_uri())) == 1, "one mark for one error"


@pytest.mark.parametrize(
    "err",
    [
        "Syntax error compiling at (nowhere/else.clj:4:3).\nBoom\n",
        "Syntax error compiling at (/nowhere/else.clj:4:3).\nBoom\n",
        "Syntax error compiling at (demo.clj:400:3).\nBoom\n",
        "Boom\n",
    ],
)
async def test_an_error_without_a_place_is_only_told(
    editor: Editor, nrepl: FaultServer, err: str
) -> None:
    nrepl.on("eval", reply({"err": err}, {"ex": "class Boom", "status": ["eval-error"]}, DONE))
    document = saved(editor)
    answer = await reload(editor, uri=document.uri)
    assert answer["status"] == "error"
    assert "Boom" in answer["error"]["message"]
    assert answer["error"]["range"] is None
    assert editor.diagnostics(document.uri) == []


# -- what has changed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "op"), [("changed", "cider/refresh"), ("all", "cider/refresh-all")]
)
async def test_the_program_s_op_reloads(
    reloading: Editor, nrepl: FaultServer, what: str, op: str
) -> None:
    nrepl.on(op, reply({"reloading": ["demo.a", "demo.b"]}, {"out": "hello\n"}, OK, DONE))
    document = reloading.open(TEXT)
    answer = await reload(reloading, uri=document.uri, what=what)
    assert answer == {
        "status": "done",
        "what": what,
        "namespaces": ["demo.a", "demo.b"],
        "message": "Reloaded demo.a, demo.b.",
        "error": None,
    }
    assert reloading.shown() == ["Reloaded demo.a, demo.b."]
    await reloading.notified("window/logMessage", "Reloading demo.a demo.b")
    (sent,) = nrepl.of(op)
    assert sent["session"] in nrepl.sessions
    assert nrepl.of("eval") == []


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        ([{"reloading": []}, OK], "Nothing has changed."),
        ([{"reloading": ["a", "b", "c", "d"]}, OK], "Reloaded 4 namespaces."),
        ([{"progress": "Loading a"}, OK], "Reloaded a."),
    ],
)
async def test_how_much_was_reloaded(
    reloading: Editor, nrepl: FaultServer, messages: list[dict[str, Any]], sentence: str
) -> None:
    nrepl.on("cider/refresh", reply(*messages, DONE))
    document = reloading.open(TEXT)
    assert (await reload(reloading, uri=document.uri, what="changed"))["message"] == sentence


async def test_a_namespace_that_cannot_be_loaded(reloading: Editor, nrepl: FaultServer) -> None:
    failed = {"error": [{"class": "E", "message": "Boom"}], "error-ns": "demo", "status": ["error"]}
    nrepl.on("cider/refresh", reply({"reloading": ["demo"]}, {"err": BROKEN}, failed, DONE))
    document = saved(reloading)
    answer = await reload(reloading, uri=document.uri, what="changed")
    assert answer["status"] == "error"
    assert answer["message"] == "demo could not be loaded: Unable to resolve symbol: nope"
    (marked,) = reloading.diagnostics(document.uri)
    assert marked["range"]["start"]["line"] == 3
    nrepl.on("cider/refresh", reply({"reloading": ["demo"]}, OK, DONE))
    await reload(reloading, uri=document.uri, what="changed")
    assert reloading.diagnostics(document.uri) == []


async def test_a_session_in_another_language(reloading: Editor, nrepl: FaultServer) -> None:
    nrepl.on("cider/refresh", reply({"err": "x", "status": ["clojure-only", "done"]}))
    document = reloading.open(TEXT)
    answer = await reload(reloading, uri=document.uri, what="changed")
    assert answer["status"] == "error"
    assert "ClojureScript" in answer["message"]


async def test_reloading_waits_for_its_turn_and_can_be_interrupted(
    reloading: Editor, nrepl: FaultServer
) -> None:
    async def begin(peer: Peer, request: dict[str, Any]) -> None:
        peer.answer(request, {"reloading": ["demo.a"]})
        await asyncio.Event().wait()

    nrepl.on("cider/refresh", begin)
    nrepl.on("eval", silent(), code="(loop)")
    document = reloading.open(TEXT)
    first = asyncio.create_task(
        reloading.command("nrepl.evalCode", {"uri": document.uri, "code": "(loop)", "wait": True})
    )
    await nrepl.received("eval")
    asked = asyncio.create_task(reload(reloading, uri=document.uri, what="changed"))
    async with asyncio.timeout(5):
        while len(reloading.server.evaluations.running()) < 2:
            await reloading.command("nrepl.status")
    assert nrepl.of("cider/refresh") == []
    (one, _) = reloading.server.evaluations.running()
    await reloading.command("nrepl.interrupt", {"evaluation": one.id})
    assert (await first)["status"] == "interrupted"
    await nrepl.received("cider/refresh")
    await reloading.command("nrepl.interrupt", {"uri": document.uri})
    answer = await asked
    assert (answer["status"], answer["message"]) == ("interrupted", "Interrupted.")


async def test_the_answer_comes_at_once(
    reloading: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 0.02)
    nrepl.on("cider/refresh", silent())
    document = reloading.open(TEXT)
    answer = await reload(reloading, uri=document.uri, what="changed", wait=False)
    assert (answer["status"], answer["namespaces"]) == ("running", None)
    await nrepl.received("cider/refresh")
    await reloading.command("nrepl.interrupt", {"uri": document.uri})
    await reloading.notified("window/showMessage", "Interrupted: reload changed")


@pytest.mark.parametrize("what", ["changed", "all"])
async def test_a_program_without_the_op_is_asked_for_libraries(
    editor: Editor, nrepl: FaultServer, what: str
) -> None:
    document = editor.open(TEXT)
    answer = await reload(editor, uri=document.uri, what=what)
    assert answer["status"] == "error"
    assert "cannot reload what has changed" in answer["message"]
    assert editor.shown() == [answer["message"]]
    assert nrepl.of("eval") == []

    nrepl.on("ns-list", reply({"ns-list": ["user", "clojure.tools.namespace.repl"]}, DONE))
    nrepl.on("eval", reply({"out": ":reloading (demo)\n"}, {"value": ":ok"}, DONE))
    editor.server.repl_for(document.uri).namespaces.note_change()  # type: ignore[union-attr]
    answer = await reload(editor, uri=document.uri, what=what)
    assert (answer["status"], answer["namespaces"]) == ("done", ["demo"])

    nrepl.on("ns-list", reply({"ns-list": ["user", "clj-reload.core"]}, DONE))
    nrepl.on("eval", reply({"value": "3"}, DONE))
    editor.server.repl_for(document.uri).namespaces.note_change()  # type: ignore[union-attr]
    answer = await reload(editor, uri=document.uri, what=what)
    assert (answer["status"], answer["namespaces"]) == ("done", None)
    assert answer["message"].startswith("Reloaded ")
    assert "clj-reload.core/reload" in nrepl.of("eval")[-1]["code"]


@pytest.mark.parametrize("what", ["everything", 3, ["all"], {}, ""])
async def test_other_words_are_refused(editor: Editor, what: Any) -> None:
    editor.open(TEXT)
    with pytest.raises(RequestFailed) as failed:
        await reload(editor, what=what)
    assert failed.value.code == -32602
    assert "what must be one of namespace, changed, all" in failed.value.message


async def test_without_a_program_one_sentence(detached: Editor) -> None:
    document = detached.open(TEXT)
    for what in ("namespace", "changed", "all"):
        answer = await reload(detached, uri=document.uri, what=what)
        assert (answer["status"], answer["what"]) == ("disconnected", what)
        assert "No REPL is attached" in answer["message"]


async def test_a_program_that_goes_while_it_reloads(reloading: Editor, nrepl: FaultServer) -> None:
    async def go(peer: Peer, request: dict[str, Any]) -> None:
        nrepl.hang_up()

    nrepl.on("cider/refresh", go)
    document = reloading.open(TEXT)
    answer = await reload(reloading, uri=document.uri, what="changed")
    assert answer["status"] in ("error", "disconnected")
    assert "connection was lost" in answer["message"]


# -- what is known of the documents afterwards ----------------------------------------------


def changed(editor: Editor, document: Opened) -> list[tuple[str, ...]]:
    """The names of the forms that the program has not as they are written."""
    snapshot = editor.server.documents.snapshot(document.uri)
    assert snapshot is not None
    found = program_forms(editor.server).changed(editor.server, snapshot)
    return [form.names for form in found]


async def test_a_reloaded_file_is_what_the_program_has(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("eval", reply({"value": "nil", "ns": "user"}, DONE))
    document = saved(editor)
    await editor.command("nrepl.loadFile", {"uri": document.uri, "wait": True})
    document.change((2, 6), (2, 10), "size")
    await editor.command("nrepl.status")
    assert changed(editor, document) == [("size",)]
    await reload(editor, uri=document.uri)
    assert changed(editor, document) == [("size",)], (
        "the program has the file, not the editor's text"
    )
    (project / "src" / "demo.clj").write_text(TEXT.replace("area", "size"))
    await reload(editor, uri=document.uri)
    assert changed(editor, document) == []


async def test_files_that_the_program_reloads_are_what_it_has(
    reloading: Editor, nrepl: FaultServer, project: Path
) -> None:
    document = saved(reloading)
    await reloading.command("nrepl.loadFile", {"uri": document.uri, "wait": True})
    document.change((2, 6), (2, 10), "size")
    (project / "src" / "demo.clj").write_text(TEXT.replace("area", "size"))
    await reload(reloading, uri=document.uri, what="changed")
    assert changed(reloading, document) == [("size",)], "nothing was reloaded"
    nrepl.on("cider/refresh", reply({"reloading": ["other", "demo"]}, OK, DONE))
    await reload(reloading, uri=document.uri, what="changed")
    assert changed(reloading, document) == []


async def test_what_is_removed_is_not_there_any_more(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "true", "ns": "user"}, DONE))
    document = saved(editor, TEXT + "(def other 1)\n")
    await editor.command("nrepl.loadFile", {"uri": document.uri, "wait": True})
    assert changed(editor, document) == []
    await editor.command("nrepl.undef", {"uri": document.uri, "symbol": "area", "wait": True})
    assert changed(editor, document) == [("area",)]
    await editor.command("nrepl.undefAll", {"uri": document.uri, "wait": True})
    assert changed(editor, document) == [("area",), ("other",)]


async def test_what_cannot_be_read_is_not_known(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = saved(editor)
    await editor.command("nrepl.loadFile", {"uri": document.uri, "wait": True})
    monkeypatch.setattr("nrepl_lsp.lsp.evaluating.picking.FILE_LIMIT", 5)
    assert "unsaved" in (await reload(editor, uri=document.uri))["message"]
    monkeypatch.undo()
    monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(PermissionError()))
    assert "unsaved" in (await reload(editor, uri=document.uri))["message"]
    assert changed(editor, document) == []


async def test_the_session_s_namespace_is_learnt(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open(TEXT)
    repl = editor.server.repl_for(document.uri)
    assert repl is not None
    learn = SessionNamespaces(editor.server)
    assert namespace_of(repl) is None
    for ns, told, known in ((None, "user", "user"), ("demo", "demo", "user"), (None, None, "user")):
        code = Code("1", CLOJURE, document.uri, ns)
        learn.ended(Running("1", code, repl), Outcome("done", ns=told))
        assert namespace_of(repl) == known
