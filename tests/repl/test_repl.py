"""One attachment: how it is made, what it asks, what it leaves behind."""

import asyncio
import gc
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.nrepl import Address, Capabilities, ConnectFailed, ConnectionLost, RequestTimeout
from nrepl_lsp.nrepl.probe import HALF_CLOSE_TIMEOUT
from nrepl_lsp.nrepl.recording import Recorder, read_exchanges
from nrepl_lsp.repl import attaching, loaded_namespaces
from nrepl_lsp.repl import repl as repl_module
from nrepl_lsp.repl.attaching import attach
from nrepl_lsp.repl.repl import Repl, eval_position
from nrepl_lsp.tooling.completion import COMPLETION, CompletionQuery
from nrepl_lsp.tooling.snippets import is_declared_snippet
from tests.support.fault_server import (
    DEFAULTS,
    DONE,
    Behaviour,
    FaultServer,
    Peer,
    garbage,
    hang_up_mid_reply,
    held,
    reply,
    silent,
)
from tests.support.servers import RunningServer

OLD = "11111111-2222-3333-4444-555555555555"
FAILED = {"status": ["done", "error"]}
LIMITS: dict[str, int] = {"output_limit": 10_000, "value_limit": 10_000}


@pytest.fixture(autouse=True)
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "SECOND_CONNECTION_TIMEOUT", 0.2)
    monkeypatch.setattr(attaching, "VERBOSE_TIMEOUT", 0.2)
    monkeypatch.setattr(attaching, "SESSIONS_TIMEOUT", 0.2)


def first_connection_only(server: FaultServer) -> Behaviour:
    """Serve the first connection and let the second wait, as hy-nrepl does."""

    async def behave(peer: Peer, request: dict[str, Any]) -> None:
        if peer is server.peers[0]:
            await DEFAULTS["describe"](peer, request)

    return behave


def held_from(count: int, server: FaultServer) -> Behaviour:
    """Clone, but never again from a count on."""

    async def behave(peer: Peer, request: dict[str, Any]) -> None:
        await (silent() if len(server.of("clone")) >= count else DEFAULTS["clone"])(peer, request)

    return behave


def verbose(ops: dict[str, Any], versions: dict[str, Any] | None = None) -> Behaviour:
    return reply({"ops": ops, "versions": versions or {"nrepl": "1.3.0"}, **DONE})


# -- attaching ------------------------------------------------------------------------------


async def test_user_and_tooling_have_a_session_and_a_connection_each() -> None:
    async with FaultServer() as server:
        repl = await attach(server.url)
        assert len(server.peers) == 2
        assert repl.user.connection is not repl.tooling.connection
        assert sorted(server.sessions) == sorted([repl.user.id, repl.tooling.id])
        assert repl.is_live
        assert repl.address == Address("nrepl", "127.0.0.1", server.port)
        await repl.close()
        await server.disconnected()
        assert server.sessions == []
        assert not repl.is_live


async def test_attaching_evaluates_nothing() -> None:
    async with FaultServer() as server:
        repl = await attach(server.url)
        assert {request["op"] for request in server.requests} == {"describe", "clone"}
        await repl.close()


async def test_where_a_second_connection_is_never_served_the_first_is_shared() -> None:
    async with FaultServer() as server:
        server.on("describe", first_connection_only(server))
        started = time.monotonic()
        repl = await attach(server.url)
        took = time.monotonic() - started
        assert took < attaching.SECOND_CONNECTION_TIMEOUT + HALF_CLOSE_TIMEOUT + 0.5
        assert repl.user.connection is repl.tooling.connection
        assert repl.user.id != repl.tooling.id
        assert len(server.peers) == 1
        await repl.close()
        await server.disconnected()
        assert server.sessions == []


def test_the_second_connection_is_not_waited_for_longer_than_a_second(monkeypatch) -> None:
    monkeypatch.undo()
    assert attaching.SECOND_CONNECTION_TIMEOUT <= 1.0


