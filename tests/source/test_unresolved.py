"""Names that nothing in the text explains, the cursor marked `|`."""

import pytest

from nrepl_lsp.source.naming.unresolved import unresolved_at

from .marked import at


def said(text: str) -> str | None:
    found = unresolved_at(*at(text))
    return None if found is None else f"{found.kind} {found.name}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(str/jo|in [])", "alias str"),
        ("(f ::st|r/a)", "alias str"),
        ("(Dat|e.)", "class Date"),
        ("(Thr|ead/sleep 1)", "class Thread"),
        ("(fo|o 1)", "var foo"),
        ("(let [foo 1] fo|o)", None),
        ("'str/|x", None),
        ("'[:find x :where [db/|a]]", None),
        ("(quote [db/|a])", None),
        ("(f '[::db/|a])", "alias db"),
        ("`(str/jo|in 1)", "alias str"),
        ("(f #'str/jo|in)", "alias str"),
        ("(let [{:keys [str/|x]} m] x)", None),
        ("(let [{:keys [::str/|x]} m] x)", "alias str"),
        ("#::st|r{:a 1}", "alias str"),
        ("(f #::st|r {:a 1})", "alias str"),
        ("#:st|r{:a 1}", None),
        ("#::{:a| 1}", None),
        ('"#::st|r{}"', None),
        ("(defrecord Foo []) (->Fo|o)", None),
        ("(defrecord Foo []) (map->Fo|o {})", None),
        ("(->Fo|o)", "var ->Foo"),
        ("(.. x fo|o)", None),
        ("(.. x (fo|o y))", None),
        ("(.. x (foo ba|r))", "var bar"),
        ("(.. fo|o x)", "var foo"),
        ("(. x fo|o)", None),
        ("(. x foo ba|r)", "var bar"),
        ("(. fo|o x)", "var foo"),
        ("(f [fo|o])", "var foo"),
        ("((fo|o 1) 2)", "var foo"),
    ],
)
def test_names_that_the_text_does_not_explain(text: str, expected: str | None) -> None:
    assert said(f"(ns a) {text}") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(ns a (:require [b :as str])) (ns d) (str/jo|in)", "alias str"),
        ("(ns a) (ns d (:require [b :as str])) (str/jo|in)", None),
        ("(ns a) (ns d (:require [b :as st|r]))", None),
        ("(ns a) (in-ns 'b) (str/jo|in)", None),
        ("(str/jo|in)", None),
    ],
)
def test_the_namespace_in_force_counts(text: str, expected: str | None) -> None:
    assert said(text) == expected
