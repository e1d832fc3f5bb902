"""Which forms define something, as values by language family."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["DEFINITIONS", "Definer", "Definitions"]


@dataclass(frozen=True, slots=True)
class Definer:
    """What a form defines, and where in it the parts are.

    `kind` is the kind of its definition; where it is empty the parts tell it. `shape` says what
    follows the head:

    - "" a name, and the parameters of a function if it is one;
    - "target" a name, or a list of a name and its parameters (Scheme's `define`);
    - "pattern" a name, or a pattern of names; "member" a name of a table's function; "table" names
      as the keys of a table; "unnamed" parameters only;
    - "names" a list of names; "pairs" names and values in turn; "keyed" a keyword;
    - "protocol" a name, and method signatures; "members" a name, fields and methods; "extension"
      a name and methods; "anonymous" methods;
    - "dispatch" a name, and what a multimethod dispatches on; "qualified" a name, qualifiers and
      parameters, as Common Lisp's methods have them;
    - "body" a name, and definitions that belong to it; "class body" the same of a class;
    - "slots" a name and a list of fields; "class slots" with a list of parents between; "struct
      slots" a name (or a list that begins with it), and fields; "record" Scheme's records.
    """

    kind: str
    shape: str = ""
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Definitions:
    """
    A family's definition forms.

    heads: head → what it defines. prefixes: what else a head may begin with, and is a definition
    then; `not_prefixes` are words that only look like it. containers: heads of forms whose
    definitions are those of the form around them; in `clauses`, of each list in them as well.
    comments: heads of forms that the program does not run. parameters: the bracket that opens a
    parameter list. qualifier: what stands between a head's namespace and its name. imports: heads
    of forms that bring names in. functions: heads of a value that is a function. objects: heads
    of a value that has methods.
    """

    heads: Mapping[str, Definer]
    prefixes: tuple[str, ...] = ("def",)
    not_prefixes: tuple[str, ...] = ("default", "defer")
    containers: frozenset[str] = frozenset()
    clauses: frozenset[str] = frozenset()
    comments: frozenset[str] = frozenset()
    parameters: str = "["
    qualifier: str = ""
    imports: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    """Heads of a value that is a class, and holds its definitions."""
    keyed: tuple[str, ...] = ()
    """What heads begin with whose forms register something under a keyword."""
    other: Definer = Definer("")
    """What a head defines of which only the prefix is known; its kind is told by its parts."""
    folds_case: bool = False
    """Whether heads may be written in any case."""
    marks_by_keyword: bool = False
    """Whether `:private` may stand after a name."""
    decorates: bool = False
    """Whether decorators and keywords may stand before a name."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _heads(groups: Mapping[str, Definer]) -> Mapping[str, Definer]:
    """Heads that share a definer are written in one text, between blanks."""
    return MappingProxyType({head: made for text, made in groups.items() for head in text.split()})


_NAMESPACE, _FUNCTION, _MACRO = Definer("namespace"), Definer("function"), Definer("macro")
_VARIABLE, _CONSTANT, _CLASS = Definer("variable"), Definer("constant"), Definer("class")

_CLOJURE = Definitions(
    heads=_heads(
        {
            "ns in-ns": _NAMESPACE,
            "def defonce": _VARIABLE,
            "defn defn* definline": _FUNCTION,
            "defn-": Definer("function", is_private=True),
            "defmacro defmacro*": _MACRO,
            "defmacro-": Definer("macro", is_private=True),
            "def- defonce-": Definer("variable", is_private=True),
            "defconst": _CONSTANT,
            "defmulti": Definer("multimethod"),
            "defmethod": Definer("method", "dispatch"),
            "defprotocol definterface defprotocol+ definterface+": Definer("protocol", "protocol"),
            "defrecord deftype defrecord+ deftype+": Definer("class", "members"),
            "extend-type extend-protocol": Definer("class", "extension"),
            "reify proxy": Definer("class", "anonymous"),
            "deftest defspec": Definer("test"),
            "deftest-": Definer("test", is_private=True),
            "defstruct": _CLASS,
        }
    ),
    containers=_words(
        "do when when-not when-let if if-not let let* binding letfn locking try with-redefs"
    ),
    comments=_words("comment"),
    qualifier="/",
    keyed=("reg-",),
    imports=_words(
        "ns require import use require-macros use-macros"
        " :require :import :use :require-macros :use-macros"
    ),
    functions=_words("fn fn* memoize comp partial"),
    objects=_words("reify proxy"),
)

_HY = Definitions(
    heads=_heads(
        {
            "defn defn/a": _FUNCTION,
            "defmacro defmacro/g!": _MACRO,
            "defreader deftag": _MACRO,
            "defclass": Definer("class", "class body"),
            "setv setx": Definer("variable", "pairs"),
            "defmain": Definer("function", "unnamed"),
            "deftype": _CLASS,
        }
    ),
    containers=_words("do when unless if let try with eval-and-compile eval-when-compile cond"),
    decorates=True,
    imports=_words("import require"),
    functions=_words("fn fn/a"),
)

_FENNEL = Definitions(
    heads=_heads(
        {
            "fn lambda λ": _FUNCTION,
            "macro": _MACRO,
            "local var global": Definer("variable", "pattern"),
            "set": Definer("variable", "member"),
            "macros": Definer("macro", "table"),
            "module": _NAMESPACE,
        }
    ),
    containers=_words("do when if let eval-compiler"),
    comments=_words("comment"),
    imports=_words("require import-macros require-macros"),
    functions=_words("fn lambda λ hashfn partial"),
)

_TARGET = Definer("variable", "target")
_TARGET_MACRO = Definer("macro", "target")

_SCHEME = Definitions(
    heads=_heads(
        {
            "define define* define-public define*-public define-inlinable define-integrable": (
                _TARGET
            ),
            "define-private": Definer("variable", "target", is_private=True),
            "define-syntax define-syntax-rule define-macro defmacro define-syntax-public": (
                _TARGET_MACRO
            ),
            "define-syntax-parameter define-syntax-parameters": _TARGET_MACRO,
            "define-constant": Definer("constant", "target"),
            "define-method": Definer("method", "target"),
            "define-generic": Definer("multimethod"),
            "define-class": _CLASS,
            "define-record-type define-immutable-record-type": Definer("class", "record"),
            "define-values define-values-public": Definer("variable", "names"),
            "define-module": _NAMESPACE,
            "define-library library": Definer("namespace", "body"),
        }
    ),
    containers=_words("begin let let* when unless if eval-when let-syntax letrec-syntax"),
    clauses=_words("cond-expand"),
    other=Definer("variable", "target"),
    parameters="(",
    imports=_words("import use-modules define-module require-extension load"),
    functions=_words("lambda lambda* case-lambda λ"),
)

_RACKET = Definitions(
    heads=_heads(
        {
            "define define/contract define/match define/public define/private define/override": (
                _TARGET
            ),
            "define-inline define-for-syntax define/augment define/pubment": _TARGET,
            "define-syntax define-syntax-rule define-simple-macro define-syntax-parse-rule": (
                _TARGET_MACRO
            ),
            "define-values define-syntaxes define-values-for-syntax": Definer("variable", "names"),
            "struct define-struct struct/contract define-record": Definer("class", "slots"),
            "define-generics define-interface define-signature": Definer("protocol"),
            "define-type": _CLASS,
            "module module* module+": Definer("namespace", "body"),
        }
    ),
    containers=_words(
        "begin begin-for-syntax let let* when unless if #%module-begin splicing-let local"
    ),
    other=Definer("variable", "target"),
    parameters="(",
    imports=_words("require"),
    functions=_words("lambda λ case-lambda opt-lambda curry"),
    classes=_words("class class*"),
)

_COMMON_LISP = Definitions(
    heads=_heads(
        {
            "defpackage in-package define-package uiop:define-package": _NAMESPACE,
            "defsystem": Definer("namespace"),
            "defun": _FUNCTION,
            "defmacro define-compiler-macro define-modify-macro define-symbol-macro": _MACRO,
            "define-setf-expander": _MACRO,
            "defgeneric": Definer("multimethod"),
            "defmethod": Definer("method", "qualified"),
            "defclass define-condition": Definer("class", "class slots"),
            "defstruct": Definer("class", "struct slots"),
            "deftype": _CLASS,
            "defvar defparameter defglobal define-global-parameter": _VARIABLE,
            "defconstant": _CONSTANT,
            "deftest define-test def-test": Definer("test"),
        }
    ),
    prefixes=("def", "define-"),
    containers=_words("progn eval-when let let* when unless if locally macrolet flet labels"),
    parameters="(",
    qualifier=":",
    imports=_words("defpackage require use-package import ql:quickload"),
    functions=_words("lambda"),
    folds_case=True,
)

_JANET = Definitions(
    heads=_heads(
        {
            "defn varfn": _FUNCTION,
            "defn-": Definer("function", is_private=True),
            "defmacro": _MACRO,
            "defmacro-": Definer("macro", is_private=True),
            "def var defglobal varglobal defdyn": Definer("variable", "pattern"),
            "def- var-": Definer("variable", "pattern", is_private=True),
            "deftest": Definer("test"),
        }
    ),
    containers=_words("do upscope when unless if let try compwhen compif with"),
    comments=_words("comment"),
    qualifier="/",
    imports=_words("import use require"),
    functions=_words("fn"),
    marks_by_keyword=True,
)

DEFINITIONS: Mapping[str, Definitions] = MappingProxyType(
    {
        "clojure": _CLOJURE,
        "hy": _HY,
        "fennel": _FENNEL,
        "scheme": _SCHEME,
        "racket": _RACKET,
        "commonlisp": _COMMON_LISP,
        "janet": _JANET,
    }
)
"""Language family → its definition forms."""
