"""The symbol at a place, what of it has been typed, and the form around it for completion."""

from dataclasses import dataclass
from typing import Literal

from . import plain
from .cursor import Cursor, locate
from .document import Snapshot
from .forms import top_level
from .lexer import Span, Token

CONTEXT_LIMIT = 20_000
"""How many characters a completion context may have; a longer one is not sent."""

PREFIX_MARK = "__prefix__"
"""What cider-nrepl looks for in a completion context: where the symbol is being typed."""

SymbolKind = Literal["symbol", "keyword"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol or keyword as it is written, without reader prefixes (`'`, `#'`, `@`, `^`, …)."""

    text: str
    span: Span
    kind: SymbolKind = "symbol"


@dataclass(frozen=True, slots=True)
class Prefix:
    """What of a symbol is left of the cursor; `replace` is the whole symbol, both sides."""

    text: str
    replace: Span


def symbol_at(snapshot: Snapshot, offset: int) -> Symbol | None:
    """The symbol or keyword that the cursor is in or beside; on a prefix, the one it belongs to.

    None in strings, comments, numbers, character literals and white space. Where two symbols
    touch the cursor the left one counts. In plain text it is a word.
    """
    return snapshot.once_at(_symbol_at, offset)


def _symbol_at(snapshot: Snapshot, offset: int) -> Symbol | None:
    cursor = locate(snapshot, offset)
    if cursor is None:
        offset = max(0, min(offset, len(snapshot.text)))
        word = plain.word_at(snapshot.text, offset)
        return Symbol(snapshot.text[word.start : word.end], word) if word else None
    on_prefix = -1
    for token in cursor.tokens(cursor.depth):
        if token.start > cursor.offset and token.start != on_prefix:
            return None
        if _is_atom(token) and (token.start == on_prefix or cursor.offset <= token.end):
            return _symbol(cursor, token)
        if token.start <= cursor.offset < token.end:
            if token.kind not in ("prefix", "double", "discard"):
                return None
            on_prefix = token.end
        elif token.start == on_prefix and token.kind in ("prefix", "double", "discard"):
            on_prefix = token.end
    return None


def prefix_at(snapshot: Snapshot, offset: int) -> Prefix | None:
    """What is being typed at the cursor: a symbol or keyword, or nothing yet (an empty text).

    None where a symbol cannot stand: in strings, comments, character literals, numbers and tags.
    """
    cursor = locate(snapshot, offset)
    if cursor is None:
        offset = max(0, min(offset, len(snapshot.text)))
        word = plain.word_at(snapshot.text, offset)
        return _prefix(snapshot.text, offset, word or Span(offset, offset))
    text, offset = cursor.text, cursor.offset
    for token in cursor.tokens(cursor.depth):
        if token.end < offset:
            continue
        if token.start > offset:
            break
        if _is_atom(token):
            if token.start < offset and _symbol(cursor, token) is None:
                return None
            if token.start < offset or _symbol(cursor, token) is not None:
                return _prefix(text, offset, Span(token.start, token.end))
        elif token.start < offset and _takes_typing(text, token, offset):
            return None
    return Prefix("", Span(offset, offset))


def completion_context(snapshot: Snapshot, offset: int) -> str | None:
    """The top-level form around the cursor with the symbol being typed replaced by `__prefix__`.

    None when brackets do not balance, when nothing can be typed there, outside of forms, and when
    it would be longer than `CONTEXT_LIMIT`. cider-nrepl reads it to know locals and types.
    """
    prefix = prefix_at(snapshot, offset)
    form = top_level(snapshot, offset) if prefix is not None else None
    if prefix is None or form is None or not form.balanced:
        return None
    start, end = form.parts[-1] if form.discarded else (form.start, form.end)
    replace = prefix.replace
    if not start <= replace.start <= replace.end <= end or end - start > CONTEXT_LIMIT:
        return None
    text = snapshot.text
    return text[start : replace.start] + PREFIX_MARK + text[replace.end : end]


def _symbol(cursor: Cursor, token: Token) -> Symbol | None:
    text = cursor.text[token.start : token.end]
    kind = cursor.lexer.atom_kind(text)
    if kind == "keyword":
        return Symbol(text, Span(token.start, token.end), "keyword")
    return Symbol(text, Span(token.start, token.end)) if kind == "symbol" else None


def _prefix(text: str, offset: int, span: Span) -> Prefix:
    return Prefix(text[span.start : offset], span)


def _is_atom(token: Token) -> bool:
    return token.kind in ("atom", "literal")


def _takes_typing(text: str, token: Token, offset: int) -> bool:
    """Whether what is typed at an offset in or right after a token goes into that token."""
    if token.kind in ("prefix", "double", "discard"):
        return offset < token.end or text[offset - 1].isalnum()
    if token.kind in ("list", "close", "junk"):
        return False
    return offset < token.end or token.kind in ("comment", "character") or not token.closed