async def test_a_server_without_clone_gets_evaluations_without_a_session() -> None:
    async with FaultServer() as server:
        server.without("clone", "ls-sessions")
        repl = await attach(server.url)
        assert (repl.user.id, repl.tooling.id) == (None, None)
        assert server.of("clone") == []
        result = await repl.evaluate("1", **LIMITS).result()
        assert result.values == ("1",)
        await repl.close()
        await server.disconnected()


async def test_a_server_without_describe_is_tried() -> None:
    async with FaultServer() as server:
        server.without("describe")
        repl = await attach(server.url)
        assert repl.capabilities.ops is None
        assert sorted(server.sessions) == sorted([repl.user.id, repl.tooling.id])
        await repl.close()


async def test_a_server_without_describe_and_without_clone_is_attached_too() -> None:
    async with FaultServer() as server:
        server.without("describe", "clone")
        repl = await attach(server.url)
        assert (repl.user.id, repl.tooling.id) == (None, None)
        assert (await repl.evaluate("1", **LIMITS).result()).values == ("1",)
        await repl.close()


@pytest.mark.parametrize(
    "behaviour", [silent(), reply(FAILED), reply(DONE)], ids=["silent", "failed", "empty"]
)
async def test_a_verbose_describe_that_gives_nothing_leaves_the_plain_one(
    behaviour: Behaviour,
) -> None:
    async with FaultServer() as server:
        server.on("describe", behaviour, **{"verbose?": "true"})
        repl = await attach(server.url)
        assert repl.capabilities.supports("complete")
        assert repl.user.connection.capabilities is repl.capabilities
        assert repl.tooling.connection.capabilities is repl.capabilities
        await repl.close()


# -- the former session ---------------------------------------------------------------------


async def test_the_users_session_is_taken_up_again_if_it_is_still_there() -> None:
    async with FaultServer() as server:
        old = server.new_session()
        repl = await attach(server.url, old_session=old)
        assert (repl.user.id, repl.is_resumed) == (old, True)
        assert len(server.of("clone")) == 1
        assert server.of("clone")[0].get("session") is None
        await repl.close()
        assert server.sessions == []


@pytest.mark.parametrize(
    "behaviour",
    [
        reply({"sessions": ["another"], **DONE}),
        reply({"sessions": OLD, **DONE}),
        reply(FAILED),
        silent(),
        reply(DONE),
    ],
    ids=["others", "no list", "failed", "silent", "nothing"],
)
async def test_a_session_that_is_gone_is_replaced(behaviour: Behaviour) -> None:
    async with FaultServer() as server:
        server.on("ls-sessions", behaviour)
        repl = await attach(server.url, old_session=OLD)
        assert repl.user.id in server.sessions
        await repl.close()


async def test_a_session_whose_id_another_program_may_have_given_is_not_taken_up() -> None:
    async with FaultServer() as server:
        server.sessions.append("1")
        repl = await attach(server.url, old_session="1")
        assert repl.user.id != "1"
        assert not repl.is_resumed
        await repl.close()
        assert server.sessions == ["1"]


async def test_a_new_session_with_the_old_ones_id_is_not_the_old_one() -> None:
    async with FaultServer() as server:
        server.on("clone", reply({"new-session": OLD, **DONE}))
        repl = await attach(server.url, old_session=OLD)
        assert (repl.user.id, repl.is_resumed) == (OLD, False)
        await repl.close()


async def test_a_server_without_ls_sessions_is_not_asked_for_them() -> None:
    async with FaultServer() as server:
        server.without("ls-sessions")
        repl = await attach(server.url, old_session=OLD)
        assert server.of("ls-sessions") == []
        assert repl.user.id in server.sessions
        await repl.close()


async def test_the_users_session_outlives_an_attaching_that_fails() -> None:
    async with FaultServer() as server:
        old = server.new_session()
        server.on("clone", hang_up_mid_reply())
        with pytest.raises(ConnectionLost):
            await attach(server.url, old_session=old)
        await server.disconnected()
        assert old in server.sessions


# -- faults and cancelling ------------------------------------------------------------------


