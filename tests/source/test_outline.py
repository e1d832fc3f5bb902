"""What a text defines: its kinds, names, marks and details, one line for each."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.definitions.outline import NESTING_LIMIT, Definition, definition_at, outline
from nrepl_lsp.source.document import Document, Snapshot

from .marked import at, shown, snapshot_of
from .test_scanner import LISPS, TEXTS

SAMPLES = sorted((Path(__file__).parents[1] / "samples").iterdir())


def listed(definitions: Sequence[Definition], indent: str = "") -> list[str]:
    """Kind, name, `-` for private, `†` for deprecated, detail; children are indented."""
    lines = []
    for it in definitions:
        marks = "-" * it.is_private + "†" * it.is_deprecated
        lines.append(f"{indent}{it.kind} {it.name}{marks} {it.detail}".rstrip())
        lines += listed(it.children, indent + "  ")
    return lines


def check(text: str, language_id: str, expected: list[str]) -> None:
    assert listed(outline(snapshot_of(text, language_id))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('(ns a.b "doc" (:require [c :as d]))', ["namespace a.b"]),
        ('(ns ^{:doc "x" :author "y"} a.b)', ["namespace a.b"]),
        ("(in-ns 'a.b)", ["namespace a.b"]),
        ("(def a 1)", ["variable a"]),
        ("(def a)", ["variable a"]),
        ("(defonce a (atom {}))", ["variable a"]),
        ("(def ^:private a 1)", ["variable a-"]),
        ("(def ^:private ^String a 1)", ["variable a-"]),
        ('(def ^{:private true :doc "x"} a 1)', ["variable a-"]),
        ("(def ^:const a 1)", ["constant a"]),
        ("(def ^:deprecated a 1)", ["variable a†"]),
        ('(def ^{:deprecated "1.2"} a 1)', ["variable a†"]),
        ("(def ^{:deprecated nil} a 1)", ["variable a"]),
        ("(def f (fn [x y] x))", ["function f [x y]"]),
        ('(def f "doc" (fn [x] x))', ["function f [x]"]),
        ("(def f (fn ([x] x)))", ["function f"]),
        ("(def f #(inc %))", ["function f"]),
        ("(def f (comp a b))", ["function f"]),
        ("(def f (g a b))", ["variable f"]),
        ("(defn f [x & more] x)", ["function f [x & more]"]),
        ('(defn f "doc" [x] x)', ["function f [x]"]),
        ('(defn f "a \\" b" {:added "1"} [x] x)', ["function f [x]"]),
        ("(defn f\n  [{:keys [a\n            b]}\n   c]\n  1)", ["function f [{:keys [a b]} c]"]),
        ("(defn f ([] 1) ([x] 2) ([{:keys [a]} y] 3))", ["function f [] [x] [{:keys [a]} y]"]),
        ("(defn ^String f ^long [x] x)", ["function f [x]"]),
        ("(defn- f [x] x)", ["function f- [x]"]),
        ("(defn f {:private true} [x] x)", ["function f- [x]"]),
        ('(defn f {:deprecated "2"} [x] x)', ["function f† [x]"]),
        ("(clojure.core/defn f [x] x)", ["function f [x]"]),
        ("(s/defn f :- [Int] [x :- Int] x)", ["function f [x :- Int]"]),
        ("(defmacro m [& body] nil)", ["macro m [& body]"]),
        ("(defmulti area :shape)", ["multimethod area"]),
        ("(defmethod area :circle [s] 1)", ["method area :circle"]),
        ("(defmethod area [:a  :b] [s] 1)", ["method area [:a :b]"]),
        (
            '(defprotocol P "doc" (m [this] [this x] "doc") (^:deprecated n [this]))',
            ["protocol P", "  method m [this] [this x]", "  method n† [this]"],
        ),
        (
            '(defrecord R [a b] P (m [_] [1 2]) Object (toString [_] ""))',
            ["class R [a b]", "  method m [_]", "  method toString [_]"],
        ),
        ("(deftype T [^:mutable a])", ["class T [^:mutable a]"]),
        ("(extend-type T P (m [x] 1))", ["class T extend-type", "  method m [x]"]),
        ("(extend-protocol P T (m [x] 1))", ["class P extend-protocol", "  method m [x]"]),
        ("(reify P (m [_] 1))", ["class reify", "  method m [_]"]),
        ("(reify P)", []),
        ("(def o (reify P (m [_] 1)))", ["variable o", "  method m [_]"]),
        ("(deftest adds (is 1))", ["test adds"]),
        ("(s/def ::name string?)", ["keyword ::name"]),
        ("(s/def :a/name string?)", ["keyword :a/name"]),
        ("(rf/reg-event-db :loaded (fn [db] db))", ["keyword :loaded"]),
        ("(reg-sub (f) 1)", []),
        ("(defcomponent page [x] [:div])", ["function page [x]"]),
        ("(defdata page [1 2])", ["variable page"]),
        ("(mount/defstate db :start 1)", ["variable db"]),
        ("(default x)", []),
        ("(deferred x)", []),
        ("(defthing 1)", []),
        ("(println 1)", []),
        ("'(def a 1)", []),
        ("`(def a 1)", []),
        ("@(def a 1)", []),
        ("#_(def a 1)", []),
        ("#_ #_ (def a 1) (def b 1) (def c 1)", ["variable c"]),
        ("^:x (def a 1)", ["variable a"]),
        ("(do (def a 1) (when x (defn b [] 1)))", ["variable a", "function b []"]),
        ("(let [x 1] (defn f [] x))", ["function f []"]),
        ("(let [x (def y 1)] x)", []),
        ("#?(:clj (defn f [] 1) :cljs (do (def g 2)))", ["function f []", "variable g"]),
        ("#?@(:clj [(def a 1) (def b 2)])", ["variable a", "variable b"]),
        ("(comment (def a 1) (f a))", ["comment comment", "  variable a"]),
        ("(comment (f a))", []),
        ("(def)", []),
        ("(defn)", []),
        ("(ns)", []),
        ("(defn 1 [x])", []),
        ("(", []),
        ("()", []),
        ("(def 😀 1) (def b 2)", ["variable 😀", "variable b"]),
        ("(ns a)\r\n(defn f\r\n  [x\r\n   y] 1)\r\n", ["namespace a", "function f [x y]"]),
    ],
)
def test_clojure(text: str, expected: list[str]) -> None:
    check(text, "clojure", expected)
    check(text, "basilisp", expected)


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        ("hy", "(defn f [x #* args] 1)", ["function f [x #* args]"]),
        ("hy", "(defn [cached] f [x] 1)", ["function f [x]"]),
        ("hy", "(defn :async f [x] 1)", ["function f [x]"]),
        ("hy", "(defn #^ int f [#^ str x] 1)", ["function f [#^ str x]"]),
        ("hy", "(defmacro m [x] x)", ["macro m [x]"]),
        (
            "hy",
            '(defclass C [Base] "doc" (setv a 1) (defn __init__ [self] 1))',
            ["class C [Base]", "  field a", "  method __init__ [self]"],
        ),
        ("hy", "(setv x 1 y (fn [a] a))", ["variable x", "function y [a]"]),
        ("hy", "(setv [a b] c  self.x 1)", ["variable a", "variable b"]),
        ("hy", "(import os) (require hyrule)", []),
        ("hy", "(when x (setv y 1))", ["variable y"]),
        ("fennel", "(fn f [x] 1)", ["function f [x]"]),
        ("fennel", "(fn M.name [x] 1)", ["function M.name [x]"]),
        ("fennel", '(λ f [x] "doc" 1)', ["function f [x]"]),
        ("fennel", "(fn [x] 1)", []),
        ("fennel", "(local x 1) (var y 2) (global z 3)", [f"variable {it}" for it in "xyz"]),
        ("fennel", "(local {: a} (require :a))", ["variable a"]),
        ("fennel", "(local f (lambda [a] a))", ["function f [a]"]),
        ("fennel", "(macro m [a] a)", ["macro m [a]"]),
        ("scheme", "(define x 1)", ["variable x"]),
        ("scheme", "(define (f a . b) a)", ["function f (a . b)"]),
        ("scheme", "(define ((f a) b) a)", ["function f (a) (b)"]),
        ("scheme", "(define f (lambda (x y) x))", ["function f (x y)"]),
        ("scheme", "(define-syntax m (syntax-rules ()))", ["macro m"]),
        ("scheme", "(define-syntax-rule (m a) a)", ["macro m (a)"]),
        ("scheme", "(define-values (a b) (f))", ["variable a", "variable b"]),
        ("scheme", "(define-module (ice-9  x) #:export (f))", ["namespace (ice-9 x)"]),
        (
            "scheme",
            "(define-library (a b) (export f) (begin (define (f) 1)))",
            ["namespace (a b)", "  function f ()"],
        ),
        ("scheme", "(cond-expand (guile (define a 1)) (else 2))", ["variable a"]),
        (
            "scheme",
            "(define-record-type point (make-point x y) point? (x point-x set-point-x!))",
            [
                "class point",
                *(f"  function {it}" for it in ("make-point", "point?", "point-x", "set-point-x!")),
            ],
        ),
        ("scheme", "(define-thing (f x) 1)", ["function f (x)"]),
        ("scheme", "(define 1 2) (define (1) 2) (define ()) (define-values a b)", []),
        ("racket", "#lang racket\n(define (f x) x)", ["function f (x)"]),
        (
            "racket",
            "(struct p (x [y #:mutable]) #:transparent)",
            ["class p", "  field x", "  field y"],
        ),
        ("racket", "(struct p3 p (z))", ["class p3", "  field z"]),
        ("racket", "(module m racket (define a 1))", ["namespace m", "  variable a"]),
        ("racket", "(module+ test (define a 1))", ["namespace test", "  variable a"]),
        ("racket", "(define/contract (f x) (-> a b) x)", ["function f (x)"]),
        ("racket", "(provide f) (require a)", []),
        ("commonlisp", "(defpackage :foo (:use :cl))", ["namespace foo"]),
        ("commonlisp", '(in-package "FOO")', ["namespace FOO"]),
        ("commonlisp", "(in-package #:foo)", ["namespace foo"]),
        ("commonlisp", '(DEFUN f (x &key (y 1)) "doc" x)', ["function f (x &key (y 1))"]),
        ("commonlisp", "(cl:defun f (x) x)", ["function f (x)"]),
        ("commonlisp", "(defun (setf f) (v) v)", ["function (setf f) (v)"]),
        ("commonlisp", "(defgeneric g (x))", ["multimethod g (x)"]),
        ("commonlisp", "(defmethod g :around ((s sq) x) 1)", ["method g :around ((s sq) x)"]),
        (
            "commonlisp",
            "(defclass c (p q) ((a :initform 1) b))",
            ["class c", "  field a", "  field b"],
        ),
        (
            "commonlisp",
            "(defstruct (st (:conc-name x)) a (b 1))",
            ["class st", "  field a", "  field b"],
        ),
        ("commonlisp", "(defvar *v* 1) (defconstant c 1)", ["variable *v*", "constant c"]),
        ("commonlisp", "#+sbcl (defun f () 1)", ["function f ()"]),
        ("commonlisp", "(eval-when (:load-toplevel) (defmacro m (x) x))", ["macro m (x)"]),
        ("commonlisp", "#| (defun a () 1) |# (defvar b)", ["variable b"]),
        ("janet", '(defn f "doc" [x &opt y] x)', ["function f [x &opt y]"]),
        ("janet", "(defn- f [] 1)", ["function f- []"]),
        (
            "janet",
            "(def x :private 1) (var y 2) (def- z 1)",
            ["variable x-", "variable y", "variable z-"],
        ),
        ("janet", "(def [a b] [1 2])", ["variable a", "variable b"]),
        ("janet", "# (def a 1)\n(defmacro m [& a] a)", ["macro m [& a]"]),
        ("janet", "(comment (def a 1))", ["comment comment", "  variable a"]),
        ("clojure", "(defmulti) (defmethod) (defprotocol) (deftype) (extend-type) (reg-x)", []),
        ("clojure", "(defmethod a)", ["method a"]),
        ("hy", "(defclass) (setv) (setv a)", []),
        ("scheme", "(define) (define-record-type) (define-library) (define-module)", []),
        ("racket", "(struct) (module)", []),
        ("commonlisp", "(defclass) (defstruct) (defmethod) (defpackage)", []),
        ("edn", "{:a (def b 1)}", []),
        ("plaintext", "(def a 1)", []),
    ],
)
def test_every_language(language_id: str, text: str, expected: list[str]) -> None:
    check(text, language_id, expected)


def test_what_follows_a_form_that_is_not_closed_is_still_found() -> None:
    check(
        "(ns a)\n(defn f [x]\n  (let [y 1]\n\n(defn g [y] y)\n(def h 1))\n(def i 2)",
        "clojure",
        ["namespace a", "function f [x]", "function g [y]", "variable h", "variable i"],
    )


def test_spans_are_the_form_and_its_name() -> None:
    snapshot = snapshot_of("; c\n(defn ^{:a 1} f [x]\n  x)  \n(def g")
    function, variable = outline(snapshot)

    assert shown(snapshot, function.span) == "(defn ^{:a 1} f [x]\n  x)"
    assert shown(snapshot, function.name_span) == "f"
    assert shown(snapshot, variable.span) == "(def g"


def test_several_names_of_one_form_have_their_own_places() -> None:
    snapshot = snapshot_of("(setv a 1 b 2)", "hy")

    assert [shown(snapshot, it.span) for it in outline(snapshot)] == ["a 1", "b 2"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("|(defn f [] 1)", "f"),
        ("(defn f [] 1|)", "f"),
        ("(defn f [] 1)|", "f"),
        ("(defn f [] 1)|(defn g [] 1)", "g"),
        ("(defn f [] 1) |(defn g [] 1)", "g"),
        ("(defn f [] 1) | (defn g [] 1)", None),
        ("(defrecord R [a] P (m [_] |1))", "m"),
        ("(defrecord R [a|] P (m [_] 1))", "R"),
        ("(comment (def a |1))", "a"),
        ("(f |x)", None),
        ("|", None),
    ],
)
def test_the_definition_at_a_place(text: str, name: str | None) -> None:
    found = definition_at(*at(text))
    assert (found.name if found else None) == name


def test_the_text_is_looked_at_once() -> None:
    snapshot = snapshot_of("(def a 1)")
    assert outline(snapshot) is outline(snapshot)


def test_definitions_are_looked_for_only_so_deep() -> None:
    def nested(depth: int) -> list[str]:
        return listed(outline(snapshot_of("(do " * depth + "(def a 1)" + ")" * depth)))

    assert nested(NESTING_LIMIT) == ["variable a"]
    assert nested(NESTING_LIMIT + 1) == []
    assert nested(5_000) == []


def test_a_detail_is_of_one_line_and_not_long() -> None:
    (found,) = outline(snapshot_of(f"(defn f [{'argument ' * 100}] 1)"))
    assert len(found.detail) == 200
    assert "\n" not in found.detail


def in_all(definitions: Sequence[Definition]) -> Iterator[Definition]:
    for definition in definitions:
        yield definition
        yield from in_all(definition.children)


def check_nesting(snapshot: Snapshot) -> None:
    found = outline(snapshot)
    for it in in_all(found):
        assert 0 <= it.span.start <= it.name_span.start < it.name_span.end <= it.span.end
        assert it.span.end <= len(snapshot.text)
        assert it.name
        assert "\n" not in it.name + it.detail
        for child in it.children:
            assert it.span.start <= child.span.start
            assert child.span.end <= it.span.end


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(LISPS))
def test_any_text_gives_spans_that_nest(text: str, language_id: str) -> None:
    check_nesting(snapshot_of(text, language_id))


@pytest.mark.parametrize("language_id", LISPS)
@pytest.mark.parametrize(
    "text", ["(ns (a ", "(ns {\n", "(module (a \n", "(def [a ", "(defn f [x \n ", "(defun (setf a "]
)
def test_what_is_being_typed_gives_spans_that_nest(text: str, language_id: str) -> None:
    check_nesting(snapshot_of(text, language_id))
    check_nesting(snapshot_of(f"{text})\n{text}", language_id))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_cut_anywhere_give_spans_that_nest(path: Path) -> None:
    text = path.read_text("utf-8")
    for end in range(0, min(len(text), 3000), 7):
        check_nesting(Document(path.as_uri(), "", 1, text[:end] + " \n").snapshot())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_mutilated_samples_give_spans_that_nest(path: Path) -> None:
    text = path.read_text("utf-8")
    chance = random.Random(path.name)
    for _ in range(100):
        start = chance.randrange(len(text))
        end = start + chance.choice([0, 1, 1, 20])
        mutilated = text[:start] + chance.choice(["", "(", ")", '"', "]", "#_", "\r"]) + text[end:]
        snapshot = Document(path.as_uri(), "", 1, mutilated).snapshot()
        check_nesting(snapshot)
        definition_at(snapshot, start)


@pytest.mark.parametrize(
    "hostile",
    ["(do ", "#?(:a ", "#?@(:a [", "(cond-expand (a ", "(module m ", "(defclass a ", "(def ", "^{"],
)
@pytest.mark.parametrize("language_id", ["clojure", "scheme", "racket", "hy"])
def test_hostile_text_is_answered(language_id: str, hostile: str) -> None:
    check_nesting(snapshot_of(hostile * 2_000, language_id))


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        (
            "racket",
            "(define c% (class object% (super-new) (define x 1) (define/public (m x) x)))",
            ["class c%", "  field x", "  method m (x)"],
        ),
        ("racket", "(define (f) (class object%))", ["function f ()"]),
        ("fennel", "(local {: a :b c} (require :m))", ["variable a", "variable c"]),
        ("fennel", "(local (a [b & c]) (f))", ["variable a", "variable b", "variable c"]),
        ("fennel", "(local f (fn [x] x))", ["function f [x]"]),
        ("fennel", "(local)", []),
        ("fennel", "(local :a 1)", []),
        ("fennel", "(set m.x (fn [a] a))", ["function m.x [a]"]),
        ("fennel", "(set m.x 1)", []),
        ("fennel", "(set x (fn [a] a))", []),
        ("fennel", "(macros {:a (fn [x] x) :b 1 c 2})", ["macro a [x]", "macro b"]),
        ("fennel", "(macros (f))", []),
        ("janet", "(def [a b] t)", ["variable a", "variable b"]),
        ("janet", "(def- {:a a} t)", ["variable a-"]),
        ("janet", "(def x :private 1)", ["variable x-"]),
        ("janet", "(def x :private)", ["variable x"]),
        ("fennel", "(local x :private 1)", ["variable x"]),
        ("janet", "(def x :privately)", ["variable x"]),
        ("janet", "(defn f :private [x] x)", ["function f- [x]"]),
        ("janet", "(defn f [x] :private)", ["function f [x]"]),
        ("hy", "(setv [a b] c)", ["variable a", "variable b"]),
        ("hy", "(defmain [#* args] 1)", ["function defmain [#* args]"]),
        ("hy", "(defmain)", ["function defmain"]),
        ("scheme", "(define ((f x) y) 1)", ["function f (x) (y)"]),
        ("clojure", "(defn :x)", []),
        ("clojure", "(defmacro :x [a] b)", []),
    ],
)
def test_names_in_patterns_tables_and_values(
    language_id: str, text: str, expected: list[str]
) -> None:
    check(text, language_id, expected)
