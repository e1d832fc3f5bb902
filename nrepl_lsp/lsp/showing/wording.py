"""Outcomes in words: beside their code, in one line, and whole."""

from lsprotocol import types

from ..evaluating.outcomes import Outcome
from .columns import cut_to, width_of
from .errors import said
from .short_form import one_line, short_form

__all__ = ["LINE_LIMIT", "LINE_WIDTH", "beside", "in_one_line", "kind_of", "time_taken", "whole"]

#: Columns of a value where the user has not chosen. Neovim asks for a key when a message does not
#: fit into its last line, and writes a name before it.
LINE_WIDTH = 60
#: Columns of a message about something else than a value.
LINE_LIMIT = 120
#: Characters of one log message.
LOG_LIMIT = 64 * 1024
#: Columns that are worth filling with what was printed.
LEAST_PRINTED = 18


def beside(outcome: Outcome, width: int) -> str:
    """What stands beside the code: its value, `=> 3`, or its error."""
    if outcome.status == "error":
        text = said(outcome.fault) if outcome.fault is not None else "failed"
        return cut_to(f"✗ {one_line(text[: 8 * LINE_LIMIT])}", width)
    return _with_printed(_value(outcome, width), outcome, width)


def in_one_line(outcome: Outcome, width: int) -> str:
    """What a message says of an outcome. width: columns of a value."""
    fault, code = outcome.fault, outcome.code
    if outcome.evaluation is None and fault is not None:
        return fault.message
    title = one_line(code.title) if code is not None else ""
    if outcome.status == "interrupted":
        return f"Interrupted: {title}"
    if outcome.status == "error":
        text = said(fault) if fault is not None else f"Failed: {title}"
        return cut_to(one_line(text[: 8 * LINE_LIMIT]), LINE_LIMIT)
    if code is not None and code.is_file:
        return _with_printed(f"Loaded {title}", outcome, LINE_LIMIT)
    if not outcome.values:
        return _with_printed(f"Done: {title}", outcome, LINE_LIMIT)
    return _with_printed(_value(outcome, width), outcome, LINE_LIMIT)


def whole(outcome: Outcome) -> str:
    """All of it, for the log."""
    title = outcome.code.title if outcome.code is not None else ""
    parts = [f"{title} ({outcome.status})"]
    parts += [f"=> {value}" for value in outcome.values]
    fault = outcome.fault
    if fault is not None:
        # What the server printed of it is in the log already.
        is_logged = bool(fault.detail) and fault.detail.strip() in outcome.err
        parts.append(said(fault) if is_logged else fault.detail or said(fault))
    text = "\n".join(parts)
    return text if len(text) <= LOG_LIMIT else text[: LOG_LIMIT - 1] + "…"


def kind_of(outcome: Outcome) -> types.MessageType:
    """How serious it is."""
    if outcome.evaluation is None:
        return types.MessageType.Warning
    return types.MessageType.Error if outcome.status == "error" else types.MessageType.Info


def time_taken(seconds: float) -> str:
    """`2 ms`, `1.4 s`, `2 min 5 s`."""
    if seconds < 0.9995:
        return f"{max(1, round(1000 * seconds))} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    return f"{round(seconds) // 60} min {round(seconds) % 60} s"


def _value(outcome: Outcome, width: int) -> str:
    # Python's None is printed as nothing by some servers.
    value = outcome.values[-1] if outcome.values else ""
    count = f" (of {len(outcome.values)} values)" if len(outcome.values) > 1 else ""
    return f"=> {short_form(value, max(10, width - 3 - len(count))) or '(no value)'}{count}"


def _with_printed(text: str, outcome: Outcome, width: int) -> str:
    """With the last line that was printed, where there is room: many editors hide the log."""
    last = outcome.out[-8 * LINE_LIMIT :].rstrip().rpartition("\n")[2]
    room = width - width_of(text) - len(" (printed: )")
    if outcome.status != "done" or not last.strip():
        return text
    said_last = one_line(last)
    if room < LEAST_PRINTED and width_of(said_last) > room:
        return text
    return f"{text} (printed: {cut_to(said_last, room)})"
