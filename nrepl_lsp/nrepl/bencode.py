"""
Bencode, as nREPL uses it: a writer, and a reader that can stop and go on at any byte.

The reader is hand-written because no library reads a *stream*: none says how many bytes it used,
and "not all here yet" looks like "malformed" to them. It accepts what servers really send
(keys unsorted or repeated, leading zeros, text that is not UTF-8, a key without a value) and
refuses what no server means (`1_0:`, negative lengths, messages that are not dicts).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import DecodeError, EncodeError, LimitExceeded
from .messages import Message

__all__ = ["CutText", "Decoder", "Limits", "encode"]


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How much one message may hold. Exceeding one ends the connection with `LimitExceeded`.

    depth: containers within containers. nREPL's deepest replies (cider's stack traces) have 8.
    string: bytes of one string. A printed value or a loaded file is one string.
    message: bytes of one whole message.
    printed: bytes kept of a string that the user's code may make as long as it likes (`PRINTED`).
    More of it is read past and counted: a value of 100 MB from a server without print limits
    (tools.nrepl 0.2.13) took 400 MB here.
    """

    depth: int = 128
    string: int = 256 * 1024 * 1024
    message: int = 512 * 1024 * 1024
    printed: int = 8 * 1024 * 1024


DEFAULT_LIMITS = Limits()

#: Digits of an integer or a length. Python refuses to convert more than 4,300; no server sends 100.
MAX_DIGITS = 1024

#: The keys of what the user's code prints.
PRINTED = frozenset({"value", "out", "err"})

#: Keys and statuses repeat in every message: their text is decoded once.
_CACHED_TEXTS = 2048
_CACHED_TEXT_BYTES = 32

_INT, _LIST, _DICT, _END = 0x69, 0x6C, 0x64, 0x65
_COLON, _ZERO, _NINE = 0x3A, 0x30, 0x39


class CutText(str):
    """The beginning of a text; `cut`: how many characters were not kept."""

    cut: int = 0


#: The bytes of UTF-8 that begin no character.
_CONTINUATION = bytes(range(0x80, 0xC0))


def encode(message: Message) -> bytes:
    """
    Return one message as bytes: keys sorted by their bytes, text as UTF-8 (surrogateescape).

    Raises `EncodeError` for values that bencode cannot carry: floats, None, booleans (nREPL has no
    agreed form; send `"true"` or leave the key out), and keys that are not text.
    """
    if not isinstance(message, dict):
        # A bare string kills nbb 1.6.214, the whole process.
        raise EncodeError(f"a message is a dict, not {type(message).__name__}")
    if (flat := _encode_flat(message)) is not None:
        return flat
    parts: list[bytes] = []
    try:
        _encode(message, parts)
    except (RecursionError, ValueError) as error:
        # A value that holds itself; an integer of more than 4,300 digits.
        raise EncodeError(f"bencode cannot carry this: {error}") from None
    return b"".join(parts)


def _encode_flat(message: Message) -> bytes | None:
    """A message of nothing but ASCII text, as most requests are, in one go; else None."""
    for key, value in message.items():
        if type(value) is not str or type(key) is not str:
            return None
    pairs = [f"{len(key)}:{key}{len(message[key])}:{message[key]}" for key in sorted(message)]
    text = "".join(pairs)
    return b"d%be" % text.encode("ascii") if text.isascii() else None


