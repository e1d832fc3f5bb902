"""Running the user's code: values, output, errors and their places, order, interrupts."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import pytest

from nrepl_lsp.nrepl import Evaluation, NeedInput, Output, OutputCut, UnknownOp
from nrepl_lsp.tooling import errors
from nrepl_lsp.tooling.namespaces import NAMESPACES, NamespacesQuery

from .subjects import PATIENCE, Attached

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Where in a document (0-based) the code of these tests stands.
LINE, COLUMN = 39, 2
UNKNOWN_NS = "nrepl-lsp.conformance.nowhere"
MEASURED_EVALS = 60
#: A server whose `done` waits for our kernel's delayed ACK takes 44 ms (docs/architecture.md).
DELAYED_ACK_MS = 30.0


async def error_line(attached: Attached, code: str, path: Path) -> int | None:
    """Evaluate failing code at LINE; return the 1-based line that the error is told at."""
    result = await attached.run(code, file=str(path), line=LINE, column=COLUMN)
    assert result.status == "error"
    report = errors.report(result.err, result.ex, result.root_ex)
    assert report is not None
    assert report.message
    return report.place and report.place.line_within(LINE + 1, code.count("\n") + 1)


async def test_an_expression_gives_its_value(attached: Attached) -> None:
    code, value = attached.sample.expression
    result = await attached.run(code)
    assert (result.status, result.values, result.out, result.err) == ("done", (value,), "", "")


async def test_output_comes_whole_and_merged(attached: Attached) -> None:
    code, printed = attached.sample.printing
    evaluation = attached.start(code)
    async with asyncio.timeout(PATIENCE):
        await evaluation.result()
        outputs = [event async for event in evaluation if isinstance(event, Output)]
    assert outputs == [Output("out", printed)]


async def test_an_error_is_told_on_its_line_of_the_document(
    attached: Attached, tmp_path: Path
) -> None:
    sample = attached.sample
    line = await error_line(attached, sample.failing, tmp_path / "code")
    attached.subject.judge("error line", line == LINE + 1 + sample.failing_line)


async def test_an_errors_message_says_what_the_program_said(attached: Attached) -> None:
    result = await attached.run(attached.sample.failing)
    report = errors.report(result.err, result.ex, result.root_ex)
    assert report is not None
    assert attached.sample.failing_word in report.message


async def test_an_error_of_the_reader_stays_inside_the_code(
    attached: Attached, tmp_path: Path
) -> None:
    line = await error_line(attached, attached.sample.unreadable, tmp_path / "code")
    assert line in (LINE + 1, None)


async def test_an_unknown_name_is_an_error_inside_the_code(
    attached: Attached, tmp_path: Path
) -> None:
    line = await error_line(attached, "nrepl-lsp-knows-no-such-name", tmp_path / "code")
    assert line in (LINE + 1, None)


async def test_several_forms_are_all_evaluated(attached: Attached) -> None:
    code, values = attached.sample.several
    result = await attached.run(code)
    assert result.values[-1] == values[-1]
    attached.subject.judge("every value", result.values == values)


async def test_text_of_all_planes_goes_in_and_comes_out(attached: Attached) -> None:
    code = attached.sample.print_text
    assert (await attached.run(code)).out == "é λ 😀\n"
    (value,) = (await attached.run(attached.sample.text)).values
    # Basilisp writes such characters as Python escapes.
    assert value in ('"é λ 😀"', r'"\xe9 \u03bb \U0001f600"')


async def test_a_large_value_is_cut_at_our_limit(attached: Attached) -> None:
    result = await attached.run(attached.sample.large, value_limit=1000)
    assert result.values == ('"' + "x" * 999,)


async def test_large_output_is_bounded_and_says_how_much_was_cut(attached: Attached) -> None:
    whole = "".join(f"line {n}\n" for n in range(200))
    evaluation = attached.start(attached.sample.lines.format(200), output_limit=1000)
    async with asyncio.timeout(PATIENCE):
        result = await evaluation.result()
        events = [event async for event in evaluation]
    assert (result.out, result.cut) == (whole[:1000], len(whole) - 1000)
    assert events.count(Output("out", whole[:1000])) == 1
    assert OutputCut(len(whole) - 1000) in events


async def test_ten_evaluations_sent_at_once_run_in_order(attached: Attached) -> None:
    ended: list[int] = []

    async def run(number: int, evaluation: Evaluation) -> tuple[str, ...]:
        result = await evaluation.result()
        ended.append(number)
        return result.values

    started = [attached.start(str(number)) for number in range(10)]
    async with asyncio.timeout(PATIENCE):
        values = await asyncio.gather(*(run(*pair) for pair in enumerate(started)))
    assert ended == list(range(10))
    assert values == [(str(number),) for number in range(10)]


async def test_an_evaluation_is_fast(attached: Attached) -> None:
    code, _ = attached.sample.expression
    times = []
    # A fresh connection hides the delayed ACK for its first exchanges.
    for _ in range(MEASURED_EVALS):
        before = time.perf_counter()
        await attached.run(code)
        times.append(time.perf_counter() - before)
    late = sorted(times[MEASURED_EVALS // 2 :])
    median = late[len(late) // 2] * 1000
    attached.measure("eval", "eval", median)
    if attached.subject.cannot is not None:
        assert median < DELAYED_ACK_MS


async def test_a_loaded_namespace_is_kept_by_the_session(attached: Attached) -> None:
    sample = attached.sample
    before = (await attached.run(sample.expression[0])).ns
    wanted = sample.ns or before
    entered = await attached.run(sample.enter or sample.expression[0])
    kept = await attached.run(sample.expression[0])
    if sample.enter is not None:
        await attached.run(sample.enter.replace(sample.ns, before))
    assert (entered.ns, kept.ns) == (wanted, wanted)


async def test_the_suites_own_namespace_is_known_to_be_loaded(attached: Attached) -> None:
    family = attached.sample.family
    names = await attached.repl.ask(NAMESPACES, NamespacesQuery(family))
    attached.subject.judge("known namespaces", names is not None)
    if names is not None:
        assert attached.sample.ns in names
        assert await attached.ns() == attached.sample.ns


async def test_asking_about_an_unknown_namespace_creates_none(attached: Attached) -> None:
    family = attached.sample.family
    assert await attached.repl.loaded_namespace(UNKNOWN_NS, family) is None
    names = await attached.repl.ask(NAMESPACES, NamespacesQuery(family))
    assert UNKNOWN_NS not in (names or ())


async def test_an_unknown_namespace_never_breaks_the_session(attached: Attached) -> None:
    code, value = attached.sample.expression
    ns = await attached.repl.loaded_namespace(UNKNOWN_NS, attached.sample.family)
    for _ in range(2):
        assert (await attached.run(code, ns=ns)).values == (value,)
    info = await attached.info(attached.sample.core, await attached.ns())
    assert (info is not None) == attached.answers("symbol-info")


async def test_a_loaded_file_can_be_used(attached: Attached) -> None:
    code, value = attached.sample.own_call
    result = await attached.run(code, ns=await attached.ns())
    assert result.values[-1] in (value, r'"\xc9"')


async def test_a_running_evaluation_is_stopped_or_said_to_be_unstoppable(
    attached: Attached,
) -> None:
    can = attached.repl.capabilities.supports("interrupt")
    code = attached.sample.loop if can else attached.sample.sleep.format(200)
    evaluation = await attached.begin(code)
    if can:
        # Once this is answered, it prints no more. On a unix socket, a JVM closes the channel
        # whose writer is interrupted (nREPL 1.0.0).
        await attached.complete(attached.sample.core_prefix)
    async with asyncio.timeout(PATIENCE):
        before = time.monotonic()
        answer = await evaluation.interrupt()
        if not can:
            assert time.monotonic() - before < 0.1
        result = await evaluation.result()
    attached.subject.judge("interrupt", result.status == "interrupted")
    assert answer == ("interrupted" if can else "unsupported")


async def test_an_interrupt_with_nothing_to_stop_does_no_harm(attached: Attached) -> None:
    assert await attached.repl.user.interrupt() == "idle"


async def test_code_that_reads_input_gets_the_end_of_it(attached: Attached) -> None:
    asked = []
    evaluation = attached.start(attached.sample.input)
    async with asyncio.timeout(PATIENCE):
        async for event in evaluation:
            if isinstance(event, NeedInput):
                asked.append(event)
                attached.repl.user.send_input("")
        await evaluation.result()
    attached.subject.judge("input", len(asked) == 1)


async def test_what_is_printed_after_the_end_arrives(attached: Attached) -> None:
    late: asyncio.Queue[Output] = asyncio.Queue()
    result = await attached.run(attached.sample.late, on_late_output=late.put_nowait)
    assert (result.status, result.out) == ("done", "")
    text = ""
    with suppress(TimeoutError):
        async with asyncio.timeout(2):
            while not text.endswith("\n"):
                text += (await late.get()).text
    attached.subject.judge("late output", text == "late\n")


async def test_an_op_that_nobody_has_is_refused_at_once(attached: Attached) -> None:
    user = attached.repl.user
    request = user.connection.request("nrepl-lsp-no-such-op", session=user.id, timeout=PATIENCE)
    async with asyncio.timeout(2):
        try:
            reply = await request.collect()
        except UnknownOp:
            return
    # hy-nrepl ends it as if it had done it.
    assert reply.status == {"done"}
    assert attached.repl.capabilities.lacks("nrepl-lsp-no-such-op")
