"""Sessions, namespaces, reloading and undefining, through the program with real servers."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support import servers
from tests.support.servers import RunningServer, ServerPool

from .conftest import CAPABILITIES, Client

pytestmark = [pytest.mark.e2e, pytest.mark.live, pytest.mark.timeout(120)]

TEXT = "(ns sessions.{name})\n\n(def answer 41)\n\n(defn area [side] (* side side))\n"

SUFFIXES = {"basilisp": ".lpy", "nbb": ".cljs"}

#: Code that does not end by itself. On nbb it would keep its one thread from everything.
ENDLESS = "(loop [] (recur))"

LIVE = [
    pytest.param("basilisp"),
    pytest.param("nbb", marks=pytest.mark.node),
    pytest.param("nrepl-1.0.0", marks=pytest.mark.java),
    pytest.param("tools.nrepl-0.2.13", marks=pytest.mark.java),
]


@dataclass
class Project:
    """A file of a real program's class path that is open in an editor."""

    server: RunningServer
    editor: Client
    ns: str
    path: Path
    uri: str

    async def command(self, name: str, **more: Any) -> Any:
        return await self.editor.command(f"nrepl.{name}", uri=self.uri, **{"wait": True, **more})

    async def value(self, code: str, **more: Any) -> Any:
        reply = await self.command("evalCode", code=code, **more)
        return reply["values"][-1] if reply["values"] else reply["error"]["message"]


@pytest.fixture(scope="module", params=LIVE)
def shared(request: pytest.FixtureRequest) -> Iterator[RunningServer]:
    """A server that finds the files that are written into its folder."""
    with servers.start(request.param) as server:
        yield server


@pytest_asyncio.fixture
async def project(shared: RunningServer, client: Callable[..., Client]) -> AsyncIterator[Project]:
    """A session and a namespace of the test's own: these are what is changed."""
    async with _project(shared, client) as opened:
        yield opened


@pytest_asyncio.fixture(params=LIVE)
async def own_project(
    request: pytest.FixtureRequest,
    start_server: Callable[..., RunningServer],
    client: Callable[..., Client],
) -> AsyncIterator[Project]:
    """A server of the test's own, which may be left with code that runs for ever."""
    server = await asyncio.to_thread(lambda: start_server(request.param))
    async with _project(server, client) as opened:
        yield opened


_numbers = itertools.count(1)


@asynccontextmanager
async def _project(server: RunningServer, client: Callable[..., Client]) -> AsyncIterator[Project]:
    name = f"core{next(_numbers)}"
    path = server.cwd / "src" / "sessions" / f"{name}{SUFFIXES.get(server.name, '.clj')}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(TEXT.format(name=name))
    async with client(server.cwd, "--connect", server.url) as editor:
        await editor.initialize(CAPABILITIES)
        await editor.attached()
        uri = editor.open(path, "clojure")
        loaded = await editor.command("nrepl.loadFile", uri=uri, wait=True)
        assert (loaded["status"], loaded["error"]) == ("done", None)
        yield Project(server, editor, f"sessions.{name}", path, uri)
    assert editor.exit_code == 0


async def test_switching_the_namespace(project: Project) -> None:
    reply = await project.command("switchNamespace", ns="user")
    assert reply == {"status": "done", "ns": "user", "message": None}
    scratch = project.editor.open_text("untitled:scratch.clj", "answer")
    away = await project.editor.command("nrepl.evalCode", uri=scratch, code="answer", wait=True)
    assert away["status"] == "error"
    reply = await project.command("switchNamespace")
    assert reply == {"status": "done", "ns": project.ns, "message": None}
    here = await project.editor.command("nrepl.evalCode", uri=scratch, code="answer", wait=True)
    assert here["values"] == ["41"]


async def test_a_namespace_that_is_not_there_is_not_made(project: Project) -> None:
    reply = await project.command("switchNamespace", ns="sessions.nowhere")
    assert reply["status"] == "error"
    assert "sessions.nowhere is not loaded" in reply["message"]
    names = await project.value("(some? (find-ns 'sessions.nowhere))")
    assert names == "false"


async def test_a_new_session_begins_with_nothing_of_the_old(project: Project) -> None:
    reply = await project.command("newSession")
    assert reply == {"status": "done", "message": None}
    assert await project.value("answer") == "41", "the program is the same"
    assert await project.value("(+ 1 2)") == "3"


