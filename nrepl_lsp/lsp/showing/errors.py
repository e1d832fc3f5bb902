"""Errors of evaluations as diagnostics at their place."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from nrepl_lsp.source.anchors import is_whole
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import top_level_form
from nrepl_lsp.source.namespaces import namespace_form
from nrepl_lsp.tooling.causes import Cause, StackFrame

from ..documents import path_of
from ..evaluating.code import Code
from ..evaluating.outcomes import Fault, Outcome
from ..locating.frame_places import FramePlace
from .marks import Anchor, Mark, range_of, stretch_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    *("OWNER", "Entry", "anchor_of", "diagnostic", "entries", "error_mark", "mark_of", "related"),
    "said",
]

#: Who the marks belong to.
OWNER = "error"
#: Characters of a diagnostic's first line; the whole message stands below a longer one.
LINE_LIMIT = 160
#: Characters of what a cause says, in an entry.
CAUSE_LIMIT = 300
#: Places that a diagnostic leads to.
ENTRIES_LIMIT = 10
#: Causes among them, and frames of the project's own.
CAUSES_LIMIT = 4
PROJECT_LIMIT = 6
#: Lines that stand for the entries where the client takes no related information.
LINES_LIMIT = 6


class Entry(NamedTuple):
    """One of the places that an error came by. place: None where it cannot be opened."""

    text: str
    place: FramePlace | None


def error_mark(ls: "NreplLanguageServer", outcome: Outcome) -> Mark | None:
    """
    The mark that a failed evaluation leaves; None when its place is not known.

    The program is asked at once how the error came about; what it says is added when it comes.
    """
    # What it needs is imported once something has failed.
    from .traces import follow

    follow(ls, outcome)
    return mark_of(ls, outcome)


def mark_of(ls: "NreplLanguageServer", outcome: Outcome) -> Mark | None:
    """As `error_mark`, and nobody is asked."""
    fault, code = outcome.fault, outcome.code
    if outcome.status != "error" or fault is None or not fault.uri or fault.range is None:
        return None
    place = Anchor(fault.uri, stretch_of(fault.range))
    origin = _origin(ls, code, fault) if code is not None else None
    # A compiler may name the class in short, and the program in full.
    gist = said(fault), (fault.class_name or "").rpartition(".")[2]
    return Mark(OWNER, place, origin, diagnostic(ls, fault), outcome, gist=gist)


def diagnostic(
    ls: "NreplLanguageServer", fault: Fault, came_by: Sequence[Entry] = ()
) -> types.Diagnostic:
    """The diagnostic of an error, with the places that it came by as far as they are known."""
    assert fault.range is not None
    message = said(fault)
    if len(message) > LINE_LIMIT:
        message = f"{message[: LINE_LIMIT - 1]}…\n{message}"
    if data := _data(fault):
        message = f"{message}\n{data}"
    if came_by and not ls.client.related_information:
        message = "\n".join([message, *_lines(came_by)])
    return types.Diagnostic(
        range=fault.range,
        message=message,
        severity=types.DiagnosticSeverity.Error,
        source="nREPL",
        code=fault.class_name,
        related_information=list(fault.related) or None,
    )


def _data(fault: Fault) -> str:
    """What the exception carries besides its message, where that does not say it."""
    for cause in fault.causes:
        if cause.message.strip().startswith(fault.message) and cause.data and not cause.is_of_spec:
            data = _one_line(cause.data)[:CAUSE_LIMIT]
            return data if data != "{}" else ""
    return ""


def _origin(ls: "NreplLanguageServer", code: Code, fault: Fault) -> Anchor | None:
    """
    The code whose edit or evaluation ends the mark.

    Of a whole file it is the top-level form that failed; where that is not known, or is in a file
    that this one loads, the `ns` form, which loads others.
    """
    where = code.range(ls.documents.encoding)
    if not code.uri or where is None or code.snapshot is None or fault.range is None:
        return None
    if not code.is_file:
        is_as_sent = code.snapshot.text[code.start : code.end] == code.text
        return Anchor(code.uri, stretch_of(where), code.text if is_as_sent else None)
    snapshot = code.snapshot
    if ls.documents.uri_of(fault.uri or "") == ls.documents.uri_of(code.uri):
        span = top_level_form(snapshot, ls.documents.offset(snapshot, fault.range.start))
    else:
        span = namespace_form(snapshot)
    if span is None:
        # A place between characters: no edit ends it, only the next time that it is loaded.
        top = types.Position(0, 0)
        return Anchor(code.uri, stretch_of(types.Range(top, top)))
    start, end = span
    if not is_whole(snapshot, start, end):
        # What was never closed is no form; an edit at the place of the error ends the mark.
        return Anchor(code.uri, stretch_of(fault.range))
    return anchor_of(ls, snapshot, span)


def anchor_of(ls: "NreplLanguageServer", snapshot: Snapshot, span: tuple[int, int]) -> Anchor:
    """The form at a span of a document."""
    start, end = span
    place = ls.documents.range(snapshot, start, end)
    return Anchor(snapshot.uri, stretch_of(place), snapshot.text[start:end])


def said(fault: Fault) -> str:
    """The message; a word or two are a riddle without the class: `KeyError: 'height'`."""
    short = (fault.class_name or "").rpartition(".")[2]
    is_riddle = len(fault.message.split()) < 3 and short not in fault.message
    return f"{short}: {fault.message}" if is_riddle else fault.message


# -- how it came about ------------------------------------------------------------------------


def entries(
    fault: Fault, causes: Sequence[Cause], places: Mapping[StackFrame, FramePlace]
) -> list[Entry]:
    """The other exceptions of the chain, the project's own frames, and others, innermost first."""
    chain = list(_other_causes(fault, causes, places))[:CAUSES_LIMIT]
    frames: dict[tuple[str, int], tuple[StackFrame, FramePlace]] = {}
    for cause in reversed(causes):
        for frame in cause.frames:
            place = places.get(frame)
            if place is None or frame.is_duplicate or (frame.is_tooling and not place.is_project):
                continue
            if not _is_here(place, fault):
                frames.setdefault((place.uri, place.line), (frame, place))
    listed = [Entry(f"in {frame.label}", place) for frame, place in frames.values()]
    own = [entry for entry in listed if entry.place and entry.place.is_project][:PROJECT_LIMIT]
    others = [entry for entry in listed if entry.place and not entry.place.is_project]
    return [*chain, *own, *others][:ENTRIES_LIMIT]


