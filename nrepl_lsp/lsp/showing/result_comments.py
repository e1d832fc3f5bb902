"""
Results written into the text by the editor, and the comments that are true no more.

The user may edit while the code runs: a form is followed through the edits, and nothing is written
unless it is still there as it was evaluated.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lsprotocol import types

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.anchors import is_whole
from nrepl_lsp.source.changes import Change
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.printed_values import is_same
from nrepl_lsp.source.rewriting.result_comments import (
    ERROR,
    ResultComment,
    comment_of,
    is_complete,
    lines_of,
    put,
)

from ..applying import apply_edit
from ..edits import workspace_edit
from ..evaluating.code import Code
from ..evaluating.outcomes import Outcome, Status
from ..evaluating.picking import RefusedError
from .errors import said
from .marks import Anchor, Mark, stretch_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    "DRIFTED",
    "OWNER",
    "Drift",
    "Followed",
    "Verdict",
    "counts",
    "drift_of",
    "drifts",
    "follow",
    "judge",
    "let_go",
    "needs",
    "update_of",
    "value_of",
    "write",
]

OWNER = "comment"
DRIFTED = "drifted"
"""The code of a diagnostic at a comment that is true no more."""

#: Who follows a form until its value is there; nothing is shown of it.
_FOLLOWER = "comment form"

#: Seconds for an editor to send the text after its edit: Neovim gathers changes for 150 ms.
FOLLOW_WITHIN = 1.0
#: Seconds between looks for it.
LOOK_EVERY = 0.02

#: Characters of a value in a diagnostic's message.
SHOWN_LIMIT = 300

FORM_CHANGED = "The form was edited while it was evaluated: nothing was written; try again."

NO_COMMENTS = "No comment can be written in this kind of document."

Verdict = Literal["same", "drifted", "gone"]


@dataclass(frozen=True, slots=True)
class Drift:
    """What a comment should say: the value that its form has come to."""

    value: str


class Followed:
    """A form of a document that is followed through the edits; `follow` makes it."""

    def __init__(self, ls: "NreplLanguageServer", mark: Mark) -> None:
        self._ls = ls
        self.mark = mark

    def now(self) -> tuple[Snapshot, Span] | None:
        """The document and the form in it now; None when either is gone or is another."""
        ls, place = self._ls, self.mark.place
        snapshot = ls.documents.snapshot(place.uri)
        if snapshot is None or self.mark not in ls.marks.of(place.uri, _FOLLOWER):
            return None
        start, end = (snapshot.lines.offset(*it, ls.documents.encoding) for it in place.stretch)
        if snapshot.text[start:end] != place.form or not is_whole(snapshot, start, end):
            return None
        return snapshot, Span(start, end)

    def code(self) -> Code | None:
        """The form as code, in the namespace in force there now."""
        now = self.now()
        if now is None:
            return None
        snapshot, (start, end) = now
        ns = namespace_at(snapshot, start)
        return Code(
            snapshot.text[start:end], snapshot.language, snapshot.uri, ns, snapshot, start, end
        )


def follow(ls: "NreplLanguageServer", snapshot: Snapshot, forms: Iterable[Span]) -> list[Followed]:
    """Follow forms of a document until they are let go."""
    marks = []
    for start, end in forms:
        where = stretch_of(ls.documents.range(snapshot, start, end))
        marks.append(Mark(_FOLLOWER, Anchor(snapshot.uri, where, snapshot.text[start:end])))
    ls.marks.add(*marks)
    return [Followed(ls, mark) for mark in marks]


def let_go(ls: "NreplLanguageServer", forms: Iterable[Followed]) -> None:
    """Follow forms no longer."""
    gone = {id(form.mark) for form in forms}
    ls.marks.drop(lambda mark: id(mark) in gone)


async def write(
    ls: "NreplLanguageServer", form: Followed, value: str, label: str, *, into: str
) -> bool | None:
    """
    Have the editor write a value: into the form's "comment", or in the "place" of the form.

    None when the editor does not say what came of it. Raises `RefusedError`.

    One value is written at a time: until the editor has sent the text as it is then, the places of
    the next would be wrong.
    """
    writing = ls.part(_Writing)
    async with writing.lock:
        await _text_after(ls, writing.last)
        now = form.now()
        if now is None:
            raise RefusedError(FORM_CHANGED)
        snapshot, span = now
        change = put(snapshot, span, value) if into == "comment" else Change(*span, value)
        if change is None:
            raise RefusedError(NO_COMMENTS)
        if snapshot.text[change.start : change.end] == change.text:
            return True
        applied = await apply_edit(ls, label, workspace_edit(ls, snapshot, [change]))
        writing.last = snapshot if applied is not False else None
        return applied


class _Writing:
    """Who writes waits for the lock, and for the editor to send another text than the last."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.last: Snapshot | None = None