def _text(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Half of a surrogate pair, from an editor or a JSON escape. JVM servers print such a
        # character as `?` themselves (nREPL 1.0.0, 1.7.0).
        return text.encode("utf-8", "replace")


def _encode(value: Any, parts: list[bytes]) -> None:
    match value:
        case str():
            data = _text(value)
            parts.append(b"%d:" % len(data))
            parts.append(data)
        case bytes():
            parts.append(b"%d:" % len(value))
            parts.append(value)
        case bool():
            raise EncodeError("bencode has no booleans: send 'true' or leave the key out")
        case int():
            parts.append(b"i%de" % value)
        case list() | tuple():
            parts.append(b"l")
            for item in value:
                _encode(item, parts)
            parts.append(b"e")
        case dict():
            _encode_dict(value, parts)
        case _:
            raise EncodeError(f"bencode cannot carry a {type(value).__name__}")


def _encode_dict(value: dict[Any, Any], parts: list[bytes]) -> None:
    if not all(isinstance(key, str) for key in value):
        raise EncodeError("the keys of a message are text")
    parts.append(b"d")
    for key, item in sorted(((_text(key), item) for key, item in value.items()), key=_first):
        parts.append(b"%d:" % len(key))
        parts.append(key)
        _encode(item, parts)
    parts.append(b"e")


def _first(pair: tuple[bytes, Any]) -> bytes:
    return pair[0]


class Decoder:
    """
    Turns a stream of bytes into messages; `feed` takes pieces cut anywhere.

    Text is `str`; bytes that are not UTF-8 are kept as surrogate escapes, so nothing is lost
    (nrepl-janet prints raw bytes). A dict's key that is followed by the dict's end has the value
    `[]`, nREPL's nil: guile-ares-rs writes false as nothing at all. Of repeated keys the last wins
    (Basilisp 0.5.1 repeats `status`).

    A fault does not raise: what was complete before it is returned like everything else, `error`
    holds it, and nothing more is read. So the messages are the same however the bytes were cut.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._chunks: list[bytes] = []
        self._have = 0  # bytes in _chunks
        self._needed = 1  # bytes that must be there before going on can succeed
        self._offset = 0  # of _chunks' first byte in the stream
        self._message_start = 0
        self._stack: list[tuple[Any, str | None]] = []
        self._top: Any = None
        self._key: str | None = None
        self._texts: dict[bytes, str] = {}
        self._skip = 0  # bytes of a string that come and are not kept
        self._cut_text = CutText()  # what is kept of it
        #: Why the stream cannot be read any further, once that is so.
        self.error: DecodeError | None = None

    def feed(self, data: bytes) -> list[Message]:
        """
        Take the next bytes of the stream and return the messages they complete.

        Sets `error`; with `LimitExceeded` as soon as a length *announces* too much.
        """
        if self.error is not None:
            return []
        if self._skip:
            skipped = self._read_past(data)
            self._offset += skipped
            data = data[skipped:]
            if not data:
                return []
        self._chunks.append(data)
        self._have += len(data)
        if self._have < self._needed:
            return []
        buffer = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        messages: list[Message] = []
        try:
            used = self._read(buffer, messages)
        except DecodeError as error:
            self.error = error
            self._chunks.clear()
            return messages
        self._offset += used
        rest = buffer[used:]
        self._chunks = [rest] if rest else []
        self._have = len(rest)
        return messages

    def _fail(self, reason: str, at: int) -> DecodeError:
        return DecodeError(reason, self._offset + at)

    def _read(self, buffer: bytes, messages: list[Message]) -> int:
        """
        Add to `messages` what `buffer` holds, and return how many of its bytes are done with.

        One loop without calls per token, for speed (G6 in docs/benchmark.md).
        """
        position, end = 0, len(buffer)
        top, key, stack, texts = self._top, self._key, self._stack, self._texts
        find, limit = buffer.find, min(self._limits.string, self._limits.printed)
        self._needed = 1
        value: Any
        while position < end:
            byte = buffer[position]
            if top is None and byte != _DICT:
                raise self._fail("a message that is not a dict", position)
            if _ZERO <= byte <= _NINE:
                # Lengths of one and two digits, nearly all of them, without a call.
                if position + 2 < end and buffer[position + 1] == _COLON:
                    length, start = byte - _ZERO, position + 2
                elif (
                    position + 3 < end
                    and buffer[position + 2] == _COLON
                    and _ZERO <= buffer[position + 1] <= _NINE
                ):
                    length = (byte - _ZERO) * 10 + buffer[position + 1] - _ZERO
                    start = position + 3
                else:
                    colon = find(b":", position, position + MAX_DIGITS)
                    if colon < 0:
                        if end - position >= MAX_DIGITS or not buffer[position:end].isdigit():
                            raise self._fail("a string's length is not a number", position)
                        self._needed = end - position + 1
                        break
                    length, start = self._length(buffer, position, colon), colon + 1
                if length > limit:
                    if length > self._limits.string:
                        raise LimitExceeded("string", self._limits.string, self._offset + position)
                    if key in PRINTED:
                        if end - start <= limit:
                            self._needed = start + limit + 1 - position
                            break
                        top[key], position = self._begin_cut(buffer, start, length)
                        key = None
                        continue
                stop = start + length
                if stop > end:
                    self._needed = stop - position
                    break
                raw = buffer[start:stop]
                position = stop
                if length > _CACHED_TEXT_BYTES:
                    value = raw.decode("utf-8", "surrogateescape")
                elif (value := texts.get(raw)) is None:
                    value = raw.decode("utf-8", "surrogateescape")
                    if len(texts) < _CACHED_TEXTS:
                        texts[raw] = value
                if key is not None:
                    top[key] = value
                    key = None
                elif type(top) is dict:
                    key = value
                else:
                    top.append(value)
                continue
            if byte == _END:
                if key is not None:
                    top[key] = []
                value = top
                top, key = stack.pop()
                position += 1
                if top is None:
                    self._check_size(position)
                    messages.append(value)
                    self._message_start = self._offset + position
                    continue
            elif byte == _INT:
                stop = find(b"e", position, position + MAX_DIGITS)
                if stop < 0:
                    if end - position >= MAX_DIGITS:
                        raise self._fail("an integer does not end", position)
                    self._needed = end - position + 1
                    break
                value = self._integer(buffer, position, stop)
                position = stop + 1
            elif byte in (_DICT, _LIST):
                if len(stack) >= self._limits.depth:
                    raise LimitExceeded("depth", self._limits.depth, self._offset + position)
                stack.append((top, key))
                top, key = ({} if byte == _DICT else []), None
                position += 1
                continue
            else:
                raise self._fail(f"unexpected byte {byte:#04x}", position)

            if key is not None:
                top[key] = value
                key = None
            elif type(top) is list:
                top.append(value)
            else:
                raise self._fail("a key that is not text", position)
        self._top, self._key = top, key
        if top is not None:
            self._check_size(position + self._needed)
        return position

    def _begin_cut(self, buffer: bytes, start: int, length: int) -> tuple[CutText, int]:
        """
        Keep the beginning of a string, of which more is there than is kept.

        Returns it and where to go on; `_skip` bytes of it are still to come.
        """
        stop = start + self._limits.printed
        # Not in the middle of a character.
        for _ in range(3):
            stop -= buffer[stop] & 0xC0 == 0x80
        self._cut_text = CutText(buffer[start:stop].decode("utf-8", "surrogateescape"))
        self._skip = start + length - stop
        skipped = self._read_past(buffer[stop : start + length])
        return self._cut_text, stop + skipped

    def _read_past(self, data: bytes) -> int:
        """Count what is not kept; return how many bytes that are."""
        skipped = data[: self._skip]
        self._skip -= len(skipped)
        self._cut_text.cut += len(skipped.translate(None, _CONTINUATION))
        return len(skipped)

    def _check_size(self, stop: int) -> None:
        if self._offset + stop - self._message_start > self._limits.message:
            raise LimitExceeded("message", self._limits.message, self._offset + stop)

    def _length(self, buffer: bytes, start: int, colon: int) -> int:
        digits = buffer[start:colon]
        if not digits.isdigit():
            raise self._fail("a string's length is not a number", start)
        return int(digits)

    def _integer(self, buffer: bytes, start: int, stop: int) -> int:
        digits = buffer[start + 1 : stop]
        # int() also takes blanks and underscores, which nobody means.
        if not (digits[1:] if digits[:1] in (b"-", b"+") else digits).isdigit():
            raise self._fail("not an integer", start)
        return int(digits)
