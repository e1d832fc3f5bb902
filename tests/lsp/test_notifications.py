"""What opted-in clients are told, and that nobody else is."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.following import notifications
from tests.support.fault_server import DONE, FaultServer, Peer, late, reply, silent

from .conftest import attach_file
from .editor import MODERN, Editor

BOTH = {"output": True, "evaluation": True}


@pytest.fixture
async def opted(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> Callable[..., Any]:
    async def make(wanted: Any) -> Editor:
        attach_file(project, nrepl)
        editor = make_editor()
        await editor.initialize({**MODERN, "experimental": {"nrepl": wanted}})
        await editor.attached()
        nrepl.requests.clear()
        return editor

    return make


async def asks(peer: Peer, request: Any) -> None:
    """Print a prompt and wait for input; `interrupt` ends it."""
    peer.answer(request, {"out": "Name?"}, {"status": ["need-input"]})
    await asyncio.Event().wait()


def told(editor: Editor, method: str = "nrepl/") -> list[tuple[str, dict[str, Any]]]:
    return [one for one in editor.notifications if one[0].startswith(method)]


def states(editor: Editor) -> list[str]:
    return [params["state"] for _, params in told(editor, "nrepl/evaluation")]


async def test_an_evaluation_from_beginning_to_end(
    opted: Callable[..., Any], nrepl: FaultServer
) -> None:
    editor = await opted(BOTH)
    nrepl.on("eval", reply({"out": "a"}, {"out": "b\n"}, {"err": "w"}, {"value": "9"}, DONE))
    document = editor.open("(ns demo)\n(area\n 3)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    place = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 3}}
    common = {
        "evaluation": "1",
        "uri": document.uri,
        "range": place,
        "title": "(area 3)",
        "quiet": False,
    }
    output = {"evaluation": "1", "uri": document.uri, "cut": 0, "late": False}
    found = told(editor)
    seconds = found[-1][1].pop("seconds")
    assert 0 <= seconds < 5
    assert found == [
        ("nrepl/evaluation", {**common, "state": "queued"}),
        ("nrepl/evaluation", {**common, "state": "sent"}),
        ("nrepl/output", {**output, "stream": "out", "text": "ab\n"}),
        ("nrepl/output", {**output, "stream": "err", "text": "w"}),
        (
            "nrepl/evaluation",
            {**common, "state": "done", "values": ["9"], "cut": 0, "ns": None, "error": None},
        ),
    ]


@pytest.mark.parametrize("wanted", [None, {}, {"output": "yes"}, {"evaluation": 1}, [], True])
async def test_nobody_else_is_told(
    opted: Callable[..., Any], nrepl: FaultServer, wanted: Any
) -> None:
    editor = await opted(wanted)
    nrepl.on("eval", reply({"out": "a"}, {"value": "9"}, DONE))
    uri = editor.open("x").uri
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "(f)", "wait": True})
    await editor.server.close()
    assert told(editor) == []


@pytest.mark.parametrize(("wanted", "method"), [("output", "nrepl/output"), ("evaluation", None)])
async def test_each_is_its_own(
    opted: Callable[..., Any], nrepl: FaultServer, wanted: str, method: str | None
) -> None:
    editor = await opted({wanted: True})
    nrepl.on("eval", reply({"out": "a"}, {"value": "9"}, DONE))
    uri = editor.open("x").uri
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "(f)", "wait": True})
    assert {name for name, _ in told(editor)} == {method or "nrepl/evaluation"}


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (
            reply({"err": "Boom"}, {"ex": "class E", "status": ["eval-error"]}, DONE),
            ["queued", "sent", "error"],
        ),
        (reply({"status": ["done", "interrupted"]}), ["queued", "sent", "interrupted"]),
    ],
)
async def test_other_ends(
    opted: Callable[..., Any], nrepl: FaultServer, behaviour: Any, expected: list[str]
) -> None:
    editor = await opted(BOTH)
    nrepl.on("eval", behaviour)
    uri = editor.open("x").uri
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "(f)", "wait": True})
    assert states(editor) == expected
    last = told(editor, "nrepl/evaluation")[-1][1]
    assert (last["error"] is not None) == (expected[-1] == "error")


async def test_what_waits_is_queued_until_its_turn(
    opted: Callable[..., Any], nrepl: FaultServer
) -> None:
    editor = await opted({"evaluation": True})
    nrepl.on("eval", asks, code="(read-line)")
    uri = editor.open("x").uri
    answers = [
        asyncio.ensure_future(
            editor.command("nrepl.evalCode", {"uri": uri, "code": code, "wait": True})
        )
        for code in ("(read-line)", "(f)")
    ]
    await editor.notified("nrepl/evaluation", "needInput")
    assert states(editor) == ["queued", "queued", "sent", "needInput"] or states(editor) == [
        "queued",
        "sent",
        "queued",
        "needInput",
    ]
    await editor.command("nrepl.interrupt", {"uri": uri, "wait": True})
    await asyncio.gather(*answers)
    assert sorted(states(editor)[4:]) == ["interrupted", "interrupted"]


async def test_a_lost_connection_is_told(opted: Callable[..., Any], nrepl: FaultServer) -> None:
    editor = await opted({"evaluation": True})
    nrepl.on("eval", silent())
    uri = editor.open("x").uri
    answers = [
        asyncio.ensure_future(
            editor.command("nrepl.evalCode", {"uri": uri, "code": code, "wait": True})
        )
        for code in ("(loop)", "(f)")
    ]
    await nrepl.received("eval")
    await editor.until(lambda: states(editor).count("queued") == 2, "queued")
    nrepl.hang_up()
    await asyncio.gather(*answers)
    assert sorted(states(editor)[3:]) == ["disconnected", "error"]


async def test_late_output_is_marked(opted: Callable[..., Any], nrepl: FaultServer) -> None:
    editor = await opted({"output": True})
    nrepl.on("eval", late({"out": "tick"}))
    uri = editor.open("x").uri
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "(thread)", "wait": True})
    nrepl.send({"id": nrepl.of("eval")[0]["id"], "out": "tock"})
    params = await editor.notified("nrepl/output", "tock")
    assert params["late"] is True


async def test_a_flood_is_counted(
    opted: Callable[..., Any], nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "BATCH_LIMIT", 10)
    monkeypatch.setattr(notifications, "BATCH_INTERVAL", 60.0)
    editor = await opted({"output": True})
    nrepl.on("eval", reply({"out": "x" * 8}, {"err": "y" * 8}, {"out": "z" * 8}, DONE))
    uri = editor.open("x").uri
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "(f)", "wait": True})
    found = [(one["stream"], one["text"], one["cut"]) for _, one in told(editor)]
    assert found == [("out", "x" * 8, 0), ("err", "yy", 6), ("out", "", 8)]


async def test_streams_that_alternate_are_no_flood_of_notifications(
    opted: Callable[..., Any], nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "BATCHES_LIMIT", 3)
    monkeypatch.setattr(notifications, "BATCH_INTERVAL", 60.0)
    editor = await opted({"output": True})
    nrepl.on("eval", reply(*[{"out": "o"}, {"err": "e"}] * 5, DONE))
    uri = editor.open("x").uri
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "(f)", "wait": True})
    found = [(one["stream"], one["text"], one["cut"]) for _, one in told(editor)]
    # What goes on without a break is sent; what belongs further up is counted there.
    assert found == [("out", "o", 0), ("err", "e", 4), ("out", "oooo", 0)]


async def test_values_are_bounded(
    opted: Callable[..., Any], nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "VALUES_LIMIT", 5)
    editor = await opted({"evaluation": True})
    nrepl.on("eval", reply({"value": "123"}, {"value": "456"}, {"value": "789"}, DONE))
    uri = editor.open("x").uri
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "(f)", "wait": True})
    last = told(editor)[-1][1]
    assert (last["values"], last["cut"]) == (["123", "45"], 4)


async def test_code_that_is_in_no_document_has_no_range(opted: Callable[..., Any]) -> None:
    editor = await opted({"evaluation": True})
    uri = editor.open("x").uri
    await editor.command("nrepl.evalCode", {"uri": uri, "code": "(f)", "wait": True})
    assert {params["range"] for _, params in told(editor)} == {None}


async def test_what_is_cancelled_while_it_waits_was_never_sent(
    opted: Callable[..., Any], nrepl: FaultServer
) -> None:
    editor = await opted({"evaluation": True})
    nrepl.on("eval", silent(), code="(loop)")
    uri = editor.open("x").uri
    answers = [
        asyncio.ensure_future(
            editor.command("nrepl.evalCode", {"uri": uri, "code": code, "wait": True})
        )
        for code in ("(loop)", "(a)", "(b)", "(c)")
    ]
    await editor.until(lambda: len(states(editor)) == 5, "four queued, one sent")
    await nrepl.received("eval")
    await editor.command("nrepl.interrupt", {"uri": uri, "wait": True})
    await asyncio.gather(*answers)
    assert states(editor).count("sent") == 1
    assert states(editor).count("interrupted") == 4
