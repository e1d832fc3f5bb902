"""The protocol of a method, the protocols of a type, the type of a constructor."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.fault_server import DONE, FaultServer, reply

from .conftest import attach_file
from .editor import Editor, Opened

GEO = """(ns geo)
(defprotocol Shape (area [this]))
(defprotocol Named (title [this]))
(defrecord Circle [r]
  Shape (area [_] 1)
  Named (title [_] "circle")
  Object (toString [_] ""))
(defrecord Point [x y])
(defn make [r] (->Circle r) (map->Circle {}) (Circle. r))
(def unit (->Circle 1))
"""
SHAPE, NAMED = ("geo.clj", 1, 13), ("geo.clj", 2, 13)
CIRCLE, POINT = ("geo.clj", 3, 11), ("geo.clj", 7, 11)


async def found(document: Opened) -> list[tuple[str, int, int]]:
    answer = await document.ask("typeDefinition")
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
        (GEO.replace("(area [this]", "(|area [this]"), [SHAPE]),
        (GEO.replace("(title [_]", "(|title [_]"), [NAMED]),
        (GEO.replace("Circle [r]", "|Circle [r]"), [SHAPE, NAMED]),
        (GEO.replace("(Circle. r", "(|Circle. r"), [SHAPE, NAMED]),
        (GEO.replace("(->Circle r", "(|->Circle r"), [CIRCLE]),
        (GEO.replace("(map->Circle", "(|map->Circle"), [CIRCLE]),
        (GEO.replace("Point", "|Point"), [POINT]),
        # What a var holds nobody knows.
        (GEO.replace("unit", "|unit"), []),
        (GEO.replace("make", "|make"), []),
        (GEO.replace("(->Circle r", "(->Circle |r"), []),
        (GEO.replace("defprotocol Shape", "defprotocol |Shape"), []),
        (GEO.replace("Object (toString", "Object (|toString"), []),
        ("(ns a) (|-> 1)", []),
        ("(ns a) |", []),
        ("(|x", []),
    ],
)
async def test_by_the_text(detached: Editor, text, expected):
    assert await found(detached.open(text, "src/geo.clj")) == expected


async def test_from_another_file(detached: Editor, project: Path):
    (project / "src" / "geo.clj").write_text(GEO)
    text = "(ns app (:require [geo :as g :refer [->Circle]])) "
    for call, expected in (
        ("(g/|area 1)", [SHAPE]),
        ("(|->Circle 1)", [CIRCLE]),
        ("(g/|->Point 1)", [POINT]),
        ("g/|Circle", [SHAPE, NAMED]),
    ):
        assert await found(detached.open(text + call, "src/app.clj")) == expected


@pytest.fixture
async def xref(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Editor:
    """An editor whose program knows the protocols of types."""
    nrepl.on("cider/type-protocols", reply({"type-protocols": []}, DONE))
    nrepl.on("ns-list", reply({"ns-list": ["user", "geo", "lib"]}, DONE))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    nrepl.requests.clear()
    return editor


async def test_protocols_that_were_extended_to_a_type_elsewhere(
    xref: Editor, nrepl: FaultServer, tmp_path: Path
):
    library = tmp_path / "lib.clj"
    library.write_text("(ns lib)\n\n(defprotocol Far (far [_]))\n")
    protocols = [{"name": "lib/Far", "file": str(library), "line": 3}, {"name": "geo/Shape"}]
    nrepl.on("cider/type-protocols", reply({"type-protocols": protocols}, DONE))
    place = {"name": "Far", "ns": "lib", "file": str(library), "line": 3}
    nrepl.on("info", reply(place, DONE), sym="lib/Far")
    document = xref.open(GEO.replace("Point", "|Point"), "src/geo.clj")

    assert await found(document) == [("lib.clj", 2, 13), SHAPE]
    assert nrepl.of("cider/type-protocols")[0]["sym"] == "Point"


async def test_a_document_that_is_not_open_has_none(detached: Editor):
    params = {
        "textDocument": {"uri": "file:///nowhere.clj"},
        "position": {"line": 0, "character": 0},
    }
    for method in ("typeDefinition", "implementation", "prepareCallHierarchy"):
        assert await detached.request(f"textDocument/{method}", params) is None
