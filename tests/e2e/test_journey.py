"""A day's work, from attaching to a clean exit, on real servers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.support.servers import RunningServer

from .conftest import Client

pytestmark = [pytest.mark.e2e, pytest.mark.live, pytest.mark.timeout(120)]


@dataclass(frozen=True)
class Trade:
    """
    What is different from server to server.

    greeting: how it prints `HELLO É😀`. error_column: where it sees an unknown name in `  (f 1)`.
    """

    server: str
    extension: str
    library: str
    endless: str
    can_interrupt: bool
    division: str
    greeting: str
    error_column: int


BASILISP = Trade(
    server="basilisp",
    extension="lpy",
    library="basilisp",
    endless="(loop [] (recur))",
    can_interrupt=False,
    division="ZeroDivisionError",
    greeting='"HELLO \\xc9\\U0001f600"',
    error_column=3,
)
NREPL = Trade(
    server="nrepl-1.0.0",
    extension="clj",
    library="clojure",
    endless="(Thread/sleep 60000)",
    can_interrupt=True,
    division="java.lang.ArithmeticException",
    greeting='"HELLO É😀"',
    error_column=2,
)
TRADES = [
    pytest.param(BASILISP, id="basilisp"),
    pytest.param(NREPL, id="nrepl-1.0.0", marks=pytest.mark.java),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "a project"
    (folder / "src" / "demo").mkdir(parents=True)
    return folder


def source(trade: Trade, project: Path) -> tuple[Path, str]:
    path = project / "src" / "demo" / f"core.{trade.extension}"
    text = f"""(ns demo.core
  (:require [{trade.library}.string :as str]))

(defn greet
  "Greets a person."
  [person]
  (str/upper-case (str "hello " person)))

(defn halve [n]
  (/ n 0))

