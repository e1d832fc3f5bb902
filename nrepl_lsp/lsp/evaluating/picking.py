"""Which code a command means: the form at a place, the forms of a selection, and so on."""

import asyncio
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.forms import (
    form_around,
    form_at,
    form_before,
    forms_in,
    top_level_form,
    top_level_forms,
)
from nrepl_lsp.source.lexer import lexer_for
from nrepl_lsp.source.namespaces import namespace_at, namespace_form
from nrepl_lsp.source.unfinished import Unfinished, up_to

from ..arguments import Arguments
from ..documents import DocumentStore, path_of
from .code import Code
from .outcomes import Fault, Outcome, Status

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    "Pick",
    "RefusedError",
    "Span",
    "declaration",
    "file_at",
    "form",
    "forms_of",
    "picked",
    "refused",
    "selection",
    "text_on_disk",
    "to_cursor",
    "top_level",
    "whole",
]

#: Bytes of a file that is loaded without being open.
FILE_LIMIT = 16 * 1024 * 1024

_HEAD = re.compile(r"\(\s*([^\s()\[\]{}\"';,]+)")

Span = tuple[int, int]

Pick = Callable[[DocumentStore, Snapshot, types.Range], Span | Unfinished | str]
"""Picks a stretch of a document for a range in it, or says in a sentence why there is none."""


class RefusedError(Exception):
    """Why nothing is evaluated, as a sentence for the user that says what to do."""

    def __init__(self, text: str, status: Status = "error") -> None:
        super().__init__(text)
        self.status = status


def form(documents: DocumentStore, snapshot: Snapshot, place: types.Range) -> Span | str:
    """
    The form at the cursor, or the one before it.

    With a number or a string at its end, a list is meant: editors with a cursor that is on
    characters, not between them, are on the bracket.
    """
    cursor = documents.cursor(snapshot, place)
    span = form_at(snapshot, cursor) or form_before(snapshot, cursor)
    if span is not None and cursor == span[1] and _is_last_literal(snapshot, span):
        span = form_around(snapshot, cursor) or span
    return span if span is not None else "There is no form at or before the cursor."


def _is_last_literal(snapshot: Snapshot, span: Span) -> bool:
    """Whether it evaluates to itself, and a closing bracket comes right after it."""
    lexer, (start, end) = lexer_for(snapshot.language), span
    text = snapshot.text[start:end]
    if lexer is None or not snapshot.text.startswith((")", "]", "}"), end):
        return False
    return text[0] == '"' or (text[0] not in "([{#'`@^~" and lexer.atom_kind(text) != "symbol")


def top_level(documents: DocumentStore, snapshot: Snapshot, place: types.Range) -> Span | str:
    """The outermost form around the cursor, or the one in `comment`."""
    span = top_level_form(snapshot, documents.cursor(snapshot, place))
    return span if span is not None else "There is no top-level form at the cursor."


def selection(documents: DocumentStore, snapshot: Snapshot, place: types.Range) -> Span | str:
    """The whole forms in the range."""
    start, end = (documents.offset(snapshot, edge) for edge in (place.start, place.end))
    spans = forms_in(snapshot, min(start, end), max(start, end))
    return (spans[0][0], spans[-1][1]) if spans else "There is no whole form in the selection."


def to_cursor(documents: DocumentStore, snapshot: Snapshot, place: types.Range) -> Unfinished | str:
    """The top-level form as far as the cursor, with the brackets that it lacks."""
    found = up_to(snapshot, documents.cursor(snapshot, place))
    return found if found is not None else "There is no form before the cursor."


def declaration(documents: DocumentStore, snapshot: Snapshot, place: types.Range) -> Span | str:
    """The form that makes the namespace in force at the cursor, else the document's first."""
    first = namespace_form(snapshot)
    if first is None:
        return "There is no namespace form in this document."
    cursor = documents.cursor(snapshot, place)
    forms = top_level_forms(snapshot)
    before = bisect_right(forms, cursor, key=lambda span: span.start)
    for span in reversed(forms[:before]):
        head = _HEAD.match(snapshot.text, span.start)
        # `clojure.core/ns`, `cl:in-package`.
        if head and re.split("[/:]", head[1])[-1] in snapshot.language.namespace_forms:
            return span
    return first


