"""The two regexes of a language, made from its lexical record.

Both match at every position of any text, and repeat nothing that they could go back into, so a
scan takes time in proportion to the text.
"""

import re
from collections.abc import Iterable

from .languages import Lexical, StringSyntax, many

BLOCK_COMMENT_DEPTH = 8
"""How deep `#| … |#` may nest; what is deeper counts as comment text."""

_LEAF_DEPTH = 2

# A `#` after any other character of a symbol is in that symbol. One after these may be, but it
# more often follows a prefix: `,@#(`, `#_#[[`, `#0=#(`.
PREFIX_ENDS = r"'@*\^_&~$+="


def token_pattern(lexical: Lexical) -> str:
    """One token of any kind; the name of the group that matched is the kind."""
    groups = [("space", f"[{lexical.space}]++"), ("comment", lexical.comment)]
    if lexical.block_comment:
        groups.append(("block", block_comment()))
    groups += [
        ("string", _any(syntax.start + syntax.body + syntax.end for syntax in lexical.strings)),
        ("unclosed", _any((_opening(syntax) + r".*\Z") for syntax in lexical.strings)),
        ("character", lexical.character),
        ("discard", lexical.discard),
        ("double", lexical.double_prefix),
        ("prefix", lexical.prefix),
        ("open", _bracket_class(lexical, 0)),
        ("close", _bracket_class(lexical, 1)),
        ("literal", lexical.literal),
        ("atom", _symbol(lexical)),
        ("junk", "."),
    ]
    return "|".join(f"(?P<{name}>{pattern})" for name, pattern in groups if pattern)


def inside_pattern(lexical: Lexical) -> str:
    """Everything up to and with the next bracket, or up to a rare string or the text's end.

    Strings whose end repeats a part of their start need a group, and a group in a loop that does
    not go back fails in CPython 3.11 ("the span of capturing group is wrong"): those are left to
    `token`. For a like reason no group of this file is repeated possessively but in an atomic
    group (python/cpython#106052, mended in 3.11.5).
    """
    common = [syntax for syntax in lexical.strings if not _is_rare(syntax)]
    rare = _any(_opening(syntax) for syntax in lexical.strings if _is_rare(syntax))
    not_rare, at_rare = (f"(?!{rare})", f"|(?={rare})") if rare else ("", "")
    run = f"[^{lexical.special}{_brackets(lexical)}]*+"
    tokens = [
        *(_behind(syntax) + syntax.body + syntax.end for syntax in common),
        "" if r"\#" in lexical.breaks else rf"\#(?<=[^{lexical.breaks}{PREFIX_ENDS}]\#)",
        lexical.comment,
        block_comment() if lexical.block_comment else "",
        lexical.character,
        lexical.quoted,
        lexical.discard,
    ]
    leaves: list[str] = []
    for _ in range(_LEAF_DEPTH):
        other = rf"{not_rare}[^\"{_brackets(lexical)}]"
        body = run + many(_any([*leaves, *tokens, other]) + run)
        leaves = [rf"{re.escape(pair[0])}{body}{re.escape(pair[1])}" for pair in lexical.brackets]
    unclosed = [_opening(syntax, behind=True) + r".*\Z" for syntax in common]
    other = f"{not_rare}[^{_brackets(lexical)}]"
    everything = run + many(_any([*leaves, *tokens, *unclosed, other]) + run)
    return rf"{everything}(?:([{_brackets(lexical)}]){at_rare}|\Z)"


def _symbol(lexical: Lexical) -> str:
    if not lexical.quoted:
        return f"[^{lexical.breaks}]++"
    return many(rf"[^{lexical.breaks}|\\]++|{lexical.quoted}", "+")


def _opening(syntax: StringSyntax, behind: bool = False) -> str:
    return syntax.cut or (_behind(syntax) if behind else syntax.start)


def _behind(syntax: StringSyntax) -> str:
    return syntax.behind or syntax.start


def _is_rare(syntax: StringSyntax) -> bool:
    return "(?P<" in syntax.start


def block_comment(depth: int = BLOCK_COMMENT_DEPTH) -> str:
    """A comment between `#|` and `|#`, which may nest."""
    inner = block_comment(depth - 1) if depth > 1 else r"\#\|"
    return r"\#\|" + many(rf"[^|\#]++|{inner}|\|(?!\#)|\#(?!\|)") + r"(?:\|\#|\Z)"


def _brackets(lexical: Lexical) -> str:
    return re.escape("".join(lexical.brackets))


def _bracket_class(lexical: Lexical, side: int) -> str:
    return "[" + re.escape("".join(pair[side] for pair in lexical.brackets)) + "]"


def _any(patterns: Iterable[str]) -> str:
    chosen = [pattern for pattern in patterns if pattern]
    return "(?:" + "|".join(chosen) + ")" if chosen else ""
