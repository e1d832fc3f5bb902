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
ZERO = {"err": "Divide by zero\n"}, {"ex": "class E", "status": ["eval-error"]}, DONE


@pytest.fixture
async def opted(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> Callable[..., Any]:
    async def make(wanted: Any, **options: Any) -> Editor:
        attach_file(project, nrepl)
        editor = make_editor()
        experimental = {"experimental": {"nrepl": wanted}}
        await editor.initialize({**MODERN, **experimental}, {"nrepl": options})
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
            {
                **common,
                "state": "done",
                "values": ["9"],
                "cut": 0,
                "ns": None,
                "error": None,
                "place": place,
                "summary": "=> 9 (printed: ab)",
                "message": "=> 9 (printed: ab)",
            },
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


async def test_that_code_goes_on_after_a_read_is_told(
    opted: Callable[..., Any], nrepl: FaultServer
) -> None:
    """A plugin's box for the input closes with it, whoever has answered."""
    editor = await opted({"evaluation": True, "input": True}, input={"timeout": 0.05})
    nrepl.on("eval", asks)
    running = asyncio.ensure_future(
        editor.command("nrepl.evalCode", {"code": "(read-line)", "wait": True})
    )
    await editor.until(lambda: len(states(editor)) == 4, "four states")
    assert states(editor) == ["queued", "sent", "needInput", "sent"]
    (given,) = await nrepl.received("stdin")
    assert given["stdin"] == "", "the end of input"
    assert last(editor)["again"] is True
    await editor.command("nrepl.interrupt", {"wait": True})
    assert (await running)["status"] == "interrupted"
    assert states(editor)[4:] == ["interrupted"]


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


def last(editor: Editor) -> dict[str, Any]:
    params: dict[str, Any] = told(editor, "nrepl/evaluation")[-1][1]
    return params


def standing(editor: Editor) -> list[list[str]]:
    return [params["standing"] for _, params in told(editor, "nrepl/results")]


@pytest.mark.parametrize(
    ("behaviour", "summary", "message"),
    [
        (reply({"value": "[1 2]"}, DONE), "=> [1 2]", "=> [1 2]"),
        (reply(DONE), "=> (no value)", "Done: (f)"),
        (reply(*ZERO), "✗ Divide by zero", "Divide by zero"),
        (reply({"status": ["done", "interrupted"]}), None, "Interrupted: (f)"),
    ],
)
@pytest.mark.parametrize("show", ["auto", "none"])
async def test_what_to_show_of_it_is_told_in_a_line(
    opted: Callable[..., Any],
    nrepl: FaultServer,
    behaviour: Any,
    summary: str | None,
    message: str,
    show: str,
) -> None:
    editor = await opted(BOTH, results={"show": show})
    nrepl.on("eval", behaviour)
    document = editor.open("(ns demo)\n(f)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    params = last(editor)
    assert (params["summary"], params["message"]) == (summary, message)
    assert params["place"] == (params["range"] if summary is not None else None)


@pytest.mark.parametrize(("width", "columns"), [(None, 120), (40, 40), (200, 200)])
async def test_the_line_is_as_wide_as_the_user_wants(
    opted: Callable[..., Any], nrepl: FaultServer, width: int | None, columns: int
) -> None:
    editor = await opted(BOTH, results={"width": width} if width else {})
    nrepl.on("eval", reply({"value": f'"{"x" * 1000}"'}, DONE))
    await editor.command("nrepl.evalForm", editor.open("(f)|").at_cursor)
    summary = last(editor)["summary"]
    assert columns - 12 <= len(summary) <= columns
    assert summary.startswith('=> "xxx')


async def test_of_a_loaded_file_nothing_stands_beside_the_code(
    opted: Callable[..., Any], nrepl: FaultServer
) -> None:
    editor = await opted(BOTH)
    nrepl.on("load-file", reply({"value": "nil"}, DONE))
    document = editor.open("(ns demo)\n(f)\n")
    await editor.command("nrepl.loadFile", {"uri": document.uri, "wait": True})
    params = last(editor)
    assert (params["place"], params["summary"], params["message"]) == (
        None,
        None,
        "Loaded demo.clj",
    )
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}}
    assert params["range"] == whole


