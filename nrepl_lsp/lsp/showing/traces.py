"""
How errors came about: asked when one is shown, added to its diagnostic, and shown in a document.

The diagnostic does not wait for it, and neither does the next evaluation.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from lsprotocol import types

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.last_error import causes_of_last_error
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.forms import top_level_form
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.rewriting.printing import on_lines
from nrepl_lsp.tooling.causes import Cause, StackFrame, tells_of
from nrepl_lsp.tooling.variants import Dialect

from ..documents import path_of
from ..evaluating.code import Code
from ..evaluating.faults import is_same_file
from ..evaluating.outcomes import Fault, Outcome
from ..locating.frame_places import FramePlace, frame_places
from .errors import OWNER, anchor_of, diagnostic, entries, mark_of, related
from .marks import Anchor, Mark, stretch_of
from .result_marks import without_text

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Failure", "failures", "follow", "trace_text"]

#: Seconds for the program to tell; cider-nrepl loads what the op needs when it is first asked.
CAUSES_TIMEOUT = 15.0
#: Failed evaluations that are remembered, to be shown.
FAILURES_KEPT = 20
#: Columns of a frame's name, at most, before its place.
NAME_WIDTH = 50


@dataclass(slots=True, eq=False)
class Failure:
    """
    A failed evaluation, and how it came about as far as that is known.

    repl: whom to ask, until that is done. causes: outermost first. places: those of their frames
    that can be opened. told: done once the program has said what it knows.
    """

    outcome: Outcome
    repl: Repl | None
    causes: tuple[Cause, ...] = ()
    places: Mapping[StackFrame, FramePlace] = field(default_factory=dict)
    told: "asyncio.Task[None] | None" = None

    @property
    def fault(self) -> Fault:
        """What went wrong."""
        assert self.outcome.fault is not None
        return self.outcome.fault

    @property
    def code(self) -> Code:
        """What was evaluated."""
        assert self.outcome.code is not None
        return self.outcome.code


#: The programs that are being asked, one error after the other.
_turns: WeakKeyDictionary[Dialect, asyncio.Lock] = WeakKeyDictionary()


class _Failures:
    """The failed evaluations of an editor, oldest first."""

    def __init__(self) -> None:
        self.known: list[Failure] = []


def failures(ls: "NreplLanguageServer") -> list[Failure]:
    """The failed evaluations of an editor, oldest first."""
    return ls.part(_Failures).known


def follow(ls: "NreplLanguageServer", outcome: Outcome) -> None:
    """Remember a failed evaluation, and ask the program at once how it came about."""
    code, fault = outcome.code, outcome.fault
    if outcome.status != "error" or outcome.evaluation is None or not (code and fault):
        return
    failure = Failure(outcome, ls.repl_for(code.uri))
    known = failures(ls)
    known.append(failure)
    del known[:-FAILURES_KEPT]
    failure.told = asyncio.create_task(_complete(ls, failure), name=f"error {outcome.evaluation}")


async def _complete(ls: "NreplLanguageServer", failure: Failure) -> None:
    """Find out how an error came about, and add it to what is shown."""
    try:
        failure.causes = failure.fault.causes or await _told(ls, failure)
        if failure.causes:
            failure.places = await frame_places(ls, failure.code, failure.causes)
            _add(ls, failure)
    except NreplError as error:
        ls.log.info("no causes: %s", error)
    except Exception:
        # Whatever is wrong with a trace, the error itself is shown already.
        ls.log.exception("the causes of %s", failure.fault.class_name)
    finally:
        # A trace shows nothing of these.
        outcome = replace(failure.outcome, values=(), out="", err="")
        failure.outcome, failure.repl = without_text(outcome), None


async def _told(ls: "NreplLanguageServer", failure: Failure) -> tuple[Cause, ...]:
    """What the program says of its last error, if that is the one."""
    fault, repl, family = failure.fault, failure.repl, _family(failure.code)
    if repl is None or not repl.is_live:
        return ()
    async with _turns.setdefault(repl.dialect, asyncio.Lock()):
        if any(one.repl is repl for one in failures(ls)[::-1][: _newer(ls, failure)]):
            # The program keeps one error only.
            return ()
        causes = await causes_of_last_error(repl, family, CAUSES_TIMEOUT)
    return causes if causes and tells_of(causes, fault.message, fault.class_name) else ()


def _family(code: Code) -> str:
    """The language family; none for ClojureScript, whose `*e` is not in a session of the JVM's."""
    told = code.snapshot.language_id if code.snapshot is not None else ""
    is_script = "clojurescript" in told or (code.uri or "").endswith(".cljs")
    return "" if is_script else code.language.family


def _newer(ls: "NreplLanguageServer", failure: Failure) -> int:
    """How many evaluations have failed since."""
    known = failures(ls)
    return len(known) - 1 - known.index(failure) if failure in known else len(known)


