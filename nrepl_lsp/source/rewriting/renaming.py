"""Renaming locals, and definitions that only their own text can name, as changes of the text.

Nothing is renamed that is not certain: what comes out is read again, and every name in it must mean
what it meant before. Otherwise the answer is the reason, a sentence for the user.
"""

import re
from bisect import bisect_right
from typing import NamedTuple

from ..document import Snapshot
from ..languages import Language
from ..languages.bindings import bindings_of
from ..lexer import Span, lexer_for
from ..locals.scopes import Local, Scopes, local_at, scopes_in, scopes_of
from ..occurrences import name_at, occurrences
from ..tree import read
from ..units import unit_at
from .format_strings import is_in_format_string
from .private_names import (
    CLASS_KINDS,
    MAKES_NAMES,
    ONLY_PRIVATE,
    Change,
    Refused,
    is_label,
    private_definition,
    rename_private,
    shorthand_at,
)

__all__ = ["Change", "Refused", "Target", "rename", "target_at"]


class Target(NamedTuple):
    """What is to be renamed: a name at a place, which is a local or is defined in the text."""

    name: str
    span: Span
    local: Local | None


class _Edit(NamedTuple):
    """A change; the name that was at `old` is `at` characters into the new text."""

    start: int
    end: int
    text: str
    old: int
    at: int = 0


_KEYED_REASONS = {
    "field": "It is a field, which others know by its name.",
    "argument": "Callers write this argument's name.",
    "implicit": "It is an argument of a short function, which cannot have another name.",
}
_WORDS = {
    "hy": ("None", "True", "False", "_", "."),
    "commonlisp": ("nil", "t", "."),
    "scheme": (".", "...", "_"),
    "racket": (".", "...", "_"),
}
_CONSTANTS = ("nil", "true", "false", "&", "_", ".")


def target_at(snapshot: Snapshot, offset: int) -> Target | Refused | None:
    """What would be renamed at an offset, or why it cannot be; None where there is no symbol."""
    symbol = name_at(snapshot, offset)
    if symbol is None:
        return None
    local = local_at(snapshot, offset)
    if local is None:
        name = symbol.text.rpartition("/")[2] if len(symbol.text) > 1 else symbol.text
        definition = private_definition(snapshot, symbol.text)
        if symbol.kind != "symbol" or definition is None:
            return Refused(ONLY_PRIVATE)
        if definition.kind in CLASS_KINDS:
            return Refused(MAKES_NAMES)
        if is_label(snapshot, symbol.span):
            return Refused("Here it is the name of a member, a method or a type.")
        start = symbol.span.end - len(name)
        return Target(name, Span(start, symbol.span.end), None)
    unit = unit_at(snapshot, local.binding.start)
    if unit is None or not _is_whole(snapshot, unit):
        return Refused("The brackets around it do not match.")
    scopes = scopes_of(snapshot, unit)
    span = next(
        Span(use.start + unit.start, use.end + unit.start)
        for use in scopes.uses
        if symbol.span.start <= use.start + unit.start < symbol.span.end
    )
    for use in _uses(scopes, unit, local):
        reason = _KEYED_REASONS.get(scopes.keyed.get(use.start, ""))
        if reason is not None:
            return Refused(reason)
    if snapshot.language.family == "commonlisp" and _is_special(snapshot, local.name):
        return Refused("It is a special variable, which others see under its name.")
    return Target(snapshot.text[span.start : span.end], span, local)


def rename(snapshot: Snapshot, target: Target, new: str) -> list[Change] | Refused:
    """The changes that give a target a new name, in the order of the text."""
    if not _is_name(snapshot.language, new):
        return Refused(f"{new or 'Nothing'} is not a name here.")
    if new == target.name:
        return []
    if target.local is None:
        return rename_private(snapshot, target.name, new)
    if target.local.name.endswith("#") != new.endswith("#") and "#" in target.local.name + new:
        return Refused("A generated symbol ends in #, and nothing else does.")
    return _rename_local(snapshot, target.local, new)


# Locals


def _rename_local(snapshot: Snapshot, local: Local, new: str) -> list[Change] | Refused:
    unit = unit_at(snapshot, local.binding.start)
    if unit is None:
        return Refused(ONLY_PRIVATE)
    text, scopes = snapshot.text[unit.start : unit.end], scopes_of(snapshot, unit)
    family = snapshot.language.family
    if _stands_in_template(scopes, text, local, unit):
        return Refused(f"{local.name} also stands in a template, where it means something else.")
    if family == "hy" and local.kind == "parameter" and occurrences(snapshot, [":" + local.name]):
        return Refused("Callers may write this argument's name.")
    if scopes.is_cut:
        return Refused("The form around it nests too deeply to be looked at.")
    if is_in_format_string(snapshot.language, text, (local.name, new)):
        return Refused(f"{local.name} or {new} also stands in a string.")
    uses = _uses(scopes, unit, local)
    if _is_keyed_twice(scopes, uses):
        return Refused("It is bound by several keys; rename them first.")
    edits: list[_Edit] = []
    for use in uses:
        kind = scopes.keyed.get(use.start)
        if kind in ("keys", "strs", "syms"):
            keyed = _keyed_edits(snapshot.language, text, use.start, kind, new)
            if keyed is None:
                return Refused(f"It is bound by :{kind}; rename the key instead.")
            edits += keyed
        elif family == "fennel" and (colon := shorthand_at(text, use.start)) is not None:
            keyed_name = f":{local.name} {new}"
            edits.append(_Edit(colon, use.end, keyed_name, use.start, len(local.name) + 2))
        else:
            edits.append(_Edit(use.start, use.end, new, use.start))
    edits.sort()
    if not _means_the_same(snapshot.language.id, text, scopes, edits):
        return Refused(f"{new} already means something where {local.name} is visible.")
    return [(edit.start + unit.start, edit.end + unit.start, edit.text) for edit in edits]


