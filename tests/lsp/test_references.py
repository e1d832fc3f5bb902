"""References: locals, names of the project's texts, keywords, callers that the program knows."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.locating import project_files, texts
from tests.support.fault_server import DONE, FaultServer, reply, silent

from .conftest import attach_file
from .editor import Editor, Opened, RequestFailed

CORE = """(ns shop.core
  (:require [clojure.string :as str]))

(defn greet [who]
  (str/join " " ["hi" who]))

(defn- twice [x] (greet (greet x)))
"""
APP = """(ns shop.app
  (:require [shop.core :as core :refer [greet]]))

(defn main [who] (core/greet who) (greet "you"))
"""
OTHER = """(ns shop.other)
(defn greet [] :mine)
(greet)
;; core/greet
"""


@pytest.fixture
def shop(project: Path) -> Path:
    """A project of three files on the disk."""
    folder = project / "src" / "shop"
    folder.mkdir()
    for name, text in (("core", CORE), ("app", APP), ("other", OTHER)):
        (folder / f"{name}.clj").write_text(text)
    return folder


async def found(document: Opened, *, declaration: bool = True) -> list[tuple[str, int, int, int]]:
    """File name, line, start and end of each place."""
    answer = await document.ask("references", context={"includeDeclaration": declaration})
    return [
        (
            one["uri"].rpartition("/")[2],
            one["range"]["start"]["line"],
            one["range"]["start"]["character"],
            one["range"]["end"]["character"],
        )
        for one in answer or []
    ]


IN_APP = [("app.clj", 1, 40, 45), ("app.clj", 3, 18, 28), ("app.clj", 3, 35, 40)]
IN_CORE = [("core.clj", 3, 6, 11), ("core.clj", 6, 18, 23), ("core.clj", 6, 25, 30)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("src/shop/core.clj", CORE.replace("[who]", "[|who]"), [(3, 13, 16), (4, 22, 25)]),
        ("src/shop/core.clj", CORE.replace('"hi" who', '"hi" w|ho'), [(3, 13, 16), (4, 22, 25)]),
        ("untitled:a", "(ns a) (let [x 1] (let [x x] |x))", [(0, 24, 25), (0, 29, 30)]),
        ("untitled:a", "(ns 𝒳.b)\r\n(let [𝒳 1] |𝒳)", [(1, 6, 8), (1, 12, 14)]),
    ],
)
async def test_a_local_in_its_scope(detached: Editor, name, text, expected):
    document = detached.open(text, name)

    assert [place[1:] for place in await found(document)] == expected
    uses = await found(document, declaration=False)
    assert [place[1:] for place in uses] == expected[1:]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("core", CORE.replace("defn greet", "defn |greet"), [*IN_CORE, *IN_APP]),
        ("core", CORE.replace("(greet x)", "(|greet x)"), [*IN_CORE, *IN_APP]),
        ("app", APP.replace("core/greet who", "core/gr|eet who"), [*IN_APP, *IN_CORE]),
        ("app", APP.replace(":refer [greet", ":refer [|greet"), [*IN_APP, *IN_CORE]),
    ],
)
async def test_a_name_in_all_files_of_the_project_without_a_program(
    detached: Editor, shop: Path, name, text, expected
):
    """The document's own places are first; a file with its own `greet` has none."""
    document = detached.open(text, f"src/shop/{name}.clj")

    assert await found(document) == expected
    places = [place for place in expected if place != ("core.clj", 3, 6, 11)]
    assert await found(document, declaration=False) == places


async def test_an_open_document_counts_as_it_is_and_not_as_it_was_saved(
    detached: Editor, shop: Path
):
    detached.open("(ns shop.app (:require [shop.core :as c]))\n\n(c/greet 1)", "src/shop/app.clj")
    document = detached.open(CORE.replace("defn greet", "defn |greet"), "src/shop/core.clj")

    assert await found(document) == [*IN_CORE, ("app.clj", 2, 1, 8)]


