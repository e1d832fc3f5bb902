"""What an error is made of: exceptions, each caused by the next, and the calls that led there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import shapes
from .locations import is_no_source
from .values import ErrorPlace

__all__ = [
    *("MAX_CAUSES", "MAX_DATA", "MAX_FRAMES", "MAX_TEXT", "Cause", "StackFrame"),
    *("place_of", "tells_of", "without_repeats"),
]

MAX_CAUSES = 20
"""Exceptions of one chain."""

MAX_FRAMES = 50
"""Frames of one exception."""

MAX_TEXT = 2000
"""Characters of a message."""

MAX_DATA = 16 * 1024
"""Characters of one exception's printed data."""


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

    @property
    def is_sent(self) -> bool:
        """Whether it is the code that was sent, as the JVM's compiler names it."""
        return _SENT.search(self.name) is not None

    @property
    def is_top_level(self) -> bool:
        """Whether it is of code in no function."""
        return self.label.endswith(("top level", "(top level)"))

    @property
    def label(self) -> str:
        """The name, with what a compiler calls the code that was sent in words."""
        return _SENT.sub(" (top level)", self.name)


#: `user/eval2173/fn`.
_SENT = re.compile(r"/eval\d+(?=/|$)")


@dataclass(frozen=True, slots=True)
class Cause:
    """
    An exception of a chain: what it is, what it says, its `ex-data` printed, and its frames.

    frames: innermost first.
    """

    class_name: str | None
    message: str
    data: str | None = None
    place: ErrorPlace | None = None
    frames: tuple[StackFrame, ...] = ()

    @property
    def is_of_spec(self) -> bool:
        """Whether it is a spec's complaint, which Clojure explains in other words."""
        return "clojure.spec.alpha" in (self.data or "")[:100]

    @property
    def short_class(self) -> str:
        """The class without its package."""
        return re.split(r"[.$]", self.class_name or "")[-1]


def tells_of(causes: Sequence[Cause], message: str, class_name: str | None) -> bool:
    """
    Whether a chain is that of an error whose text is known.

    The program keeps only the last error, and another one may have come in between.
    """
    if any(_first_line(cause.message) == message for cause in causes if message):
        return True
    short = (class_name or "").rpartition(".")[2]
    is_class = bool(short) and any(
        (cause.class_name or "").endswith(short) or cause.short_class == short for cause in causes
    )
    # The text has the class in place of a missing message, and spec's explanation of its data.
    return is_class and (message == class_name or " - failed: " in message)


def _first_line(text: str) -> str:
    # As `errors.report` cuts the message.
    return text.strip().partition("\n")[0].rstrip()[:500]


def without_repeats(frames: Iterable[StackFrame]) -> tuple[StackFrame, ...]:
    """The frames; those that say the same as the one before are marked."""
    found: list[StackFrame] = []
    for frame in frames:
        before = found[-1] if found else None
        is_same = before is not None and (before.name, before.place) == (frame.name, frame.place)
        found.append(replace(frame, is_duplicate=True) if is_same else frame)
    return tuple(found)


def place_of(file: Any, line: Any, column: Any = None) -> ErrorPlace | None:
    name, number, at = shapes.text(file), shapes.integer(line), shapes.integer(column)
    if number is None or number <= 0:
        return None
    return ErrorPlace(
        name if name and not is_no_source(name) else None, number, at if at and at > 0 else None
    )
