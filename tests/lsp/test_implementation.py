"""What implements a protocol, a method of it, or a multimethod."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.fault_server import DONE, FaultServer, reply, silent

from .conftest import attach_file
from .editor import Editor, Opened

GEO = """(ns geo)
(defprotocol Shape
  (area [this])
  (scale [this k]))
(defrecord Circle [r]
  Shape
  (area [_] 1))
(defmulti price :kind)
(defn plain [x] (area x))
"""
APP = """(ns app (:require [geo :as g :refer [Shape]]))
(extend-type String
  Shape
  (area [s] 1)
  (scale [s k] 2))
(defn f [] (reify g/Shape (area [_] 3)))
(extend-protocol g/Shape nil (area [_] 0))
(defmethod g/price :pen [p] 2)
(extend Long Shape {:area (fn [x] x)})
(satisfies? Shape 1)
"""
TYPES = [("geo.clj", 4, 11), ("app.clj", 1, 13), ("app.clj", 5, 18), ("app.clj", 6, 25)]
ALL_TYPES = [*TYPES, ("app.clj", 8, 8)]
AREAS = [
    ("geo.clj", 6, 3),
    ("app.clj", 3, 3),
    ("app.clj", 5, 27),
    ("app.clj", 6, 30),
    ("app.clj", 8, 20),
]


@pytest.fixture
def shapes(project: Path) -> Path:
    folder = project / "src"
    (folder / "geo.clj").write_text(GEO)
    (folder / "app.clj").write_text(APP)
    return folder


@pytest.fixture
async def xref(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Editor:
    """An editor whose program knows protocols."""
    for op in ("who-implements", "protocols-with-method", "type-protocols"):
        nrepl.on(f"cider/{op}", reply(DONE))
    nrepl.on("ns-list", reply({"ns-list": ["user", "geo", "app"]}, DONE))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    nrepl.requests.clear()
    return editor


async def found(document: Opened) -> list[tuple[str, int, int]]:
    """File, line and column of each, in no order of files."""
    answer = await document.ask("implementation")
    return [
        (
            one["uri"].rpartition("/")[2],
            one["range"]["start"]["line"],
            one["range"]["start"]["character"],
        )
        for one in answer or []
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GEO.replace("defprotocol Shape", "defprotocol |Shape"), ALL_TYPES),
        (GEO.replace("  Shape", "  |Shape"), ALL_TYPES),
        (GEO.replace("(area [this]", "(|area [this]"), AREAS),
        (GEO.replace("(area [_]", "(|area [_]"), AREAS),
        (GEO.replace("(area x)", "(|area x)"), AREAS),
        (GEO.replace("scale", "|scale"), [("app.clj", 4, 3)]),
        (GEO.replace("defmulti price", "defmulti |price"), [("app.clj", 7, 11)]),
        (GEO.replace("plain", "|plain"), []),
        (GEO.replace("Circle", "|Circle"), []),
        (GEO.replace("[x] (area x", "[x] (area |x"), []),
        (GEO.replace("(ns geo)", "(ns geo)|"), []),
        (GEO.replace(":kind", "|:kind"), []),
    ],
)
async def test_by_the_texts_of_the_project(detached: Editor, shapes: Path, text, expected):
    assert await found(detached.open(text, "src/geo.clj")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (APP.replace("(scale [s", "(|scale [s"), [("app.clj", 4, 3)]),
        (APP.replace("(area [s", "(|area [s"), [*AREAS[1:], AREAS[0]]),
        (APP.replace("g/price", "g/|price"), [("app.clj", 7, 11)]),
        (APP.replace("g/Shape nil", "g/|Shape nil"), [*ALL_TYPES[1:], ALL_TYPES[0]]),
    ],
)
async def test_from_where_it_is_implemented(detached: Editor, shapes: Path, text, expected):
    """The document's own are first."""
    assert await found(detached.open(text, "src/app.clj")) == expected


