"""Running tests in a program, and reading what became of them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.nrepl import edn
from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.tooling.test_code import RUNNERS, TEXT_LIMIT, run_code
from nrepl_lsp.tooling.testing import (
    Failure,
    Report,
    causes_of_reply,
    cider_causes_op,
    cider_op,
    report_of_reply,
    report_of_value,
)
from nrepl_lsp.tooling.value_differences import differences
from nrepl_lsp.tooling.values import ErrorPlace

from .recordings import capabilities, replies


def value(*rows: str) -> str:
    """The rows as a program prints them: a string of lines."""
    return json.dumps("".join(f"{row}\n" for row in rows), ensure_ascii=False)


FAIL = (
    '["fail" "demo-test" "bad" ["outer" "inner"] "msg" "(= {:a 1} {:a 2})"'
    ' "(not (= {:a 1} {:a 2}))" "{:a 1}" "{:a 2}" "NO_SOURCE_FILE" 9 "/p/demo_test.clj" 6 []]'
)
ERROR = (
    '["error" "demo-test" "err" [] nil "(= 1 (boom 2))" nil nil nil "NO_SOURCE_FILE" 4'
    ' "/p/demo_test.clj" 11 [["clojure.lang.ExceptionInfo" "boom" "{:x 2}"'
    ' [["demo_test$boom/invoke" "core.clj" 4]]] ["Root" "" "{}" []]]]'
)
OUTSIDE = (
    '["error" "demo-test" "out" [] "Uncaught exception, not in assertion." "nil" nil nil nil nil'
    ' "todo" "/p/demo_test.cljs" 15 [["Error" "boom" nil []]]]'
)


class TestValues:
    def test_a_report(self) -> None:
        told = value(
            '["run" 5 2 1 1]',
            FAIL,
            '["missing" "demo-test" "gone"]',
            ERROR,
            '["unloaded" "other-test"]',
            '["unfinished" "demo-test" "later"]',
        )
        report = report_of_value(told)
        assert report is not None
        assert (report.tests, report.passed, report.failed, report.errors) == (5, 2, 1, 1)
        assert (report.assertions, report.is_good) == (4, False)
        assert report.missing == (("demo-test", "gone"),)
        assert report.unfinished == (("demo-test", "later"),)
        assert report.unloaded == ("other-test",)
        fail, error = report.failures
        assert fail == Failure(
            "fail",
            "demo-test",
            "bad",
            ("outer", "inner"),
            "msg",
            "(= {:a 1} {:a 2})",
            "(not (= {:a 1} {:a 2}))",
            ("{:a 1}", "{:a 2}"),
            ErrorPlace("NO_SOURCE_FILE", 9),
            ErrorPlace("/p/demo_test.clj", 6),
        )
        assert (error.kind, error.message, error.values) == ("error", None, None)
        first, root = error.causes
        assert (first.class_name, first.message, first.data) == (
            "clojure.lang.ExceptionInfo",
            "boom",
            "{:x 2}",
        )
        assert [(it.name, it.place) for it in first.frames] == [
            ("demo-test/boom", ErrorPlace("core.clj", 4))
        ]
        assert (root.message, root.data) == ("", None)

    def test_what_was_expected_outside_of_assertions_is_nothing(self) -> None:
        report = report_of_value(value('["run" 1 0 0 1]', OUTSIDE))
        assert report is not None
        (error,) = report.failures
        assert (error.expected, error.place.line) == (None, None)

    def test_passed_assertions_that_nobody_counts(self) -> None:
        report = report_of_value(value('["run" 3 nil 0 0]'))
        assert report == Report(3, None)
        assert (report.assertions, report.is_good) == (None, True)

    @pytest.mark.parametrize(
        ("message", "kept"),
        [
            ("Test failure: (= 1 2)", None),
            ("Unexpected exception thrown during test run: KeyError('a')", None),
            ("of two by three", "of two by three"),
        ],
    )
    def test_messages_that_the_library_makes_up(self, message: str, kept: str | None) -> None:
        row = FAIL.replace('"msg"', f'"{message}"')
        report = report_of_value(value('["run" 1 nil 1 0]', row))
        assert report is not None
        assert report.failures[0].message == kept

    def test_a_report_that_was_cut_off_gives_what_is_there(self) -> None:
        whole = value('["run" 9 0 2 0]', FAIL, FAIL)
        report = report_of_value(whole[: len(whole) - 40])
        assert report is not None
        assert (report.failed, len(report.failures)) == (2, 1)

    @given(st.integers(min_value=0, max_value=700))
    def test_a_cut_anywhere_is_no_error(self, at: int) -> None:
        whole = value('["run" 9 0 2 0]', FAIL, ERROR)
        report = report_of_value(whole[:at])
        assert report is None or report.tests in (0, 9)

    @pytest.mark.parametrize(
        "told",
        ["", "nil", "3", '"text"', '"[1 2]"', '"[]"', '"[\\"run\\" 1]"', '"[\\"fail\\"]"', "[1"],
    )
    def test_what_is_no_report(self, told: str) -> None:
        assert report_of_value(told) is None

    @given(st.lists(st.text('[]"{}run fail 12nil\\', max_size=20), max_size=5))
    def test_any_rows_are_no_error(self, rows: list[str]) -> None:
        report = report_of_value(value('["run" 1 "x" nil true]', *rows))
        assert report is not None
        assert (report.tests, report.passed, report.failed, report.errors) == (1, 0, 0, 0)

    def test_rows_of_other_shapes(self) -> None:
        rows = FAIL.replace('["outer" "inner"]', "nil").replace(" 6 []", ' "6" [[1] 2 ["a" 1 2 3]]')
        report = report_of_value(value('["run" 1 1 1 0]', rows, '["fail" 1]', '["missing" 1]'))
        assert report is not None
        (fail,) = report.failures
        assert (fail.contexts, fail.start.line) == ((), None)
        assert [(it.class_name, it.message, it.frames) for it in fail.causes] == [("a", "", ())]


class TestCider:
    def test_a_report(self) -> None:
        report = report_of_reply(replies("cider-nrepl-0.62.2", "op:cider/test-var-query"))
        assert report is not None
        assert (report.tests, report.passed, report.failed, report.errors) == (3, 1, 1, 1)
        fail, error = report.failures
        assert (fail.ns, fail.test, fail.contexts) == ("demo.core-test", "bad", ("ctx",))
        assert (fail.message, fail.expected, fail.actual) == ("msg", "(= 1 2)", "(not (= 1 2))")
        assert fail.place == ErrorPlace("core_test", 3)
        assert (error.kind, error.contexts, error.message) == ("error", (), None)
        assert (error.expected, error.actual) == ('(throw (ex-info "x" {}))', None)
        (cause,) = error.causes
        assert (cause.class_name, cause.message) == ("clojure.lang.ExceptionInfo", "x {}")

    def test_one_test(self) -> None:
        report = report_of_reply(replies("cider-nrepl-0.62.2", "op:cider/test-single"))
        assert report is not None
        assert [(it.test, it.kind) for it in report.failures] == [("bad", "fail")]

    def test_nothing_to_run(self) -> None:
        report = report_of_reply(replies("cider-nrepl-0.62.2", "op:cider/retest"))
        assert report == Report()

    def test_no_report(self) -> None:
        assert report_of_reply([{"status": ["done"]}, {"summary": [], "results": {}}]) is None

    @pytest.mark.parametrize(
        ("assertion", "seen"),
        [
            ({"diffs": [["2", ["1", "nil"]]]}, {"difference": "- 1"}),
            ({"diffs": [["(2)", ["{:a 1}\n", "{:a 2}\n"]]]}, {"difference": "- {:a 1}\n+ {:a 2}"}),
            ({"diffs": [["x"], "y", ["z", []]]}, {"difference": None}),
            ({"actual": ["a\n", "b"]}, {"actual": "a\nb"}),
            ({"actual": []}, {"actual": None}),
            ({"line": "x", "file": []}, {"place": ErrorPlace()}),
            ({"fault": "true"}, {"test": None, "name": "n"}),
            ({"context": "a b"}, {"contexts": ("a b",)}),
            ({"expected": "x" * 5000}, {"expected": "x" * TEXT_LIMIT + "…"}),
        ],
    )
    def test_an_assertion(self, assertion: dict[str, Any], seen: dict[str, Any]) -> None:
        results = {"n": {"t": [{"type": "fail", **assertion}, {"type": "pass"}, 1], "u": 2}, "m": 3}
        report = report_of_reply([{"summary": {"test": 1}, "results": results}])
        assert report is not None
        (failure,) = report.failures
        assert {name: getattr(failure, name) for name in seen} == seen

    def test_errors_outside_of_all_tests(self) -> None:
        unknown = "cider.nrepl.middleware.test/unknown"
        results = {"n": {unknown: [{"type": "error", "error": "a.B: c"}]}}
        report = report_of_reply([{"summary": {"error": 1}, "results": results}])
        assert report is not None
        assert [(it.test, it.causes[0].class_name) for it in report.failures] == [(None, "a.B")]

    def test_what_tells_of_an_exception(self) -> None:
        known = capabilities("cider-nrepl-0.62.2")
        report = report_of_reply(replies("cider-nrepl-0.62.2", "op:cider/test-var-query"))
        assert report is not None
        fail, error = report.failures
        assert cider_causes_op(known, error) == (
            "cider/test-stacktrace",
            {"ns": "demo.core-test", "var": "err", "index": 0},
        )
        assert cider_causes_op(known, fail) is None
        assert cider_causes_op(capabilities("nrepl-1.0.0"), error) is None
        messages = [{"class": "a.B", "message": "c", "stacktrace": []}, {"status": ["done"]}]
        (cause,) = causes_of_reply(messages)
        assert (cause.class_name, cause.message) == ("a.B", "c")
        assert causes_of_reply([{"status": ["no-error", "done"]}]) == ()

    def test_the_op(self) -> None:
        known = capabilities("cider-nrepl-0.62.2")
        assert cider_op(known, [("a", None), ("b", None)]) == (
            "cider/test-var-query",
            {"var-query": {"ns-query": {"exactly": ["a", "b"]}}},
        )
        assert cider_op(known, [("a", ("x", "y"))]) == (
            "cider/test-var-query",
            {"var-query": {"ns-query": {"exactly": ["a"]}, "exactly": ["a/x", "a/y"]}},
        )
        old = Capabilities.from_message({"ops": {"test-var-query": {}, "eval": {}}})
        assert cider_op(old, [("a", None)]) == (
            "test-var-query",
            {"var-query": {"ns-query": {"exactly": ["a"]}}},
        )
        assert cider_op(capabilities("nrepl-1.0.0"), [("a", None)]) is None

    def test_of_namespaces_and_tests_together_it_would_run_the_tests_alone(self) -> None:
        known = capabilities("cider-nrepl-0.62.2")
        assert cider_op(known, [("a", None), ("b", ("x",))]) is None


class TestCode:
    @pytest.mark.parametrize("library", sorted(RUNNERS))
    def test_code_is_one_form_that_holds_the_selection(self, library: str) -> None:
        chosen = [("a.b-test", None), ("c", ("one", "two?"))]
        code = run_code(library, chosen)
        assert code is not None
        assert '[["a.b-test" nil] ["c" ["one" "two?"]]]' in code
        assert "{{" not in code
        assert edn.read(code)[0] == "let"
        assert code.count("(") == code.count(")")

    def test_names_cannot_leave_their_strings(self) -> None:
        code = run_code("clojure.test", [('a"b\\', ("{{throwable}}", "é\n"))])
        assert code is not None
        assert '[["a\\"b\\\\" ["{{throwable}}" "é\n"]]]' in code

    def test_an_unknown_library(self) -> None:
        assert run_code("midje.sweet", [("a", None)]) is None


class TestDifferences:
    @pytest.mark.parametrize(
        ("expected", "actual", "lines"),
        [
            ("1", "2", []),
            ("{:a 1}", "{:a 1}", []),
            (
                "{:a 1, :b [1 2]}",
                "{:a 2, :b [1 3]}",
                ["[:a]: expected 1, got 2", "[:b 1]: expected 2, got 3"],
            ),
            ("[1 2]", "[1]", ["[1]: expected 2, is missing"]),
            ("[1]", "[1 nil]", ["[1]: not expected, got nil"]),
            ("{}", '{"k" {a 1.5}}', ['["k"]: not expected, got {a 1.5}']),
            ("[1]", "[1.0]", ["[0]: expected 1, got 1.0"]),
            ("[1]", "[true]", ["[0]: expected 1, got true"]),
            ("[1]", "{0 1}", []),
            ("#{1 2}", "#{2 3}", []),
            ('"a\\nb"', '"a\\nc"', ["- b", "+ c"]),
            ('"a"', '"b"', []),
            ("[1", "[2]", []),
        ],
    )
    def test_values(self, expected: str, actual: str, lines: list[str]) -> None:
        assert differences(expected, actual) == lines

    def test_many_are_cut(self) -> None:
        found = differences(str(list(range(50))), str(list(range(1, 51))))
        assert (len(found), found[-1]) == (9, "…")
        text = "\\n".join(map(str, range(50)))
        assert len(differences(f'"{text}"', f'"{text.replace("1", "x")}"')) == 9

    def test_lines_are_not_compared_by_their_characters(self) -> None:
        """That takes seconds for some hundred of them, and would tell line by line."""
        expected, actual = (f'"row 1 {end}\\nrow 2 {end}"' for end in ("one", "two"))
        assert differences(expected, actual) == [
            "- row 1 one",
            "- row 2 one",
            "+ row 1 two",
            "+ row 2 two",
        ]

    def test_long_values_are_cut(self) -> None:
        (found,) = differences("[[]]", f"[[{'1 ' * 500}]]")[:1] or [""]
        assert found == "[0 0]: not expected, got 1"
        (found,) = differences("[nil]", f"[[{'1 ' * 500}]]")
        assert found.endswith("…")
        assert len(found) < 100

    @given(st.text('[]{}#"1 :a\\n', max_size=30), st.text('[]{}#"1 :a\\n', max_size=30))
    def test_any_texts_are_no_error(self, expected: str, actual: str) -> None:
        assert differences(expected, expected) == []
        assert all(isinstance(line, str) for line in differences(expected, actual))
