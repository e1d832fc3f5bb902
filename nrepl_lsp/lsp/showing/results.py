"""
How the outcome of an evaluation is shown.

For now: a line in `window/showMessage`, the whole in `window/logMessage`, errors as a diagnostic at
their place.
"""

from typing import TYPE_CHECKING

from lsprotocol import types

from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..evaluating.watching import Watcher
from .errors import error_mark, said
from .marks import Anchor, Mark, stretch_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Results"]

#: Characters of the one line that is shown as a message.
LINE_LIMIT = 120
#: Characters of one log message.
LOG_LIMIT = 64 * 1024


class Results(Watcher):
    """Shows outcomes beside the code that they are of."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Show what an evaluation came to; a quiet one only when it came to nothing."""
        if not running.is_quiet or outcome.status != "done":
            self.show(outcome)

    def show(self, outcome: Outcome) -> None:
        """Show an outcome at its end, or why there is none."""
        ls, code = self._ls, outcome.code
        if code is not None:
            where = code.range(ls.documents.encoding)
            mark = error_mark(ls, outcome)
            if code.uri is not None and where is not None:
                place = Anchor(ls.documents.uri_of(code.uri), stretch_of(where))
                gone = [*_left_by(ls, "result", place), *_left_by(ls, "error", place)]
                ls.marks.replace(lambda one: one in gone, [mark] if mark is not None else [])
        if ls.settings.results_show == "none":
            return
        kind = _kind(outcome)
        ls.window_show_message(types.ShowMessageParams(kind, _line(outcome)))
        if outcome.evaluation is not None:
            ls.window_log_message(types.LogMessageParams(kind, _whole(outcome)))


def _left_by(ls: "NreplLanguageServer", owner: str, place: Anchor) -> list[Mark]:
    """The marks that code at a place left behind when it was evaluated before."""
    return [
        mark
        for mark in ls.marks.every(owner)
        if any(anchor.overlaps(place) for anchor in mark.anchors)
    ]


def _kind(outcome: Outcome) -> types.MessageType:
    if outcome.evaluation is None:
        return types.MessageType.Warning
    return types.MessageType.Error if outcome.status == "error" else types.MessageType.Info


def _line(outcome: Outcome) -> str:
    fault, code = outcome.fault, outcome.code
    if outcome.evaluation is None and fault is not None:
        return fault.message
    title = code.title if code is not None else ""
    if outcome.status == "interrupted":
        text = f"Interrupted: {title}"
    elif outcome.status == "error":
        text = said(fault) if fault is not None else f"Failed: {title}"
    elif code is not None and code.is_file:
        text = f"Loaded {title}"
    else:
        text = f"=> {outcome.values[-1]}" if outcome.values else f"Done: {title}"
    return _one_line(text) + _printed(outcome)


def _printed(outcome: Outcome) -> str:
    """The last line that the code printed: several editors show messages, but hide the log."""
    lines = (outcome.out or "").rstrip().rpartition("\n")
    return f" (printed: {_one_line(lines[2])})" if lines[2] and outcome.status == "done" else ""


def _one_line(text: str) -> str:
    return _cut(" ".join(text[: 8 * LINE_LIMIT].split()), LINE_LIMIT)


def _whole(outcome: Outcome) -> str:
    title = outcome.code.title if outcome.code is not None else ""
    parts = [f"{title} ({outcome.status})"]
    parts += [f"=> {value}" for value in outcome.values]
    if outcome.fault is not None:
        # What the server printed of it is in the log already.
        is_logged = bool(outcome.fault.detail) and outcome.fault.detail.strip() in outcome.err
        parts.append(
            said(outcome.fault) if is_logged else outcome.fault.detail or said(outcome.fault)
        )
    return _cut("\n".join(parts), LOG_LIMIT)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
