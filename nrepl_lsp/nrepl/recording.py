"""
Recording conversations as JSON lines, and reading them back.

One object a line: `t_ms` since the recording began, `dir` (`>` sent, `<` received, `note`),
`msg` (text with surrogate escapes as JSON escapes), `connection` (a number, when several share
a file). Bug reports carry such files and the tests replay them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .messages import Message, status_of

__all__ = ["RECORDING_LIMIT", "Exchange", "Recorder", "read_exchanges"]

#: Bytes of one recording; what comes after is not recorded, and a last line says so.
RECORDING_LIMIT = 64 * 1024 * 1024


class Recorder:
    """
    Writes messages to a file as they are sent and received.

    A fault of the file (a full disk) ends the recording and nothing else.
    """

    def __init__(self, path: str | Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the file and empty it; raises `OSError` when that cannot be done."""
        self._file: IO[str] | None = Path(path).open("w", encoding="utf-8", newline="\n")
        self._clock = clock
        self._start = clock()
        self._written = 0
        self._connections = 0

    def connection(self) -> int:
        """Return a number that tells one more connection's messages from the others'."""
        self._connections += 1
        return self._connections

    def record(self, direction: str, message: Message, connection: int = 0) -> None:
        """Write one message; `direction` is `>` or `<`."""
        self._write({"dir": direction, "msg": message}, connection)

    def note(self, text: str, connection: int = 0) -> None:
        """Write a remark, such as how a connection ended."""
        self._write({"dir": "note", "note": text}, connection)

    def close(self) -> None:
        """End the recording; later calls do nothing."""
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):
                file.close()

    def _write(self, entry: dict[str, Any], connection: int) -> None:
        if self._file is None:
            return
        elapsed = round((self._clock() - self._start) * 1000, 1)
        line = json.dumps({"t_ms": elapsed, "connection": connection, **entry}, default=repr)
        self._written += len(line) + 1
        try:
            if self._written > RECORDING_LIMIT:
                self._file.write('{"dir": "note", "note": "recording limit reached"}\n')
                self.close()
                return
            self._file.write(line + "\n")
            self._file.flush()
        except OSError:
            self.close()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of a recording with the messages that came for its id, early and late."""

    request: Message
    replies: tuple[Message, ...]
    scenario: str | None = None

    @property
    def op(self) -> str:
        """The op that was asked; empty when the request had none."""
        op = self.request.get("op")
        return op if isinstance(op, str) else ""

    @property
    def is_done(self) -> bool:
        """Whether the recording holds the end of the reply."""
        return any("done" in status_of(message) for message in self.replies)


def read_exchanges(path: str | Path) -> Iterator[Exchange]:
    """
    Yield the exchanges of a recording in the order of their requests.

    Lines that are not messages are skipped; replies are matched by id, within one connection and
    one `scenario` where the file has such a key. Raises `OSError`.
    """
    requests: list[tuple[tuple[Any, ...], Message, str | None]] = []
    replies: dict[tuple[Any, ...], list[Message]] = {}
    with Path(path).open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                continue
            message = entry.get("msg") if isinstance(entry, dict) else None
            if not isinstance(message, dict):
                continue
            key = (entry.get("connection"), entry.get("scenario"), repr(message.get("id")))
            if entry.get("dir") == ">":
                requests.append((key, message, entry.get("scenario")))
                replies.setdefault(key, [])
            elif entry.get("dir") == "<":
                replies.setdefault(key, []).append(message)
    for key, request, scenario in requests:
        yield Exchange(request, tuple(replies[key]), scenario)