async def _text_after(ls: "NreplLanguageServer", last: Snapshot | None) -> None:
    """Wait until the editor has sent another text of a document, or has closed it."""
    deadline = time.monotonic() + FOLLOW_WITHIN
    while last is not None and time.monotonic() < deadline:
        now = ls.documents.snapshot(last.uri)
        if now is None or now.text != last.text:
            break
        await asyncio.sleep(LOOK_EVERY)


def value_of(repl: Repl, outcome: Outcome) -> str | None:
    """
    What a comment says of an outcome: the value or the error; None when there is neither.

    That the program has gone says nothing about the form.
    """
    fault, is_failed = outcome.fault, outcome.status == "error"
    if is_failed and fault is not None and outcome.evaluation is not None and repl.is_live:
        return f"{ERROR}{' '.join(said(fault).split())}"
    return outcome.values[-1] if outcome.status == "done" and outcome.values else None


def needs(ls: "NreplLanguageServer", code: Code) -> None:
    """Raise `RefusedError` where a result cannot be written into the text."""
    if not ls.client.applies_edits:
        raise RefusedError("This editor does not let a server edit the text: copy the result.")
    if code.language.lexical is None:
        raise RefusedError(NO_COMMENTS)
    if code.snapshot is not None and not is_complete(code.snapshot, Span(code.start, code.end)):
        raise RefusedError("The form has no end yet: close it first.")


def judge(ls: "NreplLanguageServer", form: Followed, value: str) -> Verdict:
    """Whether the comment of a form still says what the form comes to; it is marked if not."""
    now = form.now()
    comment = comment_of(*now) if now is not None else None
    if now is None or comment is None:
        return "gone"
    snapshot, span = now
    origin = Anchor(
        snapshot.uri,
        stretch_of(ls.documents.range(snapshot, *span)),
        snapshot.text[span.start : span.end],
    )
    where = ls.documents.range(snapshot, *comment.span)
    place = Anchor(snapshot.uri, stretch_of(where))

    def is_old(mark: Mark) -> bool:
        return mark.owner == OWNER and mark.place.overlaps(place)

    cut = "\n".join(lines_of(snapshot.language, value))
    if any(is_same(snapshot.language, comment.text, one) for one in (value, cut)):
        ls.marks.drop(is_old)
        return "same"
    diagnostic = types.Diagnostic(
        range=where,
        message=f"This is now => {_short(value)}",
        severity=types.DiagnosticSeverity.Warning,
        source="nREPL",
        code=DRIFTED,
    )
    ls.marks.replace(is_old, [Mark(OWNER, place, origin, diagnostic, Drift(value))])
    return "drifted"


def drifts(ls: "NreplLanguageServer", uri: str) -> list[Mark]:
    """The comments of a document that are known to be true no more."""
    return [mark for mark in ls.marks.of(uri, OWNER) if isinstance(mark.content, Drift)]


def drift_of(ls: "NreplLanguageServer", snapshot: Snapshot, mark: Mark) -> ResultComment | None:
    """The comment that a mark is about, in the text as it is."""
    if mark.origin is None:
        return None
    start, end = (snapshot.lines.offset(*it, ls.documents.encoding) for it in mark.origin.stretch)
    if snapshot.text[start:end] != mark.origin.form:
        return None
    return comment_of(snapshot, Span(start, end))


def update_of(ls: "NreplLanguageServer", snapshot: Snapshot, marks: Sequence[Mark]) -> list[Change]:
    """The changes that have comments say what their forms came to."""
    changes = []
    for mark in marks:
        comment = drift_of(ls, snapshot, mark)
        change = put(snapshot, comment.form, mark.content.value) if comment is not None else None
        if change is not None:
            changes.append(change)
    return changes


def _short(value: str) -> str:
    line = " ".join(value[: 4 * SHOWN_LIMIT].split())
    return line if len(line) <= SHOWN_LIMIT else line[: SHOWN_LIMIT - 1] + "…"


def counts(status: Status, verdicts: list[Verdict], count: int) -> dict[str, Any]:
    """How it went, in numbers and in a sentence."""
    same, drifted, gone = (verdicts.count(one) for one in ("same", "drifted", "gone"))
    parts = []
    if same or not drifted:
        parts.append(f"{same} {'result is as it says' if same == 1 else 'results are as they say'}")
    if drifted:
        what = "" if same else " result" if drifted == 1 else " results"
        parts.append(f"{drifted}{what} {'has' if drifted == 1 else 'have'} changed")
    if gone:
        parts.append(f"{gone} {'was' if gone == 1 else 'were'} edited meanwhile")
    left = count - len(verdicts)
    if left:
        parts.append(f"{left} {'was' if left == 1 else 'were'} not checked")
    message = ", ".join(parts) + "."
    numbers = {"same": same, "drifted": drifted, "gone": gone, "unchecked": left}
    return {"status": status, **numbers, "message": message}
