"""Sessions: the queue in front of them, interrupts, standard input, and their end."""

import asyncio

import pytest

from nrepl_lsp.nrepl import (
    ConnectionLost,
    EncodeError,
    EvaluationResult,
    Interrupted,
    NreplError,
    RequestTimeout,
    Session,
    UnknownOp,
)
from nrepl_lsp.nrepl import session as session_module
from tests.nrepl.wire import ALL_OPS, Wire

INTERRUPTED = EvaluationResult(status="interrupted")


@pytest.fixture
async def session(wire: Wire) -> Session:
    return wire.connection.session("s")


# -- what is sent ---------------------------------------------------------------------------


async def test_an_eval_carries_what_was_given_and_nothing_else(
    wire: Wire, session: Session
) -> None:
    session.eval("(f)", ns="user", file="/a.clj", line=3, column=7, **{"read-cond": "allow"})

    assert wire.last == {
        "op": "eval",
        "id": "1",
        "session": "s",
        "code": "(f)",
        "ns": "user",
        "file": "/a.clj",
        "line": 3,
        "column": 7,
        "read-cond": "allow",
    }


async def test_load_file_carries_the_text_and_its_names(wire: Wire, session: Session) -> None:
    evaluation = session.load_file("(ns a)", path="src/a.clj", name="a.clj")

    assert wire.last == {
        "op": "load-file",
        "id": "1",
        "session": "s",
        "file": "(ns a)",
        "file-path": "src/a.clj",
        "file-name": "a.clj",
    }
    assert evaluation.session is session


async def test_without_a_session_none_is_sent(wire: Wire) -> None:
    wire.connection.session(None).eval("1")

    assert wire.last == {"op": "eval", "id": "1", "code": "1"}


# -- the queue ------------------------------------------------------------------------------


async def test_one_evaluation_is_in_flight_and_the_others_wait_here(
    wire: Wire, session: Session
) -> None:
    one, two, three = (session.eval(code) for code in "123")

    assert wire.codes == ["1"]
    assert (session.running, session.queued) == (one, (two, three))
    assert (one.is_queued, two.is_queued) == (False, True)
    wire.say(wire.requests[0], value="1")
    assert wire.codes == ["1"]
    wire.done(wire.requests[0])
    assert wire.codes == ["1", "2"]
    assert not two.is_queued
    wire.done(wire.last)
    wire.done(wire.last)
    assert wire.codes == ["1", "2", "3"]
    assert (session.running, session.queued) == (None, ())
    assert [(await it.result()).values for it in (one, two, three)] == [("1",), (), ()]


async def test_sessions_do_not_wait_for_each_other(wire: Wire, session: Session) -> None:
    session.eval("1")
    wire.connection.session("other").eval("2")

    assert wire.codes == ["1", "2"]


async def test_a_second_done_does_not_end_the_next_evaluation(wire: Wire, session: Session) -> None:
    session.eval("1")
    two = session.eval("2")
    first = wire.last
    wire.done(first)
    wire.done(first)

    assert session.running is two


async def test_the_queue_has_a_limit(
    wire: Wire, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "QUEUE_LIMIT", 2)
    for code in "123":
        session.eval(code)

    with pytest.raises(NreplError, match="2 evaluations are waiting already"):
        session.eval("4")
    assert len(session.queued) == 2


async def test_an_evaluation_that_cannot_be_sent_fails_and_the_next_one_goes(
    wire: Wire, session: Session
) -> None:
    bad = session.eval("1", extra=1.5)
    good = session.eval("2")

    assert wire.codes == ["2"]
    assert session.running is good
    with pytest.raises(EncodeError):
        await bad.result()
    assert await bad.interrupt() == "idle"


async def test_on_a_closed_connection_nothing_is_queued(wire: Wire, session: Session) -> None:
    await wire.connection.close()

    with pytest.raises(ConnectionLost):
        session.eval("1")


async def test_a_closed_session_takes_nothing(wire: Wire, session: Session) -> None:
    session.send_close(1)

    with pytest.raises(ConnectionLost, match="session is closed"):
        session.eval("1")
    assert wire.codes == []


# -- interrupt ------------------------------------------------------------------------------


async def test_nothing_to_interrupt_is_idle(wire: Wire, session: Session) -> None:
    assert await session.interrupt() == "idle"
    evaluation = session.eval("1")
    wire.done(wire.last)
    assert await evaluation.interrupt() == "idle"
    assert [request["op"] for request in wire.requests] == ["eval"]


