"""pygls' protocol with its defects cured, and a short way through it for large answers.

Every use of pygls' private names is in this file; `tests/lsp/test_protocol.py` pins them and tells
which cure upstream has made superfluous. Issue numbers are those of openlawlibrary/pygls.

- Document synchronisation goes to our handlers only: pygls keeps no copy of the text.
- A command can be cancelled, and a cancelled step ends its request.
- `shutdown` works while requests run (#606), and what is sent after it is refused.
- Nothing is remembered about finished messages, unanswered requests (#608) or progress (#607).
- A late answer to a request of ours that was cancelled is ignored (#621).
- Parameters that do not fit get an error reply; messages that cannot be read are only logged.
- `exit` calls `on_exit` instead of `sys.exit`.
"""

import asyncio
import contextvars
import logging
import uuid
from collections.abc import Callable, Generator
from concurrent.futures import Future
from functools import partial
from typing import Any

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcServerNotInitialized,
)
from pygls.lsp.server import LanguageServer
from pygls.progress import Progress
from pygls.protocol import LanguageServerProtocol, lsp_method

from . import jsonrpc
from .raw import Raw
from .structuring import client_error, explained, structured_params

__all__ = ["Protocol"]

logger = logging.getLogger(__name__)

SETTLE_DEADLINE = 0.25
"""Seconds that `shutdown` gives cancelled requests to answer before it answers itself."""

LOGGED_CHARACTERS = 400
"""How much of a message appears in the log, at level DEBUG."""

_OWN_DOCUMENTS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)

MessageId = str | int


_SENT = object()
"""What a request's task returns when it has sent the answer itself."""


class ReleasedProgress(Progress):
    """Progress whose tokens are forgotten at their end (#607)."""

    def end(self, token: types.ProgressToken, value: types.WorkDoneProgressEnd) -> None:
        super().end(token, value)
        self.tokens.pop(token, None)


