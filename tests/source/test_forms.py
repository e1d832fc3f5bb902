"""Which form is meant at the cursor, marked `|` (or `‸` where `|` is syntax)."""

from collections.abc import Iterator
from typing import Any

import pytest

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import (
    DEPTH_LIMIT,
    enclosing_call,
    form_around,
    form_at,
    form_before,
    forms_in,
    top_level_form,
    top_level_forms,
)
from nrepl_lsp.source.lexer import Form, Lexer

from .marked import at, shown, snapshot_of

LISP_BAR = {"commonlisp", "scheme", "racket", "janet"}


def marked(text: str, language_id: str) -> tuple[Snapshot, int]:
    return at(text, language_id, "‸" if language_id in LISP_BAR else "|")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a b)|", "(a b)"),
        ("|(a b)", "(a b)"),
        ("(|a b)", "a"),
        ("(a| b)", "a"),
        ("(a |b)", "b"),
        ("(aa b|b c)", "bb"),
        ("(a b|)", "b"),
        ("(a (b)|)", "(b)"),
        ("(a (b|))", "b"),
        ("(a  |  b)", "(a    b)"),
        ("(|)", "()"),
        ("(a)|(b)", "(a)"),
        ("a|'b", "a'b"),
        ("|'(a)", "'(a)"),
        ("'|(a)", "'(a)"),
        ("('|a b)", "'a"),
        ("'(a |  b)", "'(a   b)"),
        ("#(+ 1 |  %)", "#(+ 1   %)"),
        ("#|(+ 1 %)", "#(+ 1 %)"),
        ("#{a |  b}", "#{a   b}"),
        ("(x ^{:a |  1} y)", "{:a   1}"),
        ("(x ^{:a 1}| y)", "{:a 1}"),
        ("(x ^{:a 1} y|)", "^{:a 1} y"),
        ("(x |^{:a 1} y)", "^{:a 1} y"),
        ("(x ^:a |   y)", "^:a    y"),
        ("#?(:clj |(a) :cljs b)", "(a)"),
        ("#?(:clj a  |  :cljs b)", "#?(:clj a    :cljs b)"),
        ('#inst| "2024"', '#inst "2024"'),
        ("(x @a|)", "@a"),
        ("(x #_(a |  b))", "(a   b)"),
        ("(x #_a| b)", "a"),
        ("(x #_|a b)", "a"),
        ("(x |#_a b)", "a"),
        ("(x #_ #_ a| b)", "a"),
        ("(x #_ #_ a b|)", "b"),
        ("#_(a)|", "(a)"),
        ('(a "b| (c")', '"b (c"'),
        ('(a "b"|)', '"b"'),
        (r"(a \|()", r"\("),
        ("(a ; b| c\n d)", "(a ; b c\n d)"),
        # Between top-level forms.
        ("(a)  |", "(a)"),
        ("(a) ; note|", "(a)"),
        ("  |  (a)", "(a)"),
        ("(a)\n|\n(b)", None),
        ("(a)\n; note|\n(b)", None),
        ("#_(a)  |", "(a)"),
        ("|", None),
        # Not balanced.
        ("(a (b |  ", "(b"),
        ("(a [b |) c", "[b"),
        ("(a\n  b|\n(c)", "b"),
        ("(a\n\n|(c)", "(c)"),
        ('(a "b|', '"b'),
        ("^{:a 1} |\n(b", "^{:a 1}"),
        ("(a '|)", "(a ')"),
        (")|", None),
    ],
)
def test_the_form_at_the_cursor(text: str, expected: str | None) -> None:
    snapshot, offset = at(text)
    assert shown(snapshot, form_at(snapshot, offset)) == expected


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        ("hy", '(p f"a {(b| c)}" d)', 'f"a {(b c)}"'),
        ("hy", "(p #[[ ( |]] d)", "#[[ ( ]]"),
        ("hy", "(p #[| d", "#[ d"),
        ("hy", "(p #* |args)", "#* args"),
        ("fennel", "(map #(+ $1 |  2) xs)", "#(+ $1   2)"),
        ("scheme", "(a #;(b ‸ c) d)", "(b  c)"),
        ("scheme", "(a #\\(‸ b)", "#\\("),
        ("scheme", "(a #| ( ‸ |# b)", "(a #| (  |# b)"),
        ("commonlisp", "(a |b (‸ c| d)", "|b ( c|"),
        ("commonlisp", "#+sbcl (a  ‸ b)", "#+sbcl (a   b)"),
        ("racket", "(a #<<X\n(‸\nX\n)", "#<<X\n(\nX"),
        ("janet", "(a `( ‸ ` b)", "`(  `"),
        ("janet", "(a @[1 ‸ 2] b)", "@[1  2]"),
        ("janet", "(map |(+ $ ‸ 1) xs)", "|(+ $  1)"),
    ],
)
def test_the_form_at_the_cursor_in_other_languages(
    language_id: str, text: str, expected: str
) -> None:
    snapshot, offset = marked(text, language_id)
    assert shown(snapshot, form_at(snapshot, offset)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a b)|", "(a b)"),
        ("(a b) |", "(a b)"),
        ("(a b)\n\n|", "(a b)"),
        ("(a b) ; c|", "(a b)"),
        ("(a b| c)", "b"),
        ("(a b |c)", "b"),
        ("(a bb c|c)", "bb"),
        ("(a (b) |)", "(b)"),
        ("(|a)", None),
        ("(a #(b)|)", "#(b)"),
        ("(a ^:b| c)", ":b"),
        ("(a ^:b c|)", "^:b c"),
        ("(x #_a | b)", "a"),
        ("(a) b|b", "(a)"),
        ("(a) (b |", "b"),
        ('(a "b|c")', "a"),
        ("|(a)", None),
        ("(a (b\n\n|(c)", None),
        ("(a\n'|(b)", None),
    ],
)
def test_the_form_before_the_cursor(text: str, expected: str | None) -> None:
    snapshot, offset = at(text)
    assert shown(snapshot, form_before(snapshot, offset)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a b| c)", "(a b c)"),
        ("(a [b |] c)", "[b ]"),
        ("|(a)", None),
        ("(a)|", None),
        ("(a (b)| c)", "(a (b) c)"),
        ("^{:a |1} (b)", "{:a 1}"),
        ("^{:a 1} (b |)", "^{:a 1} (b )"),
        ("^a(b |)", "^a(b )"),
        ("'(a |)", "'(a )"),
        ("(a (b |  ", "(b"),
        ("(((|)))", "()"),
        ("(x) ^{:a |1}", "{:a 1}"),
        ("(x ^{:a |1})", "{:a 1}"),
    ],
)
def test_the_list_around_the_cursor(text: str, expected: str | None) -> None:
    snapshot, offset = at(text)
    assert shown(snapshot, form_around(snapshot, offset)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a (b |c)) (d)", "(a (b c))"),
        ("(a)| (b)", "(a)"),
        ("(a) | (b)", "(a)"),
        ("(a)\n|\n(b)", "(b)"),
        ("(a)\n\n; about b|\n(b)", "(b)"),
        ("(a)\n\n|", "(a)"),
        ("; only|", None),
        ("'|a", "'a"),
        ("#_(a |b)", "(a b)"),
        ("(comment (a |b) c)", "(a b)"),
        ("(comment\n  (a)\n  |(b))", "(b)"),
        ("(comment\n  (a) |\n  (b))", "(a)"),
        ("(comment\n  (a)\n  |\n  (b))", "(b)"),
        ("(comment\n  (a)\n  |)", "(a)"),
        ("(comment (a) 'b| c)", "'b"),
        ("(com|ment (a))", "(comment (a))"),
        ("|(comment (a))", "(comment (a))"),
        ("(comment (a))|", "(comment (a))"),
        ("(comment |)", "(comment )"),
        ("(comment (comment (a |b)))", "(a b)"),
        ("(comment (a) #_(b |c))", "(b c)"),
        ("(comment (a |", "(a"),
        ("(commentary (a |b))", "(commentary (a b))"),
        ("'(comment (a |b))", "'(comment (a b))"),
        ("(|)", "()"),
        ("(a\n|\n(b)", "(a"),
        ("^{:a |1}\n(b", "^{:a 1}"),
    ],
)
def test_the_top_level_form(text: str, expected: str | None) -> None:
    snapshot, offset = at(text)
    assert shown(snapshot, top_level_form(snapshot, offset)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("«(a) 'b» c", ["(a)", "'b"]),
        ("(a) «(b) (c» d)", ["(b)"]),
        ("(a [b «c] d» e)", ["c", "d"]),
        ("(aa «bb c»c)", ["bb"]),
        ("(a«a bb c»)", ["bb", "c"]),
        ('(a "x« y" b» c)', ["b"]),
        ("(a ; x« (y)\n b» c)", ["b"]),
        ("«#_(a) b»", ["b"]),
        ("a«»", []),
        ("«  »", []),
        ("'«(a)»", ["(a)"]),
    ],
)
def test_the_whole_forms_in_a_selection(text: str, expected: list[str]) -> None:
    start, end = text.index("«"), text.index("»") - 1
    snapshot = snapshot_of(text.replace("«", "").replace("»", ""))
    spans = forms_in(snapshot, start, end)
    assert [shown(snapshot, span) for span in spans] == expected