def _uses(scopes: Scopes, unit: Span, local: Local) -> list[Span]:
    """Where a local is written, from the unit's start."""
    at = local.binding.start - unit.start
    number = next((use.local for use in scopes.uses if use.start == at), -1)
    return [Span(use.start, use.end) for use in scopes.uses if use.local == number]


def _is_keyed_twice(scopes: Scopes, uses: list[Span]) -> bool:
    """Whether a name is bound in several places, and in one of them by its key."""
    bound = [use.start for use in uses if use.start in scopes.binding]
    return len(bound) > 1 and any(at in scopes.keyed for at in bound)


def _is_special(snapshot: Snapshot, name: str) -> bool:
    """Whether a name of Common Lisp is a special variable, which what is called sees."""
    if len(name) > 2 and name[0] == name[-1] == "*":
        return True
    written = re.escape(name) + r"(?![^\s()])"
    defined = rf"\((?:[\w-]+:+)?(?:defvar|defparameter|defglobal|defconstant)\s+{written}"
    declared = rf"\(special\s(?:[^()]*\s)?{written}"
    return re.search(f"(?i:{defined}|{declared})", snapshot.text) is not None


def _stands_in_template(scopes: Scopes, text: str, local: Local, unit: Span) -> bool:
    start, end = local.scope.start - unit.start, local.scope.end - unit.start
    return any(
        start <= at <= end and text[at : scopes.free[at]] == local.name
        for at in scopes.templated
        if at in scopes.free
    )


def _keyed_edits(language: Language, text: str, at: int, kind: str, new: str) -> list[_Edit] | None:
    """`{:keys [a b]}` as `{:keys [b] new :a}`; None when it is written in an odd way."""
    path = []
    level = read(language, text)
    while (node := next((one for one in level if one.start <= at < one.end), None)) is not None:
        path.append(node)
        level = node.children
    if len(path) < 3 or not path[-3].is_list("{") or path[-2] not in path[-3].children[1::2]:
        return None
    whole, names, name = path[-3:]
    key = whole.children[whole.children.index(names) - 1]
    written = name.text
    space = key.text[: -len(kind)]
    if kind == "strs":
        lookup = f'"{written}"'
    elif kind == "syms":
        if space.startswith("::"):
            return None
        lookup = "'" + space[1:] + written
    else:
        lookup = written if written[0] == ":" else space + written
    bound = text[name.start : name.body] + new
    offset = len(bound) - len(new)
    if len(names.children) == 1:
        return [_Edit(key.start, names.end, f"{bound} {lookup}", at, offset)]
    number = names.children.index(name)
    if number:
        start, end = names.children[number - 1].end, name.end
    else:
        start, end = name.start, names.children[1].start
    if text[start : name.start].strip(" \t\r\n,") or text[name.end : end].strip(" \t\r\n,"):
        start, end = name.start, name.end
    added = _Edit(names.end, names.end, f" {bound} {lookup}", at, offset + 1)
    return [_Edit(start, end, "", -1), added]


def _means_the_same(language_id: str, text: str, before: Scopes, edits: list[_Edit]) -> bool:
    """Whether every name of a text is bound, or free, as it was before the edits."""
    parts, moved, last, length = [], {}, 0, 0
    places: list[tuple[int, int, int]] = []
    for edit in edits:
        if edit.start < last:
            return False
        parts += [text[last : edit.start], edit.text]
        length += edit.start - last
        if edit.old >= 0:
            moved[edit.old] = length + edit.at
        length += len(edit.text)
        last = edit.end
        places.append((edit.start, edit.end, length - edit.end))
    parts.append(text[last:])
    after = scopes_in(language_id, "".join(parts))

    def place(at: int) -> int | None:
        if at in moved:
            return moved[at]
        number = bisect_right(places, (at, len(text), len(text))) - 1
        if number < 0:
            return at
        _, end, delta = places[number]
        return at + delta if end <= at else None

    numbers = {use.start: use.local for use in after.uses}
    pairs = {
        (use.local, numbers.get(at, -1))
        for use in before.uses
        if (at := place(use.start)) is not None
    }
    is_same = len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
    is_free = all(at in after.free for one in before.free if (at := place(one)) is not None)
    return is_same and is_free and len(after.uses) == len(before.uses)


def _is_name(language: Language, text: str) -> bool:
    """Whether a text is one symbol, which can be bound."""
    nodes = read(language, text)
    if len(nodes) != 1 or nodes[0].kind != "symbol" or nodes[0].text != text:
        return False
    rules = bindings_of(language.family, language.id)
    refused = _WORDS.get(language.family, _CONSTANTS)
    parts = "/." if language.family == "clojure" else rules.member
    is_special = text in refused or (rules.implicit and re.match(rules.implicit, text))
    return not is_special and not any(sign in text for sign in parts)


def _is_whole(snapshot: Snapshot, unit: Span) -> bool:
    """Whether the brackets of a form match."""
    lexer = lexer_for(snapshot.language)
    form = next(lexer.forms(snapshot.text, *unit), None) if lexer is not None else None
    return form is not None and form.closed and form.balanced
