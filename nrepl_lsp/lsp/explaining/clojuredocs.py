"""Where ClojureDocs has a page for a var."""

import re
from urllib.parse import quote

__all__ = ["clojuredocs_url"]

_COVERED = frozenset(
    (
        *("clojure.core", "clojure.core.async", "clojure.core.logic", "clojure.core.protocols"),
        *("clojure.core.reducers", "clojure.core.server", "clojure.data", "clojure.datafy"),
        *("clojure.edn", "clojure.inspector", "clojure.instant", "clojure.java.browse"),
        *("clojure.java.io", "clojure.java.javadoc", "clojure.java.shell", "clojure.main"),
        *("clojure.math", "clojure.pprint", "clojure.reflect", "clojure.repl", "clojure.set"),
        *("clojure.spec.alpha", "clojure.spec.gen.alpha", "clojure.spec.test.alpha"),
        *("clojure.stacktrace", "clojure.string", "clojure.template", "clojure.test"),
        *("clojure.test.junit", "clojure.test.tap", "clojure.walk", "clojure.xml", "clojure.zip"),
    )
)
_DOTS = re.compile(r"(\.+)")


def clojuredocs_url(ns: str | None, name: str) -> str | None:
    """
    The page of a var; None for what ClojureDocs does not cover.

    Its addresses write `?` as `_q`, `.` as `_.` and `/` as `fs`. Decided by the namespace alone:
    babashka and nbb have Clojure's own, Basilisp's are called otherwise.
    """
    if ns not in _COVERED or not name:
        return None
    page = _DOTS.sub(r"_\1", name.replace("?", "_q")).replace("/", "fs")
    return f"https://clojuredocs.org/{ns}/{quote(page, safe='!*+-_.=$')}"
