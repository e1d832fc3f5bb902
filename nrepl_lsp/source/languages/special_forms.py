"""How the special forms are written, by language family: most servers say nothing of them."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["SPECIAL_FORMS"]

_CLOJURE = (
    "(. target member args*)",
    "(catch class name exprs*)",
    "(def symbol doc-string? init?)",
    "(do exprs*)",
    "(finally exprs*)",
    "(fn* name? [params*] exprs*)",
    "(if test then else?)",
    "(let* [bindings*] exprs*)",
    "(letfn* [bindings*] exprs*)",
    "(loop* [bindings*] exprs*)",
    "(new class args*)",
    "(quote form)",
    "(recur exprs*)",
    "(set! target value)",
    "(throw expr)",
    "(try exprs* catch-clauses* finally-clause?)",
    "(var symbol)",
)

SPECIAL_FORMS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "clojure": MappingProxyType(
            {form[1:].partition(" ")[0].rstrip(")"): form for form in _CLOJURE}
        )
    }
)
"""Family → head → the form, in the notation of Clojure's own documentation."""
