"""Symbols, prefixes and completion contexts at the cursor."""

import pytest

from nrepl_lsp.source.symbols import (
    CONTEXT_LIMIT,
    completion_context,
    prefix_at,
    symbol_at,
)

from .marked import at, shown, snapshot_of

BAR = "‸"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(fo|o)", "foo"),
        ("(|foo)", "foo"),
        ("(foo|)", "foo"),
        ("(a.b/c|d e)", "a.b/cd"),
        ("'fo|o", "foo"),
        ("|'foo", "foo"),
        ("'|foo", "foo"),
        ("#'fo|o", "foo"),
        ("#|'foo", "foo"),
        ("@fo|o", "foo"),
        ("~@fo|o", "foo"),
        ("`|~foo", "foo"),
        ("^Str|ing x", "String"),
        ("^|String x", "String"),
        ("#_fo|o", "foo"),
        ("foo'|", "foo'"),
        ("x#|", "x#"),
        (".toStr|ing", ".toString"),
        ("Foo.|", "Foo."),
        ("->|>", "->>"),
        ("(a)|b", "b"),
        ("a|(b)", "a"),
        ("λ|", "λ"),
        ("a |-", "-"),
        ("#?(:clj fo|o)", "foo"),
        ("(a (b |c", "c"),
        ("foo|", "foo"),
        ("; x\n|foo", "foo"),
    ],
)
def test_the_symbol_at_the_cursor(text: str, expected: str) -> None:
    snapshot, offset = at(text)
    symbol = symbol_at(snapshot, offset)
    assert symbol is not None
    assert (symbol.text, symbol.kind) == (expected, "symbol")
    assert shown(snapshot, symbol.span) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("(:fo|o m)", ":foo"), ("::a/b|", "::a/b"), ("^:priv|ate x", ":private")],
)
def test_keywords_are_told_from_symbols(text: str, expected: str) -> None:
    symbol = symbol_at(*at(text))
    assert symbol is not None
    assert (symbol.text, symbol.kind) == (expected, "keyword")


@pytest.mark.parametrize(
    "text",
    [
        *('"fo|o"', "; fo|o", "; foo|", "1|2", "-1|.5", "1/|2", r"\new|line", r"\a|", r"(\|a)"),
        *("( | )", "|", "(|)", '#inst| "x"', '#in|st "x"', '#"fo|o"', "' |"),
        *("\\u03|A9", "#! fo|o", "(a) | b", "'|", "#|", '"foo|'),
    ],
)
def test_there_is_no_symbol_at_the_cursor(text: str) -> None:
    assert symbol_at(*at(text)) is None


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        ("hy", "(os.path.jo‸in x)", "os.path.join"),
        ("hy", "(a ~@b‸)", "b"),
        ("hy", "#^ in‸t x", "int"),
        ("hy", '(f"a {b‸}")', None),
        ("hy", "#[[ fo‸o ]]", None),
        ("fennel", "(a.b:c‸ d)", "a.b:c"),
        ("fennel", "(#fo‸o)", "foo"),
        ("scheme", "(a |b ‸c| d)", "|b c|"),
        ("scheme", "(#\\a‸)", None),
        ("scheme", "#| a‸ |#", None),
        ("scheme", "(#t‸)", None),
        ("scheme", "(call/cc‸ 1+)", "call/cc"),
        ("scheme", "(1+‸ 2)", "1+"),
        ("scheme", "(- 12‸)", None),
        ("scheme", "'fo‸o", "foo"),
        ("racket", "(#%app‸ f)", "#%app"),
        ("racket", '#rx"a‸"', None),
        ("commonlisp", "(cl:ca‸r x)", "cl:car"),
        ("commonlisp", "#'ca‸r", "car"),
        ("janet", "(string/fo‸rmat x)", "string/format"),
        ("janet", "(map |(+ $‸ 1))", "$"),
        ("janet", "`fo‸o`", None),
        ("janet", ";arg‸s", "args"),
        ("plaintext", "see os.pa‸th now", "os.path"),
        ("plaintext", "a ‸ b", None),
        ("plaintext", "a‸", "a"),
        ("plaintext", "a . ‸", None),
    ],
)
def test_the_symbol_at_the_cursor_in_other_languages(
    language_id: str, text: str, expected: str | None
) -> None:
    symbol = symbol_at(*at(text, language_id, BAR))
    assert (symbol.text if symbol else None) == expected


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [("racket", "#:ke‸y", "#:key"), ("commonlisp", ":ke‸y", ":key"), ("scheme", "key:‸", "key:")],
)
def test_keywords_of_other_languages(language_id: str, text: str, expected: str) -> None:
    symbol = symbol_at(*at(text, language_id, BAR))
    assert symbol is not None
    assert (symbol.text, symbol.kind) == (expected, "keyword")


