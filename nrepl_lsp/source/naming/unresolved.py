"""Names that a text uses and does not say where they are from (Clojure's family)."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Literal, NamedTuple

from ..calling.calls import is_data
from ..cursor import Cursor, locate
from ..definitions.outline import Definition, outline
from ..document import Snapshot
from ..languages.threading import THREADING
from ..lexer import Span
from ..locals.scopes import local_at
from ..rewriting.namespace_edits import is_clojure, namespace_span
from ..symbols import Symbol, symbol_at
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
_MAP_PREFIX = re.compile(r"#(::[^\s/,]+)[\s,]*")
_QUOTE = re.compile(r"\(quote(?=[\s(\[{])")
_NESTING_LIMIT = 64
_FORMS_LIMIT = 50
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
    form, cursor = namespace_span(snapshot, offset), locate(snapshot, offset)
    if form is None or cursor is None or form[0] <= offset <= form[1]:
        return None
    symbol = symbol_at(snapshot, offset) or _map_alias(cursor)
    if symbol is None or (symbol.kind == "symbol" and _names_nothing(cursor, symbol)):
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
        if symbol.kind == "symbol" and local_at(snapshot, offset) is not None:
            # `{:keys [a/x]}`: the namespace of a key.
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


def _map_alias(cursor: Cursor) -> Symbol | None:
    """The alias in a prefix that qualifies a map, `#::a{…}`, as a keyword of it."""
    for token in cursor.tokens(cursor.depth):
        if token.start > cursor.offset:
            break
        written = cursor.text[token.start : token.end]
        if token.kind == "prefix" and cursor.offset <= token.end:
            match = _MAP_PREFIX.fullmatch(written)
            if match is not None:
                return Symbol(f"{match[1]}/_", Span(token.start + 1, token.end), "keyword")
    return None


def _names_nothing(cursor: Cursor, symbol: Symbol) -> bool:
    """Whether a symbol is data, or names a member of an object."""
    text, start = cursor.text, symbol.span.start
    before = text[max(0, start - 2) : start]
    if before.endswith("'") and before != "#'":
        return True
    threading = THREADING["clojure"]
    openers = cursor.openers[-_NESTING_LIMIT:]
    if any(is_data(threading, text, at) or _QUOTE.match(text, at) for at in openers):
        return True
    depth = cursor.depth
    while depth and text[cursor.openers[depth - 1]] == "(":
        place = _place(cursor, depth, start)
        if place is None:
            return False
        head, number = place
        if head == ".." or (head == "." and number == 2):
            return number > 1
        if number:
            return False
        # The head of a list: `(.. x (member a))`.
        start, depth = cursor.openers[depth - 1], depth - 1
    return False


def _place(cursor: Cursor, depth: int, start: int) -> tuple[str, int] | None:
    """The head of the list number `depth`, and the number of the form at `start` in it."""
    head = ""
    for number, form in enumerate(islice(cursor.forms(depth), _FORMS_LIMIT)):
        if not number:
            head = cursor.text[form.start : form.end] if form.kind == "atom" else ""
        if form.start <= start < form.end:
            return head, number
    return None


def _defined(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(_names(outline(snapshot)))


def _names(definitions: Iterable[Definition]) -> Iterator[str]:
    for definition in definitions:
        yield definition.name
        if definition.kind == "class" and definition.detail.startswith("["):
            yield from (f"->{definition.name}", f"map->{definition.name}")
        yield from _names(definition.children)
