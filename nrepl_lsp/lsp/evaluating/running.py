"""One evaluation that the user asked for, until it has ended."""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nrepl_lsp.nrepl import Evaluation, EvaluationResult, NreplError
from nrepl_lsp.repl.repl import Repl

from .code import Code
from .outcomes import Fault, Outcome, Status

__all__ = ["Running"]

log = logging.getLogger(__name__)

_NOTHING = EvaluationResult("done")


@dataclass(slots=True, eq=False)
class Running:
    """
    An evaluation under way. `evaluation` is None until it is sent, or queued to be sent.

    is_waiting: whether its turn has not come, or its namespace is being looked for. values: those
    that have come, each with how much of it is missing. is_quiet: whether its value is not to be
    shown; is_silent: nor its failure. at, sent_at, ended_at: when it was sent, by the calendar and
    by `time.monotonic`, and when it ended. extra: more parameters of the op, such as the
    inspector's. awaits: the exchange of the session that was under way when it was asked for; it
    runs in the session that comes of that.
    """

    id: str
    code: Code
    repl: Repl
    evaluation: Evaluation | None = None
    is_dropped: bool = False
    is_waiting: bool = False
    is_quiet: bool = False
    is_silent: bool = False
    task: "asyncio.Task[Outcome] | None" = None
    values: list[str] = field(default_factory=list)
    at: datetime | None = None
    sent_at: float | None = None
    ended_at: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    awaits: "asyncio.Task[Repl] | None" = None

    @property
    def seconds(self) -> float | None:
        """How long the program has had it, or had it; None for what was not sent."""
        if self.sent_at is None:
            return None
        return (self.ended_at or time.monotonic()) - self.sent_at

    def was_sent(self) -> None:
        """Note the time."""
        self.at, self.sent_at = datetime.now().astimezone(), time.monotonic()

    async def outcome(self, within: float | None) -> Outcome:
        """
        Wait for the end, at most `within` seconds; else what is known by then, as `running`.

        Cancelling interrupts the evaluation; what it then comes to is shown like every outcome.
        """
        assert self.task is not None
        try:
            await asyncio.wait({self.task}, timeout=within)
        except asyncio.CancelledError:
            self.stop()
            raise
        return self.task.result() if self.task.done() else self.so_far("running")

    def so_far(
        self, status: Status, result: EvaluationResult | None = None, fault: Fault | None = None
    ) -> Outcome:
        """What it has come to: the result, or what is known without one."""
        if result is None:
            result = self.evaluation.summary() if self.evaluation is not None else _NOTHING
        out = result.out
        if result.cut:
            out = f"{out}\n… {result.cut:,} more characters"
        # A flood of values may be too much for the events; the result has them all the same.
        values = (*self.values, *result.values[len(self.values) :])
        return Outcome(
            status,
            evaluation=self.id,
            code=self.code,
            values=values,
            out=out,
            err=result.err,
            ns=result.ns,
            fault=fault,
            at=self.at,
            seconds=self.seconds,
        )

    def stop(self) -> None:
        """Have it interrupted, without waiting for the answer."""
        self._drop()
        if self.evaluation is not None:
            with suppress(NreplError):
                self.evaluation.session.stop(self.evaluation)

    async def interrupt(self) -> str:
        """Have it interrupted; the server's answer."""
        self._drop()
        if self.evaluation is None:
            return "interrupted"
        try:
            return await self.evaluation.interrupt()
        except NreplError as error:
            log.info("interrupt: %s", error)
            return "idle"

    def _drop(self) -> None:
        self.is_dropped = True
        if self.is_waiting and self.task is not None:
            self.task.cancel()