async def test_a_queued_evaluation_is_never_sent(wire: Wire, session: Session) -> None:
    session.eval("1")
    two, three = session.eval("2"), session.eval("3")

    assert await two.interrupt() == "interrupted"

    assert await two.result() == INTERRUPTED
    assert [type(event).__name__ async for event in two] == ["Interrupted", "Done"]
    assert session.queued == (three,)
    wire.done(wire.last)
    assert wire.codes == ["1", "3"]


async def test_a_running_evaluation_is_interrupted_on_the_server(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("(loop)")
    interrupting = asyncio.ensure_future(session.interrupt())
    await asyncio.sleep(0)
    assert wire.last == {"op": "interrupt", "id": "2", "session": "s", "interrupt-id": "1"}
    wire.say(wire.requests[0], status=["done", "interrupted"])
    wire.done(wire.last)

    assert await interrupting == "interrupted"
    assert await evaluation.result() == INTERRUPTED


async def test_old_servers_answer_the_interrupt_between_interrupted_and_done(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("(loop)")
    interrupting = asyncio.ensure_future(evaluation.interrupt())
    await asyncio.sleep(0)
    wire.say(wire.requests[0], status=["interrupted"])
    wire.done(wire.requests[1])
    assert not evaluation.is_finished
    wire.done(wire.requests[0])

    assert await interrupting == "interrupted"
    assert await evaluation.result() == INTERRUPTED


@pytest.mark.usefixtures("short_grace")
async def test_hyrepl_says_interrupted_as_a_text_and_never_done(
    wire: Wire, session: Session
) -> None:
    evaluation = session.eval("(loop)")
    interrupting = asyncio.ensure_future(evaluation.interrupt())
    await asyncio.sleep(0)
    wire.say(wire.requests[0], status="interrupted")
    wire.done(wire.requests[1])

    assert await interrupting == "interrupted"
    assert await evaluation.result() == INTERRUPTED


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (["done", "session-idle"], "idle"),
        ("session-idle", "idle"),
        (["done", "error", "interrupt-id-mismatch"], "idle"),
        (["error", "unknown-session"], "idle"),
        (["done", "error", "unknown-op"], "unsupported"),
        (["done"], "interrupted"),
    ],
)
@pytest.mark.usefixtures("short_grace")
async def test_what_the_server_says_to_an_interrupt(
    wire: Wire, session: Session, status: object, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "INTERRUPT_TIMEOUT", 0.05)
    session.eval("(loop)")
    interrupting = asyncio.ensure_future(session.interrupt())
    await asyncio.sleep(0)
    wire.say(wire.last, status=status)

    # HyREPL's bare text has no `done`: that is an interrupt nobody answered.
    expected = "unanswered" if status == "session-idle" else answer
    assert await interrupting == expected


@pytest.mark.parametrize("session_id", [None, "s"])
async def test_a_server_without_interrupt_is_not_asked(session_id: str | None) -> None:
    wire = Wire(ops=ALL_OPS - {"interrupt"} if session_id else ALL_OPS)
    session = wire.connection.session(session_id)
    evaluation = session.eval("(loop)")

    assert await evaluation.interrupt() == "unsupported"
    assert wire.codes == ["(loop)"]
    assert len(wire.requests) == 1


@pytest.mark.parametrize("known", [True, False])
async def test_a_server_that_does_not_list_its_ops_is_asked(known: bool) -> None:
    wire = Wire(ops=None)
    if not known:
        wire.connection.capabilities = None
    wire.connection.session("s").eval("(loop)")
    interrupting = asyncio.ensure_future(wire.connection.session("s").interrupt())
    await asyncio.sleep(0)
    wire.say(wire.last, status=["unknown-op"])

    assert await interrupting == "unsupported"


async def test_nothing_is_sent_while_an_interrupt_is_under_way(
    wire: Wire, session: Session
) -> None:
    one, two = session.eval("1"), session.eval("2")
    interrupting = asyncio.ensure_future(one.interrupt())
    await asyncio.sleep(0)
    eval_, interrupt = wire.requests

    # It had ended before the interrupt came: guile-ares-rs would stop whatever runs by then.
    wire.done(eval_, value="1")
    assert wire.codes == ["1"]
    assert two.is_queued
    wire.say(interrupt, status=["done", "session-idle"])

    assert await interrupting == "idle"
    assert wire.codes == ["1", "2"]
    assert (await one.result()).status == "done"