async def test_a_new_session_while_the_old_one_runs_for_ever(own_project: Project) -> None:
    running = await own_project.command("evalCode", code=ENDLESS, wait=False)
    assert running["status"] == "running"
    queued = await own_project.command("evalCode", code="(/ 1 0)", wait=False)
    assert queued["status"] == "running"
    reply = await own_project.command("newSession")
    if own_project.server.name == "nbb":
        assert reply["status"] == "error"
        assert "restart it" in reply["message"]
        return
    assert reply == {"status": "done", "message": None}
    await own_project.editor.shown(f"Interrupted: {ENDLESS}")
    await own_project.editor.shown("Interrupted: (/ 1 0)")
    assert await own_project.value("(+ 1 2)") == "3"
    assert await own_project.value("answer") == "41"


async def test_reloading_a_namespace_takes_the_file_on_the_disk(project: Project) -> None:
    project.path.write_text(project.path.read_text().replace("41", "42"))
    reply = await project.command("reload")
    assert (reply["status"], reply["namespaces"]) == ("done", [project.ns])
    assert "unsaved" in reply["message"], "the editor still has the old text"
    assert await project.value("answer") == "42"


async def test_an_error_in_a_reloaded_file_is_marked_there(project: Project) -> None:
    text = project.path.read_text()
    project.path.write_text(text.replace("(* side side)", "(* side nowhere-defined)"))
    reply = await project.command("reload")
    assert reply["status"] == "error"
    assert "nowhere-defined" in reply["error"]["message"]
    assert reply["error"]["uri"] == project.uri
    assert reply["error"]["range"]["start"]["line"] == 4


async def test_what_has_changed_is_reloaded_only_where_the_program_can(project: Project) -> None:
    for what in ("changed", "all"):
        reply = await project.command("reload", what=what)
        assert reply["status"] == "error"
        assert "cannot reload what has changed" in reply["message"]


async def test_removing_a_name(project: Project) -> None:
    reply = await project.command("undef", position={"line": 4, "character": 7})
    assert (reply["status"], reply["symbol"]) == ("done", "area")
    await project.editor.shown(f"Removed {project.ns}/area.")
    assert await project.value(f"(contains? (ns-interns '{project.ns}) 'area)") == "false"
    again = await project.command("undef", symbol="area")
    assert again["status"] == "error"
    assert again["message"] == f"The program has no {project.ns}/area."
    core = await project.command("undef", symbol="map")
    assert core["status"] == "error"
    assert await project.value("(map inc [1])") == "(2)"


async def test_removing_all_names(project: Project) -> None:
    reply = await project.command("undefAll")
    assert (reply["status"], reply["ns"]) == ("done", project.ns)
    assert reply["message"] == f"Removed 2 names of {project.ns}."
    names = f"(keys (ns-interns '{project.ns}))"
    count = f"(count (remove '#{{*generated-python*}} {names}))"
    assert await project.value(count) == "0"
    core = "basilisp.core" if project.server.name == "basilisp" else "clojure.core"
    refused = await project.command("undefAll", ns=core)
    assert refused["status"] == "error"
    assert await project.value("(inc 1)") == "2"


@pytest.mark.timeout(60)
async def test_another_language_is_told_so(
    server_pool: ServerPool, client: Callable[..., Client], tmp_path: Path
) -> None:
    server = server_pool.get("hy-nrepl")
    path = tmp_path / "sums.hy"
    path.write_text("(defn f [] 1)\n")
    async with client(tmp_path, "--connect", server.url) as editor:
        await editor.initialize(CAPABILITIES)
        await editor.attached()
        uri = editor.open(path, "hy")
        for name in ("switchNamespace", "reload", "undef", "undefAll"):
            reply = await editor.command(f"nrepl.{name}", uri=uri, ns="sums", symbol="f", wait=True)
            assert reply["status"] == "error", name
            assert "language" in reply["message"], name
        reply = await editor.command("nrepl.newSession", uri=uri, wait=True)
        assert reply["status"] == "done"
        value = await editor.command("nrepl.evalCode", uri=uri, code="(+ 1 2)", wait=True)
        assert value["values"] == ["3"]
