"""Output, the transcript and progress of real programs, through the language server."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import ServerPool

from .conftest import CAPABILITIES, PROGRAM, Client

pytestmark = [pytest.mark.e2e, pytest.mark.live, pytest.mark.timeout(120)]

CAPABLE = {
    **CAPABILITIES,
    "window": {"workDoneProgress": True, "showDocument": {"support": False}},
    "experimental": {"nrepl": {"output": True, "evaluation": True}},
}
LINES = 100_000


@dataclass(frozen=True)
class Trade:
    """What is different from server to server: code that prints, fails, and takes a second."""

    server: str
    extension: str
    prints: str
    sleeps: str
    language: str = "clojure"
    fails: str = "(nowhere 1)"
    prints_late: str | None = None


CLOJURE = f"(do (dotimes [i {LINES}] (println i)) :printed)"
# Basilisp takes half a millisecond for each.
FEWER = CLOJURE.replace(str(LINES), str(LINES // 20))
LATE = '(do (future (Thread/sleep 300) (println "from a thread")) :begun)'
TRADES = [
    pytest.param(Trade("basilisp", "lpy", FEWER, "(do (import time) (time/sleep 2) :slept)")),
    pytest.param(
        Trade(
            "nbb",
            "cljs",
            CLOJURE,
            "(let [t (+ (js/Date.now) 2000)] (while (< (js/Date.now) t)) :slept)",
        ),
        marks=pytest.mark.node,
    ),
    pytest.param(
        Trade("nrepl-1.0.0", "clj", CLOJURE, "(Thread/sleep 2000)", prints_late=LATE),
        marks=pytest.mark.java,
    ),
    pytest.param(
        Trade("tools.nrepl-0.2.13", "clj", CLOJURE, "(Thread/sleep 2000)", prints_late=LATE),
        marks=pytest.mark.java,
    ),
    pytest.param(
        Trade(
            "hy-nrepl",
            "hy",
            f'(do (for [i (range {LINES})] (print i)) "printed")',
            "(do (import time) (time.sleep 2) 1)",
            "hy",
        )
    ),
]

each_server = pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.server)


@pytest.fixture
def user(tmp_path: Path, server_pool: ServerPool) -> Callable[[Trade], Client]:
    """`user(trade)`: an editor with nrepl-lsp that is to be attached to the trade's server."""

    def make(trade: Trade) -> Client:
        environment = ["env", f"XDG_CACHE_HOME={tmp_path / 'cache'}"]
        url = server_pool.get(trade.server).url
        return Client([*environment, *PROGRAM, "--connect", url], tmp_path)

    return make


async def begun(editor: Client, trade: Trade, text: str = "(f)") -> str:
    await editor.initialize(CAPABLE)
    await editor.attached()
    return editor.open_text("untitled:1", text, trade.language)


def came(editor: Client, method: str) -> list[Any]:
    return [params for name, params in editor.notifications if name == method]


@each_server
async def test_many_lines_are_few_messages(trade: Trade, user: Callable[[Trade], Client]) -> None:
    async with user(trade) as editor:
        uri = await begun(editor, trade)
        began = time.monotonic()
        answer = await editor.evaluate(uri, trade.prints)
        # A busy machine takes longer over them, and they are sent as time goes by.
        few = max(200, 15 * (time.monotonic() - began))
        assert (answer["status"], answer["error"]) == ("done", None)
        assert answer["out"].startswith("0\n1\n2\n3\n")
        assert answer["out"].count("\n") > LINES // 25
        logged = [one["message"] for one in came(editor, "window/logMessage") if one["type"] == 4]
        assert logged[0].startswith("0\n1\n2\n3\n")
        assert len(logged) < few
        pieces = came(editor, "nrepl/output")
        assert len(pieces) < few
        assert {(piece["evaluation"], piece["stream"]) for piece in pieces} == {("1", "out")}
        told = [one["state"] for one in came(editor, "nrepl/evaluation")]
        assert told == ["queued", "sent", "done"]


@each_server
async def test_the_transcript_has_it_all(
    trade: Trade, user: Callable[[Trade], Client], tmp_path: Path
) -> None:
    text = "\n(+ 1 2)\n"
    async with user(trade) as editor:
        await begun(editor, trade)
        path = tmp_path / f"noted.{trade.extension}"
        path.write_text(text)
        uri = editor.open(path, trade.language)
        at = {"line": 1, "character": 2}
        await editor.command("nrepl.evalTopLevelForm", uri=uri, position=at, wait=True)
        failed = await editor.evaluate(uri, trade.fails)
        assert failed["status"] == "error"
        shown = await editor.command("nrepl.showOutput", uri=uri)
        assert (shown["status"], shown["shown"]) == ("done", False)
        await editor.shown(shown["path"])
        written = Path(shown["path"]).read_text("utf-8")
        head, first, *_ = written.lstrip("\n").splitlines()
        assert head.startswith(";; #1 ")
        assert head.endswith(f"{path}:2:1")
        assert first == "(+ 1 2)"
        assert "\n=> 3\n;; #1 done after " in written
        assert f"\n{trade.fails}\n" in written
        assert "\n✗ " in written
        assert "\n;; #2 failed after " in written


@each_server
async def test_a_long_evaluation_shows_progress(
    trade: Trade, user: Callable[[Trade], Client]
) -> None:
    async with user(trade) as editor:
        uri = await begun(editor, trade)
        answer = await editor.evaluate(uri, trade.sleeps)
        assert answer["status"] == "done"
        values = [params["value"] for params in came(editor, "$/progress")]
        assert [value["kind"] for value in values][:2] == ["begin", "report"]
        assert values[0]["cancellable"] is True
        assert values[0]["title"].startswith("(")
        assert values[-1] == {"kind": "end", "message": "done"}


@each_server
async def test_what_other_threads_print_comes_late(
    trade: Trade, user: Callable[[Trade], Client]
) -> None:
    if trade.prints_late is None:
        pytest.skip("it has no threads whose output belongs to an evaluation")
    async with user(trade) as editor:
        uri = await begun(editor, trade)
        answer = await editor.evaluate(uri, trade.prints_late)
        assert (answer["status"], answer["out"]) == ("done", "")
        await editor.notified("window/logMessage", lambda one: "from a thread" in one["message"])
        late = await editor.notified("nrepl/output", lambda one: "from a thread" in one["text"])
        assert late["late"] is True
        shown = await editor.command("nrepl.showOutput", uri=uri)
        assert "from a thread" in Path(shown["path"]).read_text("utf-8")


@each_server
async def test_what_waits_and_is_cancelled_is_never_sent(
    trade: Trade, user: Callable[[Trade], Client]
) -> None:
    async with user(trade) as editor:
        uri = await begun(editor, trade)
        running = asyncio.ensure_future(editor.evaluate(uri, trade.sleeps))
        await editor.notified("nrepl/evaluation", lambda one: one["state"] == "sent")
        waiting = [asyncio.ensure_future(editor.evaluate(uri, "(+ 1 1)")) for _ in range(50)]
        await editor.notified("nrepl/evaluation", lambda one: one["evaluation"] == "51")
        await editor.command("nrepl.interrupt", uri=uri)
        answers = await asyncio.gather(*waiting)
        assert {answer["status"] for answer in answers} == {"interrupted"}
        await running
        states = [(one["evaluation"], one["state"]) for one in came(editor, "nrepl/evaluation")]
        assert [number for number, state in states if state == "sent"] == ["1"]
        assert (await editor.evaluate(uri, "(+ 1 1)"))["values"] == ["2"]