async def test_an_unanswered_interrupt_holds_the_queue_only_so_long(
    wire: Wire, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "INTERRUPT_TIMEOUT", 0.01)
    one = session.eval("1")
    session.eval("2")
    interrupting = asyncio.ensure_future(one.interrupt())
    await asyncio.sleep(0)
    wire.done(wire.requests[0])

    assert await interrupting == "unanswered"
    assert wire.codes == ["1", "2"]


async def test_cancelling_the_wait_for_the_answer_still_holds_the_queue_until_it_comes(
    wire: Wire, session: Session
) -> None:
    one = session.eval("1")
    session.eval("2")
    interrupting = asyncio.ensure_future(one.interrupt())
    await asyncio.sleep(0)
    wire.done(wire.requests[0])
    interrupting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await interrupting
    assert wire.codes == ["1"]
    wire.done(wire.requests[-1])
    assert wire.codes == ["1", "2"]


async def test_an_interrupt_on_a_lost_connection_is_connection_lost(
    wire: Wire, session: Session
) -> None:
    one = session.eval("1")
    interrupting = asyncio.ensure_future(one.interrupt())
    await asyncio.sleep(0)
    wire.stream.close()

    with pytest.raises(ConnectionLost):
        await interrupting
    assert await one.interrupt() == "idle"


