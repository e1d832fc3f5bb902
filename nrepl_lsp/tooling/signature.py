"""
How is this called: the argument lists of a function, macro or special form.

The same ops as `SYMBOL_INFO`, the cheap ones first: `eldoc` sends what is needed and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nrepl_lsp.nrepl.messages import Message

from .symbol_info import SYMBOL_INFO, SymbolQuery
from .values import SymbolInfo
from .variants import Question, Variant

__all__ = ["SIGNATURE"]

_ORDER = ("cider/eldoc", "eldoc", "cider/info", "info", "lookup", "eval")


def _signature(variant: Variant[SymbolQuery, SymbolInfo]) -> Variant[SymbolQuery, SymbolInfo]:
    def parse(messages: Sequence[Message], query: SymbolQuery) -> SymbolInfo | None:
        found = variant.parse(messages, query)
        return _usable(found) if found is not None else None

    return replace(variant, parse=parse)


def _usable(found: SymbolInfo) -> SymbolInfo | None:
    """What can be called; None for a variable, a namespace and what has no argument list."""
    if found.kind == "special-form" and found.arglists and not found.forms:
        # cider's eldoc sends the form itself as an argument list: [["if" "test" "then" "else?"]].
        forms = tuple(_as_form(arglist, found.name) for arglist in found.arglists)
        return replace(found, arglists=(), forms=forms)
    if found.arglists or found.forms:
        return found
    # A method's name in several classes (cider's info): all that it may be.
    every = [item for _, item in found.candidates if item.arglists]
    arglists = tuple(dict.fromkeys(text for item in every for text in item.arglists))
    return replace(found, arglists=arglists) if arglists else None


def _as_form(arglist: str, name: str) -> str:
    inner = arglist[1:-1] if arglist[:1] == "[" and arglist[-1:] == "]" else arglist
    is_whole = inner == name or inner.startswith(name + " ")
    return f"({inner})" if is_whole else f"({name} {inner})".replace(" )", ")")


_VARIANTS = {variant.op: variant for variant in SYMBOL_INFO.variants}

SIGNATURE: Question[SymbolQuery, SymbolInfo] = Question(
    "signature",
    tuple(_signature(_VARIANTS[op]) for op in _ORDER if op in _VARIANTS),
    timeout=2.0,
)
"""Its answer has `arglists` or `forms`."""
