"""What a plugin is told and can do, through the program with real servers."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.servers import RunningServer, ServerPool

from .conftest import CAPABILITIES, Client

pytestmark = [pytest.mark.e2e, pytest.mark.live, pytest.mark.timeout(120)]

EVERYTHING = {"output": True, "evaluation": True, "status": True, "input": True}
PLUGIN = {
    **CAPABILITIES,
    "window": {"showMessage": {"messageActionItem": {}}},
    "experimental": {"nrepl": EVERYTHING},
}
SUFFIXES = {"basilisp": ".lpy", "nbb": ".cljs"}
JVM = pytest.param("nrepl-1.0.0", marks=pytest.mark.java)
LIVE = [
    pytest.param("basilisp"),
    pytest.param("nbb", marks=pytest.mark.node),
    JVM,
    pytest.param("tools.nrepl-0.2.13", marks=pytest.mark.java),
]
TEXT = """(ns plugins.{name})

(defn area [side]
  (* side side))

(area 3)

(vec (range 100))

(throw (ex-info "Boom" {{}}))
"""


class Plugin(Client):
    """An editor that opted in to everything, and answers no question of the server."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.questions: list[str] = []

    def _receive(self, message: dict[str, Any]) -> None:
        if message.get("method") == "window/showMessageRequest":
            self.questions.append(message["params"]["message"])
        super()._receive(message)

    async def evaluation(self, state: str, **members: Any) -> Any:
        wanted = {"state": state, **members}.items()
        return await self.notified("nrepl/evaluation", lambda params: wanted <= params.items())

    async def status(self, **members: Any) -> Any:
        """Wait until it was told of a connection like this, and of no other since."""

        def is_last(params: Any) -> bool:
            last = [it for method, it in self.notifications if method == "nrepl/status"][-1]
            ones = params["connections"]
            return params is last and any(members.items() <= one.items() for one in ones)

        return (await self.notified("nrepl/status", is_last))["connections"]


@dataclass
class Project:
    """A file of a real program's, open in an editor with a plugin."""

    name: str
    server: RunningServer
    editor: Plugin
    uri: str
    text: str

    def at(self, mark: str) -> dict[str, Any]:
        line = self.text[: self.text.index(mark)].count("\n")
        return {"uri": self.uri, "position": {"line": line, "character": 1}, "wait": True}


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[..., Plugin]:
    def make(*arguments: str) -> Plugin:
        program = [sys.executable, "-m", "nrepl_lsp", *arguments]
        return Plugin(["env", f"XDG_CACHE_HOME={tmp_path / 'cache'}", *program], tmp_path)

    return make


@pytest_asyncio.fixture(params=LIVE)
async def project(
    request: pytest.FixtureRequest,
    server_pool: ServerPool,
    plugin: Callable[..., Plugin],
    tmp_path: Path,
) -> AsyncIterator[Project]:
    server = await asyncio.to_thread(server_pool.get, request.param)
    name = f"core{abs(hash(tmp_path)) % 10**8}"
    path = tmp_path / "src" / "plugins" / f"{name}{SUFFIXES.get(request.param, '.clj')}"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT.format(name=name))
    async with plugin("--connect", server.url) as editor:
        await editor.initialize(PLUGIN)
        settings = {"settings": {"nrepl": {"results": {"show": "none"}}}}
        editor.notify("workspace/didChangeConfiguration", settings)
        await editor.status(state="ready")
        uri = editor.open(path, "clojure")
        form = {"uri": uri, "position": {"line": 0, "character": 1}, "wait": True}
        assert (await editor.command("nrepl.evalTopLevelForm", **form))["status"] == "done"
        yield Project(request.param, server, editor, uri, path.read_text())
    assert editor.exit_code == 0


async def test_what_to_show_is_told_and_when_it_goes(project: Project) -> None:
    editor = project.editor
    for mark in ("(defn", "(area", "(vec"):
        answer = await editor.command("nrepl.evalTopLevelForm", **project.at(mark))
        assert answer["error"] is None, answer["error"]
    area = await editor.evaluation("done", title="(area 3)")
    assert (area["summary"], area["message"]) == ("=> 9", "=> 9")
    assert area["place"] == area["range"]
    assert area["place"]["start"] == {"line": 5, "character": 0}
    vector = await editor.evaluation("done", title="(vec (range 100))")
    assert vector["summary"].startswith("=> [0 1 2 3")
    assert vector["summary"].endswith("(100)")
    assert 60 < len(vector["summary"]) <= 120
    # Shown in no other way, and yet it can be looked up.
    hover = await editor.ask("hover", project.uri, 7, 1)
    assert "98 99]" in hover["contents"]["value"]
    assert not [it for it in editor.notifications if it[0] == "window/showMessage"]

    await editor.command("nrepl.evalTopLevelForm", **project.at("(throw"))
    error = await editor.evaluation("error")
    assert error["summary"].startswith("✗ ")
    assert "Boom" in error["summary"]
    ids = [one["evaluation"] for one in (area, vector, error)]
    editor.type(project.uri, 5, 6, "4", 2)
    gone = await editor.notified("nrepl/results", lambda it: ids[0] not in it["standing"])
    assert gone["uri"] == project.uri
    assert {*ids[1:]} <= {*gone["standing"]}
    await editor.command("nrepl.clearResults", uri=project.uri)
    await editor.notified("nrepl/results", lambda it: it["standing"] == [])


