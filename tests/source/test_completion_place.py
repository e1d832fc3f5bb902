"""What is wanted where a name is being typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.source.naming.completion_place import CompletionPlace, completion_place

from .marked import at, snapshot_of


@pytest.mark.parametrize(
    ("marked", "kind"),
    [
        ("(|)", "head"),
        ("( |foo", "head"),
        ("(a (|b))", "head"),
        ("#(|b)", "head"),
        ("`(|b)", "head"),
        ("~@(|b)", "head"),
        ("@(|b)", "head"),
        ("'(|b)", "any"),
        ("#?(|:clj)", "any"),
        ("#?@(|:clj)", "any"),
        ("(a |b)", "any"),
        ("[|b]", "any"),
        ("|b", "any"),
        ("", "any"),
    ],
)
def test_the_head_of_a_list_is_what_will_be_called(marked: str, kind: str) -> None:
    snapshot, offset = at(marked or "|")
    assert completion_place(snapshot, offset) == CompletionPlace(kind)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("(ns a (:require |))", ("namespace", "")),
        ("(ns a (:require |clo))", ("namespace", "")),
        ("(ns a (:require [|]))", ("namespace", "")),
        ("(ns a (:require [|clo :as c]))", ("namespace", "")),
        ("(ns a (:require [b] [|", ("namespace", "")),
        ("(ns a (:use |))", ("namespace", "")),
        ("(ns a (:require-macros [|]))", ("namespace", "")),
        ("(require '|clo)", ("namespace", "")),
        ("(require '[|clo])", ("namespace", "")),
        ("(ns a (:require [clojure.string :refer [|]]))", ("member", "clojure.string/")),
        ("(ns a (:require [clojure.string :as s :refer [join |]]))", ("member", "clojure.string/")),
        ("(ns a (:require [clojure.string :refer (|)]))", ("member", "clojure.string/")),
        ("(ns a (:use [clojure.set :only [|un]]))", ("member", "clojure.set/")),
        ("(require '[clojure.string :refer [|jo]])", ("member", "clojure.string/")),
        ("(ns a (:import (java.util |)))", ("member", "java.util.")),
        ("(ns a (:import [java.util Date |Loc]))", ("member", "java.util.")),
        ("(import '(java.io |Fi))", ("member", "java.io.")),
        ("(ns a (:import [os.path :as |p]))", ("any", "")),
        ("(ns a (:import (|java)))", ("any", "")),
        ("(ns a (:import |java))", ("any", "")),
        ("(ns a (:require [clojure.string :as |]))", ("any", "")),
        ("(ns a (:require [clojure.string :rename {|}]))", ("any", "")),
        ("(ns |a)", ("any", "")),
        ("(ns a (|))", ("head", "")),
        ("(ns a (|:req))", ("head", "")),
        ("(|ns)", ("head", "")),
    ],
)
def test_a_form_that_loads_namespaces_has_places_of_its_own(
    marked: str, expected: tuple[str, str]
) -> None:
    snapshot, offset = at(marked)
    assert completion_place(snapshot, offset) == (*expected, True)


def test_other_languages_only_have_heads() -> None:
    snapshot, offset = at("(require [|os])", "hy")
    assert completion_place(snapshot, offset) == CompletionPlace()
    snapshot, offset = at("(|os)", "hy")
    assert completion_place(snapshot, offset) == CompletionPlace("head")


def test_plain_text_has_no_places() -> None:
    assert completion_place(snapshot_of("(a", "plaintext"), 1) == CompletionPlace()


parts = st.sampled_from(
    ["(ns a ", "(:require ", "[b ", ":refer ", "[", "(:import ", "(", ")", "]", "c.d ", "'", '"']
)


@given(st.lists(parts, max_size=12).map("".join), st.integers(0, 80))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_it_fail(text: str, offset: int) -> None:
    place = completion_place(snapshot_of(text), offset)
    assert place.is_namespace_form or not place.qualifier
