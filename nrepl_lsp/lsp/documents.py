"""
The documents that the editor has open, and the place it told us about last.

pygls' own store is not used: it splits lines at form feeds, which corrupts Lisp files, and
applies edits that arrive after a request before that request is handled.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from lsprotocol import types
from pygls import uris

from nrepl_lsp.source.anchors import Edit, difference
from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.lines import Encoding, Lines

__all__ = ["TEXT_LIMIT", "DocumentStore", "Place", "is_same_document", "path_of"]

#: Characters of a text that is gone through whole. A longer one is data, and would keep everybody
#: waiting: it has no symbols, folds, lenses and tokens, and is not followed.
TEXT_LIMIT = 2_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """A range in a document in the editor's own units; empty when it is a position."""

    uri: str
    range: types.Range

    @classmethod
    def at(cls, uri: str, position: types.Position) -> "Place":
        """The place of a cursor."""
        return cls(uri, types.Range(position, position))

    @property
    def is_selection(self) -> bool:
        """Whether anything lies in the range."""
        return self.range.start != self.range.end


class DocumentStore:
    """
    Documents by URI. Its methods never await, so that snapshots see the edits that came before.

    `encoding` is what the positions of `change` count in, as negotiated.
    """

    def __init__(self) -> None:
        self.encoding: Encoding = "utf-16"
        self.last_place: Place | None = None
        self._documents: dict[str, Document] = {}

    def open(self, item: types.TextDocumentItem) -> None:
        """Take over a document; opening one that is open replaces it."""
        document = Document(item.uri, item.language_id, item.version, item.text)
        self._documents[_key(item.uri)] = document
        self.last_place = Place.at(item.uri, types.Position(0, 0))

    def change(self, params: types.DidChangeTextDocumentParams) -> list[Edit] | None:
        """
        Apply edits in order; return them, each in the units of the text that it was applied to.

        None when the document is not open. A change without a range is the whole text.
        """
        document = self._documents.get(_key(params.text_document.uri))
        if document is None:
            return None
        edits = []
        for change in params.content_changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = change.range.start, change.range.end
                document.edit(
                    start.line, start.character, end.line, end.character, change.text, self.encoding
                )
                # Where the cursor is after typing; a closing bracket means the form it closes.
                cursor = _end_of(change.text, start, self.encoding)
                self.last_place = Place.at(document.uri, cursor)
                places = ((it.line, it.character) for it in (start, end, cursor))
                edits.append(Edit(*places))
            else:
                edits.append(self._replace(document, change.text))
                if self.last_place is None or self.last_place.uri != document.uri:
                    self.last_place = Place.at(document.uri, types.Position(0, 0))
        document.version = params.text_document.version
        return edits

    def _replace(self, document: Document, text: str) -> Edit:
        """Take over a whole text; as an edit it is the piece that is another than before."""
        old = document.lines
        start, end, new_end = difference(old.text, text)
        document.replace(text)
        return Edit(
            old.position(start, self.encoding),
            old.position(end, self.encoding),
            document.lines.position(new_end, self.encoding),
        )

    def close(self, uri: str) -> None:
        """Forget a document; unknown ones are ignored."""
        self._documents.pop(_key(uri), None)
        if self.last_place is not None and is_same_document(self.last_place.uri, uri):
            self.last_place = None

    def snapshot(self, uri: str) -> Snapshot | None:
        """The document as it is now, or None when it is not open. Take it before any await."""
        document = self._documents.get(_key(uri))
        return document.snapshot() if document is not None else None

    def uris(self) -> list[str]:
        """The open documents."""
        return [document.uri for document in self._documents.values()]

    def uri_of(self, uri: str) -> str:
        """What the editor calls a document, if it is open; else the URI itself."""
        document = self._documents.get(_key(uri))
        return document.uri if document is not None else uri

    def notice(self, place: Place) -> None:
        """Remember where the user is: commands without arguments mean that place."""
        self.last_place = place

    def offset(self, snapshot: Snapshot, position: types.Position) -> int:
        """A position as an index into the text, clamped to it."""
        return snapshot.lines.offset(position.line, position.character, self.encoding)

    def cursor(self, snapshot: Snapshot, place: types.Range) -> int:
        """
        Where the cursor of a range is, as an index into the text: at its start.

        A block cursor is a selection of one character (Helix); on a closing bracket it means the
        form that is closed there.
        """
        start, end = self.offset(snapshot, place.start), self.offset(snapshot, place.end)
        return end if end == start + 1 and snapshot.text[start] in ")]}" else start

    def position(self, snapshot: Snapshot, offset: int) -> types.Position:
        """An index into the text as a position."""
        return types.Position(*snapshot.lines.position(offset, self.encoding))

    def range(self, snapshot: Snapshot, start: int, end: int) -> types.Range:
        """Two indices into the text as a range."""
        return types.Range(self.position(snapshot, start), self.position(snapshot, end))


@lru_cache(maxsize=1024)
def path_of(uri: str) -> Path | None:
    """The file that a URI names, or None for `untitled:` and everything else without one."""
    if not uri.startswith("file:"):
        return None
    try:
        path = uris.to_fs_path(uri)
    except ValueError:
        return None
    # `a/../b` is in `b`: whose program gets the code is decided by the folders in it.
    return Path(os.path.normpath(path)) if path and "\0" not in path else None


def is_same_document(one: str, other: str) -> bool:
    """Whether two URIs name the same document, however they are escaped."""
    return _key(one) == _key(other)


def _key(uri: str) -> str:
    """Editors escape differently: `%3A` or `:`, `%20` or a blank, are the same document."""
    return unquote(uri) if "%" in uri and uri.startswith("file:") else uri


def _end_of(text: str, start: types.Position, encoding: Encoding) -> types.Position:
    """Where a text ends that was put in at `start`."""
    line, column = Lines(text).position(len(text), encoding)
    return types.Position(start.line + line, column if line else start.character + column)
