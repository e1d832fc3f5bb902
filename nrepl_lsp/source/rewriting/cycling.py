"""Changing the brackets of a list: `()` to `[]` to `{}` to `#{}` and round again."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ..document import Snapshot
from ..languages import Language
from ..lexer import Form
from .layout import form_of, is_splice, list_at, shifted

__all__ = ["Cycle", "cycle"]

SIZE_LIMIT = 20_000
"""Characters of a list that is changed; longer ones are left alone."""

_BRACKETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "clojure": ("()", "[]", "{}", "#{}"),
        "hy": ("()", "[]", "{}", "#{}"),
        "fennel": ("()", "[]", "{}"),
        "janet": ("()", "[]", "{}"),
        "scheme": ("()", "[]"),
        "racket": ("()", "[]"),
    }
)
"""The brackets of each family in turn; in Scheme they differ in looks only."""


class Cycle(NamedTuple):
    """Which brackets a list has and gets, and the changes for it: start, end and new text."""

    old: str
    new: str
    changes: tuple[tuple[int, int, str], ...]


def cycle(snapshot: Snapshot, offset: int) -> Cycle | None:
    """The next brackets for the innermost list at the cursor; None where there are none.

    Left out are maps with an odd number of forms or a key twice and sets with a form twice, which
    no reader takes; lists whose prefix means another thing before other brackets (`#(…)`,
    `#js [...]`); lists that are not closed.
    """
    kinds = _BRACKETS.get(snapshot.language.family, ())
    cursor = list_at(snapshot, offset) if kinds else None
    if cursor is None:
        return None
    form = form_of(cursor, cursor.depth)
    if form is None or not (form.closed and form.balanced):
        return None
    old = _brackets(cursor.text, form)
    if old not in kinds or form.end - form.start > SIZE_LIMIT:
        return None
    elements = [
        cursor.text[each.start : each.end]
        for each in cursor.forms(cursor.depth)
        if not each.discarded
    ]
    number = kinds.index(old)
    # `()` and `[]` hold anything, so there is always one.
    others = (*kinds[number + 1 :], *kinds[:number])
    new = next(brackets for brackets in others if _is_readable(brackets, elements))
    return Cycle(old, new, _changes(snapshot.language, cursor.text, form, old, new))


def _brackets(text: str, form: Form) -> str:
    """The brackets of a list, "" when a prefix is about them."""
    prefix = text[form.parts[-1].start : form.body]
    pair = text[form.body] + text[form.end - 1]
    if prefix.endswith("#") and pair == "{}":
        pair, prefix = "#{}", prefix[:-1]
    return "" if "#" in prefix else pair


def _is_readable(brackets: str, elements: Sequence[str]) -> bool:
    if any(is_splice(element) for element in elements):
        return True
    if brackets == "{}":
        keys = elements[::2]
        return len(elements) % 2 == 0 and len(set(keys)) == len(keys)
    return brackets != "#{}" or len(set(elements)) == len(elements)


def _changes(
    language: Language, text: str, form: Form, old: str, new: str
) -> tuple[tuple[int, int, str], ...]:
    """Two brackets; where the first gets longer or shorter, the lines in the list move with it."""
    start, end = form.body - len(old) + 2, form.end
    opener, closer = new[:-1], new[-1]
    by = len(new) - len(old)
    if by and "\n" in text[start:end]:
        return (
            (start, end, opener + shifted(language, text[form.body + 1 : end - 1], by) + closer),
        )
    return ((start, form.body + 1, opener), (end - 1, end, closer))
