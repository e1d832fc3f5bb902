"""Which forms bring names of other namespaces in, per family of languages, as data.

`source/import_forms.py` says what each reader makes of a form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .record import Language
from .table import BASILISP

__all__ = ["Imports", "imports_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Imports:
    """
    How one family brings names in.

    forms: head → reader of the form. separators: what stands between what a namespace is called
    and a name of it, the longest first; an empty one when names are written together (`s:fold`).
    core: namespaces whose names are there unasked. folds_case: whether `FOO` and `foo` are one
    name.
    """

    forms: Mapping[str, str] = field(default_factory=dict)
    separators: tuple[str, ...] = ("/",)
    core: tuple[str, ...] = ()
    folds_case: bool = False


def _forms(**readers: str) -> dict[str, str]:
    return {head: reader for reader, heads in readers.items() for head in heads.split()}


_CLOJURE_FORMS = _forms(
    clojure_ns="ns",
    clojure_in_ns="in-ns",
    clojure_require="require require-macros",
    clojure_use="use use-macros",
    clojure_import="import import*",
    clojure_refer="refer",
    clojure_core="refer-clojure",
    clojure_alias="alias",
)

_CLOJURE = Imports(forms=_CLOJURE_FORMS, core=("clojure.core", "cljs.core"))
_BASILISP = Imports(forms=_CLOJURE_FORMS, core=("basilisp.core",))

_SCHEME_SEPARATORS = ("",)

_FAMILIES: Mapping[str, Imports] = {
    "clojure": _CLOJURE,
    "hy": Imports(forms=_forms(hy_import="import", hy_require="require"), separators=(".",)),
    "fennel": Imports(
        forms=_forms(
            fennel_binding="local var global",
            fennel_macros="import-macros",
            fennel_use="require-macros",
        ),
        separators=(".", ":"),
    ),
    "scheme": Imports(
        forms=_forms(
            scheme_import="import import-only use-modules use",
            scheme_module="define-module",
            scheme_library="define-library library",
        ),
        separators=_SCHEME_SEPARATORS,
    ),
    "racket": Imports(
        forms=_forms(racket_require="require", racket_module="module module+ module*"),
        separators=_SCHEME_SEPARATORS,
    ),
    "commonlisp": Imports(
        forms=_forms(
            lisp_package="defpackage define-package",
            module_use="use-package",
            lisp_in_package="in-package",
        ),
        separators=("::", ":"),
        folds_case=True,
    ),
    "janet": Imports(
        forms=_forms(janet_import="import import*", module_use="use"), separators=("/",)
    ),
}

_NONE = Imports()


def imports_of(language: Language) -> Imports:
    """How a language brings names in; a record without forms where nothing is known."""
    return _BASILISP if language.id == BASILISP.id else _FAMILIES.get(language.family, _NONE)
