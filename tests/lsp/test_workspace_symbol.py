"""Symbols of the workspace: of open documents, and of programs."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from nrepl_lsp.lsp.features import workspace_symbol
from nrepl_lsp.lsp.locating import workspace_symbols, workspace_texts
from nrepl_lsp.lsp.locating.texts import file_text
from nrepl_lsp.lsp.locating.workspace_texts import is_like
from tests.support.fault_server import DONE, FaultServer, reply, silent

from .conftest import attach_file
from .editor import MODERN, Editor, RequestFailed

DEMO = """(ns demo.core)
(defn greet [who] who)
(defprotocol Shape (area [this]))
(defrecord Circle [r] Shape (area [_] 1))
(comment (def scratch 1))
"""


async def symbols(editor: Editor, query: str) -> list[tuple[str, str | None, int]]:
    """Name, container and kind of each."""
    answer = await editor.request("workspace/symbol", {"query": query})
    return [(one["name"], one.get("containerName"), one["kind"]) for one in answer]


def matches(*names: str) -> Callable[..., Any]:
    return reply({"apropos-matches": [{"name": name, "type": "function"} for name in names]}, DONE)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("greet", [("greet", "demo.core", 12)]),
        ("GRT", [("greet", "demo.core", 12)]),
        ("core/gr", [("greet", "demo.core", 12)]),
        ("ar", [("area", "demo.core", 6)]),
        ("demo.core", [("demo.core", None, 3)]),
        ("scra", [("scratch", "demo.core", 13)]),
        ("zzz", []),
        ("  ", None),
    ],
)
async def test_open_documents_always(detached: Editor, query, expected):
    """Letters in their order, whatever their case; each name once."""
    detached.open(DEMO)
    found = await symbols(detached, query)

    everything = ["demo.core", "greet", "Shape", "area", "Circle", "scratch"]
    if expected is None:
        assert [name for name, *_ in found] == everything
    else:
        assert [one for one in found if query != "demo.core" or one[1] is None] == expected


async def test_the_place_is_that_of_the_name(detached: Editor):
    document = detached.open("(ns a)\r\n(defn 𝒳-greet [] 1)")
    answer = await detached.request("workspace/symbol", {"query": "greet"})

    assert answer == [
        {
            "name": "𝒳-greet",
            "kind": 12,
            "containerName": "a",
            "location": {
                "uri": document.uri,
                "range": {
                    "start": {"line": 1, "character": 6},
                    "end": {"line": 1, "character": 14},
                },
            },
        }
    ]


async def test_the_likest_names_are_first_and_there_is_a_limit(detached: Editor):
    names = " ".join(f"(def x-map{number} 1)" for number in range(300))
    detached.open(f"(ns a) {names} (def map 1) (def mapping 1) (def m-a-p 1)")
    found = [name for name, *_ in await symbols(detached, "map")]

    assert found[:3] == ["map", "mapping", "x-map0"]
    assert len(found) == workspace_texts.SYMBOLS_LIMIT


async def test_two_scripts_may_each_have_a_main(detached: Editor):
    for name in ("one", "two"):
        detached.open("(defn main [])", f"{name}.clj")

    assert len(await symbols(detached, "main")) == 2


@given(st.text(max_size=8), st.text(max_size=12))
def test_what_is_like_a_query(query, text):
    assert is_like(query, text + query)
    assert is_like("", text)
    if is_like(query, text):
        assert all(is_like(query[:end], text) for end in range(len(query)))


async def test_files_that_are_not_open_follow(detached: Editor, project: Path):
    """In the order of likeness; an open file is as it is in the editor; other folders' are not."""
    lib, opened = project / "src" / "lib.clj", project / "src" / "opened.clj"
    lib.write_text("(ns lib)\n(def subtotal 1)\n(defn total-test [])\n(def other 1)")
    opened.write_text("(ns opened)\n(def total-old 1)")
    (project / "made.hy").write_text("(defn total-of [])")
    (project / "target").mkdir()
    (project / "target" / "lib.clj").write_text("(ns made)\n(def total 1)")
    detached.open("(ns opened)\n(def total-in-editor 1)", opened.as_uri())
    answer = await detached.request("workspace/symbol", {"query": "total"})

    assert [one["name"] for one in answer] == [
        "total-in-editor",
        "total-of",
        "total-test",
        "subtotal",
    ]
    assert answer[2] == {
        "name": "total-test",
        "kind": 12,
        "containerName": "lib",
        "location": {
            "uri": lib.as_uri(),
            "range": {"start": {"line": 2, "character": 6}, "end": {"line": 2, "character": 16}},
        },
    }