@pytest.mark.parametrize("op", ["clone", "ls-sessions"])
@pytest.mark.parametrize("behaviour", [hang_up_mid_reply(), garbage()], ids=["hang up", "garbage"])
async def test_a_fault_while_attaching_leaves_nothing_open(op: str, behaviour: Behaviour) -> None:
    async with FaultServer() as server:
        server.on(op, behaviour)
        with pytest.raises(ConnectionLost):
            await attach(server.url, old_session=OLD)
        await server.disconnected()


async def test_a_server_that_never_clones_leaves_nothing_open(monkeypatch) -> None:
    clone = attaching.Connection.clone
    monkeypatch.setattr(attaching.Connection, "clone", lambda it: clone(it, timeout=0.1))
    async with FaultServer() as server:
        server.on("clone", silent())
        with pytest.raises(RequestTimeout):
            await attach(server.url)
        await server.disconnected()


async def test_a_server_that_hangs_up_on_the_second_connection_is_used_with_one() -> None:
    async with FaultServer() as server:

        async def turn_away(peer: Peer, request: dict[str, Any]) -> None:
            if peer is server.peers[0]:
                await DEFAULTS["describe"](peer, request)
            else:
                peer.hang_up()

        server.on("describe", turn_away)
        repl = await attach(server.url)
        assert repl.user.connection is repl.tooling.connection
        await repl.close()


async def test_what_is_no_nrepl_server_is_named() -> None:
    async with FaultServer() as server:
        server.on("describe", garbage())
        with pytest.raises(ConnectFailed) as failure:
            await attach(server.url)
        assert failure.value.speaks == "something"
        await server.disconnected()


HELD: list[tuple[str, dict[str, Any], int]] = [
    ("describe", {}, 1),
    ("describe", {"verbose?": "true"}, 2),
    ("describe", {}, 3),
    ("clone", {}, 1),
    ("ls-sessions", {}, 1),
    ("clone", {}, 2),
]


@pytest.mark.parametrize(("op", "params", "count"), HELD)
async def test_cancelling_at_any_answer_leaves_nothing_open(
    op: str, params: dict[str, Any], count: int
) -> None:
    gate = asyncio.Event()
    async with FaultServer() as server:

        async def behave(peer: Peer, request: dict[str, Any]) -> None:
            waits = held(gate) if len(server.of(op)) == count else DEFAULTS[op]
            await waits(peer, request)

        server.on(op, behave, **params)
        attaching = asyncio.create_task(attach(server.url, old_session=OLD))
        await server.received(op, count)
        attaching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attaching
        await server.disconnected()


async def test_cancelling_at_any_turn_of_the_loop_leaves_nothing_open() -> None:
    async with FaultServer() as server:
        for turns in range(60):
            attaching = asyncio.create_task(attach(server.url))
            for _ in range(turns):
                await asyncio.sleep(0)
            attaching.cancel()
            done, _ = await asyncio.wait([attaching], timeout=3)
            assert done
            if not attaching.cancelled():
                await attaching.result().close()
            await server.disconnected()


async def test_cancelling_twice_leaves_nothing_open() -> None:
    async with FaultServer() as server:
        server.on("close", silent())
        server.on("clone", held_from(2, server))
        attaching = asyncio.create_task(attach(server.url))
        await server.received("clone", 2)
        attaching.cancel()
        await server.received("close")
        attaching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attaching
        await server.disconnected()


async def test_closing_is_bounded_when_the_server_does_not_answer() -> None:
    async with FaultServer() as server:
        server.on("close", silent())
        repl = await attach(server.url)
        started = time.monotonic()
        await repl.close()
        assert time.monotonic() - started < 2.0
        await server.disconnected()


# -- asking ---------------------------------------------------------------------------------


async def test_questions_are_put_in_the_tooling_session() -> None:
    async with FaultServer() as server:
        repl = await attach(server.url)
        found = await repl.ask(COMPLETION, CompletionQuery("ma", "user", None, "clojure"))
        assert found is not None
        assert [candidate.label for candidate in found.candidates] == ["map", "mapcat"]
        assert {request["session"] for request in server.of("complete")} == {repl.tooling.id}
        await repl.close()
        with pytest.raises(ConnectionLost):
            await repl.ask(COMPLETION, CompletionQuery("ma", "user", None, "clojure"))


