"""What a place is about, and the form that binds a local."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.locals.binding_text import binding_text
from nrepl_lsp.source.locals.scopes import local_at
from nrepl_lsp.source.naming.subjects import resource_at, subject_at

NS = "(ns demo (:require [clojure.string :as str :refer [join]]) (:import (java.util Date)))\n"


def marked(text: str, extension: str = ".clj") -> tuple[Snapshot, int]:
    offset = text.index("|")
    plain = text.replace("|", "", 1)
    return Document(f"file:///a{extension}", "", None, plain).snapshot(), offset


@pytest.mark.parametrize(
    ("text", "kind", "asked", "span"),
    [
        ("(str/jo|in x)", "symbol", "str/join", "str/join"),
        ("(str|/join x)", "symbol", "str/join", "str/join"),
        ("(s|tr/join x)", "namespace", "clojure.string", "str"),
        ("(|str/join x)", "namespace", "clojure.string", "str"),
        ("(clojure.|string/join x)", "namespace", "clojure.string", "clojure.string"),
        ("(jo|in x)", "symbol", "join", "join"),
        ("(Da|te/parse x)", "symbol", "java.util.Date", "Date"),
        ("(Ma|th/abs x)", "symbol", "Math", "Math"),
        ("(java.io.Fi|le/x)", "symbol", "java.io.File", "java.io.File"),
        ("(f :a ::s|tr/k)", "namespace", "clojure.string", "str"),
        ("'(quot|ed x)", "symbol", "quoted", "quoted"),
        ("#'so|me", "symbol", "some", "some"),
    ],
)
def test_a_symbol_and_its_alias(text: str, kind: str, asked: str, span: str) -> None:
    snapshot, offset = marked(NS + text)
    found = subject_at(snapshot, offset)
    assert found is not None
    assert (found.kind, found.asked) == (kind, asked)
    assert snapshot.text[found.span.start : found.span.end] == span


@pytest.mark.parametrize(
    "text",
    ["(f ::str/|k)", "(f :ke|y)", "(f ::ke|y)", "(f ::n|o/k)", '"str/jo|in"', "; str/jo|in", "1|2"],
)
def test_where_nothing_is_meant(text: str) -> None:
    assert subject_at(*marked(NS + text)) is None


@pytest.mark.parametrize(
    ("text", "kind", "asked"),
    [
        ("(ns de|mo (:require [a :as b]))", "namespace", "demo"),
        ("(ns demo (:require [a.|x :as b]))", "namespace", "a.x"),
        ("(ns demo (:require [a.x :as b|c]))", "namespace", "a.x"),
        ("(ns demo (:require [a :refer [c|d]]))", "symbol", "a/cd"),
        ("(ns demo (:require [a :refer [c] :rename {c d|d}]))", "symbol", "a/c"),
        ("(ns demo (:refer-clojure :exclude [ma|p]))", "symbol", "clojure.core/map"),
        ("(ns demo (:import (java.util Da|te)))", "symbol", "java.util.Date"),
    ],
)
def test_names_in_the_ns_form(text: str, kind: str, asked: str) -> None:
    found = subject_at(*marked(text))
    assert found is not None
    assert (found.kind, found.asked) == (kind, asked)


def test_a_local_goes_before_a_var_of_its_name() -> None:
    found = subject_at(*marked(NS + "(let [join 1] (jo|in))"))
    assert found is not None
    assert found.kind == "local"
    assert found.local is not None
    assert found.local.name == "join"


def test_a_module_s_own_name_is_the_module() -> None:
    found = subject_at(*marked("(import os.path :as p)\n(print p|)", ".hy"))
    assert found is not None
    assert (found.kind, found.namespace, found.alias) == ("namespace", "os.path", "p")


def test_a_referred_name_is_asked_for_alone_where_nothing_separates() -> None:
    found = subject_at(*marked("(import (only (srfi 1) fo|ld))", ".scm"))
    assert found is not None
    assert found.asked == "fold"


def test_plain_text_is_about_its_words() -> None:
    found = subject_at(*marked("some wo|rd", ".txt"))
    assert found is not None
    assert (found.kind, found.asked) == ("symbol", "word")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('(io/resource "a/b|.edn")', "a/b.edn"),
        ('(slurp (clojure.java.io/resource "a|"))', "a"),
        ('(resource "a|")', "a"),
        ('(io/resource "a" (f "b|"))', None),
        ('(io/file "a|")', None),
        ('(io/resource "|")', None),
        (r'(io/resource "a\"|b")', None),
        ('(io/resource "a|', None),
        ("(io/resource a|)", None),
        ('"a|"', None),
    ],
)
def test_a_resource_s_name(text: str, name: str | None) -> None:
    found = resource_at(*marked(text))
    assert (found[0] if found else None) == name


def test_plain_text_names_no_resource() -> None:
    assert resource_at(*marked('(io/resource "a|")', ".txt")) is None


LONG = "(f " + "a" * 300 + ")"


@pytest.mark.parametrize(
    ("extension", "text", "shown"),
    [
        (".clj", '(defn f "doc" [a x] (g x|))', "(defn f [a x] …)"),
        (".clj", "(defn f ([a] a) ([a b] (g b|)))", "(defn f ([a b] …) …)"),
        (".clj", "  (let [y 1\n        z 2]\n   (g y|))", "(let [y 1\n      z 2] …)"),
        (
            ".clj",
            f"(let [a 1 {{:keys [b c]}} (g) d {LONG}] (h b|))",
            "(let [… {:keys [b c]} (g) …] …)",
        ),
        (".clj", f"(let [a {LONG}] (h a|))", f"(let [a {LONG[:120]}…] …)"),
        (".clj", "(fn [x] (fn [y] (g x|)))", "(fn [x] …)"),
        (".clj", "(map #(inc %|) xs)", "#(inc %)"),
        (".clj", "(try 1 (catch Exception e (g e|)))", "(catch Exception e …)"),
        (".clj", "(letfn [(h [q] q|)] h)", "(h [q] …)"),
        (".clj", "(let [x| 1", "(let [x 1 …)"),
        (".scm", "(let ((x 1)\n      (y 2)) (g x|))", "(let ((x 1)\n      (y 2)) …)"),
        (".scm", "(define (f x y) (g y|))", "(define (f x y) …)"),
        (".scm", "(lambda (x y) (g x|))", "(lambda (x y) …)"),
        (".hy", "(defn f [x] (setv y 1) (g y|))", "(setv y 1)"),
        (".fnl", "(fn f [x] (local y 1) (g y|))", "(local y 1)"),
        (".lisp", "(defun f (x &optional (y 2)) (g y|))", "(defun f (x &optional (y 2)) …)"),
        (".janet", "(defn f [x] (def y 1) (g y|))", "(def y 1)"),
    ],
)
def test_the_form_that_binds_a_local(extension: str, text: str, shown: str) -> None:
    snapshot, offset = marked(text, extension)
    local = local_at(snapshot, offset)
    assert local is not None
    assert binding_text(snapshot, local) == shown


WORDS = (
    "(let [x 1 y (f)] (defn f [a {:keys [b]} & c] (fn [x] #(f % x) 'q `(~x) ::a/b :k s/t a.b "
    '(ns m (:require [n.o :as s :refer [p]])) (import os.path :as a) (io/resource "r" (setv x 1) '
    '(local y (require :z)) (define (g h) (lambda (i) ) ] } { " ; #_ ^ \n x f a'
).split(" ")


@given(
    st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join),
    st.sampled_from([".clj", ".lpy", ".hy", ".fnl", ".scm", ".rkt", ".lisp", ".janet", ".txt"]),
)
@settings(max_examples=60, deadline=None)
def test_any_place_of_any_text_has_an_answer_that_lies_in_it(text: str, extension: str) -> None:
    snapshot = Document(f"file:///a{extension}", "", None, text).snapshot()
    for offset in range(len(text) + 1):
        found = subject_at(snapshot, offset)
        if found is not None:
            assert 0 <= found.span.start <= found.span.end <= len(text)
            assert found.local is not None or found.asked
        if found is not None and found.local is not None:
            assert len(binding_text(snapshot, found.local)) <= 2 * len(text) + 40
        resource = resource_at(snapshot, offset)
        assert resource is None or resource[0] in text
