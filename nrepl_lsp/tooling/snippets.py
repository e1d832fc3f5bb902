"""
The only code that is ever evaluated without a command: for servers that lack an op.

Each snippet reads metadata and nothing else: no `require`, no `in-ns`, no call of the user's code,
no class is loaded. User text enters a snippet only where a strict pattern allows it, so that every
snippet can be told from other code by its shape: see `is_declared_snippet`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from nrepl_lsp.nrepl import edn
from nrepl_lsp.nrepl.errors import EdnError
from nrepl_lsp.nrepl.messages import Message

from .last_error_code import is_last_error_code
from .shapes import escaped

__all__ = ["FAMILIES", "MAX_CANDIDATES", "Snippets", "is_declared_snippet", "params", "value"]

MAX_CANDIDATES = 200
"""Candidates that a completion snippet collects on the server."""

MAX_TEXT_LENGTH = 256
"""Characters of user text that may enter a snippet."""

_PART = r"(?![0-9:'#%]|[+-][0-9])[\w*+!?<>=&%$|.'#:-]+"
_NAME = rf"(?:(?:{_PART}/)?(?:{_PART}|/))"
_STRING = r'(?:[^"\\\x00-\x1f\x7f]|\\["\\])*'


@dataclass(frozen=True, slots=True)
class _Template:
    """Code with holes `{{name}}`; `holes` gives the pattern that the text of each must match."""

    code: str
    holes: tuple[tuple[str, str], ...] = ()

    def fill(self, **texts: str) -> str | None:
        """The code with its holes filled, or None when a text is not of the hole's pattern."""
        code = self.code
        for name, pattern in self.holes:
            content = texts[name]
            if len(content) > MAX_TEXT_LENGTH or re.fullmatch(pattern, content) is None:
                return None
            code = code.replace("{{" + name + "}}", content)
        return code

    def pattern(self) -> re.Pattern[str]:
        """What all code made from this template looks like."""
        escaped = re.escape(self.code)
        for name, pattern in self.holes:
            hole = re.escape("{{" + name + "}}")
            first, *others = escaped.split(hole)
            escaped = first + f"(?P<{name}>{pattern})" + f"(?P={name})".join(others)
        return re.compile(escaped)


@dataclass(frozen=True, slots=True)
class Snippets:
    """The snippets of one language family; each function gives code, or None when it must not."""

    symbol: _Template
    vars: _Template
    alias: _Template
    namespace_names: _Template
    class_path_entries: _Template
    kinds: _Template
    apropos: _Template
    namespace: _Template

    def symbol_info(self, symbol: str, ns: str | None) -> str | None:
        """
        Code that gives [ns name doc file line column column0 [arglist…] macro? ] or nil.

        Refused for a name with a dot and no namespace: resolving it would load a Java class.
        """
        if "." in symbol.strip(".") and "/" not in symbol:
            return None
        return self.symbol.fill(ns=ns or _NO_NS, symbol=symbol)

    def completion(self, prefix: str, ns: str | None) -> str | None:
        """Code that gives [[name ns kind [arglist…]]…] or nil; the prefix may have a qualifier."""
        qualifier, slash, name = prefix.rpartition("/")
        if not prefix or prefix.startswith((".", ":")):
            return None
        text = escaped(name)
        if not slash or prefix == "/":
            return self.vars.fill(ns=ns or _NO_NS, prefix=escaped(prefix))
        return self.alias.fill(ns=ns or _NO_NS, prefix=text, alias=qualifier)

    def namespaces(self) -> str | None:
        """Code that gives the names of all loaded namespaces."""
        return self.namespace_names.fill()

    def class_path(self) -> str | None:
        """Code that gives the folders and archives of a JVM's class path; it fails elsewhere."""
        return self.class_path_entries.fill()

    def var_kinds(self, ns: str) -> str | None:
        """Code that gives [macros functions others deprecated] of a namespace, between blanks."""
        return self.kinds.fill(ns=ns)

    def symbols(self, pattern: str, near: str) -> str | None:
        """
        Code that gives [[ns name kind file line]…] of the vars whose `ns/name` a regex matches.

        Both are regexes that the JVM, Python and JavaScript read alike; what `near` matches the
        beginning of is looked at first. A file is left out where it is too long for a name: nbb
        1.6.214 gives the text itself.
        """
        return self.apropos.fill(pattern=escaped(pattern), near=escaped(near))

    def namespace_info(self, ns: str) -> str | None:
        """Code that gives [name doc file] of a loaded namespace, or nil; `file` is a var's."""
        return self.namespace.fill(ns=ns)

    def templates(self) -> tuple[_Template, ...]:
        return (
            self.symbol,
            self.vars,
            self.alias,
            self.namespace_names,
            self.class_path_entries,
            self.kinds,
            self.apropos,
            self.namespace,
        )


# A namespace that nobody has, so that `find-ns` finds none and the session's own is taken.
_NO_NS = "nrepl-lsp.no-such-namespace"

_NS_HOLE = ("ns", _PART)
_PREFIX_HOLE = ("prefix", _STRING)

