"""Code that reads standard input: who is asked, who answers, and that nothing goes astray."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.following.input import END, INTERRUPT, LATER, LINE, NOTHING, input_of
from nrepl_lsp.nrepl import UnknownOp
from tests.support.fault_server import DONE, FaultServer, Message, Peer, silent, unknown_op

from .conftest import attach_file
from .editor import MODERN, Editor, RequestFailed

CAPS = Path(__file__).with_name("caps")
ASKING = "window/showMessageRequest"
CODE = {"code": "(read-line)", "wait": True}


def reads(count: int = 1, *printed: Message) -> Any:
    """Ask for input so often, then answer what was given."""

    async def behave(peer: Peer, request: Message) -> None:
        before = len(peer.server.of("stdin"))
        peer.answer(request, *printed)
        for number in range(1, count + 1):
            peer.answer(request, {"status": ["need-input"]})
            await peer.server.received("stdin", before + number)
        given = [it["stdin"] for it in peer.server.of("stdin")[before:]]
        peer.answer(request, {"value": repr(given)}, DONE)

    return behave


@pytest.fixture
def start(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Any:
    """`await start(**settings)`: an editor that can ask, whose project is attached."""

    async def begin(*, says_so: bool = True, opted: Any = None, **options: Any) -> Editor:
        attach_file(project, nrepl)
        editor = make_editor()
        window = {"window": {"showMessage": {"messageActionItem": {}}}} if says_so else {}
        capabilities = {**MODERN, **window, "experimental": {"nrepl": opted}}
        await editor.initialize(capabilities, {"nrepl": options})
        await editor.attached()
        nrepl.requests.clear()
        return editor

    return begin


def command(editor: Editor, name: str, argument: dict[str, Any]) -> "asyncio.Future[Any]":
    params = {"command": name, "arguments": [argument]}
    return editor.start_request("workspace/executeCommand", params)[1]


def questions(editor: Editor) -> list[str]:
    return [params["message"] for method, params in editor.requests if method == ASKING]


async def asked(editor: Editor, count: int = 1) -> str:
    """Wait for a question; the last one."""
    await editor.until(lambda: len(questions(editor)) >= count, f"{count} questions")
    return questions(editor)[-1]


def choosing(*titles: str | None) -> Callable[[Any], Any]:
    """Choose these, one after the other."""
    left = list(titles)

    def choose(params: Any) -> Any:
        title = left.pop(0)
        assert title is None or {"title": title} in params["actions"]
        return title and {"title": title}

    return choose


@pytest.mark.parametrize(
    ("title", "sent"), [(LINE, "Émile 😀\n"), (NOTHING, "\n"), (END, "")], ids=[LINE, NOTHING, END]
)
async def test_what_the_user_chooses_is_sent(
    start: Any, nrepl: FaultServer, title: str, sent: str
) -> None:
    nrepl.on("eval", reads())
    editor = await start()
    document = editor.open("(read-line)\r\nÉmi|le 😀\r\n")
    await document.ask("hover")
    editor.answers[ASKING] = choosing(title)
    answer = await editor.command("nrepl.evalCode", CODE)
    assert answer["values"] == [repr([sent])]
    assert [it["session"] for it in nrepl.of("stdin")] == [nrepl.of("eval")[0]["session"]]
    assert questions(editor) == ["The code reads input (nrepl.sendInput answers too)"]


@pytest.mark.parametrize(
    ("printed", "prompt"),
    [
        ([{"out": "Welcome.\nNa"}, {"out": "me? "}], "The code reads input: Name? ("),
        ([{"out": "Name?\n\n"}], "The code reads input: Name? ("),
        ([{"out": "\x1b[1mName?\x1b[0m "}], "The code reads input: Name? ("),
        ([{"err": "Password: "}], "The code reads input: Password: ("),
        ([{"out": "x" * 5000 + " end"}], "The code reads input: " + "x" * 76 + " end ("),
    ],
)
async def test_the_prompt_is_what_was_printed_last(
    start: Any, nrepl: FaultServer, printed: list[Message], prompt: str
) -> None:
    nrepl.on("eval", reads(1, *printed))
    editor = await start()
    editor.answers[ASKING] = choosing(NOTHING)
    await editor.command("nrepl.evalCode", CODE)
    assert (await asked(editor)).startswith(prompt)


async def test_each_read_asks_anew_and_one_at_a_time(start: Any, nrepl: FaultServer) -> None:
    async def twice(peer: Peer, request: Message) -> None:
        peer.answer(request, {"status": ["need-input"]}, {"status": ["need-input"]})
        await reads(2)(peer, request)

    nrepl.on("eval", twice)
    editor = await start()
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    for text in ("one", "two"):
        sent = await editor.command("nrepl.sendInput", {"text": text})
        assert sent == {"status": "sent", "message": None}
        if text == "one":
            await asked(editor, 2)
    assert (await evaluation)["values"] == [repr(["one\n", "two\n"])]
    assert len(questions(editor)) == 2


@pytest.mark.parametrize(
    ("argument", "sent"),
    [
        ({"text": "abc"}, "abc\n"),
        ({"text": "abc\n"}, "abc\n"),
        ({"text": "a\r\n"}, "a\n"),
        ({"text": "\n"}, "\n"),
        ({"text": ""}, "\n"),
        ({"end": True}, ""),
        ({"end": True, "text": "abc"}, ""),
        ({"end": False}, "the line\n"),
        ({}, "the line\n"),
        ({"position": {"line": 0, "character": 0}}, "(f)\n"),
        (
            {"range": {"start": {"line": 0, "character": 1}, "end": {"line": 1, "character": 3}}},
            "f)\n",
        ),
    ],
)
async def test_the_command_sends_text_the_line_or_the_selection(
    start: Any, nrepl: FaultServer, argument: dict[str, Any], sent: str
) -> None:
    nrepl.on("eval", reads())
    editor = await start()
    await editor.open("(f)\nthe| line").ask("hover")
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    await editor.command("nrepl.sendInput", argument)
    assert (await evaluation)["values"] == [repr([sent])]


async def test_several_lines_are_sent_one_by_one_as_they_are_asked_for(
    start: Any, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reads(3))
    editor = await start()
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    await editor.command("nrepl.sendInput", {"text": "a\r\n\r\nc"})
    assert (await evaluation)["values"] == [repr(["a\n", "\n", "c\n"])]
    assert len(questions(editor)) == 1


async def test_lines_that_are_not_read_reach_no_other_code(start: Any, nrepl: FaultServer) -> None:
    nrepl.on("eval", reads())
    editor = await start()
    for text in ("a\nb\nc", "d"):
        evaluation = command(editor, "nrepl.evalCode", CODE)
        await editor.until(lambda: editor.server.evaluations.running(), "evaluation")
        await nrepl.received("eval", 1 if text != "d" else 2)
        await asked(editor, 1 if text != "d" else 2)
        await editor.command("nrepl.sendInput", {"text": text})
        assert (await evaluation)["values"] == [repr([text[0] + "\n"])]


async def test_where_nothing_waits_nothing_is_sent(start: Any, nrepl: FaultServer) -> None:
    editor = await start()
    expected = {"status": "idle", "message": "No code waits for input."}
    assert await editor.command("nrepl.sendInput", {"text": "x"}) == expected
    await editor.command("nrepl.evalCode", {"code": "1", "wait": True})
    assert await editor.command("nrepl.sendInput", {"text": "x"}) == expected
    assert editor.shown()[-1] == expected["message"]
    assert nrepl.of("stdin") == []


async def test_without_a_line_the_text_is_asked_for(start: Any, nrepl: FaultServer) -> None:
    nrepl.on("eval", reads())
    editor = await start()
    editor.answers[ASKING] = choosing(LINE)
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await editor.notified("window/showMessage", "There is no current line")
    answer = await editor.command("nrepl.sendInput")
    assert answer["status"] == "error"
    assert "pass the `text`" in answer["message"]
    await editor.command("nrepl.sendInput", {"text": "x"})
    assert (await evaluation)["values"] == [repr(["x\n"])]


async def test_a_key_that_was_meant_for_the_text_sends_nothing(
    start: Any, nrepl: FaultServer
) -> None:
    """Kate puts the question in front, with its first choice under Enter and the space bar."""
    nrepl.on("eval", reads(1))
    editor = await start()

    def first(params: Any) -> Any:
        assert params["actions"][0] == {"title": LATER}
        return params["actions"][0]

    editor.answers[ASKING] = first
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    await editor.command("nrepl.status")
    assert nrepl.of("stdin") == []
    await editor.command("nrepl.sendInput", {"text": "Ada"})
    assert (await evaluation)["values"] == [repr(["Ada\n"])]


@pytest.mark.parametrize("given", [{"end": "yes"}, {"text": 42}, {"text": None, "end": 1}])
async def test_input_of_a_wrong_type_is_refused(start: Any, given: dict[str, Any]) -> None:
    """Without its text the command would give the document's line, which nobody has asked for."""
    editor = await start()
    with pytest.raises(RequestFailed) as failed:
        await editor.command("nrepl.sendInput", given)
    assert failed.value.code == -32602