async def test_code_is_evaluated_in_the_users_session() -> None:
    async with FaultServer() as server:
        repl = await attach(server.url)
        result = await repl.evaluate("(+ 1 2)", ns="user", file="/a.clj", **LIMITS).result()
        assert result.values == ("(+ 1 2)",)
        loaded = await repl.load_file("(ns a)", path="/a.clj", name="a.clj", **LIMITS).result()
        assert loaded.values == ("a.clj",)
        (request,) = server.of("eval")
        assert request["session"] == repl.user.id
        assert (request["ns"], request["file"]) == ("user", "/a.clj")
        (request,) = server.of("load-file")
        assert request["session"] == repl.user.id
        assert (request["file"], request["file-path"]) == ("(ns a)", "/a.clj")
        await repl.close()
        with pytest.raises(ConnectionLost):
            repl.evaluate("1", **LIMITS)
        with pytest.raises(ConnectionLost):
            repl.load_file("1", path=None, name=None, **LIMITS)


QUOTA = "nrepl.middleware.print/quota"


async def test_values_are_limited_where_the_server_documents_it() -> None:
    documented = {"optional": {QUOTA: "bytes", "line": "line"}}
    async with FaultServer() as server:
        ops = {op: {} for op in server.ops} | {"eval": documented, "load-file": {"optional": []}}
        server.on("describe", verbose(ops), **{"verbose?": "true"})
        repl = await attach(server.url)
        await repl.evaluate("1", line=4, column=2, **LIMITS).result()
        await repl.load_file("1", path=None, name=None, **LIMITS).result()
        (request,) = server.of("eval")
        assert (request["code"], request["line"], request["column"]) == ("1", 5, 3)
        assert request[QUOTA] == repl_module.PRINT_QUOTA
        assert QUOTA not in server.of("load-file")[0]
        await repl.close()


@pytest.mark.parametrize(
    ("docs", "expected"),
    [
        ({"complete": {"optional": {"context": "form"}}}, True),
        ({"cider/complete": {"optional": {"context": "form"}}}, True),
        ({"complete": {"optional": {"ns": "namespace"}}}, False),
        ({"complete": {"optional": ["context"]}}, False),
        ({}, False),
    ],
)
async def test_the_context_is_taken_where_completion_documents_it(
    docs: dict[str, Any], expected: bool
) -> None:
    async with FaultServer() as server:
        ops = {op: {} for op in server.ops} | docs
        server.on("describe", verbose(ops), **{"verbose?": "true"})
        repl = await attach(server.url)
        assert repl.takes_context is expected
        await repl.close()


async def test_every_message_is_recorded_on_request(tmp_path) -> None:
    recorder = Recorder(tmp_path / "wire.jsonl")
    async with FaultServer() as server:
        repl = await attach(server.url, recorder=recorder)
        await repl.close()
        recorder.close()
        exchanges = list(read_exchanges(tmp_path / "wire.jsonl"))
        recorded = [exchange.op for exchange in exchanges]
        assert sorted(recorded) == sorted(request["op"] for request in server.requests)
        assert all(exchange.is_done for exchange in exchanges)


# -- positions ------------------------------------------------------------------------------

WITH_LINE = {"eval": {"optional": {"line": "", "column": ""}}}


def capabilities(versions: dict[str, str], docs: dict[str, Any]) -> Capabilities:
    return Capabilities(frozenset({"eval"}), versions, op_docs=docs)


@pytest.mark.parametrize(
    ("versions", "docs", "expected"),
    [
        ({"nrepl": "1.3.0"}, WITH_LINE, ("(f)", {"line": 3, "column": 5})),
        ({"nrepl": "0.5.0"}, WITH_LINE, ("(f)", {"line": 3, "column": 5})),
        ({"nrepl": "0.4.5"}, WITH_LINE, ("\n\n    (f)", {})),
        ({}, WITH_LINE, ("\n\n    (f)", {})),
        ({"nrepl": "1.3.0"}, {}, ("\n\n    (f)", {})),
        ({"basilisp": "0.5.1"}, {"eval": {"optional": ["line"]}}, ("\n\n    (f)", {})),
    ],
)
def test_a_position_is_told_or_made_by_padding(
    versions: dict[str, str], docs: dict[str, Any], expected: tuple[str, dict[str, int]]
) -> None:
    assert eval_position(capabilities(versions, docs), "(f)", 2, 4) == expected


