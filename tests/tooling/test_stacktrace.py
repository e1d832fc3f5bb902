"""The chain of the last error, as cider-nrepl tells it and as it is read from a session."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.tooling.causes import (
    MAX_CAUSES,
    MAX_DATA,
    MAX_FRAMES,
    Cause,
    StackFrame,
    tells_of,
    without_repeats,
)
from nrepl_lsp.tooling.last_error_code import is_last_error_code, last_error_code
from nrepl_lsp.tooling.stacktrace import LAST_ERROR, causes_of_values, jvm_frame
from nrepl_lsp.tooling.values import ErrorPlace
from nrepl_lsp.tooling.variants import Dialect

from .recordings import ask_recording, replies

CIDER = "cider-nrepl-0.62.2"


async def test_the_chain_that_cider_tells() -> None:
    causes, op = await ask_recording(CIDER, LAST_ERROR, None)

    assert op == "cider/analyze-last-stacktrace"
    assert causes is not None
    assert [(cause.class_name, cause.message, cause.data) for cause in causes] == [
        ("clojure.lang.ExceptionInfo", "boom", "{:a 1}"),
        ("java.lang.RuntimeException", "cause", None),
    ]
    first, again, compiler, dispatch = causes[0].frames[:4]
    assert first == StackFrame("user/eval14930", ErrorPlace(None, 1), is_project=True)
    assert (again.is_duplicate, compiler.is_tooling) == (True, True)
    assert compiler.place == ErrorPlace("clojure/lang/Compiler.java", 7194)
    assert dispatch.name == "cider.nrepl.middleware.util.eval/eval-dispatcher/fn"
    assert dispatch.place is not None
    assert str(dispatch.place.file).startswith("file:/opt/src/cider-nrepl/")


@pytest.mark.parametrize("op", ["analyze-last-stacktrace", "stacktrace"])
async def test_the_older_ops_say_the_same(op: str) -> None:
    async def ask(name: str, params: object, timeout: float) -> list[dict[str, object]]:
        assert name == op
        return replies(CIDER, f"op:{op}")

    dialect = Dialect(Capabilities(frozenset({op})), ask)  # type: ignore[arg-type]
    causes = await dialect.answer(LAST_ERROR, None)
    assert causes is not None
    assert [cause.message for cause in causes] == ["boom", "cause"]


def _cider(*messages: dict[str, object]) -> tuple[Cause, ...] | None:
    return LAST_ERROR.variants[0].parse(messages, None)


def test_the_compilers_place_and_what_may_be_missing() -> None:
    location = {
        "clojure.error/line": "7",
        "clojure.error/column": 3,
        "clojure.error/source": "/x/core.clj",
        "clojure.error/phase": "compile-syntax-check",
    }
    (cause,) = _cider({"class": "X", "location": location, "data": [], "stacktrace": []}) or ()
    assert (cause.place, cause.data, cause.message) == (ErrorPlace("/x/core.clj", 7, 3), None, "")
    (cause,) = _cider({"class": "X", "location": [], "stacktrace": [None, {"flags": "dup"}]}) or ()
    assert (cause.place, cause.frames) == (None, (StackFrame("?", is_duplicate=True),))
    assert _cider({"status": ["done", "no-error"]}) is None


def test_a_compilers_exception_keeps_its_place_and_not_its_data() -> None:
    data = '#:clojure.error{:phase :compile-syntax-check, :line 4, :column 2, :source \\"a.clj\\"}'
    value = f'"[[\\"C\\" \\"Syntax error\\" \\"{data.replace(chr(92), chr(92) * 3)}\\" []]]"'
    (cause,) = causes_of_values([value]) or ()
    assert (cause.data, cause.place) == (None, ErrorPlace("a.clj", 4, 2))


def test_the_chain_that_is_read_from_a_session() -> None:
    """nREPL 1.0.0, shortened."""
    value = (
        '"[[\\"clojure.lang.ExceptionInfo\\" \\"boom\\" \\"{:a 1}\\" '
        '[[\\"demo.core$area_QMARK_\\" \\"invokeStatic\\" \\"core.clj\\" 12] '
        '[\\"demo.core$area_QMARK_\\" \\"invoke\\" \\"core.clj\\" 11] '
        '[\\"demo.core$area_QMARK_\\" \\"invokeStatic\\" \\"core.clj\\" 12]]] '
        '[\\"E\\" nil nil [[\\"a\\"] 7]] [\\"too short\\"]]"'
    )
    boom, plain = causes_of_values([value]) or ()
    area = StackFrame("demo.core/area?", ErrorPlace("demo/core.clj", 12))
    entry = StackFrame("demo.core/area?", ErrorPlace("demo/core.clj", 11), is_duplicate=True)
    assert boom.frames == (area, entry, area)
    assert (boom.data, boom.short_class) == ("{:a 1}", "ExceptionInfo")
    assert plain == Cause("E", "")


@pytest.mark.parametrize("value", ["nil", '""', "[", '"["', "3", '"{}"', "", '"[]"'])
def test_what_is_no_chain_gives_none(value: str) -> None:
    assert causes_of_values([value]) is None
    assert causes_of_values([]) is None


@pytest.mark.parametrize(
    ("told", "name", "place"),
    [
        (("user$eval2173", "invokeStatic", "NO_SOURCE_FILE", 5), "user/eval2173", (None, 5)),
        (("a.b_c$f_BANG_$fn__12", "invoke", "b_c.clj", 3), "a.b-c/f!/fn", ("a/b_c.clj", 3)),
        (("a.b$_GT_x$g__4$fn__5", "doInvoke", "b.clj", 1), "a.b/>x/g/fn", ("a/b.clj", 1)),
        (("clojure.core$print", "invoke", "core_print.clj", 9), "clojure.core/print", None),
        (
            ("clojure.lang.Numbers", "divide", "Numbers.java", 190),
            "clojure.lang.Numbers/divide",
            None,
        ),
        (("a.B$Inner", "run", "B.java", 2), "a.B$Inner/run", ("a/B.java", 2)),
        (("x.y$f", "invoke", "/abs/y.clj", 2), "x.y/f", ("/abs/y.clj", 2)),
        (("x.y$f", "invoke", None, -2), "x.y/f", "nowhere"),
        (("demo$f", "invoke", "demo.clj", 2), "demo/f", ("demo.clj", 2)),
        (("demo$_", "invoke", "demo.clj", 2), "demo/-", ("demo.clj", 2)),
        (("demo$1", "run", "demo.clj", 2), "demo/run", ("demo.clj", 2)),
    ],
)
def test_a_frame_of_a_jvm_has_the_name_that_was_written(told, name, place) -> None:
    frame = jvm_frame(*told)

    assert frame.name == name
    if place == "nowhere":
        assert frame.place is None
    elif place is not None:
        assert frame.place == ErrorPlace(*place)


@pytest.mark.parametrize(
    ("class_name", "is_tooling"),
    [
        ("clojure.lang.Compiler", True),
        ("clojure.lang.Compiler$InvokeExpr", True),
        ("clojure.main$repl$fn__1", True),
        ("clojure.core$eval", True),
        ("clojure.core$evaluate", False),
        ("nrepl.middleware.session$x", True),
        ("nreplica.core$x", False),
        ("clojure.core$map$fn__1", False),
        ("java.lang.Thread", True),
        ("java.lang.Threads", False),
        ("demo.core$f", False),
    ],
)
def test_the_machinery_is_told_from_code(class_name: str, is_tooling: bool) -> None:
    assert jvm_frame(class_name, "invoke", "x.clj", 1).is_tooling is is_tooling


def test_code_that_was_sent_has_a_label_in_words() -> None:
    assert StackFrame("demo.core/eval12/fn").label == "demo.core (top level)/fn"
    assert StackFrame("demo.core/evaluate").label == "demo.core/evaluate"


def test_repeats_are_marked_one_after_the_other() -> None:
    one, other = StackFrame("f", ErrorPlace("x", 1)), StackFrame("g", ErrorPlace("x", 1))
    assert [it.is_duplicate for it in without_repeats([one, one, other, one])] == [
        *(False, True, False, False)
    ]


@pytest.mark.parametrize(
    ("causes", "message", "class_name", "is_it"),
    [
        ([Cause("A", "boom"), Cause("B", "deep\nmore")], "deep", "B", True),
        ([Cause("A", "boom")], "bang", "A", False),
        (
            [Cause("java.lang.StackOverflowError", "")],
            "StackOverflowError",
            "StackOverflowError",
            True,
        ),
        ([Cause("a.C", "Call did not conform to spec.")], "[x] - failed: p", "a.C", True),
        ([Cause("a.D", "Call did not conform to spec.")], "[x] - failed: p", "a.C", False),
        ([Cause("a.C", "")], "", None, False),
        ([], "boom", "A", False),
    ],
)
def test_another_error_is_not_taken_for_the_one(causes, message, class_name, is_it) -> None:
    assert tells_of(causes, message, class_name) is is_it


def test_the_code_is_declared_for_ids_only() -> None:
    code = last_error_code("ea1c89d3-29d6-426a-b491-b26f549e0749")
    assert code is not None
    assert code.count("(") == code.count(")")
    assert is_last_error_code(code)
    assert not is_last_error_code(code + " ")
    assert not is_last_error_code(code.replace("ea1c89d3", 'x") (boom) "'))
    assert last_error_code('") (boom) (str "') is None
    assert last_error_code("") is None
    # It works in a namespace that refers nothing.
    bare = re.sub(r"clojure\.core/[*\w?!>-]+", "", code)
    assert not re.search(r"\((?:let|when|map|str|get|or)\b", bare)


def test_what_servers_send_is_bounded() -> None:
    frames = [{"name": str(number), "line": 1} for number in range(5000)]
    one = {"class": "X", "message": "m" * 100_000, "data": "d" * 100_000, "stacktrace": frames}
    causes = _cider(*[one] * 100) or ()
    assert len(causes) == MAX_CAUSES
    assert len(causes[0].frames) == MAX_FRAMES
    assert len(causes[0].data or "") == MAX_DATA
    assert len(causes[0].message) < 3000


junk = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
keys = st.sampled_from(["class", "message", "data", "location", "stacktrace", "flags", "line"])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.dictionaries(keys, junk, max_size=6), max_size=3), st.text(max_size=40))
def test_nothing_makes_it_fail(messages, value) -> None:
    for cause in _cider(*messages) or ():
        assert isinstance(cause.message, str)
    assert causes_of_values([value]) is None or value
