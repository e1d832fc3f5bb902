"""
What the program has of the text in the editor: hints at the forms that it has not.

Shown where `nrepl.staleForms` says so; what is known is kept in any case, for the action that
evaluates what has changed.
"""

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.namespaces import namespace_form

from ..documents import TEXT_LIMIT
from ..evaluating.code import declared_namespace
from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..evaluating.watching import Watcher
from ..showing.lenses import refresh
from ..showing.marks import Anchor, Mark, range_of
from .program_forms import ChangedForm, program_forms

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["LoadState", "image_note", "stale_hints"]

OWNER = "stale"

#: Seconds after an edit or an evaluation after which the hints are brought up to date.
UPDATE_AFTER = 0.3
#: Hints of one document; marks of other kinds must keep their room.
HINTS_LIMIT = 100
#: Open documents that are looked through for the one that defines a namespace.
DOCUMENTS_LIMIT = 50

CHANGED = "Changed since it was evaluated."
NEW = "Not evaluated yet."
OLDER = "The program runs an older definition."
MISSING = "Not evaluated yet: the program does not have it."


class LoadState(Watcher):
    """Learns from every evaluation."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        self._forms = program_forms(ls)
        self._hints = stale_hints(ls)

    def queued(self, running: Running) -> None:
        """Note what is under way."""
        self._forms.queued(self._ls, running)

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Learn what the program has now, and show it."""
        self._forms.ended(self._ls, running, outcome)
        self._hints.soon(self._ls)
        refresh(self._ls)

    def close(self) -> None:
        """Show nothing any more."""
        self._hints.close()


class StaleHints:
    """The hints in all open documents, brought up to date a moment after something has changed."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False
        self.follows_marks = False

    def soon(self, ls: "NreplLanguageServer") -> None:
        """Something has changed: have the hints follow."""
        is_wanted = ls.settings.stale_forms == "hint" or ls.marks.every(OWNER)
        if not is_wanted or self._is_closed:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(UPDATE_AFTER, self._start, ls)

    def close(self) -> None:
        """Stop for good: the editor is gone."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def follow(self, ls: "NreplLanguageServer", uri: str) -> None:
        """Have the hints of a document follow its edits, if they do not, or one has come."""
        if ls.settings.stale_forms == "hint" and not _is_watched(ls, uri):
            self.soon(ls)

    def _start(self, ls: "NreplLanguageServer") -> None:
        self._timer = None
        if self._task is not None and not self._task.done():
            # It is waiting for a program; what has changed meanwhile gets a look of its own.
            self.soon(ls)
            return
        self._task = asyncio.create_task(self._update(ls), name="stale forms")

    async def _update(self, ls: "NreplLanguageServer") -> None:
        for uri in ls.documents.uris():
            snapshot = ls.documents.snapshot(uri)
            if snapshot is None:
                continue
            if ls.settings.stale_forms == "hint":
                await program_forms(ls).ask(ls, snapshot)
            snapshot = ls.documents.snapshot(uri)
            if snapshot is not None:
                _show(ls, snapshot)


def _show(ls: "NreplLanguageServer", snapshot: Snapshot) -> None:
    """Put the hints of a document where they belong now; nothing is sent if they are there."""
    uri = ls.documents.uri_of(snapshot.uri)
    is_wanted = ls.settings.stale_forms == "hint" and ls.repl_for(uri) is not None
    wanted = _marks(ls, snapshot, uri) if is_wanted else []
    there = ls.marks.of(uri, OWNER)
    if _as_shown(there) != _as_shown(wanted):
        gone = set(map(id, there))
        ls.marks.replace(lambda mark: id(mark) in gone, wanted)


def _marks(ls: "NreplLanguageServer", snapshot: Snapshot, uri: str) -> list[Mark]:
    forms = program_forms(ls)
    # An edit anywhere in the text ends this mark, which is how its end is heard of.
    found = [Mark(OWNER, Anchor(uri, ((-1, 0), (2**31 - 1, 0))))]
    if forms.is_loaded(ls, snapshot) is False and (span := namespace_form(snapshot)) is not None:
        text = f"The namespace {declared_namespace(snapshot)} is not loaded: load the file."
        found.append(_mark(ls, snapshot, span.start, text))
    for form in forms.changed(ls, snapshot)[:HINTS_LIMIT]:
        found.append(_mark(ls, snapshot, form.span.start, said(form)))
    return found


