"""What an evaluation tells as it goes, and what it came to."""

import asyncio
import logging
from typing import Any

import pytest

from nrepl_lsp.nrepl import (
    Done,
    Evaluation,
    Failed,
    Interrupted,
    NeedInput,
    Output,
    OutputCut,
    RequestTimeout,
    Session,
    Value,
)
from nrepl_lsp.nrepl import evaluation as evaluation_module
from nrepl_lsp.nrepl.bencode import encode
from tests.nrepl.wire import Wire

NOTHING: frozenset[str] = frozenset()


@pytest.fixture
async def session(wire: Wire) -> Session:
    return wire.connection.session("s")


async def events(evaluation: Evaluation) -> list[Any]:
    return [event async for event in evaluation]


def interrupt_requested(evaluation: Evaluation) -> None:
    evaluation.session.stop(evaluation)


# -- values and output ----------------------------------------------------------------------


async def test_events_come_in_the_order_of_the_messages(wire: Wire, session: Session) -> None:
    evaluation = session.eval("(print 1) 2")
    wire.say(wire.last, {"out": "1"}, {"err": "!"}, {"value": "nil", "ns": "user"}, {"value": "2"})
    wire.done(wire.last, out="end")

    assert await events(evaluation) == [
        Output("out", "1"),
        Output("err", "!"),
        Value("nil", "user"),
        Value("2"),
        Output("out", "end"),
        Done("done"),
    ]
    result = await evaluation.result()
    assert (result.values, result.ns, result.out, result.err) == (("nil", "2"), "user", "1end", "!")
    assert (result.status, result.cut, result.ex) == ("done", 0, None)


async def test_an_iteration_gets_each_event_as_it_comes(wire: Wire, session: Session) -> None:
    evaluation = session.eval("(print 1) 2")
    for message, event in (
        ({"out": "1"}, Output("out", "1")),
        ({"out": "2"}, Output("out", "2")),
        ({"value": "2"}, Value("2")),
        ({"status": ["done"]}, Done("done")),
    ):
        waiting = asyncio.ensure_future(anext(evaluation))
        await asyncio.sleep(0)
        assert not waiting.done()
        wire.say(wire.last, message)
        assert await waiting == event
    with pytest.raises(StopAsyncIteration):
        await anext(evaluation)