async def test_a_private_name_is_only_where_it_is_named(detached: Editor, shop: Path):
    document = detached.open(CORE.replace("twice", "|twice"), "src/shop/core.clj")

    assert await found(document) == [("core.clj", 6, 7, 12)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "(ns a) ::|k :k {:a/k 1}",
            [("a.clj", 0, 7, 10), ("a.clj", 0, 15, 19), ("b.clj", 0, 9, 13)],
        ),
        ("(ns a) :|k ::k", [("a.clj", 0, 7, 9), ("b.clj", 0, 14, 16), ("c.edn", 0, 1, 3)]),
        ("(ns a (:require [|b :as x]))", [("a.clj", 0, 17, 18), ("b.clj", 0, 4, 5)]),
    ],
)
async def test_keywords_and_namespaces(detached: Editor, project: Path, text, expected):
    (project / "src" / "b.clj").write_text("(ns b) [ :a/k :k]")
    (project / "src" / "c.edn").write_text("{:k 1}")

    assert await found(detached.open(text, "src/a.clj")) == expected


async def test_a_name_that_nothing_is_known_of_stays_in_its_text(detached: Editor, shop: Path):
    document = detached.open('(|greet) (greet) "greet" (let [greet 1] greet)', "src/x.clj")

    assert await found(document) == [("x.clj", 0, 1, 6), ("x.clj", 0, 9, 14)]


@pytest.mark.parametrize(
    ("text", "language"), [("| ", "clojure"), ("a |b c", "plaintext"), ('"|x"', "clojure")]
)
async def test_nothing_where_no_symbol_is(detached: Editor, text, language):
    assert await found(detached.open(text, "untitled:x", language)) == []


async def test_a_document_that_is_not_open_has_none(detached: Editor):
    params = {
        "textDocument": {"uri": "file:///nowhere.clj"},
        "position": {"line": 0, "character": 0},
        "context": {"includeDeclaration": True},
    }
    assert await detached.request("textDocument/references", params) is None


async def test_other_folders_are_not_looked_into(detached: Editor, shop: Path, project: Path):
    for folder in ("node_modules", "target", ".venv", ".hidden", "src/.cache"):
        (project / folder / "shop").mkdir(parents=True)
        (project / folder / "shop" / "copy.clj").write_text(APP)
    (project / "src" / "shop" / "notes.txt").write_text("(core/greet 1)")
    (project / "src" / "shop" / ".#app.clj").write_text(APP)
    (project / "src" / "broken.clj").symlink_to(project / "nowhere.clj")
    document = detached.open(CORE.replace("defn greet", "defn |greet"), "src/shop/core.clj")

    assert await found(document) == [*IN_CORE, *IN_APP]


async def test_a_folder_with_a_program_of_its_own_is_another_project(
    editor: Editor, shop: Path, project: Path, nrepl: FaultServer
):
    inner = project / "inner"
    (inner / "src").mkdir(parents=True)
    (inner / "src" / "app.clj").write_text(APP)
    attach_file(inner, nrepl)
    editor.open(APP, "inner/src/app.clj")
    document = editor.open(CORE.replace("defn greet", "defn |greet"), "src/shop/core.clj")

    assert await found(document) == [*IN_CORE, *IN_APP]


@pytest.mark.parametrize(
    ("limit", "value", "expected"),
    [
        ("FILE_LIMIT", 10, IN_CORE),
        ("ENTRIES_LIMIT", 2, IN_CORE),
        # The first file is read before it is known to be the last.
        ("BYTES_LIMIT", 10, [*IN_CORE, *IN_APP]),
    ],
)
async def test_what_is_read_has_limits(
    detached: Editor, shop: Path, monkeypatch: pytest.MonkeyPatch, limit, value, expected
):
    (shop / "zoo.clj").write_text("(ns zoo) shop.core/greet")
    module = texts if limit == "FILE_LIMIT" else project_files
    monkeypatch.setattr(module, limit, value)
    document = detached.open(CORE.replace("defn greet", "defn |greet"), "src/shop/core.clj")

    assert await found(document) == expected


