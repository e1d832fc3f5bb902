"""Long evaluations as work-done progress, with what the editor shows to cancel them."""

import asyncio
import logging
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

from nrepl_lsp.nrepl import Output

from ..evaluating.code import Code
from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from .turns import Following

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ..server import NreplLanguageServer

__all__ = ["SHOWN_AFTER", "Progress", "title_of"]

log = logging.getLogger(__name__)

#: Seconds that an evaluation may take without being shown.
SHOWN_AFTER = 0.3
#: Seconds between two reports.
INTERVAL = 1.0
#: Seconds for the client to take a token. Vim's ALE answers no request at all.
CREATE_TIMEOUT = 2.0
#: Tokens in a row that were not taken, after which no more are offered.
REFUSALS_LIMIT = 2
#: Characters of a title.
TITLE_LIMIT = 40


@dataclass(slots=True, eq=False)
class _Shown:
    """An evaluation that the program has: when it began, what it printed, and who shows it."""

    running: Running
    since: float
    lines: int = 0
    input_needed: bool = False
    timer: asyncio.TimerHandle | None = None
    task: "asyncio.Task[None] | None" = None
    token: str | None = None

    def message(self, waiting: int) -> str:
        """`12 s, 340 lines, 2 waiting`."""
        parts = [f"{time.monotonic() - self.since:.0f} s"]
        if self.lines:
            parts.append(f"{self.lines:,} line{'s' if self.lines > 1 else ''} of output")
        if self.input_needed:
            parts.append("waits for input")
        if waiting:
            parts.append(f"{waiting:,} waiting")
        return ", ".join(parts)


class Progress(Following):
    """Shows each evaluation that takes long; what waits for its turn is counted, not shown."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        super().__init__()
        self._ls = ls
        self._shown: dict[str, _Shown] = {}
        self._interrupting: set[asyncio.Task[object]] = set()
        self._refusals = 0

    def begun(self, running: Running) -> None:
        """Show it if it has not ended soon."""
        if not self._ls.client.work_done_progress or self._refusals >= REFUSALS_LIMIT:
            return
        shown = self._shown[running.id] = _Shown(running, time.monotonic())
        shown.timer = asyncio.get_running_loop().call_later(SHOWN_AFTER, self._show, shown)

    def printed(self, running: Running, output: Output) -> None:
        """Count its lines."""
        super().printed(running, output)
        if shown := self._shown.get(running.id):
            shown.lines += output.text.count("\n")
            shown.input_needed = False

    def input_needed(self, running: Running) -> None:
        """Say what it waits for, with the next report."""
        super().input_needed(running)
        if shown := self._shown.get(running.id):
            shown.input_needed = True

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Take it away."""
        super().ended(running, outcome)
        if shown := self._shown.pop(running.id, None):
            self._end(shown, "failed" if outcome.status == "error" else outcome.status)

    def close(self) -> None:
        """Take everything away."""
        super().close()
        for shown in self._shown.values():
            self._end(shown, "")
        self._shown.clear()
        for task in self._interrupting:
            task.cancel()

    def _show(self, shown: _Shown) -> None:
        name = f"progress {shown.running.id}"
        shown.timer, shown.task = None, asyncio.create_task(self._begin_showing(shown), name=name)

    async def _begin_showing(self, shown: _Shown) -> None:
        """Have the client make room for it; without an answer nothing is shown."""
        progress, token = self._ls.work_done_progress, f"nrepl-{uuid.uuid4()}"
        try:
            async with asyncio.timeout(CREATE_TIMEOUT):
                await progress.create_async(token)
        except Exception as error:
            # Cancelled when the evaluation ends meanwhile; then there is nothing to forget.
            log.info("window/workDoneProgress/create: %r", error)
            self._refusals += 1
            return
        self._refusals = 0
        shown.token = token
        message = shown.message(self.waiting(shown.running.repl))
        title = title_of(shown.running.code)
        progress.begin(token, types.WorkDoneProgressBegin(title, cancellable=True, message=message))
        cancelling: Future[None] = progress.tokens[token]
        cancelling.add_done_callback(lambda future: self._cancelled(future, shown))
        shown.timer = asyncio.get_running_loop().call_later(INTERVAL, self._report, shown)

    def _report(self, shown: _Shown) -> None:
        if shown.token is None:
            return
        message = shown.message(self.waiting(shown.running.repl))
        self._ls.work_done_progress.report(
            shown.token, types.WorkDoneProgressReport(message=message)
        )
        shown.timer = asyncio.get_running_loop().call_later(INTERVAL, self._report, shown)

    def _cancelled(self, future: "Future[None]", shown: _Shown) -> None:
        """The user has pressed the button: interrupt, and tell what came of it."""
        if not future.cancelled() or shown.running.id not in self._shown:
            return
        from ..evaluating.interrupting import interrupt_and_tell

        interrupting = interrupt_and_tell(self._ls, [shown.running])
        task: asyncio.Task[object] = asyncio.create_task(interrupting, name="cancel progress")
        self._interrupting.add(task)
        task.add_done_callback(self._has_interrupted)

    def _has_interrupted(self, task: "asyncio.Task[object]") -> None:
        self._interrupting.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("cannot interrupt", exc_info=task.exception())

    def _end(self, shown: _Shown, message: str) -> None:
        if shown.timer is not None:
            shown.timer.cancel()
        if shown.task is not None:
            shown.task.cancel()
        if shown.token is not None:
            self._ls.work_done_progress.end(shown.token, types.WorkDoneProgressEnd(message=message))
            shown.token = None


def title_of(code: Code) -> str:
    """`(area …)`, `(defn area …)`, `demo.clj`: what runs, in few characters."""
    if code.is_file or code.called:
        return code.title[:TITLE_LIMIT]
    words = " ".join(code.text[: 8 * TITLE_LIMIT].split())
    if len(words) <= TITLE_LIMIT and len(words) == len(code.text.strip()):
        return words
    if not words.startswith("("):
        return words[: TITLE_LIMIT - 1] + "…"
    head, *rest = words[1:].split(" ", 2)
    # What is defined says more than that something is.
    if head.startswith("def") and len(rest) > 1:
        head = f"{head} {rest[0]}"
    head = head.rstrip(")")
    room = TITLE_LIMIT - len("( …)")
    return f"({head} …)" if len(head) <= room else f"({head[:room]}…)"
