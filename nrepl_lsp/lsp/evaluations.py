"""Evaluations that the user asked for: starting them, following them, and what they came to."""

import asyncio
import itertools
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from nrepl_lsp.nrepl import (
    Evaluation,
    EvaluationResult,
    NeedInput,
    NreplError,
    Output,
    UnknownOp,
)
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import form_at
from nrepl_lsp.source.lines import Lines
from nrepl_lsp.tooling import errors
from nrepl_lsp.tooling.values import ErrorPlace

from . import convert
from .documents import path_of
from .results import Fault, Outcome

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["ANSWER_WITHIN", "Code", "Evaluations", "Running"]

log = logging.getLogger(__name__)

#: Seconds after which a command answers `running`: Emacs is frozen until it is answered.
ANSWER_WITHIN = 0.4
#: Characters of a title.
TITLE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Code:
    """
    Code to be evaluated and where it stands.

    ns: the namespace to evaluate in, known to be loaded; None for the session's own.
    snapshot, start, end: where it was taken from; None for code that is in no document.
    is_file: the whole file is to be loaded, under its path.
    """

    text: str
    uri: str | None = None
    ns: str | None = None
    snapshot: Snapshot | None = None
    start: int = 0
    end: int = 0
    is_file: bool = False

    @property
    def title(self) -> str:
        """The code, or the file's name, in one short line."""
        if self.is_file and self.uri:
            return f"Load {self.uri.rpartition('/')[2]}"
        line = " ".join(self.text[: 4 * TITLE_LIMIT].split())
        return line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1] + "…"


@dataclass(slots=True, eq=False)
class Running:
    """An evaluation under way, and the outcome so far."""

    id: str
    code: Code
    repl: Repl
    evaluation: Evaluation
    task: "asyncio.Task[Outcome] | None" = None

    async def outcome(self, within: float | None) -> Outcome:
        """Wait for the end, at most `within` seconds; else what is known by then, as `running`.

        Cancelling interrupts the evaluation.
        """
        assert self.task is not None
        try:
            await asyncio.wait({self.task}, timeout=within)
        except asyncio.CancelledError:
            self.task.cancel()
            raise
        if self.task.done():
            return self.task.result()
        summary = self.evaluation.summary()
        return Outcome(
            self.id,
            self.code.title,
            "running",
            summary.values,
            summary.out,
            summary.err,
            summary.ns,
        )