@pytest.mark.parametrize("answers", ["null", "error"])
async def test_a_question_that_is_not_answered_is_left_to_the_command(
    start: Any, nrepl: FaultServer, answers: str
) -> None:
    def fail(params: Any) -> Any:
        raise RequestFailed({"code": -32601, "message": "no such method"})

    nrepl.on("eval", reads())
    editor = await start()
    editor.answers[ASKING] = choosing(None) if answers == "null" else fail
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    if answers == "error":
        await editor.notified("window/showMessage", "The code reads input")
    await editor.command("nrepl.sendInput", {"text": "x"})
    assert (await evaluation)["values"] == [repr(["x\n"])]


async def test_an_editor_that_does_not_say_that_it_asks_shows_the_text_as_well(
    start: Any, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reads())
    editor = await start(says_so=False)
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    assert editor.shown() == questions(editor)
    await editor.command("nrepl.sendInput", {"text": "x"})
    assert (await evaluation)["status"] == "done"


@pytest.mark.parametrize("caps", sorted(CAPS.glob("*.json")), ids=lambda path: path.stem)
async def test_every_editor_gets_to_know_of_it_and_can_answer(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, caps: Path
) -> None:
    attach_file(project, nrepl)
    nrepl.on("eval", reads())
    editor = make_editor()
    editor.answers["workspace/configuration"] = lambda params: [None] * len(params["items"])
    await editor.initialize(json.loads(caps.read_text("utf-8")))
    await editor.attached()
    evaluation = command(editor, "nrepl.evalCode", CODE)
    text = await asked(editor)
    # ALE, which announces nothing, drops the question: it gets the text as a message.
    assert (editor.shown() == [text]) is ("showMessage" not in caps.read_text("utf-8"))
    await editor.command("nrepl.sendInput", {"text": "x"})
    assert (await evaluation)["values"] == [repr(["x\n"])]


