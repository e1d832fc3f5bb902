"""
What names mean in a text: namespaces, aliases, referred names and classes.

What a form brings in counts in the whole namespace that is in force there, before the form too:
programs are loaded whole.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from typing import NamedTuple

from ..definitions.outline import outline
from ..document import Snapshot
from ..languages.imports import imports_of
from ..namespaces import namespace_at
from .import_forms import Brought
from .imported_names import Names, Table, table_of

__all__ = [
    "Brought",
    "Names",
    "Qualified",
    "brought_at",
    "brought_in",
    "defined_names",
    "names_at",
    "qualified",
    "resolve",
    "spellings",
]


class Qualified(NamedTuple):
    """A symbol's text in two: what stands before the separator (or nothing), and the name."""

    qualifier: str
    separator: str
    name: str


def names_at(snapshot: Snapshot, offset: int) -> Names:
    """What the namespace at an offset brings in; in an `ns` form it is the one it declares."""
    table = table_of(snapshot)
    ns = _declared_around(table, offset) or namespace_at(snapshot, offset)
    imports = imports_of(snapshot.language)
    found = table.names.get(ns.lower() if ns and imports.folds_case else ns)
    if found is None:
        return Names(ns, core=imports.core, separators=imports.separators)
    return found


def brought_in(snapshot: Snapshot) -> tuple[Brought, ...]:
    """Every name that a text brings in and the namespaces it declares, where they are written."""
    return table_of(snapshot).brought


def brought_at(snapshot: Snapshot, offset: int) -> Brought | None:
    """The name at an offset of a form that brings names in; None where none is written."""
    table = table_of(snapshot)
    last = bisect_right(table.starts, offset)
    found: Brought | None = None
    for one in table.brought[max(0, last - 4) : last]:
        # What is written once may be several things, of which the first is said here.
        is_other = found is None or one.span != found.span
        if is_other and one.span.start <= offset <= one.span.end:
            found = one
    return found


def qualified(names: Names, text: str) -> Qualified:
    """
    A symbol's text in two. What has no qualifier that means anything is a name alone.

    In Scheme nothing separates the two: there the qualifier is the longest prefix that was chosen.
    """
    for separator in names.separators:
        if not separator:
            known = [alias for alias in names.aliases if text.startswith(alias) and text != alias]
            alias = max(known, key=len, default="")
            return Qualified(alias, "", text[len(alias) :])
        # `/` itself is a name, and so is `clojure.core//`.
        at = text.find(separator, 1)
        if separator == "." and at > 0:
            at = _longest_module(names, text)
        if 0 < at < len(text) - len(separator):
            return Qualified(text[:at], separator, text[at + len(separator) :])
    return Qualified("", "", text)


def resolve(
    names: Names, text: str, defined: Collection[str] = frozenset()
) -> tuple[str | None, str]:
    """
    The namespace and the name that a symbol's text means; None when the text does not say.

    defined: what the namespace itself defines. Keywords keep one colon: `::str/x` is `:x` of that
    namespace. An imported class has its whole name, `Date/parse` is `parse` of the class.
    """
    if text.startswith(":") and "/" in names.separators:
        return _keyword(names, text)
    qualifier, _, name = qualified(names, text)
    if qualifier:
        known = _folded(names.aliases, qualifier, names) or names.imports.get(qualifier)
        return known or qualifier, name
    if name in names.refers:
        return names.refers[name], names.originals.get(name, name)
    if name.removesuffix(".") in names.imports:
        return None, names.imports[name.removesuffix(".")]
    return (names.ns if name in defined else None), name


def spellings(names: Names, ns: str, name: str) -> frozenset[str]:
    """Every way to write `ns/name` where these names are brought in; the inverse of `resolve`."""
    if name.startswith(":"):
        colons = {f":{ns}/{name[1:]}"} | {
            f"::{alias}/{name[1:]}" for alias, target in names.aliases.items() if target == ns
        }
        return frozenset(colons | ({f":{name}"} if ns == names.ns else set()))
    qualifiers = [alias for alias, target in names.aliases.items() if target == ns]
    if "" not in names.separators:
        qualifiers += [ns, *(short for short, full in names.imports.items() if full == ns)]
    found = {
        qualifier + separator + name for qualifier in qualifiers for separator in names.separators
    }
    found |= {
        local
        for local, target in names.refers.items()
        if target == ns and names.originals.get(local, local) == name
    }
    is_shadowed = name in names.refers or name in names.excluded
    if ns == names.ns or ((ns in names.uses or ns in names.core) and not is_shadowed):
        found.add(name)
    return frozenset(found)


def defined_names(snapshot: Snapshot, ns: str | None) -> frozenset[str]:
    """What a text defines at its top level in one of its namespaces."""
    return snapshot.once(_defined).get(ns, frozenset())


def _declared_around(table: Table, offset: int) -> str | None:
    """The namespace that is declared by the form that an offset is in."""
    at = bisect_right(table.declarations, offset, key=lambda one: one[0]) - 1
    if at < 0:
        return None
    start, end, name = table.declarations[at]
    return name if start <= offset <= end else None


def _longest_module(names: Names, text: str) -> int:
    """Where the longest module's name ends that a dotted text begins with; its last dot if none."""
    known = [name for name in (*names.aliases, *names.imports) if text.startswith(name + ".")]
    return len(max(known, key=len)) if known else text.rfind(".")


def _keyword(names: Names, text: str) -> tuple[str | None, str]:
    qualifier, slash, name = text.lstrip(":").partition("/")
    if not slash:
        return (names.ns if text.startswith("::") else None), ":" + qualifier
    if text.startswith("::"):
        return names.aliases.get(qualifier, qualifier), ":" + name
    return qualifier, ":" + name


def _folded(known: Mapping[str, str], name: str, names: Names) -> str | None:
    if name in known or "::" not in names.separators:
        return known.get(name)
    return next((target for key, target in known.items() if key.lower() == name.lower()), None)


def _defined(snapshot: Snapshot) -> Mapping[str | None, frozenset[str]]:
    """Namespace → what is defined at the top level of it; methods of protocols are."""
    found: dict[str | None, set[str]] = {}
    declarations = table_of(snapshot).declarations
    waiting = list(reversed(outline(snapshot)))
    at, ns = 0, None
    while waiting:
        one = waiting.pop()
        while at < len(declarations) and declarations[at][0] <= one.span.start:
            ns = declarations[at][2]
            at += 1
        if one.kind in ("namespace", "comment", "protocol", "interface"):
            waiting.extend(reversed(one.children))
        if one.kind not in ("namespace", "comment", "keyword"):
            found.setdefault(ns, set()).add(one.name)
    return {ns: frozenset(names) for ns, names in found.items()}