async def test_files_are_found_without_an_open_document(detached: Editor, project: Path):
    (project / "src" / "lib.clj").write_text("(ns lib)\n(defn Total-Test [])")

    assert await symbols(detached, "L/tte") == [("Total-Test", "lib", 12)]
    assert await symbols(detached, "total-z") == []
    assert await symbols(detached, "") == []


# -- with a program -------------------------------------------------------------------------


@pytest.fixture
async def attached(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> Callable[..., Any]:
    """`await attached(resolves=False, options=None)`: its program has `apropos`."""

    async def attach(*, resolves: bool = False, options: Any = None) -> Editor:
        nrepl.on("apropos", matches())
        nrepl.on("ns-list", reply({"ns-list": ["user", "demo.core", "lib"]}, DONE))
        attach_file(project, nrepl)
        editor = make_editor()
        if types.WORKSPACE_SYMBOL_RESOLVE not in editor.server.protocol.fm.features:
            editor.server.feature(types.WORKSPACE_SYMBOL_RESOLVE)(workspace_symbol.resolve)
        support = {"symbol": {"resolveSupport": {"properties": ["location.range"]}}}
        workspace = {**MODERN["workspace"], **(support if resolves else {})}
        await editor.initialize({**MODERN, "workspace": workspace}, options)
        await editor.attached()
        nrepl.requests.clear()
        return editor

    return attach


async def test_an_empty_query_asks_no_program(attached, nrepl: FaultServer):
    editor = await attached()
    editor.open(DEMO)

    assert len(await symbols(editor, "")) == 6
    assert nrepl.of("apropos") == []


async def test_a_program_s_symbols_follow_with_their_places(
    attached, nrepl: FaultServer, tmp_path: Path
):
    """Those without a place are left out, and those that a document defines are not doubled."""
    library = tmp_path / "lib.clj"
    library.write_text("(ns lib)\n\n(defn greeting [])\n")
    editor = await attached()
    nrepl.on("apropos", matches("lib/greeting", "lib/regret", "demo.core/greet", "greet"))
    place = {"name": "greeting", "ns": "lib", "file": str(library), "line": 3}
    nrepl.on("info", reply(place, DONE), sym="lib/greeting")
    nrepl.on("info", reply(DONE), sym="lib/regret")
    editor.open(DEMO)
    answer = await editor.request("workspace/symbol", {"query": "greet."})
    assert nrepl.of("apropos")[0]["query"] == r"greet\."
    answer = await editor.request("workspace/symbol", {"query": "greet"})

    assert [one["name"] for one in answer] == ["greet", "greeting"]
    assert answer[1] == {
        "name": "greeting",
        "kind": 12,
        "containerName": "lib",
        "location": {
            "uri": library.as_uri(),
            "range": {"start": {"line": 2, "character": 6}, "end": {"line": 2, "character": 14}},
        },
    }


async def test_what_the_program_has_no_place_for_is_looked_for_in_the_project(
    attached, nrepl: FaultServer, project: Path
):
    file = project / "src" / "lib.clj"
    file.write_text("(ns lib)\n(defprotocol P (drawn [_]))\n")
    editor = await attached()
    nrepl.on("apropos", matches("lib/drawn"))
    nrepl.on("info", reply(DONE))
    editor.open(DEMO)
    [found] = await editor.request("workspace/symbol", {"query": "drawn"})

    assert found["location"] == {
        "uri": file.as_uri(),
        "range": {"start": {"line": 1, "character": 16}, "end": {"line": 1, "character": 21}},
    }


async def test_an_open_document_is_called_as_the_editor_calls_it(
    attached, nrepl: FaultServer, project: Path
):
    """And it is as it is now, not as the program loaded it. A macro defines what is found."""
    file = project / "src" / "lib.clj"
    file.write_text("(ns lib)\n(make greeting)\n")
    editor = await attached()
    uri = file.as_uri().replace("lib", "l%69b")
    editor.open("(ns lib)\n\n\n(defn regret [])\n(defn greet-you [])", uri)
    nrepl.on("apropos", matches("lib/->greet-you"))
    place = {"name": "->greet-you", "ns": "lib", "file": str(file), "line": 2}
    nrepl.on("info", reply(place, DONE))
    [_, found] = await editor.request("workspace/symbol", {"query": "greet"})

    assert found["location"] == {
        "uri": uri,
        "range": {"start": {"line": 4, "character": 6}, "end": {"line": 4, "character": 15}},
    }


async def test_a_file_is_read_once_and_a_long_one_not_at_all(
    attached, nrepl: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    library, long = tmp_path / "lib.clj", tmp_path / "long.clj"
    library.write_text("(ns lib)\n(defn greet1 [])\n(defn greet2 [])\n")
    read = []

    def counted(path: Path) -> Any:
        read.append(path)
        return file_text(path)

    monkeypatch.setattr(workspace_symbols, "file_text", counted)
    editor = await attached()
    nrepl.on("apropos", matches("lib/greet1", "lib/greet2", "lib/greet-gone"))
    for name, file in (("greet1", library), ("greet2", library), ("greet-gone", long)):
        place = {"name": name, "ns": "lib", "file": str(file), "line": 3}
        nrepl.on("info", reply(place, DONE), sym=f"lib/{name}")
    long.write_text("(defn greet-gone [])\n" * 3)
    monkeypatch.setattr("nrepl_lsp.lsp.locating.texts.FILE_LIMIT", 50)
    starts = [
        one["location"]["range"]["start"]
        for one in await editor.request("workspace/symbol", {"query": "greet"})
    ]
    assert starts == [{"line": 1, "character": 6}, {"line": 2, "character": 6},
                      {"line": 2, "character": 0}]  # fmt: skip
    assert sorted(read) == [library, long]


async def test_a_silent_program_hides_no_other(
    attached, nrepl: FaultServer, project: Path, tmp_path: Path
):
    library = tmp_path / "lib.clj"
    library.write_text("(ns lib)\n(defn greeting [])\n")
    editor = await attached()
    patience = {"nrepl": {"definition": {"timeout": 0.6}}}
    editor.notify("workspace/didChangeConfiguration", {"settings": patience})
    nrepl.on("apropos", silent())
    async with FaultServer() as second:
        second.on("ns-list", reply({"ns-list": ["user", "lib"]}, DONE))
        second.on("apropos", matches("lib/greeting"))
        place = {"name": "greeting", "ns": "lib", "file": str(library), "line": 2}
        second.on("info", reply(place, DONE))
        inner = project / "inner"
        inner.mkdir()
        attach_file(inner, second)
        editor.open("(ns other)", "inner/other.clj")
        await editor.notified("window/logMessage", f":{second.port}")
        found = await symbols(editor, "greet")

    assert found == [("greeting", "lib", 12)]


async def test_places_are_asked_for_a_few_only(attached, nrepl: FaultServer):
    editor = await attached()
    nrepl.on("apropos", matches(*(f"lib/x{number}" for number in range(300))))
    nrepl.on("info", reply(DONE))

    assert await symbols(editor, "x") == []
    assert len(nrepl.of("info")) == workspace_symbols.LOOKUPS_LIMIT


async def test_where_the_client_resolves_no_place_is_asked_for(
    attached, nrepl: FaultServer, tmp_path: Path
):
    library = tmp_path / "lib.clj"
    library.write_text("(ns lib)\n\n(defn greeting [])\n")
    editor = await attached(resolves=True)
    nrepl.on("apropos", matches("lib/greeting"))
    place = {"name": "greeting", "ns": "lib", "file": str(library), "line": 3}
    nrepl.on("info", reply(place, DONE), sym="lib/greeting")
    document = editor.open(DEMO)
    answer = await editor.request("workspace/symbol", {"query": "greeting"})

    assert answer == [
        {
            "name": "greeting",
            "kind": 12,
            "containerName": "lib",
            "location": {"uri": "nrepl:lib/greeting"},
            "data": {"ns": "lib", "name": "greeting", "uri": document.uri},
        }
    ]
    assert nrepl.of("info") == []
    resolved = await editor.request("workspaceSymbol/resolve", answer[0])
    assert resolved["location"] == {
        "uri": library.as_uri(),
        "range": {"start": {"line": 2, "character": 6}, "end": {"line": 2, "character": 14}},
    }


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"ns": "lib", "name": "gone", "uri": "file:///x.clj"},
        {"ns": "lib", "name": 1, "uri": "file:///x.clj"},
        {"ns": "lib", "name": "gone", "uri": "untitled:x"},
    ],
)
async def test_a_chosen_symbol_without_a_place_is_said_to_have_none(attached, data):
    editor = await attached(resolves=True)
    location = {"uri": "nrepl:lib/gone"}
    symbol = {"name": "gone", "kind": 12, "location": location, "data": data}
    resolved = await editor.request("workspaceSymbol/resolve", symbol)

    assert resolved["location"] == location
    assert editor.shown() == ["No file is known that defines gone."]