async def test_input_that_nobody_gives_ends_and_what_is_read_after_that_ends_at_once(
    start: Any, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reads(4))
    editor = await start(input={"timeout": 0.05})
    answer = await editor.command("nrepl.evalCode", CODE)
    assert answer["values"] == [repr(["", "", "", ""])]
    assert len(questions(editor)) == 1
    text = "No input came within 0.05 seconds; the code was given the end of it."
    assert editor.shown().count(text) == 1
    # The next evaluation is asked for again.
    await editor.command("nrepl.evalCode", CODE)
    assert len(questions(editor)) == 2


async def test_code_that_reads_on_for_ever_is_interrupted(start: Any, nrepl: FaultServer) -> None:
    nrepl.on("eval", reads(10**6))
    editor = await start(input={"timeout": 0.05})
    answer = await editor.command("nrepl.evalCode", CODE)
    assert answer["status"] == "interrupted"
    assert len(nrepl.of("stdin")) == 20
    await editor.notified("window/showMessage", "reads on after the end of its input")


async def test_interrupt_can_be_chosen(start: Any, nrepl: FaultServer) -> None:
    nrepl.on("eval", reads())
    editor = await start()
    editor.answers[ASKING] = choosing(INTERRUPT)
    answer = await editor.command("nrepl.evalCode", CODE)
    assert answer["status"] == "interrupted"
    assert nrepl.of("stdin") == []
    assert (await editor.command("nrepl.sendInput", {"text": "x"}))["status"] == "idle"


async def test_where_it_cannot_be_interrupted_input_can_still_be_given(
    start: Any, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reads())
    nrepl.on("interrupt", unknown_op())
    editor = await start()
    editor.answers[ASKING] = choosing(INTERRUPT, None)
    evaluation = command(editor, "nrepl.evalCode", CODE)
    assert "cannot interrupt" in await asked(editor, 2)
    await editor.command("nrepl.sendInput", {"text": "x"})
    assert (await evaluation)["values"] == [repr(["x\n"])]


