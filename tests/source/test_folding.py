"""What can be folded: first line, last line and kind of each fold, lines counted from 0."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.folding import folds, goes_on

from .marked import snapshot_of
from .test_scanner import LISPS, TEXTS

SAMPLES = sorted((Path(__file__).parents[1] / "samples").iterdir())


def lines(text: str, language_id: str = "clojure") -> list[tuple[int, int, str]]:
    return [(it.line, it.end_line, it.kind) for it in folds(snapshot_of(text, language_id))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a b)", []),
        ("(a\n b)", [(0, 1, "")]),
        ("(a\r\n b)", [(0, 1, "")]),
        ("(a\r b)", [(0, 1, "")]),
        ("(a\f b)", []),
        ("(a (b [c\n d]))", [(0, 1, "")]),
        ("(a\n (b\n  c))", [(0, 2, ""), (1, 2, "")]),
        ("[a\n b] {c\n d}", [(0, 1, ""), (1, 2, "")]),
        ("#{a\n b}", [(0, 1, "")]),
        ("(a\n)", [(0, 1, "")]),
        ('(a "b\n c")', [(0, 1, "")]),
        ('(a\n "b\n c")', [(0, 2, ""), (1, 2, "")]),
        ('"(\n"', [(0, 1, "")]),
        ("(a ; (\n b)", [(0, 1, "")]),
        ("(a \\(\n b)", [(0, 1, "")]),
        ("; a", []),
        ("; a\n; b", [(0, 1, "comment")]),
        ("; a\r\n; b\r\n; c\r\n", [(0, 2, "comment")]),
        ("; a\n\n; b\n; c", [(2, 3, "comment")]),
        ("; a\n  ; b\n", [(0, 1, "comment")]),
        ("(a) ; a\n; b\n; c", [(1, 2, "comment")]),
        ("(a\n ; b\n ; c\n )", [(0, 3, ""), (1, 2, "comment")]),
        ("(ns a\n (:require [b]))", [(0, 1, "imports")]),
        ("(ns a\n (:require [b]\n  [c]))", [(0, 2, "imports"), (1, 2, "imports")]),
        ("(require 'a\n 'b)", [(0, 1, "imports")]),
        ("(comment\n (a))", [(0, 1, "comment")]),
        ("#_(a\n b)", [(0, 1, "comment")]),
        ("#_ (a\n b)", [(0, 1, "comment")]),
        ("#_ a (b\n c)", [(0, 1, "")]),
        ("(a 😀\n 😀)", [(0, 1, "")]),
        ("#?(:clj (a\n b)\n :cljs c)", [(0, 2, "")]),
        ("(a\n (b\n c)", [(1, 2, "")]),
        ("(a\n\n(b\n c)\n; d\n; e", [(2, 3, ""), (4, 5, "comment")]),
        ("(a\n b))\n(c\n d)", [(0, 1, ""), (2, 3, "")]),
        ("(a [b\n c) d\n e)", [(0, 1, "")]),
        ('(a "b\n c)', []),
        ("", []),
    ],
)
def test_clojure(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert lines(text) == expected


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        ("hy", "(import a\n b)", [(0, 1, "imports")]),
        ("hy", '(a f"{(b "(\n")}"\n c)', [(0, 2, "")]),
        ("hy", "(a #[[(\n]] b\n c)", [(0, 2, "")]),
        ("fennel", "(comment\n a)", [(0, 1, "comment")]),
        ("scheme", "#| a\n b |#\n(c)", [(0, 1, "comment")]),
        ("scheme", "(define (f)\n  '(a\n b))", [(0, 2, ""), (1, 2, "")]),
        ("scheme", "#;(a\n b)", [(0, 1, "comment")]),
        ("scheme", "(a #\\(\n b)", [(0, 1, "")]),
        ("scheme", "(a |(\n| b\n c)", [(0, 2, "")]),
        ("racket", "#lang racket\n(require a\n b)", [(1, 2, "imports")]),
        ("commonlisp", "(defpackage :a\n (:use :cl))", [(0, 1, "imports")]),
        ("commonlisp", "(a\\(b\n c)", [(0, 1, "")]),
        ("janet", "# a\n# b\n(c\n d)", [(0, 1, "comment"), (2, 3, "")]),
        ("janet", "(a ``(\n`` b\n c)", [(0, 2, "")]),
        ("edn", "{:a 1\n :b 2}", [(0, 1, "")]),
        ("plaintext", "a\nb\n\n(c\nd)", []),
    ],
)
def test_every_language(language_id: str, text: str, expected: list[tuple[int, int, str]]) -> None:
    assert lines(text, language_id) == expected


def test_a_fold_ends_before_its_bracket_and_knows_what_follows_it() -> None:
    text = "(a [b\n c] {d\n e}) ; f\n(g\n)"
    snapshot = snapshot_of(text)

    assert [(it.end, goes_on(snapshot, it), it.depth) for it in folds(snapshot)] == [
        (text.index(")"), False, 0),
        (text.index("}"), False, 1),
        (text.rindex(")"), False, 0),
    ]
    snapshot = snapshot_of("[a\n b] {c\n d}")
    assert [goes_on(snapshot, it) for it in folds(snapshot)] == [True, False]


def check(snapshot: Snapshot) -> None:
    previous = -1
    for it in folds(snapshot):
        assert previous < it.line < it.end_line < snapshot.lines.line_count
        assert 0 < it.end <= len(snapshot.text)
        assert snapshot.lines.position(it.end, "utf-16")[0] == it.end_line
        assert it.depth >= 0
        previous = it.line


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from([*LISPS, "plaintext"]))
def test_any_text_gives_folds_in_order_one_for_a_line(text: str, language_id: str) -> None:
    check(snapshot_of(text, language_id))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_mutilated_samples_give_folds_in_order(path: Path) -> None:
    text = path.read_text("utf-8")
    chance = random.Random(path.name)
    for _ in range(100):
        start = chance.randrange(len(text))
        cut = start + chance.choice([0, 1, 1, 20])
        mutilated = text[:start] + chance.choice(["", "(", ")", '"', "]", "#_", "\r"]) + text[cut:]
        check(Document(path.as_uri(), "", 1, mutilated).snapshot())
