"""The causes of the last error, and the frames they came through, as the program tells them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nrepl_lsp.nrepl import edn
from nrepl_lsp.nrepl.errors import EdnError
from nrepl_lsp.nrepl.messages import Message

from . import shapes
from .causes import MAX_CAUSES, MAX_DATA, MAX_FRAMES, MAX_TEXT, Cause, StackFrame, place_of
from .jvm_frames import class_path_name, jvm_frame
from .values import ErrorPlace
from .variants import Question, Variant

__all__ = ["LAST_ERROR", "Cause", "StackFrame", "causes_of_values", "jvm_frame"]


def _causes(messages: Sequence[Message], query: None) -> tuple[Cause, ...] | None:
    """The causes in the replies of `analyze-last-stacktrace`: one message each, outermost first."""
    told = [message for message in messages if "class" in message or "stacktrace" in message]
    return tuple(_cause(message) for message in told[:MAX_CAUSES]) or None


def _cause(message: Message) -> Cause:
    raw = message.get("stacktrace")
    frames = (
        [_frame(one) for one in raw[:MAX_FRAMES] if isinstance(one, dict)]
        if (isinstance(raw, list))
        else []
    )
    data = shapes.text(message.get("data"))
    return Cause(
        shapes.text(message.get("class")),
        (shapes.text(message.get("message")) or "")[:MAX_TEXT],
        data[:MAX_DATA] if data and not _is_of_the_compiler(data) else None,
        _compiler_place(message.get("location")) or (_data_place(data) if data else None),
        tuple(frames),
    )


def _compiler_place(location: Any) -> ErrorPlace | None:
    if not isinstance(location, dict):
        return None
    named = {str(key).rpartition("/")[2]: value for key, value in location.items()}
    return place_of(named.get("source"), named.get("line"), named.get("column"))


def _frame(raw: dict[str, Any]) -> StackFrame:
    flags = shapes.strings(raw.get("flags"))
    ns, function = shapes.text(raw.get("ns")), shapes.text(raw.get("fn"))
    name = f"{ns}/{function}" if ns and function else shapes.text(raw.get("name")) or "?"
    file = shapes.text(raw.get("file-url"))
    if file is None:
        class_name = shapes.text(raw.get("class")) or ""
        file = class_path_name(class_name, shapes.text(raw.get("file")))
    return StackFrame(
        name,
        place_of(file, raw.get("line")),
        is_project="project" in flags or "repl" in flags,
        is_tooling="tooling" in flags,
        is_duplicate="dup" in flags,
    )


LAST_ERROR: Question[None, tuple[Cause, ...]] = Question(
    "last error",
    tuple(
        Variant(op, lambda query: {}, _causes)
        for op in ("cider/analyze-last-stacktrace", "analyze-last-stacktrace", "stacktrace")
    ),
)
"""The chain of the session's `*e`; an op that answers nothing says that there is no error."""


# -- a JVM without cider-nrepl, by `last_error_code` ------------------------------------------


def causes_of_values(values: Sequence[str]) -> tuple[Cause, ...] | None:
    """The causes in what `last_error_code` gave; None when there are none, or it failed."""
    try:
        printed = edn.read(values[-1]) if values else None
        read = edn.read(printed) if isinstance(printed, str) else None
    except EdnError:
        return None
    told = read[:MAX_CAUSES] if isinstance(read, list) else []
    whole = (one for one in told if isinstance(one, list) and len(one) == 4)
    return tuple(_jvm_cause(*one) for one in whole) or None


def _jvm_cause(class_name: Any, message: Any, data: Any, raw: Any) -> Cause:
    data = shapes.text(data)
    rows = [one for one in raw if isinstance(one, list)] if isinstance(raw, list) else []
    rows = [one for one in rows[:MAX_FRAMES] if len(one) == 4]
    frames = [
        replace(_frame_of(row), is_duplicate=_goes_on(row, before))
        for row, before in zip(rows, [None, *rows], strict=False)
    ]
    is_compiler = data is not None and _is_of_the_compiler(data)
    return Cause(
        shapes.text(class_name),
        (shapes.text(message) or "")[: MAX_TEXT + 1],
        data[:MAX_DATA] if data and not is_compiler else None,
        _data_place(data) if data and is_compiler else None,
        tuple(frames),
    )


def _frame_of(row: list[Any]) -> StackFrame:
    class_name, method, file, line = row
    return jvm_frame(str(class_name), str(method), shapes.text(file), shapes.integer(line))


def _goes_on(row: list[Any], before: list[Any] | None) -> bool:
    """Whether a frame is the one before again: `invoke` only calls `invokeStatic`."""
    return before is not None and (
        before[0] == row[0] and before[1] == "invokeStatic" and row[1] != "invokeStatic"
    )


_COMPILER_DATA = re.compile(r"(?:#:clojure\.error|:clojure\.error/phase)")
_DATA_PLACE = {
    "line": re.compile(r":(?:clojure\.error/)?line (\d+)"),
    "column": re.compile(r":(?:clojure\.error/)?column (\d+)"),
    "source": re.compile(r':(?:clojure\.error/)?source "((?:[^"\\]|\\.)*)"'),
}


def _is_of_the_compiler(data: str) -> bool:
    """Whether an exception's data only says where the compiler was."""
    return _COMPILER_DATA.search(data[:MAX_TEXT]) is not None


def _data_place(data: str) -> ErrorPlace | None:
    if not _is_of_the_compiler(data):
        return None
    found = {name: it.search(data[:MAX_TEXT]) for name, it in _DATA_PLACE.items()}
    texts = {name: match[1] if match else None for name, match in found.items()}
    return place_of(texts["source"], texts["line"], texts["column"])
