"""The commands for sessions and namespaces, and for removing names."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.session.new_session import start_new_session
from nrepl_lsp.repl import new_session
from tests.support.fault_server import DEFAULTS, DONE, FaultServer, held, reply, silent

from .conftest import attach_file
from .editor import Editor

TEXT = "(ns demo (:require [core :as c]))\n(defn ar|ea [side] side)\n"

COMMANDS = ("switchNamespace", "newSession", "undef", "undefAll")


@pytest.fixture(autouse=True)
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_session, "CLONE_TIMEOUT", 0.1)
    monkeypatch.setattr(new_session, "CONNECT_TIMEOUT", 0.2)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 0.02)


async def run(editor: Editor, name: str, **more: Any) -> Any:
    return await editor.command(f"nrepl.{name}", {"wait": True, **more})


def evaluated(nrepl: FaultServer) -> list[str]:
    return [request["code"] for request in nrepl.of("eval")]


# -- without a program or a document --------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
async def test_without_a_program_one_sentence(detached: Editor, name: str) -> None:
    document = detached.open(TEXT)
    answer = await run(detached, name, **document.at_cursor)
    assert answer["status"] == "disconnected"
    assert "No REPL is attached" in answer["message"]
    assert detached.shown() == [answer["message"]]


@pytest.mark.parametrize("name", ["switchNamespace", "undef", "undefAll"])
async def test_without_a_document_one_sentence(editor: Editor, name: str) -> None:
    answer = await run(editor, name)
    assert (answer["status"], answer["message"]) == (
        "error",
        "No document is open: pass its `uri`.",
    )
    unopened = await run(editor, name, uri="file:///nowhere.clj")
    assert unopened["message"] == "file:///nowhere.clj is not open."


# -- switching the namespace ----------------------------------------------------------------


async def test_the_session_is_switched_to_the_document_s_namespace(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"value": "demo", "ns": "demo"}, DONE))
    document = editor.open(TEXT)
    answer = await run(editor, "switchNamespace", **document.at_cursor)
    assert answer == {"status": "done", "ns": "demo", "message": None}
    assert editor.shown() == ["The session is in demo."]
    (sent,) = nrepl.of("eval")
    assert sent["code"] == "(in-ns 'demo)"
    assert "ns" not in sent, "else the server would go back afterwards"


async def test_the_namespace_that_is_given_goes_before(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "user", "ns": "user"}, DONE))
    document = editor.open(TEXT)
    assert (await run(editor, "switchNamespace", ns="user", **document.at_cursor))["ns"] == "user"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"ns": "nowhere"}, "the namespace nowhere is not loaded"),
        ({"ns": "a b"}, "a b is no namespace's name"),
        ({"ns": "')(System/exit 1"}, "is no namespace's name"),
    ],
)
async def test_namespaces_that_are_not_there_are_not_named(
    editor: Editor, nrepl: FaultServer, more: dict[str, Any], sentence: str
) -> None:
    document = editor.open(TEXT)
    answer = await run(editor, "switchNamespace", **document.at_cursor, **more)
    assert answer["status"] == "error"
    assert sentence in answer["message"]
    assert nrepl.of("eval") == []


async def test_a_server_that_ignores_the_switch(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "demo", "ns": "user"}, DONE))
    document = editor.open(TEXT)
    answer = await run(editor, "switchNamespace", **document.at_cursor)
    assert (answer["status"], answer["ns"]) == ("error", "user")
    assert answer["message"] == "The program's sessions stay in user: it ignores the switch."


async def test_a_program_that_forgets_in_ns_gets_an_ns_form(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo", "nbb.core"]}, DONE))
    nrepl.on("eval", reply({"value": "demo", "ns": "demo"}, DONE))
    document = editor.open(TEXT)
    assert (await run(editor, "switchNamespace", **document.at_cursor))["status"] == "done"
    assert evaluated(nrepl) == ["(ns demo)"]


async def test_a_failed_switch_is_told(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"err": "Boom\n"}, {"ex": "Boom", "status": ["eval-error"]}, DONE))
    document = editor.open(TEXT)
    answer = await run(editor, "switchNamespace", **document.at_cursor)
    assert (answer["status"], answer["message"]) == ("error", "Boom")


@pytest.mark.parametrize("name", ["switchNamespace", "undefAll", "undef"])
async def test_a_document_without_a_namespace(
    editor: Editor, nrepl: FaultServer, name: str
) -> None:
    document = editor.open("(inc| 1)\n")
    answer = await run(editor, name, **document.at_cursor)
    assert answer["message"] == "This document declares no namespace: pass one as `ns`."


@pytest.mark.parametrize("name", ["switchNamespace", "undefAll", "undef"])
async def test_other_languages_are_told_so(editor: Editor, nrepl: FaultServer, name: str) -> None:
    document = editor.open("(defn f| [] 1)", "src/sums.hy", "hy")
    answer = await run(editor, name, ns="demo", symbol="f", **document.at_cursor)
    assert answer["status"] == "error"
    assert "language" in answer["message"]
    assert nrepl.of("eval") == []


@pytest.mark.parametrize("name", ["switchNamespace", "undefAll", "undef"])
async def test_what_has_not_been_sent_yet_can_be_interrupted(
    editor: Editor, nrepl: FaultServer, name: str
) -> None:
    """The namespace is being asked for."""
    gate = asyncio.Event()
    nrepl.on("ns-list", held(gate, reply({"ns-list": ["user", "other"]}, DONE)))
    document = editor.open("(ns other)\n(defn f| [] 1)")
    running = asyncio.ensure_future(run(editor, name, **document.at_cursor))
    await nrepl.received("ns-list")
    answer = await editor.command("nrepl.interrupt", {"uri": document.uri})
    assert answer == {"status": "interrupted", "message": None}
    gate.set()
    assert ((await running)["status"]) == "interrupted"
    assert editor.shown()[-1] == "Interrupted: nothing was sent."
    assert {request["op"] for request in nrepl.requests} <= {"ns-list", "info"}


# -- a new session --------------------------------------------------------------------------


async def test_a_new_session_takes_over(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open(TEXT)
    before = set(nrepl.sessions)
    assert await run(editor, "newSession") == {"status": "done", "message": None}
    assert editor.shown() == ["A new session has begun; what was defined is still there."]
    (closed,) = await nrepl.received("close")
    assert closed["session"] in before
    await run(editor, "evalCode", code="(+ 1 2)", **document.at_cursor)
    (sent,) = nrepl.of("eval")
    assert sent["session"] in set(nrepl.sessions) - before


async def test_what_runs_and_what_waits_is_told(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", silent(), code="(loop)")
    document = editor.open(TEXT)
    asked = [
        asyncio.create_task(run(editor, "evalCode", code=code, uri=document.uri))
        for code in ("(loop)", "(launch 1)", "(launch 2)")
    ]
    await nrepl.received("eval")
    await editor.until(lambda: len(editor.server.evaluations.running()) == 3, "evaluations")
    assert (await run(editor, "newSession"))["status"] == "done"
    assert [(await one)["status"] for one in asked] == ["interrupted"] * 3
    await editor.notified("window/showMessage", "Interrupted: (loop)")
    assert evaluated(nrepl) == ["(loop)"], "what waited never reaches the program"
    assert len(nrepl.of("interrupt")) == 1, "a second one could hit what comes next"
    assert (await run(editor, "evalCode", code="1", uri=document.uri))["status"] == "done"


async def test_what_cannot_be_stopped_is_told(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.without("interrupt")
    nrepl.on("eval", silent(), code="(loop)")
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    nrepl.on("clone", lambda peer, request: busy_first(nrepl, peer, request))
    running = asyncio.create_task(run(editor, "evalCode", code="(loop)"))
    await nrepl.received("eval")
    assert (await run(editor, "newSession"))["status"] == "done"
    await editor.notified("window/showMessage", "what was running may go on")
    assert (await running)["status"] == "interrupted"
    assert (await run(editor, "evalCode", code="1"))["values"] == ["1"]


async def busy_first(nrepl: FaultServer, peer: Any, request: dict[str, Any]) -> None:
    if peer is not nrepl.peers[0]:
        await DEFAULTS["clone"](peer, request)


async def test_a_program_that_answers_nothing_is_to_be_restarted(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("clone", silent())
    nrepl.on("describe", silent())
    answer = await run(editor, "newSession")
    assert answer["status"] == "error"
    assert "wait until it is done, or restart it" in answer["message"]
    assert editor.shown() == [answer["message"]]


async def test_a_program_that_goes_meanwhile(editor: Editor, nrepl: FaultServer) -> None:
    async def go(peer: Any, request: dict[str, Any]) -> None:
        nrepl.hang_up()

    nrepl.on("clone", go)
    answer = await run(editor, "newSession")
    assert answer["status"] == "error"
    assert "No REPL" in answer["message"]


async def test_a_new_session_takes_as_long_as_it_takes(
    editor: Editor, nrepl: FaultServer, impatient: None
) -> None:
    gate = asyncio.Event()
    nrepl.on("clone", held(gate))
    answer = await editor.command("nrepl.newSession")
    assert answer == {"status": "running", "message": None}
    gate.set()
    await editor.notified("window/showMessage", "A new session has begun")


# -- removing names -------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["undef", "cider/undef"])
async def test_the_name_at_the_cursor_is_removed_by_the_op(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, op: str
) -> None:
    nrepl.on(op, reply({"undef": "area"}, DONE))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    document = editor.open(TEXT)
    answer = await run(editor, "undef", **document.at_cursor)
    assert answer == {
        "status": "done",
        "ns": "demo",
        "symbol": "area",
        "message": "Removed demo/area.",
    }
    assert editor.shown() == ["Removed demo/area."]
    (sent,) = nrepl.of(op)
    assert (sent["ns"], sent["sym"], sent["symbol"]) == ("demo", "area", "area")
    assert sent["session"] in nrepl.sessions
    assert nrepl.of("eval") == []


async def test_a_name_is_removed_by_evaluation_elsewhere(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"value": "true", "ns": "user"}, DONE))
    document = editor.open(TEXT)
    assert (await run(editor, "undef", **document.at_cursor))["status"] == "done"
    (code,) = evaluated(nrepl)
    assert "(ns-unmap 'demo 'area)" in code
    nrepl.on("eval", reply({"value": "false", "ns": "user"}, DONE))
    answer = await run(editor, "undef", symbol="nothing", **document.at_cursor)
    assert (answer["status"], answer["message"]) == ("error", "The program has no demo/nothing.")


@pytest.mark.parametrize(
    ("text", "more", "sentence"),
    [
        ("(ns demo)\n(defn f [si|de] side)", {}, "side is a local here"),
        ("(ns demo)\n:ke|y", {}, "There is no name at the cursor"),
        ("(ns demo)\n \n|\n", {}, "There is no name at the cursor"),
        ("(ns demo (:require [other :as o]))\no/jo|in", {}, "o/join belongs to other"),
        ("(ns demo)\n(f|)", {"symbol": "a b"}, "a b is no name"),
        ("(ns demo)\n(f|)", {"symbol": "map"}, "map belongs to core"),
        ("(ns demo)\n(f|)", {"ns": "nowhere"}, "nowhere is not loaded"),
        ("(ns demo)\n(f|)", {"ns": "clojure.core"}, "nothing works any more"),
        ("(ns demo)\n(f|)", {"symbol": "user/x"}, "user/x belongs to user"),
    ],
)
async def test_what_is_not_removed(
    editor: Editor, nrepl: FaultServer, text: str, more: dict[str, Any], sentence: str
) -> None:
    document = editor.open(text)
    answer = await run(editor, "undef", **document.at_cursor, **more)
    assert answer["status"] == "error"
    assert sentence in answer["message"]
    assert nrepl.of("eval") == []


@pytest.mark.parametrize(
    ("more", "removed"),
    [
        ({"symbol": "demo/area"}, "demo/area"),
        ({"symbol": "user/x", "ns": "user"}, "user/x"),
        ({"symbol": "x", "ns": "user"}, "user/x"),
        ({"symbol": "c"}, "demo/c"),
    ],
)
async def test_names_that_are_given(
    editor: Editor, nrepl: FaultServer, more: dict[str, Any], removed: str
) -> None:
    nrepl.on("eval", reply({"value": "true", "ns": "user"}, DONE))
    document = editor.open(TEXT)
    answer = await run(editor, "undef", **document.at_cursor, **more)
    assert (answer["status"], answer["message"]) == ("done", f"Removed {removed}.")


async def test_a_failed_removal_is_told(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"err": "Boom\n"}, {"ex": "Boom", "status": ["eval-error"]}, DONE))
    document = editor.open(TEXT)
    for name in ("undef", "undefAll"):
        answer = await run(editor, name, **document.at_cursor)
        assert (answer["status"], answer["message"]) == ("error", "Boom")


@pytest.mark.parametrize(
    ("value", "message"),
    [("3", "Removed 3 names of demo."), ("1", "Removed 1 name of demo.")],
)
async def test_all_names_are_removed(
    editor: Editor, nrepl: FaultServer, value: str, message: str
) -> None:
    nrepl.on("eval", reply({"value": value, "ns": "user"}, DONE))
    document = editor.open(TEXT)
    answer = await run(editor, "undefAll", **document.at_cursor)
    assert answer == {"status": "done", "ns": "demo", "symbol": None, "message": message}
    assert editor.shown() == [message]


async def test_all_names_are_removed_by_the_op(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("cider/undef-all", reply({"undef-all": "demo"}, DONE))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    document = editor.open(TEXT)
    answer = await run(editor, "undefAll", **document.at_cursor)
    assert answer["message"] == "Removed all names of demo."
    assert [request["ns"] for request in nrepl.of("cider/undef-all")] == ["demo"]


@pytest.mark.parametrize(
    ("ns", "sentence"),
    [
        ("clojure.core", "nothing works any more"),
        ("a b", "a b is no namespace's name"),
        ("nowhere", "nowhere is not loaded"),
    ],
)
async def test_what_is_not_emptied(
    editor: Editor, nrepl: FaultServer, ns: str, sentence: str
) -> None:
    document = editor.open(TEXT)
    answer = await run(editor, "undefAll", ns=ns, **document.at_cursor)
    assert answer["status"] == "error"
    assert sentence in answer["message"]
    assert nrepl.of("eval") == []


async def test_names_and_colours_are_asked_for_anew(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", reply({"value": "true", "ns": "user"}, DONE))
    document = editor.open(TEXT)
    repl = editor.server.repl_for(document.uri)
    assert repl is not None
    before = repl.namespaces.changes
    await run(editor, "undef", **document.at_cursor)
    assert repl.namespaces.changes > before


async def test_what_was_done_is_told_where_values_are_not_shown(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    nrepl.on("eval", reply({"value": "true", "ns": "user"}, DONE))
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"results": {"show": "none"}})
    await editor.attached()
    document = editor.open(TEXT)
    assert (await run(editor, "undef", **document.at_cursor))["status"] == "done"
    assert editor.shown() == ["Removed demo/area."]


async def test_cancelling_the_command_interrupts(editor: Editor, nrepl: FaultServer) -> None:
    nrepl.on("eval", silent())
    document = editor.open(TEXT)
    number, _ = editor.start_request(
        "workspace/executeCommand",
        {"command": "nrepl.undefAll", "arguments": [{"wait": True, "uri": document.uri}]},
    )
    await nrepl.received("eval")
    editor.notify("$/cancelRequest", {"id": number})
    await nrepl.received("interrupt")


async def test_an_exchange_while_the_command_asks(editor: Editor, nrepl: FaultServer) -> None:
    """What was found out for the old session is not done in it."""
    gate = asyncio.Event()

    async def exchange(peer: Any, request: dict[str, Any]) -> None:
        await gate.wait()
        peer.answer(request, {"ns-list": ["user", "demo", "late"]}, DONE)

    nrepl.on("ns-list", exchange)
    document = editor.open(TEXT)
    asked = asyncio.create_task(run(editor, "switchNamespace", ns="late", uri=document.uri))
    await nrepl.received("ns-list")
    assert (await run(editor, "newSession"))["status"] == "done"
    gate.set()
    answer = await asked
    assert answer["message"] == "The session has changed meanwhile: try again."
    assert nrepl.of("eval") == []


# -- for others who need a new session ------------------------------------------------------


async def test_a_repl_may_say_whose_session_is_meant(editor: Editor, nrepl: FaultServer) -> None:
    repl = editor.server.repl_for(None)
    assert repl is not None
    assert await start_new_session(editor.server, repl) is None
    new = editor.server.repl_for(None)
    assert new is not repl
    assert await start_new_session(editor.server, repl) is None, "it has gone already"
    assert editor.server.repl_for(None) is new


async def test_who_has_no_program_gets_a_sentence(detached: Editor) -> None:
    (supervisor,) = detached.server.routing.supervisors
    why = await start_new_session(detached.server, supervisor)
    assert why == "No REPL is attached any more: run nrepl.connect."


async def test_a_program_that_does_not_say_what_it_has(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.NAMESPACES_TIMEOUT", 0.05)
    nrepl.on("ns-list", silent())
    document = editor.open(TEXT)
    answer = await run(editor, "switchNamespace", **document.at_cursor)
    assert answer["message"] == "The program has not answered: try again when it is done."


async def test_a_program_that_goes_while_it_is_asked(editor: Editor, nrepl: FaultServer) -> None:
    async def go(peer: Any, request: dict[str, Any]) -> None:
        nrepl.hang_up()

    nrepl.on("ns-list", go)
    document = editor.open(TEXT)
    answer = await run(editor, "undefAll", **document.at_cursor)
    assert answer["status"] == "disconnected"
    assert answer["message"].startswith("The program has not answered: ")
    assert answer["message"].endswith(".")


async def test_a_name_that_is_no_symbol_of_its_namespace(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open(TEXT)
    answer = await run(editor, "undef", ns="a b", **document.at_cursor)
    assert (answer["status"], nrepl.of("eval")) == ("error", [])
