"""Which call is meant at the cursor, marked `|` (or `‸` where `|` is syntax), and what it gets."""

import random
from pathlib import Path

import pytest

from nrepl_lsp.source.calling.arglists import (
    arglists_of_local,
    defined_arglists,
    is_python,
    parameters,
    python_parameters,
)
from nrepl_lsp.source.calling.calls import call_at
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import LANGUAGES, for_language_id
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.locals.scopes import Local

from .marked import at, snapshot_of

SAMPLES = sorted(Path(__file__).parents[1].joinpath("samples").iterdir())
LANGUAGE_IDS = [language.id for language in LANGUAGES]


def marked(text: str, language_id: str) -> tuple[Snapshot, int]:
    return at(text, language_id, "‸" if "‸" in text else "|")


def called(text: str, language_id: str = "clojure") -> tuple[str, int | None, int] | None:
    """The head, the argument at the cursor and the number of arguments."""
    snapshot, offset = marked(text, language_id)
    call = call_at(snapshot, offset)
    if call is None:
        return None
    start, end = call.head_span
    assert call.head.removeprefix(".") == snapshot.text[start:end].removeprefix(".")
    return call.head, call.index, call.count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(f|)", ("f", None, 0)),
        ("(|f)", ("f", None, 0)),
        ("|(f)", None),
        ("(f)|", None),
        ("(f |)", ("f", 0, 0)),
        ("(f |", ("f", 0, 0)),
        ("(f a|)", ("f", 0, 1)),
        ("(f a |)", ("f", 1, 1)),
        ("(f a | b)", ("f", 1, 2)),
        ("(f a |b c)", ("f", 1, 3)),
        ("(f a b| c)", ("f", 1, 3)),
        ("(f\n  a\n  |\n  b)", ("f", 1, 2)),
        ("(f\r\n  a\r\n  |)", ("f", 1, 1)),
        ("(f 😀 |)", ("f", 1, 1)),
        # Not only symbols are arguments, and what is in them belongs to the call.
        ('(f "a |b")', ("f", 0, 1)),
        ("(f ; a |note\n  b)", ("f", 0, 1)),
        ("(f [a |b] c)", ("f", 0, 2)),
        ("(f {:a |} c)", ("f", 0, 2)),
        ("(f #{a |} c)", ("f", 0, 2)),
        ("(f ^String |x)", ("f", 0, 1)),
        ("(f #_a b|)", ("f", 0, 1)),
        ("(f @a 'b|)", ("f", 1, 2)),
        # Nested.
        ("(f (g |) a)", ("g", 0, 0)),
        ("(f (g)| a)", ("f", 0, 2)),
        ("(f (|) a)", ("f", 0, 2)),
        ("(f (:k |) a)", ("f", 0, 2)),
        ("(f ((g) |) a)", ("f", 0, 2)),
        ("(let [a (g |)] a)", ("g", 0, 0)),
        ("(#(f % |) 1)", ("f", 1, 1)),
        ("`(f ~a |)", ("f", 1, 1)),
        ("~(f |)", ("f", 0, 0)),
        ("#?(:clj (f |))", ("f", 0, 0)),
        # Data.
        ("'(f |)", None),
        ("(g '(f (h |)))", ("g", 0, 1)),
        ("(g #'f |)", ("g", 1, 1)),
        # Methods and classes.
        ("(.m obj |)", (".m", 1, 1)),
        ("(Foo. |)", ("Foo.", 0, 0)),
        ("(Math/abs |)", ("Math/abs", 0, 0)),
        # Not balanced.
        ("(f (g a |\n(h)", ("g", 1, 1)),
        ("(f [a |)", ("f", 0, 1)),
        (")|", None),
        ("|", None),
    ],
)
def test_the_call_at_the_cursor(text: str, expected: tuple[str, int | None, int] | None) -> None:
    assert called(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(-> x (f |))", ("f", 1, 1)),
        ("(-> x (f a|))", ("f", 1, 2)),
        ("(-> x (|f a))", ("f", None, 2)),
        ("(->> x (f |))", ("f", 0, 1)),
        ("(->> x (f a|))", ("f", 0, 2)),
        ("(-> (f |) g)", ("f", 0, 0)),
        ("(-> | (f))", ("->", 0, 1)),
        ("(some-> x (f |))", ("f", 1, 1)),
        ("(some->> x (f |))", ("f", 0, 1)),
        ("(doto x (.put |))", (".put", 1, 1)),
        ("(doto (f |) g)", ("f", 0, 0)),
        ("(cond-> x (t |) (f))", ("t", 0, 0)),
        ("(cond-> x (t) (f |))", ("f", 1, 1)),
        ("(cond->> x t (f |) (u) (g))", ("f", 0, 1)),
        ("(cond->> x t (f) (u |) (g))", ("u", 0, 0)),
        ("(as-> x $ (f |))", ("f", 0, 0)),
        ("(.. x (m |))", (".m", 1, 1)),
        ("(.. x (m a|) n)", (".m", 1, 2)),
        ("(clojure.core/-> x (f |))", ("f", 1, 1)),
        # A thread that is itself a step.
        ("(-> x (-> (f |)))", ("f", 1, 1)),
        ("(-> x (cond-> t (f |)))", ("f", 1, 1)),
        ("(->> x (-> (f |) g))", ("f", 0, 0)),
        ("(-> x (doto (f |)))", ("f", 1, 1)),
        # Not a step: in one, with a prefix, discarded beside, chosen by a reader conditional.
        ("(-> x (f (g |)))", ("g", 0, 0)),
        ("(-> x #(f |))", ("f", 0, 0)),
        ("(->> xs (map #(f |)))", ("f", 0, 0)),
        ("(-> #_a x (f |))", ("f", 1, 1)),
        ("(-> x ^:m (f |))", ("f", 1, 1)),
        ("(-> x #?(:clj (f |)))", ("f", 1, 1)),
        ("(-> x [(f |)])", ("f", 0, 0)),
        ("((x) (f |))", ("f", 0, 0)),
        ("(-> x ^(f |))", ("f", 0, 0)),
        ("(-> x ^{:a (g)} (f |))", ("f", 1, 1)),
    ],
)
def test_what_a_threading_form_adds_is_counted(
    text: str, expected: tuple[str, int | None, int]
) -> None:
    assert called(text) == expected


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        ("basilisp", "(-> x (python/len |))", ("python/len", 1, 1)),
        ("edn", "(f |)", None),
        ("plaintext", "(f |)", None),
        ("hy", "(os.path.join a |)", ("os.path.join", 1, 1)),
        ("hy", "(.append xs |)", (".append", 1, 1)),
        ("hy", "(f a :sep |)", ("f", 1, 1)),
        ("hy", "(f :sep 1 |)", ("f", 0, 0)),
        ("hy", "(f :sep 1 a|)", ("f", 0, 1)),
        ("hy", "(-> x (f |))", ("f", 1, 1)),
        ("hy", "(->> x (f |))", ("f", 0, 1)),
        ("hy", "(f #(1 |))", ("f", 0, 1)),
        ("hy", '(f f"{(g |)}")', ("f", 0, 1)),
        ("fennel", "(-?> x (f |))", ("f", 1, 1)),
        ("fennel", "(-?>> x (f |))", ("f", 0, 1)),
        ("fennel", "(doto t (table.insert |))", ("table.insert", 1, 1)),
        ("fennel", "#(f $ |)", ("f", 1, 1)),
        ("janet", "(-?> x (f |))", ("f", 1, 1)),
        ("janet", "(as-> x $ (f |))", ("f", 0, 0)),
        ("janet", "(map |(f $ ‸) xs)", ("f", 1, 1)),
        ("janet", "@(f |)", None),
        ("racket", "(~> x (f |))", ("f", 1, 1)),
        ("racket", "(~>> x (f |))", ("f", 0, 1)),
        ("racket", "(~> x (f a _ |))", ("f", 2, 2)),
        ("racket", "(lambda~> (f |))", ("f", 1, 1)),
        ("racket", "(f #:key 1 a|)", ("f", 0, 1)),
        ("racket", "(g #(f |))", ("g", 0, 1)),
        ("racket", "[f |]", None),
        ("scheme", "(f a |)", ("f", 1, 1)),
        ("scheme", "(g #u8(1 |))", ("g", 0, 1)),
        ("commonlisp", "(-> x (f |))", ("f", 1, 1)),
        ("commonlisp", "(f #'g |)", ("f", 1, 1)),
        ("commonlisp", "(g #(f |))", ("g", 0, 1)),
        ("commonlisp", "(g :key |)", ("g", 1, 1)),
    ],
)
def test_the_call_in_other_languages(
    language_id: str, text: str, expected: tuple[str, int | None, int] | None
) -> None:
    assert called(text, language_id) == expected


