"""The engine below the commands: its end, what it keeps, and what a new session does to it."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.evaluating.series import series_of
from nrepl_lsp.lsp.evaluating.watching import Watcher
from nrepl_lsp.source.languages import for_document
from tests.support.fault_server import DONE, FaultServer, reply, silent

from .editor import Editor, Opened

CLOJURE = for_document("clojure", "")


def begin(document: Opened, command: str, **members: Any) -> "asyncio.Future[Any]":
    """Send a command that is answered at its end."""
    argument = {"uri": document.uri, "wait": True, **members}
    params = {"command": command, "arguments": [argument]}
    return document.editor.start_request("workspace/executeCommand", params)[1]


async def codes(editor: Editor, nrepl: FaultServer) -> list[str]:
    """What was sent to be evaluated, once everything sent before has come."""
    await editor.command("nrepl.status")
    return [request["code"] for request in nrepl.of("eval")]


# -- the end of the editor ------------------------------------------------------------------


async def test_nothing_is_begun_once_the_editor_is_gone(editor: Editor, nrepl: FaultServer) -> None:
    repl = editor.server.repl_for(editor.open("(a)").uri)
    assert repl is not None
    await editor.server.evaluations.close()
    running = editor.server.evaluations.start(repl, Code("1", CLOJURE))
    assert (await running.outcome(5)).status == "interrupted"
    assert await codes(editor, nrepl) == []
    assert editor.shown() == []


@pytest.mark.usefixtures("impatient")
async def test_a_buffer_that_waits_for_another_is_not_begun_at_the_end(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", silent(), code="(a)")
    one, other = editor.open("(a)", "src/a.clj"), editor.open("(c)", "src/b.clj")
    await editor.command("nrepl.evalBuffer", {"uri": one.uri})
    await editor.command("nrepl.evalBuffer", {"uri": other.uri})
    await nrepl.received("eval")
    under_way = [one._task for one in series_of(editor.server)]
    assert len(under_way) == 2
    await editor.server.evaluations.close()
    await asyncio.wait(under_way, timeout=5)
    assert await codes(editor, nrepl) == ["(a)"]
    assert series_of(editor.server) == []


async def test_nobody_is_told_of_what_ends_with_the_editor(
    editor: Editor, nrepl: FaultServer
) -> None:
    ended: list[str] = []

    class Noting(Watcher):
        def ended(self, running: Any, outcome: Any) -> None:
            ended.append(outcome.status)

    nrepl.on("eval", silent(), code="(a)")
    nrepl.on("ns-list", silent())
    repl = editor.server.repl_for(editor.open("(a)").uri)
    assert repl is not None
    evaluations = editor.server.evaluations
    evaluations.start(repl, Code("(a)", CLOJURE))
    evaluations.start(repl, Code("(f)", CLOJURE, ns="other"))
    await nrepl.received("ns-list")
    assert evaluations._watchers is not None
    evaluations._watchers = (*evaluations._watchers, Noting())
    await evaluations.close()
    assert ended == []
    assert evaluations.running() == []


# -- what is kept ---------------------------------------------------------------------------


async def test_late_output_keeps_neither_the_text_nor_the_result(
    editor: Editor, nrepl: FaultServer
) -> None:
    heard: list[tuple[str, str | None, str, str]] = []

    class Hearing(Watcher):
        def printed(self, running: Any, output: Any) -> None:
            heard.append((running.id, running.code.uri, running.code.title, output.text))

    nrepl.on("eval", reply({"value": "1"}, DONE))
    document = editor.open("(ns demo)\n(f|)")
    await editor.command("nrepl.evalForm", {**document.at_cursor, "wait": True})
    evaluations = editor.server.evaluations
    repl = editor.server.repl_for(document.uri)
    assert repl is not None
    assert evaluations._watchers is not None
    evaluations._watchers = (*evaluations._watchers, Hearing())
    running = evaluations.start(repl, Code("(g 1)", CLOJURE, document.uri))
    assert (await running.outcome(5)).status == "done"
    number, evaluation = running.id, running.evaluation
    assert evaluation is not None
    gone = weakref.ref(evaluation)
    nrepl.send({"id": evaluation.id, "out": "tick"})
    await editor.until(lambda: heard, "late output")
    assert heard == [(number, document.uri, "(g 1)", "tick")]
    # Anything later takes its place as the last one.
    await evaluations.start(repl, Code("2", CLOJURE)).outcome(5)
    del running, evaluation
    gc.collect()
    assert gone() is None


# -- a new session --------------------------------------------------------------------------


async def test_a_new_session_ends_the_buffers_of_the_old_one(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", silent(), code="(a)")
    one, other = editor.open("(a)\n(b)", "src/a.clj"), editor.open("(c)", "src/b.clj")
    first = begin(one, "nrepl.evalBuffer")
    await nrepl.received("eval")
    second = begin(other, "nrepl.evalBuffer")
    await editor.command("nrepl.status")
    assert len(series_of(editor.server)) == 2
    answer = await editor.command("nrepl.newSession", {"uri": one.uri, "wait": True})
    assert answer["status"] == "done"
    assert [(await it)["status"] for it in (first, second)] == ["interrupted"] * 2
    assert await codes(editor, nrepl) == ["(a)"]
    assert not any("No REPL" in text for text in editor.shown())


async def test_what_meant_the_session_before_says_so(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open("(a)")
    old = editor.server.repl_for(document.uri)
    assert old is not None
    await editor.command("nrepl.newSession", {"uri": document.uri, "wait": True})
    await nrepl.received("close")
    running = editor.server.evaluations.start(old, Code("1", CLOJURE, document.uri))
    outcome = await running.outcome(5)
    assert outcome.status == "disconnected"
    assert outcome.fault is not None
    assert outcome.fault.message == "Not sent, because the session has changed: evaluate it again."
    assert await codes(editor, nrepl) == []
