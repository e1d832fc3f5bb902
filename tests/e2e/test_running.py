"""What is evaluated, stopped and read from the editor, on real servers."""

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

CAPABLE = {**CAPABILITIES, "window": {"showMessage": {"messageActionItem": {}}}}


class User(Client):
    """An editor whose user answers questions with `choose`; without it nobody does."""

    choose: Callable[[str, list[str]], str | None] | None = None

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: What was asked.
        self.questions: list[str] = []

    def _receive(self, message: dict[str, Any]) -> None:
        if message.get("method") != "window/showMessageRequest":
            super()._receive(message)
            return
        params = message["params"]
        self.questions.append(params["message"])
        titles = [action["title"] for action in params["actions"]]
        self.notifications.append(("asked", params))
        self._arrived.set()
        if self.choose is not None:
            title = self.choose(params["message"], titles)
            self._send({"id": message["id"], "result": title and {"title": title}})


@dataclass(frozen=True)
class Trade:
    """What is different from server to server."""

    server: str
    extension: str
    language: str
    text: str
    value: str
    sleep: str
    is_jvm: bool = False


CLOJURE = """(ns running.{name})

(def a 1)
;; )
(defn f [x]
  (+ x a))

(ns running.{name}.other)
(def a 100)
(ns running.{name})
(f (- 141 running.{name}.other/a))
"""

HY = """(setv a 1)
; )
(defn f [x]
  (+ x a))
(f 41)
"""

SLEEPS = {
    "basilisp": "(do (import time) (time/sleep 2) :slept)",
    "nbb": "(let [t (+ (js/Date.now) 2000)] (while (< (js/Date.now) t)) :slept)",
}

TRADES = [
    pytest.param(Trade("basilisp", "lpy", "clojure", CLOJURE, "42", SLEEPS["basilisp"])),
    pytest.param(
        Trade("nbb", "cljs", "clojure", CLOJURE, "42", SLEEPS["nbb"]), marks=pytest.mark.node
    ),
    pytest.param(
        Trade("nrepl-1.0.0", "clj", "clojure", CLOJURE, "42", "(Thread/sleep 60000)", True),
        marks=pytest.mark.java,
    ),
    pytest.param(
        Trade("tools.nrepl-0.2.13", "clj", "clojure", CLOJURE, "42", "(Thread/sleep 60000)", True),
        marks=pytest.mark.java,
    ),
    pytest.param(Trade("hy-nrepl", "hy", "hy", HY, "42", "(do (import time) (time.sleep 2) 1)")),
]
JVMS = [trade for trade in TRADES if trade.values[0].is_jvm]  # type: ignore[union-attr]


@pytest.fixture
def user(tmp_path: Path, server_pool: ServerPool) -> Callable[..., User]:
    """`user(trade)`: an editor with nrepl-lsp that is to be attached to the trade's server."""

    def make(trade: Trade, url: str | None = None) -> User:
        environment = ["env", f"XDG_CACHE_HOME={tmp_path / 'cache'}"]
        address = url or server_pool.get(trade.server).url
        return User([*environment, *PROGRAM, "--connect", address], tmp_path)

    return make


async def begun(editor: User, options: Any = None) -> None:
    await editor.initialize(CAPABLE)
    if options:
        editor.notify("workspace/didChangeConfiguration", {"settings": {"nrepl": options}})
    await editor.attached()


@pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.server)
async def test_the_buffer_is_evaluated_form_by_form(
    trade: Trade, user: Callable[..., User], tmp_path: Path
) -> None:
    name = f"buffer{time.time_ns()}"
    path = tmp_path / "src" / "running" / f"{name}.{trade.extension}"
    path.parent.mkdir(parents=True)
    path.write_text(trade.text.replace("{name}", name))
    async with user(trade) as editor:
        await begun(editor)
        uri = editor.open(path, trade.language)
        answer = await editor.command("nrepl.evalBuffer", uri=uri, wait=True)
        assert (answer["status"], answer["error"]) == ("done", None)
        assert answer["values"] == [trade.value]
        assert answer["evaluated"] == answer["forms"]
        # The namespace form has taken effect, for what comes after it as well.
        at = {"line": 5 if trade.language == "clojure" else 3, "character": 6}
        answer = await editor.command("nrepl.evalToCursor", uri=uri, position=at, wait=True)
        assert answer["status"] == "done"
        if trade.language == "clojure":
            assert name in answer["values"][0]
            answer = await editor.command("nrepl.evalNamespaceForm", uri=uri, wait=True)
            assert (answer["status"], answer["error"]) == ("done", None)
    assert editor.exit_code == 0


@pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.server)
async def test_the_buffer_stops_at_the_first_error_and_marks_it(
    trade: Trade, user: Callable[..., User], tmp_path: Path
) -> None:
    path = tmp_path / f"failing.{trade.extension}"
    path.write_text("(+ 1 1)\n\n(do\n  (no-such-name 2))\n(print (* 1111 9))\n")
    async with user(trade) as editor:
        await begun(editor)
        uri = editor.open(path, trade.language)
        answer = await editor.command("nrepl.evalBuffer", uri=uri, wait=True)
        assert (answer["status"], answer["evaluated"], answer["forms"]) == ("error", 1, 3)
        assert answer["error"]["uri"] == uri
        assert answer["error"]["range"]["start"]["line"] in (2, 3)
        assert "9999" not in str(editor.notifications)


@pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.server)
async def test_saving_loads_the_file_for_who_wants_that(
    trade: Trade, user: Callable[..., User], tmp_path: Path
) -> None:
    name = f"saved{time.time_ns()}"
    path = tmp_path / "src" / "running" / f"{name}.{trade.extension}"
    path.parent.mkdir(parents=True)
    path.write_text(trade.text.replace("{name}", name))
    async with user(trade) as editor:
        await begun(editor, {"loadOnSave": True})
        uri = editor.open(path, trade.language)
        editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        await editor.shown(f"Loaded {path.name}")
        position = {"line": 5, "character": 0}
        answer = await editor.evaluate(uri, "(f 1)", position=position)
        assert (answer["status"], answer["values"]) == ("done", ["2"])


@pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.server)
async def test_interrupting_tells_the_truth(trade: Trade, user: Callable[..., User]) -> None:
    async with user(trade) as editor:
        await begun(editor, {"interrupt": {"grace": 1.0}})
        uri = editor.open_text("untitled:1", "(f)", trade.language)
        started = await editor.command("nrepl.evalCode", uri=uri, code=trade.sleep)
        assert started["status"] == "running"
        asked = time.monotonic()
        answer = await editor.command("nrepl.interrupt", uri=uri)
        assert time.monotonic() - asked < 1.0
        if trade.is_jvm:
            assert answer["status"] == "interrupted"
            await editor.shown("Interrupted")
            assert editor.questions == []
        elif trade.server == "hy-nrepl":
            # It answers when the code next runs bytecode: after the sleep.
            assert answer["status"] == "unanswered"
            question = await editor.notified("asked")
            assert [one["title"] for one in question["actions"]] == ["New session", "Wait"]
            assert "goes on" in question["message"]
        else:
            assert answer["status"] == "unsupported"
            question = await editor.notified("asked")
            assert question["message"] == answer["message"]
            assert "cannot interrupt" in answer["message"]
        # Nothing is left of it.
        answer = await editor.evaluate(uri, "(+ 1 1)")
        assert answer["values"] == ["2"]
    assert editor.exit_code == 0


@pytest.mark.parametrize("trade", JVMS, ids=lambda trade: trade.server)
async def test_a_loop_that_never_looks_up_is_stopped(
    trade: Trade, user: Callable[..., User]
) -> None:
    async with user(trade) as editor:
        await begun(editor)
        uri = editor.open_text("untitled:1", "(loop [] (recur))\n(f)", trade.language)
        position = {"line": 0, "character": 17}
        started = await editor.command("nrepl.evalBuffer", uri=uri, position=position)
        assert (started["status"], started["forms"]) == ("running", 2)
        answer = await editor.command("nrepl.interrupt")
        assert answer["status"] == "interrupted"
        await editor.shown("Interrupted")
        assert (await editor.evaluate(uri, "(+ 1 1)"))["values"] == ["2"]


