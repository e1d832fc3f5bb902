"""The semantic tokens of one top-level form, counted from where it starts."""

from bisect import bisect_right
from collections.abc import Callable
from io import StringIO
from itertools import accumulate
from typing import NamedTuple

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.lines import Encoding
from nrepl_lsp.source.locals.scopes import scopes_of

from .unknown_symbols import unknown_symbols
from .vocabulary import TYPES, UNRESOLVED, Vocabulary

__all__ = ["FormTokens", "Show", "form_tokens"]

_LOCALS = {
    "parameter": TYPES.index("parameter"),
    "local": TYPES.index("variable"),
    "function": TYPES.index("function"),
}


class FormTokens(NamedTuple):
    """
    A form's tokens as LSP encodes them, but for the place of the first.

    first, last: line and column of the first and last token; a column on line 0 counts from the
    form's start. rest: all but the first two numbers.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    rest: list[int]


Show = Callable[[int, int], tuple[int, int] | None]
"""A type and modifiers as the client takes them; None when it does not know the type."""


def form_tokens(
    snapshot: Snapshot,
    form: Span,
    vocabulary: Vocabulary,
    encoding: Encoding,
    show: Show,
    *,
    is_import: bool,
    marks_unresolved: bool,
) -> FormTokens | None:
    """The tokens of a form; None when it has none."""
    text = snapshot.text[form.start : form.end]
    scopes = scopes_of(snapshot, form)
    found = [
        (start, end, _LOCALS.get(scopes.locals[number].kind, _LOCALS["local"]), 0)
        for start, end, number in scopes.uses
    ]
    for start, end in scopes.free.items():
        for piece in vocabulary.pieces(text[start:end], is_import=is_import):
            found.append((start + piece.start, start + piece.end, piece.type, piece.modifiers))
    if marks_unresolved and vocabulary.is_complete and not is_import:
        variable = TYPES.index("variable")
        for start, end in unknown_symbols(snapshot.language, text, scopes.free, vocabulary):
            found.append((start, end, variable, UNRESOLVED))
    found.sort()
    return _encoded(text, found, encoding, show)


def _encoded(
    text: str, found: list[tuple[int, int, int, int]], encoding: Encoding, show: Show
) -> FormTokens | None:
    starts = list(accumulate(map(len, StringIO(text, newline="")), initial=0))
    is_plain = text.isascii() or encoding == "utf-32"
    data: list[int] = []
    first: tuple[int, int] | None = None
    last, end_of_last = (0, 0), 0
    for start, end, kind, modifiers in found:
        shown = show(kind, modifiers) if end > start >= end_of_last else None
        if shown is None:
            continue
        line = bisect_right(starts, start) - 1
        column, length = start - starts[line], end - start
        if not is_plain:
            column = _units(text[starts[line] : start], encoding)
            length = _units(text[start:end], encoding)
        if first is None:
            first = last = (line, column)
        step = line - last[0]
        data += (step, column if step else column - last[1], length, *shown)
        last, end_of_last = (line, column), end
    return FormTokens(first, last, data[2:]) if first is not None else None


def _units(text: str, encoding: Encoding) -> int:
    """How many code units a text takes; utf-32 never asks."""
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
