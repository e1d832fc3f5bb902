"""Errors of every kind through the real program, with real programs attached."""

import re
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
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

TEXT = """\
(ns faults.core)

(defn thrower [x]
  (throw (ex-info "boom it went" {:a x})))

(defn middle [x]
  (inc (thrower x)))

(middle 1)

(defn use-other []
  (inc (faults.other/fails 2)))

(use-other)

(do 1
  (no-such-name 1))

(let [x] x)

(inc (vec (lazy-seq (throw (ex-info "while it was printed" {})))))

(defmacro broken [] (throw (ex-info "in the macro" {:m 1})))

(broken)

(throw (ex-info "the outer one" {:k 1} (ex-info "the inner one" {:c 2})))

(try (throw (ex-info "the inner one" {:c 2}))
  (catch python/Exception e (throw (ex-info "the outer one" {:k 1}))))

(defn endless [n] (inc (endless n)))

(endless 1)
"""
OTHER = """\
(ns faults.other)

(defn fails [x]
  (throw (ex-info "the other failed" {:x x :items [1 2 3]})))
"""
EXTENSIONS = {"basilisp": "lpy", "nbb": "cljs"}
JAVA = ("nrepl-1.0.0", "tools.nrepl-0.2.13")


@dataclass
class Ground:
    """Two files that are open and loaded form by form, and what is said about them."""

    server: str
    editor: Client
    uri: str
    other: str

    @property
    def is_java(self) -> bool:
        return self.server in JAVA

    def line(self, text: str) -> int:
        return TEXT[: TEXT.index(text)].count("\n")

    async def evaluate(self, text: str) -> Any:
        position = {"line": self.line(text), "character": 0}
        return await self.editor.command(
            "nrepl.evalTopLevelForm", uri=self.uri, position=position, wait=True
        )

    def errors(self, uri: str | None = None) -> list[dict[str, Any]]:
        return errors(self.editor, uri or self.uri)

    async def failed(self, text: str, uri: str | None = None) -> dict[str, Any]:
        """Evaluate a form that fails; its diagnostic, and under `trace` the document."""
        await self.editor.command("nrepl.clearResults", uri=self.uri)
        answer = await self.evaluate(text)
        assert answer["status"] == "error"
        # Once the trace is there, the diagnostic has all there is.
        trace = await self.editor.command("nrepl.showTrace", uri=self.uri, wait=True)
        assert trace["status"] == "done"
        (error,) = self.errors(uri)
        return {**error, "trace": trace["text"]}


def errors(editor: Client, uri: str) -> list[dict[str, Any]]:
    for method, params in reversed(editor.notifications):
        if method == "textDocument/publishDiagnostics" and params["uri"] == uri:
            return [one for one in params["diagnostics"] if one["severity"] == 1]
    return []


def start(error: dict[str, Any]) -> tuple[int, int]:
    place = error["range"]["start"]
    return place["line"], place["character"]


def places(error: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [
        (
            one["message"],
            Path(one["location"]["uri"]).stem,
            one["location"]["range"]["start"]["line"],
        )
        for one in error.get("relatedInformation", ())
    ]


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=[
        "basilisp",
        pytest.param("nbb", marks=pytest.mark.node),
        pytest.param("nrepl-1.0.0", marks=pytest.mark.java),
        pytest.param("tools.nrepl-0.2.13", marks=pytest.mark.java),
    ],
)
async def ground(
    request: pytest.FixtureRequest,
    server_pool: ServerPool,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Ground]:
    server = server_pool.get(request.param)
    root = tmp_path_factory.mktemp("errors")
    folder = root / "src" / "faults"
    folder.mkdir(parents=True)
    extension = EXTENSIONS.get(server.name, "clj")
    core, other = folder / f"core.{extension}", folder / f"other.{extension}"
    core.write_text(TEXT)
    other.write_text(OTHER)
    capabilities = deepcopy(CAPABILITIES)
    capabilities["textDocument"]["publishDiagnostics"] = {"relatedInformation": True}
    environment = ["env", f"XDG_CACHE_HOME={root / 'cache'}"]
    async with Client([*environment, *PROGRAM, "--connect", server.url], root) as editor:
        await editor.initialize(capabilities)
        await editor.attached()
        other_uri = editor.open(other, "clojure")
        loaded = await editor.command("nrepl.loadFile", uri=other_uri, wait=True)
        assert (loaded["status"], loaded["error"]) == ("done", None)
        ground = Ground(server.name, editor, editor.open(core, "clojure"), other_uri)
        for form in ("(ns ", "(defn thrower", "(defn middle", "(defn use-other"):
            assert (await ground.evaluate(form))["status"] == "done"
        yield ground
    assert editor.exit_code == 0