class Evaluations:
    """The evaluations that run or wait, by id."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        self._numbers = itertools.count(1)
        self._running: dict[str, Running] = {}

    def running(self, repl: Repl | None = None) -> list[Running]:
        """Those that have not ended, oldest first; of one REPL if one is named."""
        return [one for one in self._running.values() if repl is None or one.repl is repl]

    def start(self, repl: Repl, code: Code) -> Running:
        """Send code, or queue it behind what runs. Raises `NreplError` on a lost connection."""
        evaluation = self._submit(repl, code)
        running = Running(str(next(self._numbers)), code, repl, evaluation)
        self._running[running.id] = running
        running.task = asyncio.create_task(self._follow(running), name=f"eval {running.id}")
        return running

    async def interrupt(self, targets: list[Running]) -> str:
        """
        Stop evaluations, the queued ones first so that none of them starts in between.

        Returns the answer for the one that ran: `interrupted`, `idle`, `unsupported`, `unanswered`.
        """
        answer = "idle"
        for running in reversed(targets):
            try:
                answer = await running.evaluation.interrupt()
            except NreplError as error:
                log.info("interrupt: %s", error)
                answer = "idle"
        return answer

    def _submit(self, repl: Repl, code: Code) -> Evaluation:
        settings = self._ls.settings
        path = path_of(code.uri) if code.uri else None
        file = str(path) if path is not None else None
        if code.is_file and repl.capabilities.lacks("load-file") is False and _loads(code):
            return repl.load_file(
                code.text,
                path=file,
                name=path.name if path is not None else None,
                on_late_output=self._print,
                output_limit=settings.evaluation_max_output,
                value_limit=settings.evaluation_max_value,
            )
        line, column = 0, 0
        if code.snapshot is not None:
            line, column = code.snapshot.lines.position(code.start, "utf-16")
        return repl.evaluate(
            code.text,
            ns=code.ns,
            file=file,
            line=line,
            column=column,
            on_late_output=self._print,
            output_limit=settings.evaluation_max_output,
            value_limit=settings.evaluation_max_value,
        )

    def _print(self, output: Output) -> None:
        self._ls.output.write(output.text)

    async def _follow(self, running: Running) -> Outcome:
        evaluation = running.evaluation
        try:
            async for event in evaluation:
                if isinstance(event, Output):
                    self._print(event)
                elif isinstance(event, NeedInput):
                    self._end_input(running)
            outcome = await self._outcome(running, await evaluation.result())
        except NreplError as error:
            outcome = self._lost(running, error)
        except asyncio.CancelledError:
            with suppress(NreplError):
                evaluation.session.stop(evaluation)
            raise
        finally:
            self._running.pop(running.id, None)
        self._ls.output.flush()
        self._ls.results.show(outcome, messages=self._ls.settings.results_show == "message")
        return outcome

    def _end_input(self, running: Running) -> None:
        """Nobody can type here yet: end of input lets the code go on instead of hanging."""
        try:
            running.repl.user.send_input("")
        except UnknownOp:
            return
        text = "The code reads standard input; it was given the end of input."
        self._ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))

    def _lost(self, running: Running, error: NreplError) -> Outcome:
        summary = running.evaluation.summary()
        message = "The connection was lost before the evaluation ended; it was not sent again."
        log.info("evaluation %s: %s", running.id, error)
        return Outcome(
            running.id,
            running.code.title,
            "error",
            summary.values,
            summary.out,
            summary.err,
            summary.ns,
            Fault(message, type(error).__name__, detail=f"{message}\n{error}"),
            running.code.uri,
            self._range(running.code),
        )

    async def _outcome(self, running: Running, result: EvaluationResult) -> Outcome:
        running.repl.named_namespace(result.ns)
        outcome = Outcome(
            running.id,
            running.code.title,
            result.status,
            result.values,
            result.out,
            result.err,
            result.ns,
            None,
            running.code.uri,
            self._range(running.code),
        )
        if result.status != "error":
            return outcome
        return replace(outcome, fault=await self._fault(running.code, result))

    async def _fault(self, code: Code, result: EvaluationResult) -> Fault:
        report = errors.report(result.err, result.ex, result.root_ex)
        if report is None:
            words = ", ".join(sorted(result.failure)) or "the evaluation failed"
            return Fault(words, None, code.uri, self._range(code), words)
        uri, place = await self._place(code, report.place)
        return Fault(report.message, report.class_name, uri, place, report.detail)

    async def _place(
        self, code: Code, place: ErrorPlace | None
    ) -> tuple[str | None, types.Range | None]:
        """The error's own position if it can be known, else the start of what was evaluated."""
        if place is not None and place.file and not _is_same_file(place.file, code.uri):
            path = Path(place.file)
            if place.line and path.is_absolute() and await asyncio.to_thread(path.is_file):
                position = types.Position(place.line - 1, 0)
                return convert.uri_of(path), types.Range(position, position)
            return code.uri, self._range(code)
        snapshot = code.snapshot
        if snapshot is None or place is None:
            return code.uri, self._range(code)
        first, _ = snapshot.lines.position(code.start, "utf-16")
        last, _ = snapshot.lines.position(code.end, "utf-16")
        line = place.line_within(first + 1, last - first + 1)
        if line is None:
            return code.uri, self._range(code)
        return code.uri, self._mark(snapshot, line - 1, place.column)

    def _mark(self, snapshot: Snapshot, line: int, column: int | None) -> types.Range:
        """From the position to the end of its form, on that line only."""
        lines = snapshot.lines
        text = lines.line_text(line)
        start = lines.offset(line, 0, "utf-16") + len(text) - len(text.lstrip())
        if column is not None and column >= 1:
            start = max(start, lines.offset(line, column - 1, "utf-16"))
        line_end = lines.offset(line, 0, "utf-16") + len(text.rstrip())
        form = form_at(snapshot, min(start + 1, line_end))
        end = line_end if form is None or form.start != start else min(form.end, line_end)
        return self._ls.documents.range(snapshot, start, max(end, start))

    def _range(self, code: Code) -> types.Range | None:
        """The first line of what was evaluated."""
        if code.snapshot is None:
            return None
        end = min(code.end, code.start + len(_first_line(code.snapshot.lines, code.start)))
        return self._ls.documents.range(code.snapshot, code.start, max(end, code.start))


def _first_line(lines: Lines, start: int) -> str:
    line, column = lines.position(start, "utf-32")
    return lines.line_text(line)[column:].rstrip()


def _loads(code: Code) -> bool:
    """
    Whether `load-file` takes the text for this language.

    Only Clojure's family agrees on what the op's `file` is; JeeJah and cl-nrepl want a path on the
    server, hy-nrepl 1.0.4 something of its own. The others get the text to evaluate.
    """
    return code.snapshot is None or code.snapshot.language.family == "clojure"


def _is_same_file(file: str, uri: str | None) -> bool:
    """Whether an error names the file that was sent: by path, or by its short name alone."""
    path = path_of(uri) if uri else None
    if path is None:
        return True
    named = Path(file)
    return named == path or (not named.is_absolute() and str(path).endswith(str(named)))
