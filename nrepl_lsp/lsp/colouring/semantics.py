"""
Semantic tokens of documents: what the running program knows of the names in a text.

Worked out form by form and remembered by the form's text, so that after a change only the forms
that it touched are looked at again.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.definitions.outline import Definition, outline
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.index import DISCARDED
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.languages.definitions import DEFINITIONS
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.naming.names import Names, names_at
from nrepl_lsp.tooling.var_kinds import VarKinds

from .form_tokens import FormTokens, Show, form_tokens
from .image_names import image_names
from .vocabulary import MODIFIERS, TYPES, Vocabulary

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["TEXT_LIMIT", "Semantics", "note_evaluation", "refresh", "semantics_of"]

TEXT_LIMIT = 2_000_000
"""Characters of a document; a longer one has no semantic tokens."""
DOCUMENTS_KEPT = 64
"""Documents whose tokens are remembered."""
FORMS_KEPT = 20_000
"""Forms of one namespace whose tokens are remembered."""
TIMEOUT = 1.0
"""Seconds for what the program has to say; what comes later is shown by a refresh."""
FORMS_AT_ONCE = 32
"""Forms that are looked at before other requests get their turn."""

_NOTHING = FormTokens((0, 0), (0, 0), [])


@dataclass(slots=True)
class _Shelf:
    """One namespace of a document: what its tokens depend on, and the tokens by form."""

    names: Names
    kinds: Mapping[str, VarKinds]
    defined: frozenset[str]
    vocabulary: Vocabulary
    forms: dict[str, FormTokens] = field(default_factory=dict)


class Semantics:
    """The semantic tokens of one document. `result_id` and `data` are its last answer's."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        self._shelves: dict[str | None, _Shelf] = {}
        self._show = _show(ls)
        self._marks_unresolved = "unresolved" in ls.client.semantic_token_modifiers
        self.result_id = 0
        self.data: list[int] = []

    async def tokens(self, snapshot: Snapshot, within: Span | None = None) -> list[int] | None:
        """
        The tokens of the document, or of the forms that touch a part of it, as LSP encodes them.

        None where no program is attached, or it knows nothing that the text names.
        """
        ls = self._ls
        repl = ls.repl_for(snapshot.uri)
        if repl is None or snapshot.index is None or len(snapshot.text) > TEXT_LIMIT:
            return None
        names = snapshot.once(_names)
        kinds = await _kinds(ls, repl, snapshot.language.family, names.values())
        return await self.encoded(snapshot, kinds, within) if kinds else None

    async def encoded(
        self, snapshot: Snapshot, kinds: Mapping[str, VarKinds], within: Span | None = None
    ) -> list[int]:
        """The tokens, where the program has namespaces with vars of these kinds."""
        index = snapshot.index
        if index is None:
            return []
        shelves = self._stock(snapshot, snapshot.once(_names), kinds)
        data, last, made = list[int](), (0, 0), 0
        for start, end, state in zip(index.starts, index.ends, index.states, strict=True):
            if state == DISCARDED or (within and (end < within.start or within.end < start)):
                continue
            shelf = shelves[namespace_at(snapshot, end)]
            text = snapshot.text[start:end]
            form = shelf.forms.get(text)
            if form is None:
                form = shelf.forms[text] = self._form(snapshot, Span(start, end), shelf)
                made += 1
                if made % FORMS_AT_ONCE == 0:
                    await asyncio.sleep(0)
            if form is not _NOTHING:
                place = snapshot.lines.position(start, self._ls.documents.encoding)
                line, column = _moved(form.first, place)
                step = line - last[0]
                data += (step, column if step else column - last[1])
                data += form.rest
                last = _moved(form.last, place)
        return data

    def _form(self, snapshot: Snapshot, span: Span, shelf: _Shelf) -> FormTokens:
        if len(shelf.forms) >= FORMS_KEPT:
            shelf.forms.clear()
        tokens = form_tokens(
            snapshot,
            span,
            shelf.vocabulary,
            self._ls.documents.encoding,
            self._show,
            is_import=_imports(snapshot.language).match(snapshot.text, *span) is not None,
            marks_unresolved=self._marks_unresolved,
        )
        return tokens or _NOTHING

    def _stock(
        self,
        snapshot: Snapshot,
        names: Mapping[str | None, Names],
        kinds: Mapping[str, VarKinds],
    ) -> dict[str | None, _Shelf]:
        """Have a shelf for each namespace; one on which nothing has changed stays as it is."""
        # Only what is to be marked as meaning nothing depends on what the document defines.
        defined = _defined(outline(snapshot)) if self._marks_unresolved else frozenset[str]()
        shelves = {}
        for ns, brought in names.items():
            shelf = self._shelves.get(ns)
            if shelf is None or (shelf.names, shelf.kinds, shelf.defined) != (
                *(brought, kinds, defined),
            ):
                vocabulary = Vocabulary(brought, kinds, defined)
                shelf = _Shelf(brought, kinds, defined, vocabulary)
            shelves[ns] = shelf
        self._shelves = shelves
        return shelves


