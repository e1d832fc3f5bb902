"""Causes and frames that stand in an error's text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.tooling.causes import MAX_FRAMES
from nrepl_lsp.tooling.errors import report
from nrepl_lsp.tooling.tracebacks import MAX_READ, causes_in_text
from nrepl_lsp.tooling.values import ErrorPlace

from .recordings import failure

# nbb 1.6.214; an error in a function that was loaded from another file, called from a third.
OTHER = '(ns other)\\n\\n(defn bad [x]\\n  (throw (js/Error. \\"no\\")))\\n'
NBB = (
    '#error {:message "no", :data {:type :sci/error, :line 4, :column 3, :message "no",'
    " :sci.impl/callstack #object[cljs.core.Volatile {:val ("
    "#sci.impl.utils.StackFrame{:line 5, :column 1, :end-line nil, :end-column nil,"
    ' :ns #object[Ls demo], :file "/tmp/demo.cljs", :f-meta {:arglists ([x]), :line 2, :column 1,'
    ' :ns #object[Ls demo], :name f, :file "/tmp/demo.cljs"}, :special false} '
    "#sci.impl.utils.StackFrame{:line 5, :column 1, :end-line nil, :end-column nil,"
    ' :ns #object[Ls demo], :file "/tmp/demo.cljs", :f-meta {:arglists ([x]), :line 2, :column 1,'
    ' :ns #object[Ls demo], :name f, :file "/tmp/demo.cljs"}, :special false} '
    "#sci.impl.utils.StackFrame{:line 2, :column 13, :end-line nil, :end-column nil,"
    ' :ns #object[Ls demo], :file "/tmp/demo.cljs", :f-meta {:arglists ([x]), :line 3, :column 1,'
    f' :ns #object[Ls other], :name bad, :file "{OTHER}"}}, :special false}} '
    "#sci.impl.utils.StackFrame{:line 4, :column 3, :end-line nil, :end-column nil,"
    f' :ns #object[Ls other], :file "{OTHER}", :f-meta nil, :special true}})}}],'
    f' :file "{OTHER}"}}, :cause #object[Error Error: no]}}'
)
TRACEBACK = """Traceback (most recent call last):
  File "/x/site-packages/basilisp/contrib/nrepl_server.lpy", line 141, in do_handle_eval
    (let [result (last
  File "/x/site-packages/basilisp/lang/compiler/__init__.py", line 194, in compile_and_exec_form
    last = getattr(ns.module, final_wrapped_name)()
  File "/home/user/core.lpy", line 9, in __lisp_expr___155
  File "/home/user/core.lpy", line 6, in big__Q___arity2
  File "/home/user/core.lpy", line 6, in big__Q___arity2
  File "/x/site-packages/basilisp/core.lpy", line 1158, in __DIV____arity2
  File "/usr/lib/python3.11/fractions.py", line 157, in __new__
ZeroDivisionError: Fraction(1, 0)
on two lines
"""
OUTER = """
During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/home/user/core.lpy", line 12, in <module>
basilisp.lang.exception.ExceptionInfo: outer {:k 1}
"""


def test_a_traceback() -> None:
    (cause,) = causes_in_text(TRACEBACK)
    assert (cause.class_name, cause.message) == (
        "ZeroDivisionError",
        "Fraction(1, 0)\non two lines",
    )
    shown = [(one.name, one.place and one.place.line, one.is_tooling) for one in cause.frames]
    assert shown == [
        ("__new__", 157, False),
        ("/", 1158, True),
        ("big?", 6, False),
        ("big?", 6, False),
        ("top level", 9, False),
        ("compile_and_exec_form", 194, True),
    ]
    assert [one.is_duplicate for one in cause.frames] == [*[False] * 3, True, False, False]


def test_chained_tracebacks_are_causes_and_others_are_not() -> None:
    causes = causes_in_text(TRACEBACK + OUTER)
    assert [(one.short_class, one.message, one.data) for one in causes] == [
        ("ExceptionInfo", "outer", "{:k 1}"),
        ("ZeroDivisionError", "Fraction(1, 0)\non two lines", None),
    ]
    logged = TRACEBACK + "\n" + OUTER.partition("\n\n")[2]
    assert [one.message for one in causes_in_text(logged)] == ["outer"]


def test_a_traceback_that_is_cut_off_has_no_causes() -> None:
    assert causes_in_text("Traceback (most recent call last):\n") == ()


@pytest.mark.parametrize(
    ("server", "scenario", "chain", "frames"),
    [
        (
            "basilisp-0.5.1",
            "whole-load-file-runtime-error",
            [("ZeroDivisionError", "Fraction(1, 0)", None)],
            ["f", "top level"],
        ),
        (
            "basilisp-0.5.1",
            "eval-error-exinfo",
            [("basilisp.lang.exception.ExceptionInfo", "boom", "{:a 1}")],
            ["top level"],
        ),
        (
            "nbb-1.6.214",
            "eval-error-exinfo",
            [("ExceptionInfo", "boom", "{:a 1}")],
            ["user (top level)"],
        ),
        (
            "nbb-1.6.214",
            "load-file-reader-error",
            [(None, "EOF while reading, expected ) to match ( at [3,1]", None)],
            [],
        ),
        (
            "hy-nrepl-1.0.4",
            "eval-error-nested",
            [("ZeroDivisionError", "division by zero", None)],
            ["f", "top level"],
        ),
        ("nrepl-1.0.0", "eval-error-divide", [], []),
    ],
)
def test_recorded_texts(server, scenario, chain, frames) -> None:
    err, ex, _ = failure(server, scenario)
    causes = causes_in_text(err, ex)
    assert [(one.class_name, one.message, one.data) for one in causes] == chain
    own = [
        frame.name
        for frame in (causes[0].frames if causes else ())
        if frame.place and not frame.is_tooling and "lib" not in (frame.place.file or "")
    ]
    assert own == frames


def test_the_calls_of_sci() -> None:
    (cause,) = causes_in_text("no\n", NBB)
    text = OTHER.replace("\\n", "\n").replace('\\"', '"')
    assert (cause.class_name, cause.message) == ("Error", "no")
    assert [(one.name, one.place) for one in cause.frames] == [
        ("other/bad", ErrorPlace(text, 4, 3)),
        ("demo/f", ErrorPlace("/tmp/demo.cljs", 2, 13)),
        ("demo (top level)", ErrorPlace("/tmp/demo.cljs", 5, 1)),
    ]


def test_an_error_of_nbb_is_in_the_file_of_its_innermost_call() -> None:
    found = report("no\n", NBB)
    assert found is not None
    assert found.place is not None
    assert (found.place.line, found.place.column) == (4, 3)
    assert str(found.place.file).startswith("(ns other)\n")


def test_the_chain_below_the_wrapper_of_sci() -> None:
    text = (
        '#error {:message "boom", :data {:type :sci/error, :line 5, :column 1, :file nil},'
        ' :cause #error {:message "boom", :data {:a "}{\\"", :b [1 2]},'
        ' :cause #error {:message "cause \\"q\\"", :data {:c 2}}}}'
    )
    causes = causes_in_text("boom\n", text)
    assert [(one.message, one.data, one.place) for one in causes] == [
        ("boom", '{:a "}{\\"", :b [1 2]}', ErrorPlace(None, 5, 1)),
        ('cause "q"', "{:c 2}", None),
    ]


def test_a_stack_overflow_of_700_kb_is_bounded() -> None:
    frame = (
        "#sci.impl.utils.StackFrame{:line 5, :column 17, :end-line nil, :end-column nil,"
        " :ns #object[Ls user], :file nil, :f-meta nil, :special false} "
    )
    text = (
        '#error {:message "Maximum call stack size exceeded", :data {:type :sci/error, :line 5,'
        " :column 17, :sci.impl/callstack #object[cljs.core.Volatile {:val (" + frame * 6000
    )
    started = time.perf_counter()
    (cause,) = causes_in_text("Maximum call stack size exceeded\n", text)
    assert time.perf_counter() - started < 0.5
    assert cause.message == "Maximum call stack size exceeded"
    assert 0 < len(cause.frames) <= MAX_FRAMES

    long = TRACEBACK.replace("ZeroDiv", '  File "a.lpy", line 1, in f\n' * 20_000 + "ZeroDiv")
    (cause,) = causes_in_text(long)
    assert len(cause.frames) == MAX_FRAMES
    assert len(long) > MAX_READ


parts = st.sampled_from(
    [
        "Traceback (most recent call last):\n",
        '  File "a.lpy", line 0, in __\n',
        '  File "", line 3, in __lisp_fn_\n',
        "X: y {:a 1}\n",
        "During handling of the above exception, another exception occurred:\n",
        '#error {:message "',
        "#error {:message nil",
        ", :data {",
        ", :cause #error ",
        ", :cause #object[A B]",
        "StackFrame{:line 1, :column nil, :ns #object[Ls u], :file nil, :f-meta {:name x",
        "}",
        '"',
        "\\",
    ]
)


@settings(deadline=None, max_examples=120)
@given(st.lists(parts | st.text(max_size=10), max_size=12).map("".join), parts)
def test_no_text_makes_it_fail(err, ex) -> None:
    for text in (err, ex + err):
        for cause in causes_in_text(text, ex + err):
            assert cause.class_name != "sci"
            assert all(frame.name for frame in cause.frames)


@pytest.mark.parametrize("text", ["{" * 60_000, '"' * 60_000, "#error {:message nil" * 5000])
def test_long_texts_are_read_in_reasonable_time(text: str) -> None:
    started = time.perf_counter()
    causes_in_text("", "#error {:message nil, :data {" + text)
    causes_in_text("Traceback (most recent call last):\n" + text * 3)
    assert time.perf_counter() - started < 2