class Protocol(LanguageServerProtocol):
    """The protocol of our language server; see the module's text for what differs from pygls.

    `receive` takes message bodies; what is sent goes to the writer given to `set_writer`.
    """

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.progress = ReleasedProgress(self)
        self.on_exit: Callable[[], None] = lambda: None
        """Called at the notification `exit`."""
        self.adjust_capabilities: Callable[[types.ServerCapabilities], None] = lambda _: None
        """Called with what `initialize` is about to announce, to change it."""
        self._initialized = False
        self._steps: dict[MessageId, set[Any]] = {}
        self._coroutines: dict[Callable[..., Any], bool] = {}

    def _register_builtin_features(self) -> None:
        super()._register_builtin_features()  # type: ignore[no-untyped-call]
        for method in _OWN_DOCUMENTS:
            del self.fm.builtin_features[method]

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has sent `shutdown`."""
        return self._shutdown

    # Incoming

    def receive(self, body: bytes) -> None:
        """Handle one message. Never raises: what cannot be read is logged."""
        try:
            message = jsonrpc.decode(body)
        except ValueError as error:
            logger.warning("Ignoring a message that is not JSON (%s): %.100r", error, body[:100])
            return
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("<- %s", body[:LOGGED_CHARACTERS].decode("utf-8", "replace"))
        self.handle_message(message)

    def structure_message(self, data: dict[str, Any]) -> dict[str, Any]:
        """The message unchanged: pygls' own loops call this on every nested object."""
        return data

    def handle_message(self, message: Any) -> None:
        """Handle one message, given as the plain value of its JSON text."""
        if not isinstance(message, dict):
            logger.warning("Ignoring a message that is not an object: %.100r", message)
            return
        method, msg_id = message.get("method"), message.get("id")
        try:
            if not isinstance(msg_id, str | int | None):
                logger.warning("Ignoring a message with the id %.100r", msg_id)
            elif not isinstance(method, str):
                self._receive_response(msg_id, message)
            elif msg_id is None:
                self._receive_notification(method, message.get("params"))
            else:
                self._receive_request(msg_id, method, message.get("params"))
        except Exception:
            logger.exception("Failed to handle the message %.100r", method or msg_id)

    def _receive_request(self, msg_id: MessageId, method: str, params: Any) -> None:
        refusal = self._refusal(method)
        if refusal is None:
            try:
                params = structured_params(self._converter, method, params)
            except JsonRpcInvalidParams as error:
                refusal = error
        if refusal is not None:
            logger.warning("Refusing the request %s: %s", method, refusal)
            self._send_response(msg_id, error=refusal.to_response_error())
            return
        if method == types.INITIALIZE:
            self._initialized = True
        handler = self.fm.features.get(method)
        if handler is None or method in self.fm.builtin_features or not self._is_coroutine(handler):
            contextvars.copy_context().run(self._handle_request, msg_id, method, params)
            return
        # What pygls does for it, at a third of the price of a quick answer.
        context = contextvars.copy_context()
        context.run(self._ctx_msg_id.set, msg_id)
        task: Any = asyncio.get_running_loop().create_task(
            self._answer(msg_id, handler, (params,)), context=context
        )
        self._request_futures[msg_id] = task
        task.add_done_callback(partial(self._send_handler_result, msg_id=msg_id), context=context)

    def _refusal(self, method: str) -> JsonRpcException | None:
        if self._shutdown:
            return JsonRpcInvalidRequest(f"{method} after shutdown")
        if self._initialized == (method == types.INITIALIZE):
            if self._initialized:
                return JsonRpcInvalidRequest("initialize was sent before")
            return JsonRpcServerNotInitialized(f"{method} before initialize")
        return None

    def _receive_notification(self, method: str, params: Any) -> None:
        if method != types.EXIT and (self._shutdown or not self._initialized):
            logger.info("Ignoring %s outside of initialize and shutdown", method)
            return
        try:
            params = structured_params(self._converter, method, params)
        except JsonRpcInvalidParams as error:
            logger.warning("Ignoring the notification %s: %s", method, error)
            return
        contextvars.copy_context().run(self._handle_notification, method, params)

    def _receive_response(self, msg_id: MessageId | None, message: dict[str, Any]) -> None:
        if msg_id is None or msg_id not in self._result_types:
            logger.debug("Ignoring an answer to nothing we wait for: %.200r", message)
            return
        result_type = self._result_types.pop(msg_id)
        future = self._request_futures.pop(msg_id, None)
        if future is None or future.done():  # pragma: no cover - both go when the future ends
            return
        if "error" in message:
            future.set_exception(client_error(message["error"]))
            return
        answer = {"jsonrpc": self.VERSION, "id": msg_id, "result": message.get("result")}
        try:
            result = answer["result"]
            if result_type is not None:
                result = self._converter.structure(answer, result_type).result
            future.set_result(result)
        except Exception as error:
            future.set_exception(JsonRpcInvalidParams(f"Invalid result: {explained(error)}"))

    # Handlers

    def _execute_handler(
        self,
        msg_id: MessageId,
        handler: Callable[..., Any],
        callback: Callable[[Any], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        request = self._ctx_msg_id.get()
        if request == msg_id and self._is_coroutine(handler):
            answer = self._answer(msg_id, handler, args or ())
            task: Any = asyncio.get_running_loop().create_task(answer)
            self._request_futures[msg_id] = task
            task.add_done_callback(callback)
            return
        super()._execute_handler(msg_id, handler, callback, args, kwargs)
        future = self._request_futures.get(msg_id)
        if future is None or request == msg_id:
            return
        steps = self._steps.setdefault(request, set()) if request is not None else set()
        steps.add(future)

        def forget(ended: Any) -> None:
            self._request_futures.pop(msg_id, None)
            steps.discard(ended)
            if request is not None and not steps:
                self._steps.pop(request, None)

        future.add_done_callback(forget)

    def _is_coroutine(self, handler: Callable[..., Any]) -> bool:
        """Whether a handler is a coroutine function; asking that anew takes as long as a reply."""
        known = self._coroutines.get(handler)
        if known is None:
            known = self._coroutines[handler] = asyncio.iscoroutinefunction(handler)
        return known

    async def _answer(
        self, msg_id: MessageId, handler: Callable[..., Any], args: tuple[Any, ...]
    ) -> Any:
        """Handle a request, and send a `Raw` answer at once: a turn of the loop earlier.

        The handler is called in here, so that one that is cancelled before it begins leaves no
        coroutine behind that nobody awaits.
        """
        result = await handler(*args)
        if isinstance(result, Raw):
            self._send_response(msg_id, result)
            return _SENT
        return result

    def _run_generator(
        self,
        future: Any,
        *,
        gen: Generator[Any, Any, Any],
        result_future: Any,
    ) -> None:
        """Go on with a built-in handler; one whose step was cancelled is cancelled itself."""
        if future is not None and future.cancelled():
            result_future.cancel()
            return
        super()._run_generator(future, gen=gen, result_future=result_future)

    def _handle_cancel_notification(self, msg_id: MessageId) -> None:
        for step in tuple(self._steps.get(msg_id, ())):
            step.cancel()
        future = self._request_futures.get(msg_id)
        if future is not None and msg_id not in self._result_types:
            future.cancel()

    def _send_handler_result(self, future: Any, *, msg_id: MessageId) -> None:
        error = None if future.cancelled() else future.exception()
        if error is None or isinstance(error, JsonRpcException):
            # A JsonRpcException is an answer that the handler chose, not a fault to report.
            self._request_futures.pop(msg_id, None)
            if error is not None:
                self._send_response(msg_id, error=error.to_response_error())
                return
            if not future.cancelled() and future.result() is _SENT:
                return
        super()._send_handler_result(future, msg_id=msg_id)

    def _check_handler_result(self, future: Any) -> None:
        """Log what a notification's handler raised; pygls would show it to the user."""
        error = None if future.cancelled() else future.exception()
        if error is not None:
            logger.error("Failed to handle a notification", exc_info=error)

    def cancel_pending(self) -> list[asyncio.Future[Any]]:
        """Cancel everything that runs or waits, but for the request being handled; what is to end.

        Over a copy: ending removes entries (#606).
        """
        own = self._ctx_msg_id.get()
        pending: list[Any] = [
            future for msg_id, future in self._request_futures.items() if msg_id != own
        ]
        for future in pending:
            future.cancel()
        return [future for future in pending if isinstance(future, asyncio.Future)]

    # Built-in methods

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(
        self, params: types.InitializeParams
    ) -> Generator[Any, Any, types.InitializeResult]:
        result = yield from super().lsp_initialize(params)
        self.adjust_capabilities(result.capabilities)
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        self._shutdown = True
        handler = self.fm.features.get(types.SHUTDOWN)
        if handler is not None:
            yield handler, args, None
        yield _settle, (self.cancel_pending(),), None

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> Generator[Any, Any, None]:
        handler = self.fm.features.get(types.EXIT)
        if handler is not None:
            yield handler, args, None
        self.on_exit()

    # Outgoing

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: MessageId | None = None,
    ) -> Future[Any]:
        """Send a request to the client; cancelling the future forgets it."""
        request_id = str(uuid.uuid4()) if msg_id is None else msg_id
        future: Future[Any] = super().send_request(method, params, callback, request_id)

        def forget(_: Any) -> None:
            self._request_futures.pop(request_id, None)
            self._result_types.pop(request_id, None)

        future.add_done_callback(forget)
        return future

    def notify(self, method: str, params: Any | None = None) -> None:
        """Send a notification; `params` may be `Raw`."""
        if isinstance(params, Raw):
            message = {"jsonrpc": self.VERSION, "method": method, "params": params.value}
            self._send_data(message)
        else:
            super().notify(method, params)

    def _send_response(
        self,
        msg_id: MessageId,
        result: Any | None = None,
        error: types.ResponseError | None = None,
    ) -> None:
        response: dict[str, Any] = {"jsonrpc": self.VERSION, "id": msg_id}
        try:
            if error is not None:
                response["error"] = self._converter.unstructure(error)
            elif isinstance(result, Raw):
                response["result"] = result.value
            else:
                response["result"] = self._converter.unstructure(result)
            body = jsonrpc.encode(response, self._serialize_message)
        except Exception:
            logger.exception("Cannot send the answer to %r", msg_id)
            fault = {"code": JsonRpcInternalError.CODE, "message": "the answer cannot be sent"}
            body = jsonrpc.encode({"jsonrpc": self.VERSION, "id": msg_id, "error": fault})
        self._write(body)

    def _send_data(self, data: Any) -> None:
        """Send a request or notification; what cannot be sent is logged."""
        try:
            body = jsonrpc.encode(self._converter.unstructure(data), self._serialize_message)
        except Exception:
            logger.exception("Cannot send the message %.200r", data)
            return
        self._write(body)

    def _write(self, body: bytes) -> None:
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("-> %s", body[:LOGGED_CHARACTERS].decode("utf-8", "replace"))
        if self.writer is None:
            logger.warning("Nobody is connected; a message is dropped")
            return
        self.writer.write(jsonrpc.frame(body))


async def _settle(pending: list[asyncio.Future[Any]]) -> None:
    if pending:
        await asyncio.wait(pending, timeout=SETTLE_DEADLINE)
