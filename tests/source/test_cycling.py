"""Changing the brackets of a list, the cursor marked `|` (or `‸` where `|` is syntax)."""

import random
from pathlib import Path

import pytest

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import LANGUAGES
from nrepl_lsp.source.rewriting.cycling import SIZE_LIMIT, cycle
from nrepl_lsp.source.rewriting.layout import REACH

from .marked import snapshot_of
from .test_calls import SAMPLES, marked, mutilated


def applied(snapshot: Snapshot, offset: int) -> str | None:
    cycled = cycle(snapshot, offset)
    if cycled is None:
        return None
    text = snapshot.text
    for start, end, new in sorted(cycled.changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(|a b)", "[a b]"),
        ("[|a b]", "{a b}"),
        ("{|a b}", "#{a b}"),
        ("#{|a b}", "(a b)"),
        ("(|)", "[]"),
        ("|(a)", "[a]"),
        ("(a)|", "[a]"),
        ("|#{a}", "(a)"),
        ("#|{a}", "(a)"),
        ("|'(a)", "'[a]"),
        ('(x "|(a)")', '[x "(a)"]'),
        ('(x "(a)|")', '[x "(a)"]'),
        ("(x ; |(a)\n)", "[x ; (a)\n]"),
        (r"(x \)| y)", r"[x \) y]"),
        ("(a (b|) c)", "(a [b] c)"),
        ("(a |(b) c)", "(a [b] c)"),
        ("(a (b)| c)", "(a [b] c)"),
        ("(a (b) |c)", "[a (b) c]"),
        ("(a)|[b]", "(a)#{b}"),
        ("(x (a)|[b])", "(x (a)#{b})"),
        # What no reader takes is left out.
        ("[|a b c]", "#{a b c}"),
        ("[|a a]", "{a a}"),
        ("[|a a a]", "(a a a)"),
        ("[|a 1 a 2]", "(a 1 a 2)"),
        ("{|a 1 b 1}", "(a 1 b 1)"),
        ("[|a #_b c]", "{a #_b c}"),
        ("[|~@a b c]", "{~@a b c}"),
        ("[#?@(:clj [a]) |b c]", "{#?@(:clj [a]) b c}"),
        # Prefixes.
        ("'(|a)", "'[a]"),
        ("^:m (|a)", "^:m [a]"),
        ("~(|a)", "~[a]"),
        ("#(|a)", None),
        ("#js [|a]", None),
        ("#:ns{|:a 1}", None),
        ("#?(|:clj a)", None),
        ("^{|:a 1} b", None),
        # Strings and comments stay.
        ('(|a ")" ; )\n b)', '[a ")" ; )\n b]'),
        ("{|a 1\n b 2}", "#{a 1\n  b 2}"),
        ("#{|a\n  b\r\n  c}", "(a\n b\r\n c)"),
        ('{|a "\n b" c\n d}', '#{a "\n b" c\n  d}'),
        ("(|a", None),
        ("(|a]", None),
        ("a|", None),
        ("|", None),
    ],
)
def test_brackets_go_round(text: str, expected: str | None) -> None:
    assert applied(*marked(text, "clojure")) == expected


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        ("edn", "[|a]", "#{a}"),
        ("hy", "[|a b]", "{a b}"),
        ("hy", "#(|a b)", None),
        ("fennel", "{|:a 1}", "(:a 1)"),
        ("janet", "@[‸1 2]", "@{1 2}"),
        ("janet", "|(‸f $)", "|[f $]"),
        ("scheme", "(|a)", "[a]"),
        ("racket", "[|a]", "(a)"),
        ("racket", "#(|a)", None),
        ("racket", "{|a}", None),
        ("commonlisp", "(|a)", None),
        ("plaintext", "(|a)", None),
    ],
)
def test_other_languages_have_other_brackets(
    language_id: str, text: str, expected: str | None
) -> None:
    assert applied(*marked(text, language_id)) == expected


def test_what_changes_is_named() -> None:
    cycled = cycle(*marked("{|a 1}", "clojure"))
    assert cycled is not None
    assert (cycled.old, cycled.new) == ("{}", "#{}")


def test_long_lists_are_left_alone() -> None:
    assert applied(snapshot_of(f"({'a ' * SIZE_LIMIT})"), 1) is None


def test_lists_far_inside_data_are_left_alone() -> None:
    text = "[" + "(a) " * REACH + "]"
    assert applied(snapshot_of(text), 2) is not None
    assert applied(snapshot_of(text), len(text) - 3) is None


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_place_of_any_text_can_be_asked(path: Path) -> None:
    chance = random.Random(path.name)
    whole = path.read_text("utf-8")
    language_id = next((x.id for x in LANGUAGES if path.suffix in x.extensions), "plaintext")
    for number in range(60):
        text = mutilated(whole, chance) if number else whole
        snapshot = snapshot_of(text, language_id)
        for offset in chance.sample(range(len(text)), min(60, len(text))):
            cycled = cycle(snapshot, offset)
            for start, end, new in cycled.changes if cycled is not None else ():
                assert 0 <= start < end <= len(text)
                assert new
