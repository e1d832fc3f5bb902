"""Evaluations for plugins that want more than LSP shows: docs/protocol-extensions.md."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nrepl_lsp.nrepl import Output

from ..edits import plain_range
from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..raw import Raw
from ..showing.marks import Mark
from ..showing.result_marks import OWNER, ResultMark
from ..showing.wording import LINE_LIMIT, beside, in_one_line
from .input import input_of
from .turns import Following

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["BATCH_INTERVAL", "BATCH_LIMIT", "VALUES_LIMIT", "Notifications"]

EVALUATION, OUTPUT, RESULTS = "nrepl/evaluation", "nrepl/output", "nrepl/results"

#: Seconds for which output is gathered.
BATCH_INTERVAL = 0.1
#: Characters of all output of one interval; more is counted, not sent.
BATCH_LIMIT = 64 * 1024
#: Notifications of one interval; what alternates more often is joined and counted, not sent.
BATCHES_LIMIT = 100
#: Characters of the values of one notification together.
VALUES_LIMIT = 1024 * 1024


@dataclass(slots=True)
class _Batch:
    """Output of one stream of one evaluation that followed each other."""

    running: Running
    stream: str
    is_late: bool
    pieces: list[str] = field(default_factory=list)
    cut: int = 0


class Notifications(Following):
    """Tells who has opted in; nobody else is ever sent any of these."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        super().__init__()
        self._ls = ls
        self._batches: list[_Batch] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._under_way: set[str] = set()
        #: Told to read input, and of nothing since.
        self._reading: set[str] = set()
        #: The evaluations whose results stand in a document, as the editor knows it.
        self._standing: dict[str, list[str]] = {}
        if ls.client.wants_evaluations:
            ls.marks.on_change.append(self._marks_changed)

    def queued(self, running: Running) -> None:
        """Tell that it waits."""
        self._under_way.add(running.id)
        self._tell(running, "queued")

    def begun(self, running: Running) -> None:
        """Tell that the program has it."""
        self._tell(running, "sent")

    def input_needed(self, running: Running) -> None:
        """Tell that it reads, after what it has printed, unless it has been given something."""
        super().input_needed(running)
        asking = input_of(self._ls)
        prompt = asking.prompt(running) if asking is not None else None
        if prompt is None:
            return
        self._flush()
        self._reading.add(running.id)
        self._tell(running, "needInput", prompt=prompt)

    def input_given(self, running: Running) -> None:
        """Tell that it goes on: who asked for the input need not any more."""
        if running.id in self._reading:
            self._reading.discard(running.id)
            self._tell(running, "sent", again=True)

    def printed(self, running: Running, output: Output) -> None:
        """Gather it."""
        super().printed(running, output)
        if not self._ls.client.wants_output:
            return
        is_late = running.id not in self._under_way
        batch = self._batch(running, output.stream, is_late=is_late)
        is_room = batch is self._batches[-1]
        kept = output.text[: max(0, BATCH_LIMIT - self._size)] if is_room else ""
        self._size += len(kept)
        batch.cut += len(output.text) - len(kept)
        if kept:
            batch.pieces.append(kept)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(BATCH_INTERVAL, self._flush)

    def _batch(self, running: Running, stream: str, *, is_late: bool) -> _Batch:
        """The last batch if it is of this stream, else a new one; past the limit any of it."""
        is_full = len(self._batches) >= BATCHES_LIMIT
        for one in reversed(self._batches if is_full else self._batches[-1:]):
            if (one.running.id, one.stream, one.is_late) == (running.id, stream, is_late):
                return one
        self._batches.append(_Batch(running, stream, is_late))
        return self._batches[-1]

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Tell what it came to, after all that it has printed."""
        super().ended(running, outcome)
        self._flush()
        self._under_way.discard(running.id)
        self._reading.discard(running.id)
        values, cut = _bounded(outcome.values)
        self._tell(
            running,
            outcome.status,
            values=values,
            cut=cut,
            ns=outcome.ns,
            error=outcome.reply()["error"],
            seconds=outcome.seconds,
            **self._short(running, outcome),
        )

    def close(self) -> None:
        """Send nothing more."""
        super().close()
        self._standing.clear()
        self._batches.clear()
        self._flush()

    def _short(self, running: Running, outcome: Outcome) -> dict[str, Any]:
        """What there is to show of it in a line, and where."""
        ls, code = self._ls, running.code
        place, summary, message = None, None, None
        is_quiet = running.is_silent or (running.is_quiet and outcome.status == "done")
        # What was refused or never sent has been told of.
        if not is_quiet and outcome.evaluation is not None and outcome.at is not None:
            width = ls.settings.results_width or LINE_LIMIT
            message = in_one_line(outcome, width)
            if outcome.status in ("done", "error") and not code.is_file:
                summary = beside(outcome, width)
        if summary is not None and code.uri is not None:
            marks = ls.marks.of(code.uri, OWNER)
            place = next((one for one in marks if _evaluation_of(one) == running.id), None)
        return {
            "place": _range_of(place) if place is not None else None,
            "summary": summary,
            "message": message,
        }

    def _marks_changed(self, uri: str) -> None:
        marks = self._ls.marks.of(uri, OWNER)
        now = [id_ for one in marks if (id_ := _evaluation_of(one)) is not None]
        before = self._standing.pop(uri, [])
        if now:
            self._standing[uri] = now
        # New ones are told of by themselves.
        if set(before) - set(now):
            self._ls.protocol.notify(RESULTS, Raw({"uri": uri, "standing": now}))

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batches, self._batches, self._size = self._batches, [], 0
        for batch in batches:
            params = {
                "evaluation": batch.running.id,
                "uri": self._uri(batch.running),
                "stream": batch.stream,
                "text": "".join(batch.pieces),
                "cut": batch.cut,
                "late": batch.is_late,
            }
            self._ls.protocol.notify(OUTPUT, Raw(params))

    def _uri(self, running: Running) -> str | None:
        """What the editor calls the document that the code is from."""
        uri = running.code.uri
        return self._ls.documents.uri_of(uri) if uri is not None else None

    def _tell(self, running: Running, state: str, **more: Any) -> None:
        if not self._ls.client.wants_evaluations:
            return
        code = running.code
        place = None
        if code.snapshot is not None:
            place = plain_range(self._ls, code.snapshot, code.start, code.end)
        params = {
            "evaluation": running.id,
            "uri": self._uri(running),
            "range": place,
            "title": code.title,
            "quiet": running.is_quiet,
            "state": state,
        }
        self._ls.protocol.notify(EVALUATION, Raw({**params, **more}))


def _evaluation_of(mark: Mark) -> str | None:
    return mark.outcome.evaluation if isinstance(mark, ResultMark) else None


def _range_of(mark: Mark) -> dict[str, Any]:
    """Where a result's code stands now."""
    start, end = (mark.origin or mark.place).stretch
    return {
        name: {"line": line, "character": character}
        for name, (line, character) in (("start", start), ("end", end))
    }


def _bounded(values: tuple[str, ...]) -> tuple[list[str], int]:
    """The values as far as they fit, and how many characters of them do not."""
    kept, left, cut = [], VALUES_LIMIT, 0
    for value in values:
        if left > 0:
            kept.append(value[:left])
        cut += max(0, len(value) - left)
        left = max(0, left - len(value))
    return kept, cut
