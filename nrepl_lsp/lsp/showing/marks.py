"""
Marks in the text: results, errors, failed tests, and whatever else is said about a form.

They move with the edits around them and go when their form is edited: what stands beside a form is
always about that form as it is. All diagnostics go through here, as each message of LSP's has all
of a document's.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import attrs
from lsprotocol import types

from nrepl_lsp.source.anchors import Edit, Stretch, is_whole, moved

from ..documents import DocumentStore, is_same_document

__all__ = ["MARKS_LIMIT", "SETTLE_AFTER", "Anchor", "Mark", "Marks", "range_of", "stretch_of"]

#: Marks of one owner in one document; of more, the oldest go.
MARKS_LIMIT = 500
#: Seconds after the last edit at which it is looked whether the marked forms are still forms.
SETTLE_AFTER = 0.15
#: Seconds for which it is looked before others have their turn: of many forms in one long `comment`
#: each takes a look from its beginning.
SETTLE_SLICE = 0.02


@dataclass(slots=True, eq=False)
class Anchor:
    """
    A stretch of a document, in the editor's units.

    form: the text of the form, or of the forms, that it holds; it is gone when that is not there
    any more. None for a stretch that is no form, such as a place in an unopened file.
    """

    uri: str
    stretch: Stretch
    form: str | None = None

    def overlaps(self, other: "Anchor") -> bool:
        """Whether the two share a character; an empty stretch is a place between two."""
        (start, end), (other_start, other_end) = self.stretch, other.stretch
        if self.uri != other.uri:
            return False
        if start == end or other_start == other_end:
            return start <= other_end and other_start <= end
        return start < other_end and other_start < end


@dataclass(slots=True, eq=False)
class Mark:
    """
    Something that is said about a place.

    owner: who says it, such as "result" or "test". place: where it is shown. origin: the code
    that it came from; an edit of either ends it. diagnostic: how it is published, its range
    excepted, None for what is shown in another way. content: the owner's own. gist: what it says,
    without how that came about; of two at one place with the same the later is shown.
    """

    owner: str
    place: Anchor
    origin: Anchor | None = None
    diagnostic: types.Diagnostic | None = None
    content: Any = None
    gist: Any = field(default=None, kw_only=True)
    _shown: types.Diagnostic | None = field(default=None, init=False, repr=False)
    _shown_as: tuple[Stretch, types.Diagnostic] | None = field(default=None, init=False, repr=False)

    def shown(self) -> types.Diagnostic | None:
        """The diagnostic where the mark is now; the same object while nothing changes."""
        if self.diagnostic is None:
            return None
        now = (self.place.stretch, self.diagnostic)
        if self._shown_as is None or self._shown_as[0] != now[0] or self._shown_as[1] is not now[1]:
            self._shown = attrs.evolve(self.diagnostic, range=range_of(self.place.stretch))
            self._shown_as = now
        return self._shown

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """All stretches that it depends on."""
        return (self.place,) if self.origin is None else (self.place, self.origin)


class Marks:
    """
    The marks of one editor's documents.

    on_change: called with the URI of a document whose marks have come, gone or moved.
    """

    def __init__(
        self,
        documents: DocumentStore,
        publish: Callable[[types.PublishDiagnosticsParams], None],
    ) -> None:
        self.on_change: list[Callable[[str], None]] = []
        self._documents = documents
        self._publish = publish
        self._marks: dict[str, list[Mark]] = {}
        self._published: dict[str, list[types.Diagnostic]] = {}
        self._settling: dict[str, asyncio.TimerHandle] = {}

    def of(self, uri: str, owner: str | None = None) -> list[Mark]:
        """The marks shown in a document, oldest first; of one owner if one is named."""
        marks = self._marks.get(self._documents.uri_of(uri), ())
        return [mark for mark in marks if owner is None or mark.owner == owner]

    def every(self, owner: str) -> list[Mark]:
        """The marks of one owner in all documents."""
        return [mark for marks in self._marks.values() for mark in marks if mark.owner == owner]

    def add(self, *marks: Mark) -> None:
        """Show marks."""
        self.replace(lambda mark: False, marks)

    def drop(self, is_gone: Callable[[Mark], bool]) -> None:
        """Take marks away."""
        self.replace(is_gone, ())

    def replace(self, is_gone: Callable[[Mark], bool], marks: Iterable[Mark]) -> None:
        """Take marks away and show others, in one step for the editor."""
        changed = []
        for uri, there in tuple(self._marks.items()):
            kept = [mark for mark in there if not is_gone(mark)]
            if len(kept) != len(there):
                self._marks[uri] = kept
                changed.append(uri)
        for mark in marks:
            uri = mark.place.uri = self._documents.uri_of(mark.place.uri)
            self._marks[uri] = [*self._marks.get(uri, ()), mark]
            if len(of_owner := self.of(uri, mark.owner)) > MARKS_LIMIT:
                self._marks[uri].remove(of_owner[0])
            changed.append(uri)
        for uri in dict.fromkeys(changed):
            self.show(uri)

    def edited(self, uri: str, edits: Sequence[Edit]) -> None:
        """Follow the edits of a document, in their order."""
        uri = self._documents.uri_of(uri)
        concerned = self._concerned(uri)
        if not concerned:
            return
        gone = {mark for mark in concerned if not _follow(mark, uri, edits)}
        if gone:
            self.drop(lambda mark: mark in gone)
        self._settle_soon(uri)

    def opened(self, uri: str) -> None:
        """
        Take over what was said about a document before it was opened, or opened again.

        Until then its URI was escaped as we do it, and not as the editor does.
        """
        for other in tuple(self._marks):
            if other != uri and is_same_document(other, uri):
                marks = self._marks.pop(other)
                self.show(other)
                self.add(*marks)
        self.settle(uri)

    def closed(self, uri: str) -> None:
        """Forget what came from a document that nobody sees any more."""
        uri = self._documents.uri_of(uri)
        if timer := self._settling.pop(uri, None):
            timer.cancel()
        self.drop(lambda mark: (mark.origin or mark.place).uri == uri)

    def close(self) -> None:
        """Forget everything without a word: the editor is gone."""
        for timer in self._settling.values():
            timer.cancel()
        self._settling.clear()
        self._marks.clear()

    def settle(self, uri: str) -> None:
        """Take away the marks of a document whose forms are no forms any more."""
        uri = self._documents.uri_of(uri)
        if timer := self._settling.pop(uri, None):
            timer.cancel()
        for _ in self._checks(uri):
            pass

    def show(self, uri: str) -> None:
        """Publish a document's diagnostics if they are others than before; tell the listeners."""
        marks = self._marks.get(uri, [])
        if not marks:
            self._marks.pop(uri, None)
        shown = ((mark, mark.shown()) for mark in marks)
        # Two forms may fail at the same place; people need to read it once.
        several = {_key(mark, one): one for mark, one in shown if one is not None}
        diagnostics = list(several.values())
        if diagnostics != self._published.get(uri, []):
            self._published[uri] = diagnostics
            if not diagnostics:
                del self._published[uri]
            self._publish(types.PublishDiagnosticsParams(uri, diagnostics))
        for listener in self.on_change:
            listener(uri)

    def _concerned(self, uri: str) -> list[Mark]:
        """The marks that depend on a document, wherever they are shown."""
        every = (mark for marks in self._marks.values() for mark in marks)
        return [mark for mark in every if any(anchor.uri == uri for anchor in mark.anchors)]

    def _settle_soon(self, uri: str) -> None:
        if timer := self._settling.pop(uri, None):
            timer.cancel()
        loop = asyncio.get_running_loop()
        checks = self._checks(uri)
        self._settling[uri] = loop.call_later(SETTLE_AFTER, self._settle_some, uri, checks)

    def _settle_some(self, uri: str, checks: Iterator[None]) -> None:
        """Go on with checks until they have taken their time; later with the rest."""
        loop = asyncio.get_running_loop()
        until = loop.time() + SETTLE_SLICE
        for _ in checks:
            if loop.time() > until:
                again = loop.call_later(SETTLE_SLICE, self._settle_some, uri, checks)
                self._settling[uri] = again
                return
        self._settling.pop(uri, None)

    def _checks(self, uri: str) -> Iterator[None]:
        """As `settle`, with a pause after each look; an edit in between starts anew."""
        gone = set()
        for mark in self._concerned(uri):
            if not all(self._stands(anchor) for anchor in mark.anchors if anchor.uri == uri):
                gone.add(mark)
            yield
        self.drop(lambda mark: mark in gone)
        for other in [uri, *self._marks]:
            self.show(other)

    def _stands(self, anchor: Anchor) -> bool:
        snapshot = self._documents.snapshot(anchor.uri)
        if snapshot is None or anchor.form is None:
            return True
        start, end = (
            snapshot.lines.offset(*place, self._documents.encoding) for place in anchor.stretch
        )
        return snapshot.text[start:end] == anchor.form and is_whole(snapshot, start, end)


def range_of(stretch: Stretch) -> types.Range:
    """A stretch in LSP's terms."""
    start, end = stretch
    return types.Range(types.Position(*start), types.Position(*end))


def stretch_of(place: types.Range) -> Stretch:
    """A range as a stretch."""
    start, end = place.start, place.end
    return (start.line, start.character), (end.line, end.character)


def _key(mark: Mark, one: types.Diagnostic) -> tuple[Stretch, Any, Any]:
    """What people can tell a diagnostic from another by."""
    return stretch_of(one.range), one.severity, mark.gist or (one.message, one.code)


def _follow(mark: Mark, uri: str, edits: Sequence[Edit]) -> bool:
    """Move a mark with the edits; False when one of them ends it."""
    for anchor in mark.anchors:
        if anchor.uri != uri:
            continue
        stretch: Stretch | None = anchor.stretch
        for edit in edits:
            stretch = moved(stretch, edit) if stretch is not None else None
        if stretch is None:
            return False
        anchor.stretch = stretch
    return True
