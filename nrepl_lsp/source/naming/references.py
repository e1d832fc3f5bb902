"""
Where a text names what a symbol of another text, or of the same one, names.

Only what the text itself makes certain counts: a name without a qualifier is one of its own
namespace, one that is referred to, or one of the core that nothing in the text hides.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..definitions.outline import Definition, outline
from ..document import Snapshot
from ..lexer import Span
from ..occurrences import occurrences
from ..symbols import symbol_at
from .import_forms import Brought
from .names import Names, brought_at, brought_in, defined_names, names_at, resolve, spellings

__all__ = [
    "Named",
    "constructed",
    "declarations_of",
    "defined_as",
    "each_definition",
    "meaning",
    "named_at",
    "places_of",
]

#: Kinds of names in an `ns` form and the like that are of namespaces.
_OF_NAMESPACES = frozenset(("declares", "holds", "enters", "namespace", "use"))
_NAMESPACES_LIMIT = 100
"""Namespaces that one text may declare; names are looked for in those."""


#: `Circle.`, `->Circle` and `map->Circle` are there where a `Circle` is defined.
_CONSTRUCTOR = re.compile(r"(?P<class>[^./]+)\.|(?:map)?->(?P<type>[^/]+)")
_MADE_BY = ("->{}", "map->{}")


class Named(NamedTuple):
    """
    What a symbol means, wherever it is written.

    ns: its namespace; None for a namespace, a class, and a keyword without one. Keywords keep one
    colon in their name. is_certain: whether other texts may be searched for it; a name of which
    nothing is known is only the same as itself in its own text.
    """

    ns: str | None
    name: str
    is_certain: bool = True

    @property
    def words(self) -> tuple[str, ...]:
        """What a text must hold to name it under whatever alias."""
        if self.ns is None and not self.name.startswith(":"):
            # `(:import [java.util Date])`
            return (self.name.rpartition(".")[2] or self.name,)
        return (self.name.removeprefix(":"),)


def named_at(snapshot: Snapshot, offset: int) -> Named | None:
    """What the symbol or keyword at an offset means by its text alone; None where there is none.

    Locals are not told from other names here.
    """
    symbol = symbol_at(snapshot, offset)
    if symbol is None:
        return None
    return meaning(snapshot, symbol.span, is_keyword=symbol.kind == "keyword")


def meaning(snapshot: Snapshot, span: Span, *, is_keyword: bool = False) -> Named:
    """What the symbol or keyword that is written at a place means by its text alone."""
    brought = brought_at(snapshot, span.start)
    if brought is not None and brought.span == span:
        return _brought(brought)
    names = names_at(snapshot, span.start)
    text = snapshot.text[span.start : span.end]
    defined = defined_names(snapshot, names.ns)
    ns, name = resolve(names, text, defined)
    if ns is not None:
        is_written = "/" not in names.separators or (ns == names.ns and name in defined)
        return Named(ns, name if is_written else constructed(name))
    made = _own_type(snapshot, names, name)
    if made is not None:
        return Named(names.ns, made)
    is_namespace = name == names.ns or name in names.uses or name in names.aliases.values()
    return Named(None, name, is_keyword or is_namespace or name in names.imports.values())


def constructed(name: str) -> str:
    """
    The type that a constructor's name means: `Item` for `Item.`, `->Item`, `map->Item`.

    Other names are what they are: `->kebab-case` is no type, since those begin with a capital.
    """
    made = _CONSTRUCTOR.fullmatch(name)
    of = (made["class"] or made["type"]) if made is not None else ""
    return of if of[:1].isupper() else name


def defined_as(snapshot: Snapshot, offset: int, text: str) -> tuple[str | None, str]:
    """
    The namespace and the name of what defines a symbol's text; None where the text does not say.

    As `resolve` says it, and of a constructor and of a class the type, which may be a record of a
    namespace that is called as its package is: `app_x.a.Item` is `Item` of `app-x.a`.
    """
    names = names_at(snapshot, offset)
    defined = defined_names(snapshot, names.ns)
    ns, name = resolve(names, text, defined)
    if "/" not in names.separators:
        return ns, name
    if ns is not None:
        return ns, name if ns == names.ns and name in defined else constructed(name)
    own = _own_type(snapshot, names, name)
    if own is not None:
        return names.ns, own
    package, _, short = name.removesuffix(".").rpartition(".")
    return (package.replace("_", "-"), short) if package and short[:1].isupper() else (None, name)


def _own_type(snapshot: Snapshot, names: Names, text: str) -> str | None:
    """The type that the text defines and a constructor, or its class's whole name, means."""
    if names.ns is None or "/" not in names.separators:
        return None
    made = _CONSTRUCTOR.fullmatch(text)
    name = (made["class"] or made["type"]) if made is not None else text.removesuffix(".")
    package, _, short = name.rpartition(".")
    if package and package != names.ns.replace("-", "_"):
        return None
    is_other = made is not None or package
    return short if is_other and short in defined_names(snapshot, names.ns) else None