# Runs unchanged on Clojure 1.9 and later, SCI hosts (babashka, nbb) and Basilisp 0.5.
# Basilisp keeps the column under :col, counted from 0.
_CLOJURE = Snippets(
    symbol=_Template(
        "(let [v (ns-resolve (or (find-ns '{{ns}}) *ns*) '{{symbol}}) m (meta v)]"
        " (when m [(str (:ns m)) (str (:name m)) (:doc m) (str (:file m)) (:line m) (:column m)"
        " (:col m) (mapv str (:arglists m)) (boolean (:macro m))]))",
        (_NS_HOLE, ("symbol", _NAME)),
    ),
    vars=_Template(
        '(let [p "{{prefix}}" k (count p) n (or (find-ns \'{{ns}}) *ns*)'
        " hit? (fn [s] (and (>= (count s) k) (= p (subs s 0 k))))]"
        " (into (into [] (comp (filter (fn [[s _]] (hit? (name s)))) (take 200)"
        " (map (fn [[s v]] (let [m (meta v)] [(name s) (str (:ns m))"
        ' (cond (nil? m) "class" (:macro m) "macro" (:arglists m) "function" :else "var")'
        " (mapv str (:arglists m))])))) (ns-map n))"
        ' (comp (filter hit?) (distinct) (take 200) (map (fn [s] [s "" "namespace" []])))'
        " (concat (map (fn [a] (str a)) (keys (ns-aliases n)))"
        " (map (fn [o] (str (ns-name o))) (all-ns)))))",
        (_NS_HOLE, _PREFIX_HOLE),
    ),
    alias=_Template(
        '(let [p "{{prefix}}" k (count p) n (or (find-ns \'{{ns}}) *ns*)'
        " t (or (get (ns-aliases n) '{{alias}}) (find-ns '{{alias}}))"
        " hit? (fn [s] (and (>= (count s) k) (= p (subs s 0 k))))]"
        " (when t (into [] (comp (filter (fn [[s _]] (hit? (name s)))) (take 200)"
        " (map (fn [[s v]] (let [m (meta v)] [(name s) (str (:ns m))"
        ' (cond (:macro m) "macro" (:arglists m) "function" :else "var")'
        " (mapv str (:arglists m))])))) (ns-publics t))))",
        (_NS_HOLE, _PREFIX_HOLE, ("alias", _PART)),
    ),
    namespace_names=_Template("(mapv (fn [n] (str (ns-name n))) (all-ns))"),
    class_path_entries=_Template(
        '(vec (.split (System/getProperty "java.class.path")'
        ' (java.util.regex.Pattern/quote (System/getProperty "path.separator"))))'
    ),
    kinds=_Template(
        "(let [n (find-ns '{{ns}}) i (if n (ns-interns n) {})"
        " g (group-by (fn [[_ v]] (let [m (meta v)]"
        " (cond (:macro m) 1 (:arglists m) 2 :else 3))) i)"
        ' t (fn [c] (apply str (interpose " " (take 5000 (map (fn [[s _]] (name s)) c)))))]'
        " (when n [(t (get g 1)) (t (get g 2)) (t (get g 3))"
        " (t (filter (fn [[_ v]] (:deprecated (meta v))) i))]))",
        (_NS_HOLE,),
    ),
    apropos=_Template(
        '(let [p (re-pattern "(?i){{pattern}}") q (re-pattern "^(?:{{near}})")'
        " t (fn [n] (str (ns-name n)))]"
        " (into [] (comp (mapcat (fn [n] (map (fn [[s v]] [(t n) (name s) v]) (ns-interns n))))"
        ' (filter (fn [[n s _]] (re-find p (str n "/" s)))) (take 200)'
        ' (map (fn [[n s v]] (let [m (meta v) f (str (:file m))] [n s (cond (:macro m) "macro"'
        ' (:arglists m) "function" :else "variable")'
        " (when (< (count f) 1000) f) (:line m)]))))"
        " (sort-by (fn [n] (if (re-find q (t n)) 0 1)) (all-ns))))",
        (("pattern", _STRING), ("near", _STRING)),
    ),
    namespace=_Template(
        "(let [n (find-ns '{{ns}})] (when n [(str (ns-name n)) (:doc (meta n))"
        " (str (some (fn [[_ v]] (:file (meta v))) (ns-interns n)))]))",
        (_NS_HOLE,),
    ),
)

FAMILIES: dict[str, Snippets] = {"clojure": _CLOJURE}
"""Language family → its snippets. Hy has none: reading an attribute there can run code."""


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    templates = (template for family in FAMILIES.values() for template in family.templates())
    return tuple(template.pattern() for template in templates)


def is_declared_snippet(code: str) -> bool:
    """Whether code is one of ours: a template with allowed text in its holes."""
    return is_last_error_code(code) or any(pattern.fullmatch(code) for pattern in _patterns())


def params(code: str | None) -> Message | None:
    """The parameters of a snippet's `eval`; None when there is no code."""
    if code is None:
        return None
    # Without this, cider-nrepl sends a state message of up to 140 kB after the reply.
    return {"code": code, "inhibit-cider-middleware": "true"}


def value(messages: Sequence[Message]) -> Any:
    """What the snippet gave, read; None when it failed or gave something unreadable."""
    for message in reversed(messages):
        printed = message.get("value")
        if isinstance(printed, str) and printed:
            try:
                return edn.read(printed)
            except EdnError:
                return None
    return None
