"""
Removing definitions from the running program: the ops and the code that do it.

They change the program, so they are no questions: a command sends them in the user's session.
"""

from __future__ import annotations

from collections.abc import Callable

from nrepl_lsp.nrepl.messages import Message

from . import shapes

__all__ = [
    "is_core",
    "undef_all_code",
    "undef_all_op",
    "undef_code",
    "undef_op",
    "undef_params",
]

#: Without these nothing works any more.
_CORE = frozenset({"clojure.core", "cljs.core", "basilisp.core"})


def is_core(ns: str) -> bool:
    """Whether it is a language's own namespace, which must never be emptied."""
    return ns in _CORE


def undef_op(supports: Callable[[str], bool]) -> str | None:
    """The op that removes a name."""
    return next(filter(supports, ("cider/undef", "undef")), None)


def undef_all_op(supports: Callable[[str], bool]) -> str | None:
    """The op that removes all names of a namespace."""
    return next(filter(supports, ("cider/undef-all", "undef-all")), None)


def undef_params(ns: str, name: str | None = None) -> Message:
    """The parameters of both; cider-nrepl before 0.25 calls the name `symbol`."""
    return {"ns": ns} if name is None else {"ns": ns, "sym": name, "symbol": name}


def undef_code(ns: str, name: str) -> str | None:
    """
    Code that removes a name or an alias from a namespace, and says whether it was there.

    None for what is no symbol. Names that are only referred to stay: a namespace without
    `clojure.core/map` cannot be mended by loading its file again.
    """
    if not shapes.is_symbol(ns) or not shapes.is_symbol(name) or "/" in name:
        return None
    names = f"(or (contains? (ns-interns '{ns}) '{name}) (contains? (ns-aliases '{ns}) '{name}))"
    return f"(if {names} (do (ns-unalias '{ns} '{name}) (ns-unmap '{ns} '{name}) true) false)"


def undef_all_code(ns: str) -> str | None:
    """Code that removes all that a namespace defines and its aliases, and says how many names."""
    if not shapes.is_symbol(ns) or is_core(ns):
        return None
    # Basilisp 0.5.1 makes `*generated-python*` anew with every evaluation.
    names = f"(remove '#{{*generated-python*}} (keys (ns-interns '{ns})))"
    aliases = f"(doseq [name (keys (ns-aliases '{ns}))] (ns-unalias '{ns} name))"
    unmap = f"(doseq [name names] (ns-unmap '{ns} name))"
    return f"(let [names (doall {names})] {aliases} {unmap} (count names))"
