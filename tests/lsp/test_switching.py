"""`nrepl.sessions`, `nrepl.switchSession`, and sessions that are kept."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.commands import switching as commands
from nrepl_lsp.lsp.session import new_session as new_sessions
from nrepl_lsp.lsp.session import session_list, switching
from nrepl_lsp.repl import new_session
from nrepl_lsp.repl.repl import Repl
from tests.support.fault_server import DONE, FaultServer, held, reply, silent

from .conftest import attach_file
from .editor import Editor

TEXT = "(ns demo)\n(def a 1)\n"
SCRATCH = "untitled:scratch.clj"


@pytest.fixture
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """What never comes is not waited for."""
    monkeypatch.setattr(new_session, "CLONE_TIMEOUT", 0.1)
    monkeypatch.setattr(new_session, "CONNECT_TIMEOUT", 0.2)


async def run(editor: Editor, name: str, **more: Any) -> Any:
    return await editor.command(f"nrepl.{name}", {"wait": True, **more})


def begin(editor: Editor, name: str, **more: Any) -> "asyncio.Future[Any]":
    """Send a command; the answer to another one comes after it was taken."""
    arguments = [{"wait": True, **more}]
    params = {"command": f"nrepl.{name}", "arguments": arguments}
    return editor.start_request("workspace/executeCommand", params)[1]


async def sessions(editor: Editor) -> Any:
    return await editor.command("nrepl.sessions")


def live(editor: Editor) -> Repl:
    repl = editor.server.repl_for(None)
    assert repl is not None
    return repl


def one(session: str | None, ns: str | None = None, *, current: bool = False) -> dict[str, Any]:
    return {"session": session, "current": current, "ns": ns}


# -- the list -------------------------------------------------------------------------------


async def test_ours_comes_first_and_the_one_for_questions_not(
    editor: Editor, nrepl: FaultServer
) -> None:
    others = sorted(nrepl.new_session() for _ in range(2))
    user = live(editor).user.id
    assert await sessions(editor) == {
        "status": "done",
        "sessions": [one(user, current=True), *map(one, others)],
        "message": None,
    }
    assert nrepl.of("eval") == []
    assert editor.shown() == []


async def test_the_namespaces_are_those_that_were_told(editor: Editor, nrepl: FaultServer) -> None:
    other = nrepl.new_session()
    scratch = editor.open("1", SCRATCH).uri
    nrepl.on("eval", reply({"value": "1", "ns": "demo"}, DONE))
    await run(editor, "evalCode", uri=scratch, code="1")
    first = live(editor).user.id
    await run(editor, "switchSession", session=other)
    nrepl.on("eval", reply({"value": "1", "ns": "cljs.user"}, DONE))
    answer = await sessions(editor)
    assert answer["sessions"] == [one(other, current=True), one(first, "demo")]
    await run(editor, "evalCode", uri=scratch, code="1")
    answer = await sessions(editor)
    assert answer["sessions"] == [one(other, "cljs.user", current=True), one(first, "demo")]
    assert (await editor.command("nrepl.status"))["connections"][0]["ns"] == "cljs.user"
    await run(editor, "switchSession", session=first)
    assert (await editor.command("nrepl.status"))["connections"][0]["ns"] == "demo"
    assert (await sessions(editor))["sessions"][1] == one(other, "cljs.user")


async def test_a_namespace_is_known_over_a_lost_connection(
    editor: Editor, nrepl: FaultServer
) -> None:
    scratch = editor.open("1", SCRATCH).uri
    nrepl.on("eval", reply({"value": "1", "ns": "demo"}, DONE))
    await run(editor, "evalCode", uri=scratch, code="1")
    before = live(editor)
    nrepl.hang_up()

    def is_back() -> bool:
        return editor.server.repl_for(None) not in (None, before)

    await editor.until(is_back, "reconnection")
    assert (await sessions(editor))["sessions"] == [one(before.user.id, "demo", current=True)]


async def test_without_a_program_it_says_what_to_do(detached: Editor) -> None:
    answer = await sessions(detached)
    assert (answer["status"], answer["sessions"]) == ("disconnected", [])
    assert "nrepl.connect" in answer["message"]
    assert detached.shown() == [answer["message"]]


async def test_a_connection_that_is_lost_meanwhile(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("ls-sessions", silent())
    asking = asyncio.create_task(sessions(editor))
    await nrepl.received("ls-sessions")
    nrepl.hang_up()
    answer = await asking
    assert (answer["status"], answer["sessions"]) == ("disconnected", [])


async def test_a_program_that_cannot_list_them_has_those_known_here(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.without("ls-sessions")
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    first = live(editor).user.id
    assert (await run(editor, "newSession", keep=True))["status"] == "done"
    assert await sessions(editor) == {
        "status": "done",
        "sessions": [one(live(editor).user.id, current=True), one(first)],
        "message": session_list.NOT_LISTED,
    }
    answer = await run(editor, "switchSession", session=first)
    assert answer == {"status": "error", "message": switching.NOT_LISTED}
    assert nrepl.of("ls-sessions") == []


async def test_a_server_without_sessions_has_one_without_a_name(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.without("clone", "close", "ls-sessions")
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    assert (await sessions(editor))["sessions"] == [one(None, current=True)]
    answer = await run(editor, "newSession", keep=True)
    assert answer == {"status": "error", "message": new_sessions.NOTHING_TO_KEEP}
    answer = await run(editor, "switchSession")
    assert answer == {"status": "error", "message": commands.NO_SESSIONS}


async def test_a_program_that_does_not_answer_is_not_waited_for(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_list, "LISTED_WITHIN", 0.05)
    nrepl.on("ls-sessions", silent())
    assert await sessions(editor) == {
        "status": "done",
        "sessions": [one(live(editor).user.id, current=True)],
        "message": session_list.NO_ANSWER,
    }


async def test_a_busy_program_that_is_known_to_be_silent_is_not_waited_for(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", silent(), code="(loop)")
    nrepl.on("ls-sessions", silent())
    running = asyncio.create_task(run(editor, "evalCode", code="(loop)"))
    await nrepl.received("eval")
    live(editor).silence.is_expected = True
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert (await sessions(editor))["message"] == session_list.NO_ANSWER
    assert loop.time() - started < session_list.LISTED_WITHIN / 2
    await editor.command("nrepl.interrupt")
    await running


async def test_of_very_many_the_first_come(editor: Editor, nrepl: FaultServer) -> None:
    for _ in range(120):
        nrepl.new_session()
    answer = await sessions(editor)
    assert len(answer["sessions"]) == session_list.SESSIONS_LIMIT == 100
    assert answer["message"] == "These are 100 of 121 sessions."
    for session in nrepl.sessions[-21:]:
        nrepl.sessions.remove(session)
    answer = await sessions(editor)
    assert (len(answer["sessions"]), answer["message"]) == (100, None)


async def test_that_the_session_in_use_is_gone_is_said(editor: Editor, nrepl: FaultServer) -> None:
    other = nrepl.new_session()
    await run(editor, "switchSession", session=other)
    nrepl.sessions.remove(other)
    answer = await sessions(editor)
    assert (answer["sessions"][0], answer["message"]) == (
        one(other, current=True),
        session_list.GONE,
    )


# -- switching ------------------------------------------------------------------------------


async def test_code_runs_in_the_chosen_session(editor: Editor, nrepl: FaultServer) -> None:
    other = nrepl.new_session()
    document = editor.open(TEXT)
    answer = await run(editor, "switchSession", session=other, uri=document.uri)
    assert answer == {"status": "done", "message": None}
    assert editor.shown() == [f"Code runs in the session {other[:8]} from now on."]
    await run(editor, "evalCode", code="(+ 1 2)", uri=document.uri)
    assert nrepl.of("eval")[-1]["session"] == other
    await editor.command("nrepl.disconnect")
    await nrepl.disconnected()
    assert nrepl.sessions == [other]


async def test_the_message_names_the_namespace_where_it_is_known(
    editor: Editor, nrepl: FaultServer
) -> None:
    scratch = editor.open("1", SCRATCH).uri
    nrepl.on("eval", reply({"value": "1", "ns": "demo"}, DONE))
    await run(editor, "evalCode", uri=scratch, code="1")
    first = str(live(editor).user.id)
    await run(editor, "newSession", keep=True)
    await run(editor, "switchSession", session=first)
    assert editor.shown()[-1] == f"Code runs in the session {first[:8]} (demo) from now on."


async def test_the_one_in_use_is_in_use_already(editor: Editor, nrepl: FaultServer) -> None:
    repl = live(editor)
    answer = await run(editor, "switchSession", session=repl.user.id)
    assert answer == {"status": "done", "message": None}
    assert editor.shown() == [switching.CURRENT]
    assert live(editor) is repl


@pytest.mark.parametrize(
    ("session", "sentence"),
    [
        (None, commands.NO_SESSION),
        ("", commands.NO_SESSION),
        (
            "0" * 50,
            switching.GONE,
        ),
    ],
)
async def test_what_is_no_session_is_refused(
    editor: Editor, nrepl: FaultServer, session: str | None, sentence: str
) -> None:
    repl = live(editor)
    answer = await run(editor, "switchSession", session=session)
    assert answer == {"status": "error", "message": sentence}
    assert editor.shown() == [sentence]
    assert live(editor) is repl


async def test_the_session_of_our_questions_is_not_evaluated_in(
    editor: Editor, nrepl: FaultServer
) -> None:
    repl = live(editor)
    answer = await run(editor, "switchSession", session=repl.tooling.id)
    assert answer["status"] == "error"
    assert "no such session" in answer["message"]
    assert live(editor) is repl


async def test_without_a_program_nothing_is_switched(detached: Editor) -> None:
    answer = await run(detached, "switchSession", session="x")
    assert answer["status"] == "disconnected"
    assert detached.shown() == [answer["message"]]


async def test_a_program_without_an_answer_is_not_switched(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_session, "LISTED_WITHIN", 0.1)
    other = nrepl.new_session()
    nrepl.on("ls-sessions", silent())
    answer = await run(editor, "switchSession", session=other)
    assert answer == {"status": "error", "message": switching.NO_ANSWER}


async def test_a_program_that_goes_meanwhile(editor: Editor, nrepl: FaultServer) -> None:
    other = nrepl.new_session()
    nrepl.on("ls-sessions", silent())
    asking = asyncio.create_task(run(editor, "switchSession", session=other))
    await nrepl.received("ls-sessions")
    nrepl.hang_up()
    answer = await asking
    assert answer["status"] == "error"
    assert "No REPL" in answer["message"]


@pytest.mark.parametrize(
    ("name", "more"), [("switchSession", {"session": "other"}), ("newSession", {"keep": True})]
)
@pytest.mark.parametrize("command", ["evalCode", "evalBuffer"])
async def test_a_session_in_which_something_runs_is_not_left(
    editor: Editor, nrepl: FaultServer, name: str, more: dict[str, Any], command: str
) -> None:
    other = nrepl.new_session()
    nrepl.on("eval", silent())
    document = editor.open("(loop)\n(loop)\n")
    repl = live(editor)
    running = asyncio.create_task(run(editor, command, code="(loop)", uri=document.uri))
    await nrepl.received("eval")
    answer = await run(
        editor, name, **{key: other if value == "other" else value for key, value in more.items()}
    )
    assert answer == {"status": "error", "message": switching.IN_USE}
    assert editor.shown() == [switching.IN_USE]
    assert live(editor) is repl
    assert not running.done()
    await editor.command("nrepl.interrupt")
    assert (await running)["status"] == "interrupted"


async def test_what_was_planned_for_the_session_before_is_not_sent(
    editor: Editor, nrepl: FaultServer
) -> None:
    """The session that was left is there, and would take it."""
    other = nrepl.new_session()
    document = editor.open(TEXT)
    old = live(editor)
    await run(editor, "switchSession", session=other)
    from nrepl_lsp.lsp.evaluating.code import Code
    from nrepl_lsp.source.languages import CLOJURE

    running = editor.server.evaluations.start(old, Code("(launch)", CLOJURE, document.uri))
    outcome = await running.outcome(5)
    assert outcome.status == "disconnected"
    assert outcome.fault is not None
    assert outcome.fault.message == "Not sent, because the session has changed: evaluate it again."
    assert nrepl.of("eval") == []


async def test_that_the_session_is_gone_is_said_with_what_to_do(
    editor: Editor, nrepl: FaultServer
) -> None:
    other = nrepl.new_session()
    document = editor.open("(a)")
    await run(editor, "switchSession", session=other)
    gone = reply({"status": ["error", "unknown-session"]}, DONE)
    nrepl.on("eval", gone, session=other)
    answer = await run(editor, "evalCode", code="(a)", uri=document.uri)
    assert answer["status"] == "error"
    assert answer["error"]["message"] == (
        "The session is gone: choose another, or run nrepl.newSession."
    )
    assert (await run(editor, "newSession"))["status"] == "done"
    assert (await run(editor, "evalCode", code="1", uri=document.uri))["values"] == ["1"]


# -- a new one beside the old ---------------------------------------------------------------


async def test_the_old_session_can_be_kept(editor: Editor, nrepl: FaultServer) -> None:
    first = str(live(editor).user.id)
    answer = await run(editor, "newSession", keep=True)
    assert answer == {"status": "done", "message": None}
    second = live(editor).user.id
    assert second != first
    assert nrepl.of("close") == []
    assert (await sessions(editor))["sessions"] == [one(second, current=True), one(first)]
    assert (await run(editor, "switchSession", session=first))["status"] == "done"
    await run(editor, "evalCode", code="1")
    assert nrepl.of("eval")[-1]["session"] == first
    await editor.command("nrepl.disconnect")
    await nrepl.disconnected()
    assert nrepl.sessions == []


async def test_a_program_that_makes_none_beside_it_says_so(
    editor: Editor, nrepl: FaultServer, short_deadlines: None
) -> None:
    nrepl.on("clone", silent())
    answer = await run(editor, "newSession", keep=True)
    assert answer == {"status": "error", "message": new_sessions.NONE_BESIDE}


# -- code that is sent meanwhile ------------------------------------------------------------


async def test_code_sent_while_a_new_session_is_made_runs_there_once(
    editor: Editor, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("clone", held(gate))
    nrepl.on("eval", silent(), code="(loop)")
    document = editor.open("(a)\n(b)\n")
    before = begin(editor, "evalCode", code="(loop)", uri=document.uri)
    await nrepl.received("eval")
    making = begin(editor, "newSession")
    await nrepl.received("clone")
    sent = [
        begin(editor, "evalCode", code=code, uri=document.uri)
        for code in ("(launch 1)", "(launch 2)")
    ]
    buffer = begin(editor, "evalBuffer", uri=document.uri)
    await editor.command("nrepl.status")
    assert len(nrepl.of("eval")) == 1
    gate.set()
    assert (await making)["status"] == "done"
    assert (await before)["status"] == "interrupted"
    answers = [await one for one in sent]
    assert [(one["status"], one["values"]) for one in answers] == [
        ("done", ["(launch 1)"]),
        ("done", ["(launch 2)"]),
    ]
    answer = await buffer
    assert (answer["status"], answer["evaluated"]) == ("done", 2)
    new = live(editor).user.id
    after = [request for request in nrepl.of("eval") if request["code"] != "(loop)"]
    assert sorted(one["code"].strip() for one in after) == [
        "(a)",
        "(b)",
        "(launch 1)",
        "(launch 2)",
    ]
    assert {one["session"] for one in after} == {new}


async def test_code_sent_while_a_session_is_switched_to_runs_there(
    editor: Editor, nrepl: FaultServer
) -> None:
    other = nrepl.new_session()
    gate = asyncio.Event()
    nrepl.on("ls-sessions", held(gate))
    switching_to = begin(editor, "switchSession", session=other)
    await nrepl.received("ls-sessions")
    sent = begin(editor, "evalCode", code="(launch)")
    await editor.command("nrepl.status")
    gate.set()
    assert (await switching_to)["status"] == "done"
    assert (await sent)["status"] == "done"
    (asked,) = nrepl.of("eval")
    assert asked["session"] == other


@pytest.mark.parametrize("name", ["newSession", "switchSession"])
async def test_code_sent_right_behind_the_command_runs_there(
    editor: Editor, nrepl: FaultServer, name: str
) -> None:
    """Both come in one read, before anything of the first has happened."""
    other = nrepl.new_session()
    document = editor.open("(a)\n(b)\n")
    old = live(editor)
    exchange = begin(editor, name, session=other)
    sent = begin(editor, "evalCode", code="(launch)", uri=document.uri)
    buffer = begin(editor, "evalBuffer", uri=document.uri)
    assert (await exchange)["status"] == "done"
    assert ((await sent)["status"], (await buffer)["status"]) == ("done", "done")
    assert {asked["session"] for asked in nrepl.of("eval")} == {live(editor).user.id}
    assert live(editor).user.id != old.user.id
    assert len(nrepl.of("eval")) == 3


async def test_code_sent_right_before_the_command_runs_in_the_session_before(
    editor: Editor, nrepl: FaultServer
) -> None:
    other = nrepl.new_session()
    nrepl.on("eval", silent())
    sent = begin(editor, "evalCode", code="(launch)")
    answer = await begin(editor, "switchSession", session=other)
    assert answer == {"status": "error", "message": switching.IN_USE}
    await nrepl.received("eval")
    await editor.command("nrepl.interrupt")
    assert (await sent)["status"] == "interrupted"


async def test_code_whose_session_does_not_come_is_not_sent(
    editor: Editor, nrepl: FaultServer, short_deadlines: None
) -> None:
    nrepl.on("clone", silent())
    nrepl.on("describe", silent())
    document = editor.open("(a)\n(b)\n")
    making = begin(editor, "newSession")
    await nrepl.received("clone")
    sent = begin(editor, "evalCode", code="(launch)", uri=document.uri)
    buffer = begin(editor, "evalBuffer", uri=document.uri)
    assert (await making)["status"] == "error"
    for answer in (await sent, await buffer):
        assert answer["status"] == "error"
        assert answer["error"]["message"] == (
            "Not sent, because the session it was for has not come: evaluate it again."
        )
    assert nrepl.of("eval") == []
    assert (await run(editor, "evalCode", code="1", uri=document.uri))["values"] == ["1"]


async def test_code_whose_program_goes_meanwhile_is_not_sent(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("clone", silent())
    making = begin(editor, "newSession")
    await nrepl.received("clone")
    sent = begin(editor, "evalCode", code="(launch)")
    await editor.command("nrepl.status")
    await editor.command("nrepl.disconnect")
    assert (await making)["status"] == "error"
    assert (await sent)["status"] == "disconnected"
    assert nrepl.of("eval") == []


async def test_code_that_waits_for_its_session_can_be_interrupted(
    editor: Editor, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("clone", held(gate))
    making = begin(editor, "newSession")
    await nrepl.received("clone")
    document = editor.open("(a)\n(b)\n")
    sent = begin(editor, "evalCode", code="(launch)", uri=document.uri)
    await editor.command("nrepl.status")
    buffer = begin(editor, "evalBuffer", uri=document.uri)
    await editor.command("nrepl.status")
    await editor.command("nrepl.interrupt", {"uri": document.uri})
    assert (await sent)["status"] == "interrupted"
    gate.set()
    assert (await making)["status"] == "done"
    assert (await buffer)["status"] == "interrupted"
    assert nrepl.of("eval") == []
