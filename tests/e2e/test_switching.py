"""Listing sessions and evaluating in one that another tool has made, with real servers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.nrepl import Connection, Session, connect
from tests.support.servers import RunningServer, ServerPool

from .conftest import CAPABILITIES, Client

pytestmark = [pytest.mark.e2e, pytest.mark.live, pytest.mark.timeout(120)]

LISTING = [
    pytest.param("nrepl-1.0.0", marks=pytest.mark.java),
    pytest.param("tools.nrepl-0.2.13", marks=pytest.mark.java),
]
NOT_LISTING = [
    pytest.param("basilisp"),
    pytest.param("nbb", marks=pytest.mark.node),
]

#: What tells when code reads input.
PLUGIN = {"experimental": {"nrepl": {"evaluation": True}}}

TEXTS = {
    "clojure": "(defn plus [a b] (+ a b))\n",
    "hy": "(defn plus [a b] (+ a b))\n",
}


class Program:
    """An editor that is attached to a server, and the server as another tool sees it."""

    def __init__(self, server: RunningServer, editor: Client, uri: str) -> None:
        self.server = server
        self.editor = editor
        self.uri = uri

    async def command(self, name: str, **more: Any) -> Any:
        return await self.editor.command(f"nrepl.{name}", uri=self.uri, **{"wait": True, **more})

    async def value(self, code: str) -> Any:
        reply = await self.command("evalCode", code=code)
        return reply["values"][-1] if reply["values"] else reply["error"]["message"]

    async def sessions(self) -> list[dict[str, Any]]:
        answer = await self.command("sessions")
        assert answer["status"] == "done"
        assert sum(one["current"] for one in answer["sessions"]) == 1
        return list(answer["sessions"])


@asynccontextmanager
async def attached(
    server: RunningServer, client: Callable[..., Client], folder: Path
) -> AsyncIterator[Program]:
    suffix = ".hy" if server.language == "hy" else ".clj"
    path = folder / f"switching{suffix}"
    path.write_text(TEXTS[server.language])
    async with client(folder, "--connect", server.url) as editor:
        await editor.initialize({**CAPABILITIES, **PLUGIN})
        await editor.attached()
        yield Program(server, editor, editor.open(path, server.language))
    assert editor.exit_code == 0


@asynccontextmanager
async def another_tool(server: RunningServer) -> AsyncIterator[tuple[Connection, Session]]:
    """A connection of its own, and a session in it."""
    async with await connect(server.url) as connection:
        yield connection, await connection.clone()


async def listed(connection: Connection) -> set[str]:
    reply = await connection.request("ls-sessions", timeout=10).collect()
    return set(reply.get("sessions") or ())


@pytest.mark.parametrize("name", LISTING)
async def test_evaluating_in_another_tool_s_session(
    name: str, server_pool: ServerPool, client: Callable[..., Client], tmp_path: Path
) -> None:
    server = server_pool.get(name)
    async with another_tool(server) as (connection, session):
        before = await listed(connection)
        await session.eval("(in-ns 'another.tools)").result()
        await session.eval("(clojure.core/refer-clojure)").result()
        await session.eval("(def theirs 41)").result()
        async with attached(server, client, tmp_path) as program:
            own, *others = await program.sessions()
            assert own["current"]
            assert session.id in [one["session"] for one in others]
            assert len(await listed(connection)) == len(before) + 2, "ours and that for questions"
            assert len(others) == len(before), "the one for questions is not shown"
            answer = await program.command("switchSession", session=session.id)
            assert answer == {"status": "done", "message": None}
            await program.editor.shown(f"Code runs in the session {str(session.id)[:8]}")
            assert await program.value("(inc theirs)") == "42"
            current, *others = await program.sessions()
            assert current == {
                "session": session.id,
                "current": True,
                "ns": "another.tools",
            }
            assert own["session"] in [one["session"] for one in others]

            running = await program.command("evalCode", code="(Thread/sleep 60000)", wait=False)
            assert running["status"] == "running"
            refused = await program.command("switchSession", session=own["session"])
            assert refused["status"] == "error"
            assert "interrupt it first" in refused["message"]
            stopped = await program.command("interrupt")
            assert stopped["status"] == "interrupted"
            await program.editor.shown("Interrupted: (Thread/sleep 60000)")

            printed = await program.command("evalCode", code="(println :printed)")
            assert printed["out"] == ":printed\n"

            back = await program.command("switchSession", session=own["session"])
            assert back["status"] == "done"
            assert (await program.sessions())[0]["session"] == own["session"]
            await program.command("switchSession", session=session.id)
        after = await listed(connection)
        assert after == before, "ours are closed, and theirs is not"
        assert (await session.eval("theirs").result()).values == ("41",)
        await session.close()


@pytest.mark.parametrize("name", LISTING)
async def test_what_runs_there_is_stopped_when_the_editor_goes(
    name: str, server_pool: ServerPool, client: Callable[..., Client], tmp_path: Path
) -> None:
    server = server_pool.get(name)
    async with another_tool(server) as (_, session):
        async with attached(server, client, tmp_path) as program:
            await program.command("switchSession", session=session.id)
            running = await program.command("evalCode", code="(Thread/sleep 60000)", wait=False)
            assert running["status"] == "running"
        async with asyncio.timeout(20):
            assert (await session.eval("(+ 1 2)").result()).values == ("3",)
        await session.close()


@pytest.mark.parametrize("name", LISTING)
async def test_a_new_session_leaves_another_tool_s_as_it_is(
    name: str, server_pool: ServerPool, client: Callable[..., Client], tmp_path: Path
) -> None:
    server = server_pool.get(name)
    async with another_tool(server) as (connection, session):
        async with attached(server, client, tmp_path) as program:
            await program.command("switchSession", session=session.id)
            running = await program.command("evalCode", code="(Thread/sleep 60000)", wait=False)
            assert running["status"] == "running"
            assert (await program.command("newSession"))["status"] == "done"
            await program.editor.shown("Interrupted: (Thread/sleep 60000)")
            assert await program.value("(+ 1 2)") == "3"
            assert session.id in await listed(connection)
            async with asyncio.timeout(20):
                assert (await session.eval("(+ 1 2)").result()).values == ("3",)
        await session.close()


@pytest.mark.parametrize("name", LISTING)
async def test_a_session_that_is_kept_has_its_state(
    name: str, server_pool: ServerPool, client: Callable[..., Client], tmp_path: Path
) -> None:
    server = server_pool.get(name)
    async with another_tool(server) as (connection, session):
        before = await listed(connection)
        async with attached(server, client, tmp_path) as program:
            first = (await program.sessions())[0]["session"]
            assert await program.value("(* 6 7)") == "42"
            assert (await program.command("newSession", keep=True))["status"] == "done"
            assert await program.value("*1") == "nil"
            assert [one["session"] for one in await program.sessions()][1] == first
            assert (await program.command("switchSession", session=first))["status"] == "done"
            assert await program.value("*1") == "42"
            reading = await program.command("evalCode", code="(read-line)", wait=False)
            assert reading["status"] == "running"
            await program.editor.notified(
                "nrepl/evaluation", lambda params: params["state"] == "needInput"
            )
            assert (await program.command("sendInput", text="Ada"))["status"] == "sent"
            read = await program.editor.notified(
                "nrepl/evaluation",
                lambda params: (
                    params["evaluation"] == reading["evaluation"] and params["state"] == "done"
                ),
            )
            assert read["values"] == ['"Ada"']
            refused = await program.command("switchSession", session="no-such-session")
            assert refused["status"] == "error"
            assert await program.value("(+ 1 2)") == "3"
        assert await listed(connection) == before
        await session.close()


@pytest.mark.parametrize("name", NOT_LISTING)
async def test_a_program_that_cannot_list_its_sessions_says_so(
    name: str, server_pool: ServerPool, client: Callable[..., Client], tmp_path: Path
) -> None:
    async with attached(server_pool.get(name), client, tmp_path) as program:
        first = (await program.sessions())[0]["session"]
        kept = await program.command("newSession", keep=True)
        assert kept == {"status": "done", "message": None}
        answer = await program.command("sessions")
        assert [one["session"] for one in answer["sessions"]][1:] == [first]
        assert "cannot list its sessions" in answer["message"]
        refused = await program.command("switchSession", session=first)
        assert refused["status"] == "error"
        assert "cannot list its sessions" in refused["message"]
        assert await program.value("(+ 1 2)") == "3"


async def test_sessions_of_hy(
    start_server: Callable[..., RunningServer], client: Callable[..., Client], tmp_path: Path
) -> None:
    """One connection at a time: what is there is what was kept."""
    server = await asyncio.to_thread(lambda: start_server("hy-nrepl"))
    async with attached(server, client, tmp_path) as program:
        first = (await program.sessions())[0]["session"]
        assert (await program.command("newSession", keep=True))["status"] == "done"
        assert await program.value("(+ 1 2)") == "3"
        assert first in [one["session"] for one in await program.sessions()]
        answer = await program.command("switchSession", session=first)
        assert answer == {"status": "done", "message": None}
        assert await program.value("(+ 1 2)") == "3"


@pytest.mark.parametrize("name", ["basilisp"])
async def test_code_sent_while_a_new_session_is_made(
    name: str,
    start_server: Callable[..., RunningServer],
    client: Callable[..., Client],
    tmp_path: Path,
) -> None:
    """It answers nothing on a connection where code runs, so that making one takes a while."""
    server = await asyncio.to_thread(lambda: start_server(name))
    async with attached(server, client, tmp_path) as program:
        endless = await program.command("evalCode", code="(loop [] (recur))", wait=False)
        assert endless["status"] == "running"
        making = asyncio.create_task(program.command("newSession"))
        await asyncio.sleep(0)
        sent = await program.command("evalCode", code="(do (println :once) (+ 1 2))")
        assert (sent["status"], sent["values"], sent["out"]) == ("done", ["3"], ":once\n")
        assert (await making)["status"] == "done"