async def test_an_error_in_another_definition(ground: Ground) -> None:
    error = await ground.failed("(middle 1)")
    assert "boom it went" in error["message"].splitlines()[0]
    assert "{:a 1}" in error["message"]
    assert start(error) == (ground.line('  (throw (ex-info "boom'), 2)
    middle, top = places(error)[:2]
    assert ("middle" in middle[0], middle[1:]) == (True, ("core", ground.line("  (inc (thrower")))
    assert ("top level" in top[0], top[1:]) == (True, ("core", ground.line("(middle 1)")))
    assert "{:a 1}" in error["trace"]
    assert "→" in error["trace"]


async def test_it_goes_with_the_next_good_evaluation_of_the_form_that_failed(
    ground: Ground,
) -> None:
    await ground.failed("(middle 1)")
    assert (await ground.evaluate("(defn use-other"))["status"] == "done"
    assert len(ground.errors()) == 1
    good = await ground.editor.command(
        "nrepl.evalCode", uri=ground.uri, code="(defn thrower [x] x)", ns="faults.core", wait=True
    )
    assert good["status"] == "done"
    assert (await ground.evaluate("(middle 1)"))["values"][-1] == "2"
    assert ground.errors() == []
    assert (await ground.evaluate("(defn thrower"))["status"] == "done"


async def test_an_error_in_another_file(ground: Ground) -> None:
    # A traceback names the other file whole, and so the error is marked there.
    uri = ground.other if ground.server == "basilisp" else ground.uri
    error = await ground.failed("(use-other)", uri)
    found = places(error)
    if uri == ground.other:
        assert start(error)[0] == 3
        assert [one[1:] for one in found] == [
            ("core", 11),
            ("core", ground.line("\n(use-other") + 1),
        ]
    else:
        assert start(error)[0] == ground.line("  (inc (faults.other")
        assert found[0] == ("in faults.other/fails", "other", 3)
    assert "the other failed" in error["message"]
    assert ":items [1 2 3]" in error["message"]
    assert ":items [1 2 3]" in error["trace"]
    await ground.editor.command("nrepl.clearResults", uri=ground.other)


async def test_errors_of_compiling(ground: Ground) -> None:
    error = await ground.failed("(do 1")
    assert start(error)[0] == ground.line("  (no-such-name")
    assert start(error)[1] in (2, 3)
    assert "no-such-name" in error["message"].splitlines()[0]


async def test_errors_of_specs_and_binding_forms(ground: Ground) -> None:
    error = await ground.failed("(let [x] x)")
    assert start(error)[0] == ground.line("(let [x]")
    if ground.is_java:
        assert error["message"].startswith("[x] - failed: even-number-of-forms?")
        assert places(error) == []
        assert "did not conform to spec" in error["trace"]


async def test_errors_in_macros(ground: Ground) -> None:
    assert (await ground.evaluate("(defmacro broken"))["status"] == "done"
    error = await ground.failed("(broken)")
    assert "in the macro" in error["message"]
    assert start(error)[0] in (ground.line("(broken)"), ground.line("(defmacro broken"))
    if ground.server != "basilisp":
        assert "{:m 1}" in error["trace"]


async def test_errors_while_a_value_is_made(ground: Ground) -> None:
    error = await ground.failed("(inc (vec")
    assert "while it was printed" in error["message"]
    assert start(error)[0] == ground.line("(inc (vec")


async def test_a_chain_of_causes_with_data(ground: Ground) -> None:
    # In Basilisp 0.5.1 `ex-info` takes no cause.
    is_python = ground.server == "basilisp"
    error = await ground.failed("(try (throw" if is_python else '(throw (ex-info "the outer')
    trace = error["trace"]
    assert re.search(r"ExceptionInfo: the outer one\n\n    \{:k 1\}\n", trace)
    assert re.search(r"\nCaused by: .*ExceptionInfo: the inner one\n\n    \{:c 2\}\n", trace)
    if ground.is_java:
        # Clojure's own message is the innermost.
        assert error["message"] == "the inner one\n{:c 2}"
        assert places(error)[0][0] == "Wrapped in ExceptionInfo: the outer one {:k 1}"
    else:
        assert error["message"].split("\n")[0].startswith("the outer one")
        assert places(error)[0][0] == "Caused by ExceptionInfo: the inner one {:c 2}"


