"""Long evaluations as progress: shown late, counted, cancelled, always ended."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.following import progress
from nrepl_lsp.lsp.following import turns as following
from nrepl_lsp.lsp.following.progress import title_of
from nrepl_lsp.source.languages import for_document
from tests.support.fault_server import DONE, FaultServer, Peer, held, reply, silent, slow

from .conftest import attach_file
from .editor import MODERN, Editor

CAPABLE = {**MODERN, "window": {"workDoneProgress": True}}
CREATE = "window/workDoneProgress/create"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SHOWN_AFTER", 0.02)
    monkeypatch.setattr(progress, "INTERVAL", 0.02)


@pytest.fixture
async def capable(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Editor:
    attach_file(project, nrepl)
    editor = make_editor()
    editor.answers[CREATE] = lambda params: None
    await editor.initialize(CAPABLE)
    await editor.attached()
    nrepl.requests.clear()
    return editor


async def asks(peer: Peer, request: Any) -> None:
    """Print a prompt and wait for input; `interrupt` ends it."""
    peer.answer(request, {"out": "Name?"}, {"status": ["need-input"]})
    await asyncio.Event().wait()


def values(editor: Editor) -> list[dict[str, Any]]:
    return [params["value"] for method, params in editor.notifications if method == "$/progress"]


def tokens(editor: Editor) -> dict[Any, Any]:
    return dict(editor.server.work_done_progress.tokens)


async def evaluate(editor: Editor, code: str) -> Any:
    uri = editor.open("x").uri
    return await editor.command("nrepl.evalCode", {"uri": uri, "code": code, "wait": True})


async def test_a_long_evaluation_is_shown_and_taken_away(
    capable: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"out": "one\ntwo\n"}), code="(area 1 2)")
    task = asyncio.ensure_future(evaluate(capable, "(area 1 2)"))
    report = await capable.notified("$/progress", "2 lines of output")
    assert values(capable)[0] == {
        "kind": "begin",
        "title": "(area 1 2)",
        "cancellable": True,
        "message": values(capable)[0]["message"],
    }
    (token,) = tokens(capable)
    assert report["token"] == token
    nrepl.send({"id": nrepl.of("eval")[0]["id"], "status": ["done"]})
    assert (await task)["status"] == "done"
    assert values(capable)[-1] == {"kind": "end", "message": "done"}
    assert tokens(capable) == {}


async def test_a_short_one_is_not(capable: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SHOWN_AFTER", 60.0)
    await evaluate(capable, "(f)")
    assert (values(capable), [one for one in capable.requests if one[0] == CREATE]) == ([], [])


async def test_who_does_not_announce_it_is_not_asked(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", slow(0.1, reply(DONE)))
    await evaluate(editor, "(f)")
    assert CREATE not in [method for method, _ in editor.requests]


async def test_cancelling_interrupts(capable: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", silent(), code="(loop)")
    task = asyncio.ensure_future(evaluate(capable, "(loop)"))
    shown = await capable.notified("$/progress", "begin")
    capable.notify("window/workDoneProgress/cancel", {"token": shown["token"]})
    assert (await task)["status"] == "interrupted"
    assert values(capable)[-1] == {"kind": "end", "message": "interrupted"}
    capable.notify("window/workDoneProgress/cancel", {"token": shown["token"]})
    assert (await evaluate(capable, "(f)"))["values"] == ["(f)"]
    assert len(nrepl.of("interrupt")) == 1
    assert tokens(capable) == {}


async def test_cancelling_a_server_without_interrupt_says_so(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.without("interrupt")
    attach_file(project, nrepl)
    editor = make_editor()
    editor.answers[CREATE] = lambda params: None
    await editor.initialize(CAPABLE)
    await editor.attached()
    nrepl.on("eval", silent(), code="(loop)")
    task = asyncio.ensure_future(evaluate(editor, "(loop)"))
    shown = await editor.notified("$/progress", "begin")
    editor.notify("window/workDoneProgress/cancel", {"token": shown["token"]})
    await editor.notified("window/showMessage", "cannot interrupt")
    assert not task.done()
    task.cancel()


@pytest.mark.parametrize("refuses", [True, False])
async def test_a_client_that_takes_no_token_is_asked_twice(
    capable: Editor, nrepl: FaultServer, refuses: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "CREATE_TIMEOUT", 0.02)
    if refuses:
        capable.answers[CREATE] = lambda params: _refuse()
    else:
        # Vim's ALE.
        del capable.answers[CREATE]
    nrepl.on("eval", slow(0.15, reply(DONE)))
    for _ in range(4):
        assert (await evaluate(capable, "(f)"))["status"] == "done"
    assert [method for method, _ in capable.requests].count(CREATE) == 2
    assert (values(capable), tokens(capable)) == ([], {})


def _refuse() -> None:
    from .editor import RequestFailed

    raise RequestFailed({"code": -32601, "message": "no"})


async def test_one_that_ends_before_the_token_is_taken(capable: Editor, nrepl: FaultServer) -> None:
    del capable.answers[CREATE]
    gate = asyncio.Event()
    nrepl.on("eval", held(gate, reply(DONE)))
    task = asyncio.ensure_future(evaluate(capable, "(f)"))
    await capable.until(lambda: CREATE in [one for one, _ in capable.requests], "create")
    gate.set()
    await task
    assert (values(capable), tokens(capable)) == ([], {})


async def test_a_server_that_dies_ends_it(capable: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", silent())
    task = asyncio.ensure_future(evaluate(capable, "(loop)"))
    await capable.notified("$/progress", "begin")
    nrepl.hang_up()
    answer = await task
    assert answer["status"] == "error"
    assert "connection was lost" in answer["error"]["message"]
    assert values(capable)[-1] == {"kind": "end", "message": "failed"}
    assert tokens(capable) == {}


async def test_what_waits_is_counted_and_input_is_said(capable: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", asks, code="(read-line)")
    uri = capable.open("x").uri
    params = {"uri": uri, "code": "(read-line)", "wait": True}
    task = asyncio.ensure_future(capable.command("nrepl.evalCode", params))
    await capable.notified("$/progress", "waits for input")
    waiting = [asyncio.ensure_future(evaluate(capable, "(f)")) for _ in range(3)]
    await capable.notified("$/progress", "3 waiting")
    assert len(tokens(capable)) == 1
    answer = await capable.command("nrepl.interrupt", {"uri": uri, "wait": True})
    assert answer["status"] == "interrupted"
    await asyncio.gather(task, *waiting)
    assert tokens(capable) == {}


async def test_five_hundred_queued_and_cancelled(capable: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", silent(), code="(loop)")
    uri = capable.open("x").uri
    _, first = capable.start_request(
        "workspace/executeCommand",
        {
            "command": "nrepl.evalCode",
            "arguments": [{"uri": uri, "code": "(loop)", "wait": True}],
        },
    )
    await capable.notified("$/progress", "begin")
    waiting = [
        capable.start_request(
            "workspace/executeCommand",
            {
                "command": "nrepl.evalCode",
                "arguments": [{"uri": uri, "code": f"(f {index})", "wait": True}],
            },
        )[1]
        for index in range(500)
    ]
    await capable.notified("$/progress", "500 waiting")
    started = asyncio.get_running_loop().time()
    await capable.command("nrepl.interrupt", {"uri": uri, "wait": True})
    answers = await asyncio.gather(first, *waiting)
    assert asyncio.get_running_loop().time() - started < 5.0
    assert {answer["status"] for answer in answers} == {"interrupted"}
    assert len(nrepl.of("eval")) == 1
    assert tokens(capable) == {}
    assert [value["kind"] for value in values(capable)].count("end") == 1
    assert capable.server.evaluations.running() == []
    assert (await evaluate(capable, "(g)"))["values"] == ["(g)"]


async def test_the_next_is_followed_when_an_interrupt_was_slow(
    capable: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_AGAIN", 0.01)
    gate = asyncio.Event()

    async def interrupt(peer: Any, request: Any) -> None:
        peer.answer({**request, "id": request["interrupt-id"]}, {"status": ["done", "interrupted"]})
        await gate.wait()
        peer.answer(request, DONE)

    nrepl.on("eval", silent())
    nrepl.on("interrupt", interrupt)
    uri = capable.open("x").uri
    started = [asyncio.ensure_future(evaluate(capable, code)) for code in ("(one)", "(two)")]
    await capable.notified("$/progress", "(one)")
    answering = asyncio.ensure_future(
        capable.command("nrepl.interrupt", {"uri": uri, "evaluation": "1", "wait": True})
    )
    await capable.notified("$/progress", "interrupted")
    gate.set()
    await answering
    await capable.notified("$/progress", "(two)")
    assert started[0].done()
    started[1].cancel()


async def test_it_goes_with_the_editor(capable: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", silent())
    task = asyncio.ensure_future(evaluate(capable, "(loop)"))
    await capable.notified("$/progress", "begin")
    await capable.server.close()
    task.cancel()
    assert values(capable)[-1]["kind"] == "end"
    assert tokens(capable) == {}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("(area 3)", "(area 3)"),
        ("(area\n  3)", "(area …)"),
        ("(area " + "x " * 50 + ")", "(area …)"),
        ("(defn area [shape] " + "x " * 50 + ")", "(defn area …)"),
        ("(defn\n area\n [shape])", "(defn area …)"),
        ("(def x)", "(def x)"),
        ("(" + "x" * 100 + ")", "(" + "x" * 36 + "…)"),
        ("((fn [] " + "x " * 50 + "))", "((fn …)"),
        ("[" + "1 " * 100 + "]", ("[" + "1 " * 100)[:39] + "…"),
        ("x" * 100, "x" * 39 + "…"),
        ("", ""),
        ("(", "("),
        ("( " + "x " * 50, "( …)"),
    ],
)
def test_titles(text: str, title: str) -> None:
    found = title_of(Code(text, for_document("clojure", "")))
    assert found == title
    assert len(found) <= 40


def test_a_file_is_named() -> None:
    code = Code("(ns a)", for_document("clojure", ""), "file:///a/demo.clj", is_file=True)
    assert title_of(code) == "demo.clj"
