"""What an evaluation came to."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from lsprotocol import types

from .code import Code

if TYPE_CHECKING:
    from nrepl_lsp.tooling.stacktrace import Cause

__all__ = ["Fault", "Outcome", "Status", "not_known_as_loaded", "not_loaded"]

Status = Literal["done", "error", "interrupted", "running", "disconnected"]


@dataclass(frozen=True, slots=True)
class Fault:
    """
    What went wrong, and where: a place in a document, or none.

    range is in the editor's units. detail: the whole text the server sent. causes: the exceptions,
    outermost first, where the program told of them; related: places that have to do with it.
    """

    message: str
    class_name: str | None = None
    uri: str | None = None
    range: types.Range | None = None
    detail: str = ""
    causes: "tuple[Cause, ...]" = ()
    related: tuple[types.DiagnosticRelatedInformation, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What an evaluation came to, or has come to so far (`running`).

    evaluation: None when nothing was evaluated; then `fault` says why, and so what to do.
    at, seconds: when it was sent and how long it took; None for what was not sent.
    """

    status: Status
    evaluation: str | None = None
    code: Code | None = None
    values: tuple[str, ...] = ()
    out: str = ""
    err: str = ""
    ns: str | None = None
    fault: Fault | None = None
    at: datetime | None = None
    seconds: float | None = None

    def reply(self) -> dict[str, Any]:
        """The outcome as a command answers it (docs/commands.md)."""
        return {
            "status": self.status,
            "values": list(self.values),
            "out": self.out,
            "err": self.err,
            "ns": self.ns,
            "error": _fault_reply(self.fault) if self.fault is not None else None,
            "evaluation": self.evaluation,
        }


def _fault_reply(fault: Fault) -> dict[str, Any]:
    place = fault.range
    return {
        "message": fault.message,
        "class": fault.class_name,
        "uri": fault.uri,
        "range": {
            "start": {"line": place.start.line, "character": place.start.character},
            "end": {"line": place.end.line, "character": place.end.character},
        }
        if place is not None
        else None,
    }


def not_loaded(ns: str | None) -> str:
    """Why nothing is done in a namespace; what to do comes first, as editors cut messages."""
    return f"Load the file first (nrepl.loadFile): the namespace {ns} is not loaded."


def not_known_as_loaded(ns: str | None, why: str = "") -> str:
    """As `not_loaded`, where the program cannot say."""
    return (
        f"Load the file first (nrepl.loadFile): whether the namespace {ns} is loaded cannot be "
        f"checked{why}."
    )