(greet "é😀")
(reduce + (map inc [1 2]))
"""
    path.write_text(text, "utf-8")
    return path, text


def local(uri: str) -> Path:
    return Path(unquote(uri.removeprefix("file://")))


@pytest.mark.parametrize("trade", TRADES)
async def test_from_attaching_to_a_clean_exit(
    trade: Trade,
    client: Callable[..., Client],
    start_server: Callable[..., RunningServer],
    project: Path,
) -> None:
    path, text = source(trade, project)
    server = start_server(trade.server, cwd=project)
    async with client(project) as editor:
        await editor.say_hello()
        await editor.attached(server.port)
        uri = editor.open(path, "clojure")

        # Before the file is loaded its namespace must not be named to the server.
        early = await editor.command("nrepl.evalForm", uri=uri, position=place(text, '"é😀")'))
        assert "demo.core is not loaded" in early["error"]["message"]

        loaded = await editor.command("nrepl.loadFile", uri=uri, wait=True)
        assert (loaded["status"], loaded["error"]) == ("done", None)

        await look_around(editor, trade, uri, text, path)
        await look_into_the_library(editor, trade, uri, text)
        await run_code(editor, trade, uri, text)

        server.restart()
        await editor.attached(server.port)
        editor.open(path, "clojure")
        again = await editor.command("nrepl.loadFile", uri=uri, wait=True)
        assert again["status"] == "done"
        (connection,) = (await editor.command("nrepl.status"))["connections"]
        assert connection["state"] == "ready"
        assert connection["root"] == str(project)
    assert editor.exit_code == 0


def place(text: str, mark: str) -> dict[str, int]:
    before = text[: text.index(mark) + len(mark)].split("\n")
    return {"line": len(before) - 1, "character": len(before[-1].encode("utf-16-le")) // 2}


async def look_around(editor: Client, trade: Trade, uri: str, text: str, path: Path) -> None:
    found = await editor.at("completion", uri, text, "\n(gre")
    labels = [item["label"] for item in found["items"]]
    assert "greet" in labels
    item = found["items"][labels.index("greet")]
    resolved = await editor.request("completionItem/resolve", item)
    assert "Greets a `person`." in resolved["documentation"]["value"]

    aliased = await editor.at("completion", uri, text, "str/upp")
    assert "str/upper-case" in [item["label"] for item in aliased["items"]]

    hover = await editor.at("hover", uri, text, "\n(gre")
    assert "(demo.core/greet person)" in hover["contents"]["value"]
    assert "Greets a `person`." in hover["contents"]["value"]

    defined = await editor.at("definition", uri, text, "\n(gre")
    assert local(defined["uri"]) == path
    assert defined["range"]["start"]["line"] == 3


async def look_into_the_library(editor: Client, trade: Trade, uri: str, text: str) -> None:
    defined = await editor.at("definition", uri, text, "(redu")
    library = local(defined["uri"])
    assert library.name == f"core.{trade.extension}"
    line = defined["range"]["start"]["line"]
    library_text = library.read_text("utf-8")
    lines = library_text.split("\n")
    line = next(number for number in (line, line + 1) if "reduce" in lines[number])
    column = lines[line].index("reduce") + len("reduce")

    opened = editor.open(library, "clojure")
    hover = await editor.ask("hover", opened, line, column)
    assert f"({trade.library}.core/reduce f coll)" in hover["contents"]["value"]
    found = await editor.ask("completion", opened, line, column)
    assert "reduce" in [item["label"] for item in found["items"]]
    editor.notify("textDocument/didClose", {"textDocument": {"uri": opened}})


async def run_code(editor: Client, trade: Trade, uri: str, text: str) -> None:
    at = place(text, '"é😀")')
    value = await editor.command("nrepl.evalForm", uri=uri, position=at, wait=True)
    assert (value["status"], value["values"]) == ("done", [trade.greeting])
    assert value["ns"] == "demo.core"
    await editor.shown(f"=> {trade.greeting}")

    printed = await editor.evaluate(uri, '(do (println "é😀") (+ 1 2))')
    assert (printed["out"].replace("\r\n", "\n"), printed["values"]) == ("é😀\n", ["3"])
    await editor.notified("window/logMessage", lambda params: "é😀" in params["message"])

    failed = await editor.evaluate(uri, "(demo.core/halve 1)")
    assert failed["status"] == "error"
    assert failed["error"]["class"] == trade.division
    await editor.shown(failed["error"]["message"])

    await mark_an_error(editor, uri, text, trade.error_column)
    if trade.can_interrupt:
        await stop_a_long_one(editor, trade, uri)
    else:
        await try_to_stop_a_long_one(editor, uri)


async def mark_an_error(editor: Client, uri: str, text: str, column: int) -> None:
    """A name that is not there, typed at the end: the compiler knows where it stands."""
    line = text.count("\n")
    editor.type(uri, line, 0, "(do 1\n  (no-such-name 2))", 2)
    at = {"line": line + 1, "character": 19}
    failed = await editor.command("nrepl.evalForm", uri=uri, position=at, wait=True)
    assert failed["status"] == "error"
    assert failed["error"]["uri"] == uri
    assert failed["error"]["range"]["start"] == {"line": line + 1, "character": column}

    def errors(params: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in params["diagnostics"] if one["severity"] == 1]

    published = await editor.notified("textDocument/publishDiagnostics", errors)
    assert errors(published)[0]["range"] == failed["error"]["range"]


async def stop_a_long_one(editor: Client, trade: Trade, uri: str) -> None:
    started = await editor.command("nrepl.evalCode", uri=uri, code=trade.endless)
    assert started["status"] == "running"
    actions = await editor.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": uri},
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
            "context": {"diagnostics": []},
        },
    )
    call = actions[0]["command"]
    assert call["command"] == "nrepl.interrupt"
    assert (await editor.command(call["command"], **call["arguments"][0]))["status"] == (
        "interrupted"
    )
    # In the log: of many messages in a second only some are shown.
    await editor.notified(
        "window/logMessage", lambda one: f"{trade.endless} (interrupted)" in one["message"]
    )
    assert (await editor.evaluate(uri, "(+ 1 1)"))["values"] == ["2"]


async def try_to_stop_a_long_one(editor: Client, uri: str) -> None:
    """Where nothing can be interrupted that is said, and the outcome still comes."""
    assert (await editor.evaluate(uri, "(import time)"))["status"] == "done"
    code = "(do (time/sleep 1.5) :slept)"
    started = await editor.command("nrepl.evalCode", uri=uri, code=code)
    assert started["status"] == "running"
    answer = await editor.command("nrepl.interrupt", uri=uri)
    assert answer["status"] == "unsupported"
    assert await editor.shown("cannot interrupt") == answer["message"]
    # Questions are answered meanwhile, on a connection of their own.
    assert (await editor.ask("hover", uri, 3, 2))["contents"]["value"]
    await editor.shown("=> :slept")


@pytest.mark.parametrize("trade", TRADES)
async def test_a_server_that_is_killed_while_code_runs(
    trade: Trade,
    client: Callable[..., Client],
    start_server: Callable[..., RunningServer],
    project: Path,
) -> None:
    server = start_server(trade.server, cwd=project)
    async with client(project) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open_text("untitled:1", "(map)")
        started = await editor.command("nrepl.evalCode", uri=uri, code=trade.endless)
        assert started["status"] == "running"
        server.kill()
        await editor.shown("The connection was lost before the evaluation ended")
        assert await editor.ask("hover", uri, 0, 2) is None
        answer = await editor.command("nrepl.evalForm", uri=uri)
        assert answer["status"] == "disconnected"
        server.restart()
        await editor.attached(server.port)
        assert (await editor.ask("hover", uri, 0, 2))["contents"]["value"]
    assert editor.exit_code == 0


async def test_two_editors_on_one_program(
    client: Callable[..., Client], start_server: Callable[..., RunningServer], project: Path
) -> None:
    start_server("basilisp", cwd=project)
    async with client(project) as one, client(project) as other:
        for editor in (one, other):
            await editor.say_hello()
            await editor.attached()
        for number, editor in enumerate((one, other)):
            uri = editor.open_text("untitled:1", "(map inc)")
            assert (await editor.evaluate(uri, f"(+ 40 {number})"))["values"] == [f"{40 + number}"]
            assert (await editor.ask("hover", uri, 0, 2))["contents"]["value"]
        targets: list[Any] = [await editor.ask("definition", uri, 0, 2) for editor in (one, other)]
        assert targets[0] == targets[1]
    assert (one.exit_code, other.exit_code) == (0, 0)
