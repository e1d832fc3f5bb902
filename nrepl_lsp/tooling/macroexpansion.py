"""
What a macro call becomes.

Expanding runs the macro, which is the user's code: only a command of the user's may ask.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from nrepl_lsp.nrepl.messages import Message

from . import shapes
from .variants import Question, Variant

__all__ = ["MACROEXPANSION", "Expansion", "ExpansionQuery", "How"]

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


class Expansion(NamedTuple):
    """
    text: what the call becomes; None when there is none.

    failure: what the program says of why, when the macro may have run; None when nothing has run.
    """

    text: str | None
    failure: str | None = None


# nbb 1.6.214 evaluates a call of the expander, and has none but `macroexpand-1`.
_NO_EXPANDER = re.compile(r"\s*Unable to resolve symbol: macroexpand-")


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


def _parse(messages: Sequence[Message], query: ExpansionQuery) -> Expansion:
    reply = shapes.merge(messages)
    text = shapes.text(reply.get("expansion"))
    if text is not None:
        return Expansion(text)
    failure = shapes.text(reply.get("err")) or ""
    return Expansion(None, None if _NO_EXPANDER.match(failure) else failure.strip())


MACROEXPANSION: Question[ExpansionQuery, Expansion] = Question(
    "macroexpansion",
    (
        Variant("cider/macroexpand", _request, _parse),
        Variant("macroexpand", _request, _parse),
    ),
    # Longer than anybody waits: after a silent op the next one must not run the macro again.
    timeout=600.0,
    first_timeout=600.0,
)
"""The expansion, printed on several lines by cider-nrepl; None where the op fails. Who asks gives
up by cancelling."""