async def test_an_answer_that_comes_too_late_reaches_no_other_code(
    start: Any, nrepl: FaultServer
) -> None:
    numbers: list[Any] = []
    nrepl.on("eval", reads())
    editor = await start()
    editor.answers[ASKING] = choosing()
    editor._answer = lambda number, *_: numbers.append(number)  # type: ignore[method-assign]
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    await editor.command("nrepl.interrupt")
    assert (await evaluation)["status"] == "interrupted"
    second = command(editor, "nrepl.evalCode", CODE)
    await asked(editor, 2)
    await editor.until(lambda: len(numbers) == 2, "two questions")
    editor.send({"id": numbers[0], "result": {"title": NOTHING}})
    await editor.command("nrepl.status")
    assert nrepl.of("stdin") == []
    await editor.command("nrepl.sendInput", {"text": "x"})
    assert (await second)["values"] == [repr(["x\n"])]


async def test_a_server_that_takes_no_input_is_told_of(start: Any, nrepl: FaultServer) -> None:
    nrepl.without("stdin").on("eval", reads())
    editor = await start()
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await editor.notified("window/showMessage", "this server takes none: interrupt it")
    await editor.command("nrepl.interrupt")
    assert (await evaluation)["status"] == "interrupted"


async def test_a_server_that_goes_while_it_is_asked_for_leaves_no_question(
    start: Any, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reads())
    editor = await start()
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    nrepl.hang_up()
    assert (await evaluation)["error"]["message"].startswith("The connection was lost")
    assert (await editor.command("nrepl.sendInput", {"text": "x"}))["status"] == "idle"


