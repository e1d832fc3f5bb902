"""Threading calls and unwinding threads, the cursor marked `|`."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.changes import Change
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import top_level
from nrepl_lsp.source.languages import LANGUAGES, for_language_id
from nrepl_lsp.source.rewriting.layout import shifted, tokens_of
from nrepl_lsp.source.rewriting.threading import thread, unwind

from .marked import at, snapshot_of
from .test_calls import SAMPLES, mutilated

HY = "(require hyrule [-> ->>])"
ACTIONS = ("first", "first all", "last", "last all", "unwind", "unwind all")


def edit_of(snapshot: Snapshot, offset: int, action: str) -> Change | None:
    name, _, fully = action.partition(" ")
    if name == "unwind":
        return unwind(snapshot, offset, fully=bool(fully))
    return thread(snapshot, offset, name, fully=bool(fully))


def applied(text: str, edit: Change) -> str:
    return text[: edit.start] + edit.text + text[edit.end :]


def rewritten(text: str, action: str, language_id: str = "clojure") -> str | None:
    snapshot, offset = at(text, language_id)
    edit = edit_of(snapshot, offset, action)
    return applied(snapshot.text, edit) if edit is not None else None


@pytest.mark.parametrize(
    ("text", "action", "expected"),
    [
        ("(|f (g x a) b)", "first", "(-> (g x a) (f b))"),
        ("(|f (g x a) b)", "first all", "(-> x (g a) (f b))"),
        ("(|f (g x))", "first", "(-> (g x) f)"),
        ("(|f (g x))", "first all", "(-> x g f)"),
        ("(|f (g))", "first all", "(-> (g) f)"),
        ("|(f (g x))", "first", "(-> (g x) f)"),
        ("(f (g x) y)|", "first", "(-> (g x) (f y))"),
        ("(a (|f (g x)) b)", "first", "(a (-> (g x) f) b)"),
        ("(|:k (g x))", "first", "(-> (g x) :k)"),
        ("(|.m (Foo. x) y)", "first all", "(-> x Foo. (.m y))"),
        ("(|map f (filter g xs))", "last", "(->> (filter g xs) (map f))"),
        ("(|map f (filter g xs))", "last all", "(->> xs (filter g) (map f))"),
        ("(|f x (g y))", "first", None),
        ("(|f (g x) y)", "last", None),
        ("(|f x)", "first", None),
        ("(|f)", "first", None),
        ("(|)", "first", None),
        ("[|(f (g x))]", "last", "[(->> (g x) f)]"),
        ("[|f (g x)]", "last", None),
        # On with a thread, in it or in its first form.
        ("(|-> (g x a) f)", "first", "(-> x (g a) f)"),
        ("(-> (g| (h x) a) f)", "first all", "(-> x h (g a) f)"),
        ("(-> (g x |a) (f b))", "first", "(-> x (g a) (f b))"),
        ("(clojure.core/-> (g |x) f)", "first", "(clojure.core/-> x g f)"),
        ("(->> (g| x) f)", "first", None),
        ("(-> x |f)", "first", None),
        ("(-> |)", "first", None),
        ("(|f (-> x g))", "first", "(-> x g f)"),
        ("(|f (-> (h x) g))", "first all", "(-> x h g f)"),
        ("(|f (->> x g))", "first", None),
        # Prefixes.
        ("#(|f (g %))", "first all", "#(-> % g f)"),
        ("@(|f (g x))", "first", "@(-> (g x) f)"),
        ("^:m (|f (g x))", "first", "^:m (-> (g x) f)"),
        ("(|f ^String (g x y))", "first all", "(-> x ^String (g y) f)"),
        ("(|f ^String (g x))", "first all", "(-> x ^String (g) f)"),
        ("(|f @(g x))", "first", None),
        ("(|f #(g x))", "first", None),
        ("(|f '(g x))", "first", None),
        ("'(|f (g x))", "first", None),
        ("'[(|f (g x))]", "first", None),
        ("#?(:clj (|f (g x)))", "first", "#?(:clj (-> (g x) f))"),
        ("#?(|:clj (f x))", "last", None),
        ("#js (|f (g x))", "first", None),
        # What stands for several forms cannot be threaded.
        ("(|f (g ~@xs))", "first all", "(-> (g ~@xs) f)"),
        ("(|f (g ~@xs y))", "last all", "(->> y (g ~@xs) f)"),
        ("(|f (g #?@(:clj [x])))", "first all", "(-> (g #?@(:clj [x])) f)"),
        # Not ordinary calls.
        ("(|let [a 1] (f a))", "last", None),
        ("(|defn f [x] (g x))", "last", None),
        ("(|s/defn f [x] (g x))", "last", None),
        ("(|f (if a b c))", "first", None),
        ("(|cond-> x t (f))", "last", None),
        ("(|(f) (g x))", "first", None),
        ("(|f ((g) x))", "first", None),
        ('(|"f" (g x))', "first", None),
        # A step of another thread has an argument that is not to be seen.
        ("(-> a (|f (g x)))", "first", None),
        ("(->> a (|f (g x)))", "last", None),
        ("(doto a (|f (g x)))", "first", None),
        ("(-> a (f (|g (h x))))", "first", "(-> a (f (-> (h x) g)))"),
        # Comments would be lost or swallow code.
        ("(|f ; c\n (g x))", "first", None),
        ("(|f (g x) #_y)", "first", None),
        ("(|f (g ; c\n x))", "first", "(-> (g ; c\n  x)\n    f)"),
        ("(|f (g ; c\n x))", "first all", "(-> (g ; c\n  x)\n    f)"),
        # Layout.
        ("(|f (g x)\n   b)", "first", "(-> (g x)\n    (f b))"),
        (
            "(|f (g x)\n   b\n   (c\n     d))",
            "first",
            "(-> (g x)\n    (f b\n       (c\n         d)))",
        ),
        ("(|f\n  (g x)\n  b)", "first", "(-> (g x)\n    (f\n      b))"),
        ("  (|f (g x)\n     b)", "first all", "  (-> x\n      g\n      (f b))"),
        ("\t(|f (g x)\n\t   b)", "first", "\t(-> (g x)\n\t    (f b))"),
        ("(|f (g x)\r\n   b)", "first", "(-> (g x)\r\n    (f b))"),
        ('(|f (g "a\n  b" c)\n   d)', "first all", '(-> "a\n  b"\n    (g c)\n    (f d))'),
        (
            "(|map identity\n     (filter odd?\n             xs))",
            "last all",
            "(->> xs\n     (filter odd?)\n     (map identity))",
        ),
        (
            f"(|f (g {'x' * 40}) {'y' * 40})",
            "first",
            f"(-> (g {'x' * 40})\n    (f {'y' * 40}))",
        ),
        ("(|f (g 😀) é)", "first all", "(-> 😀 g (f é))"),
        # Not closed.
        ("(|f (g x)", "first", None),
        ("(|f (g x]) y)", "first", None),
        ("|", "first", None),
    ],
)
def test_calls_are_threaded(text: str, action: str, expected: str | None) -> None:
    assert rewritten(text, action) == expected


@pytest.mark.parametrize(
    ("text", "action", "expected"),
    [
        ("(|-> x (g a) f)", "unwind", "(-> (g x a) f)"),
        ("(|-> x (g a) f)", "unwind all", "(f (g x a))"),
        ("(-> x (g| a) f)", "unwind", "(-> (g x a) f)"),
        ("(|->> x (g a) f)", "unwind all", "(f (g a x))"),
        ("(|-> x f)", "unwind", "(f x)"),
        ("(|-> x :k)", "unwind", "(:k x)"),
        ("(|-> {:a 1} :k (or 2))", "unwind all", "(or (:k {:a 1}) 2)"),
        ("(|clojure.core/-> x f g)", "unwind", "(clojure.core/-> (f x) g)"),
        ("#(|-> % f)", "unwind", "#(f %)"),
        ("^:m (|-> x f)", "unwind", "^:m (f x)"),
        ("(|-> x ^String (f a))", "unwind", "^String (f x a)"),
        ("^:m (|-> x ^String (f a))", "unwind", None),
        ("(|-> x)", "unwind", None),
        ("(|->)", "unwind", None),
        ("(|some-> x f)", "unwind", None),
        ("(|as-> x $ (f $))", "unwind", None),
        ("(|f x)", "unwind", None),
        ("(-> x (f (|g y)))", "unwind", None),
        ("'(|-> x f)", "unwind", None),
        ("(|-> x #(f %))", "unwind", None),
        ("(|-> x 'f)", "unwind", None),
        ("(|-> x ~@steps)", "unwind", None),
        ("(|-> ~@x f)", "unwind", None),
        ("(|-> x #?@(:clj [f]))", "unwind", None),
        ("(|-> x 1)", "unwind", None),
        ("(|-> x {:a 1})", "unwind", None),
        ("(|-> x ())", "unwind", None),
        ("(|-> x f ; c\n g)", "unwind", None),
        ("(|-> x (f ; c\n a))", "unwind", None),
        # What the inner one gets is not to be seen, so it is put into the outer one first.
        ("(-> a (|-> f))", "unwind", "(-> a f)"),
        ("(-> (|-> x f) g)", "unwind", "(-> (f x) g)"),
        # Layout.
        ("(|-> x\n    (f a)\n    g)", "unwind", "(-> (f x a)\n    g)"),
        ("(|-> x\n    (f a)\n    g)", "unwind all", "(g (f x a))"),
        ("(|->> xs\n     (filter odd?)\n     (map f))", "unwind all", "(map f (filter odd? xs))"),
        ("(|-> (g x\n       y)\n    (f b))", "unwind", "(f (g x\n      y)\n   b)"),
        ("(|->> (g x\n        y)\n     (f b))", "unwind", "(f b\n   (g x\n      y))"),
        ("(|->> (g x\n        y)\n     f)", "unwind", "(f (g x\n      y))"),
        ("(|-> x\n    (f a\n       b))", "unwind", "(f x a\n   b)"),
        ("(|-> x\n    (f\n      a))", "unwind", "(f\n  x\n  a)"),
        ("(|->> x\n     (f a\n        b))", "unwind", "(f a\n   b\n   x)"),
        ("(|-> x\r\n    (f a)\r\n    g)", "unwind", "(-> (f x a)\r\n    g)"),
        (
            f"(|->> {'x' * 60}\n     (f {'y' * 20}))",
            "unwind",
            f"(f {'y' * 20}\n   {'x' * 60})",
        ),
        (
            f"(|-> {'x' * 60}\n    (f {'y' * 20}))",
            "unwind",
            f"(f {'x' * 60}\n   {'y' * 20})",
        ),
    ],
)
def test_threads_are_unwound(text: str, action: str, expected: str | None) -> None:
    assert rewritten(text, action) == expected


@pytest.mark.parametrize(
    ("language_id", "text", "action", "expected"),
    [
        ("basilisp", "(|f (g x))", "first", "(-> (g x) f)"),
        ("hy", f"{HY}(|f (g x #* ys) z)", "first all", f"{HY}(-> x (g #* ys) (f z))"),
        ("hy", "(require hyrule *)(|f (g x))", "last", "(require hyrule *)(->> (g x) f)"),
        ("hy", "(|f (g x))", "first", None),
        ("hy", "(require hyrule [->])(|f (g x))", "last", None),
        ("hy", "(|->> x f)", "unwind", "(f x)"),
        ("hy", f"{HY}(|f (g #* xs))", "first all", f"{HY}(-> (g #* xs) f)"),
        ("fennel", "(|f (g x))", "first", "(-> (g x) f)"),
        ("fennel", "#(|f (g $))", "first", "#(-> (g $) f)"),
        ("janet", "(|f (g x))", "last", "(->> (g x) f)"),
        ("janet", "@(|f (g x))", "first", None),
        ("racket", "(|f (g x))", "first", "(~> (g x) f)"),
        ("racket", "(|~> x (f 1 _))", "unwind", None),
        ("racket", "(|~> x (f 1))", "unwind", "(f x 1)"),
        ("racket", "#(|f (g x))", "first", None),
        ("scheme", "(|f (g x))", "first", None),
        ("commonlisp", "(|f (g x))", "first", None),
        ("plaintext", "(|f (g x))", "first", None),
    ],
)
def test_other_languages(language_id: str, text: str, action: str, expected: str | None) -> None:
    assert rewritten(text, action, language_id) == expected


def test_long_forms_are_left_alone() -> None:
    long = f"(|f (g x) [{'a ' * 6000}])"
    assert rewritten(long, "first") is None


def test_only_code_is_shifted() -> None:
    language = for_language_id("clojure")
    code = '(a "x\n y"\n\n   ; note\n   (b\n    c))'
    assert shifted(language, code, 2) == '(a "x\n y"\n\n     ; note\n     (b\n      c))'
    assert shifted(language, code, -2) == '(a "x\n y"\n\n ; note\n (b\n  c))'
    assert shifted(language, code, -9) == '(a "x\n y"\n\n; note\n(b\nc))'
    assert shifted(for_language_id("plaintext"), code, 2) == code


# -- properties ------------------------------------------------------------------------------

_ATOMS = st.sampled_from(("x", "yy", ":k", "1", '"a\n b"', "[1 2]", "{:a (b c)}", "#(h %)", "'(q)"))
_HEADS = st.sampled_from(("f", "g.h/i", ".m", "Foo.", "long-name"))
_GAPS = st.sampled_from((" ", "  ", "\n", "\n   ", ", "))


def _call(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(st.tuples(_GAPS, inner), min_size=1, max_size=3)
    return st.builds(
        lambda head, rest: f"({head}{''.join(gap + form for gap, form in rest)})", _HEADS, arguments
    )


CALLS = _call(st.recursive(_ATOMS, _call, max_leaves=8))


def tokens(text: str) -> list[str]:
    language = for_language_id("clojure")
    return [token for kind, token in tokens_of(language, text) if kind != "space"]


@settings(max_examples=150, deadline=None)
@given(CALLS, st.sampled_from(("first", "last")), st.booleans())
def test_unwinding_a_thread_gives_the_same_form(code: str, place: str, fully: bool) -> None:
    text = f"(do\n  {code})"
    edit = thread(snapshot_of(text), 6, place, fully=fully)
    if edit is None:
        return
    threaded = applied(text, edit)
    form = top_level(snapshot_of(threaded), 1)
    assert form is not None
    assert form.balanced
    assert form.end == len(threaded)
    back = unwind(snapshot_of(threaded), 6, fully=True)
    assert back is not None
    assert tokens(applied(threaded, back)) == tokens(text)


@settings(max_examples=100, deadline=None)
@given(CALLS, st.sampled_from(("first", "last")))
def test_one_step_after_another_gives_the_whole_thread(code: str, place: str) -> None:
    whole = thread(snapshot_of(code), 1, place, fully=True)
    text, steps = code, 0
    while (edit := thread(snapshot_of(text), 1, place)) is not None:
        text, steps = applied(text, edit), steps + 1
        assert steps < 20
    assert tokens(applied(code, whole) if whole is not None else code) == tokens(text)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_place_of_any_text_can_be_asked(path: Path) -> None:
    chance = random.Random(path.name)
    whole = path.read_text("utf-8")
    language_id = next((x.id for x in LANGUAGES if path.suffix in x.extensions), "plaintext")
    for number in range(40):
        text = mutilated(whole, chance) if number else whole
        snapshot = snapshot_of(text, language_id)
        for offset in chance.sample(range(len(text)), min(30, len(text))):
            for action in ACTIONS:
                edit = edit_of(snapshot, offset, action)
                if edit is not None:
                    assert 0 <= edit.start < edit.end <= len(text)
                    form = top_level(snapshot_of(edit.text, language_id), 1)
                    assert form is not None
                    assert form.balanced
                    assert form.end == len(edit.text)


@pytest.mark.parametrize(
    ("language_id", "text"),
    [
        ("clojure", "(reify P (m| [this] (f x)))"),
        ("clojure", "(proxy [P] [] (m| [this] (f x)))"),
        ("clojure", "(defrecord A [x] P (m| [this] (f x)))"),
        ("clojure", "(deftype A [x] P (m| [this] (f x)))"),
        ("clojure", "(extend-type A P (m| [this] (f x)))"),
        ("clojure", "(c/extend-protocol P A (m| [this] (f x)))"),
        ("clojure", "(defprotocol P (m| [this] (f x)))"),
        ("clojure", "(letfn [(f| [x] (g x))] 1)"),
        ("clojure", "(case x (a| (b c)) 1)"),
        ("clojure", "(case x (a (b| (c d))) 1)"),
        ("clojure", "(. x (f| (g y)))"),
        ("clojure", "(is (thrown?| E (f x)))"),
        ("clojure", '(is (thrown-with-msg?| E #"x" (f x)))'),
        ("fennel", "(case v (a| (b c)) 1)"),
        ("fennel", "(match v 1 2 (a| (b c)) 1)"),
        ("fennel", "(case v (where| (a (b c)) d) 1)"),
        ("fennel", "(case v (where (a| (b c)) d) 1)"),
        ("fennel", "(let [(a| (b c)) (f)] 1)"),
        ("fennel", "(local (a| (b c)) (f))"),
        ("hy", f"{HY}(try 1 (finally| (f x)))"),
        ("hy", f"{HY}(try 1 (else| (f x)))"),
        ("hy", f"{HY}(try 1 (except| [] (f x)))"),
        ("hy", f"{HY}(match x (Point| (f y)) 1)"),
        ("racket", "(cond (a| (b c)))"),
        ("racket", "(match x [(list| a (b c)) 1])"),
        ("racket", "(define (f| (g x)) 1)"),
        ("janet", "(def (a| (b c)) 1)"),
    ],
)
def test_clauses_and_patterns_are_no_calls(language_id: str, text: str) -> None:
    assert rewritten(text, "first", language_id) is None
    assert rewritten(text, "last", language_id) is None


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        ("clojure", "(reify P (m [this] (f| (g x))))", "(reify P (m [this] (-> (g x) f)))"),
        ("clojure", "(letfn [(f [x] (g| (h x)))] 1)", "(letfn [(f [x] (-> (h x) g))] 1)"),
        ("clojure", "(letfn [] (f| (g x)))", "(letfn [] (-> (g x) f))"),
        ("clojure", "(case (f| (g x)) 1 2)", "(case (-> (g x) f) 1 2)"),
        ("clojure", "(case x 1 (f| (g x)))", "(case x 1 (-> (g x) f))"),
        ("clojure", "(let [a (f| (g x))] a)", "(let [a (-> (g x) f)] a)"),
        ("fennel", "(let [a (f| (g x))] a)", "(let [a (-> (g x) f)] a)"),
        ("fennel", "(local a (f| (g x)))", "(local a (-> (g x) f))"),
        ("racket", "(cond [(f| (g x)) 1])", "(cond [(~> (g x) f) 1])"),
        ("racket", "(match x [a (f| (g x))])", "(match x [a (~> (g x) f)])"),
    ],
)
def test_calls_in_clauses_are_calls(language_id: str, text: str, expected: str) -> None:
    assert rewritten(text, "first", language_id) == expected
