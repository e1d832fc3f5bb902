"""`nrepl.doc` and `nrepl.apropos`: Markdown for the caller, and something to read for everybody."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.support.fault_server import DONE, FaultServer, hang_up_mid_reply, held, reply

from .conftest import attach_file
from .editor import MODERN, Editor

INFO = {"name": "map", "ns": "core", "arglists-str": "[f]", "doc": "Applies f."}
MAP = "```clojure\n(core/map f)\n```\n\n*function* in core\n\nApplies `f`."
FOUND = [
    {"name": "demo.core/greet", "type": "function"},
    {"name": "demo.core/greeting*", "type": "var"},
    {"name": "if", "type": "special-form"},
]


@pytest.fixture
async def reader(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Editor:
    """An editor that can show documents, with a program that has `apropos`."""
    nrepl.on("info", reply({**INFO, **DONE}))
    nrepl.on("apropos", reply({"apropos-matches": FOUND, **DONE}))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize({**MODERN, "window": {"showDocument": {"support": True}}})
    editor.answers["window/showDocument"] = lambda params: {"success": True}
    await editor.attached()
    return editor


def shown(editor: Editor) -> Path:
    (params,) = [params for method, params in editor.requests if method == "window/showDocument"]
    return Path(unquote(params["uri"].removeprefix("file://")))


async def test_the_symbol_at_the_cursor(reader: Editor, tmp_path: Path) -> None:
    document = reader.open("(ma|p inc)")
    answer = await reader.command("nrepl.doc", document.at_cursor)
    assert answer == {"markdown": MAP, "message": None}
    path = shown(reader)
    assert path.is_relative_to(tmp_path / "cache" / "documentation")
    assert path.suffix == ".md"
    assert path.name.startswith("core_map")
    assert path.read_text() == MAP + "\n"


async def test_a_symbol_by_name(reader: Editor, nrepl: FaultServer) -> None:
    reader.open("(ns demo)\n|")
    answer = await reader.command("nrepl.doc", {"symbol": " map ", "ns": "demo"})
    assert answer["markdown"] == MAP
    (request,) = nrepl.of("info")
    assert (request["sym"], request["ns"]) == ("map", "demo")
    assert shown(reader).name.startswith("map-")


@pytest.mark.parametrize(("uri", "ns"), [("other", "demo"), ("last", "user"), (None, "user")])
async def test_a_symbol_by_name_is_what_a_document_means(
    reader: Editor, nrepl: FaultServer, uri: str | None, ns: str
) -> None:
    other = reader.open("(ns demo)\n", "src/other.clj")
    last = reader.open("(ns user)\n|", "src/last.clj")
    await last.ask("hover")
    nrepl.requests.clear()
    given = {"other": {"uri": other.uri}, "last": {"uri": last.uri}, None: {}}[uri]
    answer = await reader.command("nrepl.doc", {"symbol": "map", **given})
    assert answer["markdown"] == MAP
    (request,) = nrepl.of("info")
    assert (request["sym"], request["ns"]) == ("map", ns)


async def test_a_symbol_by_name_in_a_document_that_was_just_opened(
    reader: Editor, nrepl: FaultServer
) -> None:
    document = reader.open("(ns demo)\n(defn f [])\n")
    await reader.command("nrepl.doc", {"uri": document.uri, "symbol": "map"})
    assert [request["ns"] for request in nrepl.of("info")] == ["demo"]


async def test_a_symbol_by_name_needs_no_document(reader: Editor) -> None:
    answer = await reader.command("nrepl.doc", {"symbol": "map"})
    assert answer["markdown"] == MAP.replace("```clojure", "```")


async def test_a_namespace_by_name(reader: Editor, nrepl: FaultServer) -> None:
    nrepl.on("info", reply(DONE))
    nrepl.on("eval", reply({"value": '["demo" "About it." nil]'}, DONE))
    reader.open("(ns demo)")
    answer = await reader.command("nrepl.doc", {"symbol": "demo"})
    assert answer["markdown"] == "```clojure\ndemo\n```\n\n*namespace*\n\nAbout it."


async def test_a_local(reader: Editor) -> None:
    document = reader.open("(fn [x] x|)")
    answer = await reader.command("nrepl.doc", document.at_cursor)
    assert answer["markdown"].startswith("`x` – *parameter*")


async def test_who_cannot_show_documents_gets_a_message(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("info", reply({**INFO, "doc": "\n\n".join(["Line."] * 30), **DONE}))
    document = editor.open("(ma|p inc)")
    await editor.command("nrepl.doc", document.at_cursor)
    (message,) = editor.shown()
    assert message.startswith("(core/map f)\n*function* in core\nLine.\n")
    assert message.endswith("Line.\n…")
    assert message.count("\n") == 12


async def test_a_cache_that_cannot_be_written_leaves_a_message(
    reader: Editor, tmp_path: Path
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "documentation").write_text("in the way")
    answer = await reader.command("nrepl.doc", {"symbol": "map"})
    assert answer["markdown"] is not None
    assert reader.shown()[0].startswith("(core/map f)")


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ({"symbol": "absent"}, "Nothing is known of absent."),
        (None, "Nothing is known of what is at the cursor."),
    ],
)
async def test_what_nobody_knows(
    reader: Editor, nrepl: FaultServer, argument: Any, why: str
) -> None:
    nrepl.on("info", reply(DONE))
    reader.open("(x)|")
    answer = await reader.command("nrepl.doc", argument)
    assert answer == {"markdown": None, "message": why}
    assert reader.shown() == [why]


async def test_without_a_document_and_a_symbol(reader: Editor) -> None:
    answer = await reader.command("nrepl.doc")
    assert answer["message"].startswith("No document is open")


@pytest.mark.parametrize(
    ("command", "argument"),
    [("nrepl.doc", {"symbol": "map"}), ("nrepl.apropos", {"query": "map"})],
)
async def test_without_a_repl_it_says_why(detached: Editor, command: str, argument: Any) -> None:
    answer = await detached.command(command, argument)
    assert answer["markdown"] is None
    assert "No REPL is attached" in answer["message"]


async def test_a_lost_connection_is_nothing_known(reader: Editor, nrepl: FaultServer) -> None:
    nrepl.on("info", hang_up_mid_reply())
    answer = await reader.command("nrepl.doc", {"symbol": "map"})
    assert answer["markdown"] is None


async def test_apropos_lists_by_namespace(reader: Editor, nrepl: FaultServer) -> None:
    answer = await reader.command("nrepl.apropos", {"query": " greet  ing "})
    assert answer["markdown"] == (
        "# apropos `greet ing`\n\n"
        "## `demo.core`\n\n- `greet` – function\n- `greeting*` – variable\n\n"
        "## special forms\n\n- `if` – special form"
    )
    assert shown(reader).read_text() == answer["markdown"] + "\n"
    (request,) = nrepl.of("apropos")
    assert request["query"] == "greet.*ing"


@pytest.mark.parametrize("argument", [None, {"query": "  "}, {"symbol": "x"}])
async def test_apropos_needs_something_to_look_for(reader: Editor, argument: Any) -> None:
    answer = await reader.command("nrepl.apropos", argument)
    assert answer["message"].startswith("Nothing to look for")


async def test_apropos_that_finds_nothing_says_so(reader: Editor, nrepl: FaultServer) -> None:
    nrepl.on("apropos", reply({"apropos-matches": [], **DONE}))
    answer = await reader.command("nrepl.apropos", {"query": "absent"})
    assert answer == {
        "markdown": None,
        "message": "No symbol of the program has absent in its name.",
    }


@pytest.mark.parametrize("behaviour", [hang_up_mid_reply(), held(asyncio.Event())])
@pytest.mark.parametrize(
    ("command", "argument", "op"),
    [("nrepl.apropos", {"query": "x"}, "apropos"), ("nrepl.doc", {"symbol": "x"}, "info")],
)
async def test_a_program_that_does_not_answer_has_not_said_no(
    reader: Editor,
    nrepl: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Any,
    command: str,
    argument: Any,
    op: str,
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.commands.documentation.APROPOS_TIMEOUT", 0.05)
    params = {"settings": {"nrepl": {"hover": {"timeout": 0.05}}}}
    reader.notify("workspace/didChangeConfiguration", params)
    nrepl.on(op, behaviour)
    answer = await reader.command(command, argument)
    assert answer["markdown"] is None
    assert "No symbol" not in answer["message"]
    assert "Nothing is known" not in answer["message"]


@pytest.mark.parametrize(
    ("name", "language", "is_asked"),
    [("demo.clj", "clojure", True), ("demo.hy", "hy", False), ("data.edn", "edn", False)],
)
async def test_apropos_asks_by_a_snippet_of_what_is_open(
    editor: Editor, nrepl: FaultServer, name: str, language: str, is_asked: bool
) -> None:
    editor.open("(x)|", f"src/{name}", language)
    await editor.command("nrepl.apropos", {"query": "greet"})
    assert any("re-pattern" in request["code"] for request in nrepl.of("eval")) is is_asked


async def test_apropos_has_a_deadline(
    reader: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.commands.documentation.APROPOS_TIMEOUT", 0.05)
    nrepl.on("apropos", held(asyncio.Event()))
    answer = await reader.command("nrepl.apropos", {"query": "slow"})
    assert answer["markdown"] is None