def _brought(brought: Brought) -> Named:
    if brought.kind in ("refer", "exclude"):
        return Named(brought.target, brought.original)
    return Named(None, brought.target)


def places_of(snapshot: Snapshot, named: Named) -> list[Span]:
    """Where a text names it, definitions included, in order; locals of the same name are none."""
    written = _Written(snapshot, named)
    return [span for span in occurrences(snapshot, written.texts()) if written.means(span)]


class _Written:
    """How one text may write a name, by namespace."""

    def __init__(self, snapshot: Snapshot, named: Named) -> None:
        self._snapshot = snapshot
        self._named = named
        self._spellings: dict[str | None, frozenset[str]] = {}

    def texts(self) -> frozenset[str]:
        """Everything that may mean it somewhere in the text."""
        return frozenset().union(*(self._of(names) for names in _all_names(self._snapshot)))

    def means(self, span: Span) -> bool:
        """Whether one of these texts means it where it stands."""
        snapshot, named = self._snapshot, self._named
        text = snapshot.text[span.start : span.end]
        names = names_at(snapshot, span.start)
        if text not in self._of(names):
            return False
        brought = brought_at(snapshot, span.start)
        if brought is not None and brought.span == span:
            return _is_same(brought, named)
        if named.ns is None or named.ns == names.ns or text != named.name:
            # A `->Circle` that is written out is a function of its own.
            is_own = named.ns == names.ns and text != named.name and "->" in text
            return not is_own or text not in defined_names(snapshot, names.ns)
        # What a text defines itself hides what it would have from elsewhere.
        return text in names.refers or text not in defined_names(snapshot, names.ns)

    def _of(self, names: Names) -> frozenset[str]:
        known = self._spellings.get(names.ns)
        if known is None:
            known = self._spellings[names.ns] = _spellings(names, self._named)
        return known


def _is_same(brought: Brought, named: Named) -> bool:
    if named.ns is not None:
        is_name = brought.kind == "refer"
        return is_name and (brought.target, brought.original) == (named.ns, named.name)
    if brought.kind == "class" or brought.kind in _OF_NAMESPACES:
        return brought.target == named.name
    return False


def _spellings(names: Names, named: Named) -> frozenset[str]:
    if named.ns is not None:
        found = spellings(names, named.ns, named.name)
        if "/" not in names.separators:
            return found
        # `(Circle. 1)` makes a `Circle`.
        found |= {f"{one}." for one in found}
        if named.name[:1].isupper():
            for form in _MADE_BY:
                found |= spellings(names, named.ns, form.format(named.name))
        return found
    shorts = {short for short, full in names.imports.items() if full == named.name}
    return frozenset({named.name, *shorts, *(f"{short}." for short in shorts)})


def _all_names(snapshot: Snapshot) -> Iterator[Names]:
    """What each namespace of a text brings in."""
    kinds = ("declares", "holds", "enters")
    places = [one.span.start for one in brought_in(snapshot) if one.kind in kinds]
    for place in (0, *places[:_NAMESPACES_LIMIT], len(snapshot.text)):
        yield names_at(snapshot, place)


def declarations_of(snapshot: Snapshot, named: Named) -> list[Definition]:
    """The definitions that make it: not methods that are added to it, nor types that extend it."""
    return [
        definition
        for definition in each_definition(outline(snapshot))
        if _is_declaration(snapshot, definition, named)
    ]


def _is_declaration(snapshot: Snapshot, definition: Definition, named: Named) -> bool:
    place = definition.name_span.start
    if definition.kind == "namespace":
        return named.ns is None and definition.name == named.name
    if definition.kind == "keyword":
        names = names_at(snapshot, place)
        return resolve(names, definition.name) == (named.ns, named.name)
    if definition.name != named.name:
        return False
    return not named.is_certain or names_at(snapshot, place).ns == named.ns


#: Kinds whose parts are names of the namespace too: of a class its accessors (Scheme) are.
_DECLARE_THEIR_PARTS = frozenset(("protocol", "namespace", "comment", "class"))
_ANONYMOUS = frozenset(("reify", "proxy"))


def each_definition(definitions: Sequence[Definition], around: str = "") -> Iterator[Definition]:
    """Definitions and those in them that their namespace can name, in the order of the text.

    What adds to a declaration made elsewhere (`extend-type`, `defmethod`, `reify`) is left out.
    """
    for definition in definitions:
        if around == "class" and definition.kind != "function":
            continue
        if definition.kind == "method" and around != "protocol":
            continue
        if definition.kind == "class" and (
            definition.detail.startswith("extend-") or definition.name in _ANONYMOUS
        ):
            continue
        if definition.kind != "comment":
            yield definition
        if definition.kind in _DECLARE_THEIR_PARTS:
            yield from each_definition(definition.children, definition.kind)
