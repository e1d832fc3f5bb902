"""Completion: what is offered, what it replaces, and in whose words."""

import asyncio
import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, hang_up_mid_reply, held, reply

from .conftest import attach_file
from .editor import MODERN, Editor, position

INVOKED = {"triggerKind": 1}
TYPED = {"triggerKind": 2, "triggerCharacter": "/"}
EMPTY = {"isIncomplete": False, "items": []}
LATER = {"isIncomplete": True, "items": []}


def labels(answer: dict[str, Any]) -> list[str]:
    items = sorted(answer["items"], key=lambda item: item["sortText"])
    assert items == answer["items"]
    return [item["label"] for item in items]


def candidates(*names: str, **more: Any) -> Any:
    """A reply to `complete` with candidates `ns/name` or `name`."""
    found = []
    for text in names:
        ns, _, name = text.rpartition("/")
        found.append({"candidate": name, **({"ns": ns} if ns else {}), **more})
    return reply({"completions": found, **DONE})


def modern(**item: Any) -> dict[str, Any]:
    """The capabilities of a current editor with `completionItem` changed."""
    capabilities = copy.deepcopy(MODERN)
    capabilities["textDocument"]["completion"]["completionItem"] |= item
    return capabilities


async def attached(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    capabilities: Any,
    options: Any = None,
) -> Editor:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(capabilities, options)
    await editor.attached()
    nrepl.requests.clear()
    return editor


async def test_a_current_editor_gets_defaults_once_and_details_beside_the_label(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on(
        "complete",
        reply(
            {
                "completions": [
                    {"candidate": "map", "type": "function", "ns": "core", "arglists": ["[f]"]},
                    {"candidate": "mapped", "type": "namespace"},
                ],
                **DONE,
            }
        ),
    )
    document = editor.open("(ns demo)\n(ma|x 1)")
    answer = await document.ask("completion", context=INVOKED)
    assert answer == {
        "isIncomplete": False,
        "itemDefaults": {
            "editRange": {
                "start": {"line": 1, "character": 1},
                "end": {"line": 1, "character": 4},
            },
            "data": {"uri": document.uri, "ns": "demo"},
        },
        "items": [
            {
                "label": "map",
                "sortText": "00000",
                "kind": 3,
                "labelDetails": {"detail": " [f]", "description": "core"},
            },
            {"label": "mapped", "sortText": "00001", "kind": 9},
        ],
    }
    assert nrepl.of("complete")[0]["ns"] == "demo"


async def test_an_old_editor_gets_everything_with_each_item(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    editor = await attached(make_editor, nrepl, project, {})
    document = editor.open("(mapc|)")
    (item,) = (await document.ask("completion", context=INVOKED))["items"]
    span = {"start": {"line": 0, "character": 1}, "end": {"line": 0, "character": 5}}
    assert item == {
        "label": "mapcat",
        "sortText": "00000",
        "kind": 3,
        "detail": "core",
        "textEdit": {"range": span, "newText": "mapcat"},
        "data": {"uri": document.uri, "ns": "user"},
    }


async def test_kinds_that_the_editor_does_not_know_are_left_out(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    found = [{"candidate": ":key", "type": "keyword"}, {"candidate": ":kind", "type": "function"}]
    nrepl.on("complete", reply({"completions": found, **DONE}))
    editor = await attached(make_editor, nrepl, project, {})
    answer = await editor.open(":k|").ask("completion", context=INVOKED)
    assert [item.get("kind") for item in answer["items"]] == [None, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_what_is_replaced_is_counted_in_the_negotiated_encoding(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, encoding: str
) -> None:
    capabilities = {**MODERN, "general": {"positionEncodings": [encoding]}}
    editor = await attached(make_editor, nrepl, project, capabilities)
    text = '(str "é😀é" map)'
    document = editor.open(text)
    start = text.index("map")
    answer = await document.ask("completion", position=position(text, start + 2, encoding))
    assert nrepl.of("complete")[0]["prefix"] == "ma"
    assert answer["itemDefaults"]["editRange"] == {
        "start": position(text, start, encoding),
        "end": position(text, start + 3, encoding),
    }


async def test_a_list_over_the_limit_is_cut_and_incomplete(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    options = {"completion": {"limit": 2}}
    editor = await attached(make_editor, nrepl, project, MODERN, options)
    document = editor.open("|")
    answer = await document.ask("completion", context=INVOKED)
    assert answer["isIncomplete"] is True
    assert [item["label"] for item in answer["items"]] == ["map", "mapcat"]


async def test_an_empty_prefix_is_asked_for_only_when_the_user_wants_the_list(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(|)")
    assert await document.ask("completion", context=TYPED) == EMPTY
    assert nrepl.requests == []
    assert len((await document.ask("completion", context=INVOKED))["items"]) == 3


@pytest.mark.parametrize("text", ['"ma|"', "; ma|", "12|", "\\ma|"])
async def test_where_no_symbol_can_stand_nothing_is_asked(
    editor: Editor, nrepl: FaultServer, text: str
) -> None:
    assert await editor.open(text).ask("completion", context=INVOKED) == EMPTY
    assert nrepl.requests == []


async def test_each_request_sees_the_text_as_it_was_when_it_came(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(m|)")
    asked = []
    for column, letter in enumerate("apca", start=2):
        params = {
            "textDocument": {"uri": document.uri},
            "position": {"line": 0, "character": column},
        }
        asked.append(editor.start_request("textDocument/completion", params)[1])
        document.change((0, column), (0, column), letter)
    await asyncio.gather(*asked)
    prefixes = sorted(request["prefix"] for request in nrepl.of("complete"))
    assert prefixes == ["m", "ma", "map", "mapc"]


async def test_the_form_around_goes_along_where_the_server_wants_it(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    described = {
        "ops": {"complete": {"optional": {"context": ""}}, "clone": {}},
        "versions": {"cider-nrepl": {"version-string": "1"}},
    }
    nrepl.on("describe", reply({**described, **DONE}))
    editor = await attached(make_editor, nrepl, project, MODERN)
    await editor.open("(let [a 1] (f ma|))").ask("completion", context=INVOKED)
    assert nrepl.of("complete")[0]["context"] == "(let [a 1] (f __prefix__))"


async def test_unknown_documents_give_an_empty_list(editor: Editor) -> None:
    place = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}
    assert await editor.request("textDocument/completion", place) == EMPTY


async def test_a_slow_server_leaves_what_the_text_has_and_is_asked_again(
    editor: Editor, nrepl: FaultServer
) -> None:
    params = {"settings": {"nrepl": {"completion": {"timeout": 0.05}}}}
    editor.notify("workspace/didChangeConfiguration", params)
    nrepl.on("complete", held(asyncio.Event()))
    assert await editor.open("(ma|)").ask("completion", context=INVOKED) == LATER
    answer = await editor.open("(ma|) mapper", "src/b.clj").ask("completion", context=INVOKED)
    assert labels(answer) == ["mapper"]
    assert answer["isIncomplete"] is True


async def test_a_connection_that_is_lost_meanwhile_leaves_what_the_text_has(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("complete", hang_up_mid_reply())
    answer = await editor.open("(ma|) mapper").ask("completion", context=INVOKED)
    assert labels(answer) == ["mapper"]
    assert answer["isIncomplete"] is True


async def test_a_server_without_completion_gives_an_empty_list(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.without("complete", "completions", "ns-list")
    editor = await attached(make_editor, nrepl, project, MODERN, {"snippets": False})
    assert await editor.open("(ma|)").ask("completion", context=INVOKED) == EMPTY
    assert nrepl.requests == []
