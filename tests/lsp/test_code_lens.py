"""Code lenses: what stands above the forms, and when the client is told to ask again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, reply

from .conftest import attach_file
from .editor import MODERN, Editor, Opened

TEXT = """(ns demo
  (:require [clojure.test :refer [deftest is]]))

(defn area [r] (* r r))

(deftest area-test
  (is (= 9 (area 3))))

:value
(area 3)
"""

REFRESHES = {
    **MODERN,
    "workspace": {**MODERN["workspace"], "codeLens": {"refreshSupport": True}},
}

Make = Callable[..., Any]


@pytest.fixture
async def lensing(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> Callable[..., Any]:
    """`await lensing(capabilities=…, **settings)`: an attached editor with these settings."""

    async def make(capabilities: dict[str, Any] | None = None, **settings: Any) -> Editor:
        attach_file(project, nrepl)
        editor = make_editor()
        dotted = {name.replace("_", "."): value for name, value in settings.items()}
        await editor.initialize(capabilities or MODERN, options={"nrepl": dotted})
        await editor.attached()
        nrepl.requests.clear()
        return editor

    return make


async def lenses(document: Opened) -> list[dict[str, Any]]:
    params = {"textDocument": {"uri": document.uri}}
    return await document.editor.request("textDocument/codeLens", params) or []


async def shown(document: Opened) -> list[tuple[int, str, str]]:
    """Line, title and command of each lens."""
    return [
        (one["range"]["start"]["line"], one["command"]["title"], one["command"]["command"])
        for one in await lenses(document)
    ]


TESTS = [
    (0, "Run tests of this namespace", "nrepl.runNamespaceTests"),
    (5, "Run test", "nrepl.runTest"),
]


async def test_tests_can_be_run(lensing: Make, nrepl: FaultServer) -> None:
    document = (await lensing()).open(TEXT)
    assert await shown(document) == TESTS
    _, test = await lenses(document)
    place = {"line": 5, "character": 0}
    assert test["range"] == {"start": place, "end": place}
    assert test["command"]["arguments"] == [{"uri": document.uri, "position": place}]
    assert nrepl.requests == []


async def test_lenses_wait_for_a_program(detached: Editor) -> None:
    assert await lenses(detached.open(TEXT)) == []


@pytest.mark.parametrize(
    ("text", "name", "language"),
    [
        ("some words\n\n(deftest a)", "notes.txt", "plaintext"),
        ("", "src/empty.clj", "clojure"),
        ("(ns demo) (defn f [])", "src/none.clj", "clojure"),
        ("(ns demo", "src/cut.clj", "clojure"),
    ],
)
async def test_where_there_are_no_tests_there_are_no_lenses(
    lensing: Make, text: str, name: str, language: str
) -> None:
    editor = await lensing()
    assert await lenses(editor.open(text, name, language)) == []


async def test_they_can_be_switched_off(lensing: Make) -> None:
    editor = await lensing(codeLens_tests=False)
    assert await lenses(editor.open(TEXT)) == []


async def test_forms_can_be_evaluated(lensing: Make, nrepl: FaultServer) -> None:
    editor = await lensing(codeLens_tests=False, codeLens_evaluate=True)
    document = editor.open(TEXT)
    evaluate = ("Evaluate", "nrepl.evalTopLevelForm")
    assert await shown(document) == [(line, *evaluate) for line in (0, 3, 5, 9)]
    assert nrepl.requests == []
    *_, last = await lenses(document)
    await editor.command(last["command"]["command"], *last["command"]["arguments"])
    assert [one["code"].strip() for one in nrepl.of("eval")] == ["(area 3)"]


async def test_a_document_without_forms_has_none_to_evaluate(lensing: Make) -> None:
    editor = await lensing(codeLens_evaluate=True)
    assert await lenses(editor.open("(words)\n", "notes.txt", "plaintext")) == []


async def test_the_last_result_stands_above_its_form(lensing: Make, nrepl: FaultServer) -> None:
    editor = await lensing(codeLens_tests=False, codeLens_results=True)
    nrepl.on("eval", reply({"value": "9", "ns": "demo"}, DONE))
    document = editor.open(TEXT)
    place = {"uri": document.uri, "position": {"line": 9, "character": 1}}
    await editor.command("nrepl.evalTopLevelForm", place)
    assert await shown(document) == [(9, "=> 9", "nrepl.copyResult")]
    document.change((9, 6), (9, 7), "4")
    assert await lenses(document) == []


async def test_what_has_changed_says_so(lensing: Make) -> None:
    editor = await lensing(codeLens_tests=False, staleForms="lens")
    document = editor.open(TEXT)
    assert await lenses(document) == []
    document.replace(TEXT.replace("(* r r)", "(+ r r)") + "(def x 1)\n")
    evaluate = "nrepl.evalTopLevelForm"
    assert await shown(document) == [
        (3, "Changed since it was evaluated: evaluate", evaluate),
        (10, "Not evaluated yet: evaluate", evaluate),
    ]


async def test_a_file_that_is_not_loaded_can_be_loaded(lensing: Make, nrepl: FaultServer) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user"]}, DONE))
    editor = await lensing(codeLens_tests=False, staleForms="lens")
    document = editor.open(TEXT)
    assert await shown(document) == [(0, "Not loaded: load demo.clj", "nrepl.loadFile")]
    (lens,) = await lenses(document)
    await editor.command(lens["command"]["command"], *lens["command"]["arguments"])
    assert await lenses(document) == []


async def test_unknown_documents_have_none(editor: Editor) -> None:
    params = {"textDocument": {"uri": "file:///x.clj"}}
    assert await editor.request("textDocument/codeLens", params) is None


def refreshes(editor: Editor) -> int:
    return sum(method == "workspace/codeLens/refresh" for method, _ in editor.requests)


async def test_the_client_is_told_once_of_many_changes(lensing: Make) -> None:
    editor = await lensing(REFRESHES)
    editor.answers["workspace/codeLens/refresh"] = lambda params: None
    document = editor.open(TEXT)
    await lenses(document)
    for _ in range(5):
        await editor.command("nrepl.evalCode", {"uri": document.uri, "code": "1"})
    await editor.until(lambda: refreshes(editor), "refresh")
    assert refreshes(editor) == 1


async def test_who_shows_no_lenses_is_not_told(lensing: Make) -> None:
    editor = await lensing(REFRESHES)
    document = editor.open(TEXT)
    await editor.command("nrepl.evalCode", {"uri": document.uri, "code": "1"})
    silent = await lensing(MODERN)
    other = silent.open(TEXT)
    await lenses(other)
    await silent.command("nrepl.evalCode", {"uri": other.uri, "code": "1"})
    assert refreshes(editor) == refreshes(silent) == 0


async def test_a_client_that_never_answers_is_told_again(
    lensing: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.showing.lenses.REFRESH_TIMEOUT", 0.05)
    editor = await lensing(REFRESHES)
    document = editor.open(TEXT)
    await lenses(document)
    for expected in (1, 2):
        await editor.command("nrepl.evalCode", {"uri": document.uri, "code": "1"})
        await editor.until(lambda now=expected: refreshes(editor) == now, "refresh")