@pytest.mark.parametrize(
    ("language_id", "text", "keyword"),
    [
        ("hy", "(f a :sep |)", ":sep"),
        ("hy", "(f :sep x|)", ":sep"),
        ("hy", "(f :se|p x)", ":sep"),
        ("hy", "(f :sep x |)", ""),
        ("racket", "(f #:key |)", "#:key"),
        ("commonlisp", "(f :key |)", ":key"),
        ("clojure", "(f a |)", ""),
    ],
)
def test_the_keyword_of_an_argument(language_id: str, text: str, keyword: str) -> None:
    snapshot, offset = marked(text, language_id)
    call = call_at(snapshot, offset)
    assert call is not None
    assert call.keyword == keyword


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("(f|)", 0),
        ("(f |)", 1),
        ("(f a|)", 1),
        ("(f a |)", 2),
        ("(f a | b)", 2),
        ("(-> x (f |))", 2),
        ("(->> x (f |))", 2),
        ("(->> x (f a|))", 2),
        ("(->> x (|f a))", 2),
    ],
)
def test_how_many_arguments_are_needed(text: str, needed: int) -> None:
    call = call_at(*marked(text, "clojure"))
    assert call is not None
    assert call.needed == needed


# -- argument lists --------------------------------------------------------------------------


def read(text: str, language_id: str, *, is_macro: bool = False) -> list[str]:
    """Each parameter as `kind text`; required ones as the text alone."""
    language, span = for_language_id(language_id), Span(1, len(text) - 1)
    found = (
        python_parameters(text, span)
        if is_python(text, language)
        else parameters(text, span, language, is_macro)
    )
    return [
        text[each.span.start : each.span.end]
        if each.kind == "required"
        else f"{each.kind} {text[each.span.start : each.span.end]}"
        for each in found
    ]


