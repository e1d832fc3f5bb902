"""Which evaluation a program really has: those sent behind it wait in our queue."""

import asyncio

from nrepl_lsp.nrepl import Output
from nrepl_lsp.repl.repl import Repl

from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..evaluating.watching import Watcher

__all__ = ["Following"]

#: Seconds after which is looked again when a turn has not come: the session sends nothing more
#: until the server has answered an interrupt.
LOOK_AGAIN = 0.1


class Following(Watcher):
    """A watcher that is told once of each evaluation that the program has begun with."""

    def __init__(self) -> None:
        #: Sent, and not known to have begun; of each REPL in the order of the session.
        self._waiting: dict[Repl, dict[str, Running]] = {}
        self._timers: dict[Repl, asyncio.TimerHandle] = {}

    def begun(self, running: Running) -> None:
        """The program has it now: it does not wait for others any more."""

    def waiting(self, repl: Repl) -> int:
        """How many evaluations wait behind the one that the program has."""
        return len(self._waiting.get(repl, ()))

    def sent(self, running: Running) -> None:
        """Wait for its turn."""
        self._waiting.setdefault(running.repl, {})[running.id] = running
        self._look(running.repl)

    def printed(self, running: Running, output: Output) -> None:
        """Take it as a sign that it has begun."""
        self._begin(running)

    def input_needed(self, running: Running) -> None:
        """Take it as a sign that it has begun."""
        self._begin(running)

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Look whose turn it is now; what ended while it waited has never begun."""
        waiting = self._waiting.get(running.repl, {})
        evaluation = running.evaluation
        if evaluation is not None and evaluation.id is not None:
            self._begin(running)
        waiting.pop(running.id, None)
        self._look(running.repl)

    def close(self) -> None:
        """Look no more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._waiting.clear()

    def _begin(self, running: Running) -> None:
        waiting = self._waiting.get(running.repl, {})
        if waiting.pop(running.id, None) is not None:
            self.begun(running)

    def _look(self, repl: Repl) -> None:
        if timer := self._timers.pop(repl, None):
            timer.cancel()
        waiting = self._waiting.get(repl, {})
        for running in tuple(waiting.values()):
            evaluation = running.evaluation
            if evaluation is None or evaluation.is_queued:
                loop = asyncio.get_running_loop()
                self._timers[repl] = loop.call_later(LOOK_AGAIN, self._look, repl)
                return
            # What was dropped from the queue has ended without an id.
            if evaluation.id is not None:
                self._begin(running)
        if not waiting:
            self._waiting.pop(repl, None)
