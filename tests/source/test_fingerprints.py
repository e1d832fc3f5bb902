"""Telling whether two texts are the same code."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.fingerprints import fingerprint
from nrepl_lsp.source.languages import LANGUAGES, for_document

CLOJURE = for_document("clojure", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(f x)", "( f\n  x )"),
        ("(f x)", "(f ; why\n x)"),
        ("(f x)", "(f, x,)"),
        ("(f x)", "(f #_y x)"),
        ("(f x)", "(f #_ #_ y z x)"),
        ("(f x)", "(f #_(g\n {h #_i j}) x)"),
        ("(f x)", "(f x #_)"),
        ("(f x)", "(f x #_ #_ #_)"),
        ("(f x)", "\f(f x)"),
        ('(f "a\nb")', '(f "a\r\nb")'),
        ("'x", "' x"),
        ("^:a x", "^ :a\n x"),
        ("", " ; nothing"),
    ],
)
def test_layout_comments_and_what_is_dropped_do_not_count(one: str, other: str) -> None:
    assert fingerprint(CLOJURE, one) == fingerprint(CLOJURE, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(f x)", "(f y)"),
        ("(f x)", "(fx)"),
        ("(f x)", "[f x]"),
        ("(f x)", "(f 'x)"),
        ("(f x)", "(f (x))"),
        ('(f "a b")', '(f "a  b")'),
        ('(f "; a")', '(f "; b")'),
        (r"(f \a)", r"(f \b)"),
        ("(f :a)", "(f ::a)"),
        ("^:a x", "x"),
        ("(f 1)", "(f 1.0)"),
        ("𝔛", "𝔜"),
        ("(f x #_y)", "(f x y)"),
        ("(f x", "(f x)"),
    ],
)
def test_other_tokens_are_other_code(one: str, other: str) -> None:
    assert fingerprint(CLOJURE, one) != fingerprint(CLOJURE, other)


def test_plain_text_is_its_words() -> None:
    plain = for_document("plaintext", "")
    assert fingerprint(plain, "a  b\n") == fingerprint(plain, "a b")
    assert fingerprint(plain, "a b ; c") != fingerprint(plain, "a b")


TEXTS = st.text(alphabet=st.sampled_from("()[]{}\"\\;#_'`~@^:|, \n\rabc1é😀"), max_size=40)


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from(LANGUAGES))
def test_any_text_has_one_and_blanks_around_it_do_not_matter(text: str, language: object) -> None:
    found = fingerprint(language, text)  # type: ignore[arg-type]
    assert fingerprint(language, f" \n{text}") == found  # type: ignore[arg-type]


def test_many_drops_in_a_row_take_no_longer_than_the_text() -> None:
    """What is dropped is looked for once, not once for each."""
    text = "(a " + "#_ " * 20_000 + ")"
    assert fingerprint(CLOJURE, text) == fingerprint(CLOJURE, "(a)")
