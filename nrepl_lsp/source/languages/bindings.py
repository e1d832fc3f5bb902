"""Which forms bind names, per family of languages, as data.

A form is described by steps, each of which takes what follows in the form; what is left over is
its body. The modules of `source/locals/` whose names end in `_forms` say what each step does,
`destructuring.py` and `lambda_lists.py` there what patterns and parameters bind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Bindings", "bindings_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Bindings:
    """How one family binds names."""

    forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Head → steps."""
    name: str = ""
    pattern: str = "vectors"
    """What may stand in the place of a name: the reader of patterns."""
    params: str = "vectors"
    """The reader of parameter lists."""
    quote: tuple[str, ...] = ("'",)
    template: tuple[str, ...] = ("`",)
    unquote: tuple[str, ...] = (",", ",@")
    qualifier: str = ""
    """What stands between a namespace and a name: a head counts by its last part."""
    member: str = ""
    """Characters after which a symbol names what is in the local before them: `x.y`."""
    fold: str = ""
    """`case` or `hyphen`: which spellings are one name."""
    implicit: str = ""
    """Regex of the arguments of a short function, which no list names."""
    short_function: str = ""
    """Prefix of a short function."""
    short_brackets: str = "("
    """The brackets that it may have."""
    definer: tuple[str, ...] = ()
    """Steps of forms that are not known and whose head begins with `def`."""
    first_implicit: Mapping[str, str] = field(default_factory=dict)
    """Other ways to write an implicit argument."""
    declares: Mapping[str, str] = field(default_factory=dict)
    """Head → `function` or `value`: forms that bind to the end of the block they are in."""
    hoists: Mapping[str, str] = field(default_factory=dict)
    """Like `declares`, but bound in the whole block."""
    transparent: tuple[str, ...] = ()
    """Heads of forms that hold top-level forms."""
    separate_functions: bool = False
    """Whether functions have names of their own, as in Common Lisp."""
    heads_bind: bool = True
    """Whether the first name in round brackets may be one that is bound there."""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Lines of `head head …: step step …`."""
    table = {}
    for line in text.strip().splitlines():
        heads, _, steps = line.rpartition(": ")
        for head in heads.split():
            table[head] = tuple(steps.split())
    return table


_CLOJURE = Bindings(
    forms=_table("""
let let* loop loop* when-let when-some when-first with-open with-local-vars dotimes: pairs
go-loop plet mlet alet let-flow with-let for-all when-let* when-lets: pairs
if-let if-some if-let*: pairs then
for doseq: comprehension
fn fn* bound-fn: self fn
defn defn- defmacro definline: name fn
defmethod: name form self fn
binding with-redefs: vars
. .-: form member
..: form members
>. >.-: member
>..: members
memfn: member data
new: label
>defn >defn-: name fn
letfn: functions
alt! alt!!: handlers
catch: label pattern
as->: form pattern
>as->: pattern
are: params then
this-as: pattern
case: form cases
amap: form pattern pattern
areduce: form pattern pattern form
defrecord deftype: name fields methods
reify: methods
proxy: form form methods
extend-type extend-protocol specify specify!: form methods
defprotocol definterface: name signatures
def defonce defmulti deftest deftest-: name
declare: names
quote var ns import: data
"""),
    unquote=("~", "~@"),
    qualifier="/",
    implicit=r"%(?:[0-9]+|&)?\Z",
    short_function="#",
    first_implicit={"%": "%1"},
    definer=("definer",),
    transparent=("comment", "do"),
    heads_bind=False,
)

_HY = Bindings(
    forms=_table("""
fn fn/a: hy-fn
defn defn/a defmacro: options name hy-fn
defclass: options name
let: pairs
for: loop-targets
lfor sfor gfor: inline
dfor: inline-pairs
with with/a: with-targets
except except*: caught
setv setx: targets
global: names
.: form members
match: form hy-clauses
import require quote quasiquote: data
"""),
    pattern="hy",
    params="hy-params",
    unquote=("~", "~@"),
    member=".",
    fold="hyphen",
    implicit=r"%(?:[0-9]+|\*\*?)\Z",
    short_function="#%",
    transparent=("do",),
    heads_bind=False,
)

_FENNEL = Bindings(
    forms=_table("""
fn lambda λ macro: name fn
let with-open: pairs
local var macros import-macros: target
global: name
each icollect collect for fcollect: iterator
accumulate faccumulate: accumulator
case: form clauses
match: form pinned-clauses
case-try match-try: form chain
catch: flat-clauses
quote: data
"""),
    pattern="fennel",
    params="fennel",
    member=".:",
    implicit=r"\$(?:[1-9]|\.\.\.)?(?=[.:]|\Z)",
    short_function="#",
    short_brackets="([{",
    first_implicit={"$": "$1"},
    declares={
        **dict.fromkeys(("fn", "lambda", "λ", "macro"), "function"),
        **dict.fromkeys(("local", "var", "import-macros"), "value"),
    },
    heads_bind=False,
)

_JANET = Bindings(
    forms=_table("""
