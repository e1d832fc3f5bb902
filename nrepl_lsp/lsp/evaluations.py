"""Evaluations that the user asked for: starting them, following them, and what they came to."""

import asyncio
import itertools
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

from nrepl_lsp.nrepl import (
    ConnectionLost,
    Evaluation,
    EvaluationResult,
    NeedInput,
    NreplError,
    Output,
    OutputCut,
    UnknownOp,
    Value,
)
from nrepl_lsp.repl.repl import Repl

from .code import Code
from .documents import path_of
from .faults import fault_of
from .results import Fault, Outcome, Status

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["ANSWER_WITHIN", "Evaluations", "Running"]

log = logging.getLogger(__name__)

#: Seconds after which a command answers `running`: Emacs is frozen until it is answered.
ANSWER_WITHIN = 0.4

#: Texts that were loaded and are known again.
LOADED_LIMIT = 1000

_NOTHING = EvaluationResult("done")


@dataclass(slots=True, eq=False)
class Running:
    """An evaluation under way. `evaluation` is None until it is sent, or queued to be sent."""

    id: str
    code: Code
    repl: Repl
    evaluation: Evaluation | None = None
    is_dropped: bool = False
    task: "asyncio.Task[Outcome] | None" = None
    cut: int = 0

    async def outcome(self, within: float | None) -> Outcome:
        """
        Wait for the end, at most `within` seconds; else what is known by then, as `running`.

        Cancelling interrupts the evaluation; what it then comes to is shown like every outcome.
        """
        assert self.task is not None
        try:
            await asyncio.wait({self.task}, timeout=within)
        except asyncio.CancelledError:
            self.stop()
            raise
        return self.task.result() if self.task.done() else self.so_far("running")

    def so_far(
        self, status: Status, result: EvaluationResult | None = None, fault: Fault | None = None
    ) -> Outcome:
        """What it has come to: the result, or what is known without one."""
        if result is None:
            result = self.evaluation.summary() if self.evaluation is not None else _NOTHING
        out, values = result.out, result.values
        if result.cut:
            out = f"{out}\n… {result.cut:,} more characters"
        if self.cut and values:
            values = (*values[:-1], f"{values[-1]}… {self.cut:,} more characters")
        return Outcome(
            status,
            evaluation=self.id,
            code=self.code,
            values=values,
            out=out,
            err=result.err,
            ns=result.ns,
            fault=fault,
        )

    def stop(self) -> None:
        """Have it interrupted, without waiting for the answer."""
        self.is_dropped = True
        if self.evaluation is not None:
            with suppress(NreplError):
                self.evaluation.session.stop(self.evaluation)

    async def interrupt(self) -> str:
        """Have it interrupted; the server's answer."""
        self.is_dropped = True
        if self.evaluation is None:
            return "interrupted"
        try:
            return await self.evaluation.interrupt()
        except NreplError as error:
            log.info("interrupt: %s", error)
            return "idle"


