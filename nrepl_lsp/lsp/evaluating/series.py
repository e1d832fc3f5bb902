"""
Evaluations that follow one another: each is started when the one before it has gone well.

One evaluation per form, not one of the whole text: nREPL goes on with the next form after an error,
Basilisp and hy-nrepl send the last value only, Hy makes one form of all; and a form read in the
middle of a text is in the namespace that is in force there on no server but the JVM's.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from nrepl_lsp.repl.repl import Repl

from .code import Code
from .evaluations import NOT_EXCHANGED
from .outcomes import Fault, Outcome
from .running import Running

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Series", "series_of"]


class Series:
    """
    Evaluations one after the other, until one does not go well or it is stopped.

    start: starts one; it is told whether it is the last, whose value is shown. evaluated: how many
    have gone well. current: the one under way, or the last that was. repl: where they run; who asks
    for them while the session is being exchanged means the other one.
    """

    _task: "asyncio.Task[Outcome]"

    def __init__(
        self,
        ls: "NreplLanguageServer",
        repl: Repl,
        codes: Iterable[Code],
        start: Callable[[Code, bool], Running],
    ) -> None:
        self._ls = ls
        self.repl = self._asked = repl
        self._awaits = ls.evaluations.exchange_of(repl)
        self.evaluated = 0
        self.current: Running | None = None
        self._ids: set[str] = set()
        self._is_stopped = False
        self._codes = codes
        self._start = start
        #: Of two buffers the forms must not alternate: the second waits for the first.
        self._before = [one._task for one in series_of(ls, repl)]
        self._all = ls.part(_UnderWay).series
        self._all.add(self)
        self._task = asyncio.create_task(self._run(), name="series")

    def holds(self, running: Running | str) -> bool:
        """Whether an evaluation, or what an evaluation's id names, belongs to it."""
        return (running if isinstance(running, str) else running.id) in self._ids

    @property
    def awaits_session(self) -> bool:
        """Whether it waits for another session than the one in use."""
        return self._awaits is not None

    def follow(self, new: Repl) -> None:
        """Run in the session that it has waited for."""
        self.repl, self._awaits = new, None

    def stop(self) -> None:
        """Start no more of them; the one under way is not touched."""
        self._is_stopped = True

    async def outcome(self, within: float | None) -> Outcome:
        """
        What the last of them came to; after `within` seconds what is known by then, as `running`.

        Cancelling interrupts the one under way, and the rest is not started.
        """
        try:
            await asyncio.wait({self._task}, timeout=within)
        except asyncio.CancelledError:
            self.stop()
            if self.current is not None:
                self.current.stop()
            raise
        if self._task.done():
            return self._task.result()
        return self.current.so_far("running") if self.current is not None else Outcome("running")

    async def _run(self) -> Outcome:
        outcome = Outcome("done")
        try:
            if self._before:
                await asyncio.wait(self._before)
            if self._awaits is not None:
                await asyncio.wait({self._awaits})
            if self._awaits is not None and not self._is_stopped:
                return self._not_exchanged()
            codes = iter(self._codes)
            following = next(codes, None)
            while following is not None:
                if self._is_stopped:
                    return self._interrupted()
                code, following = following, next(codes, None)
                self.current = self._started(code, is_last=following is None)
                self._ids.add(self.current.id)
                assert self.current.task is not None
                await asyncio.wait({self.current.task})
                if self.current.task.cancelled():
                    return Outcome("interrupted")  # the editor is gone
                outcome = self.current.task.result()
                if outcome.status != "done":
                    return outcome
                self.evaluated += 1
        finally:
            self._all.discard(self)
            self._before.clear()
        return outcome

    def _started(self, code: Code, *, is_last: bool) -> Running:
        if self.repl is self._asked:
            return self._start(code, is_last)
        with self._ls.evaluations.in_place_of(self._asked, self.repl):
            return self._start(code, is_last)

    def _not_exchanged(self) -> Outcome:
        self._ls.warn(NOT_EXCHANGED)
        return Outcome("error", fault=Fault(NOT_EXCHANGED))

    def _interrupted(self) -> Outcome:
        """It was stopped between two of them: nothing that says so has been interrupted."""
        text = f"Interrupted; forms evaluated: {self.evaluated}."
        self._ls.say(text)
        if self.current is None:
            return Outcome("interrupted")
        return Outcome("interrupted", evaluation=self.current.id, code=self.current.code)


class _UnderWay:
    """The series of an editor that have not ended."""

    def __init__(self) -> None:
        self.series: set[Series] = set()


def series_of(ls: "NreplLanguageServer", repl: Repl | None = None) -> list[Series]:
    """Those under way; in one program if one is named."""
    return [one for one in ls.part(_UnderWay).series if repl is None or one.repl is repl]
