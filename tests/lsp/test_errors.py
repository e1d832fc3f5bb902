"""Errors in the text: their places, how they came about, and what ends them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.actions import traces as actions
from nrepl_lsp.lsp.actions.offer import Asked
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.showing import traces
from nrepl_lsp.lsp.showing.marks import range_of
from nrepl_lsp.tooling.last_error_code import is_last_error_code
from tests.support.fault_server import DONE, FaultServer, reply

from .conftest import attach_file
from .editor import MODERN, Editor, Opened

ANALYZE = "cider/analyze-last-stacktrace"
DIVIDED = "Execution error (ArithmeticException) at demo/f (demo.clj:3).\nDivide by zero\n"
BOOM = "Execution error (ExceptionInfo) at demo/f (REPL:3).\nboom\n"
TEXT = "(ns demo)\n(defn f [x]\n  (/ x 0))\n\n(defn g []\n  (f 1))\n\n(g)\n"
RELATED: dict[str, Any] = {
    **MODERN,
    "textDocument": {
        **MODERN["textDocument"],
        "publishDiagnostics": {"relatedInformation": True},
    },
}

MakeEditor = Callable[..., Editor]


def failing(err: str, ex: str = "class java.lang.ArithmeticException") -> Any:
    return reply({"err": err}, {"ex": ex, "root-ex": ex, "status": ["eval-error"]}, DONE)


def frame(var: str, line: int, file: str = "NO_SOURCE_FILE", *flags: str) -> dict[str, Any]:
    ns, _, function = var.partition("/")
    name = ns.replace("-", "_")
    return {
        "class": f"{name}${function}",
        "file": file,
        "flags": list(flags),
        "fn": function,
        "line": line,
        "name": f"{name}${function}/invokeStatic",
        "ns": ns,
        "type": "clj",
    }


def cause(class_name: str, message: str, *frames: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"class": class_name, "message": message, "stacktrace": list(frames), **more}


DIVIDE = cause(
    "java.lang.ArithmeticException",
    "Divide by zero",
    {"name": "clojure.lang.Numbers/divide", "file": "Numbers.java", "line": 1, "flags": ["java"]},
    frame("demo/f", 3),
    frame("demo/f", 2, "NO_SOURCE_FILE", "dup"),
    frame("other/h", 2, "other.clj"),
    frame("clojure.core/eval", 9, "core.clj", "tooling"),
    frame("demo/g", 6),
    frame("demo/eval12", 8),
)


@pytest.fixture
def analyzing(nrepl: FaultServer) -> FaultServer:
    """A program that tells how its last error came about."""
    nrepl.on(ANALYZE, reply(DIVIDE, DONE))
    nrepl.on("eval", failing(DIVIDED))
    return nrepl


async def attached(
    make_editor: MakeEditor,
    nrepl: FaultServer,
    project: Path,
    capabilities: Any = RELATED,
    **more: Any,
) -> Editor:
    attach_file(project, nrepl)
    editor = make_editor(**more)
    await editor.initialize(capabilities)
    await editor.attached()
    nrepl.requests.clear()
    return editor


async def evaluate(document: Opened, line: int, command: str = "nrepl.evalTopLevelForm") -> Any:
    argument = {"uri": document.uri, "position": {"line": line, "character": 0}}
    return await document.editor.command(command, argument)


def errors(editor: Editor, uri: str) -> list[dict[str, Any]]:
    return [one for one in editor.diagnostics(uri) if one["severity"] == 1]


def lines(editor: Editor, uri: str) -> list[int]:
    return [one["range"]["start"]["line"] for one in errors(editor, uri)]


async def told(editor: Editor) -> traces.Failure:
    """The last failure, once all is known of it."""
    failure = traces.failures(editor.server)[-1]
    assert failure.told is not None
    await asyncio.wait_for(asyncio.shield(failure.told), 5)
    return failure


def came_by(editor: Editor, uri: str) -> list[tuple[str, str, int]]:
    (error,) = errors(editor, uri)
    return [
        (
            one["message"],
            one["location"]["uri"].rpartition("/")[2],
            one["location"]["range"]["start"]["line"],
        )
        for one in error.get("relatedInformation", ())
    ]


async def test_frames_of_the_project_are_places_to_jump_to(
    make_editor: MakeEditor, analyzing: FaultServer, project: Path
) -> None:
    (project / "src" / "other.clj").write_text("(ns other)\n(defn h [])\n")
    editor = await attached(make_editor, analyzing, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    await told(editor)

    assert came_by(editor, document.uri) == [
        ("in other/h", "other.clj", 1),
        ("in demo/g", "demo.clj", 5),
        ("in demo (top level)", "demo.clj", 7),
    ]
    (error,) = errors(editor, document.uri)
    assert error["message"] == "Divide by zero"
    # Without a column the form on the frame's line.
    assert error["relatedInformation"][1]["location"]["range"]["start"]["character"] == 2
    (request,) = analyzing.of(ANALYZE)
    assert request["session"] == analyzing.of("eval")[0]["session"]


async def test_without_related_information_they_are_lines_of_the_message(
    make_editor: MakeEditor, analyzing: FaultServer, project: Path
) -> None:
    editor = await attached(make_editor, analyzing, project, MODERN)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    await told(editor)
    (error,) = errors(editor, document.uri)
    assert error["message"].splitlines() == [
        "Divide by zero",
        "in demo/g (demo.clj:6)",
        "in demo (top level) (demo.clj:8)",
    ]
    assert "relatedInformation" not in error


async def test_the_place_of_a_frame_stands_in_for_one_that_the_text_does_not_say(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    nrepl.on(ANALYZE, reply(cause("clojure.lang.ExceptionInfo", "boom", frame("demo/f", 3)), DONE))
    nrepl.on("eval", failing(BOOM, "class clojure.lang.ExceptionInfo"))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    await told(editor)
    (error,) = errors(editor, document.uri)
    assert error["range"] == {
        "start": {"line": 2, "character": 2},
        "end": {"line": 2, "character": 9},
    }
    # It is still the error of what was evaluated.
    nrepl.on("eval", reply({"value": "1"}, DONE))
    await evaluate(document, 4)
    assert lines(editor, document.uri) == [2]
    await evaluate(document, 7)
    assert errors(editor, document.uri) == []


async def test_a_place_that_was_edited_meanwhile_stays_where_it_is(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    gate = asyncio.Event()

    async def later(peer: Any, request: Any) -> None:
        await gate.wait()
        peer.answer(request, cause("clojure.lang.ExceptionInfo", "boom", frame("demo/f", 3)), DONE)

    nrepl.on(ANALYZE, later)
    nrepl.on("eval", failing(BOOM, "class clojure.lang.ExceptionInfo"))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    # The error is shown before its causes are known, and another evaluation does not wait.
    assert lines(editor, document.uri) == [7]
    nrepl.on("eval", reply({"value": "1"}, DONE))
    assert (await evaluate(document, 4))["status"] == "done"
    document.change((0, 0), (0, 0), ";; new\n")
    await document.ask("hover", position={"line": 0, "character": 0})
    editor.server.marks.settle(document.uri)
    assert lines(editor, document.uri) == [8]
    gate.set()
    await told(editor)
    assert lines(editor, document.uri) == [8]


async def test_a_mark_that_is_gone_does_not_come_back(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    gate = asyncio.Event()

    async def later(peer: Any, request: Any) -> None:
        await gate.wait()
        peer.answer(request, DIVIDE, DONE)

    nrepl.on(ANALYZE, later)
    nrepl.on("eval", failing(DIVIDED))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    document.change((7, 1), (7, 2), "f")
    await document.ask("hover", position={"line": 0, "character": 0})
    assert errors(editor, document.uri) == []
    gate.set()
    failure = await told(editor)
    assert failure.causes
    assert errors(editor, document.uri) == []


async def test_the_causes_of_another_error_are_not_taken(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    nrepl.on(ANALYZE, reply(cause("x.Other", "something else", frame("demo/g", 6)), DONE))
    nrepl.on("eval", failing(DIVIDED))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    assert (await told(editor)).causes == ()
    assert came_by(editor, document.uri) == []


@pytest.mark.parametrize(
    ("name", "language", "is_read"),
    [
        ("src/demo.clj", "clojure", True),
        ("src/demo.cljs", "clojure", False),
        ("src/demo.cljc", "clojurescript", False),
    ],
)
async def test_no_code_of_the_jvm_goes_to_a_session_of_clojurescript(
    make_editor: MakeEditor,
    nrepl: FaultServer,
    project: Path,
    name: str,
    language: str,
    is_read: bool,
) -> None:
    async def describe(peer: Any, request: Any) -> None:
        versions = {"clojure": {"version-string": "1.11"}, "java": {"version-string": "17"}}
        peer.answer(request, {"versions": versions, "ops": {op: {} for op in nrepl.ops}}, DONE)

    nrepl.on("describe", describe)
    nrepl.on("eval", failing(DIVIDED))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT, name, language)
    await evaluate(document, 7)
    await told(editor)
    codes = [str(request["code"]) for request in nrepl.of("eval")]
    assert codes[0].strip() == "(g)"
    assert [is_last_error_code(code) for code in codes[1:]] == [True] * is_read


async def test_only_the_last_of_many_errors_is_asked_about(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    gate = asyncio.Event()

    async def later(peer: Any, request: Any) -> None:
        await gate.wait()
        peer.answer(request, DIVIDE, DONE)

    nrepl.on(ANALYZE, later)
    nrepl.on("eval", failing(DIVIDED))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    for _ in range(30):
        await evaluate(document, 7)
    gate.set()
    await told(editor)
    assert len(nrepl.of(ANALYZE)) == 2
    assert len(traces.failures(editor.server)) == traces.FAILURES_KEPT


async def test_wrapped_errors_and_their_data(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    chain = (
        cause("clojure.lang.ExceptionInfo", "outer", frame("demo/g", 6), data="{:k 1}"),
        cause("clojure.lang.ExceptionInfo", "boom", frame("demo/f", 3), data="{:a {:b 2}}"),
        cause("x.IOError", "disk\nfull"),
        cause("x.Again", "Wrapped: boom"),
    )
    nrepl.on(ANALYZE, reply(*chain, DONE))
    nrepl.on("eval", failing(BOOM, "class clojure.lang.ExceptionInfo"))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    await told(editor)
    (error,) = errors(editor, document.uri)
    assert error["message"] == "ExceptionInfo: boom\n{:a {:b 2}}"
    assert came_by(editor, document.uri) == [
        ("Wrapped in ExceptionInfo: outer {:k 1}", "demo.clj", 5),
        ("Caused by IOError: disk full", "demo.clj", 2),
        ("in demo/g", "demo.clj", 5),
    ]


async def test_a_library_s_frames_come_last_and_archives_are_not_all_unpacked(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    library = tmp_path / "lib.clj"
    library.write_text("(ns lib)\n(defn x [])\n")
    url = {"file-url": library.as_uri()}
    frames = [{**frame("lib/x", 2, "lib.clj"), **url}, frame("demo/g", 6)]
    frames += [
        {**frame(f"far{n}/x", 2), "file-url": f"jar:file:/no/such.jar!/far{n}.clj"}
        for n in range(20)
    ]
    nrepl.on(ANALYZE, reply(cause("X", "Divide by zero", *frames), DONE))
    nrepl.on("eval", failing(DIVIDED))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    await told(editor)
    assert came_by(editor, document.uri) == [
        ("in demo/g", "demo.clj", 5),
        ("in lib/x", "lib.clj", 1),
    ]


async def test_a_long_message_has_a_short_first_line(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    message = "word " * 60
    nrepl.on("eval", failing(f"Syntax error compiling at (demo.clj:3:3).\n{message}\n"))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 1)
    (error,) = errors(editor, document.uri)
    first, rest = error["message"].split("\n")
    assert (len(first), first[-1]) == (160, "…")
    assert rest == message.strip()


# -- whole files ------------------------------------------------------------------------------


async def test_the_error_of_a_file_belongs_to_its_top_level_form(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("load-file", failing("Syntax error compiling at (demo.clj:6:3).\nNo such var\n"))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 0, "nrepl.loadFile")
    assert lines(editor, document.uri) == [5]
    # Neither an edit elsewhere nor another form's good evaluation takes it away.
    document.change((1, 0), (1, 0), ";; new\n")
    await document.ask("hover", position={"line": 0, "character": 0})
    nrepl.on("eval", reply({"value": "1"}, DONE))
    await evaluate(document, 2)
    assert lines(editor, document.uri) == [6]
    await evaluate(document, 5)
    assert errors(editor, document.uri) == []

    await evaluate(document, 0, "nrepl.loadFile")
    assert lines(editor, document.uri) == [5]
    nrepl.on("load-file", reply({"value": "1"}, DONE))
    await evaluate(document, 0, "nrepl.loadFile")
    assert errors(editor, document.uri) == []


CALLED = cause(
    "java.lang.ArithmeticException",
    "Divide by zero",
    frame("demo/f", 3),
    frame("demo/g", 6),
    frame("demo/eval12", 8),
    {"name": "clojure.lang.Compiler/load", "file": "Compiler.java", "line": 7653, "flags": []},
    frame("user/eval11", 1),
    frame("user/eval11", 1, "NO_SOURCE_FILE", "dup"),
)


async def test_the_form_of_a_file_that_has_failed_is_the_one_that_was_called(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    nrepl.on(ANALYZE, reply(CALLED, DONE))
    nrepl.on("load-file", failing(DIVIDED, "class clojure.lang.Compiler$CompilerException"))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 0, "nrepl.loadFile")
    await told(editor)
    assert lines(editor, document.uri) == [2]
    # What nREPL evaluates to load a file is none of its forms.
    assert came_by(editor, document.uri) == [
        ("in demo/g", "demo.clj", 5),
        ("in demo (top level)", "demo.clj", 7),
    ]
    nrepl.on("eval", reply({"value": "1"}, DONE))
    await evaluate(document, 7)
    assert errors(editor, document.uri) == []


async def test_one_error_is_shown_once_however_it_came_about(
    make_editor: MakeEditor, analyzing: FaultServer, project: Path
) -> None:
    editor = await attached(make_editor, analyzing, project, MODERN)
    document = editor.open(TEXT + "(f 2)\n")
    await evaluate(document, 7)
    await told(editor)
    named = "Execution error (ArithmeticException) at demo/f (demo.clj:3).\nDivide by zero\n"
    analyzing.on("eval", failing(named, "class ArithmeticException"))
    analyzing.on(ANALYZE, reply(cause("ArithmeticException", "Divide by zero"), DONE))
    await evaluate(document, 8)
    await told(editor)
    assert [one["message"] for one in errors(editor, document.uri)] == ["Divide by zero"]


async def test_an_edit_of_the_form_that_failed_ends_the_error_of_a_file(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("load-file", failing("Syntax error compiling at (demo.clj:6:3).\nNo such var\n"))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 0, "nrepl.loadFile")
    document.change((4, 6), (4, 7), "gg")
    await document.ask("hover", position={"line": 0, "character": 0})
    assert errors(editor, document.uri) == []


async def test_what_was_never_closed_stays_marked_while_other_lines_are_edited(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    said = "Syntax error reading source at (REPL:5:1).\nEOF while reading, starting at line 3\n"
    nrepl.on("load-file", failing(said, "class clojure.lang.ExceptionInfo"))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open("(ns demo)\n\n(defn f [x]\n  x\n")
    await evaluate(document, 0, "nrepl.loadFile")
    assert lines(editor, document.uri) == [2]
    document.change((0, 0), (0, 0), ";; new\n")
    await document.ask("hover", position={"line": 0, "character": 0})
    editor.server.marks.settle(document.uri)
    assert lines(editor, document.uri) == [3]


async def test_an_error_in_a_file_that_is_loaded_goes_with_the_next_good_load(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    other = project / "src" / "other.clj"
    other.write_text("(ns other)\n(boom)\n")
    nrepl.on("load-file", failing(f"Syntax error compiling at ({other}:2:1).\nNo\n"))
    editor = await attached(make_editor, nrepl, project)
    for text in ("(ns demo (:require [other]))\n(f)\n", "(f)\n"):
        document = editor.open(text)
        await evaluate(document, 0, "nrepl.loadFile")
        assert lines(editor, other.as_uri()) == [1]
        document.change((1, 0), (1, 0), ";; new\n")
        await document.ask("hover", position={"line": 0, "character": 0})
        assert lines(editor, other.as_uri()) == [1]
        nrepl.on("load-file", reply({"value": "1"}, DONE))
        await evaluate(document, 0, "nrepl.loadFile")
        assert errors(editor, other.as_uri()) == []
        nrepl.on("load-file", failing(f"Syntax error compiling at ({other}:2:1).\nNo\n"))
        document.close()


async def test_a_file_s_error_without_a_place_is_marked_where_the_compiler_was(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    """nREPL 1.0.0: the compiler folds `(/ 1 0)`, and the text names native code only."""
    said = (
        "Execution error (ArithmeticException) at jdk.internal.reflect."
        "NativeMethodAccessorImpl/invoke0 (NativeMethodAccessorImpl.java:-2).\nDivide by zero\n"
    )
    location = {"clojure.error/line": 6, "clojure.error/column": 3}
    compiler = cause("clojure.lang.Compiler$CompilerException", "Syntax error", location=location)
    nrepl.on(ANALYZE, reply(compiler, cause("x.A", "Divide by zero"), DONE))
    nrepl.on("load-file", failing(said))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 0, "nrepl.loadFile")
    await told(editor)
    (error,) = errors(editor, document.uri)
    assert error["range"]["start"] == {"line": 5, "character": 2}
    assert error["message"] == "Divide by zero"


async def test_a_namesake_of_the_file_is_not_taken_for_it(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    said = "Execution error (X) at other.core/f (core.clj:3).\nboom it went\n"
    nrepl.on("eval", failing(said))
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo.core"]}, DONE))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT.replace("demo", "demo.core"), "src/demo/core.clj")
    await evaluate(document, 7)
    assert lines(editor, document.uri) == [7]
    nrepl.on("eval", failing(said.replace("other.core", "demo.core")))
    await evaluate(document, 7)
    assert lines(editor, document.uri) == [2]


async def test_the_text_that_nbb_takes_for_a_file_name_is_the_document_s(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    text = "(ns demo)\n(defn f [] (boom))\n(f)\n"
    printed = text.replace("\n", "\\n")
    ex = (
        '#error {:message "no", :data {:type :sci/error, :line 2, :column 12, :x ('
        "#sci.impl.utils.StackFrame{:line 2, :column 12, :end-line nil, :end-column nil,"
        f' :ns #object[Ls demo], :file "{printed}", :f-meta nil, :special true}})}}}}'
    )
    nrepl.on("load-file", reply({"err": "no\n"}, {"ex": ex, "ns": "demo"}, DONE))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(text)
    await evaluate(document, 0, "nrepl.loadFile")
    assert lines(editor, document.uri) == [1]
    await told(editor)
    other = editor.open("(ns demo)\n\n(g)\n", "src/b.clj")
    nrepl.on("eval", reply({"err": "no\n"}, {"ex": ex, "ns": "demo"}, DONE))
    await evaluate(other, 2)
    await told(editor)
    assert lines(editor, other.uri) == [2]
    assert came_by(editor, other.uri) == [("in demo (top level)", "demo.clj", 1)]


# -- the trace as a document ------------------------------------------------------------------


async def test_the_trace_of_the_error_at_the_cursor_else_the_last(
    make_editor: MakeEditor, analyzing: FaultServer, project: Path
) -> None:
    editor = await attached(make_editor, analyzing, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    await told(editor)
    second = editor.open("(ns demo)\n(h)\n", "src/second.clj")
    said = "Syntax error compiling at (second.clj:2:1).\nUnable to resolve symbol: h\n"
    analyzing.on("eval", failing(said))
    await evaluate(second, 1)
    await told(editor)

    async def shown(**argument: Any) -> str:
        answer = await editor.command("nrepl.showTrace", {**argument, "wait": True})
        assert answer["status"] == "done"
        path = Path(answer["uri"].removeprefix("file://"))
        assert path.read_text() == answer["text"]
        assert not path.stat().st_mode & 0o222
        return str(answer["text"])

    text = await shown()
    assert "Unable to resolve symbol: h" in text
    assert "Evaluated: (h)" in text
    for line in (7, 2, 0):
        place = {"uri": document.uri, "position": {"line": line, "character": 1}}
        text = await shown(**place)
        assert "java.lang.ArithmeticException: Divide by zero" in text
    assert f"  → demo/f                       {document.uri[7:]}:3\n" in text
    assert "    clojure.lang.Numbers/divide  Numbers.java:1\n" in text
    assert text.count("→ demo/f ") == 1
    assert text.endswith(f"What the server said:\n\n{DIVIDED}")
    first = traces.failures(editor.server)[0].outcome.evaluation
    assert "Divide by zero" in await shown(evaluation=first)
    elsewhere = {"uri": "file:///nowhere.clj", "position": {"line": 0, "character": 0}}
    assert "Unable to resolve symbol: h" in await shown(**elsewhere)


async def test_causes_and_data_are_laid_out(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    data = "{" + " ".join(f':key{n} "{"x" * 20}"' for n in range(6)) + "}"
    chain = (
        cause("a.Outer", "boom", data=data),
        cause("a.Inner", "deep", location={"line": 3, "source": "/x.clj"}, data="{}"),
    )
    nrepl.on(ANALYZE, reply(*chain, DONE))
    nrepl.on("eval", failing(BOOM))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    text = (await editor.command("nrepl.showTrace", {"wait": True}))["text"]
    assert "a.Outer: boom\n\n    {:key0" in text
    assert '\n     :key5 "' in text or '\n      :key5 "' in text
    assert "\nCaused by: a.Inner: deep\n  at /x.clj:3:1\n" in text
    assert "marks the project" not in text


async def test_without_an_error_it_is_said_that_there_is_none(detached: Editor) -> None:
    answer = await detached.command("nrepl.showTrace")
    assert answer["status"] == "error"
    assert detached.shown() == [answer["error"]["message"]]
    detached.open(TEXT)
    answer = await detached.command("nrepl.showTrace", {"evaluation": "7"})
    assert answer["status"] == "error"


async def test_a_trace_that_cannot_be_written_is_in_the_answer(
    make_editor: MakeEditor, analyzing: FaultServer, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "blocked").write_text("")
    editor = await attached(make_editor, analyzing, project, cache=tmp_path / "blocked")
    document = editor.open(TEXT)
    await evaluate(document, 7)
    answer = await editor.command("nrepl.showTrace", {"wait": True})
    assert answer["status"] == "error"
    assert "Divide by zero" in answer["text"]
    assert "cannot be written" in editor.shown()[-1]


async def test_an_editor_is_not_kept_waiting(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(peer: Any, request: Any) -> None:
        pass

    nrepl.on(ANALYZE, silent)
    nrepl.on("eval", failing(DIVIDED))
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 0.02)
    monkeypatch.setattr("nrepl_lsp.lsp.commands.trace.PATIENCE", 0.1)
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    assert (await editor.command("nrepl.showTrace"))["status"] == "running"
    answer = await editor.command("nrepl.showTrace", {"wait": True})
    assert "Divide by zero" in answer["text"]


async def test_a_program_that_dies_while_it_is_asked_leaves_the_error_as_it_is(
    make_editor: MakeEditor, nrepl: FaultServer, project: Path
) -> None:
    async def dies(peer: Any, request: Any) -> None:
        nrepl.hang_up()

    nrepl.on(ANALYZE, dies)
    nrepl.on("eval", failing(DIVIDED))
    editor = await attached(make_editor, nrepl, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    assert (await told(editor)).causes == ()
    assert len(errors(editor, document.uri)) == 1


async def test_the_action_is_offered_on_an_error(
    make_editor: MakeEditor, analyzing: FaultServer, project: Path
) -> None:
    editor = await attached(make_editor, analyzing, project)
    document = editor.open(TEXT)
    await evaluate(document, 7)
    await told(editor)
    ls = editor.server
    snapshot = ls.documents.snapshot(document.uri)
    assert snapshot is not None
    (mark,) = ls.marks.of(document.uri, "error")
    assert mark.diagnostic is not None
    asked = Asked(diagnostics=(mark.diagnostic,))
    here = Place(document.uri, range_of(((2, 4), (2, 4))))
    (offer,) = actions.offers(ls, snapshot, here, asked)
    assert (offer.kind, offer.title, offer.command) == (
        "nrepl.trace",
        "Show the stack trace",
        "nrepl.showTrace",
    )
    assert offer.diagnostics == (mark.diagnostic,)
    assert offer.kind in actions.KINDS
    answer = await editor.command("nrepl.showTrace", {**offer.argument, "wait": True})
    assert "Divide by zero" in answer["text"]
    elsewhere = Place(document.uri, range_of(((0, 0), (0, 0))))
    assert list(actions.offers(ls, snapshot, elsewhere, asked)) == []


async def test_the_form_that_failed_shows_it_when_the_error_stands_elsewhere(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(ns demo)\n(defn f [x]\n  (/ 1 x))\n\n(f| 0)\n")
    err = "Execution error (ArithmeticException) at demo/f (demo.clj:3).\nDivide by zero\n"
    nrepl.on("eval", reply({"err": err}, {"ex": "class E", "status": ["eval-error"]}, DONE))
    await editor.command("nrepl.evalTopLevelForm", document.at_cursor)
    shown = {
        (one["severity"], one["range"]["start"]["line"], one["message"].partition("\n")[0])
        for one in editor.diagnostics(document.uri)
    }
    assert shown == {(1, 2, "Divide by zero"), (3, 4, "✗ Divide by zero")}
    titles = [action["title"] for action in await document.actions()]
    assert "Show the stack trace" in titles
