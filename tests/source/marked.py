"""Texts with the cursor marked in them."""

from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.lexer import Span


def snapshot_of(text: str, language_id: str = "clojure") -> Snapshot:
    return Document("file:///a", language_id, 1, text).snapshot()


def at(marked: str, language_id: str = "clojure", mark: str = "|") -> tuple[Snapshot, int]:
    """A snapshot of the text without its mark, and where the mark was."""
    before, found, after = marked.partition(mark)
    assert found, f"no {mark} in {marked!r}"
    return snapshot_of(before + after, language_id), len(before)


def shown(snapshot: Snapshot, span: Span | None) -> str | None:
    """The text of a span."""
    return None if span is None else snapshot.text[span.start : span.end]
