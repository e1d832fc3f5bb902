"""The commands that run code: what they send, what they answer, and what is shown."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.evaluations import ANSWER_WITHIN
from nrepl_lsp.source.languages import for_document
from tests.support.fault_server import (
    DONE,
    FaultServer,
    Peer,
    hang_up_mid_eval,
    held,
    reply,
    silent,
    unknown_op,
)

from .conftest import attach_file
from .editor import Editor, RequestFailed

#: A busy machine's.
SLACK = 1.0

JVM_ERROR = "Execution error (ArithmeticException) at demo/f (demo.clj:3).\nDivide by zero\n"
NOTHING: dict[str, Any] = {
    "values": [],
    "out": "",
    "err": "",
    "ns": None,
    "error": None,
    "evaluation": None,
}


def failing(err: str = JVM_ERROR, ex: str = "class java.lang.ArithmeticException") -> Any:
    return reply(
        {"err": err},
        {"ex": ex, "root-ex": ex, "status": ["eval-error"]},
        DONE,
    )


def start(editor: Editor, command: str, argument: dict[str, Any]) -> "asyncio.Future[Any]":
    """Send a command; its answer, to be awaited."""
    params = {"command": command, "arguments": [argument]}
    return editor.start_request("workspace/executeCommand", params)[1]


def errors(editor: Editor, uri: str) -> list[dict[str, Any]]:
    """The errors that stand in a document now."""
    return [mark for mark in editor.diagnostics(uri) if mark["severity"] == 1]


def diagnostic_range(editor: Editor, uri: str) -> tuple[tuple[int, int], tuple[int, int]]:
    (mark,) = errors(editor, uri)
    start, end = mark["range"]["start"], mark["range"]["end"]
    return (start["line"], start["character"]), (end["line"], end["character"])


# -- what is picked -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(inc 1) (+ 1 2)|", "(+ 1 2)"),
        ("(inc (dec 1)|)", "(dec 1)"),
        ("(inc| 1)", "inc"),
        ("(inc 1|)", "(inc 1)"),
        ("(inc [1 :a|])", "[1 :a]"),
        ('(f "x"|)', '(f "x")'),
        ("(inc x|)", "x"),
        ("1|", "1"),
        ("|(inc 1)", "(inc 1)"),
        ("(inc 1)  ; done|", "(inc 1)"),
        ("'(1 2)|", "'(1 2)"),
        ("(inc 1)\n\n|", "(inc 1)"),
    ],
)
async def test_eval_form_takes_the_form_at_or_before_the_cursor(
    editor: Editor, nrepl: FaultServer, text: str, code: str
) -> None:
    document = editor.open(text)
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert [request["code"].strip() for request in nrepl.of("eval")] == [code]
    assert answer["values"] == [nrepl.of("eval")[0]["code"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(defn f [x]\n  (inc |x))", "(defn f [x]\n  (inc x))"),
        ("(comment\n  (f 1)\n  (f |2))", "(f 2)"),
        ("(def a 1)\n(def b 2)|", "(def b 2)"),
    ],
)
async def test_eval_top_level_form_looks_through_comment(
    editor: Editor, nrepl: FaultServer, text: str, code: str
) -> None:
    document = editor.open(text)
    await editor.command("nrepl.evalTopLevelForm", document.at_cursor)
    assert nrepl.of("eval")[0]["code"].strip() == code


async def test_eval_selection_takes_the_whole_forms_in_the_range(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(def a 1) «(def b 2) (def c 3)»")
    argument = {"uri": document.uri, "range": document.selection}
    await editor.command("nrepl.evalSelection", argument)
    assert nrepl.of("eval")[0]["code"].strip() == "(def b 2) (def c 3)"


async def test_a_selection_that_was_made_backwards_is_the_same(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("«(def b 2)» x")
    back = {"start": document.selection["end"], "end": document.selection["start"]}
    await editor.command("nrepl.evalSelection", {"uri": document.uri, "range": back})
    assert nrepl.of("eval")[0]["code"] == "(def b 2)"


async def test_typing_a_closing_bracket_makes_its_form_the_one_that_is_meant(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(+ 1 2")
    document.change((0, 6), (0, 6), ")")
    await editor.command("nrepl.evalForm")
    assert nrepl.of("eval")[0]["code"] == "(+ 1 2)"


async def test_pasted_lines_leave_the_cursor_at_their_end(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("")
    document.change((0, 0), (0, 0), "(def a 1)\r\n(def é😀 2)")
    await editor.command("nrepl.evalForm")
    assert nrepl.of("eval")[0]["code"].strip() == "(def é😀 2)"


async def test_without_arguments_the_last_place_counts(editor: Editor, nrepl: FaultServer) -> None:
    editor.open("(def z 0)", "src/z.clj")
    document = editor.open("(def a 1)\n(ma|p inc)\n")
    await document.ask("hover")
    await editor.command("nrepl.evalTopLevelForm")
    assert nrepl.of("eval")[0]["code"].strip() == "(map inc)"


async def test_a_document_that_was_just_opened_is_the_last_place(
    editor: Editor, nrepl: FaultServer
) -> None:
    editor.open("(def a 1)", "src/a.clj")
    editor.open("(def b 1)", "src/b.clj")
    await editor.command("nrepl.loadFile")
    assert nrepl.of("load-file")[0]["file"] == "(def b 1)"


async def test_a_range_without_a_uri_is_in_the_last_document(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("«(def a 1)» (def b 2)")
    await editor.command("nrepl.evalSelection", {"range": document.selection})
    assert nrepl.of("eval")[0]["code"] == "(def a 1)"


async def test_positions_past_the_end_are_clamped(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open("(def a 1)")
    place = {"line": 10**12, "character": 10**12}
    await editor.command("nrepl.evalForm", {"uri": document.uri, "position": place})
    assert nrepl.of("eval")[0]["code"] == "(def a 1)"


# -- what is sent ---------------------------------------------------------------------------


async def test_the_namespace_in_force_and_the_file_go_with_the_code(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    document = editor.open("(ns demo)\n\n  (f| 1)")
    await editor.command("nrepl.evalTopLevelForm", document.at_cursor)
    (request,) = nrepl.of("eval")
    assert request["ns"] == "demo"
    assert request["file"] == str(project / "src" / "demo.clj")
    # This server does not document `line`, so the code is moved to its place.
    assert request["code"] == "\n\n  (f 1)"


async def test_servers_that_document_the_position_get_it(
    make_editor: Any, nrepl: FaultServer, project: Path
) -> None:
    described = {
        "ops": {"eval": {"optional": {"line": "", "column": ""}}, "clone": {}, "ns-list": {}},
        "versions": {"nrepl": {"version-string": "1.0.0"}},
    }
    nrepl.on("describe", reply({**described, **DONE}))
    (project / ".nrepl-port").write_text(str(nrepl.port))
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    document = editor.open("\n (def é😀 1) (inc| 1)")
    await editor.command("nrepl.evalTopLevelForm", document.at_cursor)
    (request,) = nrepl.of("eval")
    assert (request["code"], request["line"], request["column"]) == ("(inc 1)", 2, 14)


async def test_a_namespace_that_is_not_loaded_is_never_named_to_the_server(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(ns other)\n(f|)")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    text = "Load the file first (nrepl.loadFile): the namespace other is not loaded."
    error = {"message": text, "class": None, "uri": None, "range": None}
    assert answer == {**NOTHING, "status": "error", "error": error}
    assert editor.shown() == [text]
    assert nrepl.of("eval") == []


@pytest.mark.parametrize(
    ("snippets", "why"), [(True, ""), (False, " with nrepl.snippets switched off")]
)
async def test_a_namespace_that_cannot_be_checked_is_named_once_its_file_was_loaded(
    make_editor: Any, nrepl: FaultServer, project: Path, snippets: bool, why: str
) -> None:
    nrepl.without("ns-list").on("eval", failing())
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"nrepl.snippets": snippets})
    await editor.attached()
    nrepl.requests.clear()
    document = editor.open("(ns other)\n(f|)")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    text = (
        "Load the file first (nrepl.loadFile): "
        f"whether the namespace other is loaded cannot be checked{why}."
    )
    assert answer["error"]["message"] == text
    assert not [request for request in nrepl.requests if request.get("ns") == "other"]
    nrepl.on("load-file", failing())
    await editor.command("nrepl.loadFile", {"uri": document.uri})
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["error"]["message"] == text
    nrepl.on("load-file", reply({"value": "#'other/f"}, DONE))
    nrepl.on("eval", reply({"value": "1"}, DONE))
    await editor.command("nrepl.loadFile", {"uri": document.uri})
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["status"] == "done"
    assert nrepl.of("eval")[-1]["ns"] == "other"


async def test_a_form_is_judged_after_the_loading_of_its_file_that_was_asked_for_before(
    editor: Editor, nrepl: FaultServer
) -> None:
    loaded = asyncio.Event()

    async def load(peer: Peer, request: Any) -> None:
        await loaded.wait()
        nrepl.on("ns-list", reply({"ns-list": ["user", "other"]}, DONE))
        peer.answer(request, {"value": "1"}, DONE)

    nrepl.on("load-file", load)
    nrepl.on("eval", held(loaded), code="(first)")
    document = editor.open("(ns other)\n(f|)")
    first = start(editor, "nrepl.evalCode", {"code": "(first)", "ns": "user", "wait": True})
    loading = start(editor, "nrepl.loadFile", {"uri": document.uri, "wait": True})
    form = start(editor, "nrepl.evalForm", {**document.at_cursor, "wait": True})
    await nrepl.received("ns-list")
    loaded.set()
    assert [(await one)["status"] for one in (first, loading, form)] == ["done"] * 3
    assert [request.get("ns") for request in nrepl.of("eval")] == ["user", "other"]


@pytest.mark.usefixtures("impatient")
async def test_what_waits_for_the_loading_of_its_namespace_is_interrupted_at_once(
    editor: Editor, nrepl: FaultServer
) -> None:
    await running(editor, nrepl)
    document = editor.open("(ns other)\n(f|)")
    waiting = await editor.command("nrepl.evalForm", document.at_cursor)
    behind = await editor.command("nrepl.evalCode", {"code": "(behind)"})
    for one in (behind, waiting):
        argument = {"evaluation": one["evaluation"]}
        assert (await editor.command("nrepl.interrupt", argument))["status"] == "interrupted"
    for title in ("(behind)", "f"):
        await editor.notified("window/logMessage", f"{title} (interrupted)")
    assert [request["code"] for request in nrepl.of("eval")] == ["(loop [])"]


async def test_a_server_that_does_not_list_its_namespaces_holds_up_no_other_server(
    make_editor: Any, nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    nrepl.on("ns-list", silent())
    attach_file(project, nrepl)
    other = tmp_path / "other"
    other.mkdir()
    async with FaultServer() as second:
        attach_file(other, second)
        editor = make_editor()
        folders = [{"uri": folder.as_uri(), "name": "x"} for folder in (project, other)]
        await editor.initialize(workspaceFolders=folders)
        await editor.notified("window/logMessage", f"Attached to {nrepl.url}")
        await editor.notified("window/logMessage", f"Attached to {second.url}")
        document = editor.open("(ns demo)\n(f|)")
        stuck = start(editor, "nrepl.evalForm", {**document.at_cursor, "wait": True})
        await nrepl.received("ns-list")
        argument = {"uri": (other / "a.clj").as_uri(), "code": "(g)", "wait": True}
        assert (await editor.command("nrepl.evalCode", argument))["values"] == ["(g)"]
        await editor.command("nrepl.interrupt", {"uri": document.uri})
        assert (await stuck)["status"] == "interrupted"


async def test_the_form_that_makes_the_namespace_is_evaluated_outside_of_it(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(ns other)|\n")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["status"] == "done"
    assert "ns" not in nrepl.of("eval")[0]


async def test_eval_code_is_in_the_document_s_namespace_but_not_in_its_file(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(ns demo)\n|")
    await editor.command("nrepl.evalCode", {**document.at_cursor, "code": "(f)"})
    await editor.command("nrepl.evalCode", {"code": "(g)", "ns": "user"})
    first, second = nrepl.of("eval")
    assert (first["code"], first["ns"], "file" in first) == ("(f)", "demo", False)
    assert (second["code"], second["ns"]) == ("(g)", "user")


async def test_eval_code_that_stands_at_the_place_named_is_evaluated_there(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    document = editor.open("(ns demo)\n  |(f 1)")
    nrepl.on("eval", failing())
    argument = {**document.at_cursor, "code": "(f 1)"}
    answer = await editor.command("nrepl.evalCode", argument)
    (request,) = nrepl.of("eval")
    assert (request["code"], request["ns"]) == ("\n  (f 1)", "demo")
    assert request["file"] == str(project / "src" / "demo.clj")
    assert answer["error"]["range"]["start"] == {"line": 1, "character": 2}
    await editor.command("nrepl.evalCode", {**argument, "code": "(f 2)"})
    assert nrepl.of("eval")[1]["code"] == "(f 2)"


async def test_eval_code_works_with_nothing_open(editor: Editor, nrepl: FaultServer) -> None:
    answer = await editor.command("nrepl.evalCode", {"code": "(f)"})
    assert (answer["status"], answer["values"]) == ("done", ["(f)"])


async def test_load_file_sends_the_text_of_the_editor_not_of_the_disk(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    path = project / "src" / "demo.clj"
    path.write_text("(old)")
    document = editor.open("(ns demo)\n(new)")
    answer = await editor.command("nrepl.loadFile", {"uri": document.uri})
    (request,) = nrepl.of("load-file")
    assert request["file"] == "(ns demo)\n(new)"
    assert (request["file-path"], request["file-name"]) == (str(path), "demo.clj")
    assert answer["values"] == ["demo.clj"]
    assert editor.shown() == ["Loaded demo.clj"]


async def test_a_byte_order_mark_is_not_sent(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open("\ufeff(ns demo)")
    await editor.command("nrepl.loadFile", {"uri": document.uri})
    assert nrepl.of("load-file")[0]["file"] == "(ns demo)"


async def test_a_file_that_is_not_open_is_loaded_from_the_disk(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    path = project / "src" / "closed file.clj"
    path.write_bytes(b"\xef\xbb\xbf(ns closed)\r\n")
    await editor.command("nrepl.loadFile", {"uri": path.as_uri()})
    assert nrepl.of("load-file")[0]["file"].splitlines() == ["(ns closed)"]


async def test_languages_and_servers_without_load_file_get_the_text_to_evaluate(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(print 1)", "src/a.hy", "hy")
    await editor.command("nrepl.loadFile", {"uri": document.uri})
    assert nrepl.of("eval")[0]["code"] == "(print 1)"
    assert nrepl.of("load-file") == []


async def test_untitled_documents_are_evaluated_without_a_file(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(f)|", "untitled:Untitled-1")
    await editor.command("nrepl.evalForm", document.at_cursor)
    await editor.command("nrepl.loadFile", {"uri": document.uri})
    assert "file" not in nrepl.of("eval")[0]
    assert nrepl.of("load-file")[0]["file"] == "(f)"
    assert "file-path" not in nrepl.of("load-file")[0]


# -- what is answered -----------------------------------------------------------------------


async def test_the_answer_holds_values_output_and_namespace(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on(
        "eval",
        reply(
            {"out": "hel"},
            {"out": "lo\n"},
            {"err": "warn\n"},
            {"value": "1", "ns": "demo"},
            {"value": "2", "ns": "demo"},
            DONE,
        ),
    )
    document = editor.open("(f)|")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    evaluation = answer.pop("evaluation")
    assert isinstance(evaluation, str)
    assert answer == {
        "status": "done",
        "values": ["1", "2"],
        "out": "hello\n",
        "err": "warn\n",
        "ns": "demo",
        "error": None,
    }
    (shown,) = editor.shown()
    assert shown.startswith("=> 2")
    assert shown.endswith("(printed: hello)")
    await editor.notified("window/logMessage", "hello")
    whole = await editor.notified("window/logMessage", "=> 1")
    assert whole["message"] == "(f) (done)\n=> 1\n=> 2"


async def test_an_evaluation_without_a_value_says_that_it_is_done(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply(DONE))
    document = editor.open("(f)|")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert (answer["status"], answer["values"]) == ("done", [])
    assert editor.shown() == ["Done: (f)"]


async def test_an_error_is_answered_shown_and_marked_at_its_place(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("eval", failing())
    document = editor.open("(ns demo)\n(defn f []\n  (/ 1 0))|")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["status"] == "error"
    assert answer["err"] == JVM_ERROR
    assert answer["error"] == {
        "message": "Divide by zero",
        "class": "java.lang.ArithmeticException",
        "uri": document.uri,
        "range": {"start": {"line": 2, "character": 2}, "end": {"line": 2, "character": 9}},
    }
    assert editor.shown() == ["Divide by zero"]
    assert diagnostic_range(editor, document.uri) == ((2, 2), (2, 9))
    assert editor.diagnostics(document.uri)[0]["source"] == "nREPL"


async def test_a_good_evaluation_of_the_form_clears_its_errors_wherever_they_stand_in_it(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", failing())
    document = editor.open("(ns demo)\n(defn f []\n  (/ 1 0))|\n(g)")
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert len(errors(editor, document.uri)) == 1
    nrepl.on("eval", reply({"value": "1"}, DONE))
    other = {"uri": document.uri, "position": {"line": 3, "character": 3}}
    await editor.command("nrepl.evalForm", other)
    assert len(errors(editor, document.uri)) == 1
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert errors(editor, document.uri) == []


async def test_an_edit_clears_the_errors_from_its_line_on(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", failing())
    document = editor.open("(ns demo)\n(defn f []\n  (/ 1 0))|\n")
    await editor.command("nrepl.evalForm", document.at_cursor)
    document.change((3, 0), (3, 0), "x")
    await document.ask("hover")
    assert len(editor.diagnostics(document.uri)) == 1
    document.change((2, 3), (2, 4), "*")
    await document.ask("hover")
    assert editor.diagnostics(document.uri) == []


async def test_an_error_in_another_file_is_marked_there_until_the_next_evaluation(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    other = project / "src" / "other.clj"
    other.write_text("(ns other)\n(boom)\n")
    nrepl.on("eval", failing(f"Syntax error compiling at ({other}:2:1).\nUnable to resolve\n"))
    document = editor.open("(require 'other)|")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["error"]["uri"] == other.as_uri()
    assert diagnostic_range(editor, other.as_uri()) == ((1, 0), (1, 0))
    nrepl.on("eval", reply({"value": "nil"}, DONE))
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert editor.diagnostics(other.as_uri()) == []


async def test_an_error_in_a_container_s_path_marks_the_file_here(
    make_editor: Any, nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    other = project / "src" / "other.clj"
    other.write_text("(ns other)\n(boom)\n")
    editor = make_editor()
    mappings = [{"remote": "/app", "local": str(project)}]
    await editor.initialize(options={"nrepl.pathMappings": mappings})
    await editor.attached()
    document = editor.open("(require 'other)\n(f)|")
    nrepl.on("eval", failing("Syntax error compiling at (/app/src/other.clj:2:1).\nNo\n"))
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["error"]["uri"] == other.as_uri()
    assert diagnostic_range(editor, other.as_uri()) == ((1, 0), (1, 0))
    nrepl.on("eval", failing("Syntax error compiling at (/app/src/demo.clj:2:2).\nNo\n"))
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["error"]["uri"] == document.uri
    assert diagnostic_range(editor, document.uri) == ((1, 1), (1, 2))


async def test_an_error_without_a_place_marks_the_first_line(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"status": ["done", "error", "namespace-not-found"]}))
    document = editor.open("  (f\n 1)|")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["error"]["message"] == "error, namespace-not-found"
    assert diagnostic_range(editor, document.uri) == ((0, 2), (0, 4))


async def test_errors_are_placed_in_the_negotiated_encoding(
    make_editor: Any, nrepl: FaultServer, project: Path
) -> None:
    (project / ".nrepl-port").write_text(str(nrepl.port))
    nrepl.on("eval", failing("Syntax error compiling at (demo.clj:1:10).\nNo\n"))
    expected = {"utf-8": (13, 19), "utf-16": (9, 13), "utf-32": (8, 11)}
    for encoding, (start, end) in expected.items():
        editor = make_editor()
        await editor.initialize({"general": {"positionEncodings": [encoding]}})
        await editor.attached()
        document = editor.open('(é "é😀" (😀))')
        argument = {"uri": document.uri, "position": {"line": 0, "character": 0}}
        answer = await editor.command("nrepl.evalForm", argument)
        place = answer["error"]["range"]
        assert place["start"] == {"line": 0, "character": start}
        assert place["end"] == {"line": 0, "character": end}


async def test_an_error_is_answered_in_the_text_as_it_was_and_marked_in_the_text_as_it_is(
    editor: Editor, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("eval", held(gate, failing()))
    document = editor.open("(ns demo)\n(defn f []\n  (/ 1 0))|")
    argument = {**document.at_cursor, "wait": True}
    params = {"command": "nrepl.evalForm", "arguments": [argument]}
    _, answer = editor.start_request("workspace/executeCommand", params)
    await nrepl.received("eval")
    document.change((1, 0), (1, 0), "\n\n")
    gate.set()
    assert (await answer)["error"]["range"]["start"]["line"] == 2
    (mark,) = editor.diagnostics(document.uri)
    assert mark["range"]["start"]["line"] == 4
    assert editor.shown() == ["Divide by zero"]


async def test_a_long_value_is_cut_and_says_so(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "x" * (16 * 1024 * 1024)}, DONE))
    document = editor.open("(f)|")
    answer = await editor.command("nrepl.evalForm", {**document.at_cursor, "wait": True})
    kept = 256 * 1024
    assert answer["values"] == ["x" * kept + f"… {16 * 1024 * 1024 - kept:,} more characters"]
    (line,) = editor.shown()
    assert line.startswith("=> xxx")
    assert len(line) <= 120


async def test_each_value_says_how_much_of_it_is_missing_and_the_last_is_shown(
    editor: Editor, nrepl: FaultServer
) -> None:
    kept = 256 * 1024
    nrepl.on("eval", reply({"value": "x" * (kept + 5)}, {"value": "2"}, DONE))
    document = editor.open("(f) (g)|")
    answer = await editor.command("nrepl.evalForm", {**document.at_cursor, "wait": True})
    first, last = answer["values"]
    assert first == "x" * kept + "… 5 more characters"
    assert last == "2"
    (shown,) = editor.shown()
    assert shown.startswith("=> 2")


async def test_much_output_is_cut_and_says_so(editor: Editor, nrepl: FaultServer) -> None:
    size = 3 * 1024 * 1024
    nrepl.on("eval", reply({"out": "y" * size}, {"value": "1"}, DONE))
    document = editor.open("(f)|")
    answer = await editor.command("nrepl.evalForm", {**document.at_cursor, "wait": True})
    assert answer["out"] == "y" * 1024 * 1024 + "\n… 2,097,152 more characters"


async def test_half_characters_do_not_break_the_answer(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"out": "\udcff"}, {"value": '"\udce9"'}, DONE))
    document = editor.open("(f)|")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert (answer["values"], answer["out"]) == (['"\ufffd"'], "\ufffd")


async def test_output_after_the_end_goes_to_the_log(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "1"}, DONE, {"out": "from a thread"}))
    document = editor.open("(f)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    await editor.notified("window/logMessage", "from a thread")


@pytest.mark.parametrize("place", ["gone.clj", "/no/such/gone.clj"])
async def test_an_error_in_a_file_that_is_not_here_marks_the_code(
    editor: Editor, nrepl: FaultServer, place: str
) -> None:
    nrepl.on("eval", failing(f"Syntax error compiling at ({place}:2:1).\nUnable to resolve\n"))
    document = editor.open("(require 'gone)|")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["error"]["uri"] == document.uri
    assert diagnostic_range(editor, document.uri) == ((0, 0), (0, 15))


async def test_an_error_in_an_untitled_document_is_placed_by_its_line(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", failing("Syntax error compiling at (whatever.clj:2:3).\nNo\n"))
    document = editor.open("(do\n  (f))|", "untitled:1")
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert diagnostic_range(editor, document.uri) == ((1, 2), (1, 5))


async def test_code_that_reads_input_where_there_is_none_can_be_interrupted(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.commands.evaluate.ANSWER_WITHIN", 0.02)
    nrepl.without("stdin")
    await editor.command("nrepl.disconnect")
    await editor.command("nrepl.connect")
    nrepl.on("eval", reply({"out": "?", "status": ["need-input"]}))
    answer = await editor.command("nrepl.evalCode", {"code": "(read-line)"})
    assert answer["status"] == "running"
    await editor.command("nrepl.disconnect")
    await editor.notified("window/showMessage", "The connection was lost")


@pytest.mark.usefixtures("impatient")
async def test_interrupting_while_the_connection_is_lost_is_no_fault(
    editor: Editor, nrepl: FaultServer
) -> None:
    async def go(peer: Peer, request: Any) -> None:
        peer.hang_up()

    nrepl.on("interrupt", go)
    await running(editor, nrepl)
    assert (await editor.command("nrepl.interrupt"))["status"] == "idle"
    await editor.notified("window/showMessage", "The connection was lost")


# -- slow ones ------------------------------------------------------------------------------


async def test_a_long_evaluation_answers_running_and_pushes_its_outcome(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.commands.evaluate.ANSWER_WITHIN", ANSWER_WITHIN)
    gate = asyncio.Event()

    async def slowly(peer: Peer, request: Any) -> None:
        peer.answer(request, {"out": "begun\n"})
        await gate.wait()
        peer.answer(request, {"value": "42", "ns": "user"}, DONE)

    nrepl.on("eval", slowly)
    document = editor.open("(f)|")
    loop = asyncio.get_running_loop()
    started = loop.time()
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert ANSWER_WITHIN < 0.5
    assert ANSWER_WITHIN <= loop.time() - started < 0.5 + SLACK
    assert (answer["status"], answer["out"], answer["values"]) == ("running", "begun\n", [])
    assert editor.shown() == []
    gate.set()
    assert (await editor.notified("window/showMessage"))["message"] == "=> 42 (printed: begun)"


async def test_wait_answers_at_the_end(editor: Editor, nrepl: FaultServer) -> None:
    gate = asyncio.Event()
    nrepl.on("eval", held(gate))
    document = editor.open("(f)|")
    params = {"command": "nrepl.evalForm", "arguments": [{**document.at_cursor, "wait": True}]}
    _, waiting = editor.start_request("workspace/executeCommand", params)
    await nrepl.received("eval")
    asyncio.get_running_loop().call_later(0.5, gate.set)
    assert (await waiting)["status"] == "done"


async def test_evaluations_run_one_after_the_other_in_the_order_of_the_commands(
    editor: Editor, nrepl: FaultServer
) -> None:
    # The first has to ask for the namespaces before it is sent; the second has not.
    slow_list = asyncio.Event()
    nrepl.on("ns-list", held(slow_list, reply({"ns-list": ["demo"]}, DONE)))
    document = editor.open("(ns demo)\n(f)|")
    waiting = [
        editor.start_request(
            "workspace/executeCommand", {"command": "nrepl.evalCode", "arguments": [argument]}
        )[1]
        for argument in (
            {**document.at_cursor, "code": "1", "wait": True},
            {"code": "2", "uri": "untitled:1", "wait": True},
            {"code": "3", "uri": "untitled:1", "wait": True},
        )
    ]
    await nrepl.received("ns-list")
    slow_list.set()
    assert [(await one)["values"] for one in waiting] == [["1"], ["2"], ["3"]]
    assert [request["code"] for request in nrepl.of("eval")] == ["1", "2", "3"]


@pytest.mark.usefixtures("impatient")
async def test_a_server_that_does_not_list_its_namespaces_does_not_delay_the_answer(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", silent())
    document = editor.open("(ns demo)\n(f)|")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert (answer["status"], answer["values"]) == ("running", [])
    status = await editor.command("nrepl.interrupt", {"evaluation": answer["evaluation"]})
    assert status["status"] == "interrupted"


async def running(editor: Editor, nrepl: FaultServer, code: str = "(loop [])") -> str:
    """Start an evaluation that never ends; its id."""
    nrepl.on("eval", silent(), code=code)
    answer = await editor.command("nrepl.evalCode", {"code": code})
    assert answer["status"] == "running"
    return str(answer["evaluation"])


@pytest.mark.usefixtures("impatient")
async def test_interrupt_stops_what_runs(editor: Editor, nrepl: FaultServer) -> None:
    await running(editor, nrepl)
    assert await editor.command("nrepl.interrupt") == {"status": "interrupted", "message": None}
    (request,) = nrepl.of("interrupt")
    assert request["interrupt-id"] == nrepl.of("eval")[0]["id"]
    await editor.notified("window/showMessage", "Interrupted: (loop [])")


@pytest.mark.usefixtures("impatient")
async def test_interrupt_drops_what_waits_as_well(editor: Editor, nrepl: FaultServer) -> None:
    await running(editor, nrepl)
    await editor.command("nrepl.evalCode", {"code": "(next)"})
    await editor.command("nrepl.interrupt")
    await editor.notified("window/showMessage", "Interrupted: (next)")
    assert [request["code"] for request in nrepl.of("eval")] == ["(loop [])"]


@pytest.mark.usefixtures("impatient")
async def test_one_evaluation_is_interrupted_by_its_id(editor: Editor, nrepl: FaultServer) -> None:
    await running(editor, nrepl)
    waiting = await editor.command("nrepl.evalCode", {"code": "(next)"})
    argument = {"evaluation": waiting["evaluation"]}
    assert (await editor.command("nrepl.interrupt", argument))["status"] == "interrupted"
    assert nrepl.of("interrupt") == []
    await editor.notified("window/logMessage", "(next) (interrupted)")


async def test_interrupt_says_when_nothing_runs(editor: Editor) -> None:
    expected = {"status": "idle", "message": "Nothing is running."}
    assert await editor.command("nrepl.interrupt") == expected
    assert await editor.command("nrepl.interrupt", {"evaluation": "77"}) == expected
    assert editor.shown() == ["Nothing is running."] * 2


@pytest.mark.usefixtures("impatient")
async def test_interrupt_says_when_the_server_cannot(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("interrupt", unknown_op())
    await running(editor, nrepl)
    answer = await editor.command("nrepl.interrupt")
    assert answer["status"] == "unsupported"
    await editor.notified("window/showMessage", "cannot interrupt")
    assert editor.shown() == [answer["message"]]


@pytest.mark.usefixtures("impatient")
async def test_interrupt_leaves_other_projects_alone(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    added = {"added": [{"uri": other.as_uri(), "name": "other"}], "removed": []}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": added})
    document = editor.open("(loop [])|")
    nrepl.on("eval", silent())
    await editor.command("nrepl.evalForm", document.at_cursor)
    argument = {"uri": (other / "a.clj").as_uri()}
    assert (await editor.command("nrepl.interrupt", argument))["status"] == "idle"
    assert nrepl.of("interrupt") == []


async def test_cancelling_the_command_interrupts_its_evaluation(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", silent())
    params = {"command": "nrepl.evalCode", "arguments": [{"code": "(loop [])", "wait": True}]}
    number, answer = editor.start_request("workspace/executeCommand", params)
    await nrepl.received("eval")
    editor.notify("$/cancelRequest", {"id": number})
    with pytest.raises(RequestFailed) as failed:
        await answer
    assert failed.value.code == -32800
    (request,) = await nrepl.received("interrupt")
    assert request["interrupt-id"] == nrepl.of("eval")[0]["id"]
    await editor.notified("window/showMessage", "Interrupted: (loop [])")


async def test_cancelling_before_the_code_is_sent_means_that_it_never_is(
    editor: Editor, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("ns-list", held(gate, reply({"ns-list": ["demo"]}, DONE)))
    params = {"command": "nrepl.evalCode", "arguments": [{"code": "1", "ns": "demo"}]}
    number, answer = editor.start_request("workspace/executeCommand", params)
    await nrepl.received("ns-list")
    editor.notify("$/cancelRequest", {"id": number})
    with pytest.raises(RequestFailed):
        await answer
    gate.set()
    await editor.notified("window/showMessage", "Interrupted: 1")
    assert nrepl.of("eval") == []


async def test_what_is_interrupted_in_the_same_breath_is_never_sent(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    repl = editor.server.repl_for((project / "a.clj").as_uri())
    assert repl is not None
    evaluation = editor.server.evaluations.start(repl, Code("(f)", for_document("clojure", "")))
    assert await evaluation.interrupt() == "interrupted"
    assert (await evaluation.outcome(5)).status == "interrupted"
    assert nrepl.of("eval") == []


@pytest.mark.usefixtures("impatient")
async def test_shutting_down_while_a_namespace_is_looked_for_is_quiet(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", silent())
    document = editor.open("(ns other)\n(f|)")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["status"] == "running"
    await editor.request("shutdown")
    await editor.server.close()
    assert editor.shown() == []
    assert nrepl.of("eval") == []


@pytest.mark.usefixtures("impatient")
async def test_shutting_down_while_code_runs_is_quiet(editor: Editor, nrepl: FaultServer) -> None:
    await running(editor, nrepl)
    await editor.request("shutdown")
    await editor.server.close()
    assert editor.shown() == []
    assert len(nrepl.of("interrupt")) == 1


# -- to the cursor, the namespace form, the buffer ------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("(ns demo)\n(-> x\n  (f)|\n  (g))", "(-> x\n  (f))", "\n"),
        ("(ns demo)\n  (let [a (f |1)] 2)", "(let [a (f)])", "\n  "),
        ('(ns demo)\r\n(f "a) | b" 2)', '(f "a)  b")', "\n"),
        ("(ns demo)\n(f 1) ; x |\n(g)", "(f 1)", "\n"),
    ],
)
async def test_eval_to_cursor_ends_what_it_cuts(
    editor: Editor, nrepl: FaultServer, text: str, code: str, place: str
) -> None:
    document = editor.open(text)
    answer = await editor.command("nrepl.evalToCursor", document.at_cursor)
    (request,) = nrepl.of("eval")
    assert (request["code"], request["ns"]) == (place + code, "demo")
    assert answer["status"] == "done"


async def test_an_error_in_code_to_the_cursor_is_answered(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", failing())
    document = editor.open("(ns demo)\n(defn f []\n  (/ 1 0) |(g))")
    answer = await editor.command("nrepl.evalToCursor", document.at_cursor)
    assert answer["error"]["message"] == "Divide by zero"


@pytest.mark.parametrize(
    ("text", "code", "ns"),
    [
        ("(ns demo\n  (:require [a]))\n(f|)", "(ns demo\n  (:require [a]))", None),
        ("; (ns no)\n(f|)\n(ns demo)", "\n\n(ns demo)", None),
        ("(ns demo)\n(f)\n(in-ns 'user)\n(g|)", "\n\n(in-ns 'user)", "demo"),
        ("(ns demo)\n(f|)\n(in-ns 'user)\n(g)", "(ns demo)", None),
        ("(n|s demo)", "(ns demo)", None),
        ("(clojure.core/ns demo) (f|)", "(clojure.core/ns demo)", None),
    ],
)
async def test_the_namespace_form_in_force_is_evaluated(
    editor: Editor, nrepl: FaultServer, text: str, code: str, ns: str | None
) -> None:
    document = editor.open(text)
    answer = await editor.command("nrepl.evalNamespaceForm", document.at_cursor)
    assert answer["status"] == "done"
    assert [(it["code"], it.get("ns")) for it in nrepl.of("eval")] == [(code, ns)]


async def test_all_forms_of_the_buffer_are_evaluated_in_their_places_and_namespaces(
    editor: Editor, nrepl: FaultServer
) -> None:
    loaded = ["user"]

    async def makes(peer: Peer, request: Any) -> None:
        loaded.append("made")
        nrepl.on("ns-list", reply({"ns-list": list(loaded)}, DONE))
        peer.answer(request, {"value": "nil", "ns": "made"}, DONE)

    nrepl.on("ns-list", reply({"ns-list": loaded}, DONE))
    nrepl.on("eval", makes, code="(ns made)")
    text = "(ns made)\r\n#_(no)\r\n(def a 1) (def b\r\n 2)\r\n; (no)\r\n(in-ns 'user)\r\n'x"
    document = editor.open(text)
    answer = await editor.command("nrepl.evalBuffer", {"uri": document.uri})
    assert [(it["code"], it.get("ns")) for it in nrepl.of("eval")] == [
        ("(ns made)", None),
        ("\n\n(def a 1)", "made"),
        ("\n\n          (def b\r\n 2)", "made"),
        ("\n\n\n\n\n(in-ns 'user)", "made"),
        ("\n\n\n\n\n\n'x", "user"),
    ]
    assert (answer["status"], answer["evaluated"], answer["forms"]) == ("done", 5, 5)
    assert answer["values"] == ["\n" * 6 + "'x"]
    (shown,) = editor.shown()
    assert shown.startswith("=>")


async def test_the_buffer_stops_at_the_first_error(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", failing("Syntax error compiling at (demo.clj:2:1).\nNo\n"), code="\n(b)")
    document = editor.open("(a)\n(b)\n(c)")
    answer = await editor.command("nrepl.evalBuffer", {"uri": document.uri})
    assert (answer["status"], answer["evaluated"], answer["forms"]) == ("error", 1, 3)
    assert len(nrepl.of("eval")) == 2
    (shown,) = editor.shown()
    assert shown.endswith("No")
    assert diagnostic_range(editor, document.uri) == ((1, 0), (1, 3))
    # Evaluated again with success, its error goes, although only the last value is told.
    nrepl.on("eval", reply({"value": "1"}, DONE))
    await editor.command("nrepl.evalBuffer", {"uri": document.uri})
    assert errors(editor, document.uri) == []


async def test_a_buffer_that_takes_long_answers_what_it_does(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.commands.evaluate.ANSWER_WITHIN", 0.2)
    gate = asyncio.Event()
    nrepl.on("eval", held(gate), code="\n(b)")
    document = editor.open("(a)\n(b)\n(c)")
    answer = await editor.command("nrepl.evalBuffer", {"uri": document.uri})
    assert (answer["status"], answer["evaluated"], answer["forms"]) == ("running", 1, 3)
    gate.set()
    await nrepl.received("eval", 3)
    await editor.notified("window/showMessage", "=>")


async def test_the_forms_of_two_buffers_do_not_alternate(
    editor: Editor, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("eval", held(gate), code="(a)")
    one, other = editor.open("(a)\n(b)", "src/a.clj"), editor.open("(c)\n(d)", "src/b.clj")
    answers = [
        start(editor, "nrepl.evalBuffer", {"uri": it.uri, "wait": True}) for it in (one, other)
    ]
    await nrepl.received("eval")
    gate.set()
    assert [(await it)["evaluated"] for it in answers] == [2, 2]
    assert [it["code"].strip() for it in nrepl.of("eval")] == ["(a)", "(b)", "(c)", "(d)"]


async def test_a_server_that_goes_in_the_middle_of_a_buffer_ends_it(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", hang_up_mid_eval(), code="\n(b)")
    document = editor.open("(a)\n(b)\n(c)")
    answer = await editor.command("nrepl.evalBuffer", {"uri": document.uri, "wait": True})
    assert (answer["status"], answer["evaluated"]) == ("error", 1)
    await nrepl.received("clone")
    await editor.command("nrepl.status")
    assert len(nrepl.of("eval")) == 2


async def test_a_buffer_is_evaluated_as_it_was_when_that_was_asked_for(
    editor: Editor, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("eval", held(gate), code="(a)")
    document = editor.open("(a)\n(b)")
    answer = start(editor, "nrepl.evalBuffer", {"uri": document.uri, "wait": True})
    await nrepl.received("eval")
    document.replace("(other)")
    gate.set()
    assert (await answer)["status"] == "done"
    assert [request["code"] for request in nrepl.of("eval")] == ["(a)", "\n(b)"]


async def test_of_plain_text_the_paragraphs_are_evaluated(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("x = 1\ny = 2\n\nz", "src/a.txt", "plaintext")
    await editor.command("nrepl.evalBuffer", {"uri": document.uri})
    assert [request["code"].strip() for request in nrepl.of("eval")] == ["x = 1\ny = 2", "z"]


async def test_without_a_program_no_form_of_a_buffer_is_begun(detached: Editor) -> None:
    document = detached.open("(a)\n(b)")
    answer = await detached.command("nrepl.evalBuffer", {"uri": document.uri})
    assert answer["status"] == "disconnected"
    assert len(detached.shown()) == 1


# -- no program -----------------------------------------------------------------------------


async def test_detached_says_what_to_do(detached: Editor) -> None:
    document = detached.open("(f)|")
    answer = await detached.command("nrepl.evalForm", document.at_cursor)
    text = "No REPL is attached: run nrepl.connect, or start an nREPL server in the project."
    error = {"message": text, "class": None, "uri": None, "range": None}
    assert answer == {**NOTHING, "status": "disconnected", "error": error}
    assert detached.shown() == [text]
    answer = await detached.command("nrepl.evalCode", {"code": "(f)"})
    assert answer == {**NOTHING, "status": "disconnected", "error": error}


async def test_a_server_that_goes_while_code_runs_is_told_and_nothing_is_sent_again(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", hang_up_mid_eval({"out": "half"}))
    document = editor.open("(f)|")
    answer = await editor.command("nrepl.evalForm", {**document.at_cursor, "wait": True})
    assert (answer["status"], answer["out"]) == ("error", "half")
    assert answer["error"]["message"].startswith("The connection was lost")
    assert editor.diagnostics(document.uri) == []
    await nrepl.received("clone")
    assert len(nrepl.of("eval")) == 1


async def test_a_server_that_goes_before_the_code_is_sent_never_gets_it(
    editor: Editor, nrepl: FaultServer
) -> None:
    async def go(peer: Peer, request: Any) -> None:
        peer.server.hang_up()

    nrepl.on("ns-list", go)
    document = editor.open("(ns demo)\n(f)|")
    answer = await editor.command("nrepl.evalForm", {**document.at_cursor, "wait": True})
    assert answer["status"] == "disconnected"
    assert nrepl.of("eval") == []


async def test_what_still_waited_when_the_server_went_was_never_sent_and_says_so(
    editor: Editor, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("eval", held(gate, hang_up_mid_eval()))
    first = start(editor, "nrepl.evalCode", {"code": "(f)", "wait": True})
    second = start(editor, "nrepl.evalCode", {"code": "(g)", "wait": True})
    await nrepl.received("eval")
    await editor.command("nrepl.status")
    gate.set()
    assert (await first)["error"]["message"].startswith("The connection was lost before the eval")
    answer = await second
    assert (answer["status"], answer["evaluation"]) == ("disconnected", None)
    assert answer["error"]["message"] == "Never sent, because the connection was lost: (g)"


async def test_too_many_waiting_evaluations_are_refused(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.nrepl.session.QUEUE_LIMIT", 0)
    answer = await editor.command("nrepl.evalCode", {"code": "1"})
    assert answer["status"] == "error"
    assert answer["error"]["message"].startswith("Not evaluated: 0 evaluations are waiting")


# -- what cannot be done --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "argument", "text"),
    [
        ("nrepl.evalForm", {}, "No document is open: pass `uri` and `position`."),
        ("nrepl.evalForm", {"uri": "file:///x.clj"}, "file:///x.clj is not open."),
        ("nrepl.loadFile", {}, "No document is open: pass its `uri`."),
        (
            "nrepl.loadFile",
            {"uri": "file:///no/x.clj"},
            "file:///no/x.clj is not open and cannot be read.",
        ),
        (
            "nrepl.loadFile",
            {"uri": "file:///dev/zero"},
            "file:///dev/zero is not open and cannot be read.",
        ),
        (
            "nrepl.loadFile",
            {"uri": f"file:///{'x' * 300}"},
            f"file:///{'x' * 300} is not open and cannot be read.",
        ),
        ("nrepl.loadFile", {"uri": "jar:x"}, "jar:x is not open and cannot be read."),
        ("nrepl.loadFile", {"uri": "file:///%00"}, "file:///%00 is not open and cannot be read."),
        ("nrepl.evalCode", {}, "Nothing to evaluate: pass the text as `code`."),
    ],
)
async def test_what_cannot_be_evaluated_is_explained(
    editor: Editor, command: str, argument: dict[str, Any], text: str
) -> None:
    answer = await editor.command(command, argument)
    error = {"message": text, "class": None, "uri": None, "range": None}
    assert answer == {**NOTHING, "status": "error", "error": error}
    assert editor.shown() == [text]


async def test_a_pipe_and_a_file_that_is_too_long_are_not_loaded(
    editor: Editor, nrepl: FaultServer, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.evaluating.picking.FILE_LIMIT", 4)
    os.mkfifo(project / "pipe.clj")
    (project / "long.clj").write_text("(f 1)")
    (project / "short.clj").write_text("(f)\n")
    for name in ("pipe.clj", "long.clj"):
        uri = (project / name).as_uri()
        answer = await editor.command("nrepl.loadFile", {"uri": uri})
        assert answer["error"]["message"] == f"{uri} is not open and cannot be read."
    await editor.command("nrepl.loadFile", {"uri": (project / "short.clj").as_uri()})
    assert [request["file"] for request in nrepl.of("load-file")] == ["(f)\n"]


@pytest.mark.parametrize(
    ("command", "text", "shown"),
    [
        ("nrepl.evalForm", "; nothing|", "There is no form at or before the cursor."),
        ("nrepl.evalTopLevelForm", "|", "There is no top-level form at the cursor."),
        ("nrepl.evalSelection", "(f «1»2)", "There is no whole form in the selection."),
        ("nrepl.evalToCursor", "|(f)", "There is no form before the cursor."),
        ("nrepl.evalNamespaceForm", "(f|)", "There is no namespace form in this document."),
        ("nrepl.evalBuffer", "; nothing|", "There is no form in this document."),
    ],
)
async def test_a_place_without_a_form_is_explained(
    editor: Editor, nrepl: FaultServer, command: str, text: str, shown: str
) -> None:
    document = editor.open(text)
    answer = await editor.command(command, {"uri": document.uri, "range": document.selection})
    assert answer["status"] == "error"
    assert editor.shown() == [shown]
    assert nrepl.of("eval") == []


async def test_a_closed_document_is_no_longer_the_last_place(editor: Editor) -> None:
    document = editor.open("(f)|")
    document.close()
    answer = await editor.command("nrepl.evalForm")
    assert answer["error"]["message"] == "No document is open: pass `uri` and `position`."


@pytest.mark.parametrize(
    "arguments",
    [
        ["(f)"],
        [[1]],
        [{}, {}],
        [{"position": 3}],
        [{"position": {"line": -1, "character": 0}}],
        [{"position": {"line": True, "character": 0}}],
        [{"range": {"start": {"line": 0, "character": 0}}}],
        [{"range": 7}],
        [{"uri": 5}],
        [{"wait": "yes"}],
        [{"code": ["x"]}],
    ],
    ids=json.dumps,
)
async def test_arguments_of_the_wrong_shape_are_refused(editor: Editor, arguments: Any) -> None:
    with pytest.raises(RequestFailed) as failed:
        await editor.command("nrepl.evalForm", *arguments)
    assert failed.value.code == -32602
    assert "\n" not in failed.value.message


async def test_unknown_commands_are_refused(editor: Editor) -> None:
    with pytest.raises(RequestFailed):
        await editor.command("nrepl.fly")


async def test_null_is_as_good_as_no_argument(editor: Editor, nrepl: FaultServer) -> None:
    editor.open("(f)")
    await editor.command("nrepl.evalForm", None)
    params = {"command": "nrepl.evalForm", "arguments": None}
    await editor.request("workspace/executeCommand", params)
    assert len(nrepl.of("eval")) == 2


async def test_results_are_not_shown_when_the_user_wants_none(
    editor: Editor, nrepl: FaultServer
) -> None:
    params = {"settings": {"nrepl": {"results": {"show": "none"}}}}
    editor.notify("workspace/didChangeConfiguration", params)
    document = editor.open("(f)|")
    answer = await editor.command("nrepl.evalForm", document.at_cursor)
    assert answer["values"] == ["(f)"]
    assert editor.shown() == []


async def test_an_error_while_running_is_marked_in_the_definition_that_failed(
    editor: Editor, nrepl: FaultServer
) -> None:
    """nREPL 1.0.0 names the line of the function, not of the call."""
    said = "Execution error (ArithmeticException) at demo/f (core.clj:2).\nDivide by zero\n"
    nrepl.on("eval", failing(said))
    document = editor.open("(defn f []\n  (/ 1 0))\n\n(f)|", "src/core.clj")
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert diagnostic_range(editor, document.uri) == ((1, 2), (1, 9))

    nrepl.on("eval", reply({"value": "1"}, DONE))
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert errors(editor, document.uri) == []


async def test_an_error_of_compiling_outside_the_code_that_was_sent_is_marked_at_the_code(
    editor: Editor, nrepl: FaultServer
) -> None:
    """tools.nrepl 0.2.13 says line 1 of a bare unknown symbol, wherever it stands."""
    said = (
        "CompilerException java.lang.RuntimeException: Unable to resolve symbol: x in this"
        " context, compiling:(core.clj:1:39) \n"
    )
    nrepl.on("eval", failing(said, "class clojure.lang.Compiler$CompilerException"))
    document = editor.open("(a)\n\n\nx|", "src/core.clj")
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert diagnostic_range(editor, document.uri) == ((3, 0), (3, 1))


async def test_code_without_a_place_means_the_namespace_of_the_file(
    editor: Editor, nrepl: FaultServer
) -> None:
    editor.open("|(ns demo)\n")
    await editor.command("nrepl.evalCode", {"code": "(f)"})
    assert [request["ns"] for request in nrepl.of("eval")] == ["demo"]


async def test_a_file_that_fails_at_no_known_place_is_told_but_not_marked(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("load-file", failing("Execution error (A) at b/c (Native.java:-2).\nNo\n"))
    document = editor.open("(ns demo)\n(f)|")
    answer = await editor.command("nrepl.loadFile", {"uri": document.uri, "wait": True})
    assert (answer["error"]["message"], answer["error"]["range"]) == ("No", None)
    assert editor.diagnostics(document.uri) == []
