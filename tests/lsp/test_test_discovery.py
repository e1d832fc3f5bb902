"""The tests that a text defines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.lsp.testing import discovery
from tests.source.marked import at, shown, snapshot_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(ns a)\n(deftest one (is 1))\n(deftest- two)\n(defspec three 10 p)", "one two three"),
        ("(t/deftest one) (clojure.test/deftest two)", "one two"),
        ('(deftest ^:slow one) (deftest ^{:doc "d"} two)', "one two"),
        ("(defn f {:test (fn [] 1)} [] 1) (defn ^{:test #(do 1)} g [])", "f g"),
        ("(defn f {:test-it 1} [] 1) (defn g [] {:test :no}) (def h 1)", ""),
        ("(comment (deftest one)) #_(deftest two) '(deftest three)", ""),
        ("(do (deftest one)) (when x (deftest two))", "one two"),
        ("#?(:clj (deftest one) :cljs (deftest two))", "one two"),
        ("(deftest one)\r\n\f(deftest 𝒳-test)", "one 𝒳-test"),
        ("(deftest one (is (= 1 2)", "one"),
        ("(deftest-async one (done)) (x/deftest+ two) (def deftest 1)", "one two"),
        ("(deftest)", ""),
        ("", ""),
    ],
)
def test_tests_in_a_text(text: str, names: str) -> None:
    assert [one.name for one in discovery.tests_in(snapshot_of(text))] == names.split()


@pytest.mark.parametrize("language", ["plaintext", "janet", "hy", "commonlisp", "scheme", "edn"])
def test_what_cannot_be_run_is_no_test(language: str) -> None:
    assert discovery.tests_in(snapshot_of("(deftest one (is 1))", language)) == []


def test_what_is_known_of_a_test() -> None:
    snapshot = snapshot_of("(ns a.b)\n(deftest one)\n(in-ns 'c)\n(deftest two)")
    one, two = discovery.tests_in(snapshot)
    assert shown(snapshot, one.span) == "(deftest one)"
    assert shown(snapshot, one.name_span) == "one"
    assert (one.qualified_name, two.qualified_name) == ("a.b/one", "c/two")
    (alone,) = discovery.tests_in(snapshot_of("(deftest one)"))
    assert (alone.ns, alone.qualified_name) == (None, "one")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("(deftest one (is |1)) (deftest two)", "one"),
        ("|(deftest one)", "one"),
        ("(deftest one)|", "one"),
        ("(deftest one)|(deftest two)", "two"),
        ("(deftest one) | (deftest two)", None),
        ("(def |x 1)", None),
    ],
)
def test_the_test_at_a_place(text: str, name: str | None) -> None:
    found = discovery.test_at(*at(text))
    assert (found.name if found else None) == name


def test_the_last_of_a_name_counts() -> None:
    snapshot = snapshot_of("(ns a)\n(deftest one 1)\n(deftest one 2)")
    found = discovery.test_named(snapshot, "a", "one")
    assert found is not None
    assert shown(snapshot, found.span) == "(deftest one 2)"
    assert discovery.test_named(snapshot, "b", "one") is None
    assert discovery.test_named(snapshot, None, "one") == found
    assert discovery.test_named(snapshot, "a", "two") is None


@given(st.text("(deftst )[]{}\"';#_^:\n\r\f𝒳", max_size=60))
def test_tests_lie_in_the_text(text: str) -> None:
    for one in discovery.tests_in(snapshot_of(text)):
        assert 0 <= one.span.start <= one.name_span.start <= one.name_span.end <= one.span.end
        assert one.span.end <= len(text)
