"""Renaming definitions that only their own text can name."""

import re
from typing import NamedTuple

from ..definitions.outline import Definition, outline
from ..document import Snapshot
from ..lexer import Span
from ..locals.scopes import FORM_LIMIT, locals_at, scopes_of
from ..namespaces import namespace_at
from ..occurrences import occurrences
from ..units import unit_at, units_of
from .format_strings import is_in_format_string

__all__ = ["Change", "Refused", "mentions", "private_definition", "rename_private", "shorthand_at"]

Change = tuple[int, int, str]
"""What is between two offsets of a text is replaced by a new text."""


class Refused(NamedTuple):
    """Why something cannot be renamed."""

    reason: str


MAKES_NAMES = "Other names are made from the name of a type."
ONLY_PRIVATE = "Only locals and private definitions of this file can be renamed."

CLASS_KINDS = ("class", "protocol", "interface", "method")


def shorthand_at(text: str, start: int) -> int | None:
    """Where the colon is of a name that is its own key in a table of Fennel: `{: name}`."""
    colon = start - 1
    while colon > 0 and text[colon].isspace():
        colon -= 1
    is_alone = 0 < colon < start - 1 and text[colon] == ":"
    return colon if is_alone and (text[colon - 1] in "{," or text[colon - 1].isspace()) else None


def private_definition(snapshot: Snapshot, text: str) -> Definition | None:
    """The definition of a name that only this text can name; None when there is none for sure."""
    name = text.rpartition("/")[2] if len(text) > 1 else text
    named = [one for one in outline(snapshot) if one.name == name]
    if not named or not all(_is_private(snapshot, one) for one in named):
        return None
    ns = namespace_at(snapshot, named[0].name_span.start)
    return named[0] if text in (name, f"{ns}/{name}") else None


_FILE_LOCAL = re.compile(r"\(\s*(?:local|var|fn|lambda|λ)\s")


def _is_private(snapshot: Snapshot, definition: Definition) -> bool:
    if snapshot.language.family == "fennel":
        return _FILE_LOCAL.match(snapshot.text, definition.span.start) is not None
    return definition.is_private


def mentions(snapshot: Snapshot, ns: str | None, name: str) -> bool:
    """Whether a text may name `ns/name`, under whatever alias."""
    breaks = snapshot.language.lexical.breaks if snapshot.language.lexical else r"\s"
    if re.search(rf"[^{breaks}]/{re.escape(name)}(?=[{breaks}]|\Z)", snapshot.text):
        return True
    return any(namespace_at(snapshot, span.start) == ns for span in occurrences(snapshot, [name]))


def rename_private(snapshot: Snapshot, name: str, new: str) -> list[Change] | Refused:
    definition = private_definition(snapshot, name)
    index = snapshot.index
    if definition is None or index is None:
        return Refused(ONLY_PRIVATE)
    if definition.kind in CLASS_KINDS:
        return Refused(MAKES_NAMES)
    starts, ends = units_of(snapshot)
    if index.first_unclosed < len(index.starts):
        return Refused("The brackets of this file do not match.")
    if any(end - start > FORM_LIMIT for start, end in zip(starts, ends, strict=True)):
        return Refused("A form of this file is too long to be looked at.")
    if any(_is_cut(snapshot, Span(*unit), name, new) for unit in zip(starts, ends, strict=True)):
        return Refused("A form of this file nests too deeply to be looked at.")
    if is_in_format_string(snapshot.language, snapshot.text, (name, new)):
        return Refused(f"{name} or {new} also stands in a string.")
    ns = namespace_at(snapshot, definition.name_span.start)
    everything = len(snapshot.text)
    if occurrences(snapshot, [new, f"{ns}/{new}"], everything):
        return Refused(f"{new} already means something in this file.")
    changes: list[Change] = []
    for span in occurrences(snapshot, [name, f"{ns}/{name}"], everything):
        if is_label(snapshot, span):
            continue
        reason = _uncertain(snapshot, span, name, new, ns)
        if reason is not None:
            return Refused(reason)
        changes.append((max(span.start, span.end - len(name)), span.end, new))
    return changes


def _is_cut(snapshot: Snapshot, unit: Span, name: str, new: str) -> bool:
    """Whether a unit has places that were not looked at, and one of the names perhaps there."""
    text = snapshot.text[unit.start : unit.end]
    return (name in text or new in text) and scopes_of(snapshot, unit).is_cut


def is_label(snapshot: Snapshot, span: Span) -> bool:
    unit = unit_at(snapshot, span.start)
    return unit is not None and span.start - unit.start in scopes_of(snapshot, unit).labels


def _uncertain(snapshot: Snapshot, span: Span, name: str, new: str, ns: str | None) -> str | None:
    """Why it is not sure that an occurrence is of the definition and can be written anew."""
    unit = unit_at(snapshot, span.start)
    if unit is None:
        return ONLY_PRIVATE
    scopes, at = scopes_of(snapshot, unit), span.start - unit.start
    if namespace_at(snapshot, span.start) != ns:
        return f"{name} is written in another namespace of this file too."
    if at in scopes.quoted:
        return f"{name} is also quoted in this file."
    if at in scopes.templated and snapshot.language.family != "clojure":
        return f"{name} also stands in a template."
    if any(local.name == new for local in locals_at(snapshot, span.end)):
        return f"{new} is a local where {name} is used."
    if snapshot.language.family == "fennel" and shorthand_at(snapshot.text, span.start) is not None:
        return f"{name} is also the key of a table."
    return None