async def test_what_is_told_in_any_case_is_not_told_twice(
    opted: Callable[..., Any], nrepl: FaultServer
) -> None:
    editor = await opted(BOTH, results={"show": "none"})
    document = editor.open("(ns not.there)\n(f)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    params = last(editor)
    assert (params["state"], params["summary"], params["message"]) == ("error", None, None)
    assert "not.there is not loaded" in params["error"]["message"]
    assert [text for text in editor.shown() if "not.there is not loaded" in text]


async def test_the_place_is_where_the_code_is_by_now(
    opted: Callable[..., Any], nrepl: FaultServer
) -> None:
    editor = await opted(BOTH)
    nrepl.on("eval", asks, code="(read-line)")
    document = editor.open("(read-line)|\n")
    _, answer = editor.start_request(
        "workspace/executeCommand",
        {"command": "nrepl.evalForm", "arguments": [{**document.at_cursor, "wait": True}]},
    )
    await editor.notified("nrepl/evaluation", "needInput")
    document.change((0, 0), (0, 0), ";; above\n")
    nrepl.send({"id": nrepl.of("eval")[0]["id"], "value": "1"})
    nrepl.send({"id": nrepl.of("eval")[0]["id"], "status": ["done"]})
    await answer
    params = last(editor)
    assert (params["range"]["start"]["line"], params["place"]["start"]["line"]) == (0, 1)


async def test_code_that_was_edited_meanwhile_has_no_place(
    opted: Callable[..., Any], nrepl: FaultServer
) -> None:
    editor = await opted(BOTH)
    nrepl.on("eval", asks, code="(read-line)")
    document = editor.open("(read-line)|\n")
    _, answer = editor.start_request(
        "workspace/executeCommand",
        {"command": "nrepl.evalForm", "arguments": [{**document.at_cursor, "wait": True}]},
    )
    await editor.notified("nrepl/evaluation", "needInput")
    document.change((0, 3), (0, 4), "x")
    nrepl.send({"id": nrepl.of("eval")[0]["id"], "value": "1"})
    nrepl.send({"id": nrepl.of("eval")[0]["id"], "status": ["done"]})
    await answer
    params = last(editor)
    assert (params["place"], params["message"]) == (None, "=> 1 (printed: Name?)")


async def test_results_that_go_are_told(opted: Callable[..., Any], nrepl: FaultServer) -> None:
    editor = await opted(BOTH, results={"show": "none"})
    nrepl.on("eval", reply({"value": "9"}, DONE))
    nrepl.on("load-file", reply({"value": "nil"}, DONE))
    document = editor.open("(ns demo)\n(a)\n(b)\n(c)\n")

    async def evaluate(line: int) -> None:
        place = {"uri": document.uri, "position": {"line": line, "character": 1}}
        await editor.command("nrepl.evalForm", place)

    for line in (1, 2, 3):
        await evaluate(line)
    assert standing(editor) == []
    # Evaluated again; edited; moved; another file's; all of them.
    await evaluate(1)
    assert standing(editor)[-1] == ["2", "3", "4"]
    document.change((2, 1), (2, 2), "x")
    await editor.until(lambda: standing(editor)[-1] == ["3", "4"], "the edited one gone")
    document.change((0, 0), (0, 0), "\n")
    await editor.command("nrepl.clearResults", {"uri": editor.open("x", "src/other.clj").uri})
    assert len(standing(editor)) == 2
    await editor.command("nrepl.loadFile", {"uri": document.uri, "wait": True})
    assert standing(editor)[-1] == []
    await evaluate(4)
    await editor.command("nrepl.clearResults", {"uri": document.uri})
    assert standing(editor)[-1] == []
    assert len(standing(editor)) == 4
    await evaluate(4)
    document.close()
    await editor.until(lambda: len(standing(editor)) == 5, "the closed document's gone")


async def test_a_value_that_is_shown_in_no_way_is_in_the_hover(
    opted: Callable[..., Any], nrepl: FaultServer
) -> None:
    editor = await opted(BOTH, results={"show": "none"})
    nrepl.on("eval", reply({"value": "[1 2 3]"}, DONE))
    document = editor.open("(ns demo)\n(f)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    place = {"line": 1, "character": 1}
    assert "[1 2 3]" in (await document.ask("hover", position=place))["contents"]["value"]
    copied = await editor.command("nrepl.copyResult", {**document.at_cursor, "show": False})
    assert copied["text"] == "[1 2 3]"
    assert editor.shown() == []
    assert editor.diagnostics(document.uri) == []


async def test_the_prompt_comes_with_the_need(
    opted: Callable[..., Any], nrepl: FaultServer
) -> None:
    editor = await opted({"evaluation": True})
    nrepl.on("eval", asks)
    uri = editor.open("x").uri
    _, answer = editor.start_request(
        "workspace/executeCommand",
        {"command": "nrepl.evalCode", "arguments": [{"uri": uri, "code": "(f)", "wait": True}]},
    )
    assert (await editor.notified("nrepl/evaluation", "needInput"))["prompt"] == "Name?"
    await editor.command("nrepl.interrupt", {"evaluation": "1"})
    assert (await answer)["status"] == "interrupted"


async def test_documents_are_called_what_the_editor_calls_them(
    opted: Callable[..., Any], nrepl: FaultServer, project: Path
) -> None:
    editor = await opted(BOTH)
    nrepl.on("eval", reply({"out": "a"}, {"value": "9"}, DONE))
    uri = editor.open("x", f"{project.as_uri()}/src/a%62c.clj").uri
    other = uri.replace("%62", "b")
    await editor.command("nrepl.evalCode", {"uri": other, "code": "(f)", "wait": True})
    assert {params["uri"] for _, params in told(editor)} == {uri}