def test_a_selection_whose_end_is_before_its_start_has_no_forms() -> None:
    assert forms_in(snapshot_of("(a) (b)"), 5, 1) == []


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("(a |b c)", "a"),
        ("(a b c |)", "a"),
        ("(a| b)", "a"),
        ("(|a b)", "a"),
        ("(a |", "a"),
        ("(a [b |c] d)", "a"),
        ("(a {:b |c} d)", "a"),
        ("(a (:b |c) d)", "a"),
        ("(a ((b) |c) d)", "a"),
        ("(a '(b |c) d)", "a"),
        ("(a (1 |))", "a"),
        ("(a #(b c |))", "b"),
        ('(a b "c|")', "a"),
        ("(#_a b |c)", "b"),
        ("(a ^:m b |c)", "a"),
        ("(a ^:m (b |c))", "b"),
        ("(a/b.c |x)", "a/b.c"),
        ("(.m o |x)", ".m"),
    ],
)
def test_the_call_around_the_cursor(text: str, head: str) -> None:
    snapshot, offset = at(text)
    call = enclosing_call(snapshot, offset)
    assert call is not None
    assert call.head == shown(snapshot, call.head_span) == head


@pytest.mark.parametrize("opening", ["(", "[", "'(", "^:a [", "^{:a "])
def test_only_so_many_lists_are_looked_through_for_a_call(
    opening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is read to the text's end, and people hold keys down."""
    read, forms = [], Lexer.forms

    def counted(*given: Any) -> Iterator[Form]:
        read.append(given)
        return forms(*given)

    monkeypatch.setattr(Lexer, "forms", counted)
    snapshot, offset = at("(f " + opening * 1000 + "|")

    assert enclosing_call(snapshot, offset) is None
    assert len(read) <= 3 * DEPTH_LIMIT


def test_a_call_is_found_around_some_lists() -> None:
    call = enclosing_call(*at("(f " + "[(" * 20 + "|"))
    assert call is not None
    assert call.head == "f"


@pytest.mark.parametrize("text", ["|(a)", "(a)|", "[a |b]", "(|)", "'(a |b)", "a |", "(#_a |)"])
def test_there_is_no_call_around_the_cursor(text: str) -> None:
    assert enclosing_call(*at(text)) is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_no_form_reaches_over_a_line_that_begins_another(end: str) -> None:
    snapshot = snapshot_of(f"(defn a [{end}(defn b [] 1){end}(defn c [] 2)")
    spans = top_level_forms(snapshot)
    assert [shown(snapshot, span) for span in spans] == [
        "(defn a [",
        "(defn b [] 1)",
        "(defn c [] 2)",
    ]


def test_the_span_of_a_call_holds_its_prefixes() -> None:
    snapshot, offset = at("(x #(a |b))")
    call = enclosing_call(snapshot, offset)
    assert call is not None
    assert shown(snapshot, call.span) == "#(a b)"


PLAIN = "first line\n  second |line  \n\nthird\r\n"


def test_in_plain_text_forms_are_lines_and_paragraphs() -> None:
    snapshot, offset = at(PLAIN, "plaintext")
    assert shown(snapshot, form_at(snapshot, offset)) == "second line"
    assert shown(snapshot, form_before(snapshot, offset)) == "second"
    assert shown(snapshot, top_level_form(snapshot, offset)) == "first line\n  second line"
    spans = top_level_forms(snapshot)
    assert [shown(snapshot, span) for span in spans] == ["first line\n  second line", "third"]
    assert form_around(snapshot, offset) is None
    assert enclosing_call(snapshot, offset) is None


def test_on_a_blank_line_of_plain_text_there_is_no_form() -> None:
    snapshot, offset = at("a\n  |\nb", "plaintext")
    assert form_at(snapshot, offset) is None
    assert top_level_form(snapshot, offset) is None


def test_a_selection_of_plain_text_is_taken_without_the_space_around_it() -> None:
    snapshot = snapshot_of("a  b c  d", "plaintext")
    assert [shown(snapshot, span) for span in forms_in(snapshot, 1, 8)] == ["b c"]
    assert forms_in(snapshot, 1, 3) == []


def test_offsets_outside_the_text_are_clamped_to_it() -> None:
    snapshot = snapshot_of("(a) (b)")
    assert form_at(snapshot, -5) == (0, 3)
    assert form_at(snapshot, 99) == (4, 7)
    assert form_at(snapshot_of("a", "plaintext"), 99) == (0, 1)
