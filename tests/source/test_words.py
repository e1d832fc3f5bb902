"""Words of a text: what counts as one, what the text defines, and what it costs."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.document import Document
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.naming import words
from nrepl_lsp.source.naming.words import words_around

from .marked import at, snapshot_of
from .sample_200k import sample

NOWHERE = Span(0, 0)


def names(text: str, language: str = "clojure") -> set[str]:
    return set(words_around(snapshot_of(text, language), NOWHERE).names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(foo :bar ::baz/qux)", {"foo", ":bar", "::baz/qux"}),
        (
            "(str/join #'quoted @held ~spliced 'list)",
            {"str/join", "quoted", "held", "spliced", "list"},
        ),
        ('(f "a string" #"a regex") ; a comment\n#_ dropped', {"dropped"}),
        ("(f \\newline 12 1/2 -3.5 x)", set()),
        ('^{:doc "text"} named', {":doc", "named"}),
        ('#:one{:two 3} #inst "x" #?(:clj there)', {":two", ":clj", "there"}),
        ("(((( [unclosed", {"unclosed"}),
        (")]} closed", {"closed"}),
        ("(deep [in {:a #{(very 'inner)}}])", {"deep", "in", ":a", "very", "inner"}),
        ("λόγος 変数", {"λόγος", "変数"}),
        ("", set()),
    ],
)
def test_symbols_and_keywords_of_code_are_words(text: str, expected: set[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "hy",
            "(setv my-name (os.path.join #* args))",
            {"setv", "my-name", "os.path.join", "args"},
        ),
        ("fennel", "(local t {:key 1}) ; no", {"local", ":key"}),
        ("scheme", "(define (go x) #t) #| not this |#", {"define", "go"}),
        ("janet", "(defn go [x] @{:key 1}) # not", {"defn", "go", ":key"}),
        ("commonlisp", '(defun go (:key) "no")', {"defun", "go", ":key"}),
        ("plaintext", "some words", set()),
    ],
)
def test_each_language_has_words_of_its_own(language: str, text: str, expected: set[str]) -> None:
    assert names(text, language) == expected


@pytest.mark.parametrize(
    ("marked", "is_there"),
    [
        ("(foo) ba|rs", False),
        ("(foo ba|rs)", False),
        ("(foo ba|rs bars)", True),
        ("(foo ba|rs) (bars)", True),
        ("(foo 'ba|rs)", False),
    ],
)
def test_what_is_being_typed_counts_only_if_it_is_there_once_more(
    marked: str, is_there: bool
) -> None:
    snapshot, offset = at(marked)
    found = words_around(snapshot, Span(offset - 2, offset + 2))
    assert ("bars" in found.names) is is_there
    assert "ba" not in found.names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(defn go [x])", {"go": "function"}),
        ("(ns a.b) (defmacro m []) (def ^:private n 1)", {"m": "macro", "n": "variable"}),
        ("(defprotocol P (walk [this]))", {"P": "protocol", "walk": "function"}),
        ("(comment (defn scratch []))", {}),
        ("(let [] x)", {}),
    ],
)
def test_the_text_s_own_definitions_are_known_with_their_kind(
    text: str, expected: dict[str, str]
) -> None:
    assert dict(words_around(snapshot_of(text), NOWHERE).defined) == expected


def test_far_away_forms_of_a_long_text_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "FORMS_REACH", 2)
    text = " ".join(f"name{number}" for number in range(10))
    here = text.index("name5")
    found = words_around(snapshot_of(text), Span(here, here + 5))
    assert found.names == {"name4", "name6", "name7"}


def test_characters_far_away_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "REACH", 7)
    text = "(far) (near) typed (after) (beyond)"
    here = text.index("typed")
    assert words_around(snapshot_of(text), Span(here, here + 5)).names == {"near", "after"}


def test_a_huge_form_is_left_out() -> None:
    text = "(small) {" + ":key 1 " * (words.FORM_LIMIT // 7 + 1) + "}"
    assert names(text) == {"small"}


def test_a_key_press_in_a_long_text_costs_little() -> None:
    text = sample()
    place = text.index("started", len(text) // 2)
    document = Document("file:///a.clj", "clojure", 1, text)
    words_around(document.snapshot(), Span(place, place))
    times = []
    for count in range(1, 8):
        line, column = document.lines.position(place + count - 1, "utf-32")
        document.edit(line, column, line, column, "x", "utf-32")
        snapshot = document.snapshot()
        _ = snapshot.index
        began = time.perf_counter()
        words_around(snapshot, Span(place, place + count + len("started")))
        times.append(time.perf_counter() - began)
    # Measured 0.5 ms; the first pass over the whole text is 40.
    assert min(times) < 0.005


@given(st.text(alphabet="()[]{}\"';#_^:a b/.|\\\n", max_size=60), st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_it_fail(text: str, place: int) -> None:
    for language in ("clojure", "hy", "scheme", "commonlisp", "janet", "fennel", "racket"):
        snapshot = snapshot_of(text, language)
        offset = min(place, len(text))
        found = words_around(snapshot, Span(offset, offset))
        assert all(name in text and len(name) > 1 for name in found.names)