async def test_a_stack_overflow(ground: Ground) -> None:
    assert (await ground.evaluate("(defn endless"))["status"] == "done"
    error = await ground.failed("(endless 1)")
    assert len(error["message"]) < 1000
    assert len(error["trace"]) < 200_000
    assert start(error)[0] in (ground.line("(defn endless"), ground.line("(endless 1)"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("(ns faults.unread)\n\n(defn ok [] 1)\n\n(defn open [x]\n  (inc x)\n", 4),
        ("(ns faults.unread)\n\n(defn ok [] 1)\n\n(inc 1))\n", 4),
    ],
)
async def test_errors_of_reading_a_file(
    ground: Ground, tmp_path: Path, text: str, line: int
) -> None:
    path = tmp_path / f"unread.{EXTENSIONS.get(ground.server, 'clj')}"
    path.write_text(text)
    editor, uri = ground.editor, ground.editor.open(path, "clojure")
    answer = await editor.command("nrepl.loadFile", uri=uri, wait=True)
    assert answer["status"] == "error"
    (error,) = errors(editor, uri)
    # Basilisp 0.5.1 says only where the text ends.
    assert start(error)[0] in (
        (line,) if ground.server != "basilisp" else (line, line + 1, line + 2)
    )

    editor.type(uri, 0, 0, "; a comment\n", 2)
    good = "(ns faults.unread)\n"
    params = {
        "textDocument": {"uri": uri, "version": 3},
        "contentChanges": [{"text": good}],
    }
    editor.notify("textDocument/didChange", params)
    assert (await editor.command("nrepl.loadFile", uri=uri, wait=True))["status"] == "done"
    assert errors(editor, uri) == []


async def test_the_error_of_a_file_that_is_loaded(ground: Ground) -> None:
    await ground.editor.command("nrepl.clearResults", uri=ground.uri)
    answer = await ground.editor.command("nrepl.loadFile", uri=ground.uri, wait=True)
    assert answer["status"] == "error"
    trace = await ground.editor.command("nrepl.showTrace", uri=ground.uri, wait=True)
    (error,) = ground.errors()
    assert start(error) == (3, 2)
    assert ("core", ground.line("(middle 1)")) in [one[1:] for one in places(error)]
    assert "boom it went" in trace["text"]


async def test_nothing_of_the_users_session_is_changed(ground: Ground) -> None:
    async def value(code: str) -> str:
        answer = await ground.editor.command(
            "nrepl.evalCode", uri=ground.uri, code=code, ns="user", wait=True
        )
        return str(answer["values"][-1]) if answer["values"] else str(answer["error"]["message"])

    known = "(map str [*1 (:items (ex-data *e))])"
    if not ground.is_java:
        # Nothing is read from a session there: what is known stands in the text.
        known = "(+ 40 2)"
    assert await value("(+ 40 2)") == "42"
    await ground.failed("(use-other)", ground.other if ground.server == "basilisp" else None)
    assert await value(known) == ('("42" "[1 2 3]")' if ground.is_java else "42")


HY = """\
(defn ratio [x]
  (/ x 0))

(ratio 1)

(no-such-name)
"""


async def test_tracebacks_of_hy(server_pool: ServerPool, tmp_path: Path) -> None:
    server = server_pool.get("hy-nrepl")
    path = tmp_path / "demo.hy"
    path.write_text(HY)
    environment = ["env", f"XDG_CACHE_HOME={tmp_path / 'cache'}"]
    async with Client([*environment, *PROGRAM, "--connect", server.url], tmp_path) as editor:
        await editor.initialize(CAPABILITIES)
        await editor.attached()
        uri = editor.open(path, "hy")
        for line, status in ((0, "done"), (3, "error")):
            position = {"line": line, "character": 0}
            answer = await editor.command(
                "nrepl.evalTopLevelForm", uri=uri, position=position, wait=True
            )
            assert answer["status"] == status
        trace = await editor.command("nrepl.showTrace", uri=uri, wait=True)
        (error,) = errors(editor, uri)
        assert start(error) == (1, 2)
        # This editor takes no related information.
        assert error["message"].splitlines() == ["division by zero", "in top level (demo.hy:4)"]
        assert "ZeroDivisionError: division by zero\n" in trace["text"]
        assert f"  → ratio      {path}:2\n  → top level  {path}:4\n" in trace["text"]
