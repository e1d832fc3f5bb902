"""How messages become bytes: the part of an address' scheme that says what is spoken."""

from __future__ import annotations

from typing import Protocol

from .bencode import DEFAULT_LIMITS, Decoder, Limits, encode
from .errors import DecodeError
from .messages import Message

__all__ = ["BencodeCodec", "Codec", "MessageDecoder"]


class MessageDecoder(Protocol):
    """Turns a stream of bytes, cut anywhere, into messages."""

    #: Why the stream cannot be read any further, once that is so.
    error: DecodeError | None

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that `data` completes; never raises, a fault is kept in `error`."""
        ...


class Codec(Protocol):
    """One way of writing messages as bytes. A codec itself has no state: `decoder` makes it."""

    def encode(self, message: Message) -> bytes:
        """Return one message as bytes; raises `EncodeError`."""
        ...

    def decoder(self, limits: Limits) -> MessageDecoder:
        """Return a reader for one new stream."""
        ...


class BencodeCodec:
    """nREPL's default."""

    def encode(self, message: Message) -> bytes:
        """Return one message as bytes; raises `EncodeError`."""
        return encode(message)

    def decoder(self, limits: Limits = DEFAULT_LIMITS) -> MessageDecoder:
        """Return a reader for one new stream."""
        return Decoder(limits)
