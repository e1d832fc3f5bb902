"""
How the outcome of an evaluation is shown.

The seam for richer displays: `Results.show` gets every outcome. For now: a line in
`window/showMessage`, the whole in `window/logMessage`, errors as a diagnostic at their place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from lsprotocol import types

from ..documents import DocumentStore
from .code import Code

__all__ = ["Fault", "Outcome", "Results", "Status"]

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

    evaluation: None when nothing was evaluated; then `fault` says why, and so what to do.
    """

    status: Status
    evaluation: str | None = None
    code: Code | None = None
    values: tuple[str, ...] = ()
    out: str = ""
    err: str = ""
    ns: str | None = None
    fault: Fault | None = None

    def reply(self) -> dict[str, Any]:
        """The outcome as a command answers it (docs/commands.md)."""
        return {
            "status": self.status,
            "values": list(self.values),
            "out": self.out,
            "err": self.err,
            "ns": self.ns,
            "error": _fault_reply(self.fault) if self.fault is not None else None,
            "evaluation": self.evaluation,
        }


@dataclass(frozen=True, slots=True)
class _Mark:
    """A diagnostic, and the document and lines of the code that it came from."""

    diagnostic: types.Diagnostic
    origin: str | None
    origin_lines: tuple[int, int] | None

    @property
    def lines(self) -> tuple[int, int]:
        return self.diagnostic.range.start.line, self.diagnostic.range.end.line


class Results:
    """
    Shows outcomes and keeps the diagnostics that they left.

    messages: whether outcomes are told at all; the user's `nrepl.results.show`.
    """

    def __init__(
        self,
        *,
        documents: DocumentStore,
        show_message: Callable[[types.ShowMessageParams], None],
        log_message: Callable[[types.LogMessageParams], None],
        publish: Callable[[types.PublishDiagnosticsParams], None],
    ) -> None:
        self.messages = True
        self._documents = documents
        self._show_message = show_message
        self._log_message = log_message
        self._publish = publish
        self._marks: dict[str, list[_Mark]] = {}

    def show(self, outcome: Outcome) -> None:
        """Show an outcome at its end, or why there is none."""
        code, fault = outcome.code, outcome.fault
        if code is not None:
            self._forget(code)
            if outcome.status == "error" and fault is not None and fault.uri and fault.range:
                self._mark(fault.uri, fault.range, fault, code)
        if not self.messages:
            return
        kind = _kind(outcome)
        self._show_message(types.ShowMessageParams(kind, _line(outcome)))
        if outcome.evaluation is not None:
            self._log_message(types.LogMessageParams(kind, _whole(outcome)))

    def forget_from(self, uri: str, line: int) -> None:
        """Drop the diagnostics that an edit at this line has moved or made untrue."""
        kept = [
            mark
            for mark in self._marks.get(uri, ())
            if mark.lines[1] < line
            and (mark.origin != uri or not mark.origin_lines or mark.origin_lines[1] < line)
        ]
        self._keep(uri, kept)

    def _forget(self, code: Code) -> None:
        """Drop what code left behind when it, or what it stands in, was evaluated before."""
        where = code.range(self._documents.encoding)
        if code.uri is None or where is None:
            return

        def is_replaced(uri: str, mark: _Mark) -> bool:
            if uri != code.uri:
                return mark.origin == code.uri
            is_from_here = mark.origin == uri and _overlap(mark.origin_lines, where)
            return is_from_here or _overlap(mark.lines, where)

        for uri, marks in tuple(self._marks.items()):
            self._keep(uri, [mark for mark in marks if not is_replaced(uri, mark)])

    def _mark(self, uri: str, place: types.Range, fault: Fault, code: Code) -> None:
        diagnostic = types.Diagnostic(
            range=place,
            message=_said(fault),
            severity=types.DiagnosticSeverity.Error,
            source="nREPL",
            code=fault.class_name,
        )
        mark = _Mark(diagnostic, code.uri, code.lines() if code.snapshot else None)
        marks = [*self._marks.get(uri, ()), mark]
        self._keep(uri, marks[-DIAGNOSTICS_LIMIT:])

    def _keep(self, uri: str, marks: list[_Mark]) -> None:
        if marks == self._marks.get(uri, []):
            return
        if marks:
            self._marks[uri] = marks
        else:
            self._marks.pop(uri, None)
        diagnostics = [mark.diagnostic for mark in marks]
        self._publish(types.PublishDiagnosticsParams(uri, diagnostics))


def _overlap(lines: tuple[int, int] | None, where: types.Range) -> bool:
    return lines is not None and lines[0] <= where.end.line and lines[1] >= where.start.line


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
        text = _said(fault) if fault is not None else f"Failed: {title}"
    elif code is not None and code.is_file:
        text = f"Loaded {title}"
    else:
        text = f"=> {outcome.values[-1]}" if outcome.values else f"Done: {title}"
    return _one_line(text) + _printed(outcome)


def _said(fault: Fault) -> str:
    """The message; a word or two are a riddle without the class: `KeyError: 'height'`."""
    short = (fault.class_name or "").rpartition(".")[2]
    is_riddle = len(fault.message.split()) < 3 and short not in fault.message
    return f"{short}: {fault.message}" if is_riddle else fault.message


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
            _said(outcome.fault) if is_logged else outcome.fault.detail or _said(outcome.fault)
        )
    return _cut("\n".join(parts), LOG_LIMIT)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