_documents: "WeakKeyDictionary[NreplLanguageServer, dict[str, Semantics]]" = WeakKeyDictionary()
_refreshing: set["asyncio.Task[None]"] = set()


def semantics_of(ls: "NreplLanguageServer", uri: str) -> Semantics:
    """What is remembered of a document."""
    known = _documents.setdefault(ls, {})
    found = known.pop(uri, None) or Semantics(ls)
    if len(known) >= DOCUMENTS_KEPT:
        del known[next(iter(known))]
    known[uri] = found
    return found


def note_evaluation(ls: "NreplLanguageServer", repl: Repl) -> None:
    """Know that a program may have got new names: ask it again when the client asks again."""
    image_names(repl).note_change()
    refresh(ls)


def refresh(ls: "NreplLanguageServer") -> None:
    """Have the client ask for tokens again, where it can: after an evaluation, or an attachment."""
    if ls.client.refreshes_semantic_tokens and ls.settings.offers("semanticTokens"):
        task = asyncio.get_running_loop().create_task(_refresh(ls), name="refresh tokens")
        _refreshing.add(task)
        task.add_done_callback(_refreshing.discard)


async def _refresh(ls: "NreplLanguageServer") -> None:
    try:
        async with asyncio.timeout(TIMEOUT):
            await ls.workspace_semantic_tokens_refresh_async(None)
    except Exception as error:
        # Whatever a client does instead of answering: it asks again when it wants to.
        ls.log.info("refreshing semantic tokens: %r", error)


def _show(ls: "NreplLanguageServer") -> Show:
    """What the client takes of our types and modifiers; one that lists no types takes all."""
    types, modifiers = ls.client.semantic_token_types, ls.client.semantic_token_modifiers
    shown = [not types or name in types for name in TYPES]
    bits = sum(1 << bit for bit, name in enumerate(MODIFIERS) if name in modifiers)
    return lambda kind, marks: (kind, marks & bits) if shown[kind] else None


def _moved(place: tuple[int, int], start: tuple[int, int]) -> tuple[int, int]:
    """A place in a form as a place in the document."""
    line, column = place
    return start[0] + line, column if line else start[1] + column


def _names(snapshot: Snapshot) -> dict[str | None, Names]:
    """The namespaces that the forms of a document are in, and what each brings in."""
    index = snapshot.index
    assert index is not None
    ends: dict[str | None, int] = {}
    for end in index.ends:
        # The last form sees all that was brought in before it.
        ends[namespace_at(snapshot, end)] = end
    return {ns: names_at(snapshot, end) for ns, end in ends.items()}


async def _kinds(
    ls: "NreplLanguageServer", repl: Repl, family: str, names: Iterable[Names]
) -> Mapping[str, VarKinds]:
    wanted: list[str] = []
    for brought in names:
        wanted += [*([brought.ns] if brought.ns else []), *brought.core]
        wanted += [*brought.aliases.values(), *brought.refers.values(), *brought.uses]

    def on_late() -> None:
        refresh(ls)

    return await image_names(repl).kinds(repl, wanted, family, TIMEOUT, on_late)


@cache
def _imports(language: Language) -> re.Pattern[str]:
    """What a form begins with that brings names in."""
    heads = "|".join(map(re.escape, sorted(DEFINITIONS[language.family].imports)))
    return re.compile(rf"\(\s*+(?:{heads})(?=[\s()])")


def _defined(definitions: Sequence[Definition]) -> frozenset[str]:
    names = {definition.name for definition in definitions}
    for definition in definitions:
        names |= _defined(definition.children)
    return frozenset(names)
