"""Which forms thread a value through calls, as values by language family."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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

    clauses: head → which forms of the list (the head is number 0) are no calls, though they hold
    some: methods. patterns: which hold none. `let [` stands for what square brackets hold that are
    in a form headed by `let`. is_given: whether `first` and `last` are there unasked.
    """

    forms: Mapping[str, ThreadingForm]
    first: str = ""
    last: str = ""
    hole: str = ""
    data: str = "'"
    unthreadable: frozenset[str] = frozenset()
    clauses: Mapping[str, range] = field(default_factory=dict)
    patterns: Mapping[str, range] = field(default_factory=dict)
    is_given: bool = True


def _places(groups: Mapping[str, range]) -> Mapping[str, range]:
    """Heads that share their places are written in one text, between commas."""
    shared = {head: held for heads, held in groups.items() for head in heads.split(",")}
    return MappingProxyType(shared)


_ANY = 1 << 30
_ALL, _ARGUMENTS, _TARGET = range(_ANY), range(1, _ANY), range(1, 2)
_CASES, _BOUND = range(2, _ANY, 2), range(0, _ANY, 2)


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
            *(":use-macros", ":require-global", "thrown?", "thrown-with-msg?"),
        )
    ),
    clauses=_places(
        {
            "reify,proxy,extend-type,extend-protocol,specify,specify!,ns": _ARGUMENTS,
            "defrecord,deftype,defrecord+,deftype+": _ARGUMENTS,
            "letfn [,letfn* [": _ALL,
            ".": _CASES,
        }
    ),
    patterns=_places(
        {"defprotocol,definterface,defprotocol+,gen-interface": _ARGUMENTS, "case,case*": _CASES}
    ),
)

_HY = Threading(
    forms={"->": _FIRST, "->>": _LAST, "some->": _FIRST, "doto": _FIRST, "as->": _NAMED},
    first="->",
    last="->>",
    data=r"'|\#\Z",
    unthreadable=frozenset(
        (
            *(
                *_COMMON,
                "lfor",
                "sfor",
                "gfor",
                "dfor",
                "setv",
                "setx",
                "cut",
                "del",
                "except",
                ".",
            ),
            *("except*", "finally", "else", "global", "nonlocal", "yield", "await", "return"),
        )
    ),
    clauses=_places({".": _CASES}),
    patterns=_places({"match": _CASES}),
    is_given=False,
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
            *("where", "catch"),
        )
    ),
    patterns=_places(
        {
            "case,match,case-try,match-try": _CASES,
            "catch": range(1, _ANY, 2),
            "where,local,var,global,set": _TARGET,
            "let [,with-open [": _BOUND,
        }
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
    patterns=_places(
        {
            "case,match": _CASES,
            "def,def-,var,var-": _TARGET,
            "let [,if-let [,when-let [": _BOUND,
        }
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
    clauses=_places({"cond,class,class*,interface": _ARGUMENTS, "case": range(2, _ANY)}),
    patterns=_places(
        {
            "define,lambda,λ,define-syntax-rule": _TARGET,
            "struct,require,provide,syntax-rules,define-values,set!-values": _ARGUMENTS,
            "match [,match* [,match-lambda [,syntax-case [,syntax-parse [,syntax-rules [": range(1),
        }
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