# -- with a program -------------------------------------------------------------------------


def info(name: str, ns: str, **more: Any) -> Callable[..., Any]:
    return reply({"name": name, "ns": ns, "arglists-str": "[x]", **more}, DONE)


async def test_the_program_says_what_a_name_without_a_qualifier_is(
    editor: Editor, shop: Path, nrepl: FaultServer, project: Path
):
    (project / "src" / "more.clj").write_text("(ns more (:require [lib.x :as l])) (l/draw 1)")
    nrepl.on("info", info("draw", "lib.x"), sym="draw")
    document = editor.open("(ns demo (:use lib.x)) (|draw 2)", "src/demo.clj")

    assert await found(document) == [("demo.clj", 0, 24, 28), ("more.clj", 0, 36, 42)]


async def test_the_program_knows_namespaces(editor: Editor, nrepl: FaultServer, project: Path):
    (project / "src" / "more.clj").write_text("(ns more (:require [lib.x :as l]))")
    nrepl.on("ns-list", reply({"ns-list": ["user", "lib.x"]}, DONE))
    nrepl.on("eval", reply({"value": '["lib.x" nil ""]'}, DONE))
    document = editor.open("(ns demo) (require '[other]) '|lib.x", "src/demo.clj")

    assert await found(document) == [("demo.clj", 0, 30, 35), ("more.clj", 0, 20, 25)]


async def test_an_imported_class_in_all_files(detached: Editor, project: Path):
    (project / "src" / "b.clj").write_text("(ns b (:import [java.util Date])) (Date. 1)")
    document = detached.open("(ns a (:import java.util.Date)) (|Date. 2)", "src/a.clj")

    assert await found(document) == [
        ("a.clj", 0, 15, 29),
        ("a.clj", 0, 33, 38),
        ("b.clj", 0, 26, 30),
        ("b.clj", 0, 35, 40),
    ]


async def test_what_the_program_calls_otherwise_is_found_in_the_document(
    editor: Editor, nrepl: FaultServer
):
    nrepl.on("info", info("map", "basilisp.core"))
    document = editor.open("(ns demo) (|map 2) (map 3)")

    assert await found(document) == [("demo.clj", 0, 11, 14), ("demo.clj", 0, 19, 22)]


async def test_a_definition_in_a_library_is_the_program_s_to_know(
    editor: Editor, nrepl: FaultServer, tmp_path: Path
):
    library = tmp_path / "lib.clj"
    library.write_text("(ns lib.x)\n\n(defn draw [x] x)\n")
    nrepl.on("ns-list", reply({"ns-list": ["user", "lib.x"]}, DONE))
    nrepl.on("info", info("draw", "lib.x", file=str(library), line=3))
    document = editor.open("(ns demo (:require [lib.x :as l])) (l/|draw 2)")

    assert await found(document) == [("demo.clj", 0, 36, 42), ("lib.clj", 2, 6, 10)]
    assert await found(document, declaration=False) == [("demo.clj", 0, 36, 42)]


