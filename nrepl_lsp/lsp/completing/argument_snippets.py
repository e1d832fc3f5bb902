"""A call as an LSP snippet: a function's name and its arguments as places to fill in."""

import re
from collections.abc import Iterator, Sequence

__all__ = ["call_snippet"]

#: Arguments that are put there at most; nobody fills in more.
ARGUMENTS_LIMIT = 10

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_ESCAPED = re.compile(r"[\\$}]")


def call_snippet(name: str, arglists: Sequence[str]) -> str | None:
    """
    The name with the arguments of one arity, `map ${1:f} ${2:coll}`; None without arguments.

    It is the shortest arity, or the one that adds a collection to it: before that stands a
    transducer's, which is written less often. Rest arguments and optional ones are left out.
    """
    arities = sorted((_required(arglist) for arglist in arglists), key=len)
    if not arities:
        return None
    chosen = arities[0]
    if [*chosen, "coll"] in arities:
        chosen = [*chosen, "coll"]
    if not chosen or len(chosen) > ARGUMENTS_LIMIT:
        return None
    places = (f"${{{number}:{_escaped(text)}}}" for number, text in enumerate(chosen, 1))
    return " ".join((_escaped(name), *places))


def _required(arglist: str) -> list[str]:
    """The arguments of an arity that a call must have, as written, without type hints."""
    arglist = arglist.strip()
    inner = arglist[1:-1] if arglist[:1] in _CLOSERS else arglist
    if arglist.startswith("("):
        return _required_in_python(inner)
    found = []
    for text in _elements(inner, " \t\r\n,"):
        if text.startswith("&"):
            break
        if not text.startswith("^"):
            found.append(text)
    return found


def _required_in_python(inner: str) -> list[str]:
    """From a signature such as `a: int, /, b, c=1, *rest`."""
    found = []
    for text in _elements(inner, ","):
        if text.startswith("*") or "=" in text:
            break
        if name := text.partition(":")[0].strip(" /"):
            found.append(name)
    return found


def _elements(text: str, separators: str) -> Iterator[str]:
    """The parts of a text between separators that are not in brackets or strings."""
    closers: list[str] = []
    start, in_string = 0, False
    for at, char in enumerate(text):
        if char == '"':
            in_string = not in_string
        elif in_string:
            continue
        elif char in _CLOSERS:
            closers.append(_CLOSERS[char])
        elif closers:
            if char == closers[-1]:
                closers.pop()
        elif char in separators:
            if part := text[start:at].strip():
                yield part
            start = at + 1
    if part := text[start:].strip():
        yield part


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: "\\" + match[0], text)
