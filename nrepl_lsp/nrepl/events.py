"""What an evaluation tells as it goes, and what it came to: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "Done",
    "EvaluationEvent",
    "EvaluationResult",
    "Failed",
    "InterruptAnswer",
    "Interrupted",
    "NeedInput",
    "Output",
    "OutputCut",
    "Status",
    "Stream",
    "Value",
]

Stream: TypeAlias = Literal["out", "err"]
Status: TypeAlias = Literal["done", "error", "interrupted"]

#: What came of asking to stop an evaluation; `unanswered`: the server did not react in time.
InterruptAnswer: TypeAlias = Literal["interrupted", "idle", "unsupported", "unanswered"]


@dataclass(frozen=True, slots=True)
class Output:
    """Text the program printed; pieces that follow each other are merged."""

    stream: Stream
    text: str


@dataclass(frozen=True, slots=True)
class OutputCut:
    """So many characters of output were thrown away; sent once, before `Done`."""

    characters: int


@dataclass(frozen=True, slots=True)
class Value:
    """A form's printed value. `cut` says how many of its characters were thrown away."""

    text: str
    ns: str | None = None
    cut: int = 0


@dataclass(frozen=True, slots=True)
class NeedInput:
    """The code reads standard input and waits: answer with `Session.send_input`, or interrupt."""


@dataclass(frozen=True, slots=True)
class Failed:
    """
    A form failed. The exception's text is in the `err` output, before or after this event.

    `ex` and `root_ex` are what the server calls them: a class name on the JVM, the printed
    exception on nbb, a traceback on Basilisp. `status` says why when there is no exception.
    """

    ex: str | None
    root_ex: str | None
    status: frozenset[str]


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The server stopped the evaluation because it was asked to, or it was never sent."""


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more comes, except late output of other threads."""

    status: Status


EvaluationEvent: TypeAlias = Output | OutputCut | Value | NeedInput | Failed | Interrupted | Done


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """
    What an evaluation came to.

    status: `interrupted` wins over `error`, which wins over `done`.
    values: the printed values in order (many servers send only the last). value_cuts: for each
    of them, how many of its characters were not kept.
    ns: the namespace after the last value, when the server says it.
    out, err: the text printed; `cut` characters of it, at the end, were not kept.
    """

    status: Status
    values: tuple[str, ...] = ()
    ns: str | None = None
    out: str = ""
    err: str = ""
    ex: str | None = None
    root_ex: str | None = None
    failure: frozenset[str] = frozenset()
    cut: int = 0
    value_cuts: tuple[int, ...] = ()
