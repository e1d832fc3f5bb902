"""Formatting code as the program's project does it."""

from __future__ import annotations

from collections.abc import Sequence

from nrepl_lsp.nrepl.messages import Message

from . import shapes
from .variants import Question, Variant

__all__ = ["FORMAT"]


def _request(code: str) -> Message:
    return {"code": code}


def _parse(messages: Sequence[Message], code: str) -> str | None:
    return shapes.text(shapes.merge(messages).get("formatted-code"))


FORMAT: Question[str, str] = Question(
    "format",
    (
        Variant("cider/format-code", _request, _parse),
        Variant("format-code", _request, _parse),
    ),
)
"""
The code laid out anew, by the project's own cljfmt configuration since cider-nrepl 0.61; None for
code that does not balance. It is not evaluated. Only Clojure is understood.
"""
