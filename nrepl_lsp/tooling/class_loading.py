"""
Which names a server must not be asked about, because it would load a class to answer.

Clojure resolves a symbol with a dot to a class, and loading one runs its static initialiser: that
of `gen-class` loads a whole namespace. nREPL 1.0.0 does it for `lookup` of `my.app` and `my.Side`,
and for `completions` of what begins with `my.app/`, cider-nrepl for `info` and `eldoc`.
"""

from __future__ import annotations

__all__ = ["may_load", "qualifier_of"]

_FAMILIES = frozenset(("clojure", "plain", ""))
"""Those that a document of a Clojure program may be of; other languages have dots in names."""

_PLATFORM = ("java.", "javax.", "clojure.lang.")
"""Beginnings of classes that run nobody's code."""


def qualifier_of(name: str) -> str:
    """What a symbol says before its slash, or else all of it; without the dots of interop."""
    return (name[0:1] + name[1:].partition("/")[0]).strip(".")


def may_load(name: str, language: str) -> bool:
    """
    Whether a server of the JVM could load a class when it is asked about a name of a family.

    Only by dots: `Side` and `Side/x` are looked up among what the namespace has imported.
    """
    if "." not in name or language not in _FAMILIES or name.startswith(":"):
        return False
    qualifier = qualifier_of(name)
    return "." in qualifier and not qualifier.startswith(_PLATFORM)