async def test_two_that_wait_are_told_apart(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    attach_file(project, nrepl)
    async with FaultServer() as second:
        attach_file(other, second)
        editor = make_editor()
        folders = [{"uri": folder.as_uri(), "name": "x"} for folder in (project, other)]
        await editor.initialize(workspaceFolders=folders)
        evaluations = []
        for folder, server in ((project, nrepl), (other, second)):
            await editor.notified("window/logMessage", f"Attached to {server.url}")
            server.on("eval", reads())
            uri = (folder / "a.clj").as_uri()
            evaluations.append(command(editor, "nrepl.evalCode", {**CODE, "uri": uri}))
        await asked(editor, 2)
        # Without a document it is not clear which one is meant.
        assert (await editor.command("nrepl.sendInput", {"text": "x"}))["status"] == "idle"
        uri = (other / "b.clj").as_uri()
        await editor.command("nrepl.sendInput", {"text": "x", "uri": uri})
        assert (await evaluations[1])["values"] == [repr(["x\n"])]
        # One is left; it is another project's all the same.
        assert (await editor.command("nrepl.sendInput", {"text": "x", "uri": uri}))[
            "status"
        ] == "idle"
        await editor.command("nrepl.sendInput", {"text": "y"})
        assert (await evaluations[0])["values"] == [repr(["y\n"])]


async def test_input_is_given_to_the_evaluation_that_is_named(
    start: Any, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reads())
    editor = await start()
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    answer = await editor.command("nrepl.sendInput", {"text": "x", "evaluation": "77"})
    assert answer["status"] == "idle"
    await editor.command("nrepl.sendInput", {"text": "x", "evaluation": "1"})
    assert (await evaluation)["evaluation"] == "1"


async def test_the_end_of_the_editor_ends_the_question(start: Any, nrepl: FaultServer) -> None:
    nrepl.on("eval", reads())
    editor = await start(input={"timeout": 0.2})
    command(editor, "nrepl.evalCode", CODE).add_done_callback(lambda it: it.exception())
    await asked(editor)
    await editor.request("shutdown")
    await editor.server.close()
    assert [task for task in asyncio.all_tasks() if "_ask" in repr(task)] == []
    assert nrepl.of("stdin") == []


async def test_input_that_cannot_be_sent_is_told_and_the_question_stands(
    start: Any, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise UnknownOp("stdin", frozenset())

    nrepl.on("eval", reads())
    editor = await start()
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    with monkeypatch.context() as patched:
        patched.setattr(editor.server.evaluations, "send_input", fail)
        answer = await editor.command("nrepl.sendInput", {"text": "x"})
    assert answer["status"] == "error"
    assert answer["message"].startswith("The input was not sent: ")
    await editor.command("nrepl.sendInput", {"text": "x"})
    assert (await evaluation)["status"] == "done"


async def test_code_that_is_not_in_flight_is_given_nothing(
    start: Any, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    nrepl.on("eval", reads())
    editor = await start()
    evaluation = command(editor, "nrepl.evalCode", CODE)
    await asked(editor)
    (running,) = editor.server.evaluations.running()
    asking = input_of(editor.server)
    assert asking is not None
    assert running.evaluation is not None
    # It has ended, and that is not told yet.
    with monkeypatch.context() as patched:
        patched.setattr(running.evaluation.session, "_running", None)
        assert asking.give(running, "x") == "The code does not wait for input any more."
    assert nrepl.of("stdin") == []
    await editor.command("nrepl.interrupt")
    assert (await evaluation)["status"] == "interrupted"
    assert asking.waiting() == []


async def test_code_that_is_being_interrupted_is_given_nothing(
    start: Any, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reads())
    nrepl.on("interrupt", silent())
    editor = await start()
    command(editor, "nrepl.evalCode", {**CODE, "wait": False})
    await asked(editor)
    interrupting = command(editor, "nrepl.interrupt", {})
    await nrepl.received("interrupt")
    answer = await editor.command("nrepl.sendInput", {"text": "x"})
    assert answer["status"] == "error"
    assert answer["message"] == "The input was not sent: the code is being interrupted."
    assert nrepl.of("stdin") == []
    assert len(input_of(editor.server).waiting()) == 1, "it can be answered when it goes on"
    await interrupting


PLUGIN = {"evaluation": True, "input": True}


def needs(editor: Editor) -> list[str]:
    """The prompts that a plugin has got."""
    told = [params for method, params in editor.notifications if method == "nrepl/evaluation"]
    return [params["prompt"] for params in told if params["state"] == "needInput"]


async def needed(editor: Editor, count: int = 1) -> str:
    await editor.until(lambda: len(needs(editor)) >= count, f"{count} times needInput")
    return needs(editor)[-1]


@pytest.mark.parametrize(
    ("printed", "prompt"),
    [
        ([], ""),
        ([{"out": "Welcome.\nNa"}, {"out": "me? "}], "Name? "),
        ([{"out": "Name?\n"}], "Name?"),
        ([{"out": "\x1b[1mName?\x1b[0m "}, {"out": "\n  "}], "Name? "),
        ([{"err": "Password: "}], "Password: "),
        ([{"out": "x" * 5000 + " end"}], "x" * 196 + " end"),
    ],
)
async def test_a_plugin_that_asks_gets_the_prompt_and_nobody_else_asks(
    start: Any, nrepl: FaultServer, printed: list[Message], prompt: str
) -> None:
    nrepl.on("eval", reads(1, *printed))
    editor = await start(opted=PLUGIN)
    evaluation = command(editor, "nrepl.evalCode", CODE)
    assert await needed(editor) == prompt
    sent = await editor.command("nrepl.sendInput", {"evaluation": "1", "text": "x"})
    assert sent == {"status": "sent", "message": None}
    assert (await evaluation)["values"] == [repr(["x\n"])]
    assert (questions(editor), editor.shown()[:-1]) == ([], [])


async def test_a_plugin_is_asked_anew_only_for_what_it_has_not_given(
    start: Any, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reads(3, {"out": "Name? "}))
    editor = await start(opted=PLUGIN)
    evaluation = command(editor, "nrepl.evalCode", CODE)
    assert await needed(editor) == "Name? "
    await editor.command("nrepl.sendInput", {"evaluation": "1", "text": "a\nb"})
    assert await needed(editor, 2) == "", "the prompt was for what has been answered"
    await editor.command("nrepl.sendInput", {"evaluation": "1", "end": True})
    assert (await evaluation)["values"] == [repr(["a\n", "b\n", ""])]
    assert len(needs(editor)) == 2


async def test_a_plugin_that_gives_nothing_does_not_hold_up_the_code(
    start: Any, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reads(2))
    editor = await start(opted=PLUGIN, input={"timeout": 0.05})
    answer = await editor.command("nrepl.evalCode", CODE)
    assert answer["values"] == [repr(["", ""])]
    assert (len(needs(editor)), questions(editor)) == (1, [])
    late = await editor.command("nrepl.sendInput", {"evaluation": "1", "text": "x"})
    assert late["status"] == "idle"


@pytest.mark.parametrize("opted", [{"input": True}, {"evaluation": True, "input": "yes"}])
async def test_who_cannot_know_of_it_is_asked(start: Any, nrepl: FaultServer, opted: Any) -> None:
    nrepl.on("eval", reads())
    editor = await start(opted=opted)
    editor.answers[ASKING] = choosing(NOTHING)
    assert (await editor.command("nrepl.evalCode", CODE))["values"] == [repr(["\n"])]
    assert len(questions(editor)) == 1
