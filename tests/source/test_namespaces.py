"""The namespace in force at the cursor, marked `‸`."""

import pytest

from nrepl_lsp.source.namespaces import namespace_at, namespace_form

from .marked import at, shown, snapshot_of


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        ("clojure", "(ns foo.bar)\n‸", "foo.bar"),
        ("clojure", "‸(ns foo.bar)", None),
        ("clojure", "(ns ‸foo.bar)", None),
        ("clojure", "(ns foo.bar)‸", "foo.bar"),
        ("clojure", '(ns ^{:doc "x (" :author "y"} foo.bar "doc" (:require [a]))\n(‸)', "foo.bar"),
        ("clojure", "(ns ^:a ^:b\n ; note\n foo)\n(‸)", "foo"),
        ("clojure", "(ns #?(:clj foo :cljs bar))\n‸", "foo"),
        ("clojure", "(ns #_old new)\n‸", "new"),
        ("clojure", "#!/usr/bin/env bb\n; (ns no)\n(ns foo)\n‸", "foo"),
        ("clojure", "( ns foo)‸", "foo"),
        ("clojure", "(ns a) (in-ns 'b) ‸ (ns c)", "b"),
        ("clojure", "(ns a) (clojure.core/in-ns 'b) ‸", "b"),
        ("clojure", "(ns a) (comment (in-ns 'b)) ‸", "a"),
        ("clojure", "(ns a) #_(ns b) ‸", "a"),
        ("clojure", '"(ns a)" ‸', None),
        ("clojure", "(ns) ‸", None),
        ("clojure", "(ns #?()) ‸", None),
        ("clojure", '(ns "") ‸', None),
        ("clojure", "(nsx foo) (defn ns [a]) ‸", None),
        ("clojure", "(ns foo\n  (:require [a)\n\n(defn b [] ‸", "foo"),
        ("clojure", "(ns foo\n  (:require [a]\n\n(defn b [] ‸", "foo"),
        ("clojure", "() ‸", None),
        ("basilisp", "(ns foo.lpy)\n‸", "foo.lpy"),
        ("edn", "(ns foo)\n‸", None),
        ("hy", "(ns foo)\n‸", None),
        ("commonlisp", "(in-package :foo)\n‸", "foo"),
        ("commonlisp", "(in-package #:foo)\n‸", "foo"),
        ("commonlisp", '(in-package "FOO")\n‸', "FOO"),
        ("commonlisp", "(cl:in-package foo)\n‸", "foo"),
        ("scheme", "(define-module (a  b)\n #:use-module (c))\n‸", "(a b)"),
        ("scheme", "(define-library (a b) (begin ‸ 1))", "(a b)"),
        ("scheme", "(define-library (a b) (begin 1)) ‸", None),
        ("racket", "(module foo racket (define x ‸ 1))", "foo"),
        ("racket", "(module foo racket ‸", "foo"),
        ("racket", "(module foo racket (define x 1)) ‸", None),
        ("fennel", "(module foo.bar)\n‸", "foo.bar"),
        ("janet", "(ns foo)\n‸", None),
        ("plaintext", "(ns foo)\n‸", None),
    ],
)
def test_the_namespace_in_force(language_id: str, text: str, expected: str | None) -> None:
    assert namespace_at(*at(text, language_id, "‸")) == expected


@pytest.mark.parametrize(
    ("language_id", "text", "expected"),
    [
        ("clojure", "; x\n(ns a (:require b))\n(in-ns 'c)", "(ns a (:require b))"),
        ("clojure", "(ns a (:require b\n\n(c)", "(ns a (:require b"),
        ("clojure", "(a) (b)", None),
        ("racket", "(module a racket)", "(module a racket)"),
        ("plaintext", "(ns a)", None),
    ],
)
def test_the_form_that_names_the_namespace(
    language_id: str, text: str, expected: str | None
) -> None:
    snapshot = snapshot_of(text, language_id)
    assert shown(snapshot, namespace_form(snapshot)) == expected
