"""Values in one line of so many columns, the kind of value visible."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.lsp.showing.columns import cut_to, width_of
from nrepl_lsp.lsp.showing.short_form import one_line, short_form

NUMBERS = " ".join(map(str, range(100)))
ENTRIES = ", ".join(f":k{number} {number}" for number in range(12))
FUNCTION = '#object[user$f 0x6d1e "user$f@6d1e"]'


@pytest.mark.parametrize(
    "value",
    [
        "nil",
        "3",
        "[1 2 3]",
        "#'user/f",
        '"a b"',
        "(1,)",
        "['a b', 'c']",
        "{:a 1, :b [2 3]}",
        "#{1 2}",
        "",
        "#py [1 2]",
        '#inst "2020-01-01T00:00:00.000-00:00"',
        "\\(",
        "##Inf",
        "#object[Promise [object Promise]]",
    ],
)
def test_what_fits_stays_as_it_is(value: str) -> None:
    assert short_form(value, 40) == value


@pytest.mark.parametrize(
    ("value", "short"),
    [
        (f"[{NUMBERS}]", "[0 1 2 3 4 5 6 7 8 9 10 11 12 …] (100)"),
        (f"({NUMBERS})", "(0 1 2 3 4 5 6 7 8 9 10 11 12 …) (100)"),
        (f"#{{{NUMBERS}}}", "#{0 1 2 3 4 5 6 7 8 9 10 11 12 …} (100)"),
        (f"#py [{NUMBERS}]", "#py [0 1 2 3 4 5 6 7 8 9 10 11 …] (100)"),
        (f"@[{NUMBERS}]", "@[0 1 2 3 4 5 6 7 8 9 10 11 12 …] (100)"),
        (f"'({NUMBERS})", "'(0 1 2 3 4 5 6 7 8 9 10 11 12 …) (100)"),
        # Left out by the printer itself.
        (f"({NUMBERS} ...)", "(0 1 2 3 4 5 6 7 8 9 10 11 12 …) (100+)"),
        # Maps count entries, with commas (Clojure) and without (Basilisp).
        (f"{{{ENTRIES}}}", "{:k0 0, :k1 1, :k2 2, :k3 3, …} (12)"),
        (f"{{{ENTRIES.replace(',', '')}}}", "{:k0 0 :k1 1 :k2 2 :k3 3 :k4 4 …} (12)"),
        (f"#user.Point{{{ENTRIES}}}", "#user.Point{:k0 0, :k1 1, :k2 2, …} (12)"),
        (f"#:user{{{ENTRIES}}}", "#:user{:k0 0, :k1 1, :k2 2, …} (12)"),
        (f"@{{{ENTRIES.replace(',', '')}}}", "@{:k0 0 :k1 1 :k2 2 :k3 3 :k4 4 …} (12)"),
        # Python's.
        (
            "{'a': 1, 'b': [1, 2, 3, 4, 5, 6, 7], 'c d': 3, 'e': 4}",
            "{'a': 1, 'b': [1, 2, 3, 4, 5, …], …} (4)",
        ),
        ("{" + ", ".join(map(str, range(30))) + "}", "{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …} (30)"),
        (
            "['a b', 'c, d', " + ", ".join("xyz") * 9 + "]",
            "['a b', 'c, d', x, y, zx, y, zx, …] (21)",
        ),
        # What is cut inside says so there.
        (
            '{:a {:b "long long long long long long long long"}, :c 2}',
            '{:a {:b "long long long long …"}, …} (2)',
        ),
        ("[[" + NUMBERS + "] [2] [3]]", "[[0 1 2 3 4 5 6 7 8 9 10 11 12 …] …] (3)"),
        ("[[" + NUMBERS + "]]", "[[0 1 2 3 4 5 6 7 8 9 10 11 12 …]] (1)"),
        ('"' + "abc" * 400 + '"', '"abcabcabcabcabcabc…" (1,200 characters)'),
        ('"\\"' + "é\\n" * 400 + '"', '"\\"é\\né\\né\\né\\né\\né\\n…" (801 characters)'),
        ("1" * 200, "1" * 26 + "… (200 digits)"),
        ("x" * 200, "x" * 39 + "…"),
        ("line\n" * 30, "line line line line line lin… (31 lines)"),
        (f"[{FUNCTION} {FUNCTION} {FUNCTION}]", "[#function[user/f] …] (3)"),
        (
            '[#inst "2020-01-01" #inst "2020-01-02" #inst "2020-01-03"]',
            '[#inst "2020-01-01" …] (3)',
        ),
        # Characters that are brackets do not count as such.
        ('[\\( \\) \\[ \\" ' + "\\space " * 20 + "]", '[\\( \\) \\[ \\" \\space \\space …] (24)'),
        ("[" + "日本 " * 30 + "]", "[日本 日本 日本 日本 日本 日本 …] (30)"),
        (f"[{NUMBERS[:200]}… 1,000 more characters", "[0 1 2 3 4 5 6 7 8 9 10 11 12 …] (69+)"),
        ('"abc… 1,000 more characters', '"abc…" (1,003 characters)'),
        ("(((((((((" + NUMBERS + ")))))))))", "(((((((((0 1 2 3 4 5 6 7 8 9 …)))))) (1)"),
    ],
)
def test_a_long_value_shows_its_kind_and_how_much_there_is_of_it(value: str, short: str) -> None:
    assert short_form(value, 40) == short
    assert width_of(short) <= 40


@pytest.mark.parametrize(
    ("value", "short"),
    [
        (FUNCTION, "#function[user/f]"),
        (
            '#object[my_app.core$valid_QMARK_ 0x6 "my_app.core$valid_QMARK_@6"]',
            "#function[my-app.core/valid?]",
        ),
        ('#object[user$eval12$fn__13 0x6 "user$eval12$fn__13@6"]', "#function[user/fn]"),
        ('#object[user$f$g__7 0x6 "user$f$g__7@6"]', "#function[user/f/g]"),
        (
            '#object[java.util.Map$Entry 0x6 "java.util.Map$Entry@6"]',
            "#object[java.util.Map$Entry]",
        ),
        ('#object[java.lang.Object 0x6 "java.lang.Object@6"]', "#object[java.lang.Object]"),
        ('#object[java.io.File 0x6 "/tmp/a b"]', '#object[java.io.File "/tmp/a b"]'),
        (
            "#object[clojure.lang.Atom 0x5 {:status :ready, :val 1}]",
            "#object[Atom {:status :ready, :val 1}]",
        ),
        ("<function user.f at 0x7f12345678>", "<function user.f>"),
        ("#<Foo object at 0x7F12345678>", "#<Foo object>"),
        ("{:a\n   1,\r\n :b 2}", "{:a 1, :b 2}"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\tb\x00c\u2028d\udcff", "a b\ufffdc\ufffdd\ufffd"),
        ("\u202eabc", "abc"),
    ],
)
def test_what_tells_nobody_anything_is_left_out(value: str, short: str) -> None:
    assert short_form(value, 80) == short


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("naïve…", 6),
        ("日本", 4),
        ("e\u0301", 1),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 2),
        ("\U0001f1e9\U0001f1ea", 2),
    ],
)
def test_columns(text: str, width: int) -> None:
    assert width_of(text) == width


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("abcd", 0, "…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("ae\u0301e\u0301e\u0301", 3, "ae\u0301…"),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467ab",
            3,
            "\U0001f468\u200d\U0001f469\u200d\U0001f467…",
        ),
    ],
)
def test_characters_are_cut_whole(text: str, width: int, cut: str) -> None:
    assert cut_to(text, width) == cut


HOSTILE = [
    '"',
    "(",
    "'",
    "\\",
    "<a ",
    "#a ",
    "{a ",
    "\n",
    "日",
    " ",
    "e\u0301",
    '#object[a 0x1 "',
    '"\\',
    "#<a ",
    "'a",
    "…",
    "[1 2] ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_value_costs_little(piece: str) -> None:
    value = piece * (256 * 1024 // len(piece))
    short_form("日", 80)  # What is imported for the first of these.
    start = time.perf_counter()
    short = short_form(value, 80)
    assert time.perf_counter() - start < 0.5
    assert width_of(short) <= 80


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*HOSTILE, ")", "]", "}", "[", "{", ",", " 1", "…", "... ", "\ud800", ": "])
        | st.text(max_size=3),
        max_size=40,
    ).map("".join),
    st.integers(10, 60),
)
def test_any_text_is_one_line_that_fits(value: str, width: int) -> None:
    short = short_form(value, width)
    assert width_of(short) <= width
    assert not {"\n", "\r"} & set(short)
    short.encode()
    assert one_line(one_line(value)) == one_line(value) or "object[" in value
