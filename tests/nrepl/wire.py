"""A connection in memory with the test as its server: what was sent, and what it is told."""

from typing import Any

from nrepl_lsp.nrepl import Address, Capabilities, Connection, Limits, MemoryStream, Protocol
from nrepl_lsp.nrepl.bencode import Decoder, encode
from nrepl_lsp.nrepl.messages import Message
from nrepl_lsp.nrepl.recording import Recorder

ALL_OPS = frozenset({"clone", "close", "describe", "eval", "interrupt", "load-file", "stdin"})


class Wire:
    """`connection` with the other end in the test's hand."""

    def __init__(
        self,
        *,
        ops: frozenset[str] | None = ALL_OPS,
        limits: Limits | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        protocol = Protocol(limits=limits or Limits())
        self.connection = Connection(Address("nrepl", "memory", 1), protocol, recorder)
        self.connection.capabilities = Capabilities(ops)
        self.requests: list[Message] = []
        self._decoder = Decoder()
        self.stream = MemoryStream(self.connection, self._written)
        self.connection.attach(self.stream)

    def _written(self, data: bytes) -> None:
        self.requests += self._decoder.feed(data)

    @property
    def last(self) -> Message:
        """The newest request."""
        return self.requests[-1]

    @property
    def codes(self) -> list[str]:
        """The code of each evaluation that was sent."""
        return [request["code"] for request in self.requests if request["op"] == "eval"]

    def say(self, request: Message | None, *messages: Message, **message: Any) -> None:
        """Answer a request, or say something that belongs to none."""
        for each in (*messages, *([message] if message else [])):
            same = {"id": request["id"]} if request is not None else {}
            self.stream.receive(encode({**same, **each}))

    def done(self, request: Message, **message: Any) -> None:
        """End a request."""
        self.say(request, {**message, "status": ["done"]})
