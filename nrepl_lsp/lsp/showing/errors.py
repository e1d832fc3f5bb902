"""Errors of evaluations as diagnostics at their place."""

from typing import TYPE_CHECKING

from lsprotocol import types

from ..evaluating.outcomes import Fault, Outcome
from .marks import Anchor, Mark, stretch_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["OWNER", "error_mark", "said"]

#: Who the marks belong to.
OWNER = "error"


def error_mark(ls: "NreplLanguageServer", outcome: Outcome) -> Mark | None:
    """The mark that a failed evaluation leaves; None when its place is not known."""
    fault, code = outcome.fault, outcome.code
    if outcome.status != "error" or fault is None or not fault.uri or fault.range is None:
        return None
    diagnostic = types.Diagnostic(
        range=fault.range,
        message=said(fault),
        severity=types.DiagnosticSeverity.Error,
        source="nREPL",
        code=fault.class_name,
        related_information=list(fault.related) or None,
    )
    origin = None
    where = code.range(ls.documents.encoding) if code is not None else None
    if code is not None and code.uri and where is not None and not code.is_file:
        origin = Anchor(code.uri, stretch_of(where), code.text)
    place = Anchor(fault.uri, stretch_of(fault.range))
    return Mark(OWNER, place, origin, diagnostic, outcome)


def said(fault: Fault) -> str:
    """The message; a word or two are a riddle without the class: `KeyError: 'height'`."""
    short = (fault.class_name or "").rpartition(".")[2]
    is_riddle = len(fault.message.split()) < 3 and short not in fault.message
    return f"{short}: {fault.message}" if is_riddle else fault.message