class Evaluations:
    """The evaluations that run or wait, by id; they are sent in the order of the commands."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        self._numbers = itertools.count(1)
        self._running: dict[str, Running] = {}
        self._order = asyncio.Lock()
        self._loaded: dict[int, str] = {}

    def running(self, repl: Repl | None = None) -> list[Running]:
        """Those that have not ended, oldest first; of one REPL if one is named."""
        return [one for one in self._running.values() if repl is None or one.repl is repl]

    def start(self, repl: Repl, code: Code) -> Running:
        """Send code when its turn comes."""
        running = Running(str(next(self._numbers)), code, repl)
        self._running[running.id] = running
        running.task = asyncio.create_task(self._run(running), name=f"eval {running.id}")
        return running

    def loaded_from(self, text: str) -> str | None:
        """The document whose text was loaded: nbb says of a definition the text, not the file."""
        return self._loaded.get(hash(text))

    async def interrupt(self, targets: list[Running]) -> str:
        """
        Stop evaluations, the queued ones first so that none of them starts in between.

        Returns the answer for the oldest: `interrupted`, `idle`, `unsupported`, `unanswered`.
        """
        answer = "idle"
        for running in reversed(targets):
            answer = await running.interrupt()
        return answer

    async def close(self) -> None:
        """End everything without showing it: the editor is gone."""
        for running in self.running():
            running.stop()
            if running.task is not None:
                running.task.cancel()
        tasks = [running.task for running in self.running() if running.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, running: Running) -> Outcome:
        try:
            outcome = await self._evaluate(running)
        except NreplError as error:
            outcome = self._failed(running, error)
        finally:
            self._running.pop(running.id, None)
        self._ls.output.flush()
        self._ls.results.show(outcome)
        return outcome

    async def _evaluate(self, running: Running) -> Outcome:
        code = running.code
        async with self._order:
            if not await self._is_loaded(running.repl, code):
                text = f"The namespace {code.ns} is not loaded: load its file (nrepl.loadFile)."
                return Outcome("error", fault=Fault(text))
            if running.is_dropped:
                return running.so_far("interrupted")
            # The connection may have gone while we asked; another program must not get the code.
            running.evaluation = evaluation = self._submit(running.repl, code)
        async for event in evaluation:
            if isinstance(event, Output):
                self._print(event)
            elif isinstance(event, OutputCut):
                self._ls.output.write(f"\n… {event.characters:,} more characters\n")
            elif isinstance(event, Value):
                running.cut += event.cut
            elif isinstance(event, NeedInput):
                self._end_input(running)
        result = await evaluation.result()
        running.repl.named_namespace(result.ns)
        if result.status != "error":
            return running.so_far(result.status, result)
        fault = await fault_of(code, result, self._ls.documents)
        return running.so_far("error", result, fault)

    async def _is_loaded(self, repl: Repl, code: Code) -> bool:
        if code.ns is None:
            return True
        known = await repl.loaded_namespace(code.ns, code.language.family)
        # A server that cannot list its namespaces has to judge itself.
        return known is not None or not repl.can_list_namespaces

    def _submit(self, repl: Repl, code: Code) -> Evaluation:
        settings = self._ls.settings
        path = path_of(code.uri) if code.uri is not None and code.snapshot is not None else None
        file = str(path) if path is not None else None
        if code.is_file and code.uri is not None:
            self._remember(code.text, code.uri)
        if code.is_file and _loads(repl, code):
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

    def _remember(self, text: str, uri: str) -> None:
        if len(self._loaded) >= LOADED_LIMIT:
            self._loaded.pop(next(iter(self._loaded)))
        self._loaded[hash(text)] = uri

    def _print(self, output: Output) -> None:
        self._ls.output.write(output.text)

    def _end_input(self, running: Running) -> None:
        """Nobody can type here yet: end of input lets the code go on instead of hanging."""
        try:
            running.repl.user.send_input("")
        except UnknownOp:
            return
        text = "The code reads standard input; it was given the end of input."
        self._ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))

    def _failed(self, running: Running, error: NreplError) -> Outcome:
        log.info("evaluation %s: %s", running.id, error)
        if running.evaluation is not None:
            text = "The connection was lost before the evaluation ended; it was not sent again."
            fault = Fault(text, type(error).__name__, detail=f"{text}\n{error}")
            return running.so_far("error", fault=fault)
        if isinstance(error, ConnectionLost):
            fault = Fault(self._ls.why_detached(running.code.uri))
            return Outcome("disconnected", fault=fault)
        return Outcome("error", fault=Fault(f"Not evaluated: {error}."))


def _loads(repl: Repl, code: Code) -> bool:
    """
    Whether the server's `load-file` takes the text for this language.

    Only Clojure's family agrees on what the op's `file` is; JeeJah and cl-nrepl want a path on the
    server, hy-nrepl 1.0.4 something of its own. The others get the text to evaluate.
    """
    return code.language.family == "clojure" and not repl.capabilities.lacks("load-file")
