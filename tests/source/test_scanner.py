"""The scanner on each language's tricky text, and what must hold on any text."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nrepl_lsp.source import index
from nrepl_lsp.source.cursor import locate
from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.forms import (
    enclosing_call,
    form_around,
    form_at,
    form_before,
    forms_in,
    top_level_form,
    top_level_forms,
)
from nrepl_lsp.source.languages import LANGUAGES, for_language_id
from nrepl_lsp.source.lexer import Form, Lexer, lexer_for
from nrepl_lsp.source.namespaces import namespace_at, namespace_form
from nrepl_lsp.source.patterns import BLOCK_COMMENT_DEPTH
from nrepl_lsp.source.symbols import completion_context, prefix_at, symbol_at

from .marked import shown, snapshot_of

LISPS = [language.id for language in LANGUAGES if language.lexical is not None]

# Every sample is a text and its top-level forms, without those that the reader drops.
CLOJURE_SAMPLES = [
    ('(a "(" b) c', ['(a "(" b)', "c"]),
    (r'"a\"(" b', [r'"a\"("', "b"]),
    (r'"\\" (b)', [r'"\\"', "(b)"]),
    (r"[\( \) \; \" \\] b", [r"[\( \) \; \" \\]", "b"]),
    (r"\newline \u03A9 \o377 \é (a)", [r"\newline", r"\u03A9", r"\o377", r"\é", "(a)"]),
    (r"(\a\b)", [r"(\a\b)"]),
    ("(a ; ) comment\n b) c", ["(a ; ) comment\n b)", "c"]),
    ("#! /usr/bin/env bb )\n(a)", ["(a)"]),
    ("; (a\n(b)", ["(b)"]),
    ("#_ (a) b", ["b"]),
    ("#_#_ a b c", ["c"]),
    ("#_ #_ (a) [b] {c d}", ["{c d}"]),
    ("#_'a #_^:x b c", ["c"]),
    ("(a #_(b) c)", ["(a #_(b) c)"]),
    ("(a #_) b", ["(a #_)", "b"]),
    ("'#_ a b c", ["'#_ a b", "c"]),
    (r'#"[(]\"" b', [r'#"[(]\""', "b"]),
    ("#?(:clj (a) :cljs b) c", ["#?(:clj (a) :cljs b)", "c"]),
    ("#?@(:clj [a]) c", ["#?@(:clj [a])", "c"]),
    ("^:a ^{:b c} d e", ["^:a ^{:b c} d", "e"]),
    ("#^String a b", ["#^String a", "b"]),
    ("^String\n; between\n (a) b", ["^String\n; between\n (a)", "b"]),
    (
        '#inst "2024" #uuid "a" #foo.bar/baz {:a 1}',
        ['#inst "2024"', '#uuid "a"', "#foo.bar/baz {:a 1}"],
    ),
    ("#js #tag [a] b", ["#js #tag [a]", "b"]),
    ("#(+ % %2) #{a b} #'c #=(d)", ["#(+ % %2)", "#{a b}", "#'c", "#=(d)"]),
    ("#:a{:b 1} #::{:c 2} #::s{:d 3}", ["#:a{:b 1}", "#::{:c 2}", "#::s{:d 3}"]),
    ("##Inf ##NaN", ["##Inf", "##NaN"]),
    ("'a `(b ~c ~@d) @e", ["'a", "`(b ~c ~@d)", "@e"]),
    ("a' b'c d# ->x *y* a/b Foo. .bar", ["a'", "b'c", "d#", "->x", "*y*", "a/b", "Foo.", ".bar"]),
    ("(a)(b)[c]d{e f}", ["(a)", "(b)", "[c]", "d", "{e f}"]),
    ('a"b"c', ["a", '"b"', "c"]),
    ("a,b,,(c)", ["a", "b", "(c)"]),
    ("\ufeff(ns a)\r\n\f(b\r\n c)\r\n", ["(ns a)", "(b\r\n c)"]),
    ('(😀 "é😀(") λ', ['(😀 "é😀(")', "λ"]),
    ("(comment\n(a)\n(b)\n)\n(c)", ["(comment\n(a)\n(b)\n)", "(c)"]),
    ("((((((a))))) b) c", ["((((((a))))) b)", "c"]),
    (":a ::b :c/d 1 -2.5 0x1F 1/2 nil", [":a", "::b", ":c/d", "1", "-2.5", "0x1F", "1/2", "nil"]),
    ("", []),
    (" \n\t;\n", []),
]
HY_SAMPLES = [
    ("#[[ ( ]] (a)", ["#[[ ( ]]", "(a)"]),
    ('#[X[ ]] " ( ]X] b', ['#[X[ ]] " ( ]X]', "b"]),
    ("(a #[[ ) ]] b) c", ["(a #[[ ) ]] b)", "c"]),
    ("(a #[f-x[ {(b)} ) ]f-x]) c", ["(a #[f-x[ {(b)} ) ]f-x])", "c"]),
    ('f"a {(b "c)")} {{" d', ['f"a {(b "c)")} {{"', "d"]),
    ('(p f"a {(b "c)") :x} \\" (") d', ['(p f"a {(b "c)") :x} \\" (")', "d"]),
    ('(p rf"{(b ")")}" af"{" ) d', ['(p rf"{(b ")")}" af"{" )', "d"]),
    ('(p f"{ {"a" {1 "}"}} }") d', ['(p f"{ {"a" {1 "}"}} }")', "d"]),
    (r'b"(" r"\"(" br"(" c', ['b"("', r'r"\"("', 'br"("', "c"]),
    ("#_ #_ a b c", ["c"]),
    ("#^ int x (b)", ["#^ int x", "(b)"]),
    ("#(1 2) #{1 2} #* args #** kw", ["#(1 2)", "#{1 2}", "#* args", "#** kw"]),
    ("`(a ~b ~@c) 'd", ["`(a ~b ~@c)", "'d"]),
    ("#!/usr/bin/env hy (\n(a) ; (\n", ["(a)"]),
    ("os.path.join :kw a,b λ 1_000", ["os.path.join", ":kw", "a,b", "λ", "1_000"]),
    ("#reader (a) b", ["#reader (a)", "b"]),
]
FENNEL_SAMPLES = [
    ("#(+ $1 1) #$1 (a)", ["#(+ $1 1)", "#$1", "(a)"]),
    ("(fn [x#] `(b ,x# ,(c))) d", ["(fn [x#] `(b ,x# ,(c)))", "d"]),
    (r'"a\"(" :b {:c "}"}', [r'"a\"("', ":b", '{:c "}"}']),
    ("(a ; )\n) b", ["(a ; )\n)", "b"]),
    ("#!/usr/bin/env fennel (\n(a)", ["(a)"]),
    ("(λ [a ?b] (a.b:c)) ~= #", ["(λ [a ?b] (a.b:c))", "~=", "#"]),
    ("(a \\ b) c", ["(a \\ b)", "c"]),
]
SCHEME_SAMPLES = [
    (r"(a #\( #\) #\; #\newline #\x41) b", [r"(a #\( #\) #\; #\newline #\x41)", "b"]),
    ("#| ( #| ) |# ( |# (a)", ["(a)"]),
    ("(a #| ) |# b) c", ["(a #| ) |# b)", "c"]),
    ("#;(a) b (c #;d e) #;#;f g h", ["b", "(c #;d e)", "h"]),
    ("|a (b| |c d|e (f)", ["|a (b|", "|c d|e", "(f)"]),
    ("(a |)| b) c", ["(a |)| b)", "c"]),
    (r"a\(b (c\) d) e", [r"a\(b", r"(c\) d)", "e"]),
    (
        "#(1 2) #u8(1) #t #f #true '() `(a ,b ,@c)",
        ["#(1 2)", "#u8(1)", "#t", "#f", "#true", "'()", "`(a ,b ,@c)"],
    ),
    ("#!/usr/bin/guile -s\n( \n!#\n(a)", ["(a)"]),
    ("#! /bin/sh (\n(a)", ["(a)"]),
    ("#!r6rs (a) #:key b:", ["#!r6rs", "(a)", "#:key", "b:"]),
    ("#0=(a . #0#) b", ["#0=(a . #0#)", "b"]),
    ("#~(a #$b #$@c) d", ["#~(a #$b #$@c)", "d"]),
]
RACKET_SAMPLES = [
    ("#lang racket (\n(a)", ["(a)"]),
    ('#px"\\\\(" #rx"[(]" #"(" #rx#"(" a', ['#px"\\\\("', '#rx"[(]"', '#"("', '#rx#"("', "a"]),
    ('#<<HERE\n( " #|\nHERE\n(a)', ['#<<HERE\n( " #|\nHERE', "(a)"]),
    ("(a #<<E\n)\nEE\nE\n) b", ["(a #<<E\n)\nEE\nE\n)", "b"]),
    (
        "#hash((a . 1)) #s(b 1) #&c #'d #`(e #,f #,@g)",
        ["#hash((a . 1))", "#s(b 1)", "#&c", "#'d", "#`(e #,f #,@g)"],
    ),
    ("[a {b}] #%app", ["[a {b}]", "#%app"]),
    ("(define (f #:key [a 1]) (a #;(b c) d)) e", ["(define (f #:key [a 1]) (a #;(b c) d))", "e"]),
]
LISP_SAMPLES = [
    ("(a |b (c| d) e", ["(a |b (c| d)", "e"]),
    (r"|a\|(| b\(c d", [r"|a\|(|", r"b\(c", "d"]),
    (r"(a #\( #\Space #\)) b", [r"(a #\( #\Space #\))", "b"]),
    ("#| #| ( |# ( |# (a)", ["(a)"]),
    ("#+sbcl (a) #-(or a b) (c) d", ["#+sbcl (a)", "#-(or a b) (c)", "d"]),
    (
        '#\'a #(1 2) #2A((1) (2)) #S(a) #P"b(" #:c #.(d)',
        ["#'a", "#(1 2)", "#2A((1) (2))", "#S(a)", '#P"b("', "#:c", "#.(d)"],
    ),
    ("`(a ,b ,@c ,.d) 'e", ["`(a ,b ,@c ,.d)", "'e"]),
    ("(a [b) {c", ["(a [b)", "{c"]),
    ("a:b c::d :e 1+ #xFF #*01", ["a:b", "c::d", ":e", "1+", "#xFF", "#*01"]),
]
JANET_SAMPLES = [
    ("``a ` ( `` (b)", ["``a ` ( ``", "(b)"]),
    ("(a `)` b) c", ["(a `)` b)", "c"]),
    ("(a ``` `` ) ```) c", ["(a ``` `` ) ```)", "c"]),
    ('@[1 2] @{:a 1} @(b) @"(" @`(` c', ["@[1 2]", "@{:a 1}", "@(b)", '@"("', "@`(`", "c"]),
    ("# (a\n(b # )\n) c", ["(b # )\n)", "c"]),
    ("~(a ,b ,;c) 'd |(e $) ;f", ["~(a ,b ,;c)", "'d", "|(e $)", ";f"]),
    (":kw a/b 1e3 0xff", [":kw", "a/b", "1e3", "0xff"]),
]
SAMPLES = [
    (language_id, *sample)
    for language_id, samples in {
        "clojure": CLOJURE_SAMPLES,
        "basilisp": [
            (
                '#py [1] #b "(" #f "a{b}" #queue (c)',
                ["#py [1]", '#b "("', '#f "a{b}"', "#queue (c)"],
            )
        ],
        "edn": [('{:a #{1 2} :b #inst "x"} #_ a b', ['{:a #{1 2} :b #inst "x"}', "b"])],
        "hy": HY_SAMPLES,
        "fennel": FENNEL_SAMPLES,
        "scheme": SCHEME_SAMPLES,
        "racket": RACKET_SAMPLES,
        "commonlisp": LISP_SAMPLES,
        "janet": JANET_SAMPLES,
    }.items()
    for sample in samples
]


@pytest.mark.parametrize(("language_id", "text", "expected"), SAMPLES)
def test_top_level_forms_are_what_the_reader_would_read(
    language_id: str, text: str, expected: list[str]
) -> None:
    snapshot = snapshot_of(text, language_id)
    assert [shown(snapshot, span) for span in top_level_forms(snapshot)] == expected


@pytest.mark.parametrize(("language_id", "text", "expected"), SAMPLES)
def test_a_list_around_a_sample_ends_where_it_should(
    language_id: str, text: str, expected: list[str]
) -> None:
    if not text or text.startswith(("#!", "#lang", "\ufeff")) or text.endswith(("#", "\\")):
        return
    snapshot = snapshot_of(f"(x {text}\n) y", language_id)
    spans = [shown(snapshot, span) for span in top_level_forms(snapshot)]
    assert spans == [f"(x {text}\n)", "y"]


UNBALANCED = [
    # An open list ends where the next line begins with an open bracket.
    ("(a\n\n(b)\n(c)", ["(a", "(b)", "(c)"]),
    ("(a [b\n\n(comment\n (c)\n)", ["(a [b", "(comment\n (c)\n)"]),
    ('(a "b)\n\n(c "d")\n(e)', ['(a "b)', '(c "d")', "(e)"]),
    ("(a)\n)\n] (b)", ["(a)", "(b)"]),
    ("(let [a (b ] c) d", ["(let [a (b ] c)", "d"]),
    ("(a ] b) c", ["(a ] b)", "c"]),
    ("(a [b) c", ["(a [b)", "c"]),
    ("(a\n#?(:clj b)\n'(c", ["(a", "#?(:clj b)", "'(c"]),
    ("(", ["("]),
    ('"', ['"']),
    ("\\", ["\\"]),
    ("a '", ["a"]),
    ("^:a", []),
    ("#_", []),
    ("' ) a", ["a"]),
    ("#_(a\n(b)", ["#_(a", "(b)"]),
    ("^{:a 1}\n(b\n(c)", ["^{:a 1}", "(b", "(c)"]),
]


@pytest.mark.parametrize(("text", "expected"), UNBALANCED)
def test_text_that_does_not_balance_still_has_forms(text: str, expected: list[str]) -> None:
    snapshot = snapshot_of(text)
    assert [shown(snapshot, span) for span in top_level_forms(snapshot)] == expected


def test_a_block_comment_that_does_not_end_holds_the_rest() -> None:
    snapshot = snapshot_of("(a) #| (b)\n(c)", "scheme")
    assert [shown(snapshot, span) for span in top_level_forms(snapshot)] == ["(a)"]


def test_block_comments_nest_as_deep_as_promised() -> None:
    nested = "#|" * BLOCK_COMMENT_DEPTH + "(" + "|#" * BLOCK_COMMENT_DEPTH
    snapshot = snapshot_of(f"{nested} (a)", "commonlisp")
    assert [shown(snapshot, span) for span in top_level_forms(snapshot)] == ["(a)"]


@pytest.mark.parametrize("language_id", LISPS)
@pytest.mark.parametrize(
    "hostile",
    [
        *("(" * 20_000, ")" * 20_000, "(" * 10_000 + "]" * 10_000, "([{" * 7_000, "([)" * 7_000),
        *("(\n" * 10_000, "#|" * 10_000, "#_" * 10_000, "'" * 20_000, '"\\' * 10_000),
        *('f"{' * 7_000, "#[" * 10_000, "`" * 20_000 + "a", "#<<a\n" * 4_000, "|" * 20_001),
    ],
    ids=lambda text: repr(text[:6]),
)
def test_hostile_text_takes_time_in_proportion_to_its_length(
    language_id: str, hostile: str
) -> None:
    snapshot = snapshot_of(hostile, language_id)
    assert len(top_level_forms(snapshot)) <= len(hostile)
    form_around(snapshot, len(hostile))
    form_at(snapshot, len(hostile) // 2)


PIECES = [
    *("(", ")", "[", "]", "{", "}", '"', "\\", ";", "#", "'", "`", "~", "@", "^", "|", ","),
    *("\n", "\n(", "\r\n", "\r", " ", "\f", "a", "b", "f", "1", ":", "é", "😀", "_", "ns"),
    *("#_", "#|", "|#", "#;", "#<<a\n", "\na\n", "#[", "#[[", "]]", 'f"{', '"a"', "(a b)", "`a`"),
    *("#?(", "(comment ", "(ns a)", "^:b ", "#+", "\\(", "#\\(", "#!", "[(a)]", "{([a])}"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
LANGUAGE_IDS = st.sampled_from(LISPS)


@settings(max_examples=400, deadline=None)
@given(TEXTS, LANGUAGE_IDS)
def test_top_level_forms_are_in_order_and_lose_nothing(text: str, language_id: str) -> None:
    snapshot = snapshot_of(text, language_id)
    lexer, found = lexer_for(snapshot.language), snapshot.index
    assert lexer is not None
    assert found is not None
    end = 0
    for start, stop in zip(found.starts, found.ends, strict=True):
        assert end <= start < stop <= len(text)
        end = stop
    # Between the forms there is nothing that the reader would keep.
    pairs = zip(found.starts, found.ends, strict=True)
    bounds = [0, *(place for pair in pairs for place in pair), len(text)]
    for start, stop in zip(bounds[::2], bounds[1::2], strict=True):
        kinds = {token.kind for token in lexer.tokens(text, start, stop)}
        assert kinds <= {"comment", "block", "close", "prefix", "double", "discard", "junk"} or (
            # A dangling prefix takes the forms that it did find with it.
            kinds & {"double", "discard"}
        )


@settings(max_examples=300, deadline=None)
@given(TEXTS, LANGUAGE_IDS)
def test_tokens_and_white_space_make_up_the_text(text: str, language_id: str) -> None:
    lexer = lexer_for(for_language_id(language_id))
    assert lexer is not None
    end = 0
    for token in lexer.tokens(text, 0, len(text)):
        assert text[end : token.start].strip(" \t\r\n\f,\ufeff") == ""
        assert end <= token.start < token.end
        end = token.end
    assert text[end:].strip(" \t\r\n\f,\ufeff") == ""


def check_nesting(lexer: Lexer, text: str, forms: list[Form], start: int, end: int) -> None:
    for form in forms:
        assert start <= form.start <= form.body < form.end <= end
        assert form.parts[-1].end == form.end
        assert all(form.start <= part.start < part.end <= form.end for part in form.parts)
        start = form.end


def lists_in(
    lexer: Lexer, text: str, position: int, end: int, stops: str = ""
) -> list[tuple[int, int, bool]]:
    """Every list with its end and whether it is closed, found from the outside in."""
    found = []
    for token in lexer.tokens(text, position, end, stops):
        if token.kind == "list":
            found.append((token.start, token.end, token.closed))
            inner = stops + lexer.closers_of(text, [token.start])
            found += lists_in(lexer, text, token.start + 1, token.end, inner)
    return found


@settings(max_examples=400, deadline=None)
@given(TEXTS, LANGUAGE_IDS)
def test_the_lists_open_at_a_place_are_those_found_from_the_outside(
    text: str, language_id: str
) -> None:
    # Whether `@#` is the end of a symbol or of a prefix is a guess inside lists.
    assume(not re.search(r"['@*^_&~$+=]#", text))
    snapshot = snapshot_of(text, language_id)
    for offset in range(len(text) + 1):
        cursor = locate(snapshot, offset)
        assert cursor is not None
        region = cursor.region
        expected = tuple(
            start
            for start, end, closed in lists_in(cursor.lexer, text, region.start, region.end)
            if start < offset and (offset < end or (offset == end and not closed))
        )
        assert cursor.openers == expected
        for depth in range(cursor.depth + 1):
            forms = list(cursor.forms(depth))
            check_nesting(cursor.lexer, text, forms, region.start, region.end)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from([*LISPS, "plaintext"]), st.data())
def test_no_question_fails_or_leaves_the_text(
    text: str, language_id: str, data: st.DataObject
) -> None:
    snapshot = snapshot_of(text, language_id)
    for offset in range(-1, len(text) + 2):
        inside = max(0, min(offset, len(text)))
        at, around = form_at(snapshot, offset), form_around(snapshot, offset)
        top, before = top_level_form(snapshot, offset), form_before(snapshot, offset)
        for span in (at, around, top, before):
            assert span is None or 0 <= span.start < span.end <= len(text)
        assert before is None or before.end <= max(inside, 0) or language_id == "plaintext"
        if around is not None:
            assert around.start < inside
        call = enclosing_call(snapshot, offset)
        if call is not None:
            assert call.span.start < call.head_span.start < call.span.end <= len(text)
            assert text[call.head_span.start : call.head_span.end] == call.head
        symbol, prefix = symbol_at(snapshot, offset), prefix_at(snapshot, offset)
        if symbol is not None:
            assert text[symbol.span.start : symbol.span.end] == symbol.text != ""
        if prefix is not None:
            assert prefix.replace.start <= inside <= prefix.replace.end
            assert text[prefix.replace.start : inside] == prefix.text
        context = completion_context(snapshot, offset)
        assert context is None or context.count("__prefix__") == 1
        namespace_at(snapshot, offset)
    namespace_form(snapshot)
    ends = st.integers(-1, len(text) + 1)
    start, end = data.draw(ends), data.draw(ends)
    for span in forms_in(snapshot, start, end):
        assert start <= span.start < span.end <= end


EDITS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 9), st.integers(0, 2), st.integers(0, 9), TEXTS),
    min_size=1,
    max_size=5,
)


@settings(max_examples=500, deadline=None)
@given(TEXTS, TEXTS, LANGUAGE_IDS, EDITS, st.booleans())
def test_an_index_brought_up_to_date_is_the_index_made_anew(
    text: str,
    more: str,
    language_id: str,
    edits: list[tuple[int, int, int, int, str]],
    look_each_time: bool,
) -> None:
    document = Document("file:///a", language_id, 1, f"{text}\n(x)\n{more}\n(y (z))\n{text}")
    assert document.snapshot().index is not None
    for line, column, lines, end_column, new in edits:
        document.edit(line, column, line + lines, end_column, new, "utf-16")
        if look_each_time:
            assert_up_to_date(document.snapshot())
    assert_up_to_date(document.snapshot())


def assert_up_to_date(snapshot: Snapshot) -> None:
    lexer = lexer_for(snapshot.language)
    assert lexer is not None
    assert snapshot.index == index.build(lexer, snapshot.text)


def test_a_quote_before_a_comment_does_not_hide_it() -> None:
    text = "('#!(\n x)"
    cursor = locate(snapshot_of(text, "clojure"), text.index("x"))
    assert cursor is not None
    assert cursor.openers == (0,)
