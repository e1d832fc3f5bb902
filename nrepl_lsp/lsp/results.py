"""
How the outcome of an evaluation is shown.

The seam for richer displays: `Results.show` gets every outcome. For now: a line in
`window/showMessage`, the whole in `window/logMessage`, errors as a diagnostic at their place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from lsprotocol import types

__all__ = ["Fault", "Outcome", "Results"]

#: Characters of the one line that is shown as a message.
LINE_LIMIT = 120
#: Characters of one log message.
LOG_LIMIT = 64 * 1024
#: Diagnostics kept per document.
DIAGNOSTICS_LIMIT = 100

Status = Literal["done", "error", "interrupted", "running", "disconnected"]


@dataclass(frozen=True, slots=True)
class Fault:
    """
    What went wrong, and where: a place in a document, or none.

    range is in the editor's units. detail: the whole text the server sent.
    """

    message: str
    class_name: str | None = None
    uri: str | None = None
    range: types.Range | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What an evaluation came to, or has come to so far (`running`).

    uri and range: the code that was evaluated; None for code that is in no document.
    """

    evaluation: str
    title: str
    status: Status
    values: tuple[str, ...] = ()
    out: str = ""
    err: str = ""
    ns: str | None = None
    fault: Fault | None = None
    uri: str | None = None
    range: types.Range | None = None

    def reply(self) -> dict[str, Any]:
        """The outcome as a command answers it (docs/commands.md)."""
        fault = self.fault
        return {
            "status": self.status,
            "values": list(self.values),
            "out": self.out,
            "err": self.err,
            "ns": self.ns,
            "error": _fault_reply(fault) if fault is not None else None,
            "evaluation": self.evaluation,
        }


class Results:
    """Shows outcomes and keeps the diagnostics that they left."""

    def __init__(
        self,
        *,
        show_message: Callable[[types.ShowMessageParams], None],
        log_message: Callable[[types.LogMessageParams], None],
        publish: Callable[[types.PublishDiagnosticsParams], None],
    ) -> None:
        self._show_message = show_message
        self._log_message = log_message
        self._publish = publish
        self._diagnostics: dict[str, list[types.Diagnostic]] = {}

    def show(self, outcome: Outcome, *, messages: bool) -> None:
        """Show an outcome at its end; `messages` is the user's `nrepl.results.show`."""
        if outcome.uri is not None and outcome.range is not None:
            self._clear(outcome.uri, outcome.range)
        fault = outcome.fault
        if outcome.status == "error" and fault is not None and fault.uri and fault.range:
            self._add(fault)
        if not messages:
            return
        kind = types.MessageType.Error if outcome.status == "error" else types.MessageType.Info
        self._show_message(types.ShowMessageParams(kind, _line(outcome)))
        self._log_message(types.LogMessageParams(kind, _whole(outcome)[:LOG_LIMIT]))

    def forget_from(self, uri: str, line: int) -> None:
        """Drop the diagnostics that an edit at this line has moved or made untrue."""
        kept = [mark for mark in self._diagnostics.get(uri, ()) if mark.range.end.line < line]
        self._replace(uri, kept)

    def _clear(self, uri: str, where: types.Range) -> None:
        kept = [
            mark
            for mark in self._diagnostics.get(uri, ())
            if mark.range.start.line > where.end.line or mark.range.end.line < where.start.line
        ]
        self._replace(uri, kept)

    def _add(self, fault: Fault) -> None:
        assert fault.uri is not None
        assert fault.range is not None
        mark = types.Diagnostic(
            range=fault.range,
            message=fault.message,
            severity=types.DiagnosticSeverity.Error,
            source="nREPL",
            code=fault.class_name,
        )
        marks = [*self._diagnostics.get(fault.uri, ()), mark][-DIAGNOSTICS_LIMIT:]
        self._replace(fault.uri, marks)

    def _replace(self, uri: str, marks: list[types.Diagnostic]) -> None:
        if marks == self._diagnostics.get(uri, []):
            return
        if marks:
            self._diagnostics[uri] = marks
        else:
            self._diagnostics.pop(uri, None)
        self._publish(types.PublishDiagnosticsParams(uri, marks))


def _fault_reply(fault: Fault) -> dict[str, Any]:
    place = fault.range
    return {
        "message": fault.message,
        "class": fault.class_name,
        "uri": fault.uri,
        "range": {
            "start": {"line": place.start.line, "character": place.start.character},
            "end": {"line": place.end.line, "character": place.end.character},
        }
        if place is not None
        else None,
    }


def _line(outcome: Outcome) -> str:
    if outcome.status == "interrupted":
        return f"Interrupted: {outcome.title}"
    if outcome.status == "error":
        text = outcome.fault.message if outcome.fault else "the evaluation failed"
    else:
        text = f"=> {outcome.values[-1]}" if outcome.values else f"Done: {outcome.title}"
    text = " ".join(text.split())
    return text if len(text) <= LINE_LIMIT else text[: LINE_LIMIT - 1] + "…"


def _whole(outcome: Outcome) -> str:
    parts = [f"{outcome.title} ({outcome.status})"]
    parts += [f"=> {value}" for value in outcome.values]
    if outcome.fault is not None:
        parts.append(outcome.fault.detail or outcome.fault.message)
    return "\n".join(parts)
