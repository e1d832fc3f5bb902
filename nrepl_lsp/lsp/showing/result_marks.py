"""
What an evaluation came to, as a mark beside its code.

Which marks the next evaluation takes away: those of the same code, and of code inside it, which has
run again and may have come to something else. A value of the code around it still stands: who tries
the parts of a form wants to see them beside the whole. (Calva drops what overlaps either way, CIDER
everything at the next command; neither can be looked up afterwards, by hover or `copyResult`.)
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsprotocol import types

from nrepl_lsp.source.anchors import Place, Stretch, is_whole

from ..evaluating.code import Code
from ..evaluating.outcomes import Outcome
from .marks import Anchor, Mark, range_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    "OUTPUT_KEPT",
    "OWNER",
    "VALUES_KEPT",
    "ResultMark",
    "anchored",
    "diagnostic_of",
    "innermost",
    "is_replaced",
    "result_mark",
    "thrifty",
    "trim",
    "without_text",
]

#: Who the marks belong to.
OWNER = "result"
#: Characters of its output that a mark keeps, the last ones; the transcript has all.
OUTPUT_KEPT = 16 * 1024
#: Characters of its code that a mark keeps, for the title.
CODE_KEPT = 1000
#: Characters of all marks' values; when there are more, the oldest keep their beginnings only.
VALUES_KEPT = 16 * 1024 * 1024
VALUE_REMNANT = 4 * 1024


@dataclass(slots=True, eq=False)
class ResultMark(Mark):
    """
    The mark of what code came to: `content` is the `Outcome`, and `origin`, never None, the code.

    `place` is the code's part on its last line. hint, line: its short forms, as a hint behind the
    code and as a line elsewhere. is_elsewhere: whether its error has a place outside of the code.
    """

    hint: str = ""
    line: str = ""
    is_elsewhere: bool = False

    @property
    def code(self) -> Anchor:
        """The code that it stands beside."""
        return self.origin or self.place

    @property
    def outcome(self) -> Outcome:
        """What the code came to."""
        outcome: Outcome = self.content
        return outcome


def anchored(ls: "NreplLanguageServer", code: Code) -> Anchor | None:
    """Where code stands; None for code that does not stand in its document as it was sent."""
    where = code.range(ls.documents.encoding)
    now = ls.documents.snapshot(code.uri) if code.uri is not None else None
    if code.uri is None or where is None or code.snapshot is None or now is None:
        return None
    if now is not code.snapshot and now.text != code.snapshot.text:
        return None
    # A part of a form is no form; of that only edits inside it can tell.
    form = now.text[code.start : code.end] if is_whole(now, code.start, code.end) else None
    stretch = (where.start.line, where.start.character), (where.end.line, where.end.character)
    return Anchor(ls.documents.uri_of(code.uri), stretch, form)


def result_mark(
    ls: "NreplLanguageServer", code: Anchor, outcome: Outcome, hint: str, line: str
) -> ResultMark:
    """A mark that is not shown yet."""
    place = Anchor(code.uri, _last_line(ls, code))
    return ResultMark(OWNER, place, code, None, outcome, hint, line)


def diagnostic_of(mark: ResultMark) -> types.Diagnostic:
    """How it is shown where there are no hints."""
    return types.Diagnostic(
        range=range_of(mark.place.stretch),
        message=mark.line,
        severity=types.DiagnosticSeverity.Information,
        source="nREPL",
    )


def is_replaced(mark: Mark, evaluated: Anchor) -> bool:
    """
    Whether code that was evaluated takes away what it, or code inside it, left behind.

    Also a value that would stand at the same place, as that of `@a` and then that of `a`.
    """
    if mark.owner == OWNER:
        code = mark.origin or mark.place
        is_there = (code.uri, code.stretch[1]) == (evaluated.uri, evaluated.stretch[1])
        return is_there or _is_inside(code, evaluated)
    if mark.owner != "error":
        return False
    # An empty origin stands for a file whose loading has failed in another one.
    anchors = [one for one in mark.anchors if one is mark.place or one.stretch[0] < one.stretch[1]]
    return any(_is_inside(one, evaluated) for one in anchors) or _was_loaded(mark, evaluated)


def innermost(ls: "NreplLanguageServer", uri: str, at: Place) -> ResultMark | None:
    """What the smallest evaluated form around a place came to; of two, the later one."""
    found = [
        mark
        for mark in ls.marks.of(uri, OWNER)
        if isinstance(mark, ResultMark) and mark.code.stretch[0] <= at <= mark.code.stretch[1]
    ]
    # The cursor behind `(a)` in `(a)(b)` is on the second.
    inside = [mark for mark in found if at < mark.code.stretch[1]] or found
    return max(reversed(inside), key=_inwards, default=None)


def thrifty(outcome: Outcome) -> Outcome:
    """An outcome as it is kept: of long output the end."""
    out, err = (
        text if len(text) <= OUTPUT_KEPT else "…" + text[-OUTPUT_KEPT:]
        for text in (outcome.out, outcome.err)
    )
    return replace(outcome, out=out, err=err)


def without_text(outcome: Outcome) -> Outcome:
    """An outcome without the document as it was sent, of which every edit makes another."""
    code = outcome.code
    if code is None:
        return outcome
    return replace(outcome, code=replace(code, text=code.text[:CODE_KEPT], snapshot=None))


def trim(ls: "NreplLanguageServer") -> None:
    """Shorten the oldest values where all together are too long."""
    marks = [mark for mark in ls.marks.every(OWNER) if isinstance(mark, ResultMark)]
    sizes = [sum(map(len, mark.outcome.values)) for mark in marks]
    excess = sum(sizes) - VALUES_KEPT
    if excess <= 0:
        return
    by_age = sorted(zip(marks, sizes, strict=True), key=lambda one: _age(one[0]))
    for mark, size in by_age[:-1]:
        if excess <= 0:
            break
        if size > VALUE_REMNANT:
            mark.content = replace(mark.outcome, values=(_remnant(mark.outcome.values[-1]),))
            excess -= size - VALUE_REMNANT


def _age(mark: ResultMark) -> float:
    at = mark.outcome.at
    return at.timestamp() if at is not None else 0.0


def _remnant(value: str) -> str:
    kept = value[:VALUE_REMNANT]
    return kept if kept == value else f"{kept}… {len(value) - len(kept):,} more characters"


def _inwards(mark: ResultMark) -> tuple[Place, tuple[int, int]]:
    start, (line, column) = mark.code.stretch
    return start, (-line, -column)


def _was_loaded(mark: Mark, evaluated: Anchor) -> bool:
    """Whether it came of loading the file, perhaps in another one, that is now loaded again."""
    code = mark.content.code if isinstance(mark.content, Outcome) else None
    is_file = evaluated.stretch[0] == (0, 0) and evaluated.form is None
    return code is not None and code.is_file and is_file and code.uri == evaluated.uri


def _is_inside(anchor: Anchor, evaluated: Anchor) -> bool:
    """Whether a stretch shares characters with the evaluated one without being around it."""
    if not anchor.overlaps(evaluated):
        return False
    (start, end), (first, last) = anchor.stretch, evaluated.stretch
    return anchor.stretch == evaluated.stretch or not (start <= first and last <= end)


def _last_line(ls: "NreplLanguageServer", code: Anchor) -> Stretch:
    """The part of the code on its last line, without what it is indented by."""
    start, end = code.stretch
    snapshot = ls.documents.snapshot(code.uri)
    if start[0] == end[0] or snapshot is None:
        return code.stretch
    text = snapshot.lines.line_text(end[0])
    # What a line is indented by takes one unit a character, in every encoding.
    return (end[0], min(len(text) - len(text.lstrip(" \t")), end[1])), end
