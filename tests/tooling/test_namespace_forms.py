"""Missing names and clean `ns` forms, over the recorded refactor-nrepl and cider-nrepl."""

from __future__ import annotations

from typing import Any

import pytest

from nrepl_lsp.tooling.namespace_forms import (
    ALIASED,
    CLEAN_NAMESPACE,
    MISSING,
    AliasQuery,
    CleanQuery,
    Missing,
    MissingQuery,
)

from .recordings import ask_recording, replies

REFACTOR = "refactor-nrepl-3.14.0"


def variant(question: Any, op: str) -> Any:
    return next(variant for variant in question.variants if variant.op == op)


@pytest.mark.parametrize(
    ("question", "query", "expected"),
    [
        (ALIASED, AliasQuery("str"), ("clojure.string",)),
        (
            MISSING,
            MissingQuery("join"),
            (Missing("clojure.set", "ns"), Missing("clojure.string", "ns")),
        ),
        (
            CLEAN_NAMESPACE,
            CleanQuery("/project/src/demo/rn.clj"),
            "(ns demo.rn\n  (:require\n   [clojure.string :as str]))\n",
        ),
    ],
)
async def test_refactor_nrepl_answers(question: Any, query: Any, expected: Any) -> None:
    answer, _ = await ask_recording(REFACTOR, question, query)
    assert answer == expected


def test_a_class_is_told_from_a_namespace() -> None:
    parse = variant(MISSING, "resolve-missing").parse
    found = parse(replies(REFACTOR, "resolve-missing:ArrayList"), MissingQuery("ArrayList"))
    assert found == (Missing("java.util.ArrayList", "class"),)


def test_a_form_with_nothing_to_change_is_empty() -> None:
    clean = variant(CLEAN_NAMESPACE, "clean-ns")
    assert clean.parse(replies(REFACTOR, "clean-ns:false"), CleanQuery("/a.clj")) == ""


@pytest.mark.parametrize(
    ("alias", "dialect", "expected"),
    [("set", "clj", ("clojure.set",)), ("set", "cljs", ()), ("str", "cljc", ("clojure.string",))],
)
def test_the_aliases_of_the_project_by_dialect(
    alias: str, dialect: Any, expected: tuple[str, ...]
) -> None:
    parse = variant(ALIASED, "namespace-aliases").parse
    messages = replies(REFACTOR, "namespace-aliases")
    assert parse(messages, AliasQuery(alias, dialect)) == expected


def test_aliases_may_come_as_data() -> None:
    reply = {"namespace-aliases": {"clj": {"a": ["b.c", "b.d", "b.c", 1]}}}
    parse = variant(ALIASED, "refactor/namespace-aliases").parse
    assert parse([reply], AliasQuery("a")) == ("b.c", "b.d")


def test_reader_conditionals_are_not_suggested() -> None:
    suggestions = '["#?(:clj [a :as x]\\n      :cljs [b :as x])" "[c.d :as x]" "[" "[]"]'
    parse = variant(ALIASED, "cljr-suggest-libspecs").parse
    assert parse([{"suggestions": suggestions}], AliasQuery("x", "cljc")) == ("c.d",)


def test_apropos_finds_vars_of_just_that_name() -> None:
    messages = replies("cider-nrepl-0.62.2", "op:cider/apropos")
    parse = variant(MISSING, "cider/apropos").parse
    assert parse(messages, MissingQuery("greet")) == (Missing("demo.core", "ns"),)
    assert parse(messages, MissingQuery("gree")) == ()


def test_apropos_is_asked_with_a_pattern() -> None:
    request = variant(MISSING, "apropos").request
    assert request(MissingQuery("a.b*?")) == {"query": r"a\.b\*\?$"}


@pytest.mark.parametrize(
    ("question", "query"),
    [
        (ALIASED, AliasQuery("a b")),
        (ALIASED, AliasQuery("")),
        (MISSING, MissingQuery("(boom)")),
    ],
)
def test_what_is_no_symbol_is_not_sent(question: Any, query: Any) -> None:
    assert {one.request(query) for one in question.variants} == {None}


def test_who_knows_nothing_says_so() -> None:
    parse = variant(MISSING, "resolve-missing").parse
    assert parse([{"candidates": [], "status": ["done"]}], MissingQuery("x")) == ()
    assert parse([{"status": ["done"]}], MissingQuery("x")) is None


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"error": "boom", "ns": "(ns a)", "candidates": "[]", "suggestions": "[]"},
        {"candidates": "[{:name", "suggestions": "nil", "namespace-aliases": "3"},
        {"candidates": 7, "apropos-matches": "x", "suggestions": {}, "namespace-aliases": []},
    ],
)
@pytest.mark.parametrize(
    ("question", "query"),
    [
        (ALIASED, AliasQuery("a")),
        (MISSING, MissingQuery("a")),
        (CLEAN_NAMESPACE, CleanQuery("/a")),
    ],
)
def test_odd_replies_are_no_answer(question: Any, query: Any, reply: dict[str, Any]) -> None:
    assert {one.parse([reply], query) or None for one in question.variants} == {None}


def test_candidates_that_are_no_names_are_left_out() -> None:
    reply = {"candidates": '[{:name "a b", :type :ns} {:name a.b, :type :macro} 3 {:type :ns}]'}
    parse = variant(MISSING, "refactor/resolve-missing").parse
    assert parse([reply], MissingQuery("x")) == (Missing("a.b", "ns"),)


def test_many_are_cut() -> None:
    names = " ".join(f"{{:name a{number}.b, :type :ns}}" for number in range(90))
    parse = variant(MISSING, "resolve-missing").parse
    assert len(parse([{"candidates": f"({names})"}], MissingQuery("x"))) == 50
