"""
The transcripts: for each program a file with everything that was evaluated in it, as it happens.

    ;; #7 2026-11-21 14:46:19 demo /home/me/demo/src/demo.clj:12:3
    (area 3)
    what it printed
    => 9
    ;; #7 done after 3 ms

Lines that begin with `;; #` are ours. What is printed stands below the evaluation that printed it;
where another has come in between, a line says whose it is. Evaluations whose value is not shown are
written down as well: this is the record of what the program was given.
"""

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nrepl_lsp.nrepl import Output
from nrepl_lsp.repl.repl import Repl

from ..documents import path_of
from ..evaluating.code import Code
from ..evaluating.outcomes import Fault, Outcome
from ..evaluating.running import Running
from .transcript_file import TranscriptFile
from .turns import Following

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Transcripts", "path_for", "transcripts_of"]

#: Characters kept of the code of one evaluation, of its values together, and of an error's text.
CODE_LIMIT = 4000
VALUES_LIMIT = 64 * 1024
FAULT_LIMIT = 16 * 1024
#: Characters kept of code that was never sent: it may be one of hundreds.
UNSENT_LIMIT = 200
#: Programs whose files are remembered; of more, those first known are forgotten.
FILES_LIMIT = 16
#: What our own lines begin with.
MARK = ";; #"

_UNFIT = re.compile(r"[^\w.-]+")


def transcripts_of(ls: "NreplLanguageServer") -> "Transcripts | None":
    """Who writes the transcripts; None while nothing was evaluated."""
    return ls.evaluations.watcher(Transcripts)


def path_for(folder: Path, root: Path | None, address: object) -> Path:
    """
    The file of a project's program.

    It ends in `.log`: with a language's extension, servers for that language would read it.
    """
    place = _UNFIT.sub("-", str(address).partition(":")[2]).strip("-.")
    if root is None:
        return folder / f"nrepl-{place[-60:]}.log"
    # Two projects may have folders of one name.
    digest = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:6]
    name = _UNFIT.sub("-", root.name).strip("-.") or "project"
    return folder / f"{name[:40]}-{place[-60:]}-{digest}.log"


class _Transcript:
    """One program's file, and whose text is at its end."""

    def __init__(self, file: TranscriptFile, root: Path | None) -> None:
        self.file = file
        self.root = root
        self.last: str | None = None
        self.is_line_begun = False

    def add(self, text: str) -> None:
        if text:
            self.file.write(text)
            self.is_line_begun = not text.endswith("\n")

    def line(self, text: str) -> None:
        """Lines of their own."""
        self.add(f"{_line_end(self.is_line_begun)}{text}\n")

    def entry(self, number: str, text: str) -> None:
        self.line(f"\n{text}")
        self.last = number


def _line_end(is_begun: bool) -> str:
    return "\n" if is_begun else ""