@given(st.text(max_size=20), st.integers(0, 200), st.integers(0, 200))
def test_padding_puts_the_code_where_it_was(code: str, line: int, column: int) -> None:
    padded, params = eval_position(capabilities({}, {}), code, line, column)
    assert params == {}
    assert padded.endswith(code)
    before = padded[: len(padded) - len(code)]
    assert (before.count("\n"), len(before.rpartition("\n")[2])) == (line, column)
    assert before.strip(" \n") == ""


# -- namespaces -----------------------------------------------------------------------------


def listing(names: list[str]) -> Behaviour:
    """List what `names` holds when it is asked."""

    async def behave(peer: Peer, request: dict[str, Any]) -> None:
        peer.answer(request, {"ns-list": list(names), **DONE})

    return behave


async def attached(server: FaultServer, **more: Any) -> Repl:
    return await attach(server.url, **more)


def named_on_the_wire(server: FaultServer) -> set[str]:
    return {str(request["ns"]) for request in server.requests if "ns" in request}


async def test_only_loaded_namespaces_are_named() -> None:
    async with FaultServer() as server:
        server.on("ns-list", listing(["app.core", "user"]))
        repl = await attached(server)
        assert await repl.loaded_namespace("app.core", "clojure") == "app.core"
        assert await repl.loaded_namespace("app.absent", "clojure") is None
        assert await repl.loaded_namespace("user", "clojure") == "user"
        assert await repl.loaded_namespace(None, "clojure") is None
        assert repl.can_list_namespaces
        assert len(server.of("ns-list")) == 1
        assert named_on_the_wire(server) == set()
        await repl.close()


async def test_an_absent_namespace_is_asked_for_again_after_a_rest(monkeypatch) -> None:
    now = 100.0
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr(loaded_namespaces, "time", clock)
    names = ["user"]
    async with FaultServer() as server:
        server.on("ns-list", listing(names))
        repl = await attached(server)
        assert await repl.loaded_namespace("app", "clojure") is None
        names.append("app")
        assert await repl.loaded_namespace("app", "clojure") is None
        assert len(server.of("ns-list")) == 1
        now += loaded_namespaces.NAMESPACES_REST + 0.1
        assert await repl.loaded_namespace("app", "clojure") == "app"
        assert len(server.of("ns-list")) == 2
        await repl.close()


@pytest.mark.parametrize(
    "evaluate",
    [
        lambda repl: repl.evaluate("(ns app)", **LIMITS),
        lambda repl: repl.load_file("(ns app)", path=None, name=None, **LIMITS),
        lambda repl: repl.named_namespace(None),
    ],
    ids=["evaluate", "load-file", "an evaluation's end"],
)
async def test_after_an_evaluation_the_namespaces_are_listed_anew(
    evaluate: Callable[[Repl], object],
) -> None:
    names = ["user"]
    async with FaultServer() as server:
        server.on("ns-list", listing(names))
        repl = await attached(server)
        assert await repl.loaded_namespace("app", "clojure") is None
        names.append("app")
        evaluate(repl)
        assert await repl.loaded_namespace("app", "clojure") == "app"
        await repl.close()


async def test_a_listing_from_before_an_evaluation_does_not_count_as_after_it() -> None:
    gate = asyncio.Event()
    async with FaultServer() as server:

        async def behave(peer: Peer, request: dict[str, Any]) -> None:
            names = ["user"] if len(server.of("ns-list")) == 1 else ["user", "app"]
            await gate.wait()
            peer.answer(request, {"ns-list": names, **DONE})

        server.on("ns-list", behave)
        repl = await attached(server)
        asking = asyncio.create_task(repl.loaded_namespace("app", "clojure"))
        await server.received("ns-list")
        repl.named_namespace(None)
        gate.set()
        assert await asking is None
        assert await repl.loaded_namespace("app", "clojure") == "app"
        await repl.close()