async def test_the_namespaces_of_open_documents_come_first(attached, nrepl: FaultServer):
    editor = await attached(resolves=True)
    nrepl.on("apropos", matches("lib/greet-all", "demo.other/xgreet", "demo.other/greet"))
    editor.open("(ns demo.core)")

    assert [f"{ns}/{name}" for name, ns, _ in await symbols(editor, "greet")] == [
        "demo.other/greet",
        "demo.other/xgreet",
        "lib/greet-all",
    ]


async def test_a_snippet_says_the_places_itself(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
):
    """It is not evaluated while no document tells the program's language."""
    value = '[["lib" "greet" "macro" "src/lib.clj" 3] ["lib" "greet2" "function" "src/lib.clj" 4]]'
    nrepl.on("eval", reply({"value": value}, DONE))
    (project / "src" / "lib.clj").write_text("(ns lib)\n\n(make greet)\n(make greet2 [])\n")
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()

    assert await symbols(editor, "greet") == []
    assert nrepl.of("eval") == []
    editor.open(DEMO)
    answer = await editor.request("workspace/symbol", {"query": "gree"})

    assert [(one["name"], one["containerName"]) for one in answer] == [
        ("greet", "demo.core"),
        ("greet", "lib"),
        ("greet2", "lib"),
    ]
    starts = [one["location"]["range"]["start"] for one in answer[1:]]
    assert starts == [{"line": 2, "character": 6}, {"line": 3, "character": 6}]
    assert nrepl.of("info") == []


