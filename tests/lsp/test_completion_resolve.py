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
        "```text\nApplies f to each item.\n```",
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
