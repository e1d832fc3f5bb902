"""What a program has of a text, through the real program over stdio, on each real server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import RunningServer, ServerPool

from .conftest import CAPABILITIES, Client

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

TEXT = """(ns load.state.{name})

(def side 3)

(defn area [x] (* x x))

(defn twice [x] (+ (area x) (area x)))
"""


class File:
    """A file that is open in an editor with hints and all lenses switched on."""

    def __init__(self, editor: Client, path: Path, text: str) -> None:
        self.editor = editor
        self.path = path
        self.text = text
        self.uri = path.as_uri()
        self.version = 1

    def replace(self, old: str, new: str) -> None:
        assert old in self.text
        self.text = self.text.replace(old, new)
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        change = {"textDocument": document, "contentChanges": [{"text": self.text}]}
        self.editor.notify("textDocument/didChange", change)

    async def actions(self, line: int) -> dict[str, Any]:
        place = {"line": line, "character": 1}
        params = {
            "textDocument": {"uri": self.uri},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": [], "only": ["nrepl.evaluate"]},
        }
        found = await self.editor.request("textDocument/codeAction", params)
        return {one["title"]: one["command"] for one in found or []}

    async def lenses(self) -> list[tuple[int, str]]:
        params = {"textDocument": {"uri": self.uri}}
        found = await self.editor.request("textDocument/codeLens", params)
        return [(one["range"]["start"]["line"], one["command"]["title"]) for one in found or []]

    async def choose(self, call: dict[str, Any]) -> Any:
        (argument,) = call["arguments"]
        return await self.editor.command(call["command"], **{**argument, "wait": True})

    async def value(self, code: str) -> list[str]:
        answer = await self.editor.evaluate(self.uri, code)
        assert answer["status"] == "done", answer
        values: list[str] = answer["values"]
        return values


@pytest.fixture
def opened(
    live_program: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> Callable[[Client], File]:
    name = tmp_path.name.replace("_", "-").lower()
    is_basilisp = live_program.name == "basilisp"

    def open_in(editor: Client) -> File:
        path = tmp_path / ("state.lpy" if is_basilisp else "state.clj")
        text = TEXT.replace("{name}", f"x{abs(hash(name))}")
        path.write_text(text, "utf-8")
        editor.open(path, "clojure")
        return File(editor, path, text)

    return open_in


def settings(**more: str) -> dict[str, Any]:
    return {"nrepl": {"codeLens": {"tests": False}, **more}}


async def test_a_file_from_not_loaded_to_up_to_date(
    live_program: RunningServer,
    client: Callable[..., Client],
    tmp_path: Path,
    opened: Callable[[Client], File],
) -> None:
    if live_program.language == "hy":
        pytest.skip("Hy has no namespaces that a program could be asked for")
    async with client(tmp_path, "--connect", live_program.url) as editor:
        await editor.initialize(CAPABILITIES)
        await editor.attached()
        editor.notify("workspace/didChangeConfiguration", {"settings": settings(staleForms="lens")})
        file = opened(editor)
        assert await file.lenses() == [(0, f"Not loaded: load {file.path.name}")]
        actions = await file.actions(4)
        assert next(iter(actions)) == f"Load {file.path.name}"
        # Asking has not made the namespace: it is still not there.
        assert await file.lenses() == [(0, f"Not loaded: load {file.path.name}")]
        refused = await editor.command("nrepl.evalChangedForms", uri=file.uri, wait=True)
        why = "Load the file first (nrepl.loadFile): it is not loaded."
        assert refused["error"]["message"] == why

        loaded = await file.choose(actions[f"Load {file.path.name}"])
        assert (loaded["status"], loaded["error"]) == ("done", None)
        assert await file.lenses() == []
        file.replace("(* x x)", "(* x  x) #_(the same)")
        assert await file.lenses() == []
        file.replace("(* x  x)", "(* x x x)")
        file.replace("(def side 3)", "(def side 3)\n(def width 4)")
        assert await file.lenses() == [
            (3, "Not evaluated yet: evaluate"),
            (5, "Changed since it was evaluated: evaluate"),
        ]
        assert (await file.value("(area 2)"))[-1:] == ["4"]

        actions = await file.actions(0)
        done = await file.choose(actions["Evaluate 2 changed forms"])
        assert (done["status"], done["evaluated"], done["changed"]) == ("done", 2, 2), done
        await editor.shown("Evaluated 2 changed forms.")
        assert await file.lenses() == []
        assert (await file.value("(twice 2)"))[-1:] == ["16"]
        assert (await file.value("width"))[-1:] == ["4"]
    assert editor.exit_code == 0


async def test_a_series_stops_at_the_first_form_that_fails(
    live_program: RunningServer,
    client: Callable[..., Client],
    tmp_path: Path,
    opened: Callable[[Client], File],
) -> None:
    if live_program.language == "hy":
        pytest.skip("Hy has no namespaces that a program could be asked for")
    async with client(tmp_path, "--connect", live_program.url) as editor:
        await editor.initialize(CAPABILITIES)
        await editor.attached()
        file = opened(editor)
        await editor.command("nrepl.loadFile", uri=file.uri, wait=True)
        file.replace("(def side 3)", "(def side (no-such-name 1))")
        file.replace("(+ (area x) (area x))", "0")
        answer = await editor.command("nrepl.evalChangedForms", uri=file.uri, wait=True)
        assert (answer["status"], answer["evaluated"], answer["changed"]) == ("error", 0, 2)
        assert (await file.value("(twice 2)"))[-1:] == ["8"]
        file.replace("(no-such-name 1)", "5")
        answer = await editor.command("nrepl.evalChangedForms", uri=file.uri, wait=True)
        assert (answer["status"], answer["evaluated"], answer["changed"]) == ("done", 2, 2)
        assert (await file.value("[side (twice 2)]"))[-1:] == ["[5 0]"]


async def test_hints_follow_the_text_and_the_program(
    live_program: RunningServer,
    client: Callable[..., Client],
    tmp_path: Path,
    opened: Callable[[Client], File],
) -> None:
    if live_program.language == "hy":
        pytest.skip("Hy has no namespaces that a program could be asked for")

    def hints(*expected: tuple[int, str]) -> Callable[[Any], bool]:
        def accept(params: Any) -> bool:
            found = [one for one in params["diagnostics"] if one["severity"] == 4]
            return [(one["range"]["start"]["line"], one["message"]) for one in found] == [*expected]

        return accept

    published = "textDocument/publishDiagnostics"
    async with client(tmp_path, "--connect", live_program.url) as editor:
        await editor.initialize(CAPABILITIES)
        await editor.attached()
        editor.notify("workspace/didChangeConfiguration", {"settings": settings(staleForms="hint")})
        file = opened(editor)
        await editor.command("nrepl.loadFile", uri=file.uri, wait=True)
        await file.lenses()
        file.replace("(* x x)", "(* x x x)")
        await editor.notified(published, hints((4, "Changed since it was evaluated.")))
        editor.notifications.clear()
        file.replace("(* x x x)", "(* x x)")
        await editor.notified(published, hints())
        file.replace("(+ (area x) (area x))", "0")
        await editor.notified(published, hints((6, "Changed since it was evaluated.")))
        editor.notifications.clear()
        place = {"line": 6, "character": 2}
        await editor.command("nrepl.evalTopLevelForm", uri=file.uri, position=place, wait=True)
        await editor.notified(published, hints())


@pytest.mark.live
async def test_a_language_without_namespaces_is_known_from_what_was_loaded(
    server_pool: ServerPool, client: Callable[..., Client], tmp_path: Path
) -> None:
    live_program = server_pool.get("hy-nrepl")
    path = tmp_path / "state.hy"
    path.write_text("(setv side 3)\n\n(defn area [x] (* x x))\n", "utf-8")
    async with client(tmp_path, "--connect", live_program.url) as editor:
        await editor.initialize(CAPABILITIES)
        await editor.attached()
        file = File(editor, path, path.read_text("utf-8"))
        editor.open(path, "hy")
        refused = await editor.command("nrepl.evalChangedForms", uri=file.uri, wait=True)
        assert "what the program has of it is not known." in refused["error"]["message"]
        loaded = await editor.command("nrepl.loadFile", uri=file.uri, wait=True)
        assert (loaded["status"], loaded["error"]) == ("done", None), loaded
        file.replace("(* x x)", "(* x x x)")
        done = await editor.command("nrepl.evalChangedForms", uri=file.uri, wait=True)
        assert (done["status"], done["evaluated"], done["changed"]) == ("done", 1, 1), done
        assert (await file.value("(area 2)"))[-1:] == ["8"]
