"""One evaluation: the events of its reply as they come, and its result."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias

from .messages import Message, is_failure, status_of, text_of
from .responses import Receiver
from .waiting import Waiter

__all__ = [
    "EVENT_LIMIT",
    "LATE_OUTPUT_LIMIT",
    "OUTPUT_LIMIT",
    "VALUE_LIMIT",
    "Done",
    "Evaluation",
    "EvaluationEvent",
    "EvaluationResult",
    "Failed",
    "InterruptAnswer",
    "Interrupted",
    "NeedInput",
    "Output",
    "OutputCut",
    "Value",
]

#: Characters of output kept for one evaluation; the rest is counted and thrown away.
OUTPUT_LIMIT = 1024 * 1024
#: Characters kept of each printed value, and of all values of one evaluation together.
VALUE_LIMIT = 1024 * 1024
#: Events that may wait for a consumer. Output is merged, so only odd floods come near it.
EVENT_LIMIT = 10_000
#: Characters of output handed on after the evaluation's end (threads that print for ever).
LATE_OUTPUT_LIMIT = 1024 * 1024

#: Printed by JVM servers because we interrupted; before or after `interrupted` (nREPL 1.0, 1.7).
_INTERRUPTIONS = ("java.lang.InterruptedException", "java.lang.ThreadDeath")

Stream: TypeAlias = Literal["out", "err"]
_STREAMS: tuple[Stream, ...] = ("out", "err")

InterruptAnswer: TypeAlias = Literal["interrupted", "idle", "unsupported", "unanswered"]


@dataclass(frozen=True, slots=True)
class Output:
    """Text the program printed; pieces that follow each other are merged."""

    stream: Stream
    text: str


@dataclass(frozen=True, slots=True)
class OutputCut:
    """So many characters of output were thrown away; sent once, before `Done`."""

    characters: int


@dataclass(frozen=True, slots=True)
class Value:
    """A form's printed value. `cut` says how many of its characters were thrown away."""

    text: str
    ns: str | None = None
    cut: int = 0


@dataclass(frozen=True, slots=True)
class NeedInput:
    """The code reads standard input and waits: answer with `Session.send_input`, or interrupt."""


@dataclass(frozen=True, slots=True)
class Failed:
    """
    A form failed. The exception's text is in the `err` output, before or after this event.

    `ex` and `root_ex` are what the server calls them: a class name on the JVM, the printed
    exception on nbb, a traceback on Basilisp. `status` says why when there is no exception.
    """

    ex: str | None
    root_ex: str | None
    status: frozenset[str]


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The server stopped the evaluation because it was asked to, or it was never sent."""


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more comes, except late output of other threads."""

    status: Literal["done", "error", "interrupted"]


EvaluationEvent: TypeAlias = Output | OutputCut | Value | NeedInput | Failed | Interrupted | Done


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """
    What an evaluation came to.

    status: `interrupted` wins over `error`, which wins over `done`.
    values: the printed values in order (many servers send only the last).
    ns: the namespace after the last value, when the server says it.
    out, err: the text printed; `cut` characters of it, at the end, were not kept.
    """

    status: Literal["done", "error", "interrupted"]
    values: tuple[str, ...] = ()
    ns: str | None = None
    out: str = ""
    err: str = ""
    ex: str | None = None
    root_ex: str | None = None
    failure: frozenset[str] = frozenset()
    cut: int = 0


class _Text:
    """Joins the pieces of one output stream, mending characters that were cut between two."""

    def __init__(self) -> None:
        self._held = ""

    def join(self, piece: str) -> str:
        text = self._held + piece
        if self._held:
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


