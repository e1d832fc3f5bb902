"""
Ops other than `eval` that run in the user's session: tests, reloading.

Servers run them on the session's thread, so they wait in our queue like evaluations: one thing is
in flight per session, and an interrupt stops this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nrepl_lsp.nrepl import Evaluation, Output, Reply
from nrepl_lsp.nrepl.events import Status
from nrepl_lsp.nrepl.messages import Message
from nrepl_lsp.nrepl.responses import REPLY_LIMIT

from .repl import Repl

__all__ = ["OpRun", "SessionOp", "start_op"]


#: What a message has that is nothing but printed output; more than `OUTPUT_LIMIT` is not kept.
_OUTPUT_KEYS = frozenset({"id", "session", "out", "err"})


def _nothing(message: Message) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class SessionOp:
    """
    An op and its parameters; the session is added.

    printed: what a message of its reply tells the user, which is shown like printed output.
    """

    op: str
    params: Mapping[str, Any] = field(default_factory=dict)
    printed: Callable[[Message], str] = _nothing


class OpRun(Evaluation):
    """
    An op in the session's queue, followed and interrupted like an evaluation.

    messages: its reply so far, at most `REPLY_LIMIT`, without output that was too much to be kept;
    dropped: how many more there were.
    """

    def __init__(self, repl: Repl, asked: SessionOp, timeout: float | None, **more: Any) -> None:
        params = {**asked.params, **repl.print_limits(asked.op), "session": repl.user.id}
        super().__init__(repl.user, asked.op, params, timeout=timeout, **more)
        self.messages: list[Message] = []
        self.dropped = 0
        self._printed = asked.printed

    @property
    def reply(self) -> Reply:
        """The reply so far."""
        return Reply(tuple(self.messages), self.dropped)

    def take(self, message: Message) -> None:
        """Keep the message, and show what it tells."""
        is_output = message.keys() <= _OUTPUT_KEYS
        if len(self.messages) < REPLY_LIMIT and (self._output_left or not is_output):
            self.messages.append(message)
        else:
            self.dropped += 1
        if told := self._printed(message):
            super().take({"out": told})
        super().take(message)

    def _status(self, err: str) -> Status:
        # Unlike an evaluation's, an op's warnings on `err` are no failure: it says so itself.
        return super()._status("")


def start_op(
    repl: Repl,
    asked: SessionOp,
    *,
    timeout: float | None = None,
    on_late_output: Callable[[Output], None] | None = None,
) -> OpRun:
    """
    Queue an op in the user's session. timeout: seconds from when it is sent.

    Raises `ConnectionLost`, and `NreplError` when too many wait. It may define names, so the next
    question lists the namespaces anew.
    """
    run = OpRun(repl, asked, timeout, on_late_output=on_late_output)
    repl.user.submit(run)
    repl.namespaces.note_change()
    return run
