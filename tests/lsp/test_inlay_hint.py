"""`textDocument/inlayHint`: results beside the code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, reply

from .conftest import attach_file
from .editor import MODERN, Editor, Opened

HINTED = {
    **MODERN,
    "workspace": {**MODERN["workspace"], "inlayHint": {"refreshSupport": True}},
    "textDocument": {**MODERN["textDocument"], "inlayHint": {}},
}
REFRESH = "workspace/inlayHint/refresh"


@pytest.fixture
async def hinted(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> Callable[..., Any]:
    """`await hinted(**settings)`: an attached editor that shows hints."""
    attach_file(project, nrepl)

    async def begin(capabilities: Any = HINTED, **options: Any) -> Editor:
        editor = make_editor()
        editor.answers[REFRESH] = lambda params: None
        await editor.initialize(capabilities, options)
        await editor.attached()
        return editor

    return begin


async def ask(document: Opened, first: int = 0, last: int = 1000) -> Any:
    span = {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}
    params = {"textDocument": {"uri": document.uri}, "range": span}
    return await document.editor.request("textDocument/inlayHint", params)


async def evaluate(document: Opened, line: int, column: int = 1) -> None:
    place = {"uri": document.uri, "position": {"line": line, "character": column}}
    await document.editor.command("nrepl.evalTopLevelForm", place)


async def test_a_hint_stands_behind_its_form(hinted: Any, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "{:a 1}", "ns": "user"}, DONE))
    editor = await hinted()
    document = editor.open("(f\n  '😀)  ; why\n(g)")
    assert await ask(document) is None
    await evaluate(document, 0)
    (hint,) = await ask(document)
    assert hint["position"] == {"line": 1, "character": 6}
    assert (hint["label"], hint["paddingLeft"]) == ("=> {:a 1}", True)
    assert hint["tooltip"]["kind"] == "markdown"
    assert hint["tooltip"]["value"].startswith("*Value* (")
    assert hint["tooltip"]["value"].endswith("```clojure\n{:a 1}\n```")


async def test_only_the_hints_in_the_range_are_answered(hinted: Any) -> None:
    editor = await hinted()
    document = editor.open("(f 0)\n(f 1)\n(f 2)\n(f 3)")
    await ask(document)
    for line in range(4):
        await evaluate(document, line)
    assert [hint["label"] for hint in await ask(document, 1, 3)] == ["=> (f 1)", "=> (f 2)"]
    assert await ask(document, 10, 20) is None
    # What was not answered is no reason to tell the editor of changes.
    before = len(editor.requests)
    editor.server.marks.show(document.uri)
    assert len(editor.requests) == before


async def test_hints_follow_the_text_and_go_with_their_form(hinted: Any) -> None:
    editor = await hinted()
    document = editor.open("(f 0)\n(f 1)")
    await ask(document)
    await evaluate(document, 0)
    await evaluate(document, 1)
    document.change((0, 0), (0, 0), ";; new\n")
    places = [hint["position"]["line"] for hint in await ask(document)]
    assert places == [1, 2]
    document.change((1, 3), (1, 3), "x")
    assert [hint["label"] for hint in await ask(document)] == ["=> (f 1)"]
    await editor.command("nrepl.clearResults")
    assert await ask(document) is None


async def test_the_editor_is_told_of_what_it_has_not_got(hinted: Any) -> None:
    editor = await hinted()
    document = editor.open("(f 0)\n(f 1)")
    await ask(document)
    await evaluate(document, 0)

    def refreshes() -> int:
        return [method for method, _ in editor.requests].count(REFRESH)

    await editor.until(lambda: refreshes() == 1, "refresh")
    await ask(document)
    document.change((1, 0), (1, 0), "\n")
    editor.server.marks.settle(document.uri)
    await evaluate(document, 2)
    await editor.until(lambda: refreshes() == 2, "refresh")
    assert len(await ask(document)) == 2


async def test_a_hint_is_as_short_as_editors_show_it(hinted: Any, nrepl: FaultServer) -> None:
    value = "[" + " ".join(map(str, range(1000))) + "]"
    nrepl.on("eval", reply({"value": value}, DONE))
    editor = await hinted()
    document = editor.open("(f)")
    await ask(document)
    await evaluate(document, 0)
    (hint,) = await ask(document)
    assert hint["label"] == "=> [0 1 2 3 4 5 6 7 8 9 10 11 12 …] (1,000)"
    assert len(hint["tooltip"]["value"]) < 1200
    assert "3,891 characters in all." in hint["tooltip"]["value"]


async def test_the_width_can_be_chosen(hinted: Any, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "[" + "1 " * 100 + "]"}, DONE))
    editor = await hinted(**{"nrepl.results.width": 20})
    document = editor.open("(f)")
    await ask(document)
    await evaluate(document, 0)
    assert (await ask(document))[0]["label"] == "=> [1 1 1 1 …] (100)"


async def test_an_error_is_a_hint_too(hinted: Any, nrepl: FaultServer) -> None:
    err = "Execution error (ArithmeticException) at demo/f (demo.clj:3).\nDivide by zero\n"
    ex = "class java.lang.ArithmeticException"
    nrepl.on("eval", reply({"err": err}, {"ex": ex, "status": ["eval-error"]}, DONE))
    editor = await hinted()
    document = editor.open("(f)")
    await ask(document)
    await evaluate(document, 0)
    (hint,) = await ask(document)
    assert hint["label"] == "✗ Divide by zero"
    assert "`java.lang.ArithmeticException`" in hint["tooltip"]["value"]
    assert "Divide by zero" in hint["tooltip"]["value"]


async def test_a_client_without_markdown_gets_plain_text(hinted: Any, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "3"}, DONE))
    plain = {**HINTED, "textDocument": {"inlayHint": {}}}
    editor = await hinted(plain)
    document = editor.open("(f)")
    await ask(document)
    await evaluate(document, 0)
    (hint,) = await ask(document)
    assert hint["tooltip"]["kind"] == "plaintext"
    assert "`" not in hint["tooltip"]["value"]
    assert hint["tooltip"]["value"].endswith(")\n\n3")


async def test_a_document_that_is_not_open_has_no_hints(detached: Editor) -> None:
    document = detached.open("(f)")
    document.close()
    assert await ask(document) is None


async def test_asking_for_hints_asks_no_program(hinted: Any, nrepl: FaultServer) -> None:
    editor = await hinted()
    document = editor.open("(f)")
    nrepl.requests.clear()
    await ask(document)
    assert nrepl.requests == []