@pytest.mark.parametrize(
    ("text", "prefix", "replace"),
    [
        ("(ma|p x)", "ma", "map"),
        ("(|map x)", "", "map"),
        ("(map| x)", "map", "map"),
        ("(str/jo|", "str/jo", "str/jo"),
        ("(.toS|)", ".toS", ".toS"),
        ("'ma|p", "ma", "map"),
        ("'|map", "", "map"),
        ("|'map", "", ""),
        ("#'m|", "m", "m"),
        ("@m|", "m", "m"),
        ("(:ke|y m)", ":ke", ":key"),
        ("(|)", "", ""),
        ("( | )", "", ""),
        ("|", "", ""),
        ("(a)|", "", ""),
        ('"a"|', "", ""),
        ('|"a"', "", ""),
        ("'|", "", ""),
        ("|12", "", ""),
        (r"|\a", "", ""),
        ("(a) ma| ; x", "ma", "ma"),
        ("(é😀|a", "é😀", "é😀a"),
        ("(a)b|", "b", "b"),
        ("(a) ^{:b c|", "c", "c"),
    ],
)
def test_what_has_been_typed_of_a_symbol(text: str, prefix: str, replace: str) -> None:
    snapshot, offset = at(text)
    found = prefix_at(snapshot, offset)
    assert found is not None
    assert found.text == prefix
    assert shown(snapshot, found.replace) == replace


@pytest.mark.parametrize(
    "text",
    [
        *('"a|b"', '"a|', "; a|", "; |", "12|", "-1.|", r"\ne|w", r"\n|", "#ins|t x", "#inst|"),
        *('#"a|"', "#|'a", "~|@a", "(; a|\n)", "#|_"),
    ],
)
def test_where_no_symbol_can_stand_there_is_no_prefix(text: str) -> None:
    assert prefix_at(*at(text)) is None


def test_the_prefix_in_plain_text_is_the_part_of_a_word() -> None:
    snapshot, offset = at("some wo|rd", "plaintext")
    found = prefix_at(snapshot, offset)
    assert found is not None
    assert (found.text, shown(snapshot, found.replace)) == ("wo", "word")
    empty = prefix_at(*at("a  |  b", "plaintext"))
    assert empty is not None
    assert (empty.text, *empty.replace) == ("", 3, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a) (let [x 1] (fo|o x)) (b)", "(let [x 1] (__prefix__ x))"),
        ("(a |)", "(a __prefix__)"),
        ("(a :k|)", "(a __prefix__)"),
        ("fo|o", "__prefix__"),
        ("(comment (a fo|o) (b))", "(a __prefix__)"),
        ("#_(a fo|o)", "(a __prefix__)"),
        ("'(a fo|)", "'(a __prefix__)"),
        ("(a (fo|)", None),
        ("(a [fo|)) (b)", None),
        ('(a "fo|")', None),
        ("(a) | (b)", None),
        ("|", None),
    ],
)
def test_the_completion_context(text: str, expected: str | None) -> None:
    assert completion_context(*at(text)) == expected


def test_a_long_completion_context_is_not_given() -> None:
    filler = "x" * CONTEXT_LIMIT
    assert completion_context(*at(f"(a |b {filler})")) is None


def test_plain_text_has_no_completion_context() -> None:
    assert completion_context(snapshot_of("abc", "plaintext"), 1) is None
