"""Hints at forms that the program has not, and what a hover says of them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.load_state.hints import image_note
from nrepl_lsp.source.document import Snapshot
from tests.support.fault_server import DONE, FaultServer, reply

from .conftest import attach_file
from .editor import Editor, Opened

TEXT = "(ns demo)\n\n(defn area [r]\n  (* r r))\n\n(defn scale [r] (inc r))\n"
EDITED = TEXT.replace("(inc r)", "(dec r)")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.load_state.hints.UPDATE_AFTER", 0.01)


@pytest.fixture
async def hinting(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Editor:
    """An editor whose user wants hints, attached."""
    return await with_settings(make_editor, nrepl, project, staleForms="hint")


async def with_settings(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, **settings: Any
) -> Editor:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"nrepl": settings})
    await editor.attached()
    return editor


def hints(document: Opened) -> list[tuple[int, str]]:
    """The lines of the hints and what they say."""
    shown = document.editor.diagnostics(document.uri)
    # Results are diagnostics too, where an editor knows no hints.
    shown = [one for one in shown if one["severity"] == 4]
    return [(one["range"]["start"]["line"], one["message"]) for one in shown]


async def until(document: Opened, expected: list[tuple[int, str]]) -> None:
    await document.editor.until(lambda: hints(document) == expected, f"hints {expected}")


async def watched(document: Opened) -> None:
    """Wait until edits of the document are followed."""
    marks, changed = document.editor.server.marks, asyncio.Event()
    marks.on_change.append(lambda uri: changed.set())
    async with asyncio.timeout(5):
        while not marks.of(document.uri, "stale"):
            changed.clear()
            await changed.wait()


async def load(document: Opened) -> None:
    answer = await document.editor.command("nrepl.loadFile", {"uri": document.uri})
    assert answer["status"] == "done"


async def test_hints_come_with_edits_and_go_with_evaluation(hinting: Editor) -> None:
    document = hinting.open(TEXT)
    await load(document)
    await watched(document)
    document.replace(EDITED + "(def x 1)\n")
    await until(document, [(5, "Changed since it was evaluated."), (6, "Not evaluated yet.")])
    place = {"uri": document.uri, "position": {"line": 5, "character": 1}}
    await hinting.command("nrepl.evalTopLevelForm", place)
    await until(document, [(6, "Not evaluated yet.")])
    document.change((6, 0), (6, 9), "")
    await until(document, [])


async def test_hints_go_when_the_form_is_changed_back_and_move_with_edits(hinting: Editor) -> None:
    document = hinting.open(TEXT)
    await load(document)
    await watched(document)
    document.change((5, 17), (5, 20), "dec")
    await until(document, [(5, "Changed since it was evaluated.")])
    document.change((0, 0), (0, 0), ";; a line\n")
    await until(document, [(6, "Changed since it was evaluated.")])
    document.change((6, 17), (6, 20), "inc")
    await until(document, [])


async def test_edits_at_both_ends_of_the_text_are_seen(hinting: Editor) -> None:
    document = hinting.open("(def a 1)")
    await load(document)
    await watched(document)
    document.change((0, 9), (0, 9), "\n(def b 2)")
    await until(document, [(1, "Not evaluated yet.")])
    document.change((0, 0), (0, 0), "(def c 3)\n")
    await until(document, [(0, "Not evaluated yet."), (2, "Not evaluated yet.")])


async def test_a_file_that_is_not_loaded_is_marked_at_its_namespace(
    hinting: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user"]}, DONE))
    document = hinting.open(TEXT)
    await hinting.request("textDocument/codeLens", {"textDocument": {"uri": document.uri}})
    await until(document, [(0, "The namespace demo is not loaded: load the file.")])
    await load(document)
    await until(document, [])


async def test_what_a_program_cannot_list_is_not_called_missing(
    hinting: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", reply({"status": ["unknown-op", "error", "done"]}))
    nrepl.on("eval", reply({"status": ["error", "done"]}))
    document = hinting.open(TEXT)
    await hinting.request("textDocument/codeLens", {"textDocument": {"uri": document.uri}})
    await watched(document)
    assert hints(document) == []


async def test_hints_are_bounded(hinting: Editor) -> None:
    document = hinting.open("(ns demo)\n")
    await load(document)
    await watched(document)
    document.replace("(ns demo)\n" + "".join(f"(def x{n} 1)\n" for n in range(300)))
    await hinting.until(lambda: len(hints(document)) == 100, "bound")


async def test_without_the_setting_nothing_is_marked(editor: Editor) -> None:
    document = editor.open(TEXT)
    await load(document)
    document.replace(EDITED)
    await editor.command("nrepl.evalForm", {"uri": document.uri})
    assert editor.server.marks.of(document.uri, "stale") == []
    assert hints(document) == []


async def test_hints_go_when_they_are_switched_off(hinting: Editor) -> None:
    document = hinting.open(TEXT)
    await load(document)
    await watched(document)
    document.replace(EDITED)
    await until(document, [(5, "Changed since it was evaluated.")])
    settings = {"settings": {"nrepl": {"staleForms": "off"}}}
    hinting.notify("workspace/didChangeConfiguration", settings)
    await hinting.command("nrepl.evalForm", {"uri": document.uri})
    await until(document, [])


# -- hover ----------------------------------------------------------------------------------


async def text_of(document: Opened) -> Snapshot:
    await document.editor.command("nrepl.status")
    snapshot = document.editor.server.documents.snapshot(document.uri)
    assert snapshot is not None
    return snapshot


async def test_a_definition_that_differs_is_told_of(editor: Editor) -> None:
    document = editor.open(TEXT)
    await load(document)
    document.replace(EDITED + "(def x 1)\n")
    snapshot, ls = await text_of(document), editor.server
    assert image_note(ls, snapshot, "scale", None) == "The program runs an older definition."
    assert image_note(ls, snapshot, "scale", "demo") == "The program runs an older definition."
    assert image_note(ls, snapshot, "area", "demo") is None
    missing = "Not evaluated yet: the program does not have it."
    assert image_note(ls, snapshot, "x", "demo") == missing
    assert image_note(ls, snapshot, "map", "clojure.core") is None


async def test_a_definition_of_another_open_document_counts(editor: Editor) -> None:
    defining = editor.open(TEXT)
    await load(defining)
    defining.replace(EDITED)
    using = editor.open("(ns user)\n(demo/scale 1)\n", "src/user.clj")
    snapshot, ls = await text_of(using), editor.server
    assert image_note(ls, snapshot, "scale", "demo") == "The program runs an older definition."
    assert image_note(ls, snapshot, "scale", None) is None


async def test_a_definition_that_was_evaluated_elsewhere_counts(editor: Editor) -> None:
    document = editor.open(TEXT + "(comment\n  (defn scale [r] 0))\n")
    await load(document)
    ls = editor.server
    assert image_note(ls, await text_of(document), "scale", "demo") is None
    await editor.command(
        "nrepl.evalTopLevelForm", {"uri": document.uri, "position": {"line": 7, "character": 5}}
    )
    note = image_note(ls, await text_of(document), "scale", "demo")
    assert note == "The program runs an older definition."
    await editor.command(
        "nrepl.evalTopLevelForm", {"uri": document.uri, "position": {"line": 5, "character": 0}}
    )
    assert image_note(ls, await text_of(document), "scale", "demo") is None


async def test_without_a_program_there_is_nothing_to_say(detached: Editor) -> None:
    document = detached.open(TEXT)
    assert image_note(detached.server, await text_of(document), "scale", None) is None
