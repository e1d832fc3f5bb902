"""What is said about tests: of one failure, and of a whole run."""

from collections.abc import Iterable, Iterator, Sequence

from nrepl_lsp.tooling.stacktrace import Cause
from nrepl_lsp.tooling.testing import Failure, Report
from nrepl_lsp.tooling.value_differences import differences

__all__ = ["failure_text", "summary", "trace_text"]

#: Characters of one value or message, and lines of a failure's text.
VALUE_LIMIT = 400
LINES_LIMIT = 40
#: Characters of a value together with another, up to which what they differ in is plain to see.
PLAIN_LIMIT = 60
#: Causes that are told of, and names in a summary.
CAUSES_LIMIT = 4
NAMES_LIMIT = 5


def failure_text(failure: Failure, frame: str | None = None) -> str:
    """
    A failure in lines: the test and what it says, what was expected, and what came.

    frame: where in the project the exception was thrown, in words.
    """
    lines = [_headline(failure), *_body(failure)]
    if frame is not None:
        lines.append(f"at {frame}")
    if len(lines) > LINES_LIMIT:
        lines[LINES_LIMIT - 1 :] = ["…"]
    return "\n".join(lines)


def trace_text(failure: Failure) -> str:
    """The calls that led to the innermost exception, as far as they are told; "" without one."""
    lines = []
    for frame in failure.causes[-1].frames if failure.causes else ():
        place = frame.place
        if place is not None and place.file and not frame.is_tooling:
            where = f"{place.file}:{place.line}" if place.line is not None else place.file
            lines.append(f"  at {frame.name} ({where})")
    return "\n".join(dict.fromkeys(lines))


def _headline(failure: Failure) -> str:
    text = failure.name
    if failure.contexts:
        text += f" ({', '.join(failure.contexts)})"
    message = _cut(" ".join((failure.message or "").split()))
    return _cut(f"{text}: {message}" if message else text)


def _body(failure: Failure) -> Iterator[str]:
    if failure.values is not None:
        expected, actual = failure.values
        yield from _labelled("expected", expected)
        yield from _labelled("  actual", actual)
        if len(expected) + len(actual) > PLAIN_LIMIT or "\n" in expected:
            yield from _difference(differences(expected, actual))
        return
    if failure.expected is not None:
        yield from _labelled("expected", failure.expected)
    if failure.causes:
        yield from _causes(failure.causes)
    elif failure.actual is not None:
        yield from _labelled("  actual", failure.actual)
    if failure.difference is not None:
        yield from _difference(failure.difference.split("\n"))


def _labelled(label: str, text: str) -> Iterator[str]:
    first, *others = _cut(text.strip()).splitlines() or [""]
    yield f"{label}: {first}"
    yield from (f"{' ' * len(label)}  {line}" for line in others)


def _difference(lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"{'    diff: ' if number == 0 else '          '}{_cut(line)}"


def _causes(causes: Sequence[Cause]) -> Iterator[str]:
    for number, cause in enumerate(causes[:CAUSES_LIMIT]):
        name = cause.short_class or "an exception"
        said = f"{name}: {cause.message}" if cause.message else name
        data = f" {cause.data}" if cause.data else ""
        yield from _labelled("  actual" if number == 0 else "because of", said + data)


def summary(report: Report, seconds: float | None, unloaded: Iterable[str] = ()) -> str:
    """A run in one sentence: `5 tests, 12 assertions: 1 failure, 1 error (area-test), 34 ms`."""
    time = f", {_time(seconds)}" if seconds is not None else ""
    tests, assertions = _many(report.tests, "test"), report.assertions
    if not report.is_good:
        counted = f", {_many(assertions, 'assertion')}" if assertions is not None else ""
        wrong = [
            _many(count, noun)
            for count, noun in ((report.failed, "failure"), (report.errors, "error"))
            if count
        ]
        names = dict.fromkeys(failure.name for failure in report.failures)
        text = f"{tests}{counted}: {', '.join(wrong)} ({_names(names)}){time}"
    elif not report.tests:
        text = "No tests were run"
    elif assertions is None:
        text = f"{tests} passed{time}"
    else:
        text = f"{_many(assertions, 'assertion')} in {tests} passed{time}"
    return ". ".join([text, *_notes(report, unloaded)])


def _notes(report: Report, unloaded: Iterable[str]) -> Iterator[str]:
    if report.missing:
        names = _names(f"{ns}/{name}" for ns, name in report.missing)
        yield f"Not in the program, so evaluate first: {names}"
    if report.unfinished:
        names = _names(name for _, name in report.unfinished)
        yield f"Asynchronous, or after such a test, so not waited for: {names}"
    if names := _names((*report.unloaded, *unloaded)):
        yield f"Not loaded: {names}"


def _names(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - NAMES_LIMIT} more" if len(known) > NAMES_LIMIT else ""
    return ", ".join(known[:NAMES_LIMIT]) + more


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _cut(text: str) -> str:
    return text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…"
