"""The open documents, and the place we were told about last."""

from pathlib import Path

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.documents import DocumentStore, Place, path_of
from nrepl_lsp.source.anchors import Edit

A = "file:///a.clj"


def opened(text: str = "(a)\n(b)\n", uri: str = A) -> DocumentStore:
    store = DocumentStore()
    store.open(types.TextDocumentItem(uri, "clojure", 1, text))
    return store


def change(
    store: DocumentStore, *changes: types.TextDocumentContentChangeEvent, uri: str = A
) -> list[Edit] | None:
    document = types.VersionedTextDocumentIdentifier(version=2, uri=uri)
    return store.change(types.DidChangeTextDocumentParams(document, list(changes)))


def partial(line: int, start: int, end: int, text: str) -> types.TextDocumentContentChangePartial:
    where = types.Range(types.Position(line, start), types.Position(line, end))
    return types.TextDocumentContentChangePartial(where, text)


def test_a_change_tells_its_edits_in_the_editors_units() -> None:
    store = opened("(a)\n(b)\n")
    edits = change(store, partial(1, 0, 1, "[\n["), partial(0, 3, 3, "😀"))
    assert edits == [Edit((1, 0), (1, 1), (2, 1)), Edit((0, 3), (0, 3), (0, 5))]
    assert change(store, partial(0, 0, 0, "y"), uri="file:///b.clj") is None


def test_a_whole_new_text_is_the_piece_that_is_another() -> None:
    store = opened("(a)\n(😀b)\n(c)\n")
    whole = types.TextDocumentContentChangeWholeDocument("(a)\n(😀xy\nz)\n(c)\n")
    assert change(store, whole) == [Edit((1, 3), (1, 4), (2, 1))]
    assert change(store, whole) == [Edit((4, 0), (4, 0), (4, 0))]
    snapshot = store.snapshot(A)
    assert snapshot is not None
    assert (snapshot.text, snapshot.version) == (whole.text, 2)


@pytest.mark.parametrize(
    ("encoding", "column"), [("utf-8", 3 + 2 + 4), ("utf-16", 3 + 1 + 2), ("utf-32", 3 + 2)]
)
def test_the_cursor_is_after_what_was_typed(encoding: str, column: int) -> None:
    store = opened()
    store.encoding = encoding  # type: ignore[assignment]
    change(store, partial(0, 3, 3, "é😀"))
    assert store.last_place == Place.at(A, types.Position(0, column))
    change(store, partial(0, 0, 0, "x\r\né"))
    assert store.last_place is not None
    assert store.last_place.range.start.line == 1


def test_a_whole_new_text_leaves_the_place_in_its_document() -> None:
    store = opened()
    there = Place.at(A, types.Position(1, 1))
    store.notice(there)
    whole = types.TextDocumentContentChangeWholeDocument("(c)")
    change(store, whole)
    assert store.last_place == there
    store.notice(Place.at("file:///other.clj", types.Position(1, 1)))
    change(store, whole)
    assert store.last_place == Place.at(A, types.Position(0, 0))


def test_closing_another_document_leaves_the_last_place() -> None:
    store = opened()
    store.close("file:///b.clj")
    assert store.last_place is not None
    store.close("file:///%61.clj")
    assert store.last_place is None
    assert store.uris() == []


def test_a_document_is_called_what_the_editor_calls_it() -> None:
    store = opened(uri="file:///a%20b.clj")
    assert store.uri_of("file:///a b.clj") == "file:///a%20b.clj"
    assert store.uri_of("file:///c.clj") == "file:///c.clj"


def test_a_snapshot_is_of_its_moment() -> None:
    store = opened()
    before = store.snapshot(A)
    change(store, partial(0, 0, 3, ""))
    assert before is not None
    assert before.text == "(a)\n(b)\n"


def test_ranges_and_positions_are_clamped() -> None:
    store = opened("é\n")
    snapshot = store.snapshot(A)
    assert snapshot is not None
    assert store.offset(snapshot, types.Position(99, 99)) == 2
    assert store.range(snapshot, 0, 99) == types.Range(types.Position(0, 0), types.Position(1, 0))


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b%20c.clj", Path("/a/b c.clj")),
        ("untitled:x", None),
        ("file:", None),
        ("file://[", None),
        ("file:///%00", None),
        ("", None),
    ],
)
def test_a_uri_names_a_file_or_none(uri: str, path: Path | None) -> None:
    assert path_of(uri) == path
