"""Failures of nine servers, read from the text they wrote."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.tooling.errors import MAX_DETAIL, MAX_MESSAGE, report
from nrepl_lsp.tooling.values import ErrorPlace

from .recordings import failure

SRC = "/home/user/project/src/demo/"
UNRESOLVED = "Unable to resolve symbol: nosuchsym2 in this context"
BASILISP = "basilisp.lang.compiler.exception.CompilerException"


def place(line: int, column: int | None = None, file: str | None = None):
    return ErrorPlace(file, line, column)


@pytest.mark.parametrize(
    ("server", "scenario", "message", "class_name", "phase", "where"),
    [
        (
            "nrepl-1.0.0",
            "eval-error-divide",
            "Divide by zero",
            "java.lang.ArithmeticException",
            "execution",
            place(1),
        ),
        (
            "nrepl-1.0.0",
            "eval-error-unknown-symbol",
            "Unable to resolve symbol: nosuchsym in this context",
            "clojure.lang.Compiler$CompilerException",
            "compile",
            None,
        ),
        (
            "nrepl-1.7.0",
            "eval-unknown-symbol-with-file-line",
            UNRESOLVED,
            "clojure.lang.Compiler$CompilerException",
            "compile",
            place(31, 1, SRC + "core.clj"),
        ),
        (
            "nrepl-1.0.0",
            "eval-error-reader-unmatched",
            "Unmatched delimiter: )",
            "clojure.lang.ExceptionInfo",
            "read",
            place(1, 9),
        ),
        (
            "nrepl-1.0.0",
            "load-file-reader-error",
            "EOF while reading, starting at line 3",
            "clojure.lang.Compiler$CompilerException",
            "read",
            place(3, None, SRC + "unread.clj"),
        ),
        (
            "nrepl-1.7.0",
            "load-file-reader-error",
            "EOF while reading, starting at line 3",
            "clojure.lang.ExceptionInfo",
            "read",
            place(3),
        ),
        (
            "nrepl-1.7.0",
            "load-file-runtime-error",
            "Divide by zero",
            "java.lang.ArithmeticException",
            "execution",
            place(4, None, "rt"),
        ),
        (
            "nrepl-1.7.0",
            "eval-error-macroexpand",
            "[x] - failed: even-number-of-forms? at: [:bindings] spec: "
            ":clojure.core.specs.alpha/bindings",
            "clojure.lang.Compiler$CompilerException",
            "macroexpand",
            place(1, 1),
        ),
        (
            "nrepl-1.7.0",
            "eval-error-print",
            "while printing",
            "clojure.lang.ExceptionInfo",
            "print",
            place(1),
        ),
        (
            "nrepl-1.7.0",
            "eval-stack-overflow",
            "java.lang.StackOverflowError",
            "java.lang.StackOverflowError",
            "execution",
            place(1),
        ),
        (
            "cider-nrepl-0.62.2",
            "load-file-unknown-symbol",
            "Unable to resolve symbol: undefined-sym in this context",
            "clojure.lang.Compiler$CompilerException",
            "compile",
            place(6, 3, SRC + "bad.clj"),
        ),
        (
            "tools.nrepl-0.2.13",
            "eval-error-divide",
            "Divide by zero",
            "java.lang.ArithmeticException",
            "execution",
            place(1, None, "run-tools-nrepl.clj"),
        ),
        (
            "babashka.nrepl-0.0.8",
            "eval-error-divide",
            "Divide by zero",
            "java.lang.ArithmeticException",
            None,
            place(1, 1),
        ),
        (
            "babashka.nrepl-0.0.8",
            "eval-error-unknown-symbol",
            "Could not resolve symbol: nosuchsym",
            None,
            None,
            place(1, 1),
        ),
        (
            "babashka.nrepl-0.0.8",
            "eval-error-reader-tag",
            "No reader function for tag nope/tag",
            None,
            None,
            None,
        ),
        (
            "babashka.nrepl-0.0.8",
            "load-file-reader-error",
            "EOF while reading, expected ) to match ( at [3,1]",
            "clojure.lang.ExceptionInfo",
            None,
            place(3, 1, SRC + "unread.clj"),
        ),
        (
            "babashka.nrepl-0.0.8",
            "eval-stack-overflow",
            "java.lang.StackOverflowError",
            "java.lang.StackOverflowError",
            None,
            place(1, 11),
        ),
        (
            "nbb-1.6.214",
            "eval-error-unknown-symbol",
            "Unable to resolve symbol: nosuchsym",
            None,
            "compile",
            place(1, 1),
        ),
        (
            "nbb-1.6.214",
            "eval-unknown-symbol-with-file-line",
            "Unable to resolve symbol: nosuchsym2",
            None,
            "compile",
            None,
        ),
        (
            "nbb-1.6.214",
            "load-file-reader-error",
            "EOF while reading, expected ) to match ( at [3,1]",
            None,
            "read",
            place(3, 1),
        ),
        (
            "nbb-1.6.214",
            "eval-error-reader-tag",
            "No reader function for tag nope/tag",
            "Error",
            None,
            None,
        ),
        (
            "nbb-logseq-1.2.173",
            "load-file-unknown-symbol",
            "Could not resolve symbol: undefined-sym",
            None,
            "compile",
            place(6, 3),
        ),
        (
            "basilisp-0.5.1",
            "eval-unknown-symbol-with-file-line",
            "unable to resolve symbol 'nosuchsym2' in this context",
            BASILISP,
            "compile",
            place(31, 5, SRC + "core.lpy"),
        ),
        (
            "basilisp-0.5.1",
            "eval-error-reader-unmatched",
            "Unexpected char ')'",
            "basilisp.lang.reader.SyntaxError",
            "read",
            place(1, 8),
        ),
        (
            "basilisp-0.5.1",
            "whole-load-file-unknown-symbol",
            "error occurred during macroexpansion: "
            "unable to resolve symbol 'undefined-sym' in this context",
            BASILISP,
            "macroexpand",
            place(6, 8, "/home/user/project/bad.lpy"),
        ),
        (
            "basilisp-0.5.1",
            "load-file-unknown-symbol",
            "error occurred during macroexpansion: "
            "unable to resolve symbol 'undefined-sym' in this context",
            BASILISP,
            "macroexpand",
            None,
        ),
        (
            "basilisp-0.5.1",
            "whole-load-file-runtime-error",
            "Fraction(1, 0)",
            "ZeroDivisionError",
            "execution",
            place(4, None, "/home/user/project/rt.lpy"),
        ),
        (
            "basilisp-0.5.1",
            "eval-error-exinfo",
            "boom {:a 1}",
            "basilisp.lang.exception.ExceptionInfo",
            "execution",
            place(1),
        ),
        (
            "hy-nrepl-1.0.4",
            "eval-error-nested",
            "division by zero",
            "ZeroDivisionError",
            "execution",
            place(2),
        ),
        (
            "hy-nrepl-1.0.4",
            "eval-error-eof",
            "Premature end of input while attempting to parse one form",
            "hy.PrematureEndOfInput",
            "read",
            place(1),
        ),
        (
            "hyrepl-hy0.20",
            "eval-error-unknown-symbol",
            "name 'nosuchsym' is not defined",
            "NameError",
            None,
            None,
        ),
        (
            "hyrepl-hy0.20",
            "eval-error-reader-eof",
            "PrematureEndOfInput",
            "PrematureEndOfInput",
            None,
            None,
        ),
    ],
)
def test_a_recorded_failure_is_read(server, scenario, message, class_name, phase, where):
    found = report(*failure(server, scenario))

    assert (found.message, found.class_name, found.phase) == (message, class_name, phase)
    assert found.place == where


def test_frames_of_installed_code_are_left_out():
    found = report(*failure("basilisp-0.5.1", "whole-load-file-runtime-error"))

    assert [(label.startswith("__"), one.line) for label, one in found.frames] == [
        (False, 4),
        (True, 6),
    ]
    assert "functools.py" in found.detail


def test_the_end_of_unclosed_input_stands_among_the_frames():
    found = report(*failure("nrepl-1.0.0", "load-file-reader-error"))

    assert found.frames == (("end of input", place(4, 1, SRC + "unread.clj")),)


@pytest.mark.parametrize(
    ("err", "message", "where"),
    [
        (
            "demo.janet:3:7: compile error: unknown symbol nosuch",
            "compile error: unknown symbol nosuch",
            place(3, 7, "demo.janet"),
        ),
        (
            "error: boom\n  in f [demo.janet] (tailcall) on line 6, column 3\n"
            "  in x [a] on line 9, column 1\n",
            "boom",
            place(6, 3, "demo.janet"),
        ),
        ("/x/a.scm:2:5: Unbound variable: foo", "Unbound variable: foo", place(2, 5, "/x/a.scm")),
        (
            "CompilerException java.lang.RuntimeException: Unable to resolve symbol: x in this "
            "context, compiling:(/x/core.clj:7:3)",
            "Unable to resolve symbol: x in this context",
            place(7, 3, "/x/core.clj"),
        ),
        (
            "ArithmeticException Divide by zero  clojure.lang.Numbers.divide (Numbers.java:158)",
            "Divide by zero",
            place(158, None, "Numbers.java"),
        ),
        (
            "warning: noise first\n"
            "Syntax error compiling at (/a (b)/c d.clj:12:4).\nNo such var: x/y\n",
            "No such var: x/y",
            place(12, 4, "/a (b)/c d.clj"),
        ),
        (
            "Syntax error (ClassNotFoundException) compiling at (C:\\x\\core.clj:1:1).\n"
            "no.such.Klass\n",
            "no.such.Klass",
            place(1, 1, "C:\\x\\core.clj"),
        ),
        ("Syntax error compiling fn* at (REPL:4:2).\nBad\n", "Bad", place(4, 2)),
        (
            "java.lang.Exception: two\nlines user /my dir/x.clj:3:1",
            "two",
            place(3, 1, "/my dir/x.clj"),
        ),
        ("\n\nSomething else went wrong.\nMore.", "Something else went wrong.", None),
    ],
)
def test_other_forms_are_read(err, message, where):
    found = report(err)

    assert found.message == message
    assert found.place == where


def test_a_traceback_without_frames_of_the_user_has_no_place():
    err = (
        "Traceback (most recent call last):\n"
        '  File "/usr/lib/python3.11/fractions.py", line 157, in __new__\n'
        "ZeroDivisionError\n"
    )
    found = report(err)

    assert (found.message, found.class_name, found.place) == (
        "ZeroDivisionError",
        "ZeroDivisionError",
        None,
    )


def test_a_traceback_that_is_cut_off_still_has_a_message():
    assert report("Traceback (most recent call last):\n").message.startswith("Traceback")


@pytest.mark.parametrize(("err", "ex"), [("", None), ("\n ", ""), ("", "")])
def test_no_text_is_no_report(err, ex):
    assert report(err, ex) is None


@pytest.mark.parametrize(
    "ex", ["class java.lang.InterruptedException", "class java.lang.ThreadDeath"]
)
def test_what_an_interrupt_leaves_behind_is_no_failure(ex):
    err = "Execution error (InterruptedException) at java.lang.Thread/sleep (Thread.java:-2).\n"

    assert report("sleep interrupted\n", ex, ex, interrupted=True) is None
    assert report("sleep interrupted\n", ex, ex) is not None
    assert report(err, ex).message


def test_a_real_failure_of_an_interrupted_evaluation_is_kept():
    assert report("boom\n", "class java.lang.Exception", interrupted=True).message == "boom"


def test_messages_and_details_are_bounded():
    found = report("x" * (MAX_DETAIL * 3))

    assert len(found.message) == MAX_MESSAGE
    assert MAX_DETAIL <= len(found.detail) < MAX_DETAIL + 10


def test_a_huge_printed_error_of_nbb_is_read_from_its_beginning():
    err, ex, _ = failure("nbb-1.6.214", "eval-stack-overflow")
    found = report(err, ex + "x" * 700_000)

    assert found.place == place(1, 16)


texts = st.text(alphabet='Syntax error:()."\n /aF1,lineTrcbk', max_size=80) | st.text(max_size=40)
parts = st.sampled_from(
    [
        "Syntax error compiling at (",
        "REPL:1:2).\n",
        "Traceback (most recent call last):\n",
        '  File "a", line 3, in f\n',
        "  exception: <class 'x'>\n",
        "    message: m\n",
        "   location: f:9\n",
        "       line: 1:2\n",
        "#error {:message ",
        ":line 3, :column 4",
        "a.b: c user REPL:1:1\n",
        " at [1,1]",
    ]
)


@given(st.lists(texts | parts, max_size=8).map("".join), st.none() | texts | parts)
def test_no_text_makes_it_fail(err, ex):
    found = report(err, ex, ex)

    assert found is None or found.place is None or found.place.line > 0


@pytest.mark.parametrize(
    "text", ["a: " * 20_000, "(" * 60_000, ":1" * 30_000, "a " * 30_000, "\n" * 60_000]
)
def test_long_texts_are_read_in_reasonable_time(text):
    import time

    started = time.perf_counter()
    report("Syntax error " + text, text)

    assert time.perf_counter() - started < 2


def test_an_error_in_native_code_has_a_message_and_no_place() -> None:
    """nREPL 1.0.0, loading `(def a (inc (/ 1 0)))`: the constant is folded by the compiler."""
    said = (
        "Execution error (ArithmeticException) at jdk.internal.reflect."
        "NativeMethodAccessorImpl/invoke0 (NativeMethodAccessorImpl.java:-2).\nDivide by zero\n"
    )
    ex, root_ex = (
        "class clojure.lang.Compiler$CompilerException",
        "class java.lang.ArithmeticException",
    )
    found = report(said, ex, root_ex)
    assert found is not None
    assert (found.message, found.class_name) == ("Divide by zero", "java.lang.ArithmeticException")
    assert found.place is None


@pytest.mark.parametrize(
    "err",
    [
        "INFO: b\n" * 14_000,
        "aa: b /x:1\n" * 6_000,
        "aa: b /x:1:1\n" * 6_000,
        "a: " + "b /x:1 " * 9_000,
        "a: " + "b c/d:1:1 " * 9_000,
        "a.B: " + "x, compiling:(" * 5_000,
    ],
)
def test_what_a_program_has_printed_is_read_at_once(err: str) -> None:
    """Whatever was written to `*err*` before the error is read with it, while nothing else is."""
    started = time.perf_counter()
    assert report(err) is not None
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("err", "message", "where"),
    [
        ("a.B: one\ntwo user /my dir/x.clj:3:4", "one", place(3, 4, "/my dir/x.clj")),
        ("INFO: b\na.B: one user x.clj:3:4\n", "b", place(3, 4, "x.clj")),
        ("a.B user C:\\x.clj:3:4 ", "a.B", place(3, 4, "C:\\x.clj")),
        ("a.B: at 1:2 user x.clj:3:4\nat y:5:6\n", "at 1:2", place(3, 4, "x.clj")),
        ("a.B:  user x.clj:3:4", "a.B", place(3, 4, "x.clj")),
    ],
)
def test_the_last_line_that_ends_in_a_place_has_the_place_of_sci(
    err: str, message: str, where: ErrorPlace
) -> None:
    found = report(err)
    assert found is not None
    assert (found.message, found.place) == (message, where)
