"""Tests run through the real program, with real servers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.servers import ServerPool

from .conftest import CAPABILITIES, PROGRAM, Client

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.live,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
]

CODE = """(ns runs.core)

(defn area [w h]
  (when (neg? w) (throw (ex-info "negative" {:w w})))
  (+ w h))
"""

TESTS = """(ns runs.core-test
  (:require [{library} :refer [deftest is are testing use-fixtures]]
            [runs.core :as core]))

{fixture}

(deftest area-test
  (testing "rectangles"
    (is (= 6 (core/area 2 3)) "of two by three")
    (is (= 4 (core/area 2 2)))))

(deftest sign-test
  (println "in sign-test")
  (is (pos? -1)))

(deftest negative-test
  (testing "inside"
    (is (= 1 (core/area -1 1)))))

(deftest outside-test
  (core/area -2 1))

(deftest many-test
  (are [x y] (= x y)
    1 1
    2 2))
"""

FIXTURES = {
    "basilisp.test": '(use-fixtures :each (fn [] (println "before") (yield) (println "after")))',
    "clojure.test": '(use-fixtures :each (fn [run] (println "before") (run) (println "after")))',
}

SERVERS = [
    pytest.param("basilisp"),
    pytest.param("nbb", marks=pytest.mark.node),
    pytest.param("nrepl-1.0.0", marks=pytest.mark.java),
    pytest.param("tools.nrepl-0.2.13", marks=pytest.mark.java),
]


class Project:
    """An editor with a namespace and its tests, both loaded."""

    def __init__(self, editor: Client, server: str, core: str, tests: str, text: str) -> None:
        self.editor = editor
        self.server = server
        self.core = core
        self.tests = tests
        self.text = text
        self.version = 1

    async def run(self, command: str, mark: str | None = None, **more: Any) -> Any:
        place = {} if mark is None else {"position": self.place(mark)}
        more = {"uri": self.tests, **place, **more}
        return await self.editor.command(f"nrepl.{command}", wait=True, **more)

    def place(self, mark: str) -> dict[str, int]:
        before = self.text[: self.text.index(mark) + len(mark)].split("\n")
        return {"line": len(before) - 1, "character": len(before[-1])}

    def marked(self) -> list[Any]:
        """The diagnostics of the tests' file, which come before a command's reply."""
        for method, params in reversed(self.editor.notifications):
            if method == "textDocument/publishDiagnostics" and params["uri"] == self.tests:
                return list(params["diagnostics"])
        return []

    def at(self, span: dict[str, Any]) -> str:
        """The text of a range in one line."""
        start, end = span["start"], span["end"]
        assert start["line"] == end["line"]
        return self.text.split("\n")[start["line"]][start["character"] : end["character"]]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=SERVERS)
async def project(
    request: pytest.FixtureRequest,
    server_pool: ServerPool,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Project]:
    name = request.param
    server = server_pool.get(name)
    root = tmp_path_factory.mktemp("runs")
    extension = {"basilisp": "lpy", "nbb": "cljs"}.get(name, "clj")
    library = "basilisp.test" if name == "basilisp" else "clojure.test"
    text = TESTS.replace("{library}", library).replace("{fixture}", FIXTURES[library])
    paths = [root / folder / "runs" / f"{file}.{extension}" for folder, file in FILES]
    for path, content in zip(paths, (CODE, text), strict=True):
        path.parent.mkdir(parents=True)
        path.write_text(content)
    command = ["env", f"XDG_CACHE_HOME={root / 'cache'}", *PROGRAM, "--connect", server.url]
    async with Client(command, root) as editor:
        capabilities: Any = {
            **CAPABILITIES,
            "textDocument": {
                **CAPABILITIES["textDocument"],
                "publishDiagnostics": {"relatedInformation": True},
            },
        }
        await editor.initialize(capabilities)
        await editor.attached()
        core, tests = (editor.open(path, "clojure") for path in paths)
        made = Project(editor, name, core, tests, text)
        refused = await made.run("runNamespaceTests")
        if refused["status"] == "error":  # A server that others have used may have it.
            assert refused["error"]["message"] == (
                "Load the file first (nrepl.loadFile): the namespace runs.core-test is not loaded."
            )
        for uri in (core, tests):
            loaded = await editor.command("nrepl.loadFile", uri=uri, wait=True)
            assert (loaded["status"], loaded["error"]) == ("done", None)
        yield made
    assert editor.exit_code == 0


FILES = (("src", "core"), ("test", "core_test"))


async def test_a_namespace(project: Project) -> None:
    told = await project.run("runNamespaceTests")
    assert told["status"] == "done"
    counts = told["summary"]
    assert (counts["tests"], counts["fail"], counts["error"]) == (5, 2, 2)
    is_counted = project.server != "basilisp"
    assert (counts["assertions"], counts["pass"]) == ((7, 3) if is_counted else (None, None))
    found = {one["test"]: one for one in told["failures"]}
    assert project.at(found["area-test"]["range"]) == (
        '(is (= 6 (core/area 2 3)) "of two by three")'
    )
    assert found["area-test"]["message"] == (
        "area-test (rectangles): of two by three\nexpected: 6\n  actual: 5"
    )
    assert project.at(found["sign-test"]["range"]) == "(is (pos? -1))"
    assert project.at(found["negative-test"]["range"]) == "(is (= 1 (core/area -1 1)))"
    assert "negative {:w -1}" in found["negative-test"]["message"]
    assert found["outside-test"]["message"].startswith(
        "outside-test: Uncaught exception, not in assertion.\n"
    )
    names = "area-test, sign-test, negative-test, outside-test"
    text = await project.editor.shown(f"2 failures, 2 errors ({names})")
    assert text.startswith("5 tests, 7 assertions: " if is_counted else "5 tests: ")
    diagnostics = project.marked()
    assert len(diagnostics) == 4
    assert {one["source"] for one in diagnostics} == {"nREPL test"}
    if project.server != "nbb":
        error = next(one for one in diagnostics if one["message"].startswith("outside"))
        related = error["relatedInformation"][0]
        assert related["location"]["uri"] == project.core
        assert related["location"]["range"]["start"]["line"] == 3
        assert "(core/area -2 1)" == project.at(error["range"])


async def test_output_of_tests_is_shown(project: Project) -> None:
    await project.run("runTest", "(deftest sign")
    shown = await project.editor.notified(
        "window/logMessage", lambda params: "in sign-test" in params["message"]
    )
    assert "before\n" in shown["message"]


async def test_one_test_and_what_it_had_left(project: Project) -> None:
    await project.run("runNamespaceTests")
    assert len(project.marked()) == 4
    told = await project.run("runTest", "(deftest many")
    assert told["summary"]["tests"] == 1
    assert told["failures"] == []
    told = await project.run("runTest", symbol="area-test")
    assert [one["test"] for one in told["failures"]] == ["area-test"]
    core = "(+ w h))"
    fixed = CODE.replace(core, "(* w h))")
    await project.editor.command("nrepl.evalCode", uri=project.core, code=fixed, wait=True)
    told = await project.run("runTest", "(is (= 6")
    assert told["summary"]["fail"] == 0
    left = [one["message"].partition("\n")[0].partition(" ")[0] for one in project.marked()]
    assert left == ["sign-test", "negative-test", "outside-test:"]


async def test_from_the_function_that_is_tested(project: Project) -> None:
    place = {"line": 2, "character": 8}
    told = await project.run("runTest", uri=project.core, position=place)
    assert (told["status"], told["summary"]["tests"]) == ("done", 1)
    told = await project.run("runNamespaceTests", uri=project.core, position=place)
    assert (told["status"], told["summary"]["tests"]) == ("done", 5)


async def test_what_failed_again(project: Project) -> None:
    await project.run("runAllTests")
    told = await project.run("rerunFailedTests")
    assert {one["test"] for one in told["failures"]} >= {
        "sign-test",
        "negative-test",
        "outside-test",
    }
    assert told["summary"]["tests"] in (3, 4)


async def test_a_test_that_is_not_there(project: Project) -> None:
    told = await project.run("runTest", symbol="runs.core-test/gone-test")
    assert told["summary"]["tests"] == 0
    assert told["message"] == (
        "No tests were run. Not in the program, so evaluate first: runs.core-test/gone-test"
    )


async def test_a_namespace_that_is_not_loaded(project: Project) -> None:
    told = await project.run("runTest", symbol="runs.elsewhere/some-test")
    assert told["status"] == "error"
    assert told["error"]["message"] == (
        "Load the file first (nrepl.loadFile): the namespace runs.elsewhere is not loaded."
    )


BROKEN = """(ns runs.broken-test
  (:require [{library} :refer [deftest is use-fixtures]]))