async def test_what_an_unknown_name_means_is_only_sure_in_its_own_text(
    detached: Editor, shapes: Path
):
    other = "(ns other) (deftype A [] Object (toString [_] 1))"
    (shapes / "other.clj").write_text(other)
    text = "(ns x) (deftype B [] Object (|toString [_] 1)) (deftype C [] Object (toString [_] 2))"

    assert await found(detached.open(text, "src/x.clj")) == [("x.clj", 0, 29), ("x.clj", 0, 68)]


async def test_unreadable_text_gives_less(detached: Editor):
    assert await found(detached.open("(defprotocol |P", "untitled:x")) == []
    half = detached.open("(ns a) (defrecord R [] P (|m", "untitled:y")
    assert await found(half) == [("untitled:y", 0, 26)]
    assert await found(detached.open("a |b", "untitled:z", "plaintext")) == []


# -- with a program -------------------------------------------------------------------------


async def test_a_method_whose_protocol_only_the_program_knows(
    xref: Editor, nrepl: FaultServer, project: Path
):
    (project / "src" / "app.clj").write_text(APP)
    protocols = [{"name": "geo/Shape"}, {"name": "other/Shape"}, {"name": "java.lang.Object"}]
    nrepl.on("cider/protocols-with-method", reply({"protocols-with-method": protocols}, DONE))
    document = xref.open("(ns demo (:require [geo :as g])) (g/|area 1)", "src/demo.clj")

    assert await found(document) == AREAS[1:]
    assert nrepl.of("cider/protocols-with-method")[0]["method"] == "area"


async def test_types_in_libraries_that_the_program_knows(
    xref: Editor, nrepl: FaultServer, shapes: Path, tmp_path: Path
):
    library = tmp_path / "lib.clj"
    library.write_text("(ns lib (:require [geo :as g]))\n(defrecord Far [] g/Shape (area [_] 1))\n")
    made = tmp_path / "made.clj"
    made.write_text("(ns made)\n(my/defshape Made [])\n(defrecord Made [])\n")
    impls = [
        {"name": "java.lang.String"},
        {"name": "geo.Circle", "file": str(shapes / "geo.clj"), "line": 5},
        {"name": "lib.Far", "file": str(library), "line": 2},
        {"name": "made.Made", "file": str(made), "line": 3},
        {"name": "made.Gone", "file": str(made), "line": 1},
    ]
    answer = {"who-implements": {"kind": "protocol", "impls": impls}}
    nrepl.on("cider/who-implements", reply(answer, DONE), sym="Shape")
    document = xref.open(GEO.replace("defprotocol Shape", "defprotocol |Shape"), "src/geo.clj")

    assert await found(document) == [*ALL_TYPES, ("lib.clj", 1, 11), ("made.clj", 2, 11)]
    assert nrepl.of("cider/who-implements")[0]["ns"] == "geo"


@pytest.mark.parametrize("fault", [silent(), reply({"status": ["done", "cider/x-error"]})])
async def test_the_texts_answer_when_the_program_does_not(
    xref: Editor, shapes: Path, nrepl: FaultServer, fault
):
    xref.notify(
        "workspace/didChangeConfiguration",
        {"settings": {"nrepl": {"definition": {"timeout": 0.2}}}},
    )
    for op in ("cider/who-implements", "cider/protocols-with-method", "info"):
        nrepl.on(op, fault)
    document = xref.open(GEO.replace("defprotocol Shape", "defprotocol |Shape"), "src/geo.clj")

    assert await found(document) == ALL_TYPES


async def test_a_lost_program_is_no_failure(xref: Editor, nrepl: FaultServer):
    async def hang_up(peer, request) -> None:
        peer.hang_up()

    nrepl.on("cider/protocols-with-method", hang_up)
    document = xref.open("(ns demo (:require [geo :as g])) (g/|area 1)", "src/demo.clj")

    assert await found(document) == []
