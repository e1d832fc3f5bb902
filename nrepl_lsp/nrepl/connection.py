"""A connection to an nREPL server: requests out, messages to whoever waits for them."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Self

from .address import Address
from .bencode import DEFAULT_LIMITS, Limits
from .capabilities import Capabilities
from .errors import ConnectFailed, ConnectionLost, NreplError, OpFailed, RequestTimeout
from .messages import Message, text_of
from .protocol import FINISHED_LIMIT, Protocol, Standing
from .recording import Recorder
from .responses import Receiver, Responses
from .schemes import scheme_of
from .session import Session
from .subscription import SUBSCRIPTION_LIMIT, Pattern, Subscription
from .transport import ByteStream, PacedStream

__all__ = ["CLOSE_TIMEOUT", "REQUEST_TIMEOUT", "Connection", "connect"]

log = logging.getLogger(__name__)

#: Seconds a request may take when the caller says nothing. A first cider-nrepl op took 6.5.
REQUEST_TIMEOUT = 30.0
#: Seconds that closing our sessions may take at the end of a connection, all together.
CLOSE_TIMEOUT = 1.0
#: Bytes kept of the first that the peer said, to tell what it is when it is no nREPL server.
FIRST_BYTES = 256


async def connect(
    address: Address | str,
    *,
    timeout: float = 10.0,
    limits: Limits = DEFAULT_LIMITS,
    recorder: Recorder | None = None,
) -> Connection:
    """
    Connect to an address such as `nrepl://127.0.0.1:7888`.

    Nothing is sent: `probe` tells whether a server of the right kind is there. Raises
    `AddressError` and `ConnectFailed`; cancelling leaves no connection behind.
    """
    if isinstance(address, str):
        address = Address.parse(address)
    scheme = scheme_of(address)
    connection = Connection(address, Protocol(scheme.codec, limits), recorder)
    try:
        async with asyncio.timeout(timeout):
            connection.attach(await scheme.open(address, connection))
    except TimeoutError:
        raise ConnectFailed(str(address), f"no connection within {timeout:g} s") from None
    return connection


class Connection:
    """
    One open connection. Use it from the event loop it was made on.

    When it ends, by either side, every pending request fails exactly once with `ConnectionLost`,
    and every later one at once. `async with` closes it.
    """

    def __init__(
        self, address: Address, protocol: Protocol, recorder: Recorder | None = None
    ) -> None:
        self.address = address
        #: What `describe` last said; sessions consult it before they ask for `interrupt`.
        self.capabilities: Capabilities | None = None
        #: The first bytes the peer sent, at most `FIRST_BYTES`.
        self.first_bytes = b""
        self._protocol = protocol
        self._recorder = recorder
        self._number = recorder.connection() if recorder else 0
        self._stream: ByteStream | None = None
        self._receivers: dict[str, Receiver] = {}
        self._late: OrderedDict[str, Callable[[Message], None]] = OrderedDict()
        self._subscriptions: list[Subscription] = []
        self._sessions: dict[str | None, Session] = {}
        self._cloned: dict[str, Session] = {}
        self._closed: asyncio.Future[NreplError | None] = asyncio.Future()
        self._is_closing = False

    # -- asking -----------------------------------------------------------------------------

    def request(
        self,
        op: str,
        params: Mapping[str, Any] | None = None,
        /,
        *,
        timeout: float | None = REQUEST_TIMEOUT,
        **more: Any,
    ) -> Responses:
        """
        Send a request; never waits. Iterate over what is returned, or `await …collect()`.

        Parameters that are None are left out; names with a dash go into `params`. Raises
        `EncodeError`, and `ConnectionLost` when the connection is closed.
        """
        responses = Responses(op)
        self.send(responses, op, {**(params or {}), **more}, timeout=timeout)
        return responses

    def send(
        self,
        receiver: Receiver,
        op: str,
        params: Message,
        *,
        timeout: float | None,
        on_finish: Callable[[], None] | None = None,
    ) -> str:
        """Send a request whose messages go to `receiver`; return its id. Raises as `request`."""
        if not self.is_open or self._stream is None:
            raise ConnectionLost(f"not connected to {self.address}") from self._cause
        request_id, message = self._protocol.send(op, params)

        def finished() -> None:
            self._receivers.pop(request_id, None)
            self._protocol.finish(request_id)
            if receiver.late is not None:
                self._late[request_id] = receiver.late
                if len(self._late) > FINISHED_LIMIT:
                    self._late.popitem(last=False)
            if on_finish is not None:
                on_finish()

        self._receivers[request_id] = receiver
        receiver.start(finished, timeout)
        if self._recorder is not None:
            self._recorder.record(">", message, self._number)
        try:
            for data in self._protocol.data_to_send():
                self._stream.write(data)
        except ConnectionLost as error:
            self._lose(error)
            raise
        return request_id

    async def describe(self, *, verbose: bool = False, timeout: float = 10.0) -> Capabilities:
        """
        Ask what the server can do, and remember it in `capabilities`.

        A server that answers `unknown-op` has no describe: that gives `Capabilities(None)`.
        Raises `RequestTimeout` and `ConnectionLost`.
        """
        # Flags are "true" or absent: nREPL takes 0 and "" for true.
        flags = {"verbose?": "true"} if verbose else {}
        try:
            reply = await self.request("describe", flags, timeout=timeout).collect()
        except OpFailed:
            self.capabilities = Capabilities(None)
            return self.capabilities
        merged: Message = {}
        for message in reply.messages:
            merged.update(message)
        self.capabilities = Capabilities.from_message(merged)
        return self.capabilities

    async def clone(self, session_id: str | None = None, *, timeout: float = 10.0) -> Session:
        """
        Make a session, as a copy of another if its id is given; `close()` ends it with ours.

        Raises `OpFailed` (`UnknownSession` when the original is gone), `RequestTimeout`,
        `ConnectionLost`. After cancelling, the session is closed as soon as the server names it.
        """
        params = {"session": session_id, "client-name": "nrepl-lsp"}
        responses = Responses("clone")
        responses.late = self._close_unwanted_session
        self.send(responses, "clone", params, timeout=timeout)
        reply = await responses.collect()
        new = next(filter(None, map(_new_session, reply.messages)), None)
        if new is None:
            raise OpFailed("clone", reply.status | {"no new-session"}, reply)
        session = self.session(new)
        self._cloned[new] = session
        return session

    def _close_unwanted_session(self, message: Message) -> None:
        if new := _new_session(message):
            with suppress(ConnectionLost):
                self.session(new).send_close(CLOSE_TIMEOUT)

    def adopt(self, session_id: str) -> Session:
        """Take up a session that outlived an earlier connection; `close()` ends it with ours."""
        session = self._cloned[session_id] = self.session(session_id)
        return session

    def release(self, session_id: str) -> None:
        """Leave a session to another connection that has adopted it; `close()` ends it no more."""
        self._cloned.pop(session_id, None)

    def session(self, session_id: str | None) -> Session:
        """Return the session of that id; the same object for the same id, so the queue is one."""
        if session_id not in self._sessions:
            self._sessions[session_id] = Session(self, session_id)
        return self._sessions[session_id]

    def forget_session(self, session: Session) -> None:
        """Drop a session that has been closed."""
        self._sessions.pop(session.id, None)
        if session.id is not None:
            self._cloned.pop(session.id, None)

    def watch(
        self, pattern: Pattern | None = None, *, limit: int = SUBSCRIPTION_LIMIT
    ) -> Subscription:
        """See every message that matches, whoever it is for; at most `limit` of them wait."""
        subscription = Subscription(pattern or Pattern(), limit, self._subscriptions.remove)
        if self._closed.done():
            subscription.fail(self._closed.result() or ConnectionLost("the connection is closed"))
        self._subscriptions.append(subscription)
        return subscription

    # -- ending -----------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._stream is not None and not self._closed.done()

    @property
    def _cause(self) -> NreplError | None:
        return self._closed.result() if self._closed.done() else None

    async def close(self, *, sessions: bool = True) -> None:
        """
        End the connection, and the sessions cloned through it (within `CLOSE_TIMEOUT`).

        Pending requests fail with `ConnectionLost`. Closing twice is harmless.
        """
        try:
            if self.is_open and sessions and not self._is_closing:
                self._is_closing = True
                await self._close_sessions()
        finally:
            self._lose(None)

    async def _close_sessions(self) -> None:
        with suppress(ConnectionLost):
            closing = [
                session.send_close(CLOSE_TIMEOUT) for session in tuple(self._cloned.values())
            ]
            for responses in filter(None, closing):
                with suppress(OpFailed, RequestTimeout):
                    await responses.collect()

    async def wait_closed(self) -> NreplError | None:
        """Wait until the connection has ended; return why, or None when we closed it."""
        return await asyncio.shield(self._closed)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # -- the stream's side ------------------------------------------------------------------

    def attach(self, stream: ByteStream) -> None:
        """Begin to use an opened stream; `connect` does it."""
        self._stream = stream
        if self._closed.done():
            # What came while it was opened could not be read.
            stream.close()

    def pace(self, gap: float) -> None:
        """Let requests leave at least `gap` seconds apart from now on (see `PacedStream`)."""
        if self._stream is not None:
            self._stream = PacedStream(self._stream, gap)

    def write_eof(self) -> None:
        """Say that no more requests come, without ending the connection."""
        if self._stream is not None:
            self._stream.write_eof()

    def data_received(self, data: bytes) -> None:
        """Take bytes from the stream and hand their messages on."""
        if len(self.first_bytes) < FIRST_BYTES:
            self.first_bytes += data[: FIRST_BYTES - len(self.first_bytes)]
        if self._closed.done():
            return
        for delivery in self._protocol.receive(data):
            if self._recorder is not None:
                self._recorder.record("<", delivery.message, self._number)
            self._dispatch(delivery.id, delivery.message, delivery.standing)
        if self._protocol.error is not None:
            self._lose(self._protocol.error)

    def stream_ended(self, cause: Exception | None) -> None:
        """Know that the stream is gone."""
        error = ConnectionLost(f"{self.address} closed the connection")
        error.__cause__ = cause
        self._lose(error)

    def _dispatch(self, request_id: str | None, message: Message, standing: Standing) -> None:
        for subscription in tuple(self._subscriptions):
            subscription.deliver(message)
        if request_id is None:
            return
        if standing is Standing.LATE:
            if late := self._late.get(request_id):
                late(message)
            return
        if receiver := self._receivers.get(request_id):
            receiver.deliver(message, is_last=standing is Standing.LAST)

    def _lose(self, error: NreplError | None) -> None:
        """Close the stream and fail everything that waits, once. None: we closed it ourselves."""
        if self._closed.done():
            return
        self._closed.set_result(error)
        if self._recorder is not None:
            self._recorder.note(f"closed: {error or 'by us'}", self._number)
        log.debug("%s: closed: %s", self.address, error or "by us")
        failure = error or ConnectionLost("the connection was closed")
        self._protocol.lose()
        for session in tuple(self._sessions.values()):
            session.fail(failure)
        for receiver in tuple(self._receivers.values()):
            receiver.fail(failure)
        for subscription in tuple(self._subscriptions):
            subscription.fail(failure)
        if self._stream is not None:
            self._stream.close()


def _new_session(message: Message) -> str | None:
    # `new_session` with an underscore: lazuli.
    return text_of(message, "new-session") or text_of(message, "new_session")
