"""The texts, candidates and messages that are measured with."""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

DOCUMENT_CHARS = 200_000
SMALL_CHARS = 2_000

# The line and column that hover and completion are asked about, in SOURCE.
SYMBOL = "map-filter-0001"
PREFIX = "map-"
SOURCE = f"(ns bench.core)\n\n(defn run [xs]\n  ({SYMBOL} inc xs)\n  ({PREFIX}))\n"
HOVER_PLACE = (3, 6)
COMPLETION_PLACE = (4, 7)

KINDS = {"function": 3, "macro": 3, "var": 6}

DOC = "Returns a lazy sequence of applying f to the set of first items of each coll.\n" * 6


def candidates(count: int) -> list[dict[str, str]]:
    """Return what `complete` answers: names that all begin with PREFIX."""
    return [
        {"candidate": f"map-filter-{index:04}", "ns": "bench.core", "type": "function"}
        for index in range(count)
    ]


def info() -> dict[str, Any]:
    """Return what `info` answers about SYMBOL."""
    return {
        "arglists-str": "([f] [f coll] [f c1 c2] [f c1 c2 c3] [f c1 c2 c3 & colls])",
        "column": 1,
        "doc": DOC,
        "file": "file:/bench/core.clj",
        "line": 2727,
        "name": SYMBOL,
        "ns": "bench.core",
    }


def bencode(value: Any) -> bytes:
    """Write bencode, independent of what is measured."""
    match value:
        case str():
            data = value.encode()
            return b"%d:%b" % (len(data), data)
        case int():
            return b"i%de" % value
        case list():
            return b"l%be" % b"".join(map(bencode, value))
        case dict():
            items = sorted(value.items())
            return b"d%be" % b"".join(bencode(key) + bencode(item) for key, item in items)
    raise TypeError(type(value).__name__)


def completions_message(count: int) -> bytes:
    """Return a whole `complete` reply, about 65 bytes a candidate."""
    reply = {"id": "12", "session": "s" * 36, "status": ["done"], "completions": candidates(count)}
    return bencode(reply)


def small_message() -> bytes:
    """Return a message of the size that output comes in: 112 bytes."""
    return bencode({"id": "12", "ns": "bench.core", "out": "x" * 29, "session": "s" * 36})


def hover(reply: dict[str, Any]) -> dict[str, Any]:
    """Return the LSP answer made of an `info` reply."""
    text = (
        f"```clojure\n{reply['ns']}/{reply['name']}\n{reply['arglists-str']}\n```\n{reply['doc']}"
    )
    return {"contents": {"kind": "markdown", "value": text}}


def completion_range() -> dict[str, Any]:
    """Return the range of PREFIX before COMPLETION_PLACE."""
    line, column = COMPLETION_PLACE
    start = {"line": line, "character": column - len(PREFIX)}
    return {"start": start, "end": {"line": line, "character": column}}


def completion(found: list[dict[str, str]]) -> dict[str, Any]:
    """Return the LSP answer made of a `complete` reply's candidates."""
    items = [
        {
            "label": item["candidate"],
            "kind": KINDS.get(item["type"], 1),
            "detail": item["ns"],
            "sortText": f"{index:05}",
        }
        for index, item in enumerate(found)
    ]
    defaults = {"editRange": completion_range()}
    return {"isIncomplete": False, "itemDefaults": defaults, "items": items}


@cache
def clojure_text(chars: int = DOCUMENT_CHARS) -> str:
    """Return that much of a real program of the Clojure family: Basilisp's core library.

    It is cut before a top-level form, so that it is balanced.
    """
    spec = importlib.util.find_spec("basilisp")
    assert spec is not None
    assert spec.origin is not None
    text = (Path(spec.origin).parent / "core.lpy").read_text(encoding="utf-8")
    return text[: text.rindex("\n\n(", 0, chars) + 2]
