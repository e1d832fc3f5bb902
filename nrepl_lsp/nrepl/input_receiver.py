"""What comes back for input that an evaluation was given."""

from __future__ import annotations

from .evaluation import Evaluation
from .messages import Message, status_of
from .responses import Responses

__all__ = ["InputReceiver"]

#: What belongs to an evaluation in whichever reply it comes.
_OF_EVALUATIONS = frozenset({"need-input", "eval-error"})
_OF_OUTPUT = frozenset({"value", "out", "err", "ex"})


class InputReceiver(Responses):
    """
    The reply to `stdin`, until the evaluation that reads has ended.

    hy-nrepl 1.0.4 never ends it: from the first input on the evaluation's output, value and
    next `need-input` come under this id.
    """

    def __init__(self, evaluation: Evaluation | None) -> None:
        super().__init__("stdin")
        self._evaluation = evaluation

    def take(self, message: Message) -> None:
        status = status_of(message) & _OF_EVALUATIONS
        if self._evaluation is not None and (status or not _OF_OUTPUT.isdisjoint(message)):
            self._evaluation.deliver({**message, "status": sorted(status)}, is_last=False)
