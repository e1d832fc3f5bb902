"""A large program: costs that must not depend on its size, counted and not timed."""

import tracemalloc
from array import array
from collections.abc import Iterator

import pytest

from nrepl_lsp.source import index, lines
from nrepl_lsp.source.document import Document
from nrepl_lsp.source.forms import top_level_form, top_level_forms
from nrepl_lsp.source.lexer import Form, Lexer, lexer_for

from .sample_200k import sample

MEMORY_RATIO = 1.5
SAMPLE = sample()


def opened() -> Document:
    document = Document("file:///shop/core.clj", "clojure", 1, SAMPLE)
    assert document.snapshot().index is not None
    return document


def test_the_sample_is_balanced_and_large() -> None:
    snapshot = opened().snapshot()
    found = snapshot.index
    assert found is not None
    assert 200_000 <= len(SAMPLE) < 202_000
    assert found.first_unclosed == len(found.starts) > 200
    assert all(SAMPLE[start] == "(" for start, _ in top_level_forms(snapshot))


def test_an_edit_looks_at_the_lines_it_changes_alone_and_finds_no_forms(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = opened()
    looked_at: list[str] = []
    line_starts = lines.line_starts

    def remembered(text: str) -> "array[int]":
        looked_at.append(text)
        return line_starts(text)

    monkeypatch.setattr(lines, "line_starts", remembered)
    monkeypatch.setattr(index, "update", lambda *_: looked_at.append("all forms"))
    document.edit(2000, 0, 2000, 0, "x", "utf-16")
    assert looked_at == []
    document.edit(2000, 0, 2000, 0, "\n", "utf-16")
    assert looked_at == [f"\n{document.lines.line_text(2001)}\n"]


def test_one_character_makes_a_few_forms_be_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    document = opened()
    line = document.lines.line_count // 2
    document.edit(line, 0, line, 0, " ", "utf-16")
    read: list[Form] = []
    forms = Lexer.forms

    def counted(lexer: Lexer, text: str, position: int, end: int) -> Iterator[Form]:
        for form in forms(lexer, text, position, end):
            read.append(form)
            yield form

    monkeypatch.setattr(Lexer, "forms", counted)
    assert document.snapshot().index is not None
    assert 1 <= len(read) <= 4


def test_a_quote_in_the_middle_is_found_and_forgotten_again() -> None:
    document = opened()
    before = document.snapshot().index
    assert before is not None
    line, _ = document.lines.position(before.starts[100], "utf-16")
    document.edit(line, 5, line, 5, '"', "utf-16")
    broken = document.snapshot()
    lexer = lexer_for(broken.language)
    assert lexer is not None
    assert broken.index == index.build(lexer, broken.text)
    assert broken.index != before
    last = top_level_forms(broken)[-1]
    assert top_level_form(broken, last.start) == last
    document.edit(line, 5, line, 6, "", "utf-16")
    assert document.snapshot().index == before


def test_an_open_document_takes_little_more_than_its_text() -> None:
    opened()  # compiles the scanner
    source = SAMPLE.encode()
    tracemalloc.start()
    try:
        document = Document("file:///shop/core.clj", "clojure", 1, source.decode())
        assert document.snapshot().index is not None
        document.lines.position(len(SAMPLE), "utf-16")
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert taken <= MEMORY_RATIO * len(SAMPLE)
