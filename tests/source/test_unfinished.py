"""What stands from the start of a top-level form to the cursor, made whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.lexer import lexer_for
from nrepl_lsp.source.unfinished import up_to

from .marked import at, snapshot_of


def completed(marked: str, language_id: str = "clojure", mark: str = "|") -> str | None:
    """The text that is meant, what was added in angle brackets."""
    snapshot, offset = at(marked, language_id, mark)
    found = up_to(snapshot, offset)
    if found is None:
        return None
    added = f"⟨{found.closers}⟩" if found.closers else ""
    return snapshot.text[found.start : found.end] + added


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        # Lists are cut at the cursor and closed.
        ("(-> x (f) | (g))", "(-> x (f)⟨)⟩"),
        ("(-> x (f)| (g))", "(-> x (f)⟨)⟩"),
        ("(let [a 1\n      b (g |a)]\n  a)", "(let [a 1\n      b (g⟨)])⟩"),
        ("(a [b {c #{d| e}}])", "(a [b {c #{d⟨}}])⟩"),
        ("(|a)", "(⟨)⟩"),
        ("(a) (b |c)\n(d)", "(b⟨)⟩"),
        ("\r\n(a\r\n (b)\r\n |(c))", "(a\r\n (b)⟨)⟩"),
        ("(a\f(b) |c)", "(a\f(b)⟨)⟩"),
        ("(é 😀 |x)", "(é 😀⟨)⟩"),
        # What the cursor is in counts whole.
        ("(fo|o bar)", "(foo⟨)⟩"),
        ('(a "x ) | y" z)', '(a "x )  y"⟨)⟩'),
        ("(a \\)| b)", "(a \\)⟨)⟩"),
        ("fo|o", "foo"),
        ("(a)|", "(a)"),
        # Brackets in strings and comments are none; a comment does not swallow what is added.
        ("(a ; b ) |\n c)", "(a⟨)⟩"),
        ("(a ; b )\n |c)", "(a⟨)⟩"),
        ("(a ; b )\n c | d)", "(a ; b )\n c⟨)⟩"),
        # Prefixes need their form.
        ("(f '|)", "(f⟨)⟩"),
        ("(f 'a| b)", "(f 'a⟨)⟩"),
        ("(f '(a |b))", "(f '(a⟨))⟩"),
        ("(f #_|b c)", "(f⟨)⟩"),
        ("(f #_ #_ (a | b) c)", "(f⟨)⟩"),
        ("(f #_ #_ (a  b) | c)", "(f⟨)⟩"),
        ("(f ^:a |b)", "(f⟨)⟩"),
        ("(f ^{:a |1} x)", "(f⟨)⟩"),
        ("(f ^{:a |", "(f⟨)⟩"),
        ("(def ^{:doc [|]} x 1)", "(def⟨)⟩"),
        ("(f ^:a (g |x))", "(f ^:a (g⟨))⟩"),
        ("^:a (f |x)", "^:a (f⟨)⟩"),
        ("^{:a |1} x", None),
        ("#(f |x)", "#(f⟨)⟩"),
        ("#?(:clj (f |x))", "#?(:clj (f⟨))⟩"),
        ("(f @|x)", "(f⟨)⟩"),
        ("'|(a b)", None),
        # A form that the reader drops is meant without the mark that drops it.
        ("#_(a |b)", "(a⟨)⟩"),
        # In `comment` it is the form in it.
        ("(comment (x) (y |z) w)", "(y⟨)⟩"),
        ("(comment (a) | (c))", "(a)"),
        ("(comment | (c))", None),
        # Outside forms it is the form before.
        ("(a)\n\n|", "(a)"),
        ("(a) |(b)", "(a)"),
        ("|(a)", None),
        ("|", None),
        ("; only a comment |", None),
        # Text that is being written.
        ("(defn f [x]\n  (g x|", "(defn f [x]\n  (g x⟨))⟩"),
        ('(str "abc|', '(str "abc⟨")⟩'),
        ('(str "(abc\\|', '(str "(abc⟨")⟩'),
        ('(str "abc\\\\|', '(str "abc\\\\⟨")⟩'),
        ('(re #"a(b|', '(re #"a(b⟨")⟩'),
        ("(f x|\n\n(g y)", "(f x⟨)⟩"),
    ],
)
def test_in_clojure(marked: str, expected: str | None) -> None:
    assert completed(marked) == expected


@pytest.mark.parametrize(
    ("language", "marked", "expected"),
    [
        ("hy", "(f #[[a ) b]] ¦c)", "(f #[[a ) b]]⟨)⟩"),
        ("hy", "(f #[[a ¦", "(f ⟨)⟩"),
        ("scheme", "(f #| a ) ¦ |# b)", "(f⟨)⟩"),
        ("scheme", "(f #| a ) |# b¦ c)", "(f #| a ) |# b⟨)⟩"),
        ("scheme", "(f #;(a ¦b) c)", "(f #;(a⟨))⟩"),
        ("commonlisp", "(f #+(or a ¦b) c)", "(f⟨)⟩"),
        ("commonlisp", "(- (f ¦x))", "(- (f⟨))⟩"),
        ("janet", "(f @[1 ¦2])", "(f @[1⟨])⟩"),
        ("janet", "(f ``a ) ¦", "(f ⟨)⟩"),
        ("fennel", '(print "a¦', '(print "a⟨")⟩'),
        ("plaintext", "one\n\ntwo ( three¦ four\n", "two ( three"),
        ("plaintext", "one\n\n¦two", "one"),
        ("plaintext", "¦one", None),
    ],
)
def test_in_other_languages(language: str, marked: str, expected: str | None) -> None:
    assert completed(marked, language, "¦") == expected


ATOMS = st.sampled_from(["a", "foo", ":k", "1", '"s )"', '"é😀"', "\\(", "'q", "@d", "#'v"])
FORMS = st.recursive(
    ATOMS,
    lambda forms: st.tuples(
        st.sampled_from(["()", "[]", "{}"]),
        st.lists(forms, max_size=4),
        st.sampled_from([" ", "\n", " ; ) c\n", " , ", " #_ x "]),
    ).map(lambda it: it[0][0] + it[2].join(it[1]) + it[0][1]),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(FORMS, max_size=4).map("\n".join), st.integers(0, 400))
def test_of_balanced_text_every_part_is_balanced(text: str, offset: int) -> None:
    snapshot = snapshot_of(text)
    found = up_to(snapshot, offset)
    lexer = lexer_for(snapshot.language)
    assert lexer is not None
    if found is None:
        return
    assert 0 <= found.start < found.end <= len(text)
    whole = text[found.start : found.end] + found.closers
    (form,) = lexer.forms(whole, 0, len(whole))
    assert form.closed
    assert form.balanced
    assert (form.start, form.end) == (0, len(whole))


@settings(max_examples=200, deadline=None)
@given(st.text("()[]{}\"\\;'#_^ab \n|", max_size=60), st.integers(-3, 70))
@pytest.mark.parametrize(
    "language", ["clojure", "hy", "scheme", "commonlisp", "janet", "plaintext"]
)
def test_any_text_at_all_gives_a_stretch_of_it(language: str, text: str, offset: int) -> None:
    found = up_to(snapshot_of(text, language), offset)
    if found is not None:
        assert 0 <= found.start <= found.end <= len(text)
        assert found.start <= max(offset, 0)


@pytest.mark.parametrize("unit", ["(", "#_(", "^(", "[{"])
def test_deep_text_takes_no_longer_than_its_length(unit: str) -> None:
    # Quadratic, it would take minutes.
    text = unit * 20_000
    found = up_to(snapshot_of(text), len(text))
    assert found is None or found.end <= len(text)