@pytest.mark.parametrize(
    ("language_id", "arglist", "expected"),
    [
        ("clojure", "[]", []),
        ("clojure", "[f & colls]", ["f", "rest & colls"]),
        ("clojure", "[{:keys [a b] :as c} [d & e]]", ["{:keys [a b] :as c}", "[d & e]"]),
        ("clojure", "[^String s x* y?]", ["^String s", "x*", "y?"]),
        ("clojure", "[x & {:keys [a] :or {a 1}}]", ["x", "rest & {:keys [a] :or {a 1}}"]),
        ("clojure", "(a, b=1)", ["a", "optional b=1"]),
        ("clojure", "(a b)", ["a", "b"]),
        ("hy", "(who='x')", ["optional who='x'"]),
        ("hy", "(x: int = 3)", ["optional x: int = 3"]),
        ("hy", "(a, *p)", ["a", "rest *p"]),
        (
            "hy",
            "(*args, sep=' ', end='\\n, (', **kw)",
            ["rest *args", "named sep=' '", "named end='\\n, ('", "named **kw"],
        ),
        ("hy", "(a, /, b, *, c=(1, 2), d)", ["a", "b", "named c=(1, 2)", "named d"]),
        (
            "hy",
            "[a [b 1] #* args c #** kw]",
            ["a", "optional [b 1]", "rest #* args", "named c", "named #** kw"],
        ),
        ("hy", "[a * b]", ["a", "named b"]),
        ("hy", "[& #* a b]", ["rest & #* a", "named b"]),  # two markers of one
        ("fennel", "[a ?b ...]", ["a", "optional ?b", "rest ..."]),
        ("fennel", "[{: a} & more]", ["{: a}", "rest & more"]),
        ("janet", "[a &opt b & more]", ["a", "optional b", "rest & more"]),
        ("janet", "[a &named b c]", ["a", "named b", "named c"]),
        ("scheme", "(a . more)", ["a", "rest . more"]),
        ("racket", "(a [b 1] #:key k)", ["a", "optional [b 1]", "named #:key k"]),
        (
            "commonlisp",
            "(a &optional (b 1) &rest c &key (d 2) &allow-other-keys &aux e)",
            ["a", "optional (b 1)", "rest &rest c", "named (d 2)"],
        ),
        ("commonlisp", "(test &body forms)", ["test", "rest &body forms"]),
        ("plaintext", "[a b]", ["a", "b"]),
    ],
)
def test_parameters_are_shown_as_written(
    language_id: str, arglist: str, expected: list[str]
) -> None:
    assert read(arglist, language_id) == expected


def test_what_documents_a_macro_says_what_is_optional() -> None:
    text = "[name doc-string? [params*] body* + more]"
    expected = ["name", "optional doc-string?", "[params*]", "rest body*", "more"]
    assert read(text, "clojure", is_macro=True) == expected


