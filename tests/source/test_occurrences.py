"""Where names are written: in code, quoted too, but not where they are locals."""

import pytest

from nrepl_lsp.source.locals.scopes import FORM_LIMIT
from nrepl_lsp.source.occurrences import WALK_LIMIT, name_at, occurrences
from nrepl_lsp.source.units import LONG

from .marked import at, snapshot_of
from .sample_200k import sample
from .test_scopes import marked

# In each text every occurrence of `a` is marked.
TABLES = {
    "clojure": [
        "(«a» x) («a»)",
        "(f «a» '«a» #'«a» @«a» ~«a» '(«a»))",
        "(f a.b aa a/b b/a :a ::a a' a* -a)",
        '(f "a" ; a\n \\a #"a" #_a #_(a) «a»)',
        "(«a» #_(a))",
        "(«a» #_ «»(b) #_(a))".replace("«»", ""),
        '(«a» "(a" \\( ; (a\n («a»))',
        "(let [a 1] (a)) («a»)",
        "(let [x («a»)] (letfn [(a [] 1)] (a)))",
        "(letfn [(b [] («a»))])",
        "(defn «a» [x] («a» x))",
        "(defn f [a] a) «a»",
        "(fn a [] (a)) [«a»]",
        "^«a» x ^{:a «a»} y",
        "`(«a» ~«a» ~'«a»)",
        "(«a»\n\n(defn f [] («a»\n",
        "«a»",
        "«a»)",
        "(deftype T [a] P («a» [_] a))",
        "#?(:clj «a» :cljs («a»))",
    ],
    "edn": ['{«a» [«a» "a" b]} ; a'],
    "hy": ["(«a» «a».b b.a)", '(f f"{a}" «a»)', "(setv «a» 1) (print «a»)", "(fn [a] (a)) («a»)"],
    "fennel": ["(local «a» 1) («a».b «a»:c b.a)", "(fn «a» [] («a»))", "(fn [a] (a.b)) «a»"],
    "scheme": ["(define («a» x) («a» x))", "(let ((a 1)) a) («a»)", "#| (a) |# «a» #;(a)"],
    "racket": ["(define «a» 1) #%a «a»"],
    "commonlisp": ["(let ((a 1)) («a» a))", "(defun «a» () #'«a»)", "#| a |# «a» |a|"],
    "janet": ["(def «a» 1) # a\n («a») ``a`` @[«a»]"],
}


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, text) for language, texts in TABLES.items() for text in texts],
)
def test_the_marked_places_are_the_occurrences(language: str, text: str) -> None:
    plain, spans = marked(text)
    assert occurrences(snapshot_of(plain, language), ["a"]) == spans


def test_several_spellings_and_keywords() -> None:
    plain, spans = marked("(«s/a» «a» :a s/b) [«n.s/a»]")
    assert occurrences(snapshot_of(plain), {"a", "s/a", "n.s/a", ""}) == spans
    plain, spans = marked('{«:a» 1 :a/b «:a»} [:aa "x :a" ::a] ; :a\n(«:a» #_:a m)')
    assert occurrences(snapshot_of(plain), [":a"]) == spans


@pytest.mark.parametrize("names", [[], [""]])
def test_no_names_are_nowhere(names: list[str]) -> None:
    assert occurrences(snapshot_of("(a)"), names) == []


def test_plain_text_has_no_code() -> None:
    assert occurrences(snapshot_of("a a", "plaintext"), ["a"]) == []


def test_a_long_comment_is_looked_at_form_by_form() -> None:
    text = "(comment\n" + "(let [a 1] (a b))\n" * (LONG // 10) + "(a) b) (b)"
    snapshot = snapshot_of(text)
    assert len(occurrences(snapshot, ["a"])) == 1
    assert len(occurrences(snapshot, ["b"])) == LONG // 10 + 2
    assert len(occurrences(snapshot, ["comment"])) == 1


def test_where_it_gives_up() -> None:
    """What may be a local in a form that is too long, and after many forms, is not looked at."""
    assert occurrences(snapshot_of("(a b) (f a" + " x" * FORM_LIMIT + ")"), ["a"]) == [(1, 2)]
    form = "(f a" + " x" * 500 + ")\n"
    snapshot = snapshot_of(form * (WALK_LIMIT // len(form) + 10))
    found = len(occurrences(snapshot, ["a"]))
    assert 0 < found < len(occurrences(snapshot, ["a"], len(snapshot.text)))


def test_both_ways_to_look_agree_on_a_program() -> None:
    """Calls are certain without a closer look; a discarded form forces one."""
    text = sample(20_000)
    plain, closely = snapshot_of(text), snapshot_of(text.replace("\n\n", " #_x\n\n"))
    for name in ("map", "defn", "str/trim", ":keys", ":status", "let"):
        shift = [
            (span.start + 4 * text.count("\n\n", 0, span.start), name)
            for span in occurrences(plain, [name])
        ]
        assert [(span.start, name) for span in occurrences(closely, [name])] == shift


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("clojure", "(a.b| c)", "a.b"),
        ("clojure", "(:a.b| c)", ":a.b"),
        ("fennel", "(a|.b c)", "a"),
        ("fennel", "(a.b| c)", "a.b"),
        ("fennel", "(abc| c)", "abc"),
        ("hy", "(|a.b c)", "a"),
        ("hy", '("a|")', None),
        ("plaintext", "a|", None),
    ],
)
def test_the_name_at_a_place(language: str, text: str, expected: str | None) -> None:
    symbol = name_at(*at(text, language))
    assert (symbol and symbol.text) == expected
