"""Running tests: what is sent, and what is shown of it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.actions import tests as test_actions
from nrepl_lsp.lsp.actions.offer import Asked
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.structuring import shared_converter
from nrepl_lsp.lsp.testing.failed import failed_tests, note_failed
from nrepl_lsp.source.languages import for_document
from tests.support.fault_server import DONE, FaultServer, hang_up_mid_reply, reply, silent

from .conftest import attach_file
from .editor import MODERN, Editor, Opened

TEXT = """(ns demo-test
  (:require [clojure.test :refer [deftest is]]))

(deftest area-test
  (is (= 6 (area 2 3))))

(deftest other-test
  (is (pos? -1)) (is true))
"""
RELATED = {
    **MODERN,
    "textDocument": {
        **MODERN["textDocument"],
        "publishDiagnostics": {"relatedInformation": True},
    },
}
NAMESPACES = ["user", "demo", "demo-test", "clojure.test"]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not turn `done` into `running`."""
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 4.0)


@pytest.fixture
def nrepl(nrepl: FaultServer) -> FaultServer:
    """The scripted server, which has loaded the tests."""
    nrepl.on("ns-list", reply({"ns-list": NAMESPACES}, DONE))
    return nrepl


def printed(*rows: list[Any]) -> Any:
    """The answer to an evaluation that runs tests."""
    lines = "".join(
        json.dumps(row, ensure_ascii=False).replace("null", "nil").replace(",", "") + "\n"
        for row in rows
    )
    return reply({"value": json.dumps(lines, ensure_ascii=False), "ns": "user"}, DONE)


def fail(test: str | None = "area-test", line: Any = 5, start: Any = 4, **more: Any) -> list[Any]:
    row: dict[str, Any] = {
        "kind": "fail",
        "ns": "demo-test",
        "test": test,
        "contexts": [],
        "message": None,
        "expected": "(= 6 (area 2 3))",
        "actual": "(not (= 6 5))",
        "left": "6",
        "right": "5",
        "file": "NO_SOURCE_FILE",
        "line": line,
        "start_file": None,
        "start": start,
        "causes": [],
    }
    return list({**row, **more}.values())


async def run(document: Opened, name: str, **more: Any) -> Any:
    return await document.editor.command(f"nrepl.{name}", {"uri": document.uri, **more})


def marked(document: Opened) -> list[tuple[str, str]]:
    """What is marked in a document, and the first line that is said of it."""
    lines = document.text.split("\n")
    found = []
    for one in document.editor.diagnostics(document.uri):
        start, end = one["range"]["start"], one["range"]["end"]
        assert start["line"] == end["line"]
        text = lines[start["line"]][start["character"] : end["character"]]
        found.append((text, one["message"].partition("\n")[0]))
    return found