let when-let: pairs
if-let: pairs then
fn: self fn
defn defn- defmacro defmacro- varfn: name fn
def def- var var-: target
for forv: pattern-after-2
each eachp eachk: pattern-after-1
loop seq catseq generate tabseq: verbs
with when-with: resource
if-with: resource then
match: form clauses
try: form handlers
as->: form pattern
label: self
import use quote quasiquote: data
"""),
    pattern="janet",
    params="janet",
    template=("~",),
    unquote=(",",),
    implicit=r"\$(?:[0-9]+|&)?\Z",
    short_function="|",
    first_implicit={"$": "$0"},
    declares={
        **dict.fromkeys(("defn", "defn-", "defmacro", "defmacro-", "varfn"), "function"),
        **dict.fromkeys(("def", "def-", "var", "var-"), "value"),
    },
    transparent=("comment", "upscope"),
)

_SCHEME_FORMS = """
define define* define-public define-macro define-inline define-integrable: define
define/contract define/public define/private define/override define/pubment: define
define/augment define/public-final define-for-syntax: define
lambda λ lambda*: params
case-lambda opt-lambda: arities
let let-values let-syntax letrec-syntax parameterize*: parallel
let* let*-values and-let*: sequential
letrec letrec* letrec-values: recursive
do: steps
let/cc let/ec: pattern
receive: params-after-1
define-values: target
guard: guarded
case: form constants
match: form match
match-lambda: match
match-let match-let*: parallel-match
with-syntax define-syntax define-syntax-rule syntax-rules syntax-case: data
define-record-type quote quasiquote: data
"""

_DEFINES = (
    *("define", "define*", "define-public", "define-inline", "define-integrable"),
    *("define/contract", "define-for-syntax"),
)
_SCHEME = Bindings(
    forms=_table(_SCHEME_FORMS),
    pattern="scheme",
    params="scheme-params",
    hoists={**dict.fromkeys(_DEFINES, "define"), "define-values": "values", "begin": "begin"},
    transparent=("begin", "define-library", "library", "module", "module+", "module*"),
)

_RACKET_FORS = (
    *("for", "for/list", "for/vector", "for/hash", "for/hasheq", "for/set", "for/and", "for/or"),
    *("for/sum", "for/product", "for/first", "for/last", "for/string", "for/async", "for/stream"),
)
_RACKET = Bindings(
    name="racket",
    forms={
        **_SCHEME.forms,
        **dict.fromkeys(_RACKET_FORS, ("generators",)),
        **{"for*" + name[3:]: ("generators*",) for name in _RACKET_FORS},
        "for/fold": ("parallel", "generators"),
        "for*/fold": ("parallel", "generators*"),
        "for/lists": ("params", "generators"),
    },
    pattern="scheme",
    params="scheme-params",
    hoists=_SCHEME.hoists,
    transparent=_SCHEME.transparent,
)

_COMMON_LISP = Bindings(
    forms=_table("""
defun defmacro deftype define-compiler-macro defgeneric: name params
defmethod: name qualifiers specialised
lambda: params
named-lambda: self params
let prog symbol-macrolet compiler-let: parallel
let* prog*: sequential
flet macrolet: separate-functions
labels: functions
multiple-value-bind destructuring-bind: params-after-1
dolist dotimes do-symbols do-external-symbols do-all-symbols: entry
with-open-file with-output-to-string with-input-from-string with-open-stream: entry
with-package-iterator with-hash-table-iterator: entry
do do*: steps
with-slots with-accessors: slots
handler-case restart-case: form named-clauses
case ecase ccase typecase etypecase ctypecase: form constants
cond: cond
loop: loop
function: function
defvar defparameter defconstant defclass defstruct define-condition: name
quote defpackage in-package declaim: data
"""),
    pattern="lambda-list",
    params="lambda-list",
    fold="case",
    transparent=("progn", "eval-when"),
    separate_functions=True,
)

_FAMILIES: dict[str, Bindings] = {
    "clojure": _CLOJURE,
    "hy": _HY,
    "fennel": _FENNEL,
    "janet": _JANET,
    "scheme": _SCHEME,
    "racket": _RACKET,
    "commonlisp": _COMMON_LISP,
}

_NONE = Bindings()


def bindings_of(family: str, language_id: str = "") -> Bindings:
    """The record of a family of languages; EDN, which is data only, binds nothing."""
    return _NONE if language_id == "edn" else _FAMILIES.get(family, _NONE)
