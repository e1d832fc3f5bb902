"""Choosing the language of a document."""

import pytest

from nrepl_lsp.source.languages import LANGUAGES, PLAIN, for_document, for_language_id, for_path


@pytest.mark.parametrize(
    ("language_id", "expected"),
    [
        ("clojure", "clojure"),
        ("clojurescript", "clojure"),
        ("Clojure", "clojure"),
        ("basilisp", "basilisp"),
        ("edn", "edn"),
        ("hy", "hy"),
        ("fennel", "fennel"),
        ("scheme", "scheme"),
        ("racket", "racket"),
        ("lisp", "commonlisp"),
        ("common-lisp", "commonlisp"),
        ("janet", "janet"),
        ("rust", "plaintext"),
        ("", "plaintext"),
    ],
)
def test_a_language_id_names_a_language(language_id: str, expected: str) -> None:
    assert for_language_id(language_id).id == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("file:///src/a.clj", "clojure"),
        ("a.CLJC", "clojure"),
        ("jar:file:///lib.jar!/b/core.cljs", "clojure"),
        ("zipfile:///lib.jar::core.lpy?x=1#L3", "basilisp"),
        ("/x.clj/readme", "plaintext"),
        ("untitled:Untitled-1", "plaintext"),
        ("C:\\src\\a.hy", "hy"),
        ("", "plaintext"),
    ],
)
def test_an_extension_names_a_language(path: str, expected: str) -> None:
    assert for_path(path).id == expected


@pytest.mark.parametrize(
    ("language_id", "uri", "expected"),
    [
        ("clojure", "file:///a.lpy", "basilisp"),
        ("clojure", "file:///a.edn", "edn"),
        ("clojure", "untitled:1", "clojure"),
        ("scheme", "file:///a.rkt", "scheme"),
        ("plaintext", "file:///a.fnl", "fennel"),
        ("unheard-of", "file:///a.txt", "plaintext"),
    ],
)
def test_the_language_id_counts_before_the_extension_outside_a_family(
    language_id: str, uri: str, expected: str
) -> None:
    assert for_document(language_id, uri).id == expected


def test_no_two_languages_share_a_name_or_an_extension() -> None:
    for names in (
        [name for language in LANGUAGES for name in language.language_ids],
        [name for language in LANGUAGES for name in language.extensions],
    ):
        assert len(names) == len(set(names))


def test_every_language_but_the_plain_one_has_a_scanner_and_a_fence() -> None:
    for language in LANGUAGES:
        assert (language.lexical is None) == (language is PLAIN)
        assert bool(language.fence) == (language is not PLAIN)
