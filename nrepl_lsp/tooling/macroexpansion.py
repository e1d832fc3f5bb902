"""
What a macro call becomes.

Expanding runs the macro, which is the user's code: only a command of the user's may ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nrepl_lsp.nrepl.messages import Message

from . import shapes
from .variants import Question, Variant

__all__ = ["MACROEXPANSION", "ExpansionQuery", "How"]

How = Literal["1", "all", "step"]

_EXPANDERS: dict[How, str] = {
    "1": "macroexpand-1",
    "all": "macroexpand-all",
    "step": "macroexpand-step",
}


@dataclass(frozen=True, slots=True)
class ExpansionQuery:
    """
    code: one form. ns: the namespace in force, only one that the server has, else None.
    how: once, in all places, or in the first place that is left.
    """

    code: str
    ns: str | None = None
    how: How = "1"


def _request(query: ExpansionQuery) -> Message:
    params: Message = {
        "code": query.code,
        "expander": _EXPANDERS[query.how],
        # Names as the namespace would write them: `str/join` rather than `clojure.string/join`.
        "display-namespaces": "tidy",
    }
    if query.ns is not None:
        params["ns"] = query.ns
    return params


def _parse(messages: Sequence[Message], query: ExpansionQuery) -> str | None:
    return shapes.text(shapes.merge(messages).get("expansion"))


MACROEXPANSION: Question[ExpansionQuery, str] = Question(
    "macroexpansion",
    (
        Variant("cider/macroexpand", _request, _parse),
        Variant("macroexpand", _request, _parse),
    ),
)
"""The expansion's text, printed on several lines by cider-nrepl; None where the op fails, as it
does for "all" in nbb 1.6.214."""
