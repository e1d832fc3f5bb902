"""The macro call at a place, and the comment that holds what it becomes (Clojure's family)."""

import re

from ..changes import Change
from ..cursor import locate
from ..document import Snapshot
from ..forms import Call, enclosing_call, form_at
from ..lexer import Span
from ..rewriting.white_space import line_break_of

__all__ = ["MacroCall", "comment_at", "expansion_comment", "macro_call_at", "shown"]

#: Characters of a call in a comment's first line.
SHOWN_LIMIT = 60

_FIRST = re.compile(r"[ \t]*;; macroexpansion of ")
_REST = re.compile(r"[ \t]*;;(?: =>|   ) ")


MacroCall = Call
"""A call of what may be a macro."""


def macro_call_at(snapshot: Snapshot, offset: int) -> MacroCall | None:
    """The call that a cursor is on: the list that begins or ends there, else the one around it."""
    form = form_at(snapshot, offset)
    if form is not None and snapshot.text[form.start : form.start + 1] == "(":
        call = enclosing_call(snapshot, form.start + 1)
        if call is not None and call.span == form:
            return call
    return enclosing_call(snapshot, offset)


def shown(snapshot: Snapshot, call: MacroCall) -> str:
    """A call in one short line."""
    text = snapshot.text[call.span.start : min(call.span.end, call.span.start + 4 * SHOWN_LIMIT)]
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_LIMIT else line[: SHOWN_LIMIT - 1] + "…"


def expansion_comment(snapshot: Snapshot, call: MacroCall, expansion: str) -> Change | None:
    """
    The change that puts an expansion below the line on which its call ends, as a comment.

    None where no comment can stand: the line ends in a string.
    """
    text = snapshot.text
    end = _line_end(snapshot, call.span.end)
    cursor = locate(snapshot, end)
    token = cursor.token() if cursor is not None else None
    if token is not None and token.kind != "comment":
        return None
    first, _ = snapshot.lines.position(call.span.start, "utf-32")
    line = snapshot.lines.line_text(first)
    indentation = line[: len(line) - len(line.lstrip())]
    lines = [written.rstrip() for written in expansion.splitlines() if written.strip()]
    marks = ("=>", *["  "] * len(lines))
    comment = [f";; macroexpansion of {shown(snapshot, call)}:"]
    comment += [f";; {mark} {written}" for mark, written in zip(marks, lines, strict=False)]
    return Change(
        end, end, "".join(line_break_of(text) + indentation + written for written in comment)
    )


def comment_at(snapshot: Snapshot, call: MacroCall | None, offset: int) -> Span | None:
    """The comment with an expansion that is below a call or at an offset, with its line break."""
    lines = snapshot.lines
    at, _ = lines.position(offset, "utf-32")
    while at > 0 and _REST.match(lines.line_text(at)):
        at -= 1
    if not _FIRST.match(lines.line_text(at)):
        if call is None:
            return None
        at = lines.position(call.span.end, "utf-32")[0] + 1
        if not _FIRST.match(lines.line_text(at)):
            return None
    last = at
    while _REST.match(lines.line_text(last + 1)):
        last += 1
    start = lines.offset(at - 1, len(lines.line_text(at - 1)), "utf-32") if at else 0
    end = lines.offset(last, len(lines.line_text(last)), "utf-32")
    # A string may hold such a line too.
    inside = lines.offset(at, lines.line_text(at).index(";") + 1, "utf-32")
    cursor = locate(snapshot, inside)
    token = cursor.token() if cursor is not None else None
    return Span(start, end) if token is not None and token.kind == "comment" else None


def _line_end(snapshot: Snapshot, offset: int) -> int:
    line, _ = snapshot.lines.position(offset, "utf-32")
    return snapshot.lines.offset(line, len(snapshot.lines.line_text(line)), "utf-32")
