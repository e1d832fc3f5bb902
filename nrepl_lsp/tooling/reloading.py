"""
Loading code again: the ops and the code that do it, and what their replies tell.

They run the user's code, so they are no questions: a command sends them in the user's session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nrepl_lsp.nrepl.edn import EdnError, read
from nrepl_lsp.nrepl.messages import Message, status_of

from . import shapes

__all__ = [
    "HOSTS",
    "RELOADERS",
    "Reloaded",
    "Reloader",
    "reload_code",
    "reload_op",
    "reloaded",
    "reloaded_by_code",
    "told",
]

#: What reloads the changed namespaces, and all; clj-reload keeps state that is marked to be kept.
_CHANGED = ("cider.clj-reload/reload", "cider/refresh", "refresh")
_ALL = ("cider.clj-reload/reload-all", "cider/refresh-all", "refresh-all")


@dataclass(frozen=True, slots=True)
class Reloader:
    """A library that the program may have loaded, and the calls that reload with it."""

    namespace: str
    changed: str
    all: str


def _thrown(call: str) -> str:
    """A call of tools.namespace, which returns what it should throw."""
    return f"(let [result {call}] (if (instance? Throwable result) (throw result) result))"


RELOADERS = (
    Reloader(
        "clj-reload.core", "(clj-reload.core/reload)", "(clj-reload.core/reload {:only :all})"
    ),
    Reloader(
        "clojure.tools.namespace.repl",
        _thrown("(clojure.tools.namespace.repl/refresh)"),
        _thrown("(clojure.tools.namespace.repl/refresh-all)"),
    ),
)
"""For servers without the ops, best first; JVM only."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """
    What was loaded again. namespaces: in the order of loading; None when that was not told.

    failed: the namespace that could not be loaded. why: what the server says against all of it.
    """

    namespaces: tuple[str, ...] | None = None
    failed: str | None = None
    why: str | None = None


HOSTS = ("basilisp.core", "nbb.core")
"""Namespaces by which a program tells that it loads namespaces in a way of its own."""


def reload_code(ns: str, host: str | None = None, file: str | None = None) -> str | None:
    """
    Code that loads a namespace of Clojure's family from its file again; None for what is no name.

    host: which of `HOSTS` the program has. file: the path of the namespace's file, if it is known.
    """
    if not shapes.is_symbol(ns):
        return None
    reload = f"(require '[{ns}] :reload)"
    if host == "basilisp.core":
        # 0.5.1 reloads only what `require` has loaded, not what `load-file` has.
        known = f'(.get (.-modules (python/__import__ "sys")) (munge "{ns}"))'
        return f"(if {known} {reload} (require '[{ns}]))"
    if host == "nbb.core" and file is not None:
        # 1.6.214 does nothing, and says nothing, for the namespace that the session is in.
        return f"(nbb.core/load-file {shapes.quoted(file)})"
    return reload


def reload_op(supports: Callable[[str], bool], *, is_all: bool) -> str | None:
    """The op that reloads what has changed, or all."""
    return next((op for op in (_ALL if is_all else _CHANGED) if supports(op)), None)


def told(message: Message) -> str:
    """What a message of such an op's reply tells the user, as lines."""
    names = shapes.strings(message.get("reloading"))
    progress = shapes.text(message.get("progress"))
    lines = [f"Reloading {' '.join(names)}"] if names else []
    if progress is not None:
        lines.append(progress)
    return "".join(f"{line}\n" for line in lines)


_LOADING = re.compile(r"Loading (\S+)\s*")


def reloaded(messages: Sequence[Message]) -> Reloaded:
    """What the reply to such an op says, once it has ended."""
    names: list[str] = []
    failed = why = None
    for message in messages:
        names += shapes.strings(message.get("reloading"))
        if found := _LOADING.fullmatch(shapes.text(message.get("progress")) or ""):
            names.append(found[1])
        failed = shapes.text(message.get("error-ns")) or failed
        if "clojure-only" in status_of(message):
            why = "The session is in ClojureScript, where nothing can be reloaded so."
    return Reloaded(tuple(dict.fromkeys(names)), failed, why)


_PRINTED = re.compile(r"^:reloading \((.*)\)[ \t]*$", re.MULTILINE)


def reloaded_by_code(value: str, out: str) -> Reloaded:
    """What a call of one of `RELOADERS` says: clj-reload's map, or what tools.namespace printed."""
    if found := _PRINTED.search(out):
        return Reloaded(tuple(found[1].split()))
    try:
        result = read(value)
    except EdnError:
        return Reloaded()
    loaded = result.get(":loaded") if isinstance(result, dict) else None
    if not isinstance(loaded, list):
        return Reloaded()
    return Reloaded(tuple(str(name) for name in loaded))