def _add(ls: "NreplLanguageServer", failure: Failure) -> None:
    """Add the causes and frames to the mark, which may have moved or gone meanwhile."""
    fault = failure.fault
    better = _better_place(ls, failure)
    if better is not None:
        fault = replace(fault, uri=failure.code.uri, range=better)
    came_by = entries(fault, failure.causes, failure.places)
    if fault.uri and fault.range and ls.client.related_information:
        places = related(came_by, ls.documents.uri_of(fault.uri), fault.range)
        fault = replace(fault, related=places)
    fault = replace(fault, causes=failure.causes)
    was_marked = failure.fault.range is not None
    failure.outcome = replace(failure.outcome, fault=fault)
    origin = _failed_form(ls, failure)
    if not was_marked and better is not None:
        new = mark_of(ls, failure.outcome)
        if new is not None:
            new.diagnostic, new.origin = diagnostic(ls, fault, came_by), origin or new.origin
            ls.marks.add(new)
        return
    for mark in ls.marks.every(OWNER):
        if _is_of(mark, failure) and fault.range is not None:
            if better is not None:
                mark.place = Anchor(mark.place.uri, stretch_of(better))
            mark.diagnostic, mark.origin = diagnostic(ls, fault, came_by), origin or mark.origin
            mark.content = replace(mark.content, fault=fault)
            ls.marks.show(mark.place.uri)


def _failed_form(ls: "NreplLanguageServer", failure: Failure) -> Anchor | None:
    """Of a file the top-level form whose evaluation has failed, as far as the frames tell."""
    code = failure.code
    now = ls.documents.snapshot(code.uri) if code.uri is not None else None
    if not code.is_file or code.snapshot is None or now is None or now.text != code.snapshot.text:
        return None
    every = (frame for cause in reversed(failure.causes) for frame in cause.frames)
    for frame in every:
        at = failure.places.get(frame)
        if at is not None and at.uri == now.uri and frame.is_top_level:
            offset = ls.documents.offset(now, types.Position(at.line, at.column))
            span = top_level_form(now, offset)
            return anchor_of(ls, now, span) if span is not None else None
    return None


def _is_of(mark: Mark, failure: Failure) -> bool:
    content = mark.content
    return isinstance(content, Outcome) and content.evaluation == failure.outcome.evaluation


def _better_place(ls: "NreplLanguageServer", failure: Failure) -> types.Range | None:
    """The error's place in the document, where its text has none: the compiler's or a frame's."""
    code, fault, encoding = failure.code, failure.fault, ls.documents.encoding
    now = ls.documents.snapshot(code.uri) if code.uri is not None else None
    if code.snapshot is None or now is None or now.text != code.snapshot.text:
        return None
    if fault.range is not None and fault.range != code.first_line(encoding):
        return None
    first, last = code.lines()
    for cause in reversed(failure.causes):
        place = cause.place
        is_here = place is not None and (not place.file or is_same_file(place.file, code))
        if place and is_here and (line := place.line_within(first + 1, last - first + 1)):
            return code.form_on(line - 1, place.column, encoding)
    for cause in reversed(failure.causes):
        for frame in cause.frames:
            there = failure.places.get(frame)
            if there is not None and there.uri == now.uri and frame.place is not None:
                return code.form_on(there.line, frame.place.column, encoding)
    return None


# -- as a document ----------------------------------------------------------------------------


def trace_text(failure: Failure) -> str:
    """All that is known of an error: its causes, their data and frames, and the server's words."""
    code, fault, at = failure.code, failure.fault, failure.outcome.at
    when = f", {at:%H:%M:%S}" if at is not None else ""
    file = path_of(code.uri) if code.uri else None
    parts = [f"Evaluated: {code.title}", f"{file or code.uri or ''}{when}".lstrip(", ")]
    for number, cause in enumerate(failure.causes):
        lead = "" if number == 0 else "Caused by: "
        parts += ["", f"{lead}{_headline(cause)}", *_cause_lines(failure, cause)]
    if not failure.causes:
        parts += ["", f"{fault.class_name}: {fault.message}" if fault.class_name else fault.message]
    if any(place.is_project for place in failure.places.values()):
        parts += ["", f"{_OWN.strip()} marks the project's own code."]
    if fault.detail.strip() not in ("", fault.message):
        parts += ["", "What the server said:", "", fault.detail.strip("\n")]
    return "\n".join(part for part in parts) + "\n"


_OWN, _OTHER = "→ ", "  "


def _headline(cause: Cause) -> str:
    return ": ".join(part for part in (cause.class_name, cause.message.strip()) if part)


def _cause_lines(failure: Failure, cause: Cause) -> list[str]:
    lines = []
    if cause.data and cause.data != "{}":
        lines += ["", *(f"    {line}" for line in _data(failure.code.language, cause.data)), ""]
    if cause.place is not None and (cause.place.file or not cause.frames):
        lines.append(f"  at {_file(cause.place.file)}:{cause.place.line}:{cause.place.column or 1}")
    shown = [frame for frame in cause.frames if not frame.is_duplicate]
    width = min(NAME_WIDTH, max((len(frame.label) for frame in shown), default=0))
    for frame in shown:
        place = failure.places.get(frame)
        mark = _OWN if place is not None and place.is_project else _OTHER
        lines.append(f"  {mark}{frame.label:<{width}}  {_where(frame, place)}".rstrip())
    return lines


def _where(frame: StackFrame, place: FramePlace | None) -> str:
    if frame.place is None:
        return ""
    path = path_of(place.uri) if place is not None else None
    return f"{path or _file(frame.place.file)}:{frame.place.line}"


def _file(name: str | None) -> str:
    """A file as the program names it; of a text that is no name, that it is one."""
    return "REPL" if not name else "loaded text" if "\n" in name else name


def _data(language: Language, printed: str) -> list[str]:
    return on_lines(language, printed).split("\n")
