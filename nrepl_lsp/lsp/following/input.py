"""
What the code is given when it reads standard input.

The editor's user is asked, by a plugin where one wants to; `nrepl.sendInput` answers as well, and
when nobody does the input ends after a while. Nothing is ever sent that was not asked for: a
session keeps what nobody reads and gives it to the next code that does. Programs that read the
terminal of their own server (babashka, Basilisp, nbb) ask nobody.
"""

import asyncio
import re
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from nrepl_lsp.nrepl import NreplError, Output

from ..documents import Place
from ..evaluating import interrupting
from ..evaluating.choices import choice
from ..evaluating.evaluations import ANSWER_WITHIN
from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..evaluating.watching import Watcher

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["END", "INTERRUPT", "LATER", "LINE", "NOTHING", "Input", "current_line", "input_of"]

#: What can be chosen when code reads input. The first is what a key chooses that was meant for the
#: text, where the question takes the focus (Kate): it sends nothing.
LATER = "Answer later"
LINE = "Send the current line"
NOTHING = "Send an empty line"
END = "End of input"
INTERRUPT = "Interrupt"

#: Characters kept of what was printed last, of the prompt that is made of them, and of as much of
#: it as fits into a message.
PRINTED_LIMIT = 400
PROMPT_LIMIT = 200
ASKED_LIMIT = 80
#: Characters of a line that was sent, in the message about it.
SENT_LIMIT = 60
#: Seconds after which the question may come. Eglot (Emacs 30) throws it away when the answer to the
#: command comes while it stands, and what the user types then goes into the source.
ASK_AFTER = ANSWER_WITHIN + 0.1
#: Reads that are given the end of input when nobody has answered one; the next is interrupted.
UNANSWERED_LIMIT = 20

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(slots=True, eq=False)
class _Read:
    """An evaluation whose code waits for input, and the task that asks the user for it."""

    running: Running
    task: "asyncio.Task[None] | None" = None


