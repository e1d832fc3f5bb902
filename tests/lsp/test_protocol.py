"""The cures of pygls' defects, and for each a look whether upstream still needs it."""

import asyncio
import gc
import inspect
import json
import logging
from typing import Any

import attrs
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import JsonRPCProtocol, LanguageServerProtocol
from pygls.server import JsonRPCServer

from nrepl_lsp.lsp import jsonrpc
from nrepl_lsp.lsp.protocol import Protocol
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.structuring import shared_converter

DEADLINE = 5.0


class Recorder:
    """A writer that keeps what is sent, and can be waited on."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.bytes = b""
        self._framer = jsonrpc.Framer()
        self._changed = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.bytes += data
        for body in self._framer.feed(data):
            self.sent.append(json.loads(body))
        self._changed.set()

    def close(self) -> None:
        pass

    async def answer(self, msg_id: Any) -> dict[str, Any]:
        """The answer to a request, once it is there."""
        async with asyncio.timeout(DEADLINE):
            while True:
                for message in self.sent:
                    if message.get("id") == msg_id and "method" not in message:
                        return message
                self._changed.clear()
                await self._changed.wait()


def make_server(
    protocol_cls: type[LanguageServerProtocol] = Protocol, *, initialize: bool = True
) -> tuple[LanguageServer, Recorder]:
    server = LanguageServer(
        "test", "1", protocol_cls=protocol_cls, converter_factory=shared_converter
    )
    recorder = Recorder()
    server.protocol.set_writer(recorder)
    if initialize:
        request(server, 0, "initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    return server, recorder


def send(server: LanguageServer, message: Any) -> None:
    """Send as a client would; pygls' own protocol wants typed messages."""
    if isinstance(server.protocol, Protocol):
        server.protocol.receive(json.dumps(message).encode())
    else:
        text = json.dumps(message)
        server.protocol.handle_message(
            json.loads(text, object_hook=server.protocol.structure_message)
        )


