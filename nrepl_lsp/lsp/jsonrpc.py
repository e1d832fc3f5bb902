"""JSON-RPC messages as bytes: JSON text and the frames around it. No I/O.

orjson is used where it is installed (extra ``fast``); the standard library answers for everything
that orjson refuses, so both give the same messages (but for NaN, which we never send).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

try:
    import orjson
except ImportError:  # pragma: no cover - the extra `fast` is part of the test environment
    orjson = None  # type: ignore[assignment]

MESSAGE_LIMIT = 64 * 1024 * 1024
"""Bytes of one incoming message; a longer one is skipped and reported."""

HEADER_LIMIT = 8 * 1024
"""Bytes of the headers of one message; LSP needs about 30."""

LENGTH_DIGITS = 15
"""Digits of a message's length; Python refuses to read thousands."""

_USUAL_HEADER = re.compile(rb"Content-Length: (\d{1,%d})\r\n\r\n" % LENGTH_DIGITS)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


class FrameError(Exception):
    """The bytes are not LSP messages; the next message cannot be found."""


@dataclass(frozen=True, slots=True)
class Oversize:
    """Stands for a message of `size` bytes that was skipped because it is over `limit`."""

    size: int
    limit: int


def decode(body: bytes) -> Any:
    """The JSON value in a message body; raises ValueError when there is none.

    Half surrogate pairs are let through: VS Code sends them while a pair is being typed.
    """
    if orjson is not None:
        try:
            return orjson.loads(body)
        except ValueError:
            pass
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def encode(message: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """Compact JSON in UTF-8; half surrogate pairs become U+FFFD, since strict clients refuse them.

    `default` turns an object that JSON does not know into one that it does. Raises TypeError or
    ValueError when that is not possible.
    """
    if orjson is not None:
        try:
            return orjson.dumps(message, default)
        except TypeError:
            pass
    return _encode_slowly(message, default)


def _encode_slowly(message: Any, default: Callable[[Any], Any] | None) -> bytes:
    text = json.dumps(message, default=default, separators=(",", ":"), allow_nan=False)
    if "\\ud" not in text:
        return text.encode("ascii")
    # Escaped surrogates: pairs are sound, halves are not, and only UTF-16 tells them apart.
    text = json.dumps(message, default=default, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def frame(body: bytes) -> bytes:
    """A message body with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Framer:
    """Splits a stream of bytes into message bodies.

    Header names are case-insensitive, unknown headers are ignored, line ends may lack the CR.
    """

    def __init__(self, limit: int = MESSAGE_LIMIT) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._length: int | None = None
        self._skip = 0

    def feed(self, data: bytes) -> list[bytes | Oversize]:
        """The messages that `data` completes; raises FrameError when it is not LSP."""
        self._buffer += data
        messages: list[bytes | Oversize] = []
        while True:
            self._drop_skipped()
            if self._length is None and not self._read_headers():
                return messages
            assert self._length is not None
            if self._length > self._limit:
                messages.append(Oversize(self._length, self._limit))
                self._skip, self._length = self._length, None
            elif len(self._buffer) < self._length:
                return messages
            else:
                messages.append(bytes(self._buffer[: self._length]))
                del self._buffer[: self._length]
                self._length = None

    def _drop_skipped(self) -> None:
        dropped = min(self._skip, len(self._buffer))
        del self._buffer[:dropped]
        self._skip -= dropped

    def _read_headers(self) -> bool:
        """Whether a whole header was there; its length is then known."""
        buffer = self._buffer
        if not buffer:
            return False
        if usual := _USUAL_HEADER.match(buffer):
            self._length = int(usual[1])
            del buffer[: usual.end()]
            return True
        if buffer.startswith((b"\r", b"\n")):
            del buffer[: len(buffer) - len(buffer.lstrip(b"\r\n"))]
        end = _BLANK_LINE.search(buffer, 0, HEADER_LIMIT)
        if end is not None:
            self._length = _content_length(bytes(buffer[: end.start()]))
            if self._length is None:
                raise FrameError("not an LSP message: there is no Content-Length header")
            del buffer[: end.end()]
            return True
        if len(buffer) >= HEADER_LIMIT:
            raise FrameError(f"not an LSP message: no end of headers in {HEADER_LIMIT} bytes")
        # Tell a person who typed into a terminal at once, not after HEADER_LIMIT bytes.
        _content_length(bytes(buffer[: max(buffer.rfind(b"\n"), 0)]))
        return False


def _content_length(headers: bytes) -> int | None:
    length = None
    for line in headers.splitlines():
        name, colon, value = line.partition(b":")
        if not colon:
            raise FrameError(
                "not an LSP message: expected a header such as 'Content-Length: 52', "
                f"got {_shown(line)}"
            )
        if name.strip().lower() == b"content-length":
            if not value.strip().isdigit() or len(value.strip()) > LENGTH_DIGITS:
                raise FrameError(f"not an LSP message: Content-Length is {_shown(value.strip())}")
            length = int(value)
    return length


def _shown(raw: bytes) -> str:
    return repr(raw[:40].decode("utf-8", "replace"))