class Input(Watcher):
    """Asks for the input of evaluations: one question at a time for each of them."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        self._printed: dict[str, str] = {}
        self._reads: dict[str, _Read] = {}
        #: Lines that were given together and are not asked for yet.
        self._lines: dict[str, deque[str]] = {}
        #: How many reads got the end of input because nobody answered.
        self._unanswered: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def waiting(self) -> list[Running]:
        """The evaluations whose code waits for input, the longest waiting first."""
        return [read.running for read in self._reads.values()]

    def prompt(self, running: Running) -> str | None:
        """
        The last line with something on it that was printed since the last read, else nothing.

        None where the code does not wait for input.
        """
        if running.id not in self._reads:
            return None
        lines = _COLOURS.sub("", self._printed.get(running.id, "")).splitlines()
        return next((line[-PROMPT_LIMIT:] for line in reversed(lines) if line.strip()), "")

    def sent(self, running: Running) -> None:
        """Begin to keep what it prints: a prompt."""
        self._printed[running.id] = ""

    def printed(self, running: Running, output: Output) -> None:
        """Keep the end of it; what is printed after the evaluation's end is no prompt."""
        before = self._printed.get(running.id)
        if before is not None:
            self._printed[running.id] = (before + output.text[-PRINTED_LIMIT:])[-PRINTED_LIMIT:]

    def input_needed(self, running: Running) -> None:
        """Ask, unless the question stands already or nobody has answered the last one."""
        if running.id in self._reads:
            return
        if running.repl.capabilities.lacks("stdin"):
            self._ls.warn("The code reads input, but this server takes none: interrupt it.")
            return
        read = self._reads[running.id] = _Read(running)
        lines = self._lines.get(running.id)
        if lines and self._send(running, lines[0]) is None:
            lines.popleft()
            return
        if running.id in self._unanswered:
            self._go_on_without(running)
            return
        read.task = self._begin(self._ask(running))

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Forget it; an answer that comes now is sent to nobody."""
        self._printed.pop(running.id, None)
        self._unanswered.pop(running.id, None)
        self._lines.pop(running.id, None)
        read = self._reads.pop(running.id, None)
        if read is not None and read.task is not None:
            read.task.cancel()

    def close(self) -> None:
        """Ask nothing more: the editor is gone."""
        self._reads.clear()
        for task in tuple(self._tasks):
            task.cancel()
        interrupting.close(self._ls)

    def give(self, running: Running, text: str | None) -> str | None:
        """
        Give lines to code that waits for input; None is the end of input.

        The first is sent, the others when they are asked for: what the code does not read must not
        be read by the next. Returns why nothing was sent, as a sentence.
        """
        lines = deque(_lines(text)) if text is not None else deque([""])
        problem = self._send(running, lines.popleft())
        if problem is None:
            self._lines[running.id] = lines
        return problem

    def _send(self, running: Running, line: str) -> str | None:
        """Send a line, or the end of input; returns why not."""
        read = self._reads.get(running.id)
        evaluation = running.evaluation
        if read is None or evaluation is None or evaluation.session.running is not evaluation:
            return "The code does not wait for input any more."
        try:
            self._ls.evaluations.send_input(running, line)
        except NreplError as error:
            return f"The input was not sent: {error}."
        # What it reads next is asked for anew.
        del self._reads[running.id]
        self._printed[running.id] = ""
        if read.task is not None and read.task is not asyncio.current_task():
            read.task.cancel()
        return None

    async def _ask(self, running: Running) -> None:
        await asyncio.sleep(ASK_AFTER - (running.seconds or 0))
        timeout = self._ls.settings.input_timeout
        try:
            async with asyncio.timeout(timeout):
                await self._answer(running)
        except TimeoutError:
            text = f"No input came within {timeout:g} seconds; the code was given the end of it."
            self._ls.warn(text)
            self._go_on_without(running)

    async def _answer(self, running: Running) -> None:
        """Do what the user chooses; where that is nothing, leave it to `nrepl.sendInput`."""
        if self._ls.client.asks_for_input:
            await asyncio.Event().wait()
        prompt = (self.prompt(running) or "").strip()[-ASKED_LIMIT:]
        text = (
            f"The code reads input{': ' + prompt if prompt else ''} (nrepl.sendInput answers too)"
        )
        chosen = await choice(
            self._ls, types.MessageType.Info, text, (LATER, LINE, NOTHING, END, INTERRUPT)
        )
        problem = None
        if chosen == LINE:
            line = current_line(self._ls, self._ls.documents.last_place)
            problem = "There is no current line: no document is open."
            if line is not None:
                problem = self.give(running, line)
                if problem is None:
                    sent = line.strip()[:SENT_LIMIT]
                    self._ls.say(f"Sent “{sent}” as input.")
        elif chosen in (NOTHING, END):
            problem = self.give(running, "" if chosen == NOTHING else None)
        elif chosen == INTERRUPT:
            await self._interrupt(running)
        if problem is not None:
            self._ls.warn(problem)
        if running.id in self._reads:
            await asyncio.Event().wait()

    def _go_on_without(self, running: Running) -> None:
        """End the input of code that nobody answers, and of what it reads after that."""
        count = self._unanswered[running.id] = self._unanswered.get(running.id, 0) + 1
        if count <= UNANSWERED_LIMIT:
            self.give(running, None)
            return
        self._ls.warn("The code reads on after the end of its input: it is interrupted.")
        self._begin(self._interrupt(running))

    async def _interrupt(self, running: Running) -> None:
        await interrupting.interrupt_and_tell(self._ls, [running])

    def _begin(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def input_of(ls: "NreplLanguageServer") -> Input | None:
    """Who asks for the input of an editor's evaluations; None before there was one."""
    return ls.evaluations.watcher(Input)


def current_line(ls: "NreplLanguageServer", place: Place | None) -> str | None:
    """The selection at a place, else its line; None where no document is open."""
    snapshot = ls.documents.snapshot(place.uri) if place is not None else None
    if place is None or snapshot is None:
        return None
    start, end = (ls.documents.offset(snapshot, it) for it in (place.range.start, place.range.end))
    if abs(end - start) > 1:
        return snapshot.text[min(start, end) : max(start, end)]
    line = min(place.range.start.line, snapshot.lines.line_count - 1)
    return snapshot.lines.line_text(line).rstrip("\r\n")


def _lines(text: str) -> list[str]:
    """Text as whole lines, at least one; a line of no characters would be the end of input."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    return [f"{line}\n" for line in lines]