def said(form: ChangedForm) -> str:
    """What there is to say of a form."""
    return NEW if form.is_new else CHANGED


def _mark(ls: "NreplLanguageServer", snapshot: Snapshot, start: int, text: str) -> Mark:
    line, column = snapshot.lines.position(start, "utf-32")
    length = len(snapshot.lines.line_text(line)[column:].rstrip())
    where = ls.documents.range(snapshot, start, start + length)
    place = (where.start.line, where.start.character), (where.end.line, where.end.character)
    diagnostic = types.Diagnostic(
        range_of(place), text, severity=types.DiagnosticSeverity.Hint, source="nREPL"
    )
    return Mark(OWNER, Anchor(ls.documents.uri_of(snapshot.uri), place), diagnostic=diagnostic)


def _as_shown(marks: list[Mark]) -> list[tuple[object, str]]:
    return [
        (mark.place.stretch, mark.diagnostic.message if mark.diagnostic is not None else "")
        for mark in marks
    ]


def _is_watched(ls: "NreplLanguageServer", uri: str) -> bool:
    return any(mark.diagnostic is None for mark in ls.marks.of(uri, OWNER))


def image_note(
    ls: "NreplLanguageServer", snapshot: Snapshot, name: str, ns: str | None
) -> str | None:
    """
    A sentence for the hover on a name whose definition in the program is not the one in the text.

    ns: the namespace that the name is in; None is the document's own. None where they are the
    same, or where that is not known. It asks nobody.
    """
    forms = program_forms(ls)
    if not (forms.is_learnt or ls.evaluations.forms):
        # Most hovers come before anything is evaluated.
        return None
    snapshot_of_ns = _document_of(ls, snapshot, ns)
    if snapshot_of_ns is None or len(snapshot_of_ns.text) > TEXT_LIMIT:
        return None
    for form in forms.changed(ls, snapshot_of_ns):
        if name in form.names:
            return MISSING if form.is_new else OLDER
    return OLDER if _is_redefined(ls, snapshot_of_ns, name) else None


def _is_redefined(ls: "NreplLanguageServer", snapshot: Snapshot, name: str) -> bool:
    """Whether what defined a name last was evaluated elsewhere and is other code than the text."""
    repl = ls.repl_for(snapshot.uri)
    if repl is None:
        return False
    last = ls.evaluations.forms.find(repl, declared_namespace(snapshot), name, snapshot.language)
    # What a whole file was is known better than by a text of its own.
    if last is None or last.is_file:
        return False
    # What only this needs, the start does not wait for.
    from nrepl_lsp.source.definitions.outline import outline
    from nrepl_lsp.source.fingerprints import fingerprint
    from nrepl_lsp.source.naming.references import each_definition

    from ..locating.evaluated_forms import definition_named

    loaded = [one for one in outline(snapshot) if one.kind != "comment"]
    named = [one for one in each_definition(loaded) if one.name == name]
    if not named:
        return False
    here = named[-1]
    there = definition_named(last.snapshot(), name)
    if there is None:
        return False
    one, other = snapshot.text[slice(*here.span)], last.text[slice(*there.span)]
    return fingerprint(snapshot.language, one) != fingerprint(snapshot.language, other)


def _document_of(ls: "NreplLanguageServer", snapshot: Snapshot, ns: str | None) -> Snapshot | None:
    """The open document that makes a namespace of the same program; None when none does."""
    if ns is None or declared_namespace(snapshot) == ns:
        return snapshot
    repl = ls.repl_for(snapshot.uri)
    for uri in ls.documents.uris()[:DOCUMENTS_LIMIT]:
        other = ls.documents.snapshot(uri)
        if other is None or other.language is not snapshot.language or ls.repl_for(uri) != repl:
            continue
        if declared_namespace(other) == ns:
            return other
    return None


def stale_hints(ls: "NreplLanguageServer") -> StaleHints:
    """The hints of one editor."""
    hints = ls.part(StaleHints)
    if not hints.follows_marks:
        hints.follows_marks = True
        ls.marks.on_change.append(lambda uri: hints.follow(ls, uri))
    return hints
