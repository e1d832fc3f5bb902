"""The symbols and keywords that are written in a text, and those of them that it defines.

Found for one top-level form at a time and remembered by the form's text, so that a key press costs
the one form that it changed, and mostly not even that: without the word that is being typed, a
form's text stays the same while typing goes on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from ..definitions.outline import outline
from ..document import Document, Snapshot
from ..index import Index
from ..languages import LANGUAGES
from ..lexer import Span, lexer_for

__all__ = ["Words", "words_around"]

REACH = 250_000
"""Characters before and after a place in which words are looked for."""

FORMS_REACH = 1_000
"""Top-level forms before and after a place in which words are looked for."""

FORM_LIMIT = 100_000
"""How many characters a top-level form may have; a longer one is data, and left out."""

_LANGUAGES = {language.id: language for language in LANGUAGES}
# More than one pass asks for, or each would forget what the next one needs.
_FORMS_KEPT = 4 * FORMS_REACH

_NO_DEFINITIONS: Mapping[str, str] = MappingProxyType({})


class Words(NamedTuple):
    """
    names: the symbols and keywords of two characters and more, as written, without reader
        prefixes; not those in strings and comments.
    defined: what the text defines at its top level → its kind, as `outline` calls it; methods of
        protocols are among it.
    """

    names: frozenset[str]
    defined: Mapping[str, str]


_NONE = Words(frozenset(), _NO_DEFINITIONS)


def words_around(snapshot: Snapshot, typed: Span) -> Words:
    """
    The words of a text, the nearer ones of a long one.

    typed: the word that is being typed, which counts only if it is written elsewhere too. Plain
    text has no words: editors complete it themselves.
    """
    index = snapshot.index
    if index is None:
        return _NONE
    names: set[str] = set()
    defined: dict[str, str] = {}
    for text in _forms(snapshot.text, index, typed):
        words = _words_of(snapshot.language.id, text)
        names |= words.names
        if words.defined:
            defined.update(words.defined)
    return Words(frozenset(names), defined)


def _forms(text: str, index: Index, typed: Span) -> Iterator[str]:
    """The texts of the top-level forms around a place, without the word that is typed there."""
    starts, ends = index.starts, index.ends
    here = bisect_right(starts, typed.start)
    first = max(here - FORMS_REACH, bisect_left(ends, typed.start - REACH), 0)
    last = min(here + FORMS_REACH, bisect_right(starts, typed.end + REACH))
    for start, end in zip(starts[first:last], ends[first:last], strict=True):
        if end - start > FORM_LIMIT:
            continue
        if start <= typed.start < typed.end <= end:
            yield f"{text[start : typed.start]} {text[typed.end : end]}"
        else:
            yield text[start:end]


@lru_cache(maxsize=_FORMS_KEPT)
def _words_of(language_id: str, text: str) -> Words:
    language = _LANGUAGES[language_id]
    lexer = lexer_for(language)
    if lexer is None:  # pragma: no cover - asked for only where there is one
        return _NONE
    atoms = {
        match.group()
        for match in lexer.token.finditer(text)
        if match.lastgroup in ("atom", "literal")
    }
    names = frozenset(
        atom for atom in atoms if len(atom) > 1 and lexer.atom_kind(atom) in ("symbol", "keyword")
    )
    # An outline costs more than the words, and most forms of data have none.
    return Words(
        names, _defined(language.language_ids[0], text) if "(" in text else _NO_DEFINITIONS
    )


def _defined(language_id: str, text: str) -> Mapping[str, str]:
    defined: dict[str, str] = {}
    for definition in outline(Document("", language_id, None, text).snapshot()):
        if definition.kind in ("namespace", "comment", "keyword"):
            continue
        defined.setdefault(definition.name, definition.kind)
        if definition.kind == "protocol":
            for method in definition.children:
                defined.setdefault(method.name, "function")
    return defined or _NO_DEFINITIONS
