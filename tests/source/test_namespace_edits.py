"""Bringing names into a file: the `ns` form afterwards, in its own style."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.changes import Change
from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.forms import top_level_forms
from nrepl_lsp.source.lexer import lexer_for
from nrepl_lsp.source.naming.names import names_at
from nrepl_lsp.source.rewriting.namespace_edits import (
    add_import,
    add_module,
    add_refer,
    add_require,
    namespace_span,
)


def snapshot(text: str, uri: str = "file:///a.clj", language: str = "clojure") -> Snapshot:
    return Document(uri, language, 1, text).snapshot()


def changed(text: str, change: Change | None) -> str | None:
    if change is None:
        return None
    start, end, part = change
    assert 0 <= start <= end <= len(text)
    return text[:start] + part + text[end:]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(ns a)", "(ns a\n  (:require [clojure.string :as str]))"),
        ("  (ns a)", "  (ns a\n    (:require [clojure.string :as str]))"),
        (
            '(ns ^{:doc "x"} a\n  "doc" {:author "me"}\n  (:import (java.util Date)))',
            '(ns ^{:doc "x"} a\n  "doc" {:author "me"}\n  (:require [clojure.string :as str])\n'
            "  (:import (java.util Date)))",
        ),
        (
            "(ns a\n  (:require [b :as b]\n            [z :as z]))",
            "(ns a\n  (:require [b :as b]\n            [clojure.string :as str]\n"
            "            [z :as z]))",
        ),
        (
            "(ns a\n  (:require [z :as z]\n            [b :as b]))",
            "(ns a\n  (:require [z :as z]\n            [b :as b]\n"
            "            [clojure.string :as str]))",
        ),
        (
            "(ns a\n  (:require\n   [d]\n   [e]))",
            "(ns a\n  (:require\n   [clojure.string :as str]\n   [d]\n   [e]))",
        ),
        (
            "(ns a\n  (:require\n   [b] ; why\n   [d])) ; end",
            "(ns a\n  (:require\n   [b] ; why\n   [clojure.string :as str]\n   [d])) ; end",
        ),
        (
            "(ns a\r\n\t(:require [b]))\r\n(f)",
            "(ns a\r\n\t(:require [b]\r\n\t          [clojure.string :as str]))\r\n(f)",
        ),
        ("(ns a (:require))", "(ns a (:require [clojure.string :as str]))"),
        (
            "(ns a (:require [b] :reload))",
            "(ns a (:require [b]\n                [clojure.string :as str] :reload))",
        ),
        (
            "(ns a (:require clojure.string))",
            "(ns a (:require [clojure.string :as str]))",
        ),
        (
            "(ns a (:require [clojure.string :refer [join]]))",
            "(ns a (:require [clojure.string :as str :refer [join]]))",
        ),
        (
            "(ns a (:require [clojure.string :as s]))",
            "(ns a (:require [clojure.string :as s]\n                [clojure.string :as str]))",
        ),
        (
            "(ns a (:require #?(:clj [z]) [b] #_[y]))",
            "(ns a (:require #?(:clj [z]) [b]\n                [clojure.string :as str] #_[y]))",
        ),
        (
            "(ns a\n  #_(:require [q])\n  #?(:clj (:import java.util.Date)))",
            "(ns a\n  (:require [clojure.string :as str])\n  #_(:require [q])\n"
            "  #?(:clj (:import java.util.Date)))",
        ),
        (
            '(ns a\n  (:require ["react" :as react]\n            [b]))',
            '(ns a\n  (:require ["react" :as react]\n            [b]\n'
            "            [clojure.string :as str]))",
        ),
        ("(ns a (:require [b])) (ns c)", None),
        ("(in-ns 'a)", None),
        ("(ns a (:require [b]", None),
        ("(ns a (:require [b)))", None),
        ("(ns)", None),
        ("", None),
        ("(require 'b)", None),
    ],
)
def test_a_require_gets_its_place(before: str, after: str | None) -> None:
    if before.endswith("(ns c)"):
        after = "(ns a (:require [b]\n                [clojure.string :as str])) (ns c)"
    assert changed(before, add_require(snapshot(before), "clojure.string", "str")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(ns a)", "(ns a\n  (:require [clojure.test :refer [is]]))"),
        ("(ns a (:require clojure.test))", "(ns a (:require [clojure.test :refer [is]]))"),
        (
            "(ns a (:require [clojure.test :as t]))",
            "(ns a (:require [clojure.test :as t :refer [is]]))",
        ),
        (
            "(ns a (:require [clojure.test :refer [deftest testing]]))",
            "(ns a (:require [clojure.test :refer [deftest is testing]]))",
        ),
        (
            "(ns a (:require [clojure.test :refer [testing deftest]]))",
            "(ns a (:require [clojure.test :refer [testing deftest is]]))",
        ),
        (
            "(ns a (:require [clojure.test :refer [testing]]))",
            "(ns a (:require [clojure.test :refer [is testing]]))",
        ),
        (
            "(ns a (:require [clojure.test :refer []]))",
            "(ns a (:require [clojure.test :refer [is]]))",
        ),
        (
            "(ns a\n  (:require [clojure.test\n             :refer [are\n"
            "                     deftest]]))",
            "(ns a\n  (:require [clojure.test\n             :refer [are\n"
            "                     deftest\n                     is]]))",
        ),
        (
            "(ns a (:require [clojure.test :refer [are ; c\n b]]))",
            "(ns a (:require [clojure.test :refer [are ; c\n b\n"
            "                                      is]]))",
        ),
        (
            "(ns a (:require [clojure.test :refer [are ; c\n testing]]))",
            "(ns a (:require [clojure.test :refer [are ; c\n"
            "                                      is\n testing]]))",
        ),
        (
            "(ns a (:require [clojure.test :refer [are] ; c\n ]))",
            "(ns a (:require [clojure.test :refer [are is] ; c\n ]))",
        ),
        ("(ns a (:require [clojure.test :refer [is]]))", None),
        ("(ns a (:require [clojure.test :refer :all]))", None),
        ("(ns a (:require [clojure.test :refer]))", None),
    ],
)
def test_a_refer_goes_to_its_namespace(before: str, after: str | None) -> None:
    assert changed(before, add_refer(snapshot(before), "clojure.test", "is")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(ns a)", "(ns a\n  (:import (java.util Date)))"),
        (
            "(ns a\n  (:require [b])\n  (:gen-class))",
            "(ns a\n  (:require [b])\n  (:import (java.util Date))\n  (:gen-class))",
        ),
        (
            "(ns a\n  (:import [java.util ArrayList UUID]))",
            "(ns a\n  (:import [java.util ArrayList Date UUID]))",
        ),
        (
            "(ns a\n  (:import (java.util UUID ArrayList)))",
            "(ns a\n  (:import (java.util UUID ArrayList Date)))",
        ),
        (
            "(ns a\n  (:import (java.io File)\n           (javax.x Y)))",
            "(ns a\n  (:import (java.io File)\n           (java.util Date)\n"
            "           (javax.x Y)))",
        ),
        (
            "(ns a\n  (:import [java.io File]))",
            "(ns a\n  (:import [java.io File]\n           [java.util Date]))",
        ),
        (
            "(ns a\n  (:import java.io.File))",
            "(ns a\n  (:import java.io.File\n           java.util.Date))",
        ),
        ("(ns a (:import (java.util)))", "(ns a (:import (java.util Date)))"),
        ("(ns a (:import))", "(ns a (:import (java.util Date)))"),
        ("(ns a (:import (java.util Date)))", None),
    ],
)
def test_an_import_goes_to_its_package(before: str, after: str | None) -> None:
    assert changed(before, add_import(snapshot(before), "java.util.Date")) == after


def test_a_python_module_is_imported_by_its_name() -> None:
    text = "(ns a\n  (:import [datetime :as dt]\n           sys))"
    change = add_module(snapshot(text, "file:///a.lpy"), "os")
    assert changed(text, change) == (
        "(ns a\n  (:import [datetime :as dt]\n           os\n           sys))"
    )


@pytest.mark.parametrize("name", ["", "a b", "(boom)", '"x"', ":k", "1", "a\n", ";", "#_"])
@pytest.mark.parametrize(
    "add",
    [
        lambda text, name: add_require(text, name, "x"),
        lambda text, name: add_require(text, "x", name),
        lambda text, name: add_refer(text, name, "x"),
        lambda text, name: add_refer(text, "x", name),
        lambda text, name: add_import(text, f"a.{name}"),
        add_import,
        add_module,
    ],
)
def test_what_is_no_name_is_not_put_into_the_text(
    add: Callable[[Snapshot, str], Change | None], name: str
) -> None:
    assert add(snapshot("(ns a)"), name) is None


def test_a_form_without_end_is_left_alone() -> None:
    text = f"(ns a (:require {'[b.c :as c] ' * 20_000}))"
    assert add_require(snapshot(text), "d", "e") is None


def test_a_class_without_a_package_needs_no_import() -> None:
    assert add_import(snapshot("(ns a)"), "Date") is None


@pytest.mark.parametrize(
    ("uri", "language"),
    [("file:///a.edn", "clojure"), ("file:///a.hy", "hy"), ("file:///a.txt", "plaintext")],
)
def test_other_languages_have_no_such_form(uri: str, language: str) -> None:
    text = snapshot("(ns a)", uri, language)
    assert namespace_span(text) is None
    assert add_require(text, "b", "c") is None


SPECS = st.sampled_from(
    [
        *("[b.c :as c]", "[a]", "z.y", "[q :refer [r s]]", "#?(:clj [k :as k])", "#_[no]"),
        *("(pre [x :as x])", '["s" :as s]', ":reload", "; why\n", "^:keep [m.n :as n]"),
    ]
)
PARTS = st.sampled_from(
    [
        *('"doc"', "{:a 1}", "(:refer-clojure :exclude [map])", "(:import (java.util Date))"),
        *("(:gen-class)", "#?(:clj (:require [cond]))", "; c\n", "(:use u)", "#_(:require n)"),
    ]
)
BLANKS = st.sampled_from([" ", "\n  ", "\r\n\t", "\n\n"])


@st.composite
def ns_forms(draw: st.DrawFn) -> str:
    """An `ns` form with or without requires."""
    parts = draw(st.lists(PARTS, max_size=3))
    if draw(st.booleans()):
        specs = draw(st.lists(SPECS, max_size=4))
        inside = "".join(draw(BLANKS) + spec for spec in specs)
        parts.insert(draw(st.integers(0, len(parts))), f"(:require{inside})")
    inside = "".join(draw(BLANKS) + part for part in parts)
    return f"(ns some.name{inside})\n(f 1)\n"


@settings(max_examples=150, deadline=None)
@given(ns_forms())
def test_the_new_alias_is_there_and_everything_else_still_is(text: str) -> None:
    before = snapshot(text)
    change = add_require(before, "new.name", "fresh")
    result = changed(text, change)
    assert result is not None
    after = snapshot(result)
    lexer = lexer_for(after.language)
    assert lexer is not None
    forms = list(lexer.forms(result, 0, len(result)))
    assert all(form.closed and form.balanced for form in forms)
    assert len(top_level_forms(after)) == 2
    old, new = names_at(before, len(text)), names_at(after, len(result))
    assert new.aliases == {**old.aliases, "fresh": "new.name"}
    assert (new.ns, new.refers, new.imports, new.uses) == (
        *(old.ns, old.refers, old.imports, old.uses),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(ns a)\n(ns d) |", "(ns a)\n(ns d\n  (:require [x :as y])) "),
        ("(ns a)\n| (ns d)", "(ns a\n  (:require [x :as y]))\n (ns d)"),
        ("(ns a)\n(ns d |)", "(ns a)\n(ns d\n  (:require [x :as y]) )"),
        ("(ns a)\n(ns d)\n(in-ns 'a) |", "(ns a\n  (:require [x :as y]))\n(ns d)\n(in-ns 'a) "),
        ("(ns a)\n(in-ns 'b) |", None),
        ("| (ns a)", None),
        ("|", None),
    ],
)
def test_the_form_of_the_namespace_in_force_is_changed(before: str, after: str | None) -> None:
    offset = before.index("|")
    text = before.replace("|", "")
    assert changed(text, add_require(snapshot(text), "x", "y", offset)) == after
