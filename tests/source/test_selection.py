"""The stretches that "expand selection" steps through, smallest first."""

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.selection import DEPTH_LIMIT, selections

from .marked import at, shown, snapshot_of
from .test_scanner import LISPS, TEXTS

SAMPLES = sorted((Path(__file__).parents[1] / "samples").iterdir())


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("(a b|c)\n", ["bc", "a bc", "(a bc)"]),
        ("(a b|)\n", ["b", "a b", "(a b)"]),
        ("(a |(b))\n", ["(b)", "a (b)", "(a (b))"]),
        ("(a |b(c))\n", ["b", "a b(c)", "(a b(c))"]),
        ("((a)|b)\n", ["b", "(a)b", "((a)b)"]),
        ("(|)\n", ["()"]),
        ("( | )\n", ["  ", "(  )"]),
        ('(a "b| c")\n', ["b c", '"b c"', 'a "b c"', '(a "b c")']),
        ('(a #"b|" c)\n', ["b", '#"b"', 'a #"b" c', '(a #"b" c)']),
        ("(a '(b |c))\n", ["c", "b c", "(b c)", "'(b c)", "a '(b c)", "(a '(b c))"]),
        ("(a '|b)\n", ["b", "'b", "a 'b", "(a 'b)"]),
        ("(a ^{:k |1} b)\n", ["1", ":k 1", "{:k 1}", "^{:k 1} b", "a ^{:k 1} b", "(a ^{:k 1} b)"]),
        ("(a ^:k b|)\n", ["b", "^:k b", "a ^:k b", "(a ^:k b)"]),
        ("#(f |%)\n", ["%", "f %", "(f %)", "#(f %)"]),
        ("#?(:clj |a)\n", ["a", ":clj a", "(:clj a)", "#?(:clj a)"]),
        ("(x #_(a |b))\n", ["b", "a b", "(a b)", "#_(a b)", "x #_(a b)", "(x #_(a b))"]),
        ("{:a |1}\n", ["1", ":a 1", "{:a 1}"]),
        ("(a) |b\n(c)", ["b"]),
        ("; a\n; b|\n\n; c", ["; b", "; a\n; b"]),
        ("(a\n ; b\n ; c|\n d)\n", ["; c", "; b\n ; c", "a\n ; b\n ; c\n d",
         "(a\n ; b\n ; c\n d)"]),
        ("(a ; b|\n ; c\n)\n", ["; b", "a ; b\n ; c\n", "(a ; b\n ; c\n)"]),
        ("(a ; b\r\n ; c|\r\n ; d\r\n)\n", ["; c", "; c\r\n ; d",
         "a ; b\r\n ; c\r\n ; d\r\n", "(a ; b\r\n ; c\r\n ; d\r\n)"]),
        ("(a (b |\n\n(c)", ["b ", "(b ", "a (b ", "(a (b "]),
        ("(a [b |c) d]\n", ["c", "b c", "[b c", "a [b c", "(a [b c)"]),
        ("(a 😀|b)\n", ["😀b", "a 😀b", "(a 😀b)"]),
    ],
)  # fmt: skip
def test_clojure(marked: str, expected: list[str]) -> None:
    snapshot, offset = at(marked)
    found = [shown(snapshot, span) for span in selections(snapshot, offset)]
    assert found == [*expected, snapshot.text]


@pytest.mark.parametrize(
    ("language_id", "marked", "expected"),
    [
        ("hy", "(a #[[b ‸c]])\n", ["#[[b c]]", "a #[[b c]]", "(a #[[b c]])"]),
        ("hy", '(a f"b‸")\n', ["b", 'f"b"', 'a f"b"', '(a f"b")']),
        ("fennel", "(fn [a] ‸a)\n", ["a", "fn [a] a", "(fn [a] a)"]),
        ("scheme", "#| a‸\nb |#\n(c)", ["#| a\nb |#"]),
        ("scheme", "(a #(1 ‸2))\n", ["2", "1 2", "(1 2)", "#(1 2)", "a #(1 2)", "(a #(1 2))"]),
        ("racket", "(a [b ‸c])\n", ["c", "b c", "[b c]", "a [b c]", "(a [b c])"]),
        ("commonlisp", "(a |b ‸c|)\n", ["|b c|", "a |b c|", "(a |b c|)"]),
        ("janet", "(a ``b‸ c``)\n", ["b c", "``b c``", "a ``b c``", "(a ``b c``)"]),
        ("janet", "# a‸\n# b\n\n", ["# a", "# a\n# b"]),
        ("edn", "{:a ‸1}\n", ["1", ":a 1", "{:a 1}"]),
        (
            "plaintext",
            "Some wo‸rds\nin two lines.\n\nMore.",
            ["words", "Some words", "Some words\nin two lines."],
        ),
        ("plaintext", "a\n‸\nb", []),
    ],
)
def test_every_language(language_id: str, marked: str, expected: list[str]) -> None:
    snapshot, offset = at(marked, language_id, "‸")
    found = [shown(snapshot, span) for span in selections(snapshot, offset)]
    assert found == [*expected, snapshot.text]


def test_an_empty_text_has_one_empty_stretch() -> None:
    assert selections(snapshot_of(""), 3) == [(0, 0)]


def test_from_a_depth_on_it_is_the_top_level_form() -> None:
    depth = 10 * DEPTH_LIMIT
    text = "(" * depth + "a" + ")" * depth + " b"
    found = selections(snapshot_of(text), depth)

    assert len(found) == DEPTH_LIMIT + 3
    assert [len(text) - (end - start) for start, end in found[-2:]] == [2, 0]


@pytest.mark.parametrize(
    "hostile", ["(" * 20_000, "#_(" * 7_000, "^{" * 10_000, "([)" * 7_000, "; a\n" * 5_000]
)
def test_hostile_text_is_answered(hostile: str) -> None:
    snapshot = snapshot_of(hostile)
    check(snapshot, len(hostile))
    check(snapshot, len(hostile) // 2)


def check(snapshot: Snapshot, offset: int) -> None:
    """Each stretch holds the offset and the one before it, and more; the last is the text."""
    found = selections(snapshot, offset)
    assert found[-1] == (0, len(snapshot.text))
    for (inner, inner_end), (start, end) in pairwise(found):
        assert start <= inner
        assert inner_end <= end
        assert end - start > inner_end - inner
    assert found[0].start <= max(0, min(offset, len(snapshot.text))) <= found[0].end


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from([*LISPS, "plaintext"]))
def test_every_position_of_any_text_is_answered(text: str, language_id: str) -> None:
    snapshot = snapshot_of(text, language_id)
    for offset in range(-1, len(text) + 2):
        check(snapshot, offset)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_position_of_the_samples_is_answered(path: Path) -> None:
    text = path.read_text("utf-8")
    snapshot = Document(path.as_uri(), "", 1, text).snapshot()
    for offset in range(0, len(text) + 1, 3):
        check(snapshot, offset)
    chance = random.Random(path.name)
    for _ in range(100):
        start = chance.randrange(len(text))
        cut = start + chance.choice([0, 1, 1, 20])
        mutilated = text[:start] + chance.choice(["", "(", ")", '"', "]", "#_", "\r"]) + text[cut:]
        check(Document(path.as_uri(), "", 1, mutilated).snapshot(), start)