@pytest.mark.parametrize(
    ("language_id", "text", "name", "expected"),
    [
        ("clojure", "(defn f [x & more])", "f", ("function", ("[x & more]",))),
        ("clojure", "(defn f ([]) ([x]))", "f", ("function", ("[]", "[x]"))),
        ("clojure", "(defmacro m [x])", "m", ("macro", ("[x]",))),
        ("clojure", "(defn f [x]) (defn f [y z])", "f", ("function", ("[y z]",))),
        ("clojure", "(defprotocol P (area [this s]))", "area", ("function", ("[this s]",))),
        ("clojure", "(defrecord Point [x y])", "->Point", ("class", ("[x y]",))),
        ("clojure", "(deftype Point [x y])", "Point.", ("class", ("[x y]",))),
        ("clojure", "(defrecord Point [x y])", "Point", None),
        ("clojure", "(def x 1)", "x", None),
        ("clojure", "(defn f [x])", "g", None),
        ("hy", "(defn f [a [b 1]])", "f", ("function", ("[a [b 1]]",))),
        ("fennel", "(fn f [a ?b])", "f", ("function", ("[a ?b]",))),
        ("janet", '(defn f "doc" [a])', "f", ("function", ("[a]",))),
        ("scheme", "(define (f a . b) a)", "f", ("function", ("(a . b)",))),
        ("commonlisp", "(defun f (a &key b) a)", "f", ("function", ("(a &key b)",))),
        ("plaintext", "(defn f [x])", "f", None),
    ],
)
def test_the_argument_lists_of_a_definition(
    language_id: str, text: str, name: str, expected: tuple[str, tuple[str, ...]] | None
) -> None:
    assert defined_arglists(snapshot_of(text, language_id), name) == expected


def test_a_long_argument_list_ends_in_dots() -> None:
    many = " ".join(f"argument-{number}" for number in range(40))
    found = defined_arglists(snapshot_of(f"(defn f [{many}])"), "f")
    assert found is not None
    assert found[1][0].startswith("[argument-0 argument-1 ")
    assert found[1][0].endswith("…")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(fn f| [x y] x)", ("[x y]",)),
        ("(fn f| ([x] x) ([x\n y] y))", ("[x]", "[x y]")),
        ("(letfn [(f| [x] x)] f)", ("[x]",)),
        ("(let [f| (fn [x] x)] f)", ("[x]",)),
        ("(let [f| (fn name ([] 1) ([x] x))] f)", ("[]", "[x]")),
        ("(let [f| #(inc %)] f)", ()),
        ("(let [f| (partial + 1)] f)", ()),
        ("(let [f| 1] f)", ()),
        ("(fn [f|] f)", ()),
        ("(fn f| x y [z])", ()),
        ("(fn f|", ()),
        ("f|", ()),
    ],
)
def test_the_argument_lists_of_a_local_function(text: str, expected: tuple[str, ...]) -> None:
    snapshot, offset = at(text)
    binding = Span(offset - 1, offset)
    local = Local("f", binding, Span(0, len(snapshot.text)), "local")
    assert arglists_of_local(snapshot, local) == expected


# -- any text --------------------------------------------------------------------------------


def mutilated(text: str, chance: random.Random) -> str:
    """The text with something taken out, put in or doubled."""
    start = chance.randrange(len(text) + 1)
    end = min(len(text), start + chance.randrange(1, 30))
    middle = chance.choice(("", *"()[]{}\"';#`~@^\\|", text[start:end] * 2, "(-> x (f "))
    return text[:start] + middle + text[end:]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_place_of_any_text_has_an_answer_inside_it(path: Path) -> None:
    chance = random.Random(path.name)
    whole = path.read_text("utf-8")
    language_id = next((x.id for x in LANGUAGES if path.suffix in x.extensions), "plaintext")
    for number in range(60):
        text = mutilated(whole, chance) if number else whole
        snapshot = snapshot_of(text, language_id)
        places = (
            range(len(text) + 1)
            if not number
            else chance.sample(range(len(text)), min(20, len(text)))
        )
        for offset in places:
            call = call_at(snapshot, offset)
            if call is not None:
                assert 0 <= call.head_span.start < call.head_span.end <= len(text)
                assert call.index is None or 0 <= call.index
                defined = defined_arglists(snapshot, call.head)
                assert defined is None or all(defined[1])


@pytest.mark.parametrize("language_id", LANGUAGE_IDS)
@pytest.mark.parametrize("text", ["(-> x " * 3000, "(" * 20_000, "(f [" * 5000, "'(" * 5000])
def test_deep_text_is_no_trouble(language_id: str, text: str) -> None:
    snapshot = snapshot_of(text, language_id)
    call = call_at(snapshot, len(text))
    assert call is None or text[call.head_span.start : call.head_span.end] == call.head


def test_no_more_arguments_are_counted_than_a_function_may_have() -> None:
    text = "(list " + "1 " * 100_000 + ")"
    call = call_at(snapshot_of(text), len(text) - 1)
    assert call is not None
    assert call.index == call.count == 500


def test_offsets_are_clamped_to_the_text() -> None:
    snapshot = snapshot_of("(f a")
    assert call_at(snapshot, -5) == call_at(snapshot, 0) is None
    assert call_at(snapshot, 99) == call_at(snapshot, 4) is not None
