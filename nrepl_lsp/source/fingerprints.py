"""Telling whether two texts are the same code, however they are laid out and commented."""

import re

from .languages import Language
from .lexer import lexer_for

__all__ = ["fingerprint"]

_CLOSERS = ")]}"
_BREAK = re.compile(r"\r\n?")


def fingerprint(language: Language, text: str) -> int:
    """
    A number that texts of the same tokens share, and others do not (to one in 2⁶⁴).

    White space, comments and forms that the reader drops do not count. It is good for this
    process only. In plain text white space alone does not count.
    """
    lexer = lexer_for(language)
    if lexer is None:
        return hash(" ".join(text.split()))
    match_token = lexer.token.match
    kept: list[str] = []
    position, end, drops = 0, len(text), True
    while position < end:
        match = match_token(text, position)
        if match is None:  # pragma: no cover - the last alternative takes any character
            break
        kind, start, position = match.lastgroup, position, match.end()
        if kind in ("space", "comment", "block"):
            continue
        if kind != "discard":
            drops = True
            kept.append(match[0])
        elif drops:
            dropped = next(lexer.forms(text, start, end, _CLOSERS), None)
            # Of many in a row with nothing after them only the first is worth the look.
            drops = dropped is not None and dropped.discarded
            position = dropped.end if dropped is not None and drops else position
    return hash(_BREAK.sub("\n", "\0".join(kept)))