async def test_who_asks_after_an_evaluation_gets_no_listing_from_before_it() -> None:
    gate = asyncio.Event()
    async with FaultServer() as server:

        async def behave(peer: Peer, request: dict[str, Any]) -> None:
            names = ["user"] if len(server.of("ns-list")) == 1 else ["user", "app"]
            await gate.wait()
            peer.answer(request, {"ns-list": names, **DONE})

        server.on("ns-list", behave)
        repl = await attached(server)
        before = asyncio.create_task(repl.loaded_namespace("app", "clojure"))
        await server.received("ns-list")
        repl.named_namespace(None)
        after = [asyncio.create_task(repl.loaded_namespace("app", "clojure")) for _ in range(3)]
        await asyncio.sleep(0)
        gate.set()
        assert await asyncio.gather(*after) == ["app"] * 3
        assert await before is None
        assert len(server.of("ns-list")) == 2
        await repl.close()


async def test_a_namespace_that_the_server_has_named_is_loaded() -> None:
    async with FaultServer() as server:
        repl = await attached(server, snippets=False)
        assert await repl.loaded_namespace("app", "clojure") is None
        repl.named_namespace("app")
        assert await repl.loaded_namespace("app", "clojure") == "app"
        assert await repl.loaded_namespace("other", "clojure") is None
        assert not repl.can_list_namespaces
        assert server.of("eval") == []
        await repl.close()


async def test_without_an_op_a_snippet_lists_the_namespaces() -> None:
    async with FaultServer() as server:
        server.on("eval", reply({"value": '("user" "app")'}, DONE))
        repl = await attached(server)
        assert await repl.loaded_namespace("app", "clojure") == "app"
        (request,) = server.of("eval")
        assert is_declared_snippet(request["code"])
        assert request["session"] == repl.tooling.id
        assert "ns" not in request or request["ns"] != "app"
        await repl.close()


async def test_callers_at_the_same_time_share_one_listing() -> None:
    gate = asyncio.Event()
    async with FaultServer() as server:
        server.on("ns-list", held(gate, reply({"ns-list": ["app"], **DONE})))
        repl = await attached(server)
        asking = [asyncio.create_task(repl.loaded_namespace("app", "clojure")) for _ in range(5)]
        await server.received("ns-list")
        gate.set()
        assert await asyncio.gather(*asking) == ["app"] * 5
        assert len(server.of("ns-list")) == 1
        await repl.close()


async def test_a_listing_outlives_an_impatient_caller() -> None:
    gate = asyncio.Event()
    async with FaultServer() as server:
        server.on("ns-list", held(gate, reply({"ns-list": ["app"], **DONE})))
        repl = await attached(server)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await repl.loaded_namespace("app", "clojure")
        again = asyncio.create_task(repl.loaded_namespace("app", "clojure"))
        gate.set()
        assert await again == "app"
        assert len(server.of("ns-list")) == 1
        await repl.close()


async def test_what_is_known_is_not_forgotten_when_a_later_listing_fails() -> None:
    async with FaultServer() as server:
        server.on("ns-list", reply({"ns-list": ["app"], **DONE}))
        repl = await attached(server)
        assert await repl.loaded_namespace("app", "clojure") == "app"
        server.on("ns-list", reply(FAILED))
        repl.named_namespace(None)
        assert await repl.loaded_namespace("other", "clojure") is None
        assert await repl.loaded_namespace("app", "clojure") == "app"
        assert repl.can_list_namespaces
        await repl.close()


async def test_a_connection_lost_while_listing_is_a_lost_connection() -> None:
    async with FaultServer() as server:
        server.on("ns-list", hang_up_mid_reply())
        repl = await attached(server)
        with pytest.raises(ConnectionLost):
            await repl.loaded_namespace("app", "clojure")
        await repl.close()


