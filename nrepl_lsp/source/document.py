"""Open documents: text that an editor changes, and immutable snapshots of it.

An edit copies the text and looks at the lines it changes, no others. Finding the forms waits for
the next question, and they are then found again only around what changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from weakref import ReferenceType, ref

from . import index
from .index import Index
from .languages import Language, for_document
from .lexer import lexer_for
from .lines import Encoding, Lines

Answer = TypeVar("Answer")

PLACES_LIMIT = 64
"""Places of one text for which the same question is remembered."""


class _Content:
    """One state of a text with what has been worked out of it so far.

    `_head` and `_tail` count the lines at its start and end that are those of the text that the
    index `_base` was made of.
    """

    __slots__ = ("_base", "_head", "_index", "_tail", "language", "lines", "worked_out")

    def __init__(self, language: Language, lines: Lines) -> None:
        self.language = language
        self.lines = lines
        self.worked_out: dict[Callable[..., Any], Any] = {}
        self._index: Index | None = None
        self._base: Index | None = None
        self._head = self._tail = 0

    def copy(self) -> _Content:
        copied = _Content(self.language, self.lines.copy())
        copied._index, copied._base = self._index, self._base
        copied._head, copied._tail = self._head, self._tail
        return copied

    def edit(
        self, start: tuple[int, int], end: tuple[int, int], new_text: str, encoding: Encoding
    ) -> None:
        self.worked_out.clear()
        head, tail = self.lines.edit(start, end, new_text, encoding)
        if self._index is not None:
            self._base, self._index = self._index, None
            self._head, self._tail = head, tail
        else:
            self._head = head if head < self._head else self._head
            self._tail = tail if tail < self._tail else self._tail

    @property
    def index(self) -> Index | None:
        lexer = lexer_for(self.language)
        if self._index is None and lexer is not None:
            lines = self.lines
            if self._base is None:
                self._index = index.build(lexer, lines.text)
            else:
                prefix = lines.length_of(0, self._head)
                suffix = lines.length_of(lines.line_count - self._tail, lines.line_count)
                self._index = index.update(lexer, lines.text, self._base, prefix, suffix)
                self._base = None
        return self._index


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Snapshot:
    """A document as it was at one moment: later edits do not change it. Taking one is free."""

    uri: str
    language_id: str
    language: Language
    version: int | None
    _content: _Content

    @property
    def text(self) -> str:
        """The whole text."""
        return self._content.lines.text

    @property
    def lines(self) -> Lines:
        """The text as lines, to convert positions. Not to be edited."""
        return self._content.lines

    @property
    def index(self) -> Index | None:
        """Where the top-level forms are; None for plain text."""
        return self._content.index

    def to_keep(self) -> Snapshot:
        """The same for a long time: what is worked out of this one is not kept with it."""
        copied = self._content.copy()
        return Snapshot(self.uri, self.language_id, self.language, self.version, copied)

    def once(self, work: Callable[[Snapshot], Answer]) -> Answer:
        """What `work` makes of this text, worked out at the first call only."""
        known = self._content.worked_out
        if work not in known:
            known[work] = work(self)
        return cast("Answer", known[work])

    def once_at(self, work: Callable[[Snapshot, int], Answer], offset: int) -> Answer:
        """
        As `once`, for what `work` makes of a place.

        Editors ask several things about one place: hover, highlight, code actions.
        """
        worked_out = self._content.worked_out
        known: dict[int, Answer] | None = worked_out.get(work)
        if known is None:
            known = worked_out[work] = {}
        elif offset in known:
            return known[offset]
        answer = work(self, offset)
        if len(known) >= PLACES_LIMIT:
            known.clear()
        known[offset] = answer
        return answer


class Document:
    """A document that an editor has open. `version` is the editor's own count."""

    __slots__ = ("_content", "_snapshot", "language", "language_id", "uri", "version")

    def __init__(self, uri: str, language_id: str, version: int | None, text: str) -> None:
        self.uri = uri
        self.language_id = language_id
        self.language = for_document(language_id, uri)
        self.version = version
        self._content = _Content(self.language, Lines(text))
        self._snapshot: ReferenceType[Snapshot] | None = None

    @property
    def text(self) -> str:
        """The whole text."""
        return self._content.lines.text

    @property
    def lines(self) -> Lines:
        """The text as lines. Change it through `edit` only."""
        return self._content.lines

    def edit(
        self,
        start_line: int,
        start_column: int,
        end_line: int,
        end_column: int,
        new_text: str,
        encoding: Encoding,
    ) -> None:
        """Replace what is between two places. Places outside the text are clamped to it."""
        content = self._content
        if self._snapshot is not None and self._snapshot() is not None:
            # Somebody still looks at it. Mostly nobody does, and nothing needs to be copied.
            content = self._content = content.copy()
        self._snapshot = None
        content.edit((start_line, start_column), (end_line, end_column), new_text, encoding)

    def replace(self, text: str) -> None:
        """Replace the whole text."""
        self._content = _Content(self.language, Lines(text))
        self._snapshot = None

    def snapshot(self) -> Snapshot:
        """The document as it is now. Take it before the first await of a request."""
        current = self._snapshot() if self._snapshot is not None else None
        if current is not None and current.version == self.version:
            return current
        if current is not None:
            # Two may look at one content only if it is never edited again.
            self._content = self._content.copy()
        taken = Snapshot(self.uri, self.language_id, self.language, self.version, self._content)
        self._snapshot = ref(taken)
        return taken
