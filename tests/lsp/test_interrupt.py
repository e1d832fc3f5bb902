"""Stopping what runs, and what is told of that which does not stop."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.interrupting import interrupt_and_tell
from nrepl_lsp.lsp.evaluating.running import Running
from nrepl_lsp.lsp.evaluating.series import series_of
from nrepl_lsp.source.languages import for_document
from tests.support.fault_server import (
    DONE,
    FaultServer,
    Message,
    Peer,
    held,
    reply,
    silent,
    unknown_op,
)

from .conftest import attach_file
from .editor import MODERN, Editor, RequestFailed

pytestmark = pytest.mark.usefixtures("impatient")

ASKING = "window/showMessageRequest"
LOOP = "(loop [] (recur))"


@pytest.fixture
async def editor(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Editor:
    """An editor that can ask, attached to a server where `LOOP` never ends."""
    attach_file(project, nrepl)
    nrepl.on("eval", silent(), code=LOOP)
    editor = make_editor()
    window = {"window": {"showMessage": {"messageActionItem": {}}}}
    await editor.initialize({**MODERN, **window}, {"nrepl.interrupt.grace": 0.05})
    await editor.attached()
    nrepl.requests.clear()
    return editor


async def looping(editor: Editor, nrepl: FaultServer) -> str:
    answer = await editor.command("nrepl.evalCode", {"code": LOOP})
    assert answer["status"] == "running"
    await nrepl.received("eval")
    return str(answer["evaluation"])


def questions(editor: Editor) -> list[str]:
    return [params["message"] for method, params in editor.requests if method == ASKING]


async def asked(editor: Editor) -> str:
    await editor.until(lambda: questions(editor), "question")
    return questions(editor)[-1]


async def deaf(peer: Peer, request: Message) -> None:
    """Say that it is interrupted, and let it run on."""
    peer.answer(request, DONE)


async def idle(peer: Peer, request: Message) -> None:
    """What let-go and phel say of everything."""
    peer.answer(request, {"status": ["done", "session-idle"]})


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [(deaf, "interrupted"), (idle, "unanswered"), (silent(), "unanswered")],
    ids=["answers", "says idle", "says nothing"],
)
async def test_what_goes_on_after_the_grace_time_is_told_and_a_new_session_offered(
    editor: Editor, nrepl: FaultServer, behaviour: Any, status: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.evaluating.interrupting.ANSWER_WITHIN", 0.02)
    nrepl.on("interrupt", behaviour)
    await looping(editor, nrepl)
    started = time.monotonic()
    answer = await editor.command("nrepl.interrupt")
    assert time.monotonic() - started < 2
    assert answer["status"] == status
    assert await asked(editor) == (
        f"{LOOP} goes on, 0.05 seconds after the interrupt. A new session works without it."
    )
    ((_, params),) = [it for it in editor.requests if it[0] == ASKING]
    assert params["actions"] == [{"title": "New session"}, {"title": "Wait"}]


async def test_a_new_session_can_be_chosen_and_works(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("interrupt", deaf)
    editor.answers[ASKING] = lambda params: {"title": "New session"}
    await looping(editor, nrepl)
    await editor.command("nrepl.interrupt")
    await editor.notified("window/showMessage", "A new session has begun")
    answer = await editor.command("nrepl.evalCode", {"code": "(f)", "wait": True})
    assert answer["values"] == ["(f)"]
    first, second = nrepl.of("eval")
    assert first["session"] != second["session"]


async def test_why_there_is_no_new_session_is_told(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("interrupt", deaf)
    editor.answers[ASKING] = lambda params: {"title": "New session"}
    await looping(editor, nrepl)
    nrepl.on("clone", reply({"status": ["done", "error"]}))
    await editor.command("nrepl.interrupt")
    await editor.notified("window/showMessage", "makes no new session")


@pytest.mark.parametrize("chosen", [{"title": "Wait"}, None])
async def test_who_waits_keeps_the_session(editor: Editor, nrepl: FaultServer, chosen: Any) -> None:
    nrepl.on("interrupt", deaf)
    editor.answers[ASKING] = lambda params: chosen
    await looping(editor, nrepl)
    await editor.command("nrepl.interrupt")
    await asked(editor)
    # Asked about once, however often it is interrupted while the question stands.
    await editor.command("nrepl.status")
    assert nrepl.of("clone") == []


async def test_one_question_stands_at_a_time(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("interrupt", deaf)
    await looping(editor, nrepl)
    for _ in range(3):
        await editor.command("nrepl.interrupt")
    await asked(editor)
    await editor.command("nrepl.interrupt")
    assert len(questions(editor)) == 1


async def test_an_answer_after_the_end_does_nothing(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("interrupt", deaf)
    held: list[Any] = []
    editor.answers[ASKING] = lambda params: None
    editor._answer = lambda number, *_: held.append(number)  # type: ignore[method-assign]
    await looping(editor, nrepl)
    await editor.command("nrepl.interrupt")
    await asked(editor)
    (evaluation,) = nrepl.of("eval")
    nrepl.send({"id": evaluation["id"], "session": evaluation["session"], **DONE})
    await editor.notified("window/logMessage", LOOP)
    await editor.until(lambda: held, "question")
    editor.send({"id": held[0], "result": {"title": "New session"}})
    await editor.command("nrepl.status")
    assert nrepl.of("clone") == []


async def test_a_server_without_interrupt_is_said_to_have_none(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.without("interrupt")
    await editor.command("nrepl.disconnect")
    await editor.command("nrepl.connect")
    await looping(editor, nrepl)
    answer = await editor.command("nrepl.interrupt")
    assert answer == {
        "status": "unsupported",
        "message": (
            f"This server cannot interrupt: {LOOP} goes on until it ends. "
            "To stop it, restart the server; a new session may go on without it."
        ),
    }
    assert await asked(editor) == answer["message"]
    assert nrepl.of("interrupt") == []


async def test_a_server_that_says_it_has_no_interrupt_is_believed(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("interrupt", unknown_op())
    await looping(editor, nrepl)
    answer = await editor.command("nrepl.interrupt", {"wait": True})
    assert answer["status"] == "unsupported"
    assert await asked(editor) == answer["message"]


async def test_cancelling_the_request_tells_the_truth_as_well(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("interrupt", deaf)
    params = {"command": "nrepl.evalCode", "arguments": [{"code": LOOP, "wait": True}]}
    number, answer = editor.start_request("workspace/executeCommand", params)
    await nrepl.received("eval")
    editor.notify("$/cancelRequest", {"id": number})
    with pytest.raises(RequestFailed):
        await answer
    assert "goes on" in await asked(editor)
    assert len(await nrepl.received("interrupt")) == 1


async def test_an_evaluation_that_ends_by_itself_meanwhile_is_idle(
    editor: Editor, nrepl: FaultServer
) -> None:
    async def too_late(peer: Peer, request: Message) -> None:
        (evaluation,) = nrepl.of("eval")
        peer.answer({**request, "id": evaluation["id"]}, {"value": "1"}, DONE)
        await idle(peer, request)

    nrepl.on("interrupt", too_late)
    await looping(editor, nrepl)
    answer = await editor.command("nrepl.interrupt")
    assert answer == {"status": "idle", "message": "Nothing is running."}
    assert questions(editor) == []


async def test_five_hundred_that_wait_are_dropped_in_order_and_never_sent(
    editor: Editor, nrepl: FaultServer
) -> None:
    await looping(editor, nrepl)
    repl = editor.server.repl_for(None)
    assert repl is not None
    answers = [
        editor.start_request(
            "workspace/executeCommand",
            {"command": "nrepl.evalCode", "arguments": [{"code": f"(f {n})", "wait": True}]},
        )[1]
        for n in range(500)
    ]
    await editor.command("nrepl.status")
    assert len(editor.server.evaluations.running(repl)) == 501
    ended: list[int] = []
    for number, answer in enumerate(answers):
        answer.add_done_callback(lambda _, number=number: ended.append(number))
    started = time.monotonic()
    assert (await editor.command("nrepl.interrupt", {"wait": True}))["status"] == "interrupted"
    statuses = [(await answer)["status"] for answer in answers]
    assert time.monotonic() - started < 5
    assert statuses == ["interrupted"] * 500
    # The last first, so that none of them begins when the one before it has gone.
    assert ended == list(reversed(range(500)))
    assert [request["code"] for request in nrepl.of("eval")] == [LOOP]
    assert editor.server.evaluations.running(repl) == []
    assert len(editor.shown()) < 10


async def test_a_server_that_does_not_react_holds_up_no_other(
    make_editor: Any, nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    nrepl.on("eval", silent())
    nrepl.on("interrupt", silent())
    attach_file(project, nrepl)
    other = tmp_path / "other"
    other.mkdir()
    async with FaultServer() as second:
        second.on("eval", silent())
        attach_file(other, second)
        editor = make_editor()
        folders = [{"uri": folder.as_uri(), "name": "x"} for folder in (project, other)]
        await editor.initialize(workspaceFolders=folders)
        for folder, server in ((project, nrepl), (other, second)):
            await editor.notified("window/logMessage", f"Attached to {server.url}")
            argument = {"uri": (folder / "a.clj").as_uri(), "code": "(f)"}
            await editor.command("nrepl.evalCode", argument)
            await server.received("eval")
        targets = editor.server.evaluations.running()
        assert len(targets) == 2
        answer = await interrupt_and_tell(editor.server, targets, within=0.02)
        assert answer["status"] == "unanswered"
        await second.received("interrupt")
        assert (await targets[1].outcome(5)).status == "interrupted"
        assert not targets[0].task or not targets[0].task.done()


async def test_interrupting_nothing_by_the_function_says_so(editor: Editor) -> None:
    targets: list[Running] = []
    answer = await interrupt_and_tell(editor.server, targets)
    assert answer == {"status": "idle", "message": "Nothing is running."}


async def test_the_end_of_the_editor_ends_the_telling(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("interrupt", deaf)
    await looping(editor, nrepl)
    await editor.command("nrepl.interrupt")
    await asked(editor)
    await editor.request("shutdown")
    await editor.server.close()
    assert [task for task in asyncio.all_tasks() if "_tell()" in repr(task)] == []


# -- a series --------------------------------------------------------------------------------


async def test_a_buffer_is_interrupted_with_all_that_was_to_come(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open(f"(a)\n{LOOP}\n(c)\n(d)|")
    nrepl.on("eval", silent(), code=f"\n{LOOP}")
    started = await editor.command("nrepl.evalBuffer", document.at_cursor)
    assert (started["status"], started["forms"]) == ("running", 4)
    await nrepl.received("eval", 2)
    assert (await editor.command("nrepl.interrupt"))["status"] == "interrupted"
    await editor.notified("window/showMessage", f"Interrupted: {LOOP}")
    assert (await editor.command("nrepl.interrupt"))["status"] == "idle"
    assert len(nrepl.of("eval")) == 2


async def test_a_buffer_is_interrupted_by_the_id_that_was_answered_first(
    editor: Editor, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()

    async def first(peer: Peer, request: Message) -> None:
        await gate.wait()
        peer.answer(request, {"value": "1"}, DONE)

    nrepl.on("eval", first, code="(a)")
    nrepl.on("eval", silent(), code=f"\n{LOOP}")
    document = editor.open(f"(a)\n{LOOP}\n(c)|")
    started = await editor.command("nrepl.evalBuffer", document.at_cursor)
    gate.set()
    await nrepl.received("eval", 2)
    argument = {"evaluation": started["evaluation"]}
    assert (await editor.command("nrepl.interrupt", argument))["status"] == "interrupted"
    await editor.notified("window/showMessage", f"Interrupted: {LOOP}")
    assert len(nrepl.of("eval")) == 2


async def test_cancelling_a_buffer_starts_no_more_of_it(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", silent(), code="(a)")
    document = editor.open("(a)\n(b)|")
    params = {"command": "nrepl.evalBuffer", "arguments": [{**document.at_cursor, "wait": True}]}
    number, answer = editor.start_request("workspace/executeCommand", params)
    await nrepl.received("eval")
    editor.notify("$/cancelRequest", {"id": number})
    with pytest.raises(RequestFailed):
        await answer
    await editor.notified("window/showMessage", "Interrupted: (a)")
    await editor.command("nrepl.status")
    assert [request["code"] for request in nrepl.of("eval")] == ["(a)"]


async def test_a_buffer_that_waits_for_another_is_never_begun(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", silent(), code="(a)")
    one, other = editor.open("(a)", "src/a.clj"), editor.open("(c)", "src/b.clj")
    await editor.command("nrepl.evalBuffer", {"uri": one.uri})
    params = {"command": "nrepl.evalBuffer", "arguments": [{"uri": other.uri, "wait": True}]}
    answer = editor.start_request("workspace/executeCommand", params)[1]
    await nrepl.received("eval")
    await editor.command("nrepl.interrupt")
    assert (await answer)["status"] == "interrupted"
    await editor.notified("window/showMessage", "forms evaluated: 0")
    assert [request["code"] for request in nrepl.of("eval")] == ["(a)"]


async def test_a_buffer_is_interrupted_between_two_of_its_forms(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Running] = []
    start = editor.server.evaluations.start

    def noted(*given: Any, **more: Any) -> Running:
        started.append(start(*given, **more))
        return started[-1]

    monkeypatch.setattr(editor.server.evaluations, "start", noted)
    gate = asyncio.Event()
    nrepl.on("eval", held(gate), code="(a)")
    document = editor.open("(a)\n(b)|")
    params = {"command": "nrepl.evalBuffer", "arguments": [{"uri": document.uri, "wait": True}]}
    answer = editor.start_request("workspace/executeCommand", params)[1]
    await nrepl.received("eval")
    task = started[0].task
    assert task is not None
    (series,) = series_of(editor.server)
    # Called before the series goes on, which is woken by the same end.
    task.add_done_callback(lambda _: series.stop())
    gate.set()
    assert (await answer)["status"] == "interrupted"
    assert [request["code"] for request in nrepl.of("eval")] == ["(a)"]
    await editor.notified("window/showMessage", "forms evaluated: 1")


async def test_shutting_down_while_a_buffer_runs_is_quiet(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", silent(), code="(a)")
    document = editor.open("(a)\n(b)")
    await editor.command("nrepl.evalBuffer", {"uri": document.uri})
    await nrepl.received("eval")
    await editor.request("shutdown")
    await editor.server.close()
    assert editor.shown() == []
    assert len(nrepl.of("eval")) == 1


async def test_a_series_whose_evaluation_has_just_ended_is_interrupted_all_the_same(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", silent(), code="\n(b)")
    document = editor.open("(a)\n(b)")
    repl = editor.server.repl_for(document.uri)
    assert repl is not None
    ended = editor.server.evaluations.start(repl, Code("1", for_document("clojure", "")))
    assert (await ended.outcome(5)).status == "done"
    await editor.command("nrepl.evalBuffer", {"uri": document.uri})
    await nrepl.received("eval", 3)
    (series,) = series_of(editor.server)
    series._ids.add(ended.id)
    answer = await interrupt_and_tell(editor.server, [ended])
    assert answer == {"status": "interrupted", "message": None}
    await editor.command("nrepl.interrupt")