async def test_a_new_session_goes_on_where_nothing_can_be_interrupted(
    user: Callable[..., User],
) -> None:
    (trade,) = TRADES[0].values
    assert isinstance(trade, Trade)
    async with user(trade) as editor:
        await begun(editor)
        uri = editor.open_text("untitled:1", "(f)", trade.language)
        editor.choose = lambda text, titles: titles[0]
        code = "(do (import time) (time/sleep 6) :slept)"
        await editor.command("nrepl.evalCode", uri=uri, code=code)
        started = time.monotonic()
        assert (await editor.command("nrepl.interrupt"))["status"] == "unsupported"
        await editor.shown("A new session has begun")
        assert (await editor.evaluate(uri, "(+ 1 1)"))["values"] == ["2"]
        assert time.monotonic() - started < 5


READING = {
    "hy-nrepl": '(do (print "Name?") [(input) (input)])',
    "": '(do (print "Name? ") (flush) [(read-line) (read-line)])',
}
READERS = [*JVMS, TRADES[-1]]


@pytest.mark.parametrize("trade", READERS, ids=lambda trade: trade.server)
async def test_code_that_reads_input_gets_what_the_user_sends(
    trade: Trade, user: Callable[..., User]
) -> None:
    code = READING.get(trade.server, READING[""])
    async with user(trade) as editor:
        await begun(editor)
        uri = editor.open_text("untitled:1", "(f)\nÉmile 😀 2\n", trade.language)
        editor.choose = lambda text, titles: (
            "Send the current line" if len(editor.questions) == 1 else None
        )
        position = {"line": 1, "character": 3}
        await editor.ask("hover", uri, 1, 3)
        started = await editor.command("nrepl.evalCode", uri=uri, code=code)
        assert started["status"] == "running"
        async with asyncio.timeout(20):
            while len(editor.questions) < 2:
                editor._arrived.clear()
                await editor._arrived.wait()
        assert editor.questions[0].startswith("The code reads input: Name? (")
        # The second is answered by command.
        sent = await editor.command("nrepl.sendInput", text="second", position=position)
        assert sent == {"status": "sent", "message": None}
        assert '["Émile 😀 2" "second"]' in await editor.shown("=> [")
        answer = await editor.evaluate(uri, "(+ 1 1)")
        assert answer["values"] == ["2"]


@pytest.mark.parametrize("trade", JVMS, ids=lambda trade: trade.server)
async def test_lines_that_are_not_read_reach_no_other_code(
    trade: Trade, user: Callable[..., User]
) -> None:
    async with user(trade) as editor:
        await begun(editor)
        uri = editor.open_text("untitled:1", "one\ntwo\nthree\n", trade.language)
        for number, line in ((1, 0), (2, 2)):
            await editor.command("nrepl.evalCode", uri=uri, code="(read-line)")
            async with asyncio.timeout(20):
                while len(editor.questions) < number:
                    editor._arrived.clear()
                    await editor._arrived.wait()
            span = {"start": {"line": line, "character": 0}, "end": {"line": 3, "character": 0}}
            await editor.command("nrepl.sendInput", uri=uri, range=span)
        await editor.shown('=> "one"')
        await editor.shown('=> "three"')


@pytest.mark.parametrize("trade", JVMS, ids=lambda trade: trade.server)
async def test_input_that_nobody_gives_ends(trade: Trade, user: Callable[..., User]) -> None:
    async with user(trade) as editor:
        await begun(editor, {"input": {"timeout": 0.5}})
        uri = editor.open_text("untitled:1", "(f)", trade.language)
        answer = await editor.evaluate(uri, "[(read-line) (read-line)]")
        assert (answer["status"], answer["values"]) == ("done", ["[nil nil]"])
        await editor.shown("No input came within 0.5 seconds")
        assert len(editor.questions) == 1


@pytest.mark.parametrize("trade", JVMS, ids=lambda trade: trade.server)
async def test_code_that_waits_for_input_is_interrupted_from_the_question(
    trade: Trade, user: Callable[..., User]
) -> None:
    async with user(trade) as editor:
        await begun(editor)
        uri = editor.open_text("untitled:1", "(f)", trade.language)
        editor.choose = lambda text, titles: titles[-1]
        answer = await editor.evaluate(uri, "(read-line)")
        assert answer["status"] == "interrupted"
        assert (await editor.command("nrepl.sendInput", text="x"))["status"] == "idle"
        if trade.server != "tools.nrepl-0.2.13":
            # There the session can read nothing any more (IllegalMonitorStateException).
            editor.choose = lambda text, titles: "End of input"
            assert (await editor.evaluate(uri, "(read-line)"))["values"] == ["nil"]