class Transcripts(Following):
    """Writes the transcripts of all programs."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        super().__init__()
        self._ls = ls
        self._of_repl: dict[Repl, _Transcript] = {}
        #: Evaluations that have an entry and have not ended.
        self._open: dict[str, Running] = {}

    def file_of(self, repl: Repl | None, root: Path | None) -> TranscriptFile | None:
        """The file of a program; of one that is gone, the last that its project had."""
        found = self._of_repl.get(repl) if repl is not None else None
        if found is not None:
            return found.file
        # A new session has not written anything yet; its program has.
        of_root = [one for one in self._of_repl.values() if one.root == root]
        return of_root[-1].file if of_root else None

    def queued(self, running: Running) -> None:
        """Find its file while its project is known: a lost program has none."""
        self._transcript(running.repl)

    def begun(self, running: Running) -> None:
        """Write down what the program has been given."""
        self._open[running.id] = running
        self._transcript(running.repl).entry(running.id, _head(running))

    def printed(self, running: Running, output: Output) -> None:
        """Write it below its evaluation, or say whose it is."""
        super().printed(running, output)
        transcript = self._transcript(running.repl)
        if transcript.last != running.id:
            late = " after its end" if running.id not in self._open else ""
            transcript.entry(running.id, f"{MARK}{running.id} printed{late}:")
        transcript.add(output.text)

    def input_needed(self, running: Running) -> None:
        """Say so: from here on it waits for a person."""
        super().input_needed(running)
        self._note(running, "waits for input")

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Write down what it came to."""
        transcript = self._transcript(running.repl)
        evaluation = running.evaluation
        was_sent = evaluation is not None and evaluation.id is not None
        if was_sent:
            self._begin(running)
        # What code of ours or an inspector comes to is data for us, not for people.
        values = () if running.code.called or running.extra else outcome.values
        texts = [*_values(values), *_fault(outcome.fault, outcome.err)]
        if self._open.pop(running.id, None) is None:
            transcript.entry(running.id, _head(running, code_limit=UNSENT_LIMIT))
        elif transcript.last != running.id and texts:
            transcript.entry(running.id, f"{MARK}{running.id} has ended:")
        for text in texts:
            transcript.line(text)
        transcript.line(f"{MARK}{running.id} {_end(outcome, was_sent=was_sent)}")
        super().ended(running, outcome)

    def close(self) -> None:
        """Say what is not known, and write the rest."""
        super().close()
        for running in self._open.values():
            self._note(running, "was running when the editor went")
        self._open.clear()
        for transcript in self._of_repl.values():
            transcript.file.close()

    def _note(self, running: Running, text: str) -> None:
        self._transcript(running.repl).line(f"{MARK}{running.id} {text}")

    def _transcript(self, repl: Repl) -> _Transcript:
        found = self._of_repl.get(repl)
        if found is None:
            supervisors = self._ls.routing.supervisors
            root = next((one.root for one in supervisors if one.repl is repl), None)
            path = path_for(self._ls.cache / "transcripts", root, repl.address)
            # Attached to the same program again: one file has one writer.
            known = next((one for one in self._of_repl.values() if one.file.path == path), None)
            size = self._ls.settings.transcript_size
            found = known or _Transcript(TranscriptFile(path, size, MARK), root)
            if len(self._of_repl) >= FILES_LIMIT:
                self._of_repl.pop(next(iter(self._of_repl)))
            self._of_repl[repl] = found
        found.file.limit = self._ls.settings.transcript_size
        return found


def _head(running: Running, code_limit: int = CODE_LIMIT) -> str:
    code = running.code
    at = (running.at or datetime.now().astimezone()).strftime("%Y-%m-%d %H:%M:%S")
    parts = [f"{MARK}{running.id}", at, code.ns or "", _place(code)]
    if code.is_file:
        what = f"{MARK}{running.id} loads {code.title}"
    else:
        what = code.called or _cut(code.text, code_limit)
    return " ".join(filter(None, parts)) + "\n" + what.rstrip("\n")


def _place(code: Code) -> str:
    """`/path/demo.clj:12:3`, as compilers say it: editors jump there."""
    if code.uri is None:
        return ""
    path = path_of(code.uri)
    name = str(path) if path is not None else code.uri
    if code.snapshot is None:
        return name
    line, column = code.snapshot.lines.position(code.start, "utf-32")
    return f"{name}:{line + 1}:{column + 1}"


def _values(values: tuple[str, ...]) -> list[str]:
    found, left = [], VALUES_LIMIT
    for index, value in enumerate(values):
        if left <= 0:
            found.append(f"… {len(values) - index:,} more values")
            break
        found.append(f"=> {_cut(value, left)}")
        left -= len(value) + 4
    return found


def _fault(fault: Fault | None, err: str) -> list[str]:
    """The error, and where it is; what was printed of it is not said twice."""
    if fault is None:
        return []
    place = ""
    if fault.uri is not None and fault.range is not None:
        path = path_of(fault.uri)
        place = f" ({path or fault.uri}:{fault.range.start.line + 1})"
    found = [f"✗ {fault.message}{place}", fault.detail.strip()]
    if not found[1] or found[1] in err or found[1] == fault.message:
        found.pop()
    return [_cut(text, FAULT_LIMIT) for text in found]


def _end(outcome: Outcome, *, was_sent: bool) -> str:
    status = outcome.status
    if not was_sent or outcome.seconds is None:
        return "interrupted before it was sent" if status == "interrupted" else "was not sent"
    from ..showing.wording import time_taken

    return f"{'failed' if status == 'error' else status} after {time_taken(outcome.seconds)}"


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… {len(text) - limit:,} more characters"