async def test_an_interrupt_that_cannot_be_written_holds_nothing_back(
    wire: Wire, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = session.eval("1")
    wire.stream.is_closed = True  # the stream is gone, and has not said so yet

    with pytest.raises(ConnectionLost):
        await one.interrupt()
    assert session._interrupts == set()
    with pytest.raises(ConnectionLost):
        await one.result()


# -- timeouts -------------------------------------------------------------------------------


async def test_an_evaluation_that_takes_too_long_is_interrupted_before_the_next_one(
    wire: Wire, session: Session
) -> None:
    slow = session.eval("(loop)", timeout=0.01)
    session.eval("2")

    with pytest.raises(RequestTimeout, match="eval: no answer within"):
        await slow.result()

    assert wire.last == {"op": "interrupt", "id": "2", "session": "s", "interrupt-id": "1"}
    assert wire.codes == ["(loop)"]
    wire.done(wire.last)
    assert wire.codes == ["(loop)", "2"]


async def test_a_timeout_on_a_server_without_interrupt_goes_on_with_the_next() -> None:
    wire = Wire(ops=ALL_OPS - {"interrupt"})
    session = wire.connection.session("s")
    slow = session.eval("(loop)", timeout=0.01)
    session.eval("2")

    with pytest.raises(RequestTimeout):
        await slow.result()
    assert wire.codes == ["(loop)", "2"]


async def test_the_time_in_the_queue_does_not_count(wire: Wire, session: Session) -> None:
    session.eval("1")
    waiting = session.eval("2", timeout=0.01)

    assert waiting._deadline is None
    wire.done(wire.last)
    assert waiting._deadline is not None
    wire.done(wire.last)
    assert (await waiting.result()).status == "done"


# -- standard input -------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "sent"), [("abc", "abc\n"), ("abc\n", "abc\n"), ("", "")])
async def test_input_ends_with_a_newline_and_nothing_is_the_end_of_input(
    wire: Wire, session: Session, text: str, sent: str
) -> None:
    session.eval("(read-line)")

    session.send_input(text)

    assert wire.last == {"op": "stdin", "id": "2", "session": "s", "stdin": sent}


async def test_the_evaluation_and_the_input_may_end_in_any_order(
    wire: Wire, session: Session
) -> None:
    for order in ((0, 1), (1, 0)):
        wire.requests.clear()
        evaluation = session.eval("(read-line)")
        session.send_input("abc")
        wire.say(wire.requests[0], value='"abc"')
        for which in order:
            wire.done(wire.requests[which])

        assert (await evaluation.result()).values == ('"abc"',)


async def test_hy_nrepl_sends_the_value_under_the_inputs_id(wire: Wire, session: Session) -> None:
    evaluation = session.eval("(input)")
    session.send_input("abc")
    wire.say(wire.requests[1], {"out": "> "}, {"value": "'abc'", "ns": "Hy"})
    wire.done(wire.requests[0])

    result = await evaluation.result()

    assert (result.out, result.values, result.ns) == ("> ", ("'abc'",), "Hy")


async def test_hy_nrepl_asks_and_fails_under_the_inputs_id(wire: Wire, session: Session) -> None:
    evaluation = session.eval("[(input) (/ 1 0)]")
    session.send_input("abc")
    wire.say(
        wire.requests[1],
        {"status": ["need-input"]},
        {"ex": "ZeroDivisionError", "status": ["eval-error"]},
        {"err": "division by zero"},
        {"status": ["unknown-op"]},
    )
    wire.done(wire.requests[0])

    events = [type(event).__name__ async for event in evaluation]
    assert events == ["NeedInput", "Failed", "Output", "Done"]
    assert (await evaluation.result()).ex == "ZeroDivisionError"
    # The reply to `stdin` never came; it is not waited for any more.
    wire.say(wire.requests[1], value="late")
    assert evaluation.summary().values == ()


async def test_input_for_an_evaluation_that_has_ended_is_not_sent(
    wire: Wire, session: Session
) -> None:
    first, second = session.eval("(read-line)"), session.eval("(other)")
    session.send_input("abc", second)
    wire.done(wire.requests[0])
    await first.result()
    session.send_input("abc", first)

    assert [request["op"] for request in wire.requests] == ["eval", "eval"]

    session.send_input("abc", second)
    assert wire.last["op"] == "stdin"


async def test_while_an_interrupt_is_under_way_no_input_is_sent(
    wire: Wire, session: Session
) -> None:
    # The code may have stopped reading by now, and the session keeps the line for the next.
    reading = session.eval("(read-line)")
    interrupting = asyncio.ensure_future(reading.interrupt())
    await asyncio.sleep(0)
    for asking in (reading, None):
        with pytest.raises(NreplError, match="being interrupted"):
            session.send_input("abc", asking)
    assert [request["op"] for request in wire.requests] == ["eval", "interrupt"]

    # It did not stop it, so that the line is what it waits for.
    wire.say(wire.last, status=["done"])
    await interrupting
    session.send_input("abc", reading)
    assert wire.last["op"] == "stdin"


async def test_input_that_nobody_reads_does_no_harm(wire: Wire, session: Session) -> None:
    session.send_input("abc")
    wire.say(wire.last, value="1")
    wire.done(wire.last)

    assert session.running is None


async def test_a_server_without_stdin_says_so() -> None:
    wire = Wire(ops=frozenset({"eval"}))

    with pytest.raises(UnknownOp, match="stdin"):
        wire.connection.session("s").send_input("abc")
    assert wire.requests == []


# -- the end --------------------------------------------------------------------------------


async def test_closing_drops_what_waits_and_tells_the_server(wire: Wire, session: Session) -> None:
    running, queued = session.eval("1"), session.eval("2")
    closing = asyncio.ensure_future(session.close())
    await asyncio.sleep(0)
    assert wire.last == {"op": "close", "id": "2", "session": "s"}
    assert await queued.result() == INTERRUPTED
    wire.say(wire.last, status=["done", "session-closed"])
    await closing

    # nREPL 1.7 ends the killed evaluation after `session-closed`.
    wire.say(wire.requests[0], status=["done", "interrupted"])
    assert await running.result() == INTERRUPTED
    assert wire.connection.session("s") is not session


@pytest.mark.usefixtures("short_grace")
async def test_an_evaluation_that_a_closed_session_leaves_without_an_end_is_interrupted(
    wire: Wire, session: Session
) -> None:
    running = session.eval("1")
    closing = asyncio.ensure_future(session.close())
    await asyncio.sleep(0)
    wire.say(wire.last, status=["done", "session-closed"])
    await closing

    assert await running.result() == INTERRUPTED
    assert await anext(running) == Interrupted()


async def test_an_evaluation_dropped_twice_keeps_its_first_end(
    wire: Wire, session: Session
) -> None:
    running = session.eval("1")
    wire.done(wire.last, value="1")
    running.drop()

    assert (await running.result()).status == "done"


async def test_closing_a_session_that_is_gone_is_no_error(wire: Wire, session: Session) -> None:
    closing = asyncio.ensure_future(session.close())
    await asyncio.sleep(0)
    wire.say(wire.last, status=["error", "unknown-session"])
    await closing

    assert [request["op"] for request in wire.requests] == ["close"]
    assert wire.connection.session("s") is not session


async def test_closing_no_session_asks_nothing(wire: Wire) -> None:
    await wire.connection.session(None).close()

    assert wire.requests == []


async def test_closing_has_a_deadline(wire: Wire, session: Session) -> None:
    with pytest.raises(RequestTimeout):
        await session.close(timeout=0.01)