class Evaluation(Receiver):
    """
    An `eval` or `load-file` that waits in its session's queue, runs, or has ended.

    Iterate over it for its events, or `await result()`, or both (one task each at a time).
    Cancelling `result()` interrupts the evaluation; leaving an iteration does not. Both raise
    `ConnectionLost` when the connection goes before the end, and `RequestTimeout` when a timeout
    was given.
    """

    def __init__(
        self,
        op: str,
        params: Message,
        *,
        timeout: float | None,
        interrupt: Callable[[Evaluation], Awaitable[InterruptAnswer]],
        spawn: Callable[[Awaitable[Any]], object],
        on_late_output: Callable[[Output], None] | None = None,
        output_limit: int = OUTPUT_LIMIT,
    ) -> None:
        super().__init__(op)
        self.params = params
        self.timeout = timeout
        self.id: str | None = None
        self.is_interrupt_requested = False
        self._interrupt = interrupt
        self._spawn = spawn
        self._on_late_output = on_late_output
        self._late_left = LATE_OUTPUT_LIMIT
        self._events: deque[EvaluationEvent] = deque()
        self._event_waiter = Waiter()
        self._result_waiter = Waiter()
        self._text: dict[Stream, _Text] = {stream: _Text() for stream in _STREAMS}
        self._kept: dict[Stream, list[str]] = {stream: [] for stream in _STREAMS}
        self._output_left = output_limit
        self._value_left = VALUE_LIMIT
        self._cut = 0
        self._values: list[str] = []
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
        return await self._interrupt(self)

    async def result(self) -> EvaluationResult:
        """Wait for the end. Cancelling this interrupts the evaluation, in the background."""
        try:
            while not self.is_finished:
                await self._result_waiter.wait()
        except asyncio.CancelledError:
            self._spawn(self._interrupt(self))
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
            ns=self._ns,
            out=out,
            err=err,
            ex=failed.ex if failed else None,
            root_ex=failed.root_ex if failed else None,
            failure=failed.status if failed else frozenset(),
            cut=self._cut,
        )

    def _status(self, err: str) -> Literal["done", "error", "interrupted"]:
        if self._interrupted:
            return "interrupted"
        # shadow-cljs and sci.nrepl report a compile error as `err` and nothing else.
        if self._failed is not None or (err and not self._values and self.is_finished):
            return "error"
        return "done"

    def take(self, message: Message) -> None:
        """Turn one message of the reply into events."""
        status = status_of(message)
        for stream in _STREAMS:
            if text := text_of(message, stream):
                self._print(stream, self._text[stream].join(text))
        if "value" in message:
            self._add_value(message["value"], message.get("ns"))
        if isinstance(ns := message.get("ns"), str) and ns:
            self._ns = ns
        if "need-input" in status:
            self._emit(NeedInput())
        if "interrupted" in status and not self._interrupted:
            self._interrupted = True
            self._emit(Interrupted())
        if text_of(message, "ex") or is_failure(status):
            self._add_failure(message, status)

    def deliver_late(self, message: Message) -> None:
        """Hand on output that other threads print after the end, up to `LATE_OUTPUT_LIMIT`."""
        if self._on_late_output is None:
            return
        for stream in _STREAMS:
            text = (text_of(message, stream) or "")[: self._late_left]
            if text:
                self._late_left -= len(text)
                self._on_late_output(Output(stream, text))

    def cancel_queued(self) -> None:
        """End an evaluation that was never sent as interrupted."""
        self._interrupted = True
        self._emit(Interrupted())
        self.finish()

    def ended(self) -> None:
        """Emit what was held back and the last event."""
        for stream, text in self._text.items():
            if rest := text.rest():
                self._print(stream, rest)
        if self.error is None:
            if self._cut:
                self._emit(OutputCut(self._cut))
            self._emit(Done(self.summary().status))
        self._event_waiter.wake()
        self._result_waiter.wake()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EvaluationEvent:
        while not self._events:
            if self.is_finished:
                if self.error is not None:
                    raise self.error
                raise StopAsyncIteration
            await self._event_waiter.wait()
        return self._events.popleft()

    def _print(self, stream: Stream, text: str) -> None:
        kept = text[: self._output_left]
        self._cut += len(text) - len(kept)
        self._output_left -= len(kept)
        if not kept:
            return
        self._kept[stream].append(kept)
        last = self._events[-1] if self._events else None
        if isinstance(last, Output) and last.stream == stream:
            self._events[-1] = Output(last.stream, last.text + kept)
            self._event_waiter.wake()
        else:
            self._emit(Output(stream, kept))

    def _add_value(self, value: Any, ns: Any) -> None:
        text = value if isinstance(value, str) else str(value)
        kept = text[: self._value_left]
        self._value_left -= len(kept)
        self._values.append(kept)
        self._emit(Value(kept, ns if isinstance(ns, str) and ns else None, len(text) - len(kept)))

    def _add_failure(self, message: Message, status: frozenset[str]) -> None:
        ex = _class_name(text_of(message, "ex"))
        if self.is_interrupt_requested and ex in _INTERRUPTIONS:
            return
        root_ex = _class_name(text_of(message, "root-ex"))
        failed = Failed(ex, root_ex, status - {"done", "interrupted"})
        if self._failed is None or ex is not None:
            self._failed = failed
        self._emit(failed)

    def _emit(self, event: EvaluationEvent) -> None:
        if len(self._events) < EVENT_LIMIT or isinstance(event, Done):
            self._events.append(event)
        elif isinstance(event, Output):
            self._cut += len(event.text)
        self._event_waiter.wake()


def _class_name(text: str | None) -> str | None:
    return text.removeprefix("class ") or None if text is not None else None