async def test_pieces_of_output_that_nobody_took_are_one_event(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("(dotimes)")
    wire.say(wire.last, *({"out": f"{n}\n"} for n in range(3000)), {"err": "a"}, {"err": "b"})
    wire.done(wire.last, value="nil")

    text = "".join(f"{n}\n" for n in range(3000))
    assert await events(evaluation) == [
        Output("out", text),
        Output("err", "ab"),
        Value("nil"),
        Done("done"),
    ]


async def test_one_message_may_hold_both_streams_and_a_value(wire: Wire, session: Session) -> None:
    evaluation = session.eval("1")
    wire.done(wire.last, out="o", err="e", value="1", ns="user")

    assert await events(evaluation) == [
        Output("out", "o"),
        Output("err", "e"),
        Value("1", "user"),
        Done("done"),
    ]


async def test_the_namespace_may_come_without_a_value(wire: Wire, session: Session) -> None:
    # With `nrepl.middleware.print/stream?` they come apart; `ns []` is nil.
    evaluation = session.eval("1")
    wire.say(wire.last, {"value": "1", "ns": []}, {"ns": "user"}, {"ns": ""})
    wire.done(wire.last)

    assert (await events(evaluation))[0] == Value("1", None)
    assert (await evaluation.result()).ns == "user"


@pytest.mark.parametrize(
    ("value", "text"), [("", ""), ([], "[]"), (3, "3"), ({"a": "b"}, "{'a': 'b'}")]
)
async def test_a_value_is_text_whatever_came(
    wire: Wire, session: Session, value: object, text: str
) -> None:
    evaluation = session.eval("1")
    wire.done(wire.last, value=value)

    assert (await evaluation.result()).values == (text,)


async def test_code_without_a_form_has_no_value(wire: Wire, session: Session) -> None:
    evaluation = session.eval("; nothing")
    wire.done(wire.last)

    assert await events(evaluation) == [Done("done")]
    assert (await evaluation.result()).values == ()


async def test_what_is_not_text_is_no_output(wire: Wire, session: Session) -> None:
    evaluation = session.eval("1")
    wire.say(wire.last, {"out": []}, {"out": ""}, {"err": 3})
    wire.done(wire.last)

    assert await events(evaluation) == [Done("done")]


# -- characters cut in two ------------------------------------------------------------------


@pytest.mark.parametrize("cut", range(len("aλ𝛌b".encode()) + 1))
async def test_a_character_cut_between_two_messages_is_mended(
    wire: Wire, session: Session, cut: int
) -> None:
    data = "aλ𝛌b".encode()
    evaluation = session.eval("1")
    for piece in (data[:cut], data[cut:]):
        wire.say(wire.last, out=piece.decode("utf-8", "surrogateescape"))
    wire.done(wire.last)

    result = await evaluation.result()
    assert result.out == "aλ𝛌b"
    assert await events(evaluation) == [Output("out", "aλ𝛌b"), Done("done")]


async def test_the_streams_are_mended_apart_from_each_other(wire: Wire, session: Session) -> None:
    evaluation = session.eval("1")
    wire.say(wire.last, {"out": "\udcce"}, {"err": "x\udcce"}, {"out": "\udcbb"}, {"err": "\udcbb"})
    wire.done(wire.last)

    result = await evaluation.result()
    assert (result.out, result.err) == ("λ", "xλ")


async def test_bytes_that_are_no_character_are_kept(wire: Wire, session: Session) -> None:
    evaluation = session.eval("1")
    wire.say(wire.last, {"out": "\udcff\udcff\udcff\udcff"}, {"out": "x\udcce"})
    wire.done(wire.last)

    assert (await evaluation.result()).out == "\udcff\udcff\udcff\udcffx\udcce"


async def test_half_a_pair_from_another_codec_does_no_harm(session: Session) -> None:
    evaluation = session.eval("1")
    evaluation.deliver({"out": "\udcce"}, is_last=False)
    evaluation.deliver({"out": "\ud83d"}, is_last=True)

    assert (await evaluation.result()).out == "\udcce\ud83d"


# -- limits ---------------------------------------------------------------------------------


async def test_output_beyond_the_limit_is_counted_and_marked_once(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("1", output_limit=10)
    wire.say(wire.last, {"out": "12345678"}, {"err": "90ab"}, {"out": "cdef"})
    wire.done(wire.last, value="nil")

    assert await events(evaluation) == [
        Output("out", "12345678"),
        Output("err", "90"),
        Value("nil"),
        OutputCut(6),
        Done("done"),
    ]
    result = await evaluation.result()
    assert (result.out, result.err, result.cut) == ("12345678", "90", 6)


async def test_each_value_beyond_the_limit_is_cut(wire: Wire, session: Session) -> None:
    evaluation = session.eval("1 2", value_limit=5)
    wire.say(wire.last, {"value": "1234567"}, {"value": "42"})
    wire.done(wire.last)

    assert await events(evaluation) == [Value("12345", cut=2), Value("42"), Done("done")]
    result = await evaluation.result()
    assert (result.values, result.value_cuts) == (("12345", "42"), (2, 0))


async def test_all_values_together_are_cut_at_their_limit(
    wire: Wire, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_module, "VALUES_LIMIT", 5)
    evaluation = session.eval("1 2 3")
    wire.say(wire.last, {"value": "1234"}, {"value": "567"}, {"value": "89"})
    wire.done(wire.last)

    result = await evaluation.result()
    assert (result.values, result.value_cuts) == (("1234", "5", ""), (0, 2, 2))


async def test_events_beyond_the_limit_are_dropped_but_the_end_is_not(
    wire: Wire, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_module, "EVENT_LIMIT", 3)
    evaluation = session.eval("1")
    wire.say(wire.last, {"out": "1"}, {"err": "2"}, {"out": "3"}, {"err": "45"}, {"value": "6"})
    wire.say(wire.last, out="7")
    wire.done(wire.last)

    assert await events(evaluation) == [
        Output("out", "1"),
        Output("err", "2"),
        Output("out", "3"),
        OutputCut(3),
        Done("done"),
    ]
    result = await evaluation.result()
    assert (result.out, result.err, result.values, result.cut) == ("137", "245", ("6",), 0)


async def test_the_end_of_the_stream_reaches_an_iteration_whose_queue_is_full(
    wire: Wire, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_module, "EVENT_LIMIT", 1)
    evaluation = session.eval("1")
    wire.say(wire.last, {"value": "1"}, {"value": "2"})
    wire.stream.close()

    assert await anext(evaluation) == Value("1")
    with pytest.raises(Exception, match="closed the connection"):
        await anext(evaluation)


async def test_a_flood_of_small_pieces_is_joined_once() -> None:
    wire = Wire()
    evaluation = wire.connection.session("s").eval("1")
    message = encode({"id": "1", "out": "0123456789"})
    wire.stream.receive(message * 100_000)
    wire.done(wire.last)

    # Joined pairwise this would copy 50 GB.
    assert await events(evaluation) == [Output("out", "0123456789" * 100_000), Done("done")]


# -- failures -------------------------------------------------------------------------------


async def test_a_form_that_fails(wire: Wire, session: Session) -> None:
    evaluation = session.eval("(/ 1 0)")
    wire.say(
        wire.last,
        {"err": "Divide by zero\n"},
        {"ex": "class java.lang.A", "root-ex": "class java.lang.B", "status": ["eval-error"]},
    )
    wire.done(wire.last)

    assert await events(evaluation) == [
        Output("err", "Divide by zero\n"),
        Failed("java.lang.A", "java.lang.B", frozenset({"eval-error"})),
        Done("error"),
    ]
    result = await evaluation.result()
    assert result.status == "error"
    assert (result.ex, result.root_ex) == ("java.lang.A", "java.lang.B")
    assert result.failure == {"eval-error"}


async def test_later_forms_run_on_and_the_last_exception_is_the_results(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("1 (/ 1 0) 3 (throw)")
    for message in (
        {"value": "1"},
        {"err": "a\n"},
        {"ex": "class A", "status": ["eval-error"]},
        {"value": "3"},
        {"ex": "class B", "status": ["eval-error"]},
        {"err": "b\n"},
        {"status": ["error"]},
        {"status": ["done"]},
    ):
        wire.say(wire.last, message)

    result = await evaluation.result()

    assert (result.status, result.values, result.err) == ("error", ("1", "3"), "a\nb\n")
    assert result.ex == "B"
    failures = [event for event in await events(evaluation) if isinstance(event, Failed)]
    assert [failed.ex for failed in failures] == ["A", "B", None]


@pytest.mark.parametrize(
    ("message", "failed"),
    [
        ({"ex": "#error {…}", "ns": "user"}, Failed("#error {…}", None, NOTHING)),  # nbb
        ({"ex": "class ", "status": ["eval-error"]}, Failed(None, None, frozenset({"eval-error"}))),
        (
            {"status": ["done", "error", "namespace-not-found"]},
            Failed(None, None, frozenset({"error", "namespace-not-found"})),
        ),
        (
            {"status": ["error", "unknown-session"]},
            Failed(None, None, frozenset({"error", "unknown-session"})),
        ),
    ],
)
async def test_each_servers_way_of_failing(
    wire: Wire, session: Session, message: dict[str, Any], failed: Failed
) -> None:
    evaluation = session.eval("1")
    wire.say(wire.last, message, {"status": ["done"]})

    assert failed in await events(evaluation)
    assert (await evaluation.result()).status == "error"


async def test_err_without_a_value_is_an_error(wire: Wire, session: Session) -> None:
    # shadow-cljs and sci.nrepl say no more about a compile error.
    evaluation = session.eval("(")
    wire.say(wire.last, err="Unexpected EOF")
    assert evaluation.summary().status == "done"
    wire.done(wire.last)

    assert await events(evaluation) == [Output("err", "Unexpected EOF"), Done("error")]


async def test_err_with_a_value_is_only_output(wire: Wire, session: Session) -> None:
    evaluation = session.eval("1")
    wire.done(wire.last, err="warning", value="1")

    assert (await evaluation.result()).status == "done"


# -- interruption ---------------------------------------------------------------------------

SLEEP_INTERRUPTED = {
    "ex": "class java.lang.InterruptedException",
    "root-ex": "class java.lang.InterruptedException",
    "status": ["eval-error"],
}


@pytest.mark.parametrize(
    "exception",
    [
        SLEEP_INTERRUPTED,
        {"ex": "class java.lang.ThreadDeath", "status": ["eval-error"]},
        {
            "ex": "class clojure.lang.Compiler$CompilerException",
            "root-ex": "class java.lang.InterruptedException",
            "status": ["eval-error"],
        },
    ],
)
async def test_the_exception_of_our_own_interrupt_is_no_failure(
    wire: Wire, session: Session, exception: dict[str, Any]
) -> None:
    evaluation = session.eval("(sleep)")
    interrupt_requested(evaluation)
    wire.say(wire.requests[0], exception)
    wire.say(wire.requests[0], status=["done", "interrupted"])
    wire.say(wire.requests[0], exception)  # nREPL 1.7 was seen to send it last

    assert await events(evaluation) == [Interrupted(), Done("interrupted")]
    result = await evaluation.result()
    assert (result.status, result.ex) == ("interrupted", None)


async def test_after_interrupted_alone_the_exception_may_follow_before_done(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("(sleep)")
    interrupt_requested(evaluation)
    for message in ({"status": ["interrupted"]}, SLEEP_INTERRUPTED, {"status": ["done"]}):
        wire.say(wire.requests[0], message)

    assert await events(evaluation) == [Interrupted(), Done("interrupted")]


async def test_the_exception_alone_says_that_it_was_interrupted(
    wire: Wire, session: Session
) -> None:
    # Closing a session interrupts what runs in it; nREPL 1.7 then sends `err`, `ex` and `done`.
    evaluation = session.eval("(sleep)")
    session.send_close(1)
    for message in ({"err": "sleep interrupted"}, SLEEP_INTERRUPTED, {"status": ["done"]}):
        wire.say(wire.requests[0], message)

    assert (await evaluation.result()).status == "interrupted"


async def test_another_exception_counts_also_after_an_interrupt(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("(sleep)")
    interrupt_requested(evaluation)
    wire.say(wire.requests[0], ex="class A", status=["eval-error"])
    wire.done(wire.requests[0])

    assert (await evaluation.result()).status == "error"


async def test_an_interrupted_exception_that_we_did_not_cause_is_a_failure(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("(throw (InterruptedException.))")
    wire.say(wire.last, SLEEP_INTERRUPTED)
    wire.done(wire.last)

    assert (await evaluation.result()).ex == "java.lang.InterruptedException"


async def test_interrupted_wins_over_error_and_is_told_once(wire: Wire, session: Session) -> None:
    evaluation = session.eval("(sleep)")
    wire.say(wire.last, ex="class A", status=["eval-error"])
    wire.say(wire.last, {"status": ["interrupted"]}, {"status": ["done", "interrupted"]})

    told = await events(evaluation)
    assert told.count(Interrupted()) == 1
    assert told[-1] == Done("interrupted")


# -- input, late output, timeouts -----------------------------------------------------------


async def test_code_that_reads_says_that_it_needs_input(wire: Wire, session: Session) -> None:
    evaluation = session.eval("(read-line)")
    wire.say(wire.last, status=["need-input"])
    assert await anext(evaluation) == NeedInput()

    session.send_input("abc")
    wire.done(wire.requests[0], value='"abc"')

    assert await events(evaluation) == [Value('"abc"'), Done("done")]


async def test_output_after_the_end_goes_to_the_callback(wire: Wire, session: Session) -> None:
    late: list[Output] = []
    evaluation = session.eval("(future)", on_late_output=late.append)
    wire.done(wire.last, value="1", out="early")
    assert late == []
    wire.say(wire.last, {"out": "a", "err": "b"}, {"status": ["state"]}, {"out": []})

    assert late == [Output("out", "a"), Output("err", "b")]
    assert (await evaluation.result()).out == "early"


async def test_late_output_is_bounded(
    wire: Wire, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_module, "LATE_OUTPUT_LIMIT", 5)
    late: list[Output] = []
    session.eval("(future)", on_late_output=late.append)
    wire.done(wire.last)
    wire.say(wire.last, {"out": "123"}, {"err": "456"}, {"out": "7"})

    assert late == [Output("out", "123"), Output("err", "45")]


async def test_late_output_without_a_callback_is_dropped(wire: Wire, session: Session) -> None:
    evaluation = session.eval("(future)")
    wire.done(wire.last)
    wire.say(wire.last, out="late")

    assert (await evaluation.result()).out == ""
    assert wire.connection._late == {}


async def test_only_so_many_evaluations_wait_for_late_output(
    wire: Wire, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.nrepl.connection.FINISHED_LIMIT", 2)
    late: list[Output] = []
    for code in "123":
        session.eval(code, on_late_output=late.append)
        wire.done(wire.last)
    for request in wire.requests:
        wire.say(request, out=request["code"])

    assert late == [Output("out", "2"), Output("out", "3")]


async def test_a_callback_that_fails_is_logged_and_harms_nobody(
    wire: Wire, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(output: Output) -> None:
        raise ValueError("mine")

    session.eval("(future)", on_late_output=fail)
    wire.done(wire.last)
    with caplog.at_level(logging.ERROR):
        wire.say(wire.last, out="late")

    assert "on_late_output failed" in caplog.text
    assert wire.connection.is_open


async def test_a_timeout_raises_in_the_iteration_after_what_came(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("(loop)", timeout=0.01)
    wire.say(wire.last, out="x\udcce")

    assert await anext(evaluation) == Output("out", "x")
    assert await anext(evaluation) == Output("out", "\udcce")
    with pytest.raises(RequestTimeout):
        await anext(evaluation)
    assert evaluation.summary().out == "x\udcce"


async def test_many_may_wait_for_the_result(wire: Wire, session: Session) -> None:
    evaluation = session.eval("1")
    waiting = [asyncio.ensure_future(evaluation.result()) for _ in range(3)]
    await asyncio.sleep(0)
    wire.done(wire.last, value="1")

    results = await asyncio.gather(*waiting)
    assert [result.values for result in results] == [("1",)] * 3