def forms_of(file: Code) -> tuple[int, Iterator[Code]]:
    """
    How many forms a whole file has, and they, each in the namespace in force at its place.

    Raises `RefusedError` where it has none.
    """
    assert file.snapshot is not None
    spans = top_level_forms(file.snapshot)
    if not spans:
        raise RefusedError("There is no form in this document.")
    return len(spans), _codes(file.snapshot, spans)


def _codes(snapshot: Snapshot, spans: Sequence[Span]) -> Iterator[Code]:
    for start, end in spans:
        ns = namespace_at(snapshot, start)
        text = snapshot.text[start:end]
        yield Code(text, snapshot.language, snapshot.uri, ns, snapshot, start, end)


def picked(ls: "NreplLanguageServer", given: Arguments, pick: Pick) -> Code:
    """
    The code that a command's argument means, in the namespace in force there.

    Raises `RefusedError`, also where no program is attached.
    """
    place = given.place(ls.documents.last_place)
    if place is None:
        raise RefusedError("No document is open: pass `uri` and `position`.")
    snapshot = ls.documents.snapshot(place.uri)
    if snapshot is None:
        raise RefusedError(f"{place.uri} is not open.")
    # Where the user is: code that reads input may be given the line there.
    ls.documents.notice(place)
    if ls.repl_for(place.uri) is None:
        raise RefusedError(ls.why_detached(place.uri), "disconnected")
    found = pick(ls.documents, snapshot, place.range)
    if isinstance(found, str):
        raise RefusedError(found)
    closers = found.closers if isinstance(found, Unfinished) else ""
    start, end = (found.start, found.end) if isinstance(found, Unfinished) else found
    ns = given.ns if given.ns is not None else namespace_at(snapshot, start)
    text = snapshot.text[start:end] + closers
    return Code(text, snapshot.language, snapshot.uri, ns, snapshot, start, end)


async def file_at(ls: "NreplLanguageServer", given: Arguments) -> Code:
    """A whole file as it is in the editor, else as it is on the disk. Raises `RefusedError`."""
    place = given.place(ls.documents.last_place)
    if place is None:
        raise RefusedError("No document is open: pass its `uri`.")
    snapshot = ls.documents.snapshot(place.uri) or await asyncio.to_thread(_read, place.uri)
    if snapshot is None:
        raise RefusedError(f"{place.uri} is not open and cannot be read.")
    return whole(snapshot)


def whole(snapshot: Snapshot) -> Code:
    """A document as a file to be loaded."""
    start = 1 if snapshot.text.startswith("\ufeff") else 0
    end = len(snapshot.text)
    text = snapshot.text[start:]
    return Code(text, snapshot.language, snapshot.uri, None, snapshot, start, end, is_file=True)


def refused(ls: "NreplLanguageServer", why: RefusedError) -> dict[str, Any]:
    """Nothing is evaluated, and the user is told why: many editors ignore a command's reply."""
    outcome = Outcome(why.status, fault=Fault(str(why)))
    ls.results.show(outcome)
    return outcome.reply()


def _read(uri: str) -> Snapshot | None:
    text = text_on_disk(uri)
    return Document(uri, "", None, text).snapshot() if text is not None else None


def text_on_disk(uri: str) -> str | None:
    """The text of a document's file; None where there is none, or more than `FILE_LIMIT`."""
    path = path_of(uri)
    try:
        # To open a pipe waits for its writer; a device may have no end.
        if path is None or not path.is_file():
            return None
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError:
        return None
    return data.decode("utf-8-sig", "replace") if len(data) <= FILE_LIMIT else None