class TestShowing:
    async def test_a_failure(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        nrepl.on("eval", printed(["run", 2, 1, 1, 0], fail(message="wide", contexts=["a", "b"])))
        told = await run(document, "runNamespaceTests")
        assert told["status"] == "done"
        assert told["summary"] == {
            "tests": 2,
            "assertions": 2,
            "pass": 1,
            "fail": 1,
            "error": 0,
        }
        (failure,) = told["failures"]
        assert (failure["ns"], failure["test"], failure["type"]) == (
            "demo-test",
            "area-test",
            "fail",
        )
        assert (failure["expected"], failure["actual"]) == ("6", "5")
        assert (failure["uri"], failure["range"]["start"]) == (
            document.uri,
            {"line": 4, "character": 2},
        )
        assert marked(document) == [("(is (= 6 (area 2 3)))", "area-test (a, b): wide")]
        (diagnostic,) = editor.diagnostics(document.uri)
        assert diagnostic["message"] == ("area-test (a, b): wide\nexpected: 6\n  actual: 5")
        assert (diagnostic["severity"], diagnostic["source"]) == (1, "nREPL test")
        (shown,) = editor.shown()
        assert shown.startswith("2 tests, 2 assertions: 1 failure (area-test), ")
        log = await editor.notified("window/logMessage", "Run the tests of demo-test")
        assert "expected: 6\n  actual: 5" in log["message"]

    async def test_what_is_sent(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        await run(document, "runNamespaceTests")
        (asked,) = nrepl.of("eval")
        assert '[["demo-test" nil]]' in asked["code"]
        assert asked["ns"] == "user"

    async def test_all_well(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        nrepl.on("eval", printed(["run", 1, 0, 1, 0], fail()))
        await run(document, "runTest", position={"line": 3, "character": 0})
        assert len(marked(document)) == 1
        nrepl.on("eval", printed(["run", 1, 12, 0, 0]))
        told = await run(document, "runTest", position={"line": 3, "character": 0})
        assert marked(document) == []
        assert told["message"].startswith("12 assertions in 1 test passed, ")
        assert told["failures"] == []

    async def test_only_what_was_run_is_cleared(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        both = [fail(), fail("other-test", 8, 7, left=None, right=None)]
        nrepl.on("eval", printed(["run", 2, 0, 2, 0], *both))
        await run(document, "runNamespaceTests")
        assert [text for text, _ in marked(document)] == [
            "(is (= 6 (area 2 3)))",
            "(is (pos? -1))",
        ]
        nrepl.on("eval", printed(["run", 1, 1, 0, 0]))
        await run(document, "runTest", symbol="area-test")
        assert [text for text, _ in marked(document)] == ["(is (pos? -1))"]

    async def test_an_edit_of_the_test_ends_its_mark(
        self, editor: Editor, nrepl: FaultServer
    ) -> None:
        document = editor.open(TEXT)
        both = [fail(), fail("other-test", 8, 7)]
        nrepl.on("eval", printed(["run", 2, 0, 2, 0], *both))
        await run(document, "runNamespaceTests")
        document.change((3, 14), (3, 14), "x")
        await editor.until(lambda: len(editor.diagnostics(document.uri)) == 1, "one mark less")
        (left,) = editor.diagnostics(document.uri)
        assert left["message"].startswith("other-test")

    @pytest.mark.parametrize(
        ("row", "text"),
        [
            # Loaded when it stood ten lines further down.
            (fail(line=15, start=14), "(is (= 6 (area 2 3)))"),
            # `are` on nbb and Basilisp has no line; a helper's is elsewhere.
            (fail(line=None), "area-test"),
            (fail(line="todo"), "area-test"),
            (fail(line=900), "area-test"),
            (fail(line=5, start=None), "(is (= 6 (area 2 3)))"),
            (fail(line=8, start=None), "area-test"),
            # Defined by a macro, or in a fixture.
            (fail("made-test", 8, 7), "(deftest other-test"),
            (fail("made-test", 8, None), "(ns demo-test"),
            (fail(None, None, None), "(ns demo-test"),
        ],
    )
    async def test_the_place(
        self, editor: Editor, nrepl: FaultServer, row: list[Any], text: str
    ) -> None:
        document = editor.open(TEXT)
        nrepl.on("eval", printed(["run", 1, 0, 1, 0], row))
        await run(document, "runNamespaceTests")
        assert [found for found, _ in marked(document)] == [text]

    async def test_an_exception(
        self, make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
    ) -> None:
        attach_file(project, nrepl)
        editor = make_editor()
        await editor.initialize(RELATED)
        await editor.attached()
        core = editor.open("(ns demo)\n\n(defn area? [w h] (throw x))\n", "src/demo.clj")
        document = editor.open(TEXT, "test/demo_test.clj")
        frames = [
            ["demo$area_QMARK_/invokeStatic", "demo.clj", 3],
            ["demo$area_QMARK_/invoke", "demo.clj", 2],
            ["demo_test$fn__12/invoke", "demo_test.clj", 5],
            ["elsewhere$f/invoke", "elsewhere.clj", 5],
            ["demo$late/invoke", "demo.clj", 500],
        ]
        causes = [
            ["clojure.lang.ExceptionInfo", "wrong", "{:w 1}", frames],
            ["java.lang.ArithmeticException", "Divide by zero", None, frames],
        ]
        row = fail(line=3, kind="error", left=None, right=None, actual=None, causes=causes)
        nrepl.on("eval", printed(["run", 1, 0, 0, 1], row))
        await run(document, "runNamespaceTests")
        assert [text for text, _ in marked(document)] == ["(is (= 6 (area 2 3)))"]
        (diagnostic,) = editor.diagnostics(document.uri)
        assert diagnostic["message"] == (
            "area-test\n"
            "expected: (= 6 (area 2 3))\n"
            "  actual: ExceptionInfo: wrong {:w 1}\n"
            "because of: ArithmeticException: Divide by zero\n"
            "at demo/area? (demo.clj:3)"
        )
        related = {
            "location": {
                "uri": core.uri,
                "range": {
                    "start": {"line": 2, "character": 0},
                    "end": {"line": 2, "character": 0},
                },
            },
            "message": "demo/area? (demo.clj:3)",
        }
        assert diagnostic["relatedInformation"] == [related]
        log = await editor.notified("window/logMessage", "Run the tests of")
        assert log["message"].endswith(
            "Divide by zero\n  at demo/area? (demo.clj:3)\n  at demo/area? (demo.clj:2)\n"
            "  at demo-test/fn (demo_test.clj:5)\n  at elsewhere/f (elsewhere.clj:5)\n"
            "  at demo/late (demo.clj:500)"
        )

    async def test_frames_that_name_files(
        self, editor: Editor, nrepl: FaultServer, project: Path, tmp_path: Path
    ) -> None:
        core = project / "src" / "core.lpy"
        core.write_text("(ns core)\n")
        document = editor.open(TEXT)
        others = [
            tmp_path / "functools.py",
            project / ".env" / "lib" / "python3.12" / "functools.py",
            project / "site-packages" / "lib.py",
        ]
        for path in others:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x\n")
        frames = [
            *(["wrapper", str(path), 1] for path in others),
            ["area", str(core), 1],
            ["area-test", str(project / "src" / "demo.clj"), 5],
            ["form", "<string>", 1],
            ["form", str(core), None],
            ["form", None, 1],
        ]
        row = fail(kind="error", line=None, causes=[["KeyError", "", None, frames]])
        row[11] = str(project / "src" / "demo.clj")
        nrepl.on("eval", printed(["run", 1, 0, 0, 1], row))
        told = await run(document, "runNamespaceTests")
        assert marked(document) == [("(is (= 6 (area 2 3)))", "area-test")]
        (diagnostic,) = editor.diagnostics(document.uri)
        assert diagnostic["message"].endswith("at area (core.lpy:1)")
        assert "relatedInformation" not in diagnostic
        assert told["failures"][0]["type"] == "error"

    async def test_large_values_and_their_difference(
        self, editor: Editor, nrepl: FaultServer
    ) -> None:
        document = editor.open(TEXT)
        left, right = '{:name "a long name of something" :n 1}', '{:name "a long name" :n 1}'
        nrepl.on("eval", printed(["run", 1, 0, 1, 0], fail(left=left, right=right)))
        await run(document, "runNamespaceTests")
        (diagnostic,) = editor.diagnostics(document.uri)
        assert diagnostic["message"].split("\n")[3] == (
            '    diff: [:name]: expected "a long name of something", got "a long name"'
        )

    async def test_a_file_that_is_not_open(
        self, editor: Editor, nrepl: FaultServer, project: Path
    ) -> None:
        (project / "test").mkdir()
        path = project / "test" / "demo_test.clj"
        path.write_text(TEXT)
        document = editor.open("(ns demo)\n(defn area| [w h])\n", "src/demo.clj")
        nrepl.on("eval", printed(["run", 1, 0, 1, 0], fail()))
        told = await run(document, "runTest", position=document.cursor)
        assert '[["demo-test" ["area-test"]]]' in nrepl.of("eval")[0]["code"]
        assert told["failures"][0]["uri"] == path.as_uri()
        (diagnostic,) = editor.diagnostics(path.as_uri())
        assert diagnostic["range"]["start"] == {"line": 4, "character": 2}

    async def test_values_of_several_lines(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        row = fail(expected="(a\r\n b)", actual="", left=None, right=None, message="x\n  y")
        nrepl.on("eval", printed(["run", 1, 0, 1, 0], row))
        await run(document, "runNamespaceTests")
        (diagnostic,) = editor.diagnostics(document.uri)
        assert diagnostic["message"] == "area-test: x y\nexpected: (a\n           b)"

    async def test_a_document_without_a_namespace(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open("(deftest area-test (is false))")
        nrepl.on("eval", printed(["run", 1, 0, 1, 0], fail(ns="user", line=1, start=1)))
        told = await run(document, "runNamespaceTests")
        assert told["failures"][0]["uri"] == document.uri
        assert marked(document) == [("(deftest area-test (is false))", "area-test")]

    async def test_nowhere_to_show_it(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open("(ns demo)\n(deftest x)\n")
        nrepl.on("eval", printed(["run", 1, 0, 1, 0], fail()))
        told = await run(document, "runNamespaceTests")
        assert told["failures"][0]["uri"] is None
        assert editor.shown()[0].startswith("1 test, 1 assertion: 1 failure (area-test), ")

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ([["run", 0, 0, 0, 0]], "No tests were run"),
            ([["run", 3, None, 0, 0]], "3 tests passed, "),
            ([["run", 3, None, 1, 2], fail()], "3 tests: 1 failure, 2 errors (area-test), "),
            ([["run", 1200, 2000, 0, 0]], "2,000 assertions in 1,200 tests passed, "),
            (
                [["run", 0, 0, 0, 0], ["missing", "demo-test", "gone"]],
                "No tests were run. Not in the program, so evaluate first: demo-test/gone",
            ),
            (
                [["run", 1, 1, 0, 0], ["unfinished", "demo-test", "late"], ["unloaded", "x"]],
                "Asynchronous, or after such a test, so not waited for: late. Not loaded: x",
            ),
            (
                [["run", 7, 0, 7, 0], *(fail(f"t{n}") for n in range(7))],
                "7 failures (t0, t1, t2, t3, t4 and 2 more), ",
            ),
        ],
    )
    async def test_the_summary(
        self, editor: Editor, nrepl: FaultServer, rows: list[Any], said: str
    ) -> None:
        document = editor.open(TEXT)
        nrepl.on("eval", printed(*rows))
        told = await run(document, "runNamespaceTests")
        assert said in told["message"]
        assert editor.shown() == [told["message"]]

    async def test_no_report(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        nrepl.on("eval", reply({"value": "nil"}, DONE))
        told = await run(document, "runNamespaceTests")
        assert told["status"] == "error"
        assert editor.shown() == ["The program has not told what became of the tests: see the log."]

    async def test_the_summary_comes_where_values_are_not_shown(
        self, make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
    ) -> None:
        attach_file(project, nrepl)
        editor = make_editor()
        await editor.initialize(options={"results": {"show": "none"}})
        await editor.attached()
        document = editor.open(TEXT)
        nrepl.on("eval", printed(["run", 1, 0, 1, 0], fail()))
        await run(document, "runNamespaceTests")
        assert len(editor.shown()) == 1
        assert len(marked(document)) == 1


class TestWhichTests:
    @pytest.mark.parametrize(
        ("command", "given", "selection"),
        [
            ("runTest", {"position": (4, 5)}, '[["demo-test" ["area-test"]]]'),
            ("runTest", {"symbol": "demo/x-test"}, '[["demo" ["x-test"]]]'),
            ("runTest", {"symbol": "gone-test"}, '[["demo-test" ["gone-test"]]]'),
            ("runNamespaceTests", {}, '[["demo-test" nil]]'),
            ("runNamespaceTests", {"position": (0, 2)}, '[["demo-test" nil]]'),
            ("runNamespaceTests", {"ns": "demo"}, '[["demo" nil] ["demo-test" nil]]'),
            ("runAllTests", {}, '[["demo-test" nil]]'),
        ],
    )
    async def test_in_a_text(
        self,
        editor: Editor,
        nrepl: FaultServer,
        command: str,
        given: dict[str, Any],
        selection: str,
    ) -> None:
        document = editor.open(TEXT)
        if place := given.get("position"):
            given = {"position": {"line": place[0], "character": place[1]}}
        await run(document, command, **given)
        (asked,) = nrepl.of("eval")
        assert selection in asked["code"]

    async def test_of_a_namespace_without_tests(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open("(ns demo)\n(defn area [])\n")
        await run(document, "runNamespaceTests")
        assert '[["demo-test" nil]]' in nrepl.of("eval")[0]["code"]

    async def test_of_a_namespace_that_is_named(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open("(ns user)\n(defn area [])\n|")
        await run(document, "runNamespaceTests", ns="demo")
        assert '[["demo" nil] ["demo-test" nil]]' in nrepl.of("eval")[0]["code"]

    async def test_of_no_namespace(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open("(deftest here)")
        await run(document, "runTest", position={"line": 0, "character": 3})
        assert '[["user" ["here"]]]' in nrepl.of("eval")[0]["code"]

    async def test_of_all_namespaces_those_that_are_loaded(
        self, editor: Editor, nrepl: FaultServer, project: Path
    ) -> None:
        (project / "test").mkdir()
        (project / "test" / "more_test.clj").write_text("(ns more-test)\n(deftest x)")
        document = editor.open(TEXT)
        nrepl.on("eval", printed(["run", 2, 2, 0, 0]))
        told = await run(document, "runAllTests")
        assert '[["demo-test" nil]]' in nrepl.of("eval")[0]["code"]
        assert told["message"].endswith(". Not loaded: more-test")

    async def test_what_failed(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        rows = [fail(), fail("other-test", 8, 7), fail(None)]
        nrepl.on("eval", printed(["run", 3, 0, 3, 0], *rows[:2]))
        await run(document, "runNamespaceTests")
        nrepl.on("eval", printed(["run", 2, 1, 1, 0], rows[0]))
        await run(document, "rerunFailedTests")
        assert '[["demo-test" ["area-test" "other-test"]]]' in nrepl.of("eval")[1]["code"]
        await editor.notified("window/logMessage", "Run 2 failed tests again")
        nrepl.on("eval", printed(["run", 0, 0, 1, 0], rows[2]))
        await run(document, "rerunFailedTests")
        assert '[["demo-test" ["area-test"]]]' in nrepl.of("eval")[2]["code"]
        await run(document, "rerunFailedTests")
        assert '[["demo-test" nil]]' in nrepl.of("eval")[3]["code"]

    @pytest.mark.parametrize(
        ("text", "command", "given", "why"),
        [
            (TEXT, "runTest", {"position": (1, 0)}, "There is no test at the cursor."),
            ("(ns demo)\n(defn f [])", "runTest", {"position": (1, 3)}, "There is no test at"),
            (
                "(ns gone-test)\n(deftest x)",
                "runNamespaceTests",
                {},
                "Load the file first (nrepl.loadFile): the namespace gone-test is not loaded.",
            ),
            (
                "(ns gone-test)\n(deftest x)",
                "runTest",
                {"position": (1, 3)},
                "Load the file first (nrepl.loadFile): the namespace gone-test is not loaded.",
            ),
            (
                "(ns gone)\n(defn x [])",
                "runNamespaceTests",
                {},
                "Load the file of gone-test first (nrepl.loadFile): gone has no tests here.",
            ),
            ("(ns gone-test)\n(deftest x)", "runAllTests", {}, "Load the tests first"),
            ("(ns demo)", "runAllTests", {}, "There are no tests in the project."),
            (TEXT, "rerunFailedTests", {}, "No test has failed: run some first"),
        ],
    )
    async def test_refusals(
        self,
        editor: Editor,
        nrepl: FaultServer,
        text: str,
        command: str,
        given: dict[str, Any],
        why: str,
    ) -> None:
        document = editor.open(text)
        if place := given.get("position"):
            given = {"position": {"line": place[0], "character": place[1]}}
        told = await run(document, command, **given)
        assert (told["status"], told["summary"], told["failures"]) == ("error", None, [])
        assert told["error"]["message"].startswith(why)
        assert editor.shown() == [told["error"]["message"]]
        assert nrepl.of("eval") == []

    async def test_without_a_program(self, detached: Editor) -> None:
        document = detached.open(TEXT)
        told = await run(document, "runNamespaceTests")
        assert told["status"] == "disconnected"
        assert "No REPL is attached" in detached.shown()[0]

    async def test_without_a_document(self, editor: Editor) -> None:
        for name in ("runTest", "runNamespaceTests", "runAllTests", "rerunFailedTests"):
            told = await editor.command(f"nrepl.{name}")
            assert told["error"]["message"].startswith("No document is open")
        told = await editor.command("nrepl.runTest", {"uri": "file:///gone.clj"})
        assert told["error"]["message"] == "file:///gone.clj is not open."

    @pytest.mark.parametrize("language", ["janet", "plaintext", "scheme"])
    async def test_in_other_languages(
        self, editor: Editor, nrepl: FaultServer, language: str
    ) -> None:
        document = editor.open("(deftest x)", f"src/a.{language}", language)
        told = await run(document, "runNamespaceTests")
        assert told["error"]["message"] == "Tests of this language cannot be run from here."
        assert nrepl.of("eval") == []

    async def test_without_a_library(self, editor: Editor, nrepl: FaultServer) -> None:
        nrepl.on("ns-list", reply({"ns-list": ["user", "demo-test"]}, DONE))
        document = editor.open(TEXT)
        told = await run(document, "runNamespaceTests")
        assert told["error"]["message"].startswith("The program has not loaded clojure.test")

    async def test_a_namespace_that_is_being_loaded(
        self, editor: Editor, nrepl: FaultServer
    ) -> None:
        """Who loads a file and runs its tests at once gets what they mean."""
        nrepl.on("ns-list", reply({"ns-list": ["user", "clojure.test"]}, DONE))
        document = editor.open(TEXT)
        loaded = asyncio.Event()

        async def load(peer: Any, request: Any) -> None:
            await loaded.wait()
            nrepl.on("ns-list", reply({"ns-list": NAMESPACES}, DONE))
            peer.answer(request, {"value": "nil", "ns": "user"}, DONE)

        nrepl.on("load-file", load)
        _, loading = editor.start_request(
            "workspace/executeCommand",
            {"command": "nrepl.loadFile", "arguments": [{"uri": document.uri}]},
        )
        await nrepl.received("load-file")
        nrepl.on("eval", printed(["run", 2, 2, 0, 0]))
        asked = len(nrepl.of("ns-list"))
        running = asyncio.ensure_future(run(document, "runNamespaceTests", wait=True))
        await nrepl.received("ns-list", asked + 1)
        # The answer is known once there is one to a later question on the same connection.
        await document.ask("hover", position={"line": 4, "character": 12})
        loaded.set()
        assert (await running)["summary"]["tests"] == 2
        await loading

    async def test_tests_that_are_gone(self, editor: Editor, nrepl: FaultServer) -> None:
        """As after a restart of the program."""
        document = editor.open(TEXT)
        failed = [("gone-test", "x"), ("other-test", "y")]
        note_failed(editor.server, document.uri, lambda ns, name: False, failed)
        told = await run(document, "rerunFailedTests")
        assert told["error"]["message"] == (
            "Load the tests first (nrepl.loadFile): gone-test, other-test."
        )
        assert nrepl.of("eval") == []

    async def test_where_namespaces_cannot_be_listed(
        self, make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
    ) -> None:
        nrepl.without("ns-list")
        attach_file(project, nrepl)
        editor = make_editor()
        await editor.initialize(options={"snippets": False})
        await editor.attached()
        document = editor.open(TEXT)
        told = await run(document, "runNamespaceTests")
        assert told["error"]["message"] == (
            "Load the file first (nrepl.loadFile): "
            "whether the namespace demo-test is loaded cannot be checked."
        )
        told = await run(editor.open("(deftest x)", "src/x.clj"), "runNamespaceTests")
        assert told["status"] == "error"
        assert nrepl.of("eval") == []

    async def test_a_function_in_no_namespace(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open("(defn area [])\n(deftest test-area)\n")
        await run(document, "runTest", position={"line": 0, "character": 3})
        assert '[["user" ["test-area"]]]' in nrepl.of("eval")[0]["code"]


class TestEnds:
    async def test_a_connection_that_is_lost_before(
        self, editor: Editor, nrepl: FaultServer
    ) -> None:
        document = editor.open(TEXT.replace("demo-test", "new-test"))
        code = {"code": "1", "ns": "user", "uri": document.uri, "wait": True}
        await editor.command("nrepl.evalCode", code)
        nrepl.on("ns-list", hang_up_mid_reply())
        told = await run(document, "runNamespaceTests")
        assert told["status"] == "disconnected"
        assert told["error"]["message"].startswith("No tests were run: ")
        assert len(nrepl.of("eval")) == 1

    async def test_a_run_that_is_interrupted(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        nrepl.on("eval", silent())
        running = asyncio.ensure_future(run(document, "runNamespaceTests", wait=True))
        await nrepl.received("eval")
        await editor.command("nrepl.interrupt", {"uri": document.uri})
        told = await running
        assert (told["status"], told["summary"]) == ("interrupted", None)
        assert any("Interrupted: Run the tests of demo-test" in it for it in editor.shown())

    async def test_what_waits_for_its_namespace_is_interrupted_with_it(
        self, editor: Editor, nrepl: FaultServer
    ) -> None:
        """The file that is being loaded makes the tests' namespace."""
        nrepl.on("ns-list", reply({"ns-list": ["user", "clojure.test"]}, DONE))
        nrepl.on("load-file", silent())
        document = editor.open(TEXT)
        load = {"command": "nrepl.loadFile", "arguments": [{"uri": document.uri, "wait": True}]}
        _, loading = editor.start_request("workspace/executeCommand", load)
        await nrepl.received("load-file")
        running = asyncio.ensure_future(run(document, "runNamespaceTests", wait=True))
        # It has asked, and waits for the file now.
        await nrepl.received("ns-list", len(nrepl.of("ns-list")) + 1)
        await editor.command("nrepl.status")
        nrepl.on("ns-list", reply({"ns-list": NAMESPACES}, DONE))
        await editor.command("nrepl.interrupt", {"uri": document.uri, "wait": True})
        assert (await loading)["status"] == "interrupted"
        assert (await running)["status"] == "interrupted"
        assert nrepl.of("eval") == []

    async def test_a_program_that_dies(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        nrepl.on("eval", printed(["run", 1, 0, 1, 0], fail()))
        await run(document, "runNamespaceTests")
        nrepl.on("eval", silent())
        running = asyncio.ensure_future(run(document, "runNamespaceTests", wait=True))
        await nrepl.received("eval", 2)
        nrepl.hang_up()
        told = await running
        assert told["status"] == "error"
        assert "connection was lost" in told["error"]["message"]
        # What failed before is as true as it was.
        assert len(marked(document)) == 1

    async def test_what_takes_long_is_answered_at_once(
        self, editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 0.02)
        document = editor.open(TEXT)
        nrepl.on("eval", silent())
        told = await run(document, "runNamespaceTests")
        assert (told["status"], told["summary"], told["failures"]) == ("running", None, [])


REPORT = {
    "results": {
        "demo-test": {
            "area-test": [
                {
                    "type": "fail",
                    "ns": "demo-test",
                    "var": "area-test",
                    "index": 0,
                    "context": "ctx",
                    "message": "msg",
                    "file": "demo_test",
                    "line": 15,
                    "expected": "(= 6 (area 2 3))\n",
                    "actual": "(not (= 6 5))\n",
                    "diffs": [["5\n", ["6\n", "5\n"]]],
                }
            ]
        }
    },
    "summary": {"ns": 1, "var": 2, "test": 2, "pass": 1, "fail": 1, "error": 0},
}


class TestOps:
    @pytest.fixture
    def nrepl(self, nrepl: FaultServer) -> FaultServer:
        """The scripted server with cider-nrepl's op."""
        nrepl.on("cider/test-stacktrace", reply({"status": ["no-error", "done"]}))
        nrepl.on("cider/test-var-query", reply({"out": "printed\n"}, REPORT, DONE))
        info = {"name": "area-test", "ns": "demo-test", "file": "/x/demo_test.clj", "line": 14}
        nrepl.on("info", reply(info, DONE), sym="area-test")
        return nrepl

    async def test_a_namespace(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        told = await run(document, "runNamespaceTests")
        assert told["summary"]["tests"] == 2
        (asked,) = nrepl.of("cider/test-var-query")
        assert asked["var-query"] == {"ns-query": {"exactly": ["demo-test"]}}
        assert nrepl.of("eval") == []
        (diagnostic,) = editor.diagnostics(document.uri)
        # The program counts from where the test was when it was loaded.
        assert marked(document) == [("(is (= 6 (area 2 3)))", "area-test (ctx): msg")]
        assert diagnostic["message"].endswith("\n    diff: - 6\n          + 5")
        await editor.notified("window/logMessage", "printed")

    async def test_one_test(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        await run(document, "runTest", symbol="area-test")
        (asked,) = nrepl.of("cider/test-var-query")
        assert asked["var-query"]["exactly"] == ["demo-test/area-test"]

    async def test_a_missing_test_is_not_asked_for(
        self, editor: Editor, nrepl: FaultServer
    ) -> None:
        """Up to cider-nrepl 0.63 all tests of the namespace would be run."""
        document = editor.open(TEXT)
        nrepl.on("info", reply({"status": ["done", "no-info"]}))
        told = await run(document, "runTest", symbol="gone-test")
        assert told["error"]["message"].startswith("The program does not have demo-test/gone-test")
        assert nrepl.of("cider/test-var-query") == []

    async def test_of_those_that_failed_missing_ones_are_not_asked_for(
        self, editor: Editor, nrepl: FaultServer
    ) -> None:
        document = editor.open(TEXT)
        failed = [("demo-test", "area-test"), ("demo-test", "gone-test")]
        note_failed(editor.server, document.uri, lambda ns, name: False, failed)
        nrepl.on("info", reply({"status": ["done", "no-info"]}), sym="gone-test")
        told = await run(document, "rerunFailedTests")
        (asked,) = nrepl.of("cider/test-var-query")
        assert asked["var-query"]["exactly"] == ["demo-test/area-test"]
        assert told["message"].endswith(
            ". Not in the program, so evaluate first: demo-test/gone-test"
        )
        await editor.notified("window/logMessage", "Run 1 failed test again")
        assert failed_tests(editor.server, document.uri) == [("demo-test", "area-test")]

    async def test_when_all_that_failed_are_missing_nothing_is_run(
        self, editor: Editor, nrepl: FaultServer
    ) -> None:
        document = editor.open(TEXT)
        failed = [("demo-test", "gone-test"), ("demo-test", "other-test")]
        note_failed(editor.server, document.uri, lambda ns, name: False, failed)
        nrepl.on("info", reply({"status": ["done", "no-info"]}))
        told = await run(document, "rerunFailedTests")
        assert told["error"]["message"] == (
            "Evaluate them first (nrepl.loadFile): "
            "the program lacks demo-test/gone-test, demo-test/other-test."
        )
        assert nrepl.of("cider/test-var-query") == []

    async def test_namespaces_and_tests_that_failed_are_run_together(
        self, editor: Editor, nrepl: FaultServer
    ) -> None:
        """The op would run the tests alone."""
        nrepl.on("ns-list", reply({"ns-list": [*NAMESPACES, "more-test"]}, DONE))
        document = editor.open(TEXT)
        failed = [("demo-test", "area-test"), ("more-test", None)]
        note_failed(editor.server, document.uri, lambda ns, name: False, failed)
        nrepl.on("eval", printed(["run", 2, 2, 0, 0]))
        await run(document, "rerunFailedTests")
        assert '[["demo-test" ["area-test"]] ["more-test" nil]]' in nrepl.of("eval")[0]["code"]
        assert nrepl.of("cider/test-var-query") == []

    async def test_an_unloaded_namespace_is_not_asked_for(
        self, editor: Editor, nrepl: FaultServer
    ) -> None:
        """Up to cider-nrepl 0.63 nothing would ever be answered."""
        document = editor.open("(ns gone-test)\n(deftest x)")
        told = await run(document, "runNamespaceTests")
        assert told["status"] == "error"
        assert nrepl.of("cider/test-var-query") == []

    @pytest.mark.parametrize("is_answered", [True, False])
    async def test_an_exception(
        self,
        editor: Editor,
        nrepl: FaultServer,
        is_answered: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        document = editor.open(TEXT)
        core = editor.open("(ns demo)\n(defn area [w h] (throw x))\n", "src/core.clj")
        error = {
            "type": "error",
            "index": 3,
            "file": "core.clj",
            "line": 2,
            "error": "a.B: wrong",
            "expected": "(= 6 (area 2 3))\n",
        }
        report = {
            "results": {"demo-test": {"area-test": [error]}},
            "summary": {"test": 1, "pass": 0, "fail": 0, "error": 1},
        }
        nrepl.on("cider/test-var-query", reply(report, DONE))
        frames = [
            {"ns": "demo", "fn": "area", "file": "core.clj", "line": 2, "flags": ["project"]},
            {"ns": "demo-test", "fn": "fn", "file": "demo_test.clj", "line": 15, "flags": []},
        ]
        cause = {"class": "a.B", "message": "wrong", "data": "{:w 1}", "stacktrace": frames}
        answer = reply(cause, DONE) if is_answered else silent()
        nrepl.on("cider/test-stacktrace", answer, var="area-test", index=3)
        monkeypatch.setattr("nrepl_lsp.lsp.testing.runs.DETAILS_TIMEOUT", 0.3)
        await run(document, "runNamespaceTests")
        (diagnostic,) = editor.diagnostics(document.uri)
        lines = diagnostic["message"].split("\n")
        if is_answered:
            assert lines[2:] == ["  actual: B: wrong {:w 1}", "at demo/area (core.clj:2)"]
            assert marked(document) == [("(is (= 6 (area 2 3)))", "area-test")]
            assert core.uri.endswith("core.clj")
        else:
            assert lines[2:] == ["  actual: B: wrong"]
            assert marked(document) == [("area-test", "area-test")]

    async def test_it_can_be_interrupted(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT)
        nrepl.on("cider/test-var-query", silent())
        running = asyncio.ensure_future(run(document, "runNamespaceTests", wait=True))
        (asked,) = await nrepl.received("cider/test-var-query")
        await editor.command("nrepl.interrupt", {"uri": document.uri})
        (interrupt,) = nrepl.of("interrupt")
        assert interrupt["interrupt-id"] == asked["id"]
        assert (await running)["status"] == "interrupted"


class TestActions:
    async def offered(self, document: Opened, *only: str, diagnostics: Any = ()) -> list[Any]:
        ls = document.editor.server
        await document.editor.command("nrepl.status")  # The document is open by then.
        snapshot = ls.documents.snapshot(document.uri)
        assert snapshot is not None
        place = Place(document.uri, shared_converter().structure(document.selection, types.Range))
        asked = Asked(only or None, diagnostics=tuple(diagnostics))
        return list(test_actions.offers(ls, snapshot, place, asked))

    @pytest.mark.parametrize(
        ("mark", "titles"),
        [
            ("(is (= 6|", ["Run test area-test"]),
            ("(ns demo|", ["Run the tests of demo-test"]),
            ("\n\n|(deftest other", ["Run test other-test"]),
        ],
    )
    async def test_where(self, editor: Editor, mark: str, titles: list[str]) -> None:
        document = editor.open(TEXT.replace(mark.replace("|", ""), mark))
        assert [one.title for one in await self.offered(document)] == titles

    async def test_again(self, editor: Editor, nrepl: FaultServer) -> None:
        document = editor.open(TEXT.replace("(is (= 6", "(is| (= 6"))
        both = [fail(), fail("other-test", 8, 7)]
        nrepl.on("eval", printed(["run", 2, 0, 2, 0], *both))
        await run(document, "runNamespaceTests")
        marks = [mark.diagnostic for mark in editor.server.marks.of(document.uri, "test")]
        one, failed = await self.offered(document, diagnostics=marks)
        assert (one.title, one.diagnostics) == ("Run test area-test again", (marks[0],))
        assert (one.command, one.argument["position"]) == (
            "nrepl.runTest",
            {"line": 3, "character": 9},
        )
        assert (failed.title, failed.command) == (
            "Run 2 failed tests again",
            "nrepl.rerunFailedTests",
        )
        nrepl.on("eval", printed(["run", 1, 1, 0, 0]))
        await run(document, "runTest", symbol="other-test")
        assert [one.title for one in await self.offered(document)] == ["Run test area-test"]
        assert [one.title for one in await self.offered(document, "nrepl.test.failed")] == [
            "Run test area-test",
            "Run the failed test again",
        ]

    async def test_keys(self, editor: Editor) -> None:
        document = editor.open("(ns a-test)\n(deftest x)\n\n|")
        assert await self.offered(document) == []
        (one,) = await self.offered(document, "nrepl.test.namespace")
        assert (one.title, one.argument["ns"]) == ("Run the tests of a-test", "a-test")
        document = editor.open("(deftest x)\n\n|", "src/b.clj")
        (one,) = await self.offered(document, "nrepl.test.namespace")
        assert (one.title, one.argument) == (
            "Run the tests of this file",
            {"uri": document.uri},
        )

    async def test_where_nothing_can_be_run(self, detached: Editor, editor: Editor) -> None:
        assert await self.offered(detached.open("(deftest |x)")) == []
        assert await self.offered(editor.open("(deftest |x)", "src/a.janet", "janet")) == []
        assert await self.offered(editor.open("(def |x 1)")) == []
        assert for_document("janet", "").family == "janet"
