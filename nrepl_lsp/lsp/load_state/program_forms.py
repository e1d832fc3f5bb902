"""
What a program has of the text of a document: which of its top-level forms, as they are or were.

It is learnt from what was evaluated and loaded through us. Of a namespace that the program had
before, the text as it was when the document was opened is taken for what was loaded; a program
cannot be asked for that. Nothing here evaluates anything.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import Span
from nrepl_lsp.source.namespaces import namespace_at, namespace_form
from nrepl_lsp.tooling.variants import Dialect

from ..evaluating.code import Code, declared_namespace
from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from .form_texts import Body, FormText, FormTexts, Key

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["ChangedForm", "ProgramForms", "program_forms"]

#: Documents and namespaces of which is known what the program has; of more, the oldest go.
KNOWN_LIMIT = 100
#: Seconds for the program to say which namespaces it has.
ASK_TIMEOUT = 2.0


class ChangedForm(NamedTuple):
    """A form that the program has not; is_new: nor any other in its place."""

    span: Span
    names: tuple[str, ...]
    is_new: bool


#: By their text.
_Bodies = dict[str, Body]


@dataclass(slots=True, eq=False)
class _Known:
    """
    What one program has of one namespace in one document.

    is_loaded: None while that is not known. is_complete: whether it has nothing that is not in
    `forms`. is_ours: whether we have sent the form that makes the namespace. first: the text when
    the document was first looked at, until it is known whether that is what the program has.
    """

    dialect: Dialect
    first: Snapshot | None
    is_loaded: bool | None = None
    is_complete: bool = False
    is_ours: bool = False
    forms: dict[Key, _Bodies] = field(default_factory=dict)

    def take(self, texts: Iterable[FormText]) -> None:
        """Know that the program has just these forms."""
        self.forms = _by_key(texts)
        self.is_complete, self.first = True, None

    def has_all(self, texts: Iterable[FormText]) -> bool:
        """Whether the program has these forms as they are written."""
        return all(one.body.text in self.forms.get(one.key, {}) for one in texts)

    def doubt(self, texts: Sequence[FormText]) -> None:
        """Know that forms were evaluated up to nobody knows which; one alone has failed itself."""
        for one in texts if len(texts) > 1 else ():
            if one.body.text not in self.forms.get(one.key, {}):
                self.forms.pop(one.key, None)

    def add(self, evaluated: Sequence[FormText], texts: Iterable[FormText]) -> None:
        """Know that some forms of a text were evaluated; what they replace is gone."""
        added = _by_key(evaluated)
        spans = {one.span for one in evaluated}
        others = _by_key(one for one in texts if one.key in added and one.span not in spans)
        for key, bodies in added.items():
            # Methods of one multimethod share a key, and stay.
            still = others.get(key, {})
            prints = {body.print for body in still.values()}
            had = self.forms.get(key, {})
            kept = {text: body for text, body in had.items() if prints and body.print in prints}
            self.forms[key] = kept | bodies


def _by_key(texts: Iterable[FormText]) -> dict[Key, _Bodies]:
    found: dict[Key, _Bodies] = {}
    for one in texts:
        found.setdefault(one.key, {})[one.body.text] = one.body
    return found


class _LastChanged:
    """The changed forms of a text, as they were when this much was known."""

    def __init__(self, _: Snapshot) -> None:
        self.state: tuple[_Known, int] | None = None
        self.forms: list[ChangedForm] = []


class ProgramForms:
    """What the programs have of the open documents. It answers at once, from what is known."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str | None], _Known] = {}
        self._texts: dict[str, FormTexts] = {}
        #: The texts as they were seen first; None once what is known of the document has taken it.
        self._first: dict[str, Snapshot | None] = {}
        #: How often something was learnt; what was worked out before may be otherwise now.
        self._lessons = 0

    @property
    def is_learnt(self) -> bool:
        """Whether anything is known yet of what programs have; until then no form has changed."""
        return self._lessons > 0

    def notice(self, snapshot: Snapshot) -> None:
        """See a document: the first time it is most likely as it was when it was opened."""
        if snapshot.uri not in self._first:
            self._first[snapshot.uri] = snapshot.to_keep()
            while len(self._first) > KNOWN_LIMIT:
                del self._first[next(iter(self._first))]

    def is_loaded(self, ls: "NreplLanguageServer", snapshot: Snapshot) -> bool | None:
        """Whether the program has the document's namespace; None when that is not known."""
        known = self._of(ls, snapshot)
        return known.is_loaded if known is not None else None

    def is_known(self, ls: "NreplLanguageServer", snapshot: Snapshot) -> bool:
        """Whether all that the program has of the document is known."""
        known = self._of(ls, snapshot)
        return known is not None and known.is_complete

    def changed(self, ls: "NreplLanguageServer", snapshot: Snapshot) -> list[ChangedForm]:
        """
        The forms that the program has not, in their order.

        A definition counts if it has another of it, or is known to have none; an expression only
        where one like it was evaluated that is not there any more.
        """
        known = self._of(ls, snapshot) if self.is_learnt else None
        if known is None or not (known.forms or known.is_complete):
            return []
        last, state = snapshot.once(_LastChanged), (known, self._lessons)
        if last.state != state:
            last.state, last.forms = state, self._changed(known, snapshot)
        return last.forms

    def _changed(self, known: _Known, snapshot: Snapshot) -> list[ChangedForm]:
        texts = self.texts(snapshot)
        present = _by_key(texts)

        @cache
        def prints(key: Key) -> tuple[frozenset[int], bool]:
            """Of what the program has, and whether all of it is still in the text."""
            had = frozenset(body.print for body in known.forms.get(key, {}).values())
            return had, had <= {body.print for body in present[key].values()} if had else True

        found = []
        for one in texts:
            if one.body.text in known.forms.get(one.key, {}):
                continue
            had, is_new = prints(one.key)
            if had and one.body.print in had:
                continue
            if not is_new or (one.names and known.is_complete):
                found.append(ChangedForm(one.span, one.names, is_new))
        return found

    async def ask(
        self, ls: "NreplLanguageServer", snapshot: Snapshot, within: float = ASK_TIMEOUT
    ) -> bool:
        """
        Find out whether the program has the document's namespace; return whether that is news.

        within: seconds. Never fails.
        """
        repl, known = ls.repl_for(snapshot.uri), self._of(ls, snapshot)
        ns = declared_namespace(snapshot)
        if repl is None or known is None or ns is None or known.is_loaded:
            return False
        before, began = known.is_loaded, time.monotonic()
        try:
            found = await repl.loaded_namespace(ns, snapshot.language.family, within)
        except NreplError as error:
            ls.log.info("whether %s is loaded: %s", ns, error)
            return False
        if known.is_loaded:
            return True
        if found is not None:
            self._begun(known, snapshot)
        elif repl.can_list_namespaces and time.monotonic() - began < within:
            # A program that is busy has not said so.
            known.is_loaded, known.first = False, None
        return known.is_loaded != before

    def queued(self, ls: "NreplLanguageServer", running: Running) -> None:
        """Know that an evaluation is under way, which may make the namespace."""
        known = self._of_code(ls, running)
        code = running.code
        if known is None or code.snapshot is None or known.is_loaded:
            return
        form = namespace_form(code.snapshot)
        if form is not None and code.start <= form.start and form.end <= code.end:
            known.is_ours = True

    def ended(self, ls: "NreplLanguageServer", running: Running, outcome: Outcome) -> None:
        """Learn from an evaluation: what it evaluated, the program has."""
        self._lessons += 1
        known, code, snapshot = self._of_code(ls, running), running.code, running.code.snapshot
        if known is None or snapshot is None or not _is_in_force(code, snapshot):
            return
        texts = self.texts(snapshot)
        evaluated = [
            one for one in texts if code.start <= one.span.start and one.span.end <= code.end
        ]
        if outcome.status != "done":
            known.doubt(texts if code.is_file else evaluated)
        elif code.is_file or (texts and len(evaluated) == len(texts)):
            known.is_loaded = True
            known.take(texts)
        elif evaluated:
            if not known.is_loaded and (known.is_ours or code.ns is not None):
                self._begun(known, snapshot)
            known.add(evaluated, texts)
            if evaluated[-1] is texts[-1] and known.has_all(texts):
                # One by one is all of them as well.
                known.is_complete, known.first = True, None

    def texts(self, snapshot: Snapshot) -> tuple[FormText, ...]:
        """The forms of a text that a program can have; worked out once for a text."""
        found = self._texts.pop(snapshot.uri, None) or FormTexts()
        if len(self._texts) >= KNOWN_LIMIT:
            del self._texts[next(iter(self._texts))]
        self._texts[snapshot.uri] = found
        return snapshot.once(found.read)

    def loaded(self, ls: "NreplLanguageServer", snapshot: Snapshot) -> None:
        """Know that the program has loaded a document's file, which holds the editor's text."""
        self._lessons += 1
        known = self._of(ls, snapshot)
        if known is not None:
            known.is_loaded = True
            known.take(self.texts(snapshot))

    def forget(self, uri: str, names: Iterable[str] | None = None) -> None:
        """Know that a program has lost definitions of a document: all, or those of these names."""
        self._lessons += 1
        gone = None if names is None else set(names)
        for (of, _), known in self._known.items():
            if of == uri:
                known.forms = {
                    key: had
                    for key, had in known.forms.items()
                    if key[0] == "namespace" or (gone is not None and gone.isdisjoint(key[1:]))
                }

    def _begun(self, known: _Known, snapshot: Snapshot) -> None:
        """Know that the program has the namespace, and so what it has of the document."""
        self._lessons += 1
        was_there, known.is_loaded = known.is_loaded, True
        if known.is_ours:
            # Where it was not there before, the program has what we have sent and nothing else.
            known.is_complete, known.first = was_there is False, None
            return
        ns, loaded = declared_namespace(snapshot), known.first or snapshot
        if ns is not None and declared_namespace(loaded) == ns and not known.is_complete:
            # What was evaluated since is newer.
            later = known.forms
            known.take(self.texts(loaded))
            known.forms |= later

    def _of_code(self, ls: "NreplLanguageServer", running: Running) -> _Known | None:
        snapshot = running.code.snapshot
        if snapshot is None or ls.documents.snapshot(snapshot.uri) is None:
            return None
        return self._known_of(running.repl, snapshot)

    def _of(self, ls: "NreplLanguageServer", snapshot: Snapshot) -> _Known | None:
        repl = ls.repl_for(snapshot.uri)
        return self._known_of(repl, snapshot) if repl is not None else None

    def _known_of(self, repl: Repl, snapshot: Snapshot) -> _Known:
        place = (snapshot.uri, declared_namespace(snapshot))
        known = self._known.get(place)
        if known is not None and known.dialect is not repl.dialect:
            if not repl.is_resumed:
                # Another program: it has loaded the text as it was when it was started.
                self._first.pop(snapshot.uri, None)
                known = None
            else:
                known.dialect = repl.dialect
        self.notice(snapshot)
        if known is None:
            known = self._known[place] = _Known(repl.dialect, self._first[snapshot.uri])
            self._first[snapshot.uri] = None
            while len(self._known) > KNOWN_LIMIT:
                del self._known[next(iter(self._known))]
        return known


def _is_in_force(code: Code, snapshot: Snapshot) -> bool:
    """Whether code was evaluated in the namespace that it stands in."""
    return code.ns is None or code.ns == namespace_at(snapshot, code.start)


def program_forms(ls: "NreplLanguageServer") -> ProgramForms:
    """What is known of one editor's documents."""
    return ls.part(ProgramForms)
