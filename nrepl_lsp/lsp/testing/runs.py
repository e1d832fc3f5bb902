"""A run of tests: what it came to, shown and remembered."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.session_ops import OpRun
from nrepl_lsp.tooling.stacktrace import Cause
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO
from nrepl_lsp.tooling.testing import (
    Failure,
    Report,
    causes_of_reply,
    cider_causes_op,
    report_of_reply,
    report_of_value,
)
from nrepl_lsp.tooling.values import ErrorPlace

from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..lookup import ask_named
from ..session.work import message_of
from ..showing.marks import Mark
from .failed import note_failed
from .marks import OWNER, Texts, marks_of
from .plans import TestPlan
from .wording import failure_text, summary, trace_text

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["RUNNING", "finished", "reply"]

#: Failures of which the program is asked for more, and the seconds for all of that.
DETAILS_LIMIT = 20
DETAILS_TIMEOUT = 3.0
#: Characters of one log message.
LOG_LIMIT = 64 * 1024


async def finished(ls: "NreplLanguageServer", plan: TestPlan, running: Running) -> dict[str, Any]:
    """Follow a run to its end, show it, and return the command's reply."""
    outcome = await running.outcome(None)
    if outcome.status != "done":
        # Why is shown already, as of every evaluation; what failed before still stands.
        return reply(outcome.status, why=message_of(outcome), evaluation=outcome.evaluation)
    report = _report(running, outcome)
    if report is None:
        text = "The program has not told what became of the tests: see the log."
        ls.log.info("no report of tests: %.1000r", outcome.values)
        ls.warn(text)
        return reply("error", why=text, evaluation=outcome.evaluation)
    report = replace(report, missing=(*plan.missing, *report.missing))
    report = await _detailed(ls, plan, report)
    marks = await _show_marks(ls, plan, report)
    note_failed(ls, plan.snapshot.uri, plan.has, ((one.ns, one.test) for one in report.failures))
    said = summary(report, outcome.seconds, plan.unloaded)
    _say(ls, plan, report, said)
    return reply("done", report, marks=marks, evaluation=outcome.evaluation, said=said)


def _report(running: Running, outcome: Outcome) -> Report | None:
    if isinstance(running.evaluation, OpRun):
        return report_of_reply(running.evaluation.messages)
    return report_of_value(outcome.values[-1]) if outcome.values else None


async def _detailed(ls: "NreplLanguageServer", plan: TestPlan, report: Report) -> Report:
    """The report with what cider-nrepl's lacks: where tests begin, and the causes of errors."""
    deadline = time.monotonic() + DETAILS_TIMEOUT
    starts: dict[tuple[str, str | None], ErrorPlace] = {}
    found = []
    for number, one in enumerate(report.failures):
        if number < DETAILS_LIMIT and one.test is not None and one.start.line is None:
            if (one.ns, one.test) not in starts:
                starts[one.ns, one.test] = await _start(ls, plan, one, deadline)
            causes = await _causes(ls, plan, one, deadline)
            one = replace(one, start=starts[one.ns, one.test], causes=causes or one.causes)
        found.append(one)
    return replace(report, failures=tuple(found))


async def _start(
    ls: "NreplLanguageServer", plan: TestPlan, failure: Failure, deadline: float
) -> ErrorPlace:
    left = deadline - time.monotonic()
    if left <= 0:
        return failure.start
    info = await ask_named(
        ls, plan.repl, SYMBOL_INFO, plan.snapshot, failure.name, failure.ns, left
    )
    location = info.location if info is not None and info.ns == failure.ns else None
    if location is None or not location.exact:
        return failure.start
    return ErrorPlace(location.path, location.line + 1)


async def _causes(
    ls: "NreplLanguageServer", plan: TestPlan, failure: Failure, deadline: float
) -> tuple[Cause, ...]:
    repl, left = plan.repl, deadline - time.monotonic()
    asked = cider_causes_op(repl.capabilities, failure)
    if asked is None or left <= 0:
        return ()
    op, params = asked
    try:
        # Nothing is run: the exception is in the session, which belongs to the server.
        request = {**params, "session": repl.user.id}
        responses = repl.tooling.connection.request(op, request, timeout=left)
        return causes_of_reply((await responses.collect()).messages)
    except NreplError as error:
        ls.log.info("no causes of %s: %s", failure.name, error)
        return ()


async def _show_marks(
    ls: "NreplLanguageServer", plan: TestPlan, report: Report
) -> list[Mark | None]:
    """Mark the failures, and take away the marks that the same tests left before."""
    texts = Texts(ls, ls.documents.snapshot(plan.snapshot.uri) or plan.snapshot)
    marks = [await marks_of(ls, failure, texts) for failure in report.failures]
    owner = ls.supervisor_for(plan.snapshot.uri)

    def is_gone(mark: Mark) -> bool:
        return (
            mark.owner == OWNER
            and plan.has(mark.content.ns, mark.content.test)
            and ls.supervisor_for(mark.place.uri) is owner
        )

    ls.marks.replace(is_gone, [mark for mark in marks if mark is not None])
    return marks


def _say(ls: "NreplLanguageServer", plan: TestPlan, report: Report, said: str) -> None:
    is_well = report.is_good and report.tests and not report.missing and not report.unfinished
    kind = types.MessageType.Info if is_well else types.MessageType.Warning
    ls.say(said, kind)
    texts = (f"{failure_text(one)}\n{trace_text(one)}".strip() for one in report.failures)
    whole = "\n\n".join([f"{plan.code.title}\n{said}", *texts])
    ls.output.flush()
    ls.window_log_message(types.LogMessageParams(kind, whole[:LOG_LIMIT]))


def reply(
    status: str,
    report: Report | None = None,
    *,
    marks: Sequence[Mark | None] = (),
    why: str | None = None,
    evaluation: str | None = None,
    said: str | None = None,
) -> dict[str, Any]:
    """What a command answers (docs/commands.md)."""
    failures = [
        _plain(failure, mark)
        for failure, mark in zip(report.failures if report else (), marks, strict=True)
    ]
    counts = None
    if report is not None:
        counts = {
            "tests": report.tests,
            "assertions": report.assertions,
            "pass": report.passed,
            "fail": report.failed,
            "error": report.errors,
        }
    return {
        "status": status,
        "summary": counts,
        "message": said,
        "failures": failures,
        "error": {"message": why} if why else None,
        "evaluation": evaluation,
    }


RUNNING = reply("running")


def _plain(failure: Failure, mark: Mark | None) -> dict[str, Any]:
    where = None
    if mark is not None:
        (line, character), (end_line, end_character) = mark.place.stretch
        where = {
            "start": {"line": line, "character": character},
            "end": {"line": end_line, "character": end_character},
        }
    return {
        "type": failure.kind,
        "ns": failure.ns,
        "test": failure.test,
        "message": failure_text(failure),
        "expected": failure.values[0] if failure.values else failure.expected,
        "actual": failure.values[1] if failure.values else failure.actual,
        "uri": mark.place.uri if mark is not None else None,
        "range": where,
    }
