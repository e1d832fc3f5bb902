"""
In what two printed values differ, for tests that expected the one and got the other.

Worked out here, because programs do not do it unless a library is loaded. The values may have been
cut when they were printed, so this is help for the eye and no proof.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import islice, zip_longest
from typing import Any

from nrepl_lsp.nrepl import edn
from nrepl_lsp.nrepl.errors import EdnError

__all__ = ["differences"]

#: Differences that are told, and characters of a value in one.
DIFFERENCES_LIMIT = 8
VALUE_LIMIT = 60

_ABSENT = object()


def differences(expected: str, actual: str) -> list[str]:
    """
    Lines such as `[:b 1]: expected 2, got 3`.

    None of them where the values are no collections or long strings, or cannot be read.
    """
    # Sets are read as lists, whose order would be taken for a difference.
    if "#{" in expected or "#{" in actual:
        return []
    try:
        one, other = edn.read(expected), edn.read(actual)
    except EdnError:
        return []
    if isinstance(one, str) and isinstance(other, str):
        return _of_texts(one, other)
    if not (_is_collection(one) and type(one) is type(other)):
        return []
    found = list(islice(_walk((), one, other), DIFFERENCES_LIMIT + 1))
    return [*found[:DIFFERENCES_LIMIT], "…"] if len(found) > DIFFERENCES_LIMIT else found


def _of_texts(one: str, other: str) -> list[str]:
    if "\n" not in one and "\n" not in other:
        return []
    # Not `ndiff`: it compares lines by their characters, which takes seconds for 2,000 of them.
    lines = difflib.unified_diff(one.splitlines(), other.splitlines(), n=0, lineterm="")
    told = (f"{it[0]} {it[1:]}" for it in islice(lines, 2, None) if it[:1] in "-+")
    found = list(islice(told, DIFFERENCES_LIMIT + 1))
    return [*found[:DIFFERENCES_LIMIT], "…"] if len(found) > DIFFERENCES_LIMIT else found


def _walk(path: tuple[Any, ...], one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys((*one, *other)):
            yield from _walk((*path, key), one.get(key, _ABSENT), other.get(key, _ABSENT))
    elif isinstance(one, list) and isinstance(other, list):
        for index, (left, right) in enumerate(zip_longest(one, other, fillvalue=_ABSENT)):
            yield from _walk((*path, index), left, right)
    elif one is _ABSENT:
        yield f"{_printed(list(path))}: not expected, got {_printed(other)}"
    elif other is _ABSENT:
        yield f"{_printed(list(path))}: expected {_printed(one)}, is missing"
    elif type(one) is not type(other) or one != other:
        yield f"{_printed(list(path))}: expected {_printed(one)}, got {_printed(other)}"


def _is_collection(value: Any) -> bool:
    return isinstance(value, dict | list)


def _printed(value: Any) -> str:
    text = "".join(islice(_pieces(value), 4 * VALUE_LIMIT))
    return text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…"


def _pieces(value: Any) -> Iterator[str]:
    """A value's text, piece by piece, so that the end of a long one is not made."""
    match value:
        case dict():
            yield "{"
            for number, (key, one) in enumerate(value.items()):
                yield ", " if number else ""
                yield from _pieces(key)
                yield " "
                yield from _pieces(one)
            yield "}"
        case list():
            yield "["
            for number, one in enumerate(value):
                yield " " if number else ""
                yield from _pieces(one)
            yield "]"
        case None | True | False:
            yield {None: "nil", True: "true", False: "false"}[value]
        case edn.Symbol():
            yield str(value)
        case str():
            yield value if value.startswith(":") else '"' + value + '"'
        case _:
            yield str(value)
