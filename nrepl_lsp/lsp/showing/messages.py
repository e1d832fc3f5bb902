"""
Messages about evaluations: one line each, and few however many evaluations there are.

An editor shows each as a toast that stays, or in a status line where only the last is seen.
"""

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from ..evaluating.outcomes import Outcome
from .wording import LINE_WIDTH, in_one_line, kind_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["BURST_INTERVAL", "BURST_LIMIT", "GATHER", "Messages"]

#: Messages within so many seconds; of more the last is shown, with how many there were.
BURST_LIMIT = 5
BURST_INTERVAL = 1.0
#: Seconds for which evaluations that were never sent are gathered: they end all at once.
GATHER = 0.05


class Messages:
    """Says what evaluations came to."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        #: Why they were not sent → the evaluations.
        self._unsent: dict[str, list[Outcome]] = {}
        self._gathering: asyncio.TimerHandle | None = None
        self._said = 0
        self._held: list[tuple[types.MessageType, str]] = []
        self._burst: asyncio.TimerHandle | None = None

    def say(self, outcome: Outcome) -> None:
        """Say at once what an evaluation came to, or why there was none."""
        width = self._ls.settings.results_width or LINE_WIDTH
        self._show(kind_of(outcome), in_one_line(outcome, width))

    def say_unsent(self, outcome: Outcome) -> None:
        """Say that an evaluation ended before it was sent, together with others."""
        self._unsent.setdefault(outcome.status, []).append(outcome)
        if self._gathering is None:
            loop = asyncio.get_running_loop()
            self._gathering = loop.call_later(GATHER, self._say_gathered)

    def close(self) -> None:
        """Say nothing any more."""
        for timer in (self._gathering, self._burst):
            if timer is not None:
                timer.cancel()

    def _say_gathered(self) -> None:
        self._gathering = None
        unsent, self._unsent = self._unsent, {}
        for status, outcomes in unsent.items():
            count = len(outcomes)
            if count == 1:
                self.say(outcomes[0])
            elif status == "interrupted":
                self._show(types.MessageType.Info, f"Interrupted {count:,} queued evaluations.")
            else:
                text = f"The connection was lost: {count:,} queued evaluations were never sent."
                self._show(types.MessageType.Warning, text)

    def _show(self, kind: types.MessageType, text: str) -> None:
        if self._burst is None:
            loop = asyncio.get_running_loop()
            self._burst = loop.call_later(BURST_INTERVAL, self._end_burst)
        if self._said >= BURST_LIMIT:
            self._held.append((kind, text))
            return
        self._said += 1
        self._ls.say(text, kind)

    def _end_burst(self) -> None:
        self._burst = None
        self._said = 0
        held, self._held = self._held, []
        if not held:
            return
        kind, text = held[-1]
        if any(one is types.MessageType.Error for one, _ in held):
            kind, text = next(one for one in reversed(held) if one[0] is types.MessageType.Error)
        more = f" (and {len(held) - 1:,} more, see the log)" if len(held) > 1 else ""
        self._show(kind, text + more)
