"""
A tolerant reader of printed Clojure data: what evaluation snippets and some ops answer with.

It reads what servers print, not only what the EDN specification allows: `#object[…]`, `#'a/b`,
records, regular expressions and namespaced maps are read as the value that a client can use.
There is no writer and no evaluation.
"""

from __future__ import annotations

import re
from typing import Any

from .errors import EdnError

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "EdnError", "Symbol", "read"]

MAX_DEPTH = 128
"""How deep collections may nest; below Python's recursion limit with room for the caller."""

MAX_LENGTH = 8 * 1024 * 1024
"""Characters of text that are read at all; a completion of 5,000 candidates is about 1 MB."""


class Symbol(str):
    """A symbol. Equal to the string of the same text; its class tells it from a string."""

    __slots__ = ()


_BLANK = re.compile(r"(?:[\s,]+|;[^\n]*)*")
_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|[0-7]{1,3}|.)", re.DOTALL)
_TOKEN = re.compile(r'[^\s,;()\[\]{}"]+')
_CHARACTER = re.compile(r"\\(?:u[0-9a-fA-F]{4}|o[0-7]{1,3}|[a-z]{2,}|.)", re.DOTALL)
_INTEGER = re.compile(r"[+-]?[0-9]+N?")
_RATIO = re.compile(r"[+-]?[0-9]+/[0-9]+")
_UNREADABLE = re.compile(r"<[^>]*>")
_FLOAT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?M?")

_CLOSERS = {"(": ")", "[": "]"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_CHARACTERS = {"newline": "\n", "space": " ", "tab": "\t", "return": "\r", "backspace": "\b"}
_CONSTANTS = {"nil": None, "true": True, "false": False}
_SYMBOLIC = {"Inf": float("inf"), "-Inf": float("-inf"), "NaN": float("nan")}


def read(text: str) -> Any:
    """
    The first value in `text`.

    Vectors, lists and sets become lists, maps become dicts (a key that is a collection becomes its
    own source text), keywords strings with their colon, symbols `Symbol`, characters strings of
    length one, integers and floats numbers, ratios their text, nil None. A tagged literal is its
    value, so `#object[…]` is a list and `#uuid "…"` a string.

    Raises EdnError when there is no value, the text is cut off, or a limit is exceeded.
    """
    if len(text) > MAX_LENGTH:
        raise EdnError(f"{len(text)} characters, more than MAX_LENGTH={MAX_LENGTH}")
    return _Reader(text).value(0)


class _Reader:
    """One text and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise EdnError(f"nested deeper than MAX_DEPTH={MAX_DEPTH}")
        self.skip_blank(depth)
        char = self.peek()
        match char:
            case '"':
                return self.string()
            case "(" | "[":
                self.at += 1
                return self.items(_CLOSERS[char], depth)
            case "{":
                self.at += 1
                return self.map(depth)
            case "#":
                return self.dispatch(depth)
            case "\\":
                return self.character()
            case "^":
                self.at += 1
                self.value(depth + 1)
                return self.value(depth + 1)
            case "'" | "`" | "~" | "@":
                self.at += 1
                return self.value(depth + 1)
            case ")" | "]" | "}" | "":
                raise self.fault("the text ends" if not char else f"unexpected {char}")
        return self.atom()

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def fault(self, reason: str) -> EdnError:
        return EdnError(f"{reason} at character {self.at}")

    def match(self, pattern: re.Pattern[str], name: str) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise self.fault(f"not a {name}")
        self.at = found.end()
        return found

    def skip_blank(self, depth: int) -> None:
        """Past white space, comments and `#_` with the value it discards."""
        while True:
            self.match(_BLANK, "blank")
            if not self.text.startswith("#_", self.at):
                return
            self.at += 2
            self.value(depth + 1)

    def string(self) -> str:
        body = self.match(_STRING, "complete string")[1]
        return _ESCAPE.sub(_unescape, body) if "\\" in body else body

    def items(self, closer: str, depth: int) -> list[Any]:
        found: list[Any] = []
        while not self.closed(closer, depth):
            found.append(self.value(depth + 1))
        return found

    def closed(self, closer: str, depth: int) -> bool:
        self.skip_blank(depth)
        if self.peek() != closer:
            return False
        self.at += 1
        return True

    def map(self, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        while not self.closed("}", depth):
            start = self.at
            key = self.value(depth + 1)
            if isinstance(key, list | dict):
                key = self.text[start : self.at]
            found[key] = self.value(depth + 1)
        return found

    def character(self) -> str:
        name = self.match(_CHARACTER, "character")[0][1:]
        if len(name) == 1:
            return name
        if name[0] == "u" and len(name) == 5:
            return chr(int(name[1:], 16))
        if name[0] == "o" and name[1:].isdigit():
            return chr(int(name[1:], 8))
        return _CHARACTERS.get(name, name)

    def dispatch(self, depth: int) -> Any:
        """What follows `#`: a set, a regular expression, a var, `##Inf`, or a tag and its value."""
        self.at += 1
        match self.peek():
            case "{":
                self.at += 1
                return self.items("}", depth)
            case '"':
                return self.match(_STRING, "complete regular expression")[1]
            case "'" | "^":
                return self.value(depth + 1)
            case "#":
                self.at += 1
                name = self.match(_TOKEN, "symbolic value")[0]
                return _SYMBOLIC.get(name, name)
            case "<":
                return self.match(_UNREADABLE, "complete #<…>")[0]
            case "(":
                return self.value(depth + 1)
        self.match(_TOKEN, "tag")
        return self.value(depth + 1)

    def atom(self) -> Any:
        token = self.match(_TOKEN, "token")[0]
        if token[0] == ":":
            return token
        if token in _CONSTANTS:
            return _CONSTANTS[token]
        if _INTEGER.fullmatch(token):
            return _integer(token.rstrip("N"))
        if _FLOAT.fullmatch(token):
            return float(token.rstrip("M"))
        return token if _RATIO.fullmatch(token) else Symbol(token)


def _integer(digits: str) -> int | str:
    """Return the number, or the digits where Python refuses to convert so many of them."""
    try:
        return int(digits)
    except ValueError:
        return digits


def _unescape(found: re.Match[str]) -> str:
    name = found[1]
    if name[0] == "u" and len(name) == 5:
        return chr(int(name[1:], 16))
    if name[0] in "01234567":
        return chr(int(name, 8))
    return _ESCAPES.get(name, name)
