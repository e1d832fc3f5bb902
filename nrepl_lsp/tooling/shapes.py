"""
The many shapes of one value, read into one: text, numbers, flags and argument lists of replies.

On the wire nil is `[]`, `""`, `{}` or a missing key, and a number may be its digits.
Nothing here raises; what cannot be understood is absent. What is sent as code has two shapes only:
symbols and strings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from nrepl_lsp.nrepl.messages import Message, present

__all__ = [
    *("arglists", "escaped", "flag", "forms", "integer", "is_symbol", "merge", "quoted", "specs"),
    *("strings", "text"),
]

MAX_SYMBOL_LENGTH = 256

SPEC_DEPTH = 50
"""How deep a spec may nest."""

_SPEC_NAMES = re.compile(r"(?<![^\s(\[{#'])clojure\.spec\.alpha/")
_CORE_NAMES = re.compile(r"(?<![^\s(\[{#'])clojure\.core/")
_SYMBOL = re.compile(r"[^\s,;()\[\]{}\"\\`@~^\x00-\x1f\x7f]+")
_LEADING_QUOTE = ("'", "#")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


def is_symbol(name: str) -> bool:
    """
    Whether the text can be sent to an op as a symbol: one token, no brackets, quotes or blanks.

    Ops must never be given more: hy-nrepl 1.0.4 evaluates the dotted names it is asked about.
    """
    return (
        len(name) <= MAX_SYMBOL_LENGTH
        and _SYMBOL.fullmatch(name) is not None
        and not name.startswith(_LEADING_QUOTE)
    )


def quoted(text: str) -> str:
    """A text as a string that every Lisp reads."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """A text as it stands between a string's quotes: nothing in it ends the string."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def merge(messages: Sequence[Message]) -> Message:
    """All keys of all messages of a reply; a later value wins unless it says nothing."""
    if len(messages) == 1:
        return messages[0]
    merged: Message = {}
    for message in messages:
        for key, value in message.items():
            if key not in merged or present(value):
                merged[key] = value
    return merged


def text(value: Any) -> str | None:
    """A non-empty string, or None; a number becomes its digits."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def integer(value: Any) -> int | None:
    """An int, or the int that a string of digits writes."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and len(value) < 19:
        try:
            return int(value)
        except ValueError:
            return None
    return None


def flag(value: Any) -> bool:
    """`"true"`, `1` or any other value that says something; not `"false"`, `0` or nil."""
    return present(value) and value not in (0, "0", "false")


def strings(value: Any) -> tuple[str, ...]:
    """The strings of a list; a bare string is a list of one."""
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list):
        return tuple(item for item in value if isinstance(item, str) and item)
    return ()


def forms(value: Any) -> tuple[str, ...]:
    """Special forms, from `[["if" "test"]]` (nREPL's `forms`) or lines (cider's `forms-str`)."""
    if isinstance(value, str):
        return tuple(line.strip() for line in value.splitlines() if line.strip())
    if isinstance(value, list):
        found = [item for item in value if isinstance(item, str | list) and item]
        return tuple(_joined(item, "(", ")") for item in found)
    return ()


def specs(value: Any) -> tuple[str, ...]:
    """
    A spec's parts, from nested lists: `[["clojure.spec.alpha/cat" ":x" "int?"]]`.

    Names of clojure.spec are shortened as people write them, to `s/cat`.
    """
    if isinstance(value, str):
        return (_short(value),) if value else ()
    parts = value if isinstance(value, list) else []
    return tuple(_nested(part, 0) for part in parts if isinstance(part, str | list) and part)


def _nested(part: Any, depth: int) -> str:
    if not isinstance(part, list):
        return _short(text(part) or "")
    if depth >= SPEC_DEPTH:
        return "…"
    return f"({' '.join(_nested(one, depth + 1) for one in part)})"


def _short(name: str) -> str:
    return _SPEC_NAMES.sub("s/", _CORE_NAMES.sub("", name))


def arglists(value: Any) -> tuple[str, ...]:
    """
    One text per arity, from any of the five forms that servers use.

    `["[f]", "[f coll]"]`, `[["f"], ["f", "coll"]]` (an empty inner list is the arity without
    arguments), `"([f] [f coll])"`, `"[f]\\n[f coll]"`, and Python's `"(a, b=1)"`.
    The `&env &form` that Basilisp and macros compiled by hand show first are dropped.
    """
    if type(value) is str:
        found = _split_arglists(value)
        implicit = "[&" in value
    elif type(value) is list:
        try:
            # The shape that comes by the thousand with completions: nothing but strings.
            implicit = "[&" in "".join(value)
            found = value
        except TypeError:
            found = [_joined(item, "[", "]") for item in value if isinstance(item, str | list)]
            implicit = True
    else:
        return ()
    if implicit:
        found = [_IMPLICIT.sub("[", item, count=1) for item in found]
    return tuple(found) if "" not in found else tuple(filter(None, found))


_IMPLICIT = re.compile(r"\A\[&(?:env|form) &(?:env|form)(?:\s+|(?=\]))")


def _joined(item: Any, opener: str, closer: str) -> str:
    if isinstance(item, str):
        return item
    words = [_joined(word, "[", "]") for word in item if isinstance(word, str | list)]
    return f"{opener}{' '.join(words)}{closer}"


def _split_arglists(value: str) -> list[str]:
    value = value.strip()
    if value.startswith("([") and value.endswith("])"):
        inner = value[1:-1]
        pieces = inner.replace("] [", "]\0[").split("\0")
        return pieces if inner.count("[") == len(pieces) else _top_level_groups(inner)
    if value.startswith("["):
        return _top_level_groups(value)
    return [value] if value else []


def _top_level_groups(value: str) -> list[str]:
    """The outermost bracketed pieces of a text, each on one line; unbalanced text is one piece."""
    groups: list[str] = []
    closers: list[str] = []
    start = 0
    in_string = False
    at = 0
    while at < len(value):
        char = value[at]
        if char == "\\":
            at += 1
        elif char == '"':
            in_string = not in_string
        elif in_string:
            pass
        elif char in _CLOSERS:
            start = at if not closers else start
            closers.append(_CLOSERS[char])
        elif closers and char == closers[-1]:
            closers.pop()
            if not closers:
                groups.append(" ".join(value[start : at + 1].split()))
        at += 1
    return groups if groups and not closers else [" ".join(value.split())]
