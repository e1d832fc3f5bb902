"""What kind of name is wanted where one is being typed: after a bracket, and in an `ns` form."""

import re
from typing import Literal, NamedTuple

from ..cursor import Cursor, locate
from ..document import Snapshot

__all__ = ["CompletionPlace", "completion_place"]

PlaceKind = Literal["any", "head", "namespace", "member"]


class CompletionPlace(NamedTuple):
    """
    kind: head: what a list calls; namespace: one that is to be required; member: something of what
        `qualifier` begins with (`clojure.string/` in `:refer [|]`, `java.util.` in `:import`).
    is_namespace_form: whether it is in a form that loads namespaces. Such a form must not be shown
        to a server: compliment (0.7) requires the namespace in it to complete its `:refer`.
    """

    kind: PlaceKind = "any"
    qualifier: str = ""
    is_namespace_form: bool = False

    @property
    def refers_to(self) -> str:
        """The namespace whose names are wanted, or nothing."""
        return self.qualifier[:-1] if self.qualifier.endswith("/") else ""


_ANYWHERE = CompletionPlace()

_REQUIRES = frozenset((":require", ":require-macros", ":use", ":use-macros", "require", "use"))
_IMPORTS = frozenset((":import", "import"))
_NAMESPACE_FORMS = frozenset(("ns", *_REQUIRES, *_IMPORTS))
_REFERS = (":refer", ":only", ":exclude", ":refer-macros", ":include")

_SPACE = " \t\r\n\f,\ufeff"
_FIRST = re.compile(r"[(\[][\s,]*(?:\^\S+[\s,]+)*([^\s,()\[\]{}\"'`~@^;]+)")


def completion_place(snapshot: Snapshot, start: int) -> CompletionPlace:
    """The place of a name that begins at an offset."""
    cursor = locate(snapshot, start)
    if cursor is None or not cursor.openers:
        return _ANYWHERE
    if snapshot.language.family == "clojure":
        found = _in_namespace_form(cursor)
        if found is not None:
            return found
    return CompletionPlace("head") if _is_head(cursor) else _ANYWHERE


def _is_head(cursor: Cursor) -> bool:
    """Whether it is the first in round brackets that are neither quoted nor a conditional's."""
    text, opener = cursor.text, cursor.openers[-1]
    if text[opener] != "(" or not _is_first(cursor):
        return False
    return not text[max(0, opener - 2) : opener].endswith(("'", "?", "?@"))


def _is_first(cursor: Cursor) -> bool:
    """Whether nothing stands before it in its list."""
    return not cursor.text[cursor.openers[-1] + 1 : cursor.offset].strip(_SPACE)


def _in_namespace_form(cursor: Cursor) -> CompletionPlace | None:
    """The place in a form that loads namespaces; None elsewhere."""
    openers, text = cursor.openers, cursor.text
    heads = [_first(text, opener) for opener in openers]
    if not _NAMESPACE_FORMS.intersection(heads):
        return None
    outermost, around, inner = ["", "", *heads][-3:]
    before = text[openers[-1] + 1 : cursor.offset]
    if outermost in _REQUIRES:
        option = text[openers[-2] + 1 : openers[-1]].rstrip(_SPACE)
        if option.endswith(_REFERS):
            return _member(f"{around}/")
    if _is_first(cursor):
        if around in _REQUIRES:
            return CompletionPlace("namespace", is_namespace_form=True)
        if text[openers[-1]] == "(" and around not in _IMPORTS:
            return CompletionPlace("head", is_namespace_form=True)
    elif inner in _REQUIRES:
        return CompletionPlace("namespace", is_namespace_form=True)
    elif around in _IMPORTS and not before.split()[-1].startswith(":"):
        return _member(f"{inner}.")
    return CompletionPlace(is_namespace_form=True)


def _member(qualifier: str) -> CompletionPlace:
    return CompletionPlace("member", qualifier, is_namespace_form=True)


def _first(text: str, opener: int) -> str:
    """The first symbol or keyword of a list; empty when something else is first."""
    match = _FIRST.match(text, opener)
    return match[1] if match else ""
