"""Whether a program answers questions while it evaluates, as it has shown so far."""

from __future__ import annotations

import asyncio

from nrepl_lsp.nrepl import Evaluation

__all__ = ["Silence"]

#: Seconds without an answer, while the program evaluates, that make it one that answers nothing
#: meanwhile. A slow one gives itself away later, by its answer.
SILENT_AFTER = 1.0
#: Seconds after an evaluation's start in which answers may be to questions from before it.
MARGIN = 0.1


class Silence:
    """
    What is known of one program: nbb and hy-nrepl answer nothing while they evaluate.

    is_expected: whether a question has had its time during an evaluation without being answered.
    Until then every question gets its time, and one answer during an evaluation ends it: what a
    slow server answers must not be lost.
    """

    def __init__(self) -> None:
        self.is_expected = False
        self._answered_at = 0.0
        #: When the first question was asked that came after the last answer.
        self._asked_at: float | None = None
        self._evaluation: Evaluation | None = None

    def asked(self) -> None:
        """Know that a question was sent."""
        if self._asked_at is None:
            self._asked_at = asyncio.get_running_loop().time()

    def answered(self) -> None:
        """Know that one was answered, in time or later."""
        self._asked_at, self._answered_at = None, asyncio.get_running_loop().time()
        if self._evaluation is not None and self.is_broken(self._evaluation):
            self.is_expected = False

    def is_broken(self, evaluation: Evaluation) -> bool:
        """Whether something was answered since an evaluation began that runs."""
        if evaluation.sent_at is None or evaluation.is_finished:
            return False
        self._evaluation = evaluation
        return self._answered_at > evaluation.sent_at + MARGIN

    def judge(self, evaluation: Evaluation) -> None:
        """Learn from a question that had its time while this ran."""
        if self._asked_at is None:
            return
        since = max(self._asked_at, evaluation.sent_at or 0.0)
        if asyncio.get_running_loop().time() - since >= SILENT_AFTER:
            self.is_expected = True
