"""The call hierarchy: items, callers and callees, with and without a program."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, reply, silent

from .conftest import attach_file
from .editor import Editor, Opened

CORE = """(ns shop.core)

(defn greet [who] (str who))

(defmulti price :kind)
(defmethod price :book [b] (greet b))
"""
APP = """(ns shop.app
  (:require [shop.core :as core]))

(defrecord Till [x]
  Object
  (toString [this] (core/greet x)))

(defn main [f]
  (let [g (f 1)]
    (g 2)
    (-> 3 core/greet)
    (core/price 4) (core/price 5) '(core/quoted)))

(main core/greet)
"""

Place = tuple[str, str, list[tuple[int, int]]]


@pytest.fixture
def shop(project: Path) -> Path:
    folder = project / "src" / "shop"
    folder.mkdir()
    (folder / "core.clj").write_text(CORE)
    (folder / "app.clj").write_text(APP)
    return folder


@pytest.fixture
async def xref(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Editor:
    """An editor whose program lists who calls what."""
    nrepl.on("cider/fn-refs", reply({"fn-refs": []}, DONE))
    nrepl.on("cider/fn-deps", reply({"fn-deps": []}, DONE))
    nrepl.on("ns-list", reply({"ns-list": ["user", "shop.core", "shop.app"]}, DONE))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    nrepl.requests.clear()
    return editor


async def item_at(document: Opened) -> dict[str, Any]:
    items = await document.ask("prepareCallHierarchy")
    assert len(items) == 1
    return items[0]


async def calls(editor: Editor, way: str, item: dict[str, Any]) -> list[Place]:
    """File, name and starts of the ranges, of each caller or callee."""
    end = "from" if way == "incomingCalls" else "to"
    answer = await editor.request(f"callHierarchy/{way}", {"item": item})
    return [
        (
            call[end]["uri"].rpartition("/")[2],
            call[end]["name"],
            [(it["start"]["line"], it["start"]["character"]) for it in call["fromRanges"]],
        )
        for call in answer
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("core", CORE.replace("defn greet", "defn gr|eet")),
        ("app", APP.replace("core/greet x", "core/|greet x")),
    ],
)
async def test_the_item_is_the_definition(detached: Editor, shop: Path, name, text):
    item = await item_at(detached.open(text, f"src/shop/{name}.clj"))

    assert item.pop("data") == {
        "ns": "shop.core",
        "name": "greet",
        "uri": (shop / f"{name}.clj").as_uri(),
    }
    assert item == {
        "name": "greet",
        "kind": 12,
        "detail": "shop.core",
        "uri": (shop / "core.clj").as_uri(),
        "range": {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 28}},
        "selectionRange": {
            "start": {"line": 2, "character": 6},
            "end": {"line": 2, "character": 11},
        },
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(ns a) (defn f [] | 1)", "f"),
        ("(ns a) (defn f [x] |x)", None),
        ("(ns a) (defrecord |R [])", None),
        ("(ns a) (|nothing)", None),
        ("(ns a) :|k", None),
        ("(ns |a)", None),
        ("(ns a)\n|\n", None),
    ],
)
async def test_what_has_no_item(detached: Editor, text, expected):
    items = await detached.open(text, "untitled:x").ask("prepareCallHierarchy")

    assert (items[0]["name"] if items else items) == expected


async def test_who_calls_it_by_the_texts(detached: Editor, shop: Path):
    """Also in threads and as a value; what is not in a definition has no caller."""
    document = detached.open(CORE.replace("defn greet", "defn |greet"), "src/shop/core.clj")

    assert await calls(detached, "incomingCalls", await item_at(document)) == [
        ("core.clj", "price", [(5, 28)]),
        ("app.clj", "toString", [(5, 20)]),
        ("app.clj", "main", [(10, 10)]),
    ]


async def test_a_multimethod_s_methods_do_not_call_it(detached: Editor, shop: Path):
    document = detached.open(CORE.replace("defmulti price", "defmulti |price"), "src/shop/core.clj")

    assert await calls(detached, "incomingCalls", await item_at(document)) == [
        ("app.clj", "main", [(11, 5), (11, 20)])
    ]


async def test_whom_it_calls_by_the_texts(detached: Editor, shop: Path):
    """Locals and quoted names are not called."""
    document = detached.open(APP.replace("defn main", "defn |main"), "src/shop/app.clj")

    assert await calls(detached, "outgoingCalls", await item_at(document)) == [
        ("core.clj", "greet", [(10, 10)]),
        ("core.clj", "price", [(11, 5), (11, 20)]),
    ]


async def test_an_item_is_found_again_after_an_edit_and_without_its_document(
    detached: Editor, shop: Path
):
    document = detached.open(APP.replace("defn main", "defn |main"), "src/shop/app.clj")
    item = await item_at(document)
    document.change((2, 0), (2, 0), "\n\n\n")
    assert [call[1] for call in await calls(detached, "outgoingCalls", item)] == ["greet", "price"]
    document.close()
    assert [call[1] for call in await calls(detached, "outgoingCalls", item)] == ["greet", "price"]
    assert await calls(detached, "incomingCalls", item) == []


@pytest.mark.parametrize("way", ["incomingCalls", "outgoingCalls"])
@pytest.mark.parametrize(
    "change",
    [
        {"data": None},
        {"data": {"ns": 1, "name": "x", "uri": "file:///x"}},
        {"data": {"ns": "a", "uri": "file:///x"}},
        {"data": {"ns": "a", "name": "x", "uri": "untitled:x"}, "uri": "untitled:x"},
    ],
)
async def test_an_item_that_is_not_ours(detached: Editor, shop: Path, way, change):
    document = detached.open(CORE.replace("defn greet", "defn |greet"), "src/shop/core.clj")
    item = {**await item_at(document), **change}

    assert await detached.request(f"callHierarchy/{way}", {"item": item}) is None


async def test_an_item_whose_definition_is_gone(detached: Editor, shop: Path):
    document = detached.open(CORE.replace("defn greet", "defn |greet"), "src/shop/core.clj")
    item = await item_at(document)
    document.replace("(ns shop.core)")

    assert await detached.request("callHierarchy/outgoingCalls", {"item": item}) is None


# -- with a program -------------------------------------------------------------------------


async def test_callers_that_only_the_program_knows(
    xref: Editor, nrepl: FaultServer, tmp_path: Path
):
    library = tmp_path / "lib.clj"
    library.write_text("(ns lib (:require [shop.core :as c]))\n(defn far [] (c/greet 1))\n")
    caller = {"name": "lib/far", "file": str(library), "line": 2}
    nrepl.on("cider/fn-refs", reply({"fn-refs": [caller]}, DONE))
    document = xref.open(CORE.replace("defn greet", "defn |greet"), "src/shop/core.clj")

    assert await calls(xref, "incomingCalls", await item_at(document)) == [
        ("core.clj", "price", [(5, 28)]),
        ("lib.clj", "far", [(1, 14)]),
    ]


async def test_callees_that_the_program_knows(xref: Editor, nrepl: FaultServer, tmp_path: Path):
    """What it lists and the text does not name was made by a macro, and is left out."""
    core = tmp_path / "core_lib.clj"
    core.write_text("(ns clojure.core)\n\n(defn str [x] x)\n(defn seq [x] x)\n")
    nrepl.on(
        "cider/fn-deps",
        reply(
            {
                "fn-deps": [
                    {"name": "clojure.core/str", "file": str(core), "line": 3},
                    {"name": "clojure.core/seq", "file": str(core), "line": 4},
                ]
            },
            DONE,
        ),
    )
    document = xref.open(CORE.replace("defn greet", "defn |greet"), "src/shop/core.clj")

    assert await calls(xref, "outgoingCalls", await item_at(document)) == [
        ("core_lib.clj", "str", [(2, 19)])
    ]
    assert nrepl.of("cider/fn-deps")[-1]["sym"] == "greet"
    assert nrepl.of("info") == []


async def test_without_a_list_of_callees_the_heads_are_asked_about(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
):
    core = tmp_path / "core_lib.clj"
    core.write_text("(ns clojure.core)\n\n(defn str [x] x)\n(defmacro when [x] x)\n")
    for name, line, more in (("str", 3, {}), ("when", 4, {"macro": "true"})):
        found = {"name": name, "ns": "clojure.core", "arglists-str": "[x]", "line": line}
        nrepl.on("info", reply({**found, "file": str(core), **more}, DONE), sym=name)
    document = editor.open("(ns demo)\n(defn |f [x] (when x (str x)) (odd x) str)\n")

    assert await calls(editor, "outgoingCalls", await item_at(document)) == [
        ("core_lib.clj", "str", [(1, 21), (1, 37)])
    ]
    assert [request["sym"] for request in nrepl.of("info")] == ["when", "str", "odd"]


async def test_an_alias_that_the_program_lacks_is_written_out(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
):
    library = tmp_path / "lib.clj"
    library.write_text("(ns lib.x)\n\n(defn draw [x] x)\n")
    nrepl.on("ns-list", reply({"ns-list": ["user", "lib.x"]}, DONE))
    found = {"name": "draw", "ns": "lib.x", "arglists-str": "[x]", "file": str(library), "line": 3}
    nrepl.on("info", reply(found, DONE), sym="lib.x/draw")
    text = "(ns fresh (:require [lib.x :as l]))\n(defn |f [x] (l/draw x) (my.app x))\n"
    document = editor.open(text, "src/fresh.clj")

    assert await calls(editor, "outgoingCalls", await item_at(document)) == [
        ("lib.clj", "draw", [(1, 13)])
    ]
    assert [request["sym"] for request in nrepl.of("info")] == ["lib.x/draw"]


@pytest.mark.parametrize("fault", [silent(), reply({"status": ["done", "error"]})])
async def test_the_texts_answer_when_the_program_does_not(
    xref: Editor, shop: Path, nrepl: FaultServer, fault
):
    xref.notify(
        "workspace/didChangeConfiguration",
        {"settings": {"nrepl": {"definition": {"timeout": 0.2}}}},
    )
    for op in ("cider/fn-refs", "cider/fn-deps", "info"):
        nrepl.on(op, fault)
    document = xref.open(APP.replace("defn main", "defn |main"), "src/shop/app.clj")
    item = await item_at(document)

    assert [call[1] for call in await calls(xref, "outgoingCalls", item)] == ["greet", "price"]
    assert await calls(xref, "incomingCalls", item) == []


async def test_a_definition_that_the_program_knows(
    xref: Editor, nrepl: FaultServer, tmp_path: Path
):
    library = tmp_path / "lib.clj"
    library.write_text("(ns shop.core)\n\n(defn greet [x] x)\n")
    found = {"name": "greet", "ns": "shop.core", "file": str(library), "line": 3}
    nrepl.on("info", reply(found, DONE), sym="shop.core/greet")
    document = xref.open(APP.replace("core/greet x", "core/|greet x"), "src/shop/app.clj")
    item = await item_at(document)

    assert (item["uri"], item["range"]["start"]["line"]) == (library.as_uri(), 2)


@pytest.mark.parametrize("op", ["info", "cider/fn-deps", "cider/fn-refs"])
async def test_a_lost_program_is_no_failure(xref: Editor, shop: Path, nrepl: FaultServer, op):
    async def hang_up(peer: Any, request: Any) -> None:
        peer.hang_up()

    nrepl.on(op, hang_up)
    document = xref.open(APP.replace("defn main", "defn |main"), "src/shop/app.clj")
    item = await item_at(document)

    assert [call[1] for call in await calls(xref, "outgoingCalls", item)] == ["greet", "price"]
    assert await calls(xref, "incomingCalls", item) == []


@pytest.mark.parametrize("text", ["(ns shop.x) (lib.y/|f 1)", "(ns shop.x) (shop.core/|f 1)"])
async def test_a_lost_program_knows_no_definition(xref: Editor, nrepl: FaultServer, text):
    async def hang_up(peer: Any, request: Any) -> None:
        peer.hang_up()

    nrepl.on("info", hang_up)

    assert await xref.open(text, "src/x.clj").ask("prepareCallHierarchy") is None


async def test_heads_without_an_answer_are_passed(editor: Editor, nrepl: FaultServer):
    async def hang_up(peer: Any, request: Any) -> None:
        peer.hang_up()

    nrepl.on("info", hang_up)
    document = editor.open("(ns demo)\n(defn |f [x] (odd x) (even x))\n")

    assert await calls(editor, "outgoingCalls", await item_at(document)) == []