def _other_causes(
    fault: Fault, causes: Sequence[Cause], places: Mapping[StackFrame, FramePlace]
) -> Iterator[Entry]:
    """Those that say something else than the diagnostic: what it was wrapped in, or came from."""
    said_at = next(
        (at for at, cause in enumerate(causes) if cause.message.strip().startswith(fault.message)),
        None,
    )
    for at, cause in enumerate(causes):
        is_new = at != said_at and not (said_at is None and at == 0)
        # The reader's and the compiler's exceptions repeat the one that they wrap.
        is_said = cause.is_of_spec or fault.message in cause.message
        is_said = is_said or cause.message.startswith("Syntax error ")
        if not is_new or is_said or not cause.message.strip():
            continue
        relation = "Wrapped in" if said_at is not None and at < said_at else "Caused by"
        frames = [frame for frame in cause.frames if frame in places]
        own = (frame for frame in frames if places[frame].is_project)
        first = next(own, frames[0] if frames else None)
        text = f"{relation} {cause.short_class or 'an error'}: {_one_line(cause.message)}"
        if cause.data:
            text = f"{text} {_one_line(cause.data)}"
        yield Entry(text[:CAUSE_LIMIT], places[first] if first is not None else None)


def _is_here(place: FramePlace, fault: Fault) -> bool:
    return place.uri == fault.uri and (
        fault.range is not None and place.line == fault.range.start.line
    )


def related(
    came_by: Sequence[Entry], uri: str, where: types.Range
) -> tuple[types.DiagnosticRelatedInformation, ...]:
    """The entries in LSP's form; one without a place leads to the error itself."""

    def location(place: FramePlace | None) -> types.Location:
        if place is None:
            return types.Location(uri, where)
        at = (place.line, place.column)
        return types.Location(place.uri, range_of((at, at)))

    return tuple(
        types.DiagnosticRelatedInformation(location(entry.place), entry.text) for entry in came_by
    )


def _lines(came_by: Sequence[Entry]) -> Iterator[str]:
    for text, place in came_by[:LINES_LIMIT]:
        path = path_of(place.uri) if place is not None else None
        name = path.name if path is not None else place.uri if place is not None else None
        yield f"{text} ({name}:{place.line + 1})" if place is not None else text


def _one_line(text: str) -> str:
    return " ".join(text[: 4 * CAUSE_LIMIT].split())
