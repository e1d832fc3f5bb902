"""
What a run of tests came to, read from the value of `test_code` or from cider-nrepl's reply.

cider-nrepl runs tests on the user's session, so its ops are no `Question`: `cider_op` says what to
send, and whoever runs things there sends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from nrepl_lsp.nrepl import edn
from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.nrepl.errors import EdnError
from nrepl_lsp.nrepl.messages import Message

from .stacktrace import LAST_ERROR, Cause, StackFrame, jvm_frame
from .test_code import FAILURES_LIMIT, TEXT_LIMIT, Selection
from .values import ErrorPlace

__all__ = [
    "Failure",
    "Report",
    "causes_of_reply",
    "cider_causes_op",
    "cider_op",
    "report_of_reply",
    "report_of_value",
]

_OPS = ("cider/test-var-query", "test-var-query")
_CAUSES_OPS = ("cider/test-stacktrace", "test-stacktrace")

#: What basilisp.test 0.5.1 says where the user has said nothing; the rest of it is in the report.
_NO_MESSAGES = ("Test failure: ", "Unexpected exception thrown during test run: ")

#: What cider-nrepl calls a test that an error outside of all tests belongs to.
_NO_TEST = "cider.nrepl.middleware.test/unknown"

_NOWHERE = ErrorPlace()


@dataclass(frozen=True, slots=True)
class Failure:
    """
    An assertion that failed, or an exception in a test.

    test: None for what happened outside the tests of `ns`, in a fixture for instance. contexts:
    what `testing` says, the outermost first. expected, actual: printed forms. values: of a failed
    `=` of two, both printed, the expected one first. place: the assertion's, in the text that was
    loaded; start: that of the test's form there. causes: the exception's, outermost first.
    difference: what the program found out about the values. index: by which cider-nrepl knows the
    assertion among those of its test.
    """

    kind: Literal["fail", "error"]
    ns: str
    test: str | None
    contexts: tuple[str, ...] = ()
    message: str | None = None
    expected: str | None = None
    actual: str | None = None
    values: tuple[str, str] | None = None
    place: ErrorPlace = _NOWHERE
    start: ErrorPlace = _NOWHERE
    causes: tuple[Cause, ...] = ()
    difference: str | None = None
    index: int | None = None

    @property
    def name(self) -> str:
        """The test's name, or its namespace's where there is no test."""
        return self.test or self.ns


@dataclass(frozen=True, slots=True)
class Report:
    """
    What was run. passed, failed, errors: assertions; passed is None where nobody counts them.

    failures: the first of them. missing: tests that the program does not have, as (ns, name);
    unfinished: those that are asynchronous, or come after one: what becomes of them is not known.
    """

    tests: int = 0
    passed: int | None = 0
    failed: int = 0
    errors: int = 0
    failures: tuple[Failure, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    unfinished: tuple[tuple[str, str], ...] = ()
    unloaded: tuple[str, ...] = ()

    @property
    def assertions(self) -> int | None:
        """How many were made; None when that is not known."""
        return None if self.passed is None else self.passed + self.failed + self.errors

    @property
    def is_good(self) -> bool:
        """Whether nothing went wrong."""
        return not (self.failed or self.errors)


def cider_op(capabilities: Capabilities, selection: Selection) -> tuple[str, Message] | None:
    """
    The op that runs tests and its parameters; None where the server has none.

    The namespaces must be loaded and the tests be there: up to 0.63 the op never answers about an
    unloaded namespace, and runs all tests of one when it is asked for a test that it lacks.
    """
    op = next((op for op in _OPS if capabilities.supports(op)), None)
    is_named = {names is not None for _, names in selection}
    # It takes namespaces or tests; of both together it would run the tests alone.
    if op is None or len(is_named) > 1:
        return None
    query: dict[str, Any] = {"ns-query": {"exactly": [ns for ns, _ in selection]}}
    if True in is_named:
        query["exactly"] = [f"{ns}/{name}" for ns, names in selection for name in names or ()]
    return op, {"var-query": query}


def cider_causes_op(capabilities: Capabilities, failure: Failure) -> tuple[str, Message] | None:
    """The op that tells of an exception in cider's last run and its parameters, or None."""
    op = next((op for op in _CAUSES_OPS if capabilities.supports(op)), None)
    if op is None or failure.kind != "error" or failure.index is None or failure.test is None:
        return None
    return op, {"ns": failure.ns, "var": failure.test, "index": failure.index}


def causes_of_reply(messages: Sequence[Message]) -> tuple[Cause, ...]:
    """The exceptions in the reply to that op, outermost first."""
    return LAST_ERROR.variants[0].parse(messages, None) or ()


def report_of_value(value: str) -> Report | None:
    """
    The report in the printed string that `test_code` gives; None when it is none.

    A string that was cut off gives what is there.
    """
    rows = list(_rows(value))
    if not rows or rows[0][0] != "run" or len(rows[0]) < 5:
        return None
    _, tests, passed, failed, errors = rows[0][:5]
    pairs: dict[str, list[tuple[str, str]]] = {"missing": [], "unfinished": []}
    for row in rows:
        if row[0] in pairs and len(row) >= 3:
            pairs[row[0]].append((str(row[1]), str(row[2])))
    return Report(
        _count(tests),
        None if passed is None else _count(passed),
        _count(failed),
        _count(errors),
        tuple(_failure(row) for row in rows if row[0] in ("fail", "error") and len(row) >= 14),
        tuple(pairs["missing"]),
        tuple(pairs["unfinished"]),
        tuple(str(row[1]) for row in rows if row[0] == "unloaded" and len(row) > 1),
    )


