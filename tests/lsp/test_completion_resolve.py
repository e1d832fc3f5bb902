"""Resolving a candidate: the item alone says what to ask."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, held, reply

from .conftest import attach_file
from .editor import Editor

METHOD = "completionItem/resolve"


def item(project: Path, label: str = "map", **data: Any) -> dict[str, Any]:
    return {"label": label, "data": {"uri": (project / "closed.clj").as_uri(), **data}}


async def test_documentation_comes_without_the_document_being_open(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    answer = await editor.request(METHOD, item(project, ns="demo"))
    assert answer["documentation"] == {
        "kind": "markdown",
        "value": "```clojure\n(core/map f coll)\n```\n\n*function* in core\n\n"
        "Applies `f` to each item.",
    }
    assert answer["detail"] == "[f coll]"
    assert answer["label"] == "map"
    assert nrepl.of("info")[0]["ns"] == "demo"


async def test_clients_without_markdown_get_plain_text(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize({})
    await editor.attached()
    given = {**item(project), "detail": "core"}
    answer = await editor.request(METHOD, given)
    assert answer["documentation"] == {"kind": "plaintext", "value": "Applies f to each item."}
    assert answer["detail"] == "core"


@pytest.mark.parametrize("data", [None, 3, [], {}, {"uri": 5}, {"uri": None}])
async def test_items_of_others_come_back_unchanged(
    editor: Editor, nrepl: FaultServer, data: Any
) -> None:
    given = {"label": "map"} | ({"data": data} if data is not None else {})
    assert await editor.request(METHOD, given) == given
    assert nrepl.requests == []


@pytest.mark.parametrize("ns", [7, "gone"])
async def test_a_namespace_that_the_program_does_not_have_is_not_named_to_it(
    editor: Editor, nrepl: FaultServer, project: Path, ns: Any
) -> None:
    await editor.request(METHOD, item(project, ns=ns))
    assert nrepl.of("info")[0]["ns"] == "user"


async def test_nothing_known_leaves_the_item_as_it_was(editor: Editor, project: Path) -> None:
    given = item(project, label="nothing")
    assert await editor.request(METHOD, given) == given


async def test_no_documentation_leaves_only_the_signature(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    nrepl.on("info", reply({"name": "f", "arglists-str": "[x]", **DONE}))
    editor = make_editor()
    await editor.initialize({})
    await editor.attached()
    answer = await editor.request(METHOD, item(project, label="f"))
    assert answer["detail"] == "[x]"
    assert "documentation" not in answer


async def test_without_a_repl_the_item_comes_back(detached: Editor, project: Path) -> None:
    given = item(project)
    assert await detached.request(METHOD, given) == given


async def test_a_slow_server_leaves_the_item_as_it_was(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    params = {"settings": {"nrepl": {"hover": {"timeout": 0.05}}}}
    editor.notify("workspace/didChangeConfiguration", params)
    nrepl.on("info", held(asyncio.Event()))
    given = item(project)
    assert await editor.request(METHOD, given) == given


async def test_a_lost_connection_leaves_the_item_as_it_was(
    editor: Editor, nrepl: FaultServer, project: Path
) -> None:
    async def go(peer: Any, request: Any) -> None:
        peer.hang_up()

    nrepl.on("info", go)
    given = item(project)
    assert await editor.request(METHOD, given) == given


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        ({"ns": "demo"}, "join"),
        ({"ns": "demo", "qualifier": "clojure.string/"}, "clojure.string/join"),
        ({"ns": "demo", "qualifier": 7, "symbol": None}, "join"),
    ],
)
async def test_what_a_label_stands_for_is_asked_about(
    editor: Editor, nrepl: FaultServer, project: Path, data: dict[str, Any], asked: str
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["demo", "clojure.string"]}, DONE))
    await editor.request(METHOD, item(project, "join", **data))
    assert [request["sym"] for request in nrepl.of("info")] == [asked]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("(let [number 1] (nu|))", "number"),
        ("(list :number) (:nu|)", ":number"),
        ("(list number) (nu|)", "number"),
    ],
)
async def test_what_only_the_text_knows_is_not_asked_about(
    editor: Editor, nrepl: FaultServer, text: str, label: str
) -> None:
    answer = await editor.open(text).ask("completion", context={"triggerKind": 1})
    (given,) = [it for it in answer["items"] if it["label"] == label]
    data = {"data": answer["itemDefaults"]["data"]}
    nrepl.requests.clear()
    assert await editor.request(METHOD, {**data, **given}) == given
    assert nrepl.requests == []


async def test_an_alias_is_documented_as_its_namespace(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["demo", "clojure.string"]}, DONE))
    nrepl.on("eval", reply({"value": '["clojure.string" "About text." ""]'}, DONE))
    text = "(ns demo (:require [clojure.string :as text])) (te|)"
    answer = await editor.open(text).ask("completion", context={"triggerKind": 1})
    given = answer["items"][0]
    answer = await editor.request(METHOD, given)
    assert "About text." in answer["documentation"]["value"]
    assert nrepl.of("info") == []


@pytest.mark.parametrize("label", ["my.app", "my.Side", "my.app/-main"])
async def test_what_may_be_a_class_is_not_asked_about(
    editor: Editor, nrepl: FaultServer, project: Path, label: str
) -> None:
    given = item(project, label, ns="demo")
    assert await editor.request(METHOD, given) == given
    assert nrepl.of("info") == []


async def test_what_the_text_itself_defines_is_not_another_namespace_s(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("complete", reply({"completions": [{"candidate": "update", "ns": "core"}], **DONE}))
    text = "(ns fresh (:refer-clojure :exclude [update]))\n(defn update [own-arg])\n(upd|)"
    answer = await editor.open(text).ask("completion", context={"triggerKind": 1})
    (found,) = [it for it in answer["items"] if it["label"] == "update"]
    given = {"data": answer["itemDefaults"]["data"], **found}
    assert await editor.request(METHOD, given) == given
    assert nrepl.of("info") == []


async def test_an_alias_that_the_program_lacks_is_written_out(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user", "clojure.string"]}, DONE))
    nrepl.on("complete", reply({"completions": [{"candidate": "s/join"}], **DONE}))
    text = "(ns fresh (:require [clojure.string :as s]))\n(s/jo|)"
    answer = await editor.open(text).ask("completion", context={"triggerKind": 1})
    given = {"data": answer["itemDefaults"]["data"], **answer["items"][0]}
    await editor.request(METHOD, given)
    assert [request["sym"] for request in nrepl.of("info")] == ["clojure.string/join"]
