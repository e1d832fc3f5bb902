"""
Everything that a text brings in, namespace by namespace.

Read from the `ns` form and its like in each language, and from `require`, `import` and `use` at the
top level, also in `(comment …)`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from ..document import Snapshot
from ..index import DISCARDED
from ..languages import LANGUAGES, Language
from ..languages.imports import imports_of
from ..lexer import Span, lexer_for
from ..naming import clojure_imports, module_imports
from ..tree import read
from .import_forms import READERS, Brought, Form

__all__ = ["Names", "Table", "table_of"]

FORM_LIMIT = 100_000
"""How many characters a form may have that brings names in."""
FORMS_LIMIT = 1_000
"""Forms of a text that are read."""

_READERS_OF = (clojure_imports, module_imports)
_LANGUAGES = {language.id: language for language in LANGUAGES}
_DECLARING = frozenset(("declares", "holds", "enters"))
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Names(NamedTuple):
    """
    What is brought into a namespace.

    ns: the namespace itself. aliases: alias → namespace. refers: name → the namespace it is from.
    imports: short name → whole name of a class or module. uses: namespaces referred to whole.
    originals: name → what it is called in its namespace, for those that are renamed. excluded:
    names of the core that are not to be there. core: namespaces whose names are there unasked.
    separators: what stands between an alias and a name.
    """

    ns: str | None
    aliases: Mapping[str, str] = _NOTHING
    refers: Mapping[str, str] = _NOTHING
    imports: Mapping[str, str] = _NOTHING
    uses: tuple[str, ...] = ()
    originals: Mapping[str, str] = _NOTHING
    excluded: frozenset[str] = frozenset()
    core: tuple[str, ...] = ()
    separators: tuple[str, ...] = ("/",)


class Table(NamedTuple):
    """All that a text brings in. `declarations` are the forms that name a namespace."""

    names: Mapping[str | None, Names]
    brought: tuple[Brought, ...]
    starts: tuple[int, ...]
    declarations: tuple[tuple[int, int, str], ...]


def table_of(snapshot: Snapshot) -> Table:
    """What a text brings in; worked out once for a text."""
    return snapshot.once(_table)


def _table(snapshot: Snapshot) -> Table:
    imports = imports_of(snapshot.language)
    by_ns: dict[str | None, list[Brought]] = {}
    spelled: dict[str | None, str | None] = {}
    everything: list[Brought] = []
    declarations = []
    current: str | None = None
    for start, end, is_top in _forms(snapshot):
        found = _read_form(snapshot.language.id, snapshot.text[start:end])
        declared = next((one for one in found if one.kind in _DECLARING), None)
        ns = declared.name if declared is not None else current
        if declared is not None and is_top:
            declarations.append((start, end, declared.name))
            current = declared.name if declared.kind != "holds" else current
        key = ns.lower() if ns and imports.folds_case else ns
        spelled.setdefault(key, ns)
        moved = [one._replace(span=Span(*(at + start for at in one.span))) for one in found]
        by_ns.setdefault(key, []).extend(moved)
        everything += moved
    everything.sort(key=lambda one: one.span)
    names = {
        key: _names(spelled[key], found, imports.core, imports.separators)
        for key, found in by_ns.items()
    }
    starts = tuple(one.span.start for one in everything)
    return Table(names, tuple(everything), starts, tuple(declarations))


def _names(
    ns: str | None, found: list[Brought], core: tuple[str, ...], separators: tuple[str, ...]
) -> Names:
    """Of what is called the same in two branches of a reader conditional the first counts."""
    maps: dict[str, dict[str, str]] = {"alias": {}, "refer": {}, "class": {}}
    originals: dict[str, str] = {}
    uses: dict[str, None] = {}
    excluded = set()
    for one in found:
        if one.kind in maps:
            maps[one.kind].setdefault(one.name, one.target)
        if one.kind == "refer" and one.original != one.name:
            originals.setdefault(one.name, one.original)
        if one.kind == "use":
            uses.setdefault(one.target)
        if one.kind == "exclude":
            excluded.add(one.name)
    return Names(
        ns,
        maps["alias"],
        maps["refer"],
        maps["class"],
        tuple(uses),
        originals,
        frozenset(excluded),
        core,
        separators,
    )


def _forms(snapshot: Snapshot) -> Iterator[tuple[int, int, bool]]:
    """Where forms begin and end that may bring names in, and whether they are no comment's."""
    lexer, index = lexer_for(snapshot.language), snapshot.index
    patterns = _patterns(snapshot.language)
    if lexer is None or index is None or patterns is None:
        return
    head, comment = patterns
    text, left = snapshot.text, FORMS_LIMIT
    for start, end, state in zip(index.starts, index.ends, index.states, strict=True):
        if state == DISCARDED or end - start > FORM_LIMIT:
            continue
        if head.match(text, start, end):
            yield start, end, True
            left -= 1
        elif comment.match(text, start, end):
            for form in lexer.forms(text, start + 1, end, ")"):
                if not form.discarded and head.match(text, form.start, form.end):
                    yield form.start, form.end, False
                    left -= 1
        if left < 0:
            return


@cache
def _patterns(language: Language) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """What a list begins with that brings names in, and what one that holds such lists."""
    heads = imports_of(language).forms
    if not heads:
        return None
    case = re.IGNORECASE if imports_of(language).folds_case else 0
    after = r"(?=[\s()\[\]{}\"';,^#:]|\Z)"
    qualifier = r"(?:[\w.]+[/:])?"
    words = "|".join(map(re.escape, sorted(heads, key=len, reverse=True)))
    holders = "|".join(map(re.escape, (*language.comment_forms, "do", "eval-when")))
    return (
        re.compile(rf"\(\s*{qualifier}(?:{words}){after}", case),
        re.compile(rf"\(\s*(?:{holders}){after}", case),
    )


@lru_cache(maxsize=1024)
def _read_form(language_id: str, text: str) -> tuple[Brought, ...]:
    """What a form brings in, remembered by its text; places count from its start."""
    language = _LANGUAGES[language_id]
    node = next(iter(read(language, text)), None)
    if node is None or not node.children:
        return ()
    imports = imports_of(language)
    head = node.children[0].text.lower() if imports.folds_case else node.children[0].text
    known = imports.forms.get(head) or imports.forms.get(re.split("[/:]", head)[-1])
    if known is None:
        return ()
    form = Form(text)
    READERS[known](form, node.children[1:])
    return tuple(form.found)
