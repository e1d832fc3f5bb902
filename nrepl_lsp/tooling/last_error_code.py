"""
The code that reads a JVM's last error, for servers without an op for it.

It reads the exception and prints its data, bounded; it is run in a copy of the user's session.
"""

from __future__ import annotations

import re

__all__ = ["is_last_error_code", "last_error_code"]

# The session may be in any namespace, and may have bound *print-length*: all names are qualified,
# and the answer is one string. Data is cut before it is printed, as an infinite sequence or
# 100 MB of text may be in it.
# tools.nrepl 0.2.13 copies a session without its `*e`, but has the sessions in a var.
_TEMPLATE = (
    "(clojure.core/let [error (clojure.core/or clojure.core/*e (clojure.core/when-let"
    " [v (clojure.core/resolve 'clojure.tools.nrepl.middleware.session/sessions)]"
    " (clojure.core/when-let [s (clojure.core/get (clojure.core/deref (clojure.core/deref v))"
    ' "{{session}}")]'
    " (clojure.core/get (clojure.core/deref s) (var clojure.core/*e)))))]"
    " (clojure.core/when (clojure.core/instance? java.lang.Throwable error)"
    " (clojure.core/letfn"
    " [(cut [s] (if (clojure.core/> (clojure.core/count s) 2000)"
    ' (clojure.core/str (clojure.core/subs s 0 2000) "…") s))'
    " (part [d x] (clojure.core/let"
    " [p (fn* [y] (part (clojure.core/dec d) y)) some (fn* [] (clojure.core/take 51 x))]"
    " (clojure.core/cond"
    " (clojure.core/string? x) (cut x)"
    " (clojure.core/zero? d) x"
    " (clojure.core/map? x) (clojure.core/into {} (clojure.core/map"
    " (fn* [e] [(p (clojure.core/key e)) (p (clojure.core/val e))]) (some)))"
    " (clojure.core/vector? x) (clojure.core/mapv p (some))"
    " (clojure.core/set? x) (clojure.core/set (clojure.core/map p (some)))"
    " (clojure.core/seq? x) (clojure.core/map p (some))"
    " :else x)))"
    " (frame [f] (clojure.core/let [^java.lang.StackTraceElement f f]"
    " [(.getClassName f) (.getMethodName f) (.getFileName f) (.getLineNumber f)]))"
    " (cause [t] (clojure.core/let [^java.lang.Throwable t t m (.getMessage t)"
    " d (clojure.core/ex-data t)]"
    " [(.getName (clojure.core/class t)) (if m (cut m))"
    " (if d (clojure.core/binding [clojure.core/*print-length* 50 clojure.core/*print-level* 8]"
    " (clojure.core/pr-str (part 8 d))))"
    " (clojure.core/mapv frame (clojure.core/take 50 (.getStackTrace t)))]))"
    " (after [t] (clojure.core/let [^java.lang.Throwable t t] (.getCause t)))]"
    " (clojure.core/binding [clojure.core/*print-length* nil clojure.core/*print-level* nil]"
    " (clojure.core/pr-str (clojure.core/mapv cause (clojure.core/take 20"
    " (clojure.core/take-while clojure.core/some?"
    " (clojure.core/iterate after error)))))))))"
)
_SESSION = r"[0-9A-Za-z-]{1,64}"


def last_error_code(session: str) -> str | None:
    """
    Code that gives the chain of a session's `*e`, printed; None for an id that is none.

    [[class message data [[class method file line]…]]…], or nil without an error. It is to be run in
    a copy of the session, as it moves `*1`.
    """
    if re.fullmatch(_SESSION, session) is None:
        return None
    return _TEMPLATE.replace("{{session}}", session)


def is_last_error_code(code: str) -> bool:
    """Whether code is what `last_error_code` gives."""
    before, after = _TEMPLATE.split("{{session}}")
    inside = code[len(before) : -len(after)]
    return code == before + inside + after and re.fullmatch(_SESSION, inside) is not None