async def test_a_loaded_file_takes_all_results_away(project: Project) -> None:
    editor = project.editor
    await editor.command("nrepl.evalTopLevelForm", **project.at("(vec"))
    editor.type(project.uri, 9, 0, ";; ", 2)
    loaded = await editor.command("nrepl.loadFile", uri=project.uri, wait=True)
    assert loaded["status"] == "done"
    await editor.notified("nrepl/results", lambda it: it["standing"] == [])
    told = await editor.evaluation("done", evaluation=loaded["evaluation"])
    assert (told["place"], told["summary"]) == (None, None)
    assert told["message"].startswith(f"Loaded {Path(project.uri).name}")


async def test_the_namespaces_can_be_chosen_from(project: Project) -> None:
    editor = project.editor
    own = project.text.split()[1].rstrip(")")
    answer = await editor.command("nrepl.namespaces", uri=project.uri)
    assert (answer["status"], answer["message"]) == ("done", None)
    assert answer["namespaces"] == sorted(answer["namespaces"])
    assert {own, "user"} <= {*answer["namespaces"]}
    switched = await editor.command("nrepl.switchNamespace", uri=project.uri, ns=own, wait=True)
    if switched["status"] == "done":
        assert (await editor.status(state="ready", ns=own))[0]["address"]
        assert (await editor.command("nrepl.namespaces", uri=project.uri))["ns"] == own
        back = await editor.command("nrepl.switchNamespace", uri=project.uri, ns="user", wait=True)
        assert back["ns"] == "user"
    await editor.status(state="ready", ns=(switched["ns"] or "user") and "user")


BUSY = {
    "nbb": "(let [t (+ (js/Date.now) 3000)] (while (< (js/Date.now) t)) :slept)",
    "basilisp": "(do (import time) (time/sleep 3) :slept)",
}


async def test_what_is_known_is_given_while_the_program_is_busy(project: Project) -> None:
    editor = project.editor
    before = await editor.command("nrepl.namespaces", uri=project.uri)
    code = BUSY.get(project.name, "(do (Thread/sleep 3000) :slept)")
    running = await editor.command("nrepl.evalCode", uri=project.uri, code=code)
    answer = await editor.command("nrepl.namespaces", uri=project.uri)
    assert {*before["namespaces"]} <= {*answer["namespaces"]}
    # nbb answers nothing meanwhile, and what the code defines cannot be known.
    is_silent = project.name == "nbb"
    assert (answer["message"] is not None) is is_silent
    states = [it["state"] for it in evaluations(editor, running["evaluation"])]
    assert states[-1] == "sent", "the code was waited for"
    done = await editor.evaluation("done", evaluation=running["evaluation"])
    assert done["summary"] == "=> :slept"


def evaluations(editor: Plugin, number: str) -> list[Any]:
    """What was told of one evaluation."""
    told = [params for method, params in editor.notifications if method == "nrepl/evaluation"]
    return [params for params in told if params["evaluation"] == number]


async def test_input_is_the_plugins(project: Project) -> None:
    editor = project.editor
    if project.name in ("basilisp", "nbb"):
        pytest.skip("its code reads the terminal of the server")
    code = '(do (print "Name? ") (flush) [(read-line) (read-line) (read-line)])'
    running = await editor.command("nrepl.evalCode", uri=project.uri, code=code)
    number = running["evaluation"]
    needed = await editor.evaluation("needInput", evaluation=number)
    assert needed["prompt"] == "Name? "
    answer = await editor.command("nrepl.sendInput", evaluation=number, text="Ada\nLovelace")
    assert answer == {"status": "sent", "message": None}
    await editor.evaluation("needInput", evaluation=number, prompt="")
    assert (await editor.command("nrepl.sendInput", evaluation=number, end=True))[
        "status"
    ] == "sent"
    done = await editor.evaluation("done", evaluation=number)
    assert done["values"] == ['["Ada" "Lovelace" nil]']
    states = [it["state"] for it in evaluations(editor, number)]
    assert states == ["queued", "sent", "needInput", "sent", "needInput", "sent", "done"]
    assert editor.questions == []


@pytest.mark.parametrize("name", ["basilisp", JVM])
async def test_the_status_follows_a_program_that_is_restarted(
    name: str,
    start_server: Callable[..., RunningServer],
    plugin: Callable[..., Plugin],
    tmp_path: Path,
) -> None:
    server = await asyncio.to_thread(lambda: start_server(name, cwd=tmp_path))
    async with plugin() as editor:
        await editor.initialize(PLUGIN)
        (ready,) = await editor.status(state="ready")
        assert (ready["root"], ready["address"]) == (str(tmp_path), server.url)
        assert ready["server"].startswith(name.partition("-")[0])
        await asyncio.to_thread(server.kill)
        (lost,) = await editor.status(state="lost")
        assert lost["problem"]
        await asyncio.to_thread(server.restart)
        await editor.status(state="ready", problem=None, address=server.url)
        await editor.command("nrepl.disconnect")
        await editor.status(state="detached", address=None)
    assert editor.exit_code == 0