(use-fixtures :each (fn [& _] (throw (ex-info "no database" {}))))

(deftest some-test
  (is (= 1 1)))
"""


async def test_a_fixture_that_fails(project: Project) -> None:
    library = "basilisp.test" if project.server == "basilisp" else "clojure.test"
    uri = project.tests.replace("core_test", "broken_test")
    text = BROKEN.replace("{library}", library)
    project.editor.open_text(uri, text)
    await project.editor.command("nrepl.loadFile", uri=uri, wait=True)
    told = await project.run("runNamespaceTests", uri=uri)
    assert (told["status"], told["summary"]["error"]) == ("done", 1)
    (error,) = told["failures"]
    assert (error["test"], error["uri"]) == (None, uri)
    assert error["range"]["start"] == {"line": 0, "character": 0}
    assert error["message"].startswith(
        "runs.broken-test: Outside the tests, perhaps in a fixture.\n  actual: "
    )
    assert "no database" in error["message"]
    # It is the namespace that failed, so that is what is run again.
    again = await project.run("rerunFailedTests", uri=uri)
    assert "runs.broken-test" in again["message"]


HANGING = """(ns runs.hanging-test
  (:require [clojure.test :refer [deftest is]]))

(deftest hanging-test
  (println "hanging {number}")
  (is {code}))

