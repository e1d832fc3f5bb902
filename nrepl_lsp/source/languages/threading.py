"""Which forms thread a value through calls, as values by language family."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["THREADING", "Place", "Threading", "ThreadingForm"]

Place = str
"""Where a step takes the threaded value: "first", "last", "named" (as written), or "member"."""


@dataclass(frozen=True, slots=True)
class ThreadingForm:
    """How a form threads: its arguments from number `first_step` (from 0) on are the steps.

    With `tests` they come in pairs, of which only the second is a step.
    """

    place: Place
    first_step: int = 1
    tests: bool = False


@dataclass(frozen=True, slots=True)
class Threading:
    """
    A family's threading forms.

    forms: head → how it threads. first, last: the heads that a nested call is rewritten with and
    that can be unwound; empty where there is none. hole: an argument that stands for the threaded
    value, wherever it is. data: a regex of the prefixes that make a list data. unthreadable: heads
    whose forms do not read better when threaded, since their arguments are not just values.
    """

    forms: Mapping[str, ThreadingForm]
    first: str = ""
    last: str = ""
    hole: str = ""
    data: str = "'"
    unthreadable: frozenset[str] = frozenset()


_FIRST, _LAST = ThreadingForm("first"), ThreadingForm("last")
_NAMED = ThreadingForm("named", 2)

_COMMON = (
    *("and", "begin", "case", "cond", "condp", "do", "doseq", "dotimes", "for", "if", "let"),
    *("let*", "letrec", "loop", "match", "or", "quote", "try", "unless", "when", "while", "with"),
    *("import", "require", "use", "lambda", "fn", "set", "set!", "var", "each", "comment"),
)

_CLOJURE = Threading(
    forms={
        "->": _FIRST,
        "->>": _LAST,
        "some->": _FIRST,
        "some->>": _LAST,
        "doto": _FIRST,
        "cond->": ThreadingForm("first", tests=True),
        "cond->>": ThreadingForm("last", tests=True),
        "as->": _NAMED,
        "..": ThreadingForm("member"),
    },
    first="->",
    last="->>",
    data=r"(?<!\#)'",
    unthreadable=frozenset(
        (
            *_COMMON,
            *("if-let", "if-not", "if-some", "when-let", "when-not", "when-some", "when-first"),
            *("fn*", "letfn", "loop*", "binding", "with-open", "with-redefs", "with-local-vars"),
            *("catch", "finally", "ns", "gen-class", "proxy", "reify", "extend-type", "new", "."),
            *("extend-protocol", "extend", "lazy-seq", "delay", "future", "go", "go-loop", "recur"),
            *("are", "is", "testing", "deftest", "monitor-enter", "monitor-exit", "in-ns"),
            *(":require", ":import", ":use", ":refer-clojure", ":require-macros", ":gen-class"),
            *(":use-macros", ":require-global"),
        )
    ),
)

_HY = Threading(
    forms={"->": _FIRST, "->>": _LAST, "some->": _FIRST, "doto": _FIRST, "as->": _NAMED},
    first="->",
    last="->>",
    data=r"'|\#\Z",
    unthreadable=frozenset(
        (*_COMMON, "lfor", "sfor", "gfor", "dfor", "setv", "setx", "cut", "del", "except", "."),
    ),
)

_FENNEL = Threading(
    forms={"->": _FIRST, "->>": _LAST, "-?>": _FIRST, "-?>>": _LAST, "doto": _FIRST},
    first="->",
    last="->>",
    unthreadable=frozenset(
        (
            *(*_COMMON, "local", "global", "macro", "macros", "icollect", "collect", "accumulate"),
            *("faccumulate", "fcollect", "λ", "hashfn", "values", "case-try", "match-try", "tset"),
            *("import-macros", "pick-values", "pick-args", "eval-compiler", "include", "partial"),
        )
    ),
)

_JANET = Threading(
    forms={
        "->": _FIRST,
        "->>": _LAST,
        "-?>": _FIRST,
        "-?>>": _LAST,
        "as->": _NAMED,
        "as?->": _NAMED,
    },
    first="->",
    last="->>",
    data=r"'|@\Z",
    unthreadable=frozenset(
        (
            *(*_COMMON, "seq", "catseq", "tabseq", "eachp", "eachk", "eachy", "forv", "if-let"),
            *("when-let", "if-not", "if-with", "when-with", "generate", "coro", "fiber/new"),
            *("quasiquote", "unquote", "splice", "upscope", "varfn", "forever", "prompt", "label"),
        )
    ),
)

_RACKET = Threading(
    forms={
        "~>": _FIRST,
        "~>>": _LAST,
        "and~>": _FIRST,
        "and~>>": _LAST,
        "lambda~>": ThreadingForm("first", 0),
        "lambda~>>": ThreadingForm("last", 0),
        "λ~>": ThreadingForm("first", 0),
        "λ~>>": ThreadingForm("last", 0),
    },
    first="~>",
    last="~>>",
    hole="_",
    data=r"(?<!\#)'|\#\w*\Z",
    unthreadable=frozenset(
        (
            *(*_COMMON, "for*", "for/list", "for/fold", "for/hash", "for/vector", "for/sum", "λ"),
            *("let-values", "let*-values", "letrec-values", "let/ec", "parameterize", "match-let"),
            *("provide", "struct", "module", "module+", "module*", "syntax-rules", "syntax-case"),
            *("with-handlers", "case-lambda", "quasiquote", "unquote", "syntax", "else", "match*"),
        )
    ),
)

_COMMON_LISP = Threading(
    # Those of the library arrows; none of them is rewritten to, since few programs use it.
    forms={"->": _FIRST, "->>": _LAST, "some->": _FIRST, "some->>": _LAST, "as->": _NAMED},
    data=r"(?<!\#)'|\#\d*[A-Za-z]?\Z",
)

_SCHEME = Threading({}, data=r"(?<!\#)'|\#\w*\Z")

THREADING: Mapping[str, Threading] = MappingProxyType(
    {
        "clojure": _CLOJURE,
        "hy": _HY,
        "fennel": _FENNEL,
        "janet": _JANET,
        "racket": _RACKET,
        "commonlisp": _COMMON_LISP,
        "scheme": _SCHEME,
    }
)
"""Family → how it threads. A family that is not here has no calls."""
