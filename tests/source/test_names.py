"""What names mean: aliases, referred names and classes of each language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.naming.names import (
    Names,
    brought_at,
    brought_in,
    defined_names,
    names_at,
    qualified,
    resolve,
    spellings,
)


def snapshot(text: str, extension: str = ".clj") -> Snapshot:
    return Document(f"file:///a{extension}", "", None, text).snapshot()


def names(text: str, extension: str = ".clj") -> Names:
    return names_at(snapshot(text, extension), len(text))


CLOJURE = """\
(ns ^{:author "x"} demo.core
  "Doc." {:meta 1}
  (:refer-clojure :exclude [map] :rename {filter keep-if})
  (:require [clojure.string :as str :refer [join blank?] :rename {join j}]
            demo.other
            (clojure [set :as set] [walk :refer :all] zip)
            #?(:clj [a.b :as ab] :cljs [c.d :as cd])
            #?@(:clj [[e.f :as ef]])
            ["react" :as react]
            [data :as-alias d]
            #_[gone :as gone])
  (:use [x.y :only [z]] w.w)
  (:import [java.util Date List] java.io.File (java.net URL))
  (:require-macros [m.n :as mn :refer-macros [mm]]))
(require '[later :as l] :reload '(pre [fix :as fx]))
(comment (require (quote [asked :as q])))
(use 'all.of '[some.of :only (it)])
(refer 'r.r :only '[rr])
(alias 'al 'a.l)
(import 'java.util.UUID '(java.time Instant))
"""


def test_clojure_s_ns_form_and_what_follows_it() -> None:
    found = names(CLOJURE)
    assert found.ns == "demo.core"
    assert found.aliases == {
        "str": "clojure.string",
        "set": "clojure.set",
        "ab": "a.b",
        "cd": "c.d",
        "ef": "e.f",
        "react": "react",
        "d": "data",
        "mn": "m.n",
        "l": "later",
        "fx": "pre.fix",
        "q": "asked",
        "al": "a.l",
    }
    assert found.refers == {
        "keep-if": "clojure.core",
        "j": "clojure.string",
        "blank?": "clojure.string",
        "z": "x.y",
        "mm": "m.n",
        "it": "some.of",
        "rr": "r.r",
    }
    assert found.imports == {
        "Date": "java.util.Date",
        "List": "java.util.List",
        "File": "java.io.File",
        "URL": "java.net.URL",
        "UUID": "java.util.UUID",
        "Instant": "java.time.Instant",
    }
    assert found.uses == ("clojure.walk", "w.w", "all.of")
    assert found.originals == {"keep-if": "filter", "j": "join"}
    assert found.excluded == {"map", "filter"}


@pytest.mark.parametrize(
    ("extension", "text", "expected"),
    [
        (
            ".lpy",
            "(ns a (:import [datetime :as dt] os.path [collections :refer [Counter]]))",
            {
                "imports": {"dt": "datetime", "os.path": "os.path"},
                "refers": {"Counter": "collections"},
            },
        ),
        (
            ".hy",
            "(import os [path :as p sep] os.path :as pp sys json *)\n"
            "(require hyrule [->] :macros [ap] mac :as m)",
            {
                "aliases": {"pp": "os.path", "m": "mac"},
                "refers": {"p": "os", "sep": "os", "->": "hyrule", "ap": "hyrule"},
                "originals": {"p": "path"},
                "imports": {"sys": "sys"},
                "uses": ("json",),
            },
        ),
        (
            ".hy",
            "(import [os [path]] [sys :as s])",
            {"refers": {"path": "os"}, "aliases": {"s": "sys"}},
        ),
        (
            ".fnl",
            "(local x (require :y))\n(import-macros {: a} :m n :o)"
            '\n(local {: f :g h} (require "z"))'
            "\n(require-macros :all)\n(local (q) (values 1))\n(local w (f 1))",
            {
                "aliases": {"x": "y", "n": "o"},
                "refers": {"a": "m", "f": "z", "h": "z"},
                "originals": {"h": "g"},
                "uses": ("all",),
            },
        ),
        (
            ".scm",
            "(import (prefix (srfi 1) s:) (scheme base)"
            " (only (rename (rnrs base) (car first)) cdr))",
            {
                "aliases": {"s:": "(srfi 1)"},
                "refers": {"first": "(rnrs base)", "cdr": "(rnrs base)"},
                "originals": {"first": "car"},
                "uses": ("(scheme base)",),
            },
        ),
        (
            ".scm",
            "(define-module (a b) #:use-module (ice-9 match)"
            " #:use-module ((srfi srfi-1) #:prefix s: #:select (fold (map . m))))",
            {
                "ns": "(a b)",
                "aliases": {"s:": "(srfi srfi-1)"},
                "refers": {"fold": "(srfi srfi-1)", "m": "(srfi srfi-1)"},
                "uses": ("(ice-9 match)",),
            },
        ),
        (
            ".rkt",
            '(require (prefix-in a: b) racket/list (only-in m x [y z]) "f.rkt" (for-syntax q))',
            {
                "aliases": {"a:": "b"},
                "refers": {"x": "m", "z": "m"},
                "originals": {"z": "y"},
                "uses": ("racket/list", "f.rkt", "q"),
            },
        ),
        (
            ".lisp",
            "(defpackage #:foo (:use :cl) (:local-nicknames (:a :alexandria)) (:import-from"
            " :m #:x))\n(in-package :foo)\n(use-package :more)",
            {
                "ns": "foo",
                "aliases": {"a": "alexandria"},
                "refers": {"x": "m"},
                "uses": ("cl", "more"),
            },
        ),
        (
            ".janet",
            '(import ./x :as y)\n(import spork/json)\n(use ./z)\n(import p :prefix "")'
            '\n(import q :prefix "r/")',
            {
                "aliases": {"y": "./x", "json": "spork/json", "r": "q"},
                "uses": ("./z", "p"),
            },
        ),
        (".txt", "(ns a (:require [b :as c]))", {"ns": None, "aliases": {}}),
        (".clj", "", {"ns": None, "aliases": {}}),
    ],
)
def test_other_languages(extension: str, text: str, expected: dict[str, object]) -> None:
    found = names(text, extension)._asdict()
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        "(ns",
        "(ns a (:require",
        "(ns a (:require [",
        "(ns a (:require [b :as",
        "(ns a (:require [b :refer [c",
        "(ns a (:import (",
        "(ns a (:import []))",
        "(ns 1 ((:require b)))",
        "(require)",
        "(require ')",
        "(alias 'a)",
        "(refer)",
        "(in-ns)",
        '(ns a (:require [[b]] {} "" (c [d [e]])) (:refer-clojure :rename {a}))',
    ],
)
def test_what_is_being_typed_says_what_it_can(text: str) -> None:
    found = names(text)
    assert "gone" not in found.aliases
    assert found.imports == {}


def test_an_unclosed_form_brings_in_what_it_has() -> None:
    assert names("(ns a (:require [b :as c] [d :as").aliases == {"c": "b"}


def test_each_namespace_has_its_own() -> None:
    text = "(ns a (:require [x :as s]))\n(s/f)\n(ns b (:require [y :as s]))\n(s/f)"
    document = snapshot(text)
    assert names_at(document, text.index("s/f")).aliases == {"s": "x"}
    assert names_at(document, len(text)).aliases == {"s": "y"}
    # In the form itself it is the one that it declares.
    assert names_at(document, text.index("[y")).ns == "b"


def test_a_library_holds_its_names() -> None:
    text = "(define-library (a) (import (prefix (b) c:)) (begin c:d))\n(import (e))\nc:d"
    document = snapshot(text, ".scm")
    inside = names_at(document, text.index("c:d"))
    assert (inside.ns, inside.aliases) == ("(a)", {"c:": "(b)"})
    assert names_at(document, len(text)).uses == ("(e)",)
    text = "(module m racket (require (prefix-in a: b)) a:x)"
    assert names_at(snapshot(text, ".rkt"), len(text) - 2).aliases == {"a:": "b"}


def test_discarded_forms_strings_and_long_forms_bring_nothing() -> None:
    text = "#_(require '[a :as b])\n\"(require '[c :as d])\"\n(require '[e :as f])"
    assert names(text).aliases == {"f": "e"}
    assert names(f'(require \'[a :as b] "{"x" * 200_000}")').aliases == {}


KNOWN = Names(
    "demo",
    aliases={"str": "clojure.string", "d": "data"},
    refers={"j": "clojure.string", "blank?": "clojure.string"},
    imports={"Date": "java.util.Date"},
    uses=("all",),
    originals={"j": "join"},
    excluded=frozenset(("map",)),
    core=("clojure.core",),
)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("str/x", ("clojure.string", "x")),
        ("clojure.string/x", ("clojure.string", "x")),
        ("j", ("clojure.string", "join")),
        ("blank?", ("clojure.string", "blank?")),
        ("own", ("demo", "own")),
        ("map", (None, "map")),
        ("/", (None, "/")),
        ("clojure.core//", ("clojure.core", "/")),
        ("str/", (None, "str/")),
        ("Date", (None, "java.util.Date")),
        ("Date.", (None, "java.util.Date")),
        ("Date/parse", ("java.util.Date", "parse")),
        (":k", (None, ":k")),
        (":a/k", ("a", ":k")),
        ("::k", ("demo", ":k")),
        ("::d/k", ("data", ":k")),
        ("::no/k", ("no", ":k")),
        ("", (None, "")),
    ],
)
def test_resolving(text: str, meaning: tuple[str | None, str]) -> None:
    assert resolve(KNOWN, text, {"own"}) == meaning


@pytest.mark.parametrize(
    ("ns", "name", "written"),
    [
        ("clojure.string", "join", {"clojure.string/join", "str/join", "j"}),
        ("clojure.string", "blank?", {"clojure.string/blank?", "str/blank?", "blank?"}),
        ("demo", "own", {"own", "demo/own"}),
        ("all", "x", {"x", "all/x"}),
        ("all", "j", {"all/j"}),
        ("clojure.core", "inc", {"inc", "clojure.core/inc"}),
        ("clojure.core", "map", {"clojure.core/map"}),
        ("java.util.Date", "parse", {"java.util.Date/parse", "Date/parse"}),
        ("data", ":k", {":data/k", "::d/k"}),
        ("demo", ":k", {":demo/k", "::k"}),
    ],
)
def test_spelling_is_the_inverse(ns: str, name: str, written: set[str]) -> None:
    assert spellings(KNOWN, ns, name) == written
    for text in written - {"x", "inc"}:
        assert resolve(KNOWN, text, {"own"}) == (ns, name)


@pytest.mark.parametrize(
    ("extension", "text", "word", "expected"),
    [
        (".hy", "(import os.path :as p os)\n", "p.join", ("os.path", "join")),
        (".hy", "(import os.path :as p os)\n", "os.getcwd", ("os", "getcwd")),
        (".hy", "(import os.path)\n", "os.path.join", ("os.path", "join")),
        (".fnl", "(local x (require :y))\n", "x.foo", ("y", "foo")),
        (".fnl", "(local x (require :y))\n", "x:foo", ("y", "foo")),
        (".scm", "(import (prefix (srfi 1) s:))\n", "s:fold", ("(srfi 1)", "fold")),
        (".scm", "(import (prefix (srfi 1) s:))\n", "fold", (None, "fold")),
        (
            ".lisp",
            "(defpackage a (:local-nicknames (:X :y)))\n(in-package a)\n",
            "x::z",
            ("y", "z"),
        ),
        (".lisp", "", "cl:car", ("cl", "car")),
        (".janet", "(import ./x :as y)\n", "y/z", ("./x", "z")),
    ],
)
def test_resolving_in_other_languages(
    extension: str, text: str, word: str, expected: tuple[str | None, str]
) -> None:
    assert resolve(names(text, extension), word) == expected
    if extension == ".scm" and expected[0]:
        assert spellings(names(text, extension), *expected) == {word}


def test_the_qualifier_of_a_symbol() -> None:
    assert qualified(KNOWN, "str/join") == ("str", "/", "join")
    assert qualified(KNOWN, "/join") == ("", "", "/join")


@pytest.mark.parametrize(
    ("text", "kind", "name", "target"),
    [
        ("(ns a|b)", "declares", "ab", "ab"),
        (
            "(ns a (:require [clojure.str|ing :as str]))",
            "namespace",
            "clojure.string",
            "clojure.string",
        ),
        (
            "(ns a (:require (clojure [str|ing :as str])))",
            "namespace",
            "clojure.string",
            "clojure.string",
        ),
        ("(ns a (:require [clojure.string :as s|tr]))", "alias", "str", "clojure.string"),
        ("(ns a (:require [b :refer [c|d]]))", "refer", "cd", "b"),
        ("(ns a (:import (java.util Da|te)))", "class", "Date", "java.util.Date"),
        ("(ns a (:import (java.ut|il Date)))", "namespace", "java.util", "java.util"),
    ],
)
def test_what_stands_where(text: str, kind: str, name: str, target: str) -> None:
    offset = text.index("|")
    plain = text.replace("|", "")
    found = brought_at(snapshot(plain), offset)
    assert found is not None
    assert (found.kind, found.name, found.target) == (kind, name, target)
    assert plain[found.span.start : found.span.end] in (name, target.rpartition(".")[2])


def test_nothing_stands_elsewhere() -> None:
    text = "(ns a (:require [b :as c]))\n(c/d)"
    for word in ("ns", ":require", ":as", "c/d"):
        assert brought_at(snapshot(text), text.index(word)) is None
    assert brought_at(snapshot("x", ".txt"), 0) is None


def test_what_a_text_defines_in_each_of_its_namespaces() -> None:
    document = snapshot("(ns a)\n(defn f [])\n(ns b)\n(defprotocol P (m [x]))")
    assert defined_names(document, "a") == {"f"}
    assert defined_names(document, "b") == {"P", "m"}
    assert defined_names(document, "c") == frozenset()


PIECES = st.lists(
    st.sampled_from(
        "(ns a (:require [ b :as c :refer :rename {x y} :all (:import (:use ] ) } #?( #?@( :clj ' "
        '(require (import "s" (comment #_ ^ (define-library (module (local (defpackage'.split()
    ),
    max_size=25,
).map(" ".join)


@given(PIECES, st.sampled_from([".clj", ".lpy", ".hy", ".fnl", ".scm", ".rkt", ".lisp", ".janet"]))
def test_any_text_is_read_and_every_span_lies_in_it(text: str, extension: str) -> None:
    document = snapshot(text, extension)
    found = names_at(document, len(text))
    for one in brought_in(document):
        assert 0 <= one.span.start < one.span.end <= len(text)
        assert brought_at(document, one.span.start) is not None
        assert resolve(found, one.name)[1]