(deftest next-test
  (println "went on"))
"""


JVM = [
    pytest.param("nrepl-1.0.0", marks=pytest.mark.java),
    pytest.param("tools.nrepl-0.2.13", marks=pytest.mark.java),
]


@pytest.mark.parametrize("project", JVM, indirect=True)
@pytest.mark.parametrize("code", ["(Thread/sleep 60000)", "(loop [] (recur))"])
async def test_a_test_that_hangs(project: Project, code: str) -> None:
    """What an interrupt throws is caught by `is`; the next test must not begin all the same."""
    editor = project.editor
    uri = project.tests.replace("core_test", f"hanging_{len(code)}_test")
    editor.open_text(uri, HANGING.replace("{code}", code).replace("{number}", str(len(code))))
    await editor.command("nrepl.loadFile", uri=uri, wait=True)
    seen = len(editor.notifications)
    started = await editor.command("nrepl.runNamespaceTests", uri=uri)
    assert started["status"] == "running"
    await editor.notified(
        "window/logMessage", lambda params: f"hanging {len(code)}" in params["message"]
    )
    stopped = await editor.command("nrepl.interrupt", uri=uri)
    assert stopped["status"] == "interrupted"
    answer = await editor.evaluate(uri, "(+ 1 2)")
    assert answer["values"] == ["3"]
    text = said(editor, seen)
    assert "Run the tests of runs.hanging-test (interrupted)" in text
    assert "went on" not in text


def said(editor: Client, since: int) -> str:
    return repr([params for _, params in editor.notifications[since:]])


ASYNCHRONOUS = """(ns runs.async-test
  (:require [cljs.test :refer [deftest is async]]))

(deftest first-test (is (= 1 1)))

(deftest late-test
  (async done (js/setTimeout (fn [] (is (= 1 2)) (done)) 20)))

(deftest behind-test (is (= 1 1)))
"""


@pytest.mark.parametrize("project", [pytest.param("nbb", marks=pytest.mark.node)], indirect=True)
async def test_asynchronous_tests_are_not_followed(project: Project) -> None:
    uri = project.tests.replace("core_test", "async_test")
    project.editor.open_text(uri, ASYNCHRONOUS, "clojurescript")
    await project.editor.command("nrepl.loadFile", uri=uri, wait=True)
    told = await project.run("runNamespaceTests", uri=uri)
    assert told["summary"]["pass"] == 1
    assert told["message"].endswith(
        "Asynchronous, or after such a test, so not waited for: late-test, behind-test"
    )
