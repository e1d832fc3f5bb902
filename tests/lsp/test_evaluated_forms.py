"""The record of evaluated forms: what it finds, and that it stays small."""

from types import SimpleNamespace
from typing import Any

import pytest

from nrepl_lsp.lsp.evaluating.code import Code
from nrepl_lsp.lsp.locating import evaluated_forms
from nrepl_lsp.lsp.locating.evaluated_forms import EvaluatedForms, definition_named
from nrepl_lsp.source.document import Document
from nrepl_lsp.source.languages import CLOJURE, PLAIN


def program(is_live: bool = True) -> Any:
    return SimpleNamespace(is_live=is_live, dialect=object())


ONE, OTHER = program(), program()


def found(record: EvaluatedForms, name: str, ns: str | None = "demo", repl: Any = ONE) -> Any:
    form = record.find(repl, ns, name, CLOJURE)
    return form.text if form is not None else None


def test_the_newest_definition_in_the_namespace_of_the_program_counts() -> None:
    record = EvaluatedForms()
    for text in ("(def f 1)", "(defn f [])", "(f)", "(def g (f))"):
        record.note(ONE, Code(text, CLOJURE, ns="demo"), "user")
    record.note(ONE, Code("(def f :elsewhere)", CLOJURE), "user")
    record.note(OTHER, Code("(def f :other)", CLOJURE, ns="demo"), "demo")
    assert found(record, "f") == "(defn f [])"
    assert found(record, "f", "user") == "(def f :elsewhere)"
    assert found(record, "f", None) == "(def f :elsewhere)"
    assert found(record, "f", repl=OTHER) == "(def f :other)"
    assert found(record, "f", "third") is None
    assert found(record, "h") is None


def test_what_was_typed_in_no_known_language_is_read_in_the_asker_s() -> None:
    record = EvaluatedForms()
    record.note(ONE, Code("(def f 1)", PLAIN), None)
    form = record.find(ONE, "demo", "f", CLOJURE)
    assert form is not None
    assert (form.extension, form.ns) == (".clj", None)
    assert record.find(ONE, "demo", "f", PLAIN) is None


def test_empty_and_long_texts_are_not_remembered() -> None:
    record = EvaluatedForms()
    record.note(ONE, Code("  \n", CLOJURE), None)
    record.note(ONE, Code("(def f 1)" + " " * evaluated_forms.FORM_LIMIT, CLOJURE), None)
    assert found(record, "f") is None


@pytest.mark.parametrize(("limit", "value"), [("FORMS_LIMIT", 3), ("TEXT_LIMIT", 30)])
def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(evaluated_forms, limit, value)
    record = EvaluatedForms()
    for number in range(5):
        record.note(ONE, Code(f"(def f{number} 1)", CLOJURE), None)
    kept = [number for number in range(5) if found(record, f"f{number}")]
    assert kept == [2, 3, 4]


def test_a_file_that_is_loaded_again_replaces_what_it_was() -> None:
    record = EvaluatedForms()

    def load(text: str, uri: str = "file:///a.clj", repl: Any = ONE) -> None:
        record.note(repl, Code(text, CLOJURE, uri=uri, ns="demo", is_file=True), None)

    record.note(ONE, Code("(def form 1)", CLOJURE, uri="file:///a.clj", ns="demo"), None)
    load("(def other 1)", "file:///b.clj")
    load("(def other-program 1)", repl=OTHER)
    for number in range(5):
        load(f"(def f{number} 1)")
    assert found(record, "f4") == "(def f4 1)"
    assert [found(record, f"f{number}") for number in range(4)] == [None] * 4
    assert found(record, "form") is not None
    assert found(record, "other") is not None
    assert found(record, "other-program", repl=OTHER) is not None
    load("(def f5 1)" + " " * evaluated_forms.FORM_LIMIT)
    assert found(record, "f4") is None


def test_a_text_that_replaces_itself_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluated_forms, "TEXT_LIMIT", 40)
    record = EvaluatedForms()
    record.note(ONE, Code("(def first 1)", CLOJURE), None)
    for _ in range(5):
        record.note(ONE, Code("(def f 1)", CLOJURE, uri="file:///a.clj", is_file=True), None)
    assert found(record, "first") == "(def first 1)"


def test_what_a_text_defines_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    record, read = EvaluatedForms(), []
    record.note(ONE, Code("(def f (g h))", CLOJURE), None)
    record.note(ONE, Code("(def p (g h))", PLAIN), None)

    def counted(snapshot: Any) -> Any:
        read.append(snapshot.text)
        return definitions(snapshot)

    definitions = evaluated_forms._definitions
    monkeypatch.setattr(evaluated_forms, "_definitions", counted)
    for name in ("g", "h", "g"):
        assert found(record, name) is None
    assert sorted(read) == ["(def f (g h))", "(def p (g h))"]
    assert found(record, "p") == "(def p (g h))"


def test_programs_that_are_gone_are_forgotten() -> None:
    record = EvaluatedForms()
    gone = program(False)
    record.note(gone, Code("(def f 1)", CLOJURE), None)
    record.note(ONE, Code("(def g 1)", CLOJURE), None)
    assert found(record, "f", repl=gone) is None
    assert found(record, "g") == "(def g 1)"


def test_of_two_definitions_the_last_counts() -> None:
    snapshot = Document("a.clj", "", None, "(declare f)\n(def f 1)\n(def f 2)").snapshot()
    one = definition_named(snapshot, "f")
    assert one is not None
    assert one.span.start == snapshot.text.rindex("(def")
    assert definition_named(snapshot, "g") is None
