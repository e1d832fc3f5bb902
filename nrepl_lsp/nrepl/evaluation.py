"""One evaluation: the events of its reply as they come, and its result."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from .bencode import CutText
from .errors import NreplError
from .events import (
    Done,
    EvaluationEvent,
    EvaluationResult,
    Failed,
    InterruptAnswer,
    Interrupted,
    NeedInput,
    Output,
    OutputCut,
    Status,
    Stream,
    Value,
)
from .messages import Message, is_failure, status_of, text_of
from .responses import Receiver
from .waiting import Waiter

if TYPE_CHECKING:
    from .session import Session

__all__ = [
    "EVENT_LIMIT",
    "LATE_OUTPUT_LIMIT",
    "OUTPUT_LIMIT",
    "VALUES_COUNT_LIMIT",
    "VALUES_LIMIT",
    "VALUE_LIMIT",
    "Evaluation",
]

log = logging.getLogger(__name__)

#: Characters of output kept for one evaluation; the rest is counted and thrown away.
OUTPUT_LIMIT = 1024 * 1024
#: Characters kept of each printed value.
VALUE_LIMIT = 1024 * 1024
#: Characters kept of all values of one evaluation together.
VALUES_LIMIT = 8 * 1024 * 1024
#: Values kept; of more, the newest takes the place of the one before.
VALUES_COUNT_LIMIT = 10_000
#: Events that may wait for a consumer. Output is merged, so only odd floods come near it; what
#: does not fit is in the result all the same, but for what must be acted on, which always fits.
EVENT_LIMIT = 10_000
#: Characters of output handed on after the evaluation's end (threads that print for ever).
LATE_OUTPUT_LIMIT = 1024 * 1024

#: Printed by JVM servers because we interrupted; before or after `interrupted` (nREPL 1.0, 1.7).
_INTERRUPTIONS = ("java.lang.InterruptedException", "java.lang.ThreadDeath")

_STREAMS: tuple[Stream, ...] = ("out", "err")


class _Text:
    """Joins the pieces of one output stream, mending characters that were cut between two."""

    def __init__(self) -> None:
        self._held = ""

    def join(self, piece: str) -> str:
        text = self._held + piece
        if self._held:
            # What is no escape (half of a pair, from a codec other than bencode) stays as it is.
            with suppress(UnicodeEncodeError):
                text = text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
        # At most three bytes of a character can be here without its last one.
        keep = len(text)
        while keep and len(text) - keep < 3 and "\udc80" <= text[keep - 1] <= "\udcff":
            keep -= 1
        self._held = text[keep:]
        return text[:keep]

    def rest(self) -> str:
        held, self._held = self._held, ""
        return held


class _LateOutput:
    """Hands on what other threads print after the end; outlives the evaluation and its text."""

    def __init__(self, callback: Callable[[Output], None]) -> None:
        self._callback = callback
        self._left = LATE_OUTPUT_LIMIT
        self._text: dict[Stream, _Text] = {stream: _Text() for stream in _STREAMS}

    def __call__(self, message: Message) -> None:
        for stream in _STREAMS:
            piece = text_of(message, stream)
            text = self._text[stream].join(piece)[: self._left] if piece else ""
            if not text:
                continue
            self._left -= len(text)
            try:
                self._callback(Output(stream, text))
            except Exception:  # somebody else's code, which must not end the connection
                log.exception("on_late_output failed")


class Evaluation(Receiver):
    """
    An `eval` or `load-file` that waits in its session's queue, runs, or has ended.

    Iterate over it for its events (one task at a time), or `await result()`, or both. Cancelling
    `result()` interrupts the evaluation; leaving an iteration does not. Both raise
    `ConnectionLost` when the connection goes before the end, and `RequestTimeout` when a timeout
    was given and has passed; then the evaluation is interrupted too.
    """

    def __init__(
        self,
        session: Session,
        op: str,
        params: Message,
        *,
        timeout: float | None,
        on_late_output: Callable[[Output], None] | None = None,
        output_limit: int = OUTPUT_LIMIT,
        value_limit: int = VALUE_LIMIT,
    ) -> None:
        super().__init__(op)
        self.session = session
        self.params = params
        self.timeout = timeout
        self.id: str | None = None
        #: When it was sent, by the loop's clock.
        self.sent_at: float | None = None
        self.is_interrupt_requested = False
        self.late = _LateOutput(on_late_output) if on_late_output is not None else None
        self._events: deque[EvaluationEvent] = deque()
        self._pieces: list[str] = []  # of the output that is not an event yet
        self._stream: Stream = "out"  # which they belong to
        self._waiter = Waiter()
        self._end = asyncio.Event()
        self._text: dict[Stream, _Text] = {stream: _Text() for stream in _STREAMS}
        self._kept: dict[Stream, list[str]] = {stream: [] for stream in _STREAMS}
        self._output_left = output_limit
        self._value_limit = value_limit
        self._values_left = VALUES_LIMIT
        self._cut = 0
        self._events_cut = 0
        self._values: list[str] = []
        self._value_cuts: list[int] = []
        self._ns: str | None = None
        self._failed: Failed | None = None
        self._interrupted = False

    @property
    def is_queued(self) -> bool:
        """Whether it still waits for the evaluations before it in its session."""
        return self.id is None and not self.is_finished

    async def interrupt(self) -> InterruptAnswer:
        """
        Ask the server to stop it; one that still waits in the queue is never sent.

        `unsupported`: the server has no `interrupt`; `unanswered`: it did not react in time.
        """
        return await self.session.interrupt(self)

    async def result(self) -> EvaluationResult:
        """Wait for the end. Cancelling this interrupts the evaluation, without waiting for it."""
        try:
            await self._end.wait()
        except asyncio.CancelledError:
            with suppress(NreplError):
                self.session.stop(self)
            raise
        if self.error is not None:
            raise self.error
        return self.summary()

    def summary(self) -> EvaluationResult:
        """Return what is known so far as a result, without waiting."""
        failed = self._failed
        out, err = ("".join(self._kept[stream]) for stream in _STREAMS)
        return EvaluationResult(
            status=self._status(err),
            values=tuple(self._values),
            value_cuts=tuple(self._value_cuts),
            ns=self._ns,
            out=out,
            err=err,
            ex=failed.ex if failed else None,
            root_ex=failed.root_ex if failed else None,
            failure=failed.status if failed else frozenset(),
            cut=self._cut,
        )

    def _status(self, err: str) -> Status:
        if self._interrupted:
            return "interrupted"
        # shadow-cljs and sci.nrepl report a compile error as `err` and nothing else.
        if self._failed is not None or (err and not self._values and self.is_finished):
            return "error"
        return "done"

    def start(self, on_finish: Callable[[], None], timeout: float | None) -> None:
        """Begin to wait for the reply."""
        self.sent_at = asyncio.get_running_loop().time()
        super().start(on_finish, timeout)

    def take(self, message: Message) -> None:
        """Turn one message of the reply into events."""
        status = status_of(message)
        for stream in _STREAMS:
            if text := text_of(message, stream):
                self._cut += _cut_of(text)
                self._print(stream, self._text[stream].join(text))
        if "value" in message:
            self._add_value(message["value"], message.get("ns"))
        if isinstance(ns := message.get("ns"), str) and ns:
            self._ns = ns
        if "need-input" in status:
            self._emit(NeedInput())
        if "interrupted" in status:
            self._take_interrupted()
        if text_of(message, "ex") or is_failure(status):
            self._add_failure(message, status)

    def drop(self) -> None:
        """End as interrupted without a word from the server: never sent, or its session closed."""
        if not self.is_finished:
            self._take_interrupted()
            self.finish()

    def ended(self) -> None:
        """Emit what was held back and the last event."""
        for stream, text in self._text.items():
            if rest := text.rest():
                self._print(stream, rest)
        self._flush_output()
        if self.error is None:
            if cut := self._cut + self._events_cut:
                self._events.append(OutputCut(cut))
            self._events.append(Done(self.summary().status))
        self._waiter.wake()
        self._end.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EvaluationEvent:
        while True:
            if not self._events:
                self._flush_output()
            if self._events:
                return self._events.popleft()
            if self.error is not None:
                raise self.error
            if self.is_finished:
                raise StopAsyncIteration
            await self._waiter.wait()

    def _print(self, stream: Stream, text: str) -> None:
        kept = text[: self._output_left]
        self._cut += len(text) - len(kept)
        self._output_left -= len(kept)
        if not kept:
            return
        self._kept[stream].append(kept)
        if self._stream != stream:
            self._flush_output()
            self._stream = stream
        self._pieces.append(kept)
        self._waiter.wake()

    def _flush_output(self) -> None:
        """Make one event of the pieces that followed each other: joining them pairwise is O(n²)."""
        text = "".join(self._pieces)
        self._pieces.clear()
        if len(self._events) >= EVENT_LIMIT:
            self._events_cut += len(text)
        elif text:
            self._events.append(Output(self._stream, text))

    def _add_value(self, value: Any, ns: Any) -> None:
        text = value if isinstance(value, str) else str(value)
        kept = text[: min(self._value_limit, self._values_left)]
        cut = len(text) - len(kept) + _cut_of(text)
        self._values_left -= len(kept)
        if len(self._values) >= VALUES_COUNT_LIMIT:
            self._values_left += len(self._values.pop())
            self._value_cuts.pop()
        self._values.append(kept)
        self._value_cuts.append(cut)
        self._emit(Value(kept, ns if isinstance(ns, str) and ns else None, cut))

    def _add_failure(self, message: Message, status: frozenset[str]) -> None:
        ex = _class_name(text_of(message, "ex"))
        root_ex = _class_name(text_of(message, "root-ex"))
        if self.is_interrupt_requested and (ex in _INTERRUPTIONS or root_ex in _INTERRUPTIONS):
            self._take_interrupted()
            return
        failed = Failed(ex, root_ex, status - {"done", "interrupted"})
        if self._failed is None or ex is not None:
            self._failed = failed
        self._emit(failed)

    def _take_interrupted(self) -> None:
        if not self._interrupted:
            self._interrupted = True
            self._emit(Interrupted())

    def _emit(self, event: EvaluationEvent) -> None:
        self._flush_output()
        events = self._events
        must_fit = isinstance(event, NeedInput | Interrupted)
        # One request for input does for those behind it, so a flood of them is none.
        if len(events) < EVENT_LIMIT or (must_fit and events[-1] != event):
            events.append(event)
        self._waiter.wake()


def _cut_of(text: str) -> int:
    """How many characters the decoder has not kept."""
    return text.cut if isinstance(text, CutText) else 0


def _class_name(text: str | None) -> str | None:
    return text.removeprefix("class ") or None if text is not None else None