def _rows(value: str) -> Iterator[list[Any]]:
    """The lines that can be read, each a vector that begins with a word."""
    text = value.strip()
    for whole in (text, f'{text}"'):
        try:
            lines = edn.read(whole)
            break
        except EdnError:
            continue
    else:
        return
    for line in lines.split("\n") if isinstance(lines, str) else ():
        try:
            row = edn.read(line)
        except EdnError:
            continue
        if isinstance(row, list) and row and isinstance(row[0], str):
            yield row


def _failure(row: list[Any]) -> Failure:
    kind, ns, test, contexts, message, expected, actual, left, right, file, line, *more = row
    start_file, start_line, causes = more[:3]
    values = (str(left), str(right)) if left is not None and right is not None else None
    return Failure(
        "error" if kind == "error" else "fail",
        str(ns),
        _text(test),
        tuple(map(str, contexts)) if isinstance(contexts, list) else (),
        _own_message(_text(message)),
        # Where nothing was expected, as outside of assertions, it is printed as `nil`.
        None if kind == "error" and expected == "nil" else _text(expected),
        _text(actual),
        values,
        ErrorPlace(_text(file), _line(line)),
        ErrorPlace(_text(start_file), _line(start_line)),
        tuple(_causes(causes)),
    )


def _causes(rows: Any) -> Iterator[Cause]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, list) and len(row) >= 4:
            name, message, data, frames = row[:4]
            yield Cause(
                _text(name),
                _text(message) or "",
                None if data == "{}" else _text(data),
                frames=tuple(_frames(frames)),
            )


def _frames(rows: Any) -> Iterator[StackFrame]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, list) and len(row) >= 3:
            yield _frame(_text(row[0]) or "", _text(row[1]), _line(row[2]))


def _frame(name: str, file: str | None, line: int | None) -> StackFrame:
    class_name, slash, method = name.rpartition("/")
    if slash:
        return jvm_frame(class_name, method, file, line)
    return StackFrame(name, ErrorPlace(file, line))


def report_of_reply(messages: Iterable[Message]) -> Report | None:
    """The report in the reply to cider's op; None when it holds none."""
    for message in messages:
        summary, results = message.get("summary"), message.get("results")
        if isinstance(summary, Mapping) and isinstance(results, Mapping):
            return Report(
                _count(summary.get("test")),
                _count(summary.get("pass")),
                _count(summary.get("fail")),
                _count(summary.get("error")),
                tuple(islice(_failed(results), FAILURES_LIMIT)),
            )
    return None


def _failed(results: Mapping[str, Any]) -> Iterator[Failure]:
    for ns, tests in results.items():
        for test, assertions in tests.items() if isinstance(tests, Mapping) else ():
            for one in assertions if isinstance(assertions, list) else ():
                if isinstance(one, Mapping) and one.get("type") in ("fail", "error"):
                    yield _assertion(str(ns), str(test), one)


def _assertion(ns: str, test: str, one: Mapping[str, Any]) -> Failure:
    context = _text(one.get("context"))
    error = _text(one.get("error"))
    in_test = not one.get("fault") and f"{ns}/{test}" != _NO_TEST and test != _NO_TEST
    name, _, said = (error or "").partition(": ")
    return Failure(
        "error" if one.get("type") == "error" else "fail",
        ns,
        test if in_test else None,
        (context,) if context else (),
        _text(one.get("message")),
        _joined(one.get("expected")),
        None if error else _joined(one.get("actual")),
        place=ErrorPlace(_text(one.get("file")), _line(one.get("line"))),
        causes=(Cause(name, _cut(said)),) if error else (),
        difference=_difference(one.get("diffs")),
        index=index if isinstance(index := one.get("index"), int) else None,
    )


def _difference(diffs: Any) -> str | None:
    """What only one of two values has: `- removed`, `+ added`."""
    lines = []
    for diff in diffs if isinstance(diffs, list) else ():
        parts = diff[1] if isinstance(diff, list) and len(diff) == 2 else None
        if isinstance(parts, list) and len(parts) >= 2:
            for sign, part in zip("-+", parts, strict=False):
                text = _joined(part)
                if text and text != "nil":
                    lines.append(f"{sign} {text}")
    return "\n".join(lines) or None


def _own_message(message: str | None) -> str | None:
    return None if message is not None and message.startswith(_NO_MESSAGES) else message


def _joined(value: Any) -> str | None:
    """A text, or several as lines; empty ones are none."""
    parts: Sequence[Any] = value if isinstance(value, list) else (value,)
    text = "\n".join(str(part).strip() for part in parts if part is not None).strip()
    return _cut(text) if text else None


def _text(value: Any) -> str | None:
    return _cut(value) if isinstance(value, str) and value else None


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT + 1 else text[:TEXT_LIMIT] + "…"


def _count(value: Any) -> int:
    return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else 0


def _line(value: Any) -> int | None:
    """A 1-based line; nbb 1.6.214 says "todo" where it knows none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
