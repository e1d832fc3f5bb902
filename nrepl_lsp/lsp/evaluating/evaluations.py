"""Evaluations that the user asked for: starting them, following them, and what they came to."""

import asyncio
import itertools
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from nrepl_lsp.nrepl import (
    ConnectionLost,
    Evaluation,
    NeedInput,
    NreplError,
    Output,
    OutputCut,
    Value,
)
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.session_ops import start_op

from ..documents import path_of
from ..locating.evaluated_forms import EvaluatedForms
from .code import Code
from .outcomes import Fault, Outcome, not_known_as_loaded, not_loaded
from .planning import Plans
from .running import Running
from .watching import Watcher

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["ANSWER_WITHIN", "NOT_EXCHANGED", "Evaluations"]

Watching = TypeVar("Watching", bound=Watcher)

log = logging.getLogger(__name__)

#: Seconds after which a command answers `running`: Emacs is frozen until it is answered.
ANSWER_WITHIN = 0.4

NOT_EXCHANGED = "Not sent, because the session it was for has not come: evaluate it again."

#: Texts that were loaded and are known again.
LOADED_LIMIT = 1000


class Evaluations:
    """The evaluations that run or wait, by id; they are sent in the order of the commands."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        self._numbers = itertools.count(1)
        self._running: dict[str, Running] = {}
        #: One per REPL that evaluates, so that a server that answers nothing holds up no other.
        self._turns: dict[Repl, asyncio.Lock] = {}
        self._loaded: dict[int, str] = {}
        self._watchers: tuple[Watcher, ...] | None = None
        self._is_closed = False
        self._instead: dict[Repl, Repl] = {}
        #: What was evaluated, for definitions that are in no file.
        self.forms = EvaluatedForms()
        self.plans = Plans()

    def running(self, repl: Repl | None = None) -> list[Running]:
        """Those that have not ended, oldest first; of one REPL if one is named."""
        return [one for one in self._running.values() if repl is None or one.repl is repl]

    def belonging_to(self, repl: Repl) -> list[Running]:
        """Those that run or wait in a REPL's session, without what waits for the next session."""
        return [one for one in self.running(repl) if one.awaits is None]

    def exchange_of(self, repl: Repl) -> "asyncio.Task[Repl] | None":
        """The exchange of a REPL's session for another, while it is under way."""
        supervisors = self._ls.routing.supervisors
        return next((one.exchange for one in supervisors if one.repl is repl), None)

    def watcher(self, kind: type[Watching]) -> Watching | None:
        """One of those who follow the evaluations; None before there was one."""
        found = (one for one in self._watchers or () if isinstance(one, kind))
        return next(found, None)

    def follow(self, old: Repl, new: Repl) -> None:
        """Have what waits for another session run in it: it is there."""
        for running in self.running(old):
            if running.awaits is not None:
                running.repl, running.awaits = new, None

    @contextmanager
    def in_place_of(self, old: Repl, new: Repl) -> Iterator[None]:
        """Have what is started meanwhile for the old REPL run in the new one."""
        self._instead[old] = new
        try:
            yield
        finally:
            del self._instead[old]

    def start(
        self,
        repl: Repl,
        code: Code,
        *,
        is_quiet: bool = False,
        is_silent: bool = False,
        extra: Mapping[str, Any] | None = None,
    ) -> Running:
        """
        Send code when its turn comes; while the session is being exchanged, to the other one.

        is_quiet: its value is shown by whoever starts it; is_silent: its failure too. extra: more
        parameters of `eval`.
        """
        number, repl = str(next(self._numbers)), self._instead.get(repl, repl)
        running = Running(
            number, code, repl, is_quiet=is_quiet, is_silent=is_silent, extra=extra or {}
        )
        running.awaits = self.exchange_of(repl)
        self._running[running.id] = running
        # Who waited for something else (a buffer before it) may come when the editor is gone.
        running.is_dropped = self._is_closed
        self._tell("queued", running)
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

    def send_input(self, running: Running, text: str) -> None:
        """
        Give a line to code that reads standard input; an empty text is the end of input.

        Raises `NreplError` when it cannot be sent, or while the code is being interrupted.
        """
        running.repl.user.send_input(text, running.evaluation)
        self._tell("input_given", running)

    async def close(self) -> None:
        """End everything without showing it, and begin nothing more: the editor is gone."""
        self._is_closed = True
        watchers, self._watchers = self._watchers or (), ()
        for watcher in watchers:
            watcher.close()
        for running in self.running():
            if running.evaluation is not None:
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
            if not self.running(running.repl):
                self._turns.pop(running.repl, None)
        self._tell("ended", running, outcome)
        return outcome

    async def _evaluate(self, running: Running) -> Outcome:
        code, repl = running.code, running.repl
        evaluation = await self._take_turn(running)
        if isinstance(evaluation, Outcome):
            return evaluation
        async for event in evaluation:
            if isinstance(event, Output):
                self._tell("printed", running, event)
            elif isinstance(event, OutputCut):
                note = f"\n… {event.characters:,} more characters\n"
                self._tell("printed", running, Output("out", note))
            elif isinstance(event, Value):
                note = f"… {event.cut:,} more characters" if event.cut else ""
                running.values.append(event.text + note)
            elif isinstance(event, NeedInput):
                self._tell("input_needed", running)
        result = await evaluation.result()
        running.ended_at = time.monotonic()
        repl.named_namespace(result.ns)
        if result.status == "done" and not code.called:
            # nREPL's answer to `load-file` names none.
            repl.named_namespace(code.declared_namespace)
            self.forms.note(repl, code, result.ns)
        if result.status != "error":
            return running.so_far(result.status, result)
        from .faults import fault_of  # Reading errors is not for the start.

        mappings = self._ls.settings.path_mappings
        fault = await fault_of(code, result, self._ls.documents, mappings)
        return running.so_far("error", result, fault)

    async def _take_turn(self, running: Running) -> Evaluation | Outcome:
        """Send or queue the code when its turn comes; else what it came to without that."""
        if running.is_dropped:
            return running.so_far("interrupted")
        running.is_waiting = True
        try:
            if running.awaits is not None:
                await asyncio.wait({running.awaits})
            if running.awaits is not None:
                return self._not_exchanged(running)
            async with self._turns.setdefault(running.repl, asyncio.Lock()):
                if not await self._is_loaded(running.repl, running.code):
                    return Outcome("error", fault=Fault(self._why_refused(running)))
                # The connection may have gone meanwhile, or the session be another; neither another
                # program nor a session that was left must get the code.
                if all(one.repl is not running.repl for one in self._ls.routing.supervisors):
                    raise ConnectionLost("the session is not in use any more")
                running.evaluation = self._submit(running)
                running.was_sent()
                self._tell("sent", running)
                return running.evaluation
        except asyncio.CancelledError:
            if not running.is_dropped:
                raise
            return running.so_far("interrupted")
        finally:
            running.is_waiting = False

    async def _is_loaded(self, repl: Repl, code: Code) -> bool:
        """Whether the program has the namespace, or gets it from what was sent before."""
        # Noted first: what ends while we ask may have come too late for the answer.
        earlier = [one.task for one in self.running(repl) if one.task and one.evaluation]
        if code.ns is None or await repl.loaded_namespace(code.ns, code.language.family):
            return True
        if not earlier:
            return False
        await asyncio.wait(earlier)
        return await repl.loaded_namespace(code.ns, code.language.family) is not None

    def _why_refused(self, running: Running) -> str:
        ns = running.code.ns
        if running.repl.can_list_namespaces:
            return not_loaded(ns)
        why = "" if self._ls.settings.snippets else " with nrepl.snippets switched off"
        return not_known_as_loaded(ns, why)

    def _submit(self, running: Running) -> Evaluation:
        repl, code, settings = running.repl, running.code, self._ls.settings
        # The connection knows it long after the end: it must not keep the text and the result.
        shell = Running(running.id, Code("", code.language, code.uri, called=code.title), repl)

        def printed_late(output: Output) -> None:
            self._tell("printed", shell, output)

        if code.op is not None:
            return start_op(repl, code.op, on_late_output=printed_late)
        path = path_of(code.uri) if code.uri is not None and code.snapshot is not None else None
        file = str(path) if path is not None else None
        if code.is_file and code.uri is not None:
            self._remember(code.text, code.uri)
        if code.is_file and _loads(repl, code):
            return repl.load_file(
                code.text,
                path=file,
                name=path.name if path is not None else None,
                on_late_output=printed_late,
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
            on_late_output=printed_late,
            output_limit=settings.evaluation_max_output,
            value_limit=settings.evaluation_max_value,
            extra=running.extra,
        )

    def _remember(self, text: str, uri: str) -> None:
        if len(self._loaded) >= LOADED_LIMIT:
            self._loaded.pop(next(iter(self._loaded)))
        self._loaded[hash(text)] = uri

    def _tell(self, what: str, running: Running, *more: Any) -> None:
        """Tell all watchers; none of them can end an evaluation."""
        if self._watchers is None:
            # Most of what shows something; nothing was evaluated before.
            from ..following.watchers import watchers_of

            self._watchers = watchers_of(self._ls)
        for watcher in self._watchers:
            try:
                getattr(watcher, what)(running, *more)
            except Exception:
                log.exception("%s of %s", what, type(watcher).__name__)

    def _not_exchanged(self, running: Running) -> Outcome:
        if self._ls.repl_for(running.code.uri) is None:
            return Outcome("disconnected", fault=Fault(self._ls.why_detached(running.code.uri)))
        return Outcome("error", fault=Fault(NOT_EXCHANGED))

    def _failed(self, running: Running, error: NreplError) -> Outcome:
        log.info("evaluation %s: %s", running.id, error)
        evaluation = running.evaluation
        if evaluation is not None and evaluation.id is not None:
            text = "The connection was lost before the evaluation ended; it was not sent again."
            fault = Fault(text, type(error).__name__, detail=f"{text}\n{error}")
            return running.so_far("error", fault=fault)
        if not isinstance(error, ConnectionLost):
            return Outcome("error", fault=Fault(f"Not evaluated: {error}."))
        text = f"Never sent, because the connection was lost: {running.code.title}"
        if evaluation is None and self._ls.repl_for(running.code.uri) is not None:
            text = "Not sent, because the session has changed: evaluate it again."
        elif evaluation is None:
            text = self._ls.why_detached(running.code.uri)
        return Outcome("disconnected", fault=Fault(text))


def _loads(repl: Repl, code: Code) -> bool:
    """
    Whether the server's `load-file` takes the text for this language.

    Only Clojure's family agrees on what the op's `file` is; JeeJah and cl-nrepl want a path on the
    server, hy-nrepl 1.0.4 something of its own. The others get the text to evaluate.
    """
    return code.language.family == "clojure" and not repl.capabilities.lacks("load-file")