@pytest.fixture
async def xref(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Editor:
    """An editor whose program lists who calls what."""
    nrepl.on("cider/fn-refs", reply({"fn-refs": []}, DONE))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    return editor


async def test_callers_that_the_program_knows_are_refined_to_their_calls(
    xref: Editor, nrepl: FaultServer, tmp_path: Path
):
    library = tmp_path / "lib.clj"
    library.write_text(
        "(ns lib.x (:require [demo :as d]))\n(defn one [] (d/f 1) (d/f 2))\n"
        "(defn two [] (d/f 3))\n(defn made [] (macro))\n"
    )
    callers = [
        {"name": f"lib.x/{name}", "file": str(library), "line": line}
        for name, line in (("one", 2), ("made", 4), ("gone", 9))
    ]
    nrepl.on("cider/fn-refs", reply({"fn-refs": [*callers, {"name": "lib.x/none"}]}, DONE))
    document = xref.open("(ns demo)\n(defn |f [x] x)\n")

    assert await found(document) == [
        ("demo.clj", 1, 6, 7),
        ("lib.clj", 1, 14, 17),
        ("lib.clj", 1, 22, 25),
        ("lib.clj", 3, 6, 10),
    ]


async def test_a_caller_whose_text_names_it_is_not_listed_twice(
    xref: Editor, nrepl: FaultServer, project: Path
):
    app = project / "src" / "app.clj"
    app.write_text("(ns app (:require [demo :as d]))\n(defn one [] (d/f 1))\n")
    caller = {"name": "app/one", "file-url": app.as_uri(), "file": "app.clj", "line": 2}
    nrepl.on("cider/fn-refs", reply({"fn-refs": [caller]}, DONE))
    document = xref.open("(ns demo)\n(defn |f [x] x)\n", "src/demo.clj")

    assert await found(document) == [("demo.clj", 1, 6, 7), ("app.clj", 1, 14, 17)]


async def test_a_namespace_that_is_not_loaded_is_not_asked_about(xref: Editor, nrepl: FaultServer):
    document = xref.open("(ns not.loaded)\n(defn |f [x] x)\n")

    assert await found(document) == [("demo.clj", 1, 6, 7)]
    assert nrepl.of("cider/fn-refs") == []


@pytest.mark.parametrize("fault", [silent(), reply({"status": ["done", "fn-refs-error"]})])
async def test_the_texts_answer_when_the_program_does_not(xref: Editor, nrepl: FaultServer, fault):
    xref.notify(
        "workspace/didChangeConfiguration",
        {"settings": {"nrepl": {"definition": {"timeout": 0.2}}}},
    )
    nrepl.on("cider/fn-refs", fault)
    document = xref.open("(ns demo)\n(defn |f [x] x)\n(f)")

    assert await found(document) == [("demo.clj", 1, 6, 7), ("demo.clj", 2, 1, 2)]


async def test_a_lost_program_leaves_what_the_texts_say(xref: Editor, nrepl: FaultServer):
    async def hang_up(peer: Any, request: Any) -> None:
        peer.hang_up()

    nrepl.on("cider/fn-refs", hang_up)
    document = xref.open("(ns demo)\n(defn |f [x] x)\n(f)")

    assert await found(document) == [("demo.clj", 1, 6, 7), ("demo.clj", 2, 1, 2)]


async def test_a_cancelled_request_leaves_nothing_running(
    detached: Editor, shop: Path, monkeypatch: pytest.MonkeyPatch
):
    """The thread ends at the next file."""
    reading, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    read: list[Path] = []
    search, bytes_of = project_files._search, project_files.bytes_of

    def wait(path: Path) -> bytes:
        read.append(path)
        reading.set()
        go_on.wait(5.0)
        return bytes_of(path)

    def until_the_end(*arguments: Any) -> None:
        search(*arguments)
        ended.set()

    monkeypatch.setattr(project_files, "bytes_of", wait)
    monkeypatch.setattr(project_files, "_search", until_the_end)
    document = detached.open("(ns shop.core) (defn |greet [])", "src/x.clj")
    before = asyncio.all_tasks()
    number, answer = detached.start_request(
        "textDocument/references",
        {
            "textDocument": {"uri": document.uri},
            "position": document.cursor,
            "context": {"includeDeclaration": True},
        },
    )
    await asyncio.to_thread(reading.wait, 5.0)
    detached.notify("$/cancelRequest", {"id": number})
    with pytest.raises(RequestFailed):
        await answer
    go_on.set()
    assert await asyncio.to_thread(ended.wait, 5.0)

    assert len(read) == 1
    assert asyncio.all_tasks() <= before
