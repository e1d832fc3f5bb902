"""Whether a name is a good answer to what was typed."""

from __future__ import annotations

__all__ = ["matches"]


def matches(prefix: str, label: str) -> bool:
    """
    Whether a label that does not begin with the prefix is still a good answer to it.

    It is when it begins with it in other case, when a part after a qualifier or dot does
    (`ExceptionI` → `clojure.lang.ExceptionInfo`), or when the prefix abbreviates it the way that
    compliment and nREPL ≥ 1.1.1 understand: same first letter, then each letter follows the one
    before it or begins a part (`rkv` → `reduce-kv`, `c.st` → `clojure.string`, `.tUC` →
    `.toUpperCase`). A match in the middle of a word is not (`ma` in `unchecked-remainder-int`).

    What a prefix matches, every beginning of that prefix matches, so that editors may narrow a
    list down while typing goes on.
    """
    if label[: len(prefix)].lower() == prefix.lower():
        return True
    qualifier = max(label.rfind("/", 0, -1), label.rfind(".", 1, -1))
    if qualifier > 0 and label.startswith(prefix, qualifier + 1):
        return True
    return label[0] == prefix[0] and _abbreviates(prefix, label)


_SEPARATORS = "-./_"


def _abbreviates(prefix: str, label: str) -> bool:
    at = 1
    for char in prefix[1:]:
        if at < len(label) and label[at] == char:
            at += 1
            continue
        at = _next_part(label, at, char)
        if at < 0:
            return False
    return True


def _next_part(label: str, at: int, char: str) -> int:
    """Just past `char` where it begins a later part of a label, or is the separator; else -1."""
    for index in range(at, len(label)):
        current = label[index]
        if current != char:
            continue
        if current in _SEPARATORS or current.isupper() or label[index - 1] in _SEPARATORS:
            return index + 1
    return -1