@pytest.mark.parametrize(
    "fault", [silent(), reply({"status": ["done", "error", "apropos-error"]}), reply(DONE)]
)
async def test_the_documents_answer_when_the_program_does_not(attached, nrepl: FaultServer, fault):
    editor = await attached()
    editor.notify(
        "workspace/didChangeConfiguration",
        {"settings": {"nrepl": {"definition": {"timeout": 0.2}}}},
    )
    nrepl.on("apropos", fault)
    editor.open(DEMO)

    assert await symbols(editor, "greet") == [("greet", "demo.core", 12)]


async def test_a_lost_program_is_no_failure(attached, nrepl: FaultServer):
    async def hang_up(peer: Any, request: Any) -> None:
        peer.hang_up()

    editor = await attached()
    nrepl.on("apropos", hang_up)
    editor.open(DEMO)

    assert await symbols(editor, "greet") == [("greet", "demo.core", 12)]


async def test_cancelling_leaves_nothing_running(attached, nrepl: FaultServer):
    editor = await attached()
    nrepl.on("apropos", silent())
    before = asyncio.all_tasks()
    number, answer = editor.start_request("workspace/symbol", {"query": "greet"})
    await nrepl.received("apropos")
    editor.notify("$/cancelRequest", {"id": number})

    with pytest.raises(RequestFailed):
        await answer
    left = {task.get_coro().__qualname__ for task in asyncio.all_tasks() - before}
    assert left == {"FaultServer._behave"}


@pytest.mark.parametrize("resolves", [False, True])
async def test_what_was_typed_at_a_repl_is_in_the_text_that_was_evaluated(
    attached, nrepl: FaultServer, tmp_path: Path, resolves: bool
):
    editor = await attached(resolves=resolves)
    nrepl.on("apropos", matches("demo.core/made"))
    nrepl.on("info", reply({"name": "made", "ns": "demo.core", "file": "NO_SOURCE_PATH", **DONE}))
    editor.open("(ns demo.core)")
    code = {"code": "(def made 42)", "ns": "demo.core", "wait": True}
    await editor.command("nrepl.evalCode", code)
    [found] = await editor.request("workspace/symbol", {"query": "made"})
    if resolves:
        found = await editor.request("workspaceSymbol/resolve", found)

    [shown] = (tmp_path / "cache" / "evaluated").glob("demo.core_made*.clj")
    assert found["location"] == {
        "uri": shown.as_uri(),
        "range": {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 9}},
    }
    assert shown.read_text() == "(def made 42)"
    assert "No file is known that defines made." not in editor.shown()


@pytest.mark.parametrize("is_wanted", [False, True])
async def test_beside_another_server_only_what_no_text_of_the_project_defines(
    attached, nrepl: FaultServer, project: Path, tmp_path: Path, is_wanted: bool
):
    (project / "src" / "lib.clj").write_text("(ns lib)\n(defn greeting [])")
    library = tmp_path / "other.clj"
    library.write_text("(ns other)\n(defn greeter [])")
    features = {"features": {"workspaceSymbol": True}} if is_wanted else {}
    editor = await attached(options={"profile": "complement", **features})
    nrepl.on("apropos", matches("lib/greeting", "demo.core/greet", "other/greeter"))
    place = {"name": "greeter", "ns": "other", "file": str(library), "line": 2}
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo.core", "lib", "other"]}, DONE))
    nrepl.on("info", reply(place, DONE), sym="other/greeter")
    editor.open(DEMO)
    found = [name for name, *_ in await symbols(editor, "greet")]

    assert found == (["greet", "greeting", "greeter"] if is_wanted else ["greeter"])
    assert len(await symbols(editor, "")) == (6 if is_wanted else 0)
