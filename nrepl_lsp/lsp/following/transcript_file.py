"""
A text file that grows at its end and never beyond its limit.

Written in a thread, in batches and in order; opened anew for each, so that a file that was deleted,
or replaced by another process, is simply begun again or gone on with. A disk that fails costs a
line in the log, once until it works again.
"""

import asyncio
import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["INTERVAL", "KEPT", "PENDING_LIMIT", "TranscriptFile", "forget_oldest"]

log = logging.getLogger(__name__)

#: Seconds for which text is gathered before it is written.
INTERVAL = 0.1
#: Characters that may wait for a disk that is slow; more is counted, not written.
PENDING_LIMIT = 2 * 1024 * 1024
#: Seconds to wait for another process (a second editor on the project) that writes, and at the end
#: for a disk that hangs.
OTHER_WITHIN = 0.5
#: Files that a folder keeps; of more, those that were written longest ago go.
KEPT = 50


class TranscriptFile:
    """
    One file; `limit`: its bytes at most.

    boundary: what a line begins with where the file may be cut, so that no entry loses its head.
    """

    def __init__(self, path: Path, limit: int, boundary: str) -> None:
        self.path = path
        self.limit = limit
        self._boundary = b"\n" + boundary.encode()
        self._pending: list[str] = []
        self._size = 0
        self._cut = 0
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._is_failing = False

    def write(self, text: str) -> None:
        """Take text; it is in the file within a moment. Never waits, never fails."""
        kept = text[: max(0, PENDING_LIMIT - self._size)]
        self._cut += len(text) - len(kept)
        if kept:
            self._pending.append(kept)
            self._size += len(kept)
        if self._timer is None and self._writing is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._start)

    async def flushed(self, within: float) -> None:
        """Wait until what was taken is in the file, at most so many seconds."""
        self._start()
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=within)

    def close(self) -> None:
        """Write what is left now: the editor is gone, and nobody waits for us any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if text := self._taken():
            self._append(text, within=OTHER_WITHIN)

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._pending and self._writing is None:
            self._writing = asyncio.create_task(self._write_pending(), name="transcript")

    async def _write_pending(self) -> None:
        try:
            loop = asyncio.get_running_loop()
            while text := self._taken():
                await loop.run_in_executor(None, self._append, text)
                if self._pending:
                    await asyncio.sleep(INTERVAL)
        finally:
            self._writing = None

    def _taken(self) -> str:
        text = "".join(self._pending)
        if self._cut:
            text += f"\n… {self._cut:,} more characters\n"
        self._pending.clear()
        self._size = self._cut = 0
        return text

    def _append(self, text: str, within: float = -1) -> None:
        """Write in a thread; one at a time. within: seconds to wait for that, -1 without end."""
        # What is no UTF-8 was kept as surrogates by the decoder.
        data = text.encode("utf-8", "replace")
        if not self._lock.acquire(timeout=within):
            return
        try:
            self._append_bytes(data)
            self._is_failing = False
        except OSError as error:
            if not self._is_failing:
                self._is_failing = True
                log.warning("the transcript %s cannot be written: %s", self.path, error)
        finally:
            self._lock.release()

    def _append_bytes(self, data: bytes) -> None:
        if not self.path.parent.is_dir():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Only the user's: code and values may hold what is nobody else's business.
            with suppress(OSError):
                os.chmod(self.path.parent, 0o700)
        with _alone(self.path.parent.with_suffix(".lock")):
            with self.path.open("ab") as file:
                if file.tell() == 0:
                    forget_oldest(self.path.parent, KEPT)
                if file.tell() + len(data) <= self.limit:
                    file.write(data)
                    return
            self._write_anew((self.path.read_bytes() + data)[-self.limit :])

    def _write_anew(self, data: bytes) -> None:
        """Replace the file by the newer half of what it should hold."""
        middle = max(0, len(data) - self.limit // 2)
        cut = data.find(self._boundary, middle)
        # One entry longer than half of the file: its end, from a line's start.
        at = cut + 1 if cut >= 0 else data.find(b"\n", middle) + 1
        rest = data[at or middle :]
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(rest)
            os.replace(temporary, self.path)
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)
            raise


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """
    Keep the other processes that write from doing so meanwhile, where the system can.

    What one appends while another writes the file anew would be lost. path: the lock's file. One
    that is stopped in the middle holds up nobody for long.
    """
    with path.open("ab") as lock:
        deadline = time.monotonic() + OTHER_WITHIN
        while fcntl is not None:
            try:
                # Released when the file is closed.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() >= deadline:
                    break
                time.sleep(0.005)
        yield


def forget_oldest(folder: Path, kept: int) -> None:
    """Remove the files beyond the newest, as far as that can be done."""
    with suppress(OSError):
        files = [(path.stat().st_mtime_ns, path) for path in folder.iterdir() if path.is_file()]
        for _, path in sorted(files)[: max(0, len(files) - kept)]:
            with suppress(OSError):
                path.unlink()
