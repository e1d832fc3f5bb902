"""
A session: the dynamic state (`*ns*`, `*1`, …) that evaluations share, and our queue in front of it.

One evaluation is in flight per session, the others wait *here*: pipelined evals run out of order on
every JVM server (nREPL 1.0.0: 0 1 2 3 4 6 5 …), and since 1.3 an interrupt drops the server's own
queue without a word.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .errors import ConnectionLost, NreplError, OpFailed, RequestTimeout, UnknownOp
from .evaluation import OUTPUT_LIMIT, VALUE_LIMIT, Evaluation
from .events import InterruptAnswer, Output
from .input_receiver import InputReceiver
from .messages import Message
from .responses import GRACE, Reply, Responses

if TYPE_CHECKING:
    from .connection import Connection

__all__ = ["INTERRUPT_TIMEOUT", "QUEUE_LIMIT", "Session"]

#: Evaluations that may wait in one session.
QUEUE_LIMIT = 1000
#: Seconds for an interrupt to be answered. hy-nrepl 1.0.4 answers when the code next runs bytecode.
INTERRUPT_TIMEOUT = 5.0
#: Seconds for input that nobody reads to be acknowledged.
INPUT_TIMEOUT = 60.0


class Session:
    """
    One session of a server, used through one connection; `connection.clone()` makes it.

    With `id` None every evaluation runs in a throw-away session: nothing is kept between them and
    they cannot be interrupted. A session lives on the server until `close`, connections or not.
    """

    def __init__(self, connection: Connection, session_id: str | None) -> None:
        self.connection = connection
        self.id = session_id
        self._queue: deque[Evaluation] = deque()
        self._running: Evaluation | None = None
        self._is_closed = False
        self._interrupts: set[Responses] = set()
        self._receivers: list[InputReceiver] = []

    @property
    def running(self) -> Evaluation | None:
        """The evaluation in flight, if there is one."""
        return self._running

    @property
    def queued(self) -> tuple[Evaluation, ...]:
        """The evaluations that wait for it, in order."""
        return tuple(self._queue)

    def eval(
        self,
        code: str,
        *,
        ns: str | None = None,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        timeout: float | None = None,
        on_late_output: Callable[[Output], None] | None = None,
        output_limit: int = OUTPUT_LIMIT,
        value_limit: int = VALUE_LIMIT,
        **extra: Any,
    ) -> Evaluation:
        """
        Queue an evaluation of any number of forms.

        ns must exist on the server: nREPL refuses an unknown one, Basilisp creates it.
        line, column: 1-based, of the code's first character; only for servers that take them
        (`Capabilities.takes_position`). timeout: seconds from when it is sent, after which it is
        interrupted; None is no limit.
        extra: more parameters of the op. Raises `ConnectionLost` at once on a closed connection.
        """
        params = {"code": code, "ns": ns, "file": file, "line": line, "column": column, **extra}
        return self._submit("eval", params, timeout, on_late_output, (output_limit, value_limit))

    def load_file(
        self,
        text: str,
        *,
        path: str | None = None,
        name: str | None = None,
        timeout: float | None = None,
        on_late_output: Callable[[Output], None] | None = None,
        output_limit: int = OUTPUT_LIMIT,
        value_limit: int = VALUE_LIMIT,
        **extra: Any,
    ) -> Evaluation:
        """Queue the loading of a file's text, as if it were read from `path`."""
        params = {"file": text, "file-path": path, "file-name": name, **extra}
        return self._submit(
            "load-file", params, timeout, on_late_output, (output_limit, value_limit)
        )

    def submit(self, evaluation: Evaluation) -> None:
        """
        Queue an op that is made already, such as one other than `eval` that runs on this session.

        Raises `ConnectionLost`, and `NreplError` when too many wait.
        """
        if not self.connection.is_open:
            raise ConnectionLost("the connection is closed")
        if self._is_closed:
            raise ConnectionLost("the session is closed")
        if len(self._queue) >= QUEUE_LIMIT:
            raise NreplError(f"{QUEUE_LIMIT} evaluations are waiting already: interrupt first")
        self._queue.append(evaluation)
        self._send_next()

    async def interrupt(self, evaluation: Evaluation | None = None) -> InterruptAnswer:
        """
        Stop an evaluation, by default the one in flight; those that wait go on waiting.

        Returns what the server said; `idle` when there is nothing to stop. Raises `ConnectionLost`.
        Cancelling stops waiting for the answer, not the interrupt.
        """
        answer = self.stop(evaluation or self._running)
        if isinstance(answer, str):
            return answer
        collecting = asyncio.ensure_future(answer.collect())
        collecting.add_done_callback(_look_at_error)
        try:
            reply = await asyncio.shield(collecting)
        except UnknownOp:
            return "unsupported"
        except RequestTimeout:
            return "unanswered"
        except OpFailed:
            # `interrupt-id-mismatch`: it ended while the request was under way.
            return "idle"
        return "idle" if "session-idle" in reply.status else "interrupted"

    def stop(self, evaluation: Evaluation | None) -> Responses | InterruptAnswer:
        """
        Do what `interrupt` does without waiting: return its answer, or the reply that will hold it.

        Raises `ConnectionLost`.
        """
        if evaluation is None or evaluation.is_finished:
            return "idle"
        if evaluation.is_queued:
            self._queue.remove(evaluation)
            evaluation.drop()
            return "interrupted"
        if not self.can_interrupt:
            return "unsupported"
        return self._send_interrupt(evaluation)

    @property
    def can_interrupt(self) -> bool:
        """Whether the server may stop what runs here: it has the op, and the session an id."""
        capabilities = self.connection.capabilities
        return self.id is not None and not (capabilities and capabilities.lacks("interrupt"))

    def _send_interrupt(self, evaluation: Evaluation) -> Responses:
        """
        Interrupt what was sent; until that is answered nothing more is sent.

        It could hit the next evaluation: guile-ares-rs ignores `interrupt-id`, nREPL ≥ 1.3 drops
        what waits in the session.
        """
        evaluation.is_interrupt_requested = True
        responses = Responses("interrupt")

        def answered() -> None:
            self._interrupts.discard(responses)
            self._send_next()

        self._interrupts.add(responses)
        params = {"session": self.id, "interrupt-id": evaluation.id}
        try:
            self.connection.send(
                responses, "interrupt", params, timeout=INTERRUPT_TIMEOUT, on_finish=answered
            )
        except NreplError:
            self._interrupts.discard(responses)
            raise
        return responses

    def send_input(self, text: str, evaluation: Evaluation | None = None) -> None:
        """
        Answer `NeedInput`: give the running code a line to read; an empty text is the end of input.

        evaluation: who asked. When it is not in flight any more nothing is sent: a session keeps
        what nobody reads for the next one that does. Does not wait. Raises `UnknownOp` when the
        server has no `stdin`, `NreplError` while an interrupt is under way, and `ConnectionLost`.
        On nREPL 1.6 and 1.7 an empty text makes the evaluation fail with a ClassCastException.
        """
        if evaluation is not None and evaluation is not self._running:
            return
        if self._interrupts:
            raise NreplError("the code is being interrupted")
        capabilities = self.connection.capabilities
        if capabilities is not None and capabilities.lacks("stdin"):
            raise UnknownOp("stdin", frozenset({"unknown-op"}))
        if text and not text.endswith("\n"):
            text += "\n"
        receiver = InputReceiver(self._running)
        params = {"session": self.id, "stdin": text}
        timeout = None if self._running is not None else INPUT_TIMEOUT
        self.connection.send(receiver, "stdin", params, timeout=timeout)
        if self._running is not None:
            self._receivers.append(receiver)

    async def clone(self) -> Session:
        """Return a new session with a copy of this one's state; errors as `Connection.clone`."""
        return await self.connection.clone(self.id)

    async def close(self, timeout: float = 5.0) -> None:
        """
        End the session on the server, with what runs in it; what waits is never sent.

        A session that is gone already is no error. Raises `RequestTimeout`, `ConnectionLost`.
        """
        responses = self.send_close(timeout)
        if responses is None:
            return
        with suppress(OpFailed):
            await responses.collect()
        if self._running is not None:
            # tools.nrepl 0.2.13 never answers an evaluation whose session is closed.
            asyncio.get_running_loop().call_later(GRACE, self._running.drop)

    def send_close(self, timeout: float) -> Responses | None:
        """Do what `close` does without waiting; None when the server need not be told."""
        self._is_closed = True
        while self._queue:
            self._queue.popleft().drop()
        if self._running is not None:
            self._running.is_interrupt_requested = True
        self.connection.forget_session(self)
        if self.id is None:
            return None
        return self.connection.request("close", session=self.id, timeout=timeout)

    def fail(self, error: NreplError) -> None:
        """Fail what waits; called by the connection when it is lost."""
        while self._queue:
            self._queue.popleft().fail(error)

    def _submit(
        self,
        op: str,
        params: Message,
        timeout: float | None,
        on_late_output: Callable[[Output], None] | None,
        limits: tuple[int, int],
    ) -> Evaluation:
        evaluation = Evaluation(
            self,
            op,
            {**params, "session": self.id},
            timeout=timeout,
            on_late_output=on_late_output,
            output_limit=limits[0],
            value_limit=limits[1],
        )
        self.submit(evaluation)
        return evaluation

    def _send_next(self) -> None:
        while self._queue and self._running is None and not self._interrupts:
            self._running = self._queue.popleft()
            self._send(self._running)

    def _send(self, evaluation: Evaluation) -> None:
        def ended() -> None:
            if isinstance(evaluation.error, RequestTimeout) and self.can_interrupt:
                # It would keep the session, and whatever waits in it.
                with suppress(NreplError):
                    self._send_interrupt(evaluation)
            self._running = None
            for receiver in self._receivers:
                receiver.finish()
            self._receivers.clear()
            self._send_next()

        try:
            evaluation.id = self.connection.send(
                evaluation,
                evaluation.op,
                evaluation.params,
                timeout=evaluation.timeout,
                on_finish=ended,
            )
        except NreplError as error:
            self._running = None
            evaluation.fail(error)


def _look_at_error(collecting: asyncio.Future[Reply]) -> None:
    """Take note of a failure that nobody may be waiting for any more."""
    if not collecting.cancelled():
        collecting.exception()
