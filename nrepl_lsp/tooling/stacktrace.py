"""The causes of the last error, and the frames they came through."""

from __future__ import annotations

from dataclasses import dataclass

from .values import ErrorPlace

__all__ = ["Cause", "StackFrame"]


@dataclass(frozen=True, slots=True)
class StackFrame:
    """
    One call. name: as people read it, `demo.core/area`. place: file as the program names it.

    is_project, is_tooling: whether the program, or its text, tells that it is of the user's own
    code, or of the machinery that evaluates it. is_duplicate: the one before says the same.
    """

    name: str
    place: ErrorPlace | None = None
    is_project: bool = False
    is_tooling: bool = False
    is_duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """An exception of a chain: what it is, what it says, its `ex-data` printed, and its frames."""

    class_name: str | None
    message: str
    data: str | None = None
    place: ErrorPlace | None = None
    frames: tuple[StackFrame, ...] = ()
