"""`Item.`, `->Item` and `map->Item` are about the type `Item`, with a program and without."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.fault_server import DONE, FaultServer, reply

from .editor import Editor

RECORD = "(ns demo)\n(defrecord Item [kind])\n"


def lines(answer: list[dict[str, object]] | dict[str, object] | None) -> list[object]:
    """The lines of locations or links."""
    found = answer if isinstance(answer, list) else [answer] if answer else []
    ranges = [one.get("targetSelectionRange") or one["range"] for one in found]
    return [one["start"]["line"] for one in ranges]  # type: ignore[index]


@pytest.mark.parametrize(
    "text",
    [
        "(It|em. 1)",
        "(->It|em 1)",
        "(map->It|em {})",
        "(demo.It|em. 1)",
        "(demo/->It|em 1)",
        "It|em",
    ],
)
async def test_a_constructor_is_defined_where_its_type_is(detached: Editor, text: str) -> None:
    assert lines(await detached.open(RECORD + text).ask("definition")) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "(ns b (:import [app_x.a Rec]))\n(Re|c. 3)",
        "(ns b (:import [app_x.a Re|c]))",
        "(ns b)\n(app_x.a.Re|c. 3)",
        "(ns b (:require [app-x.a :as a]))\n(a/->Re|c 3)",
    ],
)
async def test_a_record_of_another_namespace_is_found_in_its_file(
    make_editor: Callable[..., Editor], project: Path, text: str
) -> None:
    file = project / "src" / "app_x" / "a.clj"
    file.parent.mkdir(parents=True)
    file.write_text("(ns app-x.a)\n\n(defrecord Rec [x])\n")
    editor = make_editor()
    await editor.initialize({})
    assert lines(await editor.open(text, "src/b.clj").ask("definition")) == [2]


@pytest.mark.parametrize("text", ["(->ke|bab 1)", "(String|. 1)", "(java.util.Da|te.)", "(-|> 1)"])
async def test_what_nothing_defines_is_nowhere(detached: Editor, text: str) -> None:
    assert await detached.open(RECORD + text).ask("definition") is None


async def test_uses_of_a_type_are_its_constructors_too(detached: Editor) -> None:
    document = detached.open(RECORD + "(Item. 1)\n(->It|em 1)\n(map->Item {})\n")
    answer = await document.ask("references", context={"includeDeclaration": True})
    assert lines(answer) == [1, 2, 3, 4]


async def test_of_a_constructor_that_is_not_loaded_no_other_namespace_is_asked(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("info", reply({"name": "->Item", "ns": "user", "doc": "Another.", **DONE}))
    text = "(ns absent)\n(defrecord Item [kind])\n(->It|em 1)"
    answer = await editor.open(text).ask("hover")
    assert "(absent/->Item kind)" in answer["contents"]["value"]
    assert nrepl.of("info") == []