def request(server: LanguageServer, msg_id: Any, method: str, params: Any = None) -> None:
    send(server, {"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params})


def notify(server: LanguageServer, method: str, params: Any = None) -> None:
    send(server, {"jsonrpc": "2.0", "method": method, "params": params})


def hover_params(line: int = 0) -> dict[str, Any]:
    return {
        "textDocument": {"uri": "file:///a.clj"},
        "position": {"line": line, "character": 0},
    }


def did_open(text: str = "(+ 1 2)") -> dict[str, Any]:
    document = {"uri": "file:///a.clj", "languageId": "clojure", "version": 1, "text": text}
    return {"textDocument": document}


async def turns(count: int = 5) -> None:
    """Let the loop go round: callbacks of finished tasks need two or three turns."""
    for _ in range(count):
        await asyncio.sleep(0)


class Blocker:
    """A command or feature that runs until it is cancelled."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def wait(self) -> None:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


def add_blocker(server: LanguageServer) -> Blocker:
    blocker = Blocker()

    @server.command("block")
    async def block() -> None:
        await blocker.wait()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: LanguageServer, params: types.HoverParams) -> None:
        await blocker.wait()

    return blocker


async def until(event: asyncio.Event) -> None:
    async with asyncio.timeout(DEADLINE):
        await event.wait()


# The pin


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (JsonRPCProtocol, "_execute_handler", "self, msg_id, handler, callback, args, kwargs"),
        (JsonRPCProtocol, "_run_generator", "self, future, gen, result_future"),
        (JsonRPCProtocol, "_handle_cancel_notification", "self, msg_id"),
        (JsonRPCProtocol, "_handle_notification", "self, method_name, params"),
        (JsonRPCProtocol, "_handle_request", "self, msg_id, method_name, params"),
        (JsonRPCProtocol, "_send_handler_result", "self, future, msg_id"),
        (JsonRPCProtocol, "_check_handler_result", "self, future"),
        (JsonRPCProtocol, "_send_data", "self, data"),
        (JsonRPCProtocol, "_send_response", "self, msg_id, result, error"),
        (JsonRPCProtocol, "_serialize_message", "self, data"),
        (JsonRPCProtocol, "handle_message", "self, message"),
        (JsonRPCProtocol, "structure_message", "self, data"),
        (JsonRPCProtocol, "send_request", "self, method, params, callback, msg_id"),
        (JsonRPCProtocol, "notify", "self, method, params"),
        (JsonRPCProtocol, "set_writer", "self, writer, include_headers"),
        (LanguageServerProtocol, "_register_builtin_features", "self"),
        (LanguageServerProtocol, "lsp_shutdown", "self, args"),
        (LanguageServerProtocol, "lsp_exit", "self, args"),
        (JsonRPCServer, "_report_server_error", "self, error, source"),
    ],
)
def test_pygls_has_the_private_methods_that_the_protocol_stands_on(
    owner: type, name: str, parameters: str
) -> None:
    assert ", ".join(inspect.signature(getattr(owner, name)).parameters) == parameters


def test_pygls_has_the_private_state_that_the_protocol_stands_on() -> None:
    server, _ = make_server(LanguageServerProtocol, initialize=False)
    protocol = server.protocol
    assert protocol._request_futures == {}
    assert protocol._result_types == {}
    assert protocol._shutdown is False
    assert protocol._ctx_msg_id.get() is None
    assert protocol._converter is shared_converter()
    assert protocol.progress.tokens == {}


# Cancellation


async def test_cancelling_a_command_reaches_its_coroutine() -> None:
    server, recorder = make_server()
    blocker = add_blocker(server)
    request(server, 1, "workspace/executeCommand", {"command": "block"})
    await until(blocker.started)
    notify(server, "$/cancelRequest", {"id": 1})
    await until(blocker.cancelled)
    assert (await recorder.answer(1))["error"]["code"] == -32800


async def test_upstream_still_lets_a_cancelled_command_run_on() -> None:
    server, recorder = make_server(LanguageServerProtocol)
    blocker = add_blocker(server)
    request(server, 1, "workspace/executeCommand", {"command": "block"})
    await until(blocker.started)
    notify(server, "$/cancelRequest", {"id": 1})
    await recorder.answer(1)
    await turns()
    assert not blocker.cancelled.is_set(), "fixed upstream: the cure in Protocol can go"
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def test_cancelling_a_feature_reaches_its_coroutine() -> None:
    server, recorder = make_server()
    blocker = add_blocker(server)
    request(server, "h", "textDocument/hover", hover_params())
    await until(blocker.started)
    notify(server, "$/cancelRequest", {"id": "h"})
    await until(blocker.cancelled)
    assert (await recorder.answer("h"))["error"]["code"] == -32800


async def test_a_request_that_is_cancelled_before_it_begins_is_answered() -> None:
    # A coroutine that nobody awaits would be a warning, which fails the test.
    server, recorder = make_server()
    blocker = add_blocker(server)
    request(server, "h", "textDocument/hover", hover_params())
    notify(server, "$/cancelRequest", {"id": "h"})
    assert (await recorder.answer("h"))["error"]["code"] == -32800
    assert not blocker.started.is_set()
    gc.collect()


async def test_a_command_whose_own_work_is_cancelled_still_gets_an_answer() -> None:
    server, recorder = make_server()

    @server.command("give-up")
    async def give_up() -> None:
        raise asyncio.CancelledError

    request(server, 1, "workspace/executeCommand", {"command": "give-up"})
    assert (await recorder.answer(1))["error"]["code"] == -32800


async def test_cancelling_what_is_not_running_is_ignored() -> None:
    server, recorder = make_server()
    params = types.ConfigurationParams(items=[])
    waiting = server.protocol.send_request_async("workspace/configuration", params, msg_id="ours")
    notify(server, "$/cancelRequest", {"id": 99})
    notify(server, "$/cancelRequest", {"id": "ours"})
    await turns()
    assert not waiting.done()
    send(server, {"jsonrpc": "2.0", "id": "ours", "result": [1]})
    assert await waiting == (1,)
    assert [message["id"] for message in recorder.sent] == [0, "ours"]


# Shutdown and exit


async def test_shutdown_answers_while_requests_run() -> None:
    server, recorder = make_server()
    blocker = add_blocker(server)
    request(server, 1, "workspace/executeCommand", {"command": "block"})
    request(server, 2, "textDocument/hover", hover_params())
    await until(blocker.started)
    request(server, 3, "shutdown")
    assert (await recorder.answer(3))["result"] is None
    assert (await recorder.answer(1))["error"]["code"] == -32800
    assert (await recorder.answer(2))["error"]["code"] == -32800
    assert server.protocol.is_shut_down


async def test_upstream_still_fails_to_shut_down_while_a_command_runs() -> None:
    # https://github.com/openlawlibrary/pygls/issues/606
    server, recorder = make_server(LanguageServerProtocol)
    blocker = add_blocker(server)
    request(server, 1, "workspace/executeCommand", {"command": "block"})
    await until(blocker.started)
    request(server, 2, "shutdown")
    assert "error" in await recorder.answer(2), "#606 is fixed: lsp_shutdown can go"
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def test_after_shutdown_requests_are_refused_and_notifications_ignored() -> None:
    server, recorder = make_server()
    opened = []

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open_handler(params: types.DidOpenTextDocumentParams) -> None:
        opened.append(params)

    request(server, 1, "shutdown")
    await recorder.answer(1)
    request(server, 2, "textDocument/hover", hover_params())
    notify(server, "textDocument/didOpen", did_open())
    assert (await recorder.answer(2))["error"]["code"] == -32600
    await turns()
    assert opened == []


async def test_shutdown_without_an_id_counts() -> None:
    # Kate 26.08 sends it so.
    server, _ = make_server()
    called = asyncio.Event()

    @server.feature(types.SHUTDOWN)
    async def shut_down(params: Any) -> None:
        called.set()

    notify(server, "shutdown")
    await until(called)
    assert server.protocol.is_shut_down


async def test_shutdown_does_not_wait_for_a_handler_that_ignores_cancelling() -> None:
    server, recorder = make_server()
    release, started = asyncio.Event(), asyncio.Event()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await release.wait()

    request(server, 1, "textDocument/hover", hover_params())
    await until(started)
    request(server, 2, "shutdown")
    assert (await recorder.answer(2))["result"] is None
    release.set()
    assert (await recorder.answer(1))["result"] is None


async def test_exit_calls_on_exit_after_the_servers_own_handler() -> None:
    server, _ = make_server()
    calls: list[str] = []
    exited = asyncio.Event()

    @server.feature(types.EXIT)
    async def exit_handler(params: Any) -> None:
        calls.append("handler")

    def on_exit() -> None:
        calls.append("on_exit")
        exited.set()

    server.protocol.on_exit = on_exit
    notify(server, "exit")
    await until(exited)
    assert calls == ["handler", "on_exit"]


def test_exit_is_heard_before_initialize() -> None:
    server, _ = make_server(initialize=False)
    calls: list[str] = []
    server.protocol.on_exit = lambda: calls.append("exit")
    notify(server, "exit")
    assert calls == ["exit"]


# What is remembered


async def test_nothing_is_remembered_about_finished_messages() -> None:
    server, recorder = make_server()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open_handler(params: types.DidOpenTextDocumentParams) -> None:
        pass

    @server.command("quick")
    async def quick() -> int:
        return 1

    for number in range(1, 51):
        notify(server, "textDocument/didOpen", did_open())
        notify(server, "$/setTrace", {"value": "off"})
        request(server, number, "workspace/executeCommand", {"command": "quick"})
    assert (await recorder.answer(50))["result"] == 1
    await turns()
    assert server.protocol._request_futures == {}
    assert server.protocol._steps == {}


async def test_upstream_still_remembers_every_notification() -> None:
    server, _ = make_server(LanguageServerProtocol)
    for _ in range(10):
        notify(server, "$/setTrace", {"value": "off"})
    await turns()
    leaked = len(server.protocol._request_futures)
    assert leaked == 10, "fixed upstream: the forgetting in Protocol._execute_handler can go"


async def test_a_request_to_the_client_that_is_given_up_is_forgotten() -> None:
    server, recorder = make_server()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await server.workspace_configuration_async(types.ConfigurationParams(items=[]))
    assert server.protocol._request_futures == {}
    assert server.protocol._result_types == {}
    late = recorder.sent[-1]["id"]
    send(server, {"jsonrpc": "2.0", "id": late, "result": []})
    assert recorder.sent[-1]["id"] == late  # no complaint was sent


async def test_upstream_still_trips_over_the_answer_to_a_request_given_up() -> None:
    # https://github.com/openlawlibrary/pygls/issues/621 and 608
    server, recorder = make_server(LanguageServerProtocol)
    future = ask_to_apply_an_edit(server)
    future.cancel()
    await turns()
    late = recorder.sent[-1]["id"]
    assert server.protocol._result_types, "#608 is fixed: Protocol.send_request can go"
    with pytest.raises(Exception, match="CANCELLED"):
        send(server, {"jsonrpc": "2.0", "id": late, "result": {"applied": True}})


async def test_a_progress_token_is_forgotten_at_its_end() -> None:
    server, _ = make_server()
    progress = server.work_done_progress
    progress.begin("token", types.WorkDoneProgressBegin(title="Evaluating"))
    assert list(progress.tokens) == ["token"]
    progress.end("token", types.WorkDoneProgressEnd())
    assert progress.tokens == {}


def test_upstream_still_keeps_progress_tokens() -> None:
    # https://github.com/openlawlibrary/pygls/issues/607
    server, _ = make_server(LanguageServerProtocol)
    progress = server.work_done_progress
    progress.begin("token", types.WorkDoneProgressBegin(title="Evaluating"))
    progress.end("token", types.WorkDoneProgressEnd())
    assert progress.tokens, "#607 is fixed: ReleasedProgress can go"


# What clients send


async def test_malformed_parameters_get_an_answer_that_says_what_is_wrong() -> None:
    server, recorder = make_server()
    add_blocker(server)
    request(server, 7, "textDocument/hover", {"textDocument": {"uri": "file:///a.clj"}})
    error = (await recorder.answer(7))["error"]
    assert error["code"] == -32602
    assert "position" in error["message"]
    request(server, 8, "textDocument/hover")
    assert (await recorder.answer(8))["error"]["code"] == -32602


def test_upstream_still_leaves_malformed_parameters_unanswered() -> None:
    server, recorder = make_server(LanguageServerProtocol)
    with pytest.raises(JsonRpcException):
        request(server, 7, "textDocument/hover", {"textDocument": {"uri": "file:///a.clj"}})
    answered = [message for message in recorder.sent if message.get("id") == 7]
    assert answered == [], "fixed upstream: the refusal in Protocol._receive_request can go"


async def test_parameters_may_hold_a_key_named_jsonrpc() -> None:
    server, recorder = make_server()
    seen = []

    @server.command("echo")
    async def echo(argument: Any) -> Any:
        seen.append(argument)
        return argument

    argument = {"jsonrpc": "2.0", "id": 1, "method": "x"}
    request(server, 1, "workspace/executeCommand", {"command": "echo", "arguments": [argument]})
    assert (await recorder.answer(1))["result"] == argument
    assert seen == [argument]


def test_upstream_still_fails_on_a_nested_key_named_jsonrpc() -> None:
    server, _ = make_server(LanguageServerProtocol)
    params = {"command": "echo", "arguments": [{"jsonrpc": "2.0"}]}
    with pytest.raises(JsonRpcException):
        request(server, 1, "workspace/executeCommand", params)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", '"text"', "[" * 5000, "\xff"])
def test_a_message_that_cannot_be_read_is_only_logged(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    server, recorder = make_server()
    before = len(recorder.sent)
    server.protocol.receive(text.encode("latin-1"))
    assert len(recorder.sent) == before
    assert "Ignoring a message" in caplog.text


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0"},
        {"jsonrpc": "2.0", "id": [1], "method": "textDocument/hover"},
        {"jsonrpc": "2.0", "id": 5, "result": None},
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": 1}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {}},
        {"jsonrpc": "2.0", "method": "$/unknown", "params": {"a-b": 1}},
        {"jsonrpc": "2.0", "method": 7},
    ],
)
def test_odd_messages_are_ignored(message: dict[str, Any]) -> None:
    server, recorder = make_server()
    before = len(recorder.sent)
    send(server, message)
    assert len(recorder.sent) == before


def test_a_fault_of_ours_while_handling_a_message_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server, _ = make_server()
    server.protocol.set_writer(None)  # type: ignore[arg-type]

    def refuse(_: Any) -> None:
        raise ValueError("broken")

    server.protocol._refusal = refuse  # type: ignore[method-assign]
    request(server, 1, "shutdown")
    assert "Failed to handle the message 'shutdown'" in caplog.text


async def test_requests_before_initialize_are_refused() -> None:
    server, recorder = make_server(initialize=False)
    notify(server, "textDocument/didOpen", did_open())
    request(server, 1, "textDocument/hover", hover_params())
    assert (await recorder.answer(1))["error"]["code"] == -32002
    assert len(recorder.sent) == 1


async def test_a_second_initialize_is_refused() -> None:
    server, recorder = make_server()
    params = {"processId": None, "rootUri": None, "capabilities": {}}
    request(server, 1, "initialize", params)
    assert (await recorder.answer(1))["error"]["code"] == -32600


def test_capabilities_that_cannot_be_read_cost_only_themselves() -> None:
    server, recorder = make_server(initialize=False)
    capabilities = {
        "workspace": {"applyEdit": True, "workspaceEdit": {"failureHandling": "from-lsp-9"}},
        "general": {"positionEncodings": ["utf-8"]},
        "window": None,
    }
    request(server, 1, "initialize", {"processId": 5, "capabilities": capabilities})
    assert recorder.sent[0]["result"]["capabilities"]["positionEncoding"] == "utf-8"
    workspace = server.client_capabilities.workspace
    assert workspace is not None
    assert workspace.apply_edit is True
    assert workspace.workspace_edit is None


async def test_an_initialize_that_cannot_be_read_is_refused_and_may_be_repeated() -> None:
    server, recorder = make_server(initialize=False)
    request(server, 1, "initialize", {"processId": {"no": "number"}, "capabilities": 5})
    assert (await recorder.answer(1))["error"]["code"] == -32602
    request(server, 2, "initialize", {"processId": None})
    assert "capabilities" in (await recorder.answer(2))["result"]


# Order


async def test_requests_see_the_document_as_it_was_when_they_were_sent() -> None:
    server, recorder = make_server()
    state = {"version": 0}
    seen: list[int] = []

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(ls: LanguageServer, params: types.DidChangeTextDocumentParams) -> None:
        state["version"] = params.text_document.version

    @server.feature(types.TEXT_DOCUMENT_COMPLETION)
    async def complete(ls: LanguageServer, params: types.CompletionParams) -> None:
        seen.append(state["version"])

    for version in range(1, 6):
        document = {"uri": "file:///a.clj", "version": version}
        changes = [{"text": "x"}]
        notify(
            server,
            "textDocument/didChange",
            {"textDocument": document, "contentChanges": changes},
        )
        request(server, version, "textDocument/completion", hover_params())
    await recorder.answer(5)
    assert seen == [1, 2, 3, 4, 5]


async def test_pygls_keeps_no_copy_of_the_text() -> None:
    server, _ = make_server()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open_handler(ls: LanguageServer, params: types.DidOpenTextDocumentParams) -> None:
        pass

    notify(server, "textDocument/didOpen", did_open())
    await turns()
    assert server.workspace.text_documents == {}


# Answers and requests of ours


async def test_raw_results_are_sent_as_they_are() -> None:
    server, recorder = make_server()
    result = {"isIncomplete": False, "items": [{"label": "λ", "kind": 3}]}

    @server.feature(types.TEXT_DOCUMENT_COMPLETION)
    async def complete(ls: LanguageServer, params: types.CompletionParams) -> Raw:
        return Raw(result)

    request(server, 1, "textDocument/completion", hover_params())
    assert (await recorder.answer(1)) == {"jsonrpc": "2.0", "id": 1, "result": result}


async def test_typed_results_are_converted() -> None:
    server, recorder = make_server()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: LanguageServer, params: types.HoverParams) -> types.Hover:
        assert isinstance(params.position, types.Position)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "**x**"))

    request(server, 1, "textDocument/hover", hover_params())
    contents = {"kind": "markdown", "value": "**x**"}
    assert (await recorder.answer(1))["result"] == {"contents": contents}


async def test_raw_notifications_are_sent_as_they_are() -> None:
    server, recorder = make_server()
    server.protocol.notify("window/logMessage", Raw({"type": 3, "message": "hello"}))
    server.window_log_message(types.LogMessageParams(types.MessageType.Info, "hello"))
    assert recorder.sent[-2] == recorder.sent[-1]


async def test_a_result_that_cannot_be_sent_is_answered_with_an_error() -> None:
    server, recorder = make_server()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: LanguageServer, params: types.HoverParams) -> Raw:
        return Raw({"bad": object})

    request(server, 1, "textDocument/hover", hover_params())
    assert (await recorder.answer(1))["error"]["code"] == -32603
    sent = len(recorder.sent)
    server.protocol.notify("window/logMessage", Raw({"bad": object}))
    assert len(recorder.sent) == sent


async def test_half_surrogates_never_break_the_wire() -> None:
    server, recorder = make_server()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: LanguageServer, params: types.HoverParams) -> Raw:
        return Raw({"contents": "a\udcffb"})

    request(server, 1, "textDocument/hover", hover_params())
    assert (await recorder.answer(1))["result"] == {"contents": "a\ufffdb"}


async def test_a_chosen_error_is_the_answer_and_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server, recorder = make_server()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: LanguageServer, params: types.HoverParams) -> None:
        raise JsonRpcException("the REPL said no", code=types.LSPErrorCodes.RequestFailed)

    request(server, 1, "textDocument/hover", hover_params())
    error = (await recorder.answer(1))["error"]
    assert error == {"code": -32803, "message": "the REPL said no"}
    assert caplog.text == ""


async def test_a_fault_in_a_handler_is_answered_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server, recorder = make_server()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: LanguageServer, params: types.HoverParams) -> None:
        raise ValueError("broken")

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open_handler(ls: LanguageServer, params: types.DidOpenTextDocumentParams) -> None:
        raise ValueError("also broken")

    request(server, 1, "textDocument/hover", hover_params())
    notify(server, "textDocument/didOpen", did_open())
    assert (await recorder.answer(1))["error"]["code"] == -32603
    await turns()
    assert "ValueError: broken" in caplog.text
    assert "ValueError: also broken" in caplog.text
    assert [message.get("method") for message in recorder.sent if "method" in message] == []


async def test_an_unknown_request_is_answered() -> None:
    server, recorder = make_server()
    request(server, 1, "nrepl/unknown", {"a-b": 1})
    assert (await recorder.answer(1))["error"]["code"] == -32601


async def test_custom_methods_get_plain_parameters() -> None:
    server, recorder = make_server()

    @server.feature("nrepl/custom")
    async def custom(ls: LanguageServer, params: Any) -> Any:
        return params

    request(server, 1, "nrepl/custom", {"kebab-key": [1]})
    assert (await recorder.answer(1))["result"] == {"kebab-key": [1]}


async def test_commands_get_attrs_arguments_with_their_defaults() -> None:
    @attrs.frozen
    class Place:
        file_uri: str
        line: int = 3

    server, recorder = make_server()

    @server.command("show")
    async def show(ls: LanguageServer, place: Place) -> str:
        return f"{place.file_uri}:{place.line}"

    arguments = [{"fileUri": "file:///a.clj"}]
    request(server, 1, "workspace/executeCommand", {"command": "show", "arguments": arguments})
    assert (await recorder.answer(1))["result"] == "file:///a.clj:3"


def ask_to_apply_an_edit(server: LanguageServer) -> asyncio.Future[Any]:
    params = types.ApplyWorkspaceEditParams(types.WorkspaceEdit())
    return server.protocol.send_request_async("workspace/applyEdit", params)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ({"code": -32601, "message": "no"}, -32601, "no"),
        ({}, -32603, "^$"),
        ("just text", -32603, "just text"),
    ],
)
async def test_an_error_of_the_client_is_raised(error: Any, code: int, message: str) -> None:
    server, recorder = make_server()
    future = ask_to_apply_an_edit(server)
    send(server, {"jsonrpc": "2.0", "id": recorder.sent[-1]["id"], "error": error})
    with pytest.raises(JsonRpcException, match=message) as raised:
        await future
    assert raised.value.code == code


async def test_the_answer_of_the_client_is_converted() -> None:
    server, recorder = make_server()
    future = ask_to_apply_an_edit(server)
    send(server, {"jsonrpc": "2.0", "id": recorder.sent[-1]["id"], "result": {"applied": True}})
    assert await future == types.ApplyWorkspaceEditResult(applied=True)


async def test_the_answer_to_a_custom_request_is_plain() -> None:
    server, recorder = make_server()
    future = server.protocol.send_request_async("nrepl/custom", {"a": 1}, msg_id="ours")
    assert recorder.sent[-1]["params"] == {"a": 1}
    send(server, {"jsonrpc": "2.0", "id": "ours", "result": {"b-c": 2}})
    assert await future == {"b-c": 2}


async def test_an_answer_of_the_client_that_does_not_fit_is_raised() -> None:
    server, recorder = make_server()
    future = ask_to_apply_an_edit(server)
    send(server, {"jsonrpc": "2.0", "id": recorder.sent[-1]["id"], "result": {"wrong": 1}})
    send(server, {"jsonrpc": "2.0", "id": recorder.sent[-1]["id"], "result": None})
    with pytest.raises(JsonRpcException, match="Invalid result"):
        await future


async def test_messages_are_logged_at_debug_and_cut(caplog: pytest.LogCaptureFixture) -> None:
    server, recorder = make_server()
    with caplog.at_level(logging.DEBUG, logger="nrepl_lsp.lsp.protocol"):
        request(server, 1, "nrepl/unknown", {"text": "x" * 2000})
        await recorder.answer(1)
    assert '<- {"jsonrpc"' in caplog.text
    assert '-> {"jsonrpc"' in caplog.text
    assert "x" * 500 not in caplog.text


def test_without_a_client_messages_are_dropped(caplog: pytest.LogCaptureFixture) -> None:
    server, _ = make_server(initialize=False)
    server.protocol.writer = None
    server.protocol.notify("window/logMessage", Raw({}))
    assert "a message is dropped" in caplog.text


def test_the_loops_of_pygls_work_with_the_protocol() -> None:
    server, recorder = make_server(initialize=False)
    text = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}
    )
    message = json.loads(text, object_hook=server.protocol.structure_message)
    server.protocol.handle_message(message)
    assert recorder.sent[0]["id"] == 1


async def test_arguments_that_are_no_list_are_refused_not_taken_for_none() -> None:
    server, recorder = make_server()
    request(server, 1, "workspace/executeCommand", {"command": "run", "arguments": {}})
    error = (await recorder.answer(1))["error"]
    assert (error["code"], error["message"]) == (-32602, "Invalid Params: arguments must be a list")