async def test_a_question_is_asked_in_its_namespace_or_in_the_repls_first() -> None:
    async with FaultServer() as server:
        names = ["app"]
        server.on("ns-list", listing(names))
        repl = await attached(server)
        assert await repl.namespace_to_ask("app", "clojure", 5) == "app"
        assert await repl.namespace_to_ask("absent", "clojure", 5) is None
        names.append("user")
        repl.named_namespace(None)
        assert await repl.namespace_to_ask("absent", "clojure", 5) == "user"
        assert await repl.namespace_to_ask(None, "clojure", 5) == "user"
        assert await repl.namespace_to_ask("absent", "hy", 5) is None
        await repl.close()


async def test_a_slow_listing_takes_no_longer_than_the_question_has() -> None:
    async with FaultServer() as server:
        server.on("ns-list", silent())
        repl = await attached(server)
        started = time.monotonic()
        assert await repl.namespace_to_ask("absent", "clojure", 0.3) is None
        assert time.monotonic() - started < 0.5
        assert len(server.of("ns-list")) == 1
        await repl.close()


async def test_a_listing_that_fails_when_nobody_waits_any_more_is_silent() -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    async with FaultServer() as server:
        server.on("ns-list", silent())
        repl = await attached(server)
        assert await repl.loaded_namespace("app", "clojure", 0.01) is None
        await server.received("ns-list")
        await repl.close()
        await server.disconnected()
    del repl
    gc.collect()
    await asyncio.sleep(0)
    gc.collect()
    assert faults == []


# -- a connection for everything ------------------------------------------------------------


async def test_on_a_shared_connection_a_question_waits_for_the_answer_before() -> None:
    gate = asyncio.Event()
    async with FaultServer() as server:
        server.on("describe", first_connection_only(server))
        server.on("complete", held(gate), prefix="ma")
        repl = await attach(server.url)
        first = asyncio.create_task(repl.ask(COMPLETION, CompletionQuery("ma")))
        await server.received("complete")
        second = asyncio.create_task(repl.ask(COMPLETION, CompletionQuery("re")))
        await repl.evaluate("1", **LIMITS).result()
        assert len(server.of("complete")) == 1
        gate.set()
        answers = await asyncio.gather(first, second)
        assert [answer and answer.candidates[0].label for answer in answers] == ["map", "reduce"]
        await repl.close()


async def test_the_wait_for_its_turn_is_part_of_a_questions_time() -> None:
    async with FaultServer() as server:
        server.on("describe", first_connection_only(server))
        server.on("complete", silent(), prefix="ma")
        repl = await attach(server.url)
        slow = asyncio.create_task(repl.ask(COMPLETION, CompletionQuery("ma")))
        await server.received("complete")
        started = time.monotonic()
        assert await repl.ask(COMPLETION, CompletionQuery("re"), timeout=0.1) is None
        assert time.monotonic() - started < 1
        slow.cancel()
        await repl.close()


# -- real servers ---------------------------------------------------------------------------


@pytest.mark.live
async def test_basilisp_is_attached_on_two_connections_and_asked_while_it_evaluates(
    basilisp_server: RunningServer,
) -> None:
    repl = await attach(basilisp_server.url)
    assert repl.user.connection is not repl.tooling.connection
    running = repl.evaluate("(do (import time) (time/sleep 1) :slept)", **LIMITS)
    found = await repl.ask(COMPLETION, CompletionQuery("map", None, None, "clojure"))
    assert found is not None
    assert "map" in [candidate.label for candidate in found.candidates]
    assert not running.is_finished
    assert (await running.result()).values[-1:] == (":slept",)
    assert await repl.loaded_namespace("basilisp.core", "clojure") == "basilisp.core"
    assert await repl.loaded_namespace("never.loaded", "clojure") is None
    await repl.close()


@pytest.mark.live
@pytest.mark.java
async def test_nrepl_1_0_gives_the_session_back_after_a_lost_connection(
    server_pool,
) -> None:
    server = server_pool.get("nrepl-1.0.0")
    first = await attach(server.url)
    await first.evaluate("(def kept 42)", **LIMITS).result()
    for session in (first.user, first.tooling):
        await session.connection.close(sessions=False)
    second = await attach(server.url, old_session=first.user.id)
    assert second.user.id == first.user.id
    assert (await second.evaluate("kept *1", **LIMITS).result()).values == ("42", "42")
    await second.close()
