"""What surrounds a place in a text: the lists it is in, and the forms and tokens beside it."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from .document import Snapshot
from .index import CLOSED, UNCLOSED, Index
from .lexer import Form, Lexer, Span, Token, lexer_for


@dataclass(frozen=True, slots=True)
class Cursor:
    """An offset and the lists that are open there.

    `region` is the top-level form that the offset is in or right after, or the stretch between
    two such forms. `entry` is that form's number, None between forms. `openers` are the places of
    the brackets of the lists around the offset, outermost first.
    """

    text: str
    lexer: Lexer
    index: Index
    offset: int
    region: Span
    entry: int | None
    openers: tuple[int, ...]

    @property
    def depth(self) -> int:
        """How many lists are open here."""
        return len(self.openers)

    def forms(self, depth: int) -> Iterator[Form]:
        """The forms directly in the list number `depth` around the cursor; 0 is the top level.

        At the top level it is the one form that the cursor is in or right after.
        """
        start, end, stops = self._level(depth)
        return self.lexer.forms(self.text, start, end, stops)

    def tokens(self, depth: int) -> Iterator[Token]:
        """The tokens directly in the list number `depth`; 0 is the region at the top level."""
        start, end, stops = self._level(depth)
        if depth == 0:
            # A form that begins where another ends, as in `(a)b`, touches the cursor as well.
            following = bisect_left(self.index.starts, self.offset)
            if self.index.starts[following : following + 1] == array("q", [self.offset]):
                end = self.index.ends[following]
        return self.lexer.tokens(self.text, start, end, stops)

    def list_form(self, depth: int) -> Form | None:
        """The form whose list is number `depth` (from 1), or of which that list is a part."""
        opener = self.openers[depth - 1]
        for form in self.forms(depth - 1):
            if form.start <= opener < form.end:
                return form
        return None

    def token(self) -> Token | None:
        """The token that the cursor is in: after its first character and before its end.

        A token that needs no end (a line comment, an unclosed string) holds its end too.
        """
        for token in self.tokens(self.depth):
            if token.start >= self.offset:
                return None
            if self.offset < token.end or (self.offset == token.end and is_open(token)):
                return token
        return None

    def _level(self, depth: int) -> tuple[int, int, str]:
        if depth == 0:
            return self.region.start, self.region.end, ""
        openers = list(self.openers[:depth])
        return openers[-1] + 1, self.region.end, self.lexer.closers_of(self.text, openers)


def is_open(token: Token) -> bool:
    """Whether what is typed at the token's end still belongs to it."""
    return token.kind in ("comment", "character") or not token.closed


def locate(snapshot: Snapshot, offset: int) -> Cursor | None:
    """The cursor at an offset, which is clamped to the text; None in plain text."""
    lexer, index = lexer_for(snapshot.language), snapshot.index
    if lexer is None or index is None:
        return None
    text = snapshot.text
    offset = max(0, min(offset, len(text)))
    entry = entry_at(index, offset)
    if entry is not None:
        region = Span(index.starts[entry], index.ends[entry])
        openers = tuple(lexer.openers(text, region.start, offset))
        return Cursor(text, lexer, index, offset, region, entry, openers)
    following = bisect_left(index.starts, offset)
    start = index.ends[following - 1] if following else 0
    end = index.starts[following] if following < len(index.starts) else len(text)
    # A prefix with no form after it is no top-level form, but what it has may hold lists: `^{:a`.
    openers = tuple(lexer.openers(text, start, offset))
    return Cursor(text, lexer, index, offset, Span(start, end), None, openers)


def entry_at(index: Index, offset: int) -> int | None:
    """The number of the top-level form that an offset is in, right after, or at the start of."""
    following = bisect_left(index.starts, offset)
    starts_here = following < len(index.starts) and index.starts[following] == offset
    before = following - 1
    if before >= 0 and offset <= index.ends[before]:
        # An unclosed form runs up to the next one, which must not be taken for its inside.
        if not (starts_here and index.states[before] == UNCLOSED):
            return before
    return following if starts_here else None


def entry_span(text: str, index: Index, entry: int) -> Span:
    """A top-level form's span; an unclosed one without the white space at its end."""
    start, end = index.starts[entry], index.ends[entry]
    if index.states[entry] == UNCLOSED:
        end = start + len(text[start:end].rstrip())
    return Span(start, end)


def is_kept(index: Index, entry: int) -> bool:
    """Whether the reader keeps a top-level form, which it does not when it is discarded."""
    return index.states[entry] in (CLOSED, UNCLOSED)
