"""
Semantic tokens of documents: what the running program knows of the names in a text.

Worked out form by form and remembered by the form's text, so that after a change only the forms
that it touched are looked at again.
"""

import asyncio
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

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

from ..documents import TEXT_LIMIT
from .form_tokens import FormTokens, Show, form_tokens
from .image_names import image_names
from .vocabulary import MODIFIERS, TYPES, Vocabulary

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Semantics", "forget", "note_evaluation", "refresh", "semantics_of"]

DOCUMENTS_KEPT = 64
"""Documents whose tokens are remembered."""
TEXTS_KEPT = 2
"""How many times its text's length a document's remembered forms may take."""
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


#: No id means two answers, so that what differs from one is never told of another.
_result_ids = itertools.count(1)


class Semantics:
    """
    The semantic tokens of one document. `result_id` and `data` are its last answer's.

    It must not hold the server, with which it is to go.
    """

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._documents = ls.documents
        self._shelves: dict[str | None, _Shelf] = {}
        #: Characters of all forms on the shelves.
        self._characters = 0
        self._show = _show(ls)
        self._marks_unresolved = "unresolved" in ls.client.semantic_token_modifiers
        self.result_id: str | None = None
        self.data: list[int] = []

    @property
    def forms(self) -> frozenset[str]:
        """The texts of the forms whose tokens are remembered."""
        return frozenset(text for shelf in self._shelves.values() for text in shelf.forms)

    def remember(self, data: list[int]) -> str:
        """Take over an answer's tokens; return its id."""
        self.data = data
        self.result_id = str(next(_result_ids))
        return self.result_id

    async def tokens(
        self, ls: "NreplLanguageServer", snapshot: Snapshot, within: Span | None = None
    ) -> list[int] | None:
        """
        The tokens of the document, or of the forms that touch a part of it, as LSP encodes them.

        None where no program is attached, or it knows nothing that the text names.
        """
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
        seen: dict[str | None, dict[str, FormTokens]] = {ns: {} for ns in shelves}
        data, last, made = list[int](), (0, 0), 0
        for start, end, state in zip(index.starts, index.ends, index.states, strict=True):
            if state == DISCARDED or (within and (end < within.start or within.end < start)):
                continue
            ns = namespace_at(snapshot, end)
            text = snapshot.text[start:end]
            form = shelves[ns].forms.get(text)
            if form is None:
                form = self._form(snapshot, Span(start, end), shelves[ns])
                self._keep(shelves[ns], text, form, len(snapshot.text))
                made += 1
                if made % FORMS_AT_ONCE == 0:
                    await asyncio.sleep(0)
            seen[ns][text] = form
            if form is not _NOTHING:
                place = snapshot.lines.position(start, self._documents.encoding)
                line, column = _moved(form.first, place)
                step = line - last[0]
                data += (step, column if step else column - last[1])
                data += form.rest
                last = _moved(form.last, place)
        if within is None:
            # What the text has no more would otherwise stay for each key that was pressed.
            for ns, forms in seen.items():
                shelves[ns].forms = forms
            self._characters = sum(len(text) for forms in seen.values() for text in forms)
        return data

    def _form(self, snapshot: Snapshot, span: Span, shelf: _Shelf) -> FormTokens:
        tokens = form_tokens(
            snapshot,
            span,
            shelf.vocabulary,
            self._documents.encoding,
            self._show,
            is_import=_imports(snapshot.language).match(snapshot.text, *span) is not None,
            marks_unresolved=self._marks_unresolved,
        )
        return tokens or _NOTHING

    def _keep(self, shelf: _Shelf, text: str, tokens: FormTokens, length: int) -> None:
        """Remember a form's tokens; a client that only asks for ranges never has a full pass."""
        if self._characters > TEXTS_KEPT * length:
            for other in self._shelves.values():
                other.forms.clear()
            self._characters = 0
        shelf.forms[text] = tokens
        self._characters += len(text)

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


class _Coloured:
    """What is remembered of an editor's documents, and what the editor is told of them."""

    def __init__(self) -> None:
        self.documents: dict[str, Semantics] = {}
        #: The refresh that the client has not answered yet, and whether it is to be told once more.
        self.refreshing: asyncio.Task[None] | None = None
        self.is_outdated = False


def semantics_of(ls: "NreplLanguageServer", uri: str) -> Semantics:
    """What is remembered of a document, by the editor's own name for it."""
    known = ls.part(_Coloured).documents
    found = known.pop(uri, None) or Semantics(ls)
    if len(known) >= DOCUMENTS_KEPT:
        del known[next(iter(known))]
    known[uri] = found
    return found


def forget(ls: "NreplLanguageServer", uri: str) -> None:
    """Drop what is remembered of a document: it was closed."""
    ls.part(_Coloured).documents.pop(uri, None)


def note_evaluation(ls: "NreplLanguageServer", repl: Repl) -> None:
    """Know that a program may have got new names: ask it again when the client asks again."""
    image_names(repl).note_change()
    refresh(ls)


def refresh(ls: "NreplLanguageServer") -> None:
    """
    Have the client ask for tokens again, where it can: after an evaluation, or an attachment.

    What comes while the client has not answered is one more refresh, however much it is.
    """
    if ls.client.refreshes_semantic_tokens and ls.settings.offers("semanticTokens"):
        state = ls.part(_Coloured)
        state.is_outdated = True
        if state.refreshing is None or state.refreshing.done():
            loop = asyncio.get_running_loop()
            state.refreshing = loop.create_task(_refresh(ls, state), name="refresh tokens")


async def _refresh(ls: "NreplLanguageServer", state: _Coloured) -> None:
    while state.is_outdated:
        state.is_outdated = False
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
