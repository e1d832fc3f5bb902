"""Names that a text uses and does not say where they are from (Clojure's family)."""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from ..definitions.outline import Definition, outline
from ..document import Snapshot
from ..lexer import Span
from ..locals.scopes import local_at
from ..rewriting.namespace_edits import is_clojure, namespace_span
from ..symbols import symbol_at
from .names import names_at

__all__ = ["Unresolved", "dialect_of", "unresolved_at"]

#: Qualifiers that are always there.
_GIVEN = frozenset(("js", "goog", "python", "cljs.core", "clojure.core", "basilisp.core"))
_SPECIAL = frozenset(
    (
        *("&", ".", "..", "_", "catch", "def", "do", "finally", "fn*", "if", "let*", "letfn*"),
        *("loop*", "monitor-enter", "monitor-exit", "new", "quote", "recur", "set!", "throw"),
        *("try", "var", "&form", "&env", "nil", "true", "false"),
    )
)
_ARGUMENT = re.compile(r"%(?:&|\d*)|.*#")


class Unresolved(NamedTuple):
    """
    A name that nothing in the text explains, and where it is written.

    An alias is what stands before a `/`, a class begins with a capital letter.
    """

    kind: Literal["alias", "class", "var"]
    name: str
    span: Span


def dialect_of(uri: str) -> Literal["clj", "cljs", "cljc"]:
    """What a file may hold, by its extension."""
    name = uri.rpartition("/")[2]
    return "cljs" if name.endswith(".cljs") else "cljc" if name.endswith(".cljc") else "clj"


def unresolved_at(snapshot: Snapshot, offset: int) -> Unresolved | None:
    """
    The name at an offset if the text does not say what it is, though it may still be known.

    None in the `ns` form itself and where there is none: nothing could be added to it. Quoted
    names are data.
    """
    if not is_clojure(snapshot.language):
        return None
    symbol, form = symbol_at(snapshot, offset), namespace_span(snapshot)
    if symbol is None or form is None or form[0] <= offset <= form[1]:
        return None
    before = snapshot.text[max(0, symbol.span.start - 2) : symbol.span.start]
    if before.endswith("'") and before != "#'":
        return None
    text, names = symbol.text, names_at(snapshot, offset)
    if symbol.kind == "keyword":
        text = text[2:] if text.startswith("::") and "/" in text else ""
    qualifier, slash, _ = text[1:].partition("/")
    if text and slash:
        alias = text[0] + qualifier
        known = (names.aliases, names.imports, _GIVEN, {names.ns}, snapshot.once(_defined))
        if "." in alias or any(alias in where for where in known):
            return None
        is_class = alias[0].isupper() and symbol.kind == "symbol"
        return Unresolved("class" if is_class else "alias", alias, symbol.span)
    name = text.removesuffix(".")
    if not name or "." in name or name in _SPECIAL or _ARGUMENT.fullmatch(name):
        return None
    is_known = name in names.refers or name in names.imports or name in snapshot.once(_defined)
    if is_known or local_at(snapshot, offset) is not None:
        return None
    return Unresolved("class" if name[0].isupper() else "var", name, symbol.span)


def _defined(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(_names(outline(snapshot)))


def _names(definitions: Iterable[Definition]) -> Iterator[str]:
    for definition in definitions:
        yield definition.name
        yield from _names(definition.children)
