"""Requests and what comes back: one by one, together, late, never."""

import asyncio

import pytest

from nrepl_lsp.nrepl import (
    ConnectionLost,
    EncodeError,
    NreplError,
    OpFailed,
    Reply,
    RequestTimeout,
    UnknownOp,
    UnknownSession,
)
from nrepl_lsp.nrepl import responses as responses_module
from nrepl_lsp.nrepl.responses import Receiver
from tests.nrepl.wire import Wire


async def test_iterating_gives_each_message_and_ends_with_the_last(wire: Wire) -> None:
    responses = wire.connection.request("info", {"print-length": 3}, sym="map", ns=None)
    assert wire.last == {"op": "info", "id": "1", "sym": "map", "print-length": 3}
    wire.say(wire.last, {"out": "x"}, {"status": ["done"]})

    assert [message async for message in responses] == [
        {"id": "1", "out": "x"},
        {"id": "1", "status": ["done"]},
    ]
    assert [message async for message in responses] == []


async def test_iterating_waits_for_what_has_not_come(wire: Wire) -> None:
    responses = wire.connection.request("info")
    first = asyncio.ensure_future(anext(responses))
    await asyncio.sleep(0)
    assert not first.done()

    wire.say(wire.last, value="1")

    assert (await first)["value"] == "1"


async def test_collecting_gives_the_whole_reply(wire: Wire) -> None:
    responses = wire.connection.request("lookup")
    wire.say(wire.last, {"info": [], "status": ["state"]}, {"info": {"name": "map"}})
    wire.done(wire.last)

    reply = await responses.collect()

    assert len(reply.messages) == 3
    assert reply.status == {"state", "done"}
    assert reply.get("info") == {"name": "map"}
    assert reply.get("nothing") is None
    assert reply.dropped == 0


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (["done", "error", "unknown-op"], UnknownOp),
        (["unknown-op"], UnknownOp),
        (["error", "unknown-session"], UnknownSession),
        (["done", "info-error"], OpFailed),
        (["done", "error", "namespace-not-found"], OpFailed),
        ("unknown-op", UnknownOp),
    ],
)
async def test_statuses_of_failure_are_errors_with_the_reply(
    wire: Wire, status: object, kind: type[OpFailed]
) -> None:
    responses = wire.connection.request("info")
    wire.say(wire.last, {"status": status, "err": "\nNo such thing\nat line 1"})

    with pytest.raises(kind, match=r"^info: .*: No such thing$") as caught:
        await responses.collect()

    assert type(caught.value) is kind
    assert caught.value.op == "info"
    assert caught.value.status == caught.value.reply.status
    assert caught.value.reply.messages[0]["status"] == status


async def test_a_failure_without_words_names_the_statuses(wire: Wire) -> None:
    responses = wire.connection.request("info")
    wire.say(wire.last, status=["done", "error", "info-error"])

    with pytest.raises(OpFailed, match=r"^info: error, info-error$"):
        await responses.collect()


@pytest.mark.parametrize("key", ["message", "err", "error", "ex"])
def test_the_text_of_a_failure_is_found_under_any_of_its_names(key: str) -> None:
    assert Reply(({}, {key: []}, {key: "first\nsecond"})).error_text() == "first"
    assert Reply(({},)).error_text() is None


async def test_failures_do_not_stop_an_iteration(wire: Wire) -> None:
    responses = wire.connection.request("info")
    wire.say(wire.last, status=["done", "error"])

    assert [message["status"] async for message in responses] == [["done", "error"]]


async def test_a_request_that_is_not_answered_in_time_fails_after_what_came() -> None:
    wire = Wire()
    responses = wire.connection.request("info", timeout=0.01)
    wire.say(wire.last, value="1")

    assert (await anext(responses))["value"] == "1"
    with pytest.raises(RequestTimeout, match=r"info: no answer within 0\.01 s") as caught:
        await anext(responses)

    assert (caught.value.op, caught.value.seconds) == ("info", 0.01)
    assert isinstance(caught.value, TimeoutError)
    wire.done(wire.last)  # comes late, and is nobody's
    assert wire.connection.is_open


async def test_without_a_timeout_nothing_is_scheduled(wire: Wire) -> None:
    responses = wire.connection.request("info", timeout=None)

    assert responses._deadline is None
    responses.finish()


@pytest.mark.parametrize("status", [["error"], ["interrupted"], "interrupted"])
@pytest.mark.usefixtures("short_grace")
async def test_a_reply_that_looks_final_ends_without_done(wire: Wire, status: object) -> None:
    responses = wire.connection.request("eval")
    wire.say(wire.last, status=status)

    assert [message["status"] async for message in responses] == [status]


async def test_what_comes_in_the_grace_period_prolongs_it(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses_module, "GRACE", 1000.0)
    responses = wire.connection.request("eval")
    wire.say(wire.last, status=["error"])
    first = responses._grace
    assert first is not None
    assert not responses.is_finished

    wire.say(wire.last, out="x")
    second = responses._grace

    assert first.cancelled()
    assert second is not None
    assert not second.cancelled()
    wire.done(wire.last)
    assert second.cancelled()


async def test_done_after_error_ends_at_once(wire: Wire) -> None:
    responses = wire.connection.request("eval")
    wire.say(wire.last, {"status": ["error"]}, {"status": ["done"]})

    with pytest.raises(OpFailed):
        await responses.collect()


async def test_messages_that_nobody_takes_are_dropped_and_counted(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses_module, "REPLY_LIMIT", 3)
    responses = wire.connection.request("test")
    wire.say(wire.last, *({"out": str(n)} for n in range(5)))
    wire.done(wire.last)

    reply = await responses.collect()

    assert [message["out"] for message in reply.messages] == ["0", "1", "2"]
    assert reply.dropped == 3


async def test_a_second_task_that_iterates_is_refused(wire: Wire) -> None:
    responses = wire.connection.request("info")
    first = asyncio.ensure_future(anext(responses))
    await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="another task is already waiting"):
        await anext(responses)

    wire.done(wire.last)
    assert (await first)["status"] == ["done"]


async def test_a_value_that_cannot_be_sent_fails_at_once_and_sends_nothing(wire: Wire) -> None:
    with pytest.raises(EncodeError):
        wire.connection.request("info", sym=1.5)

    assert wire.requests == []
    assert wire.connection.is_open


async def test_each_request_fails_once_when_the_connection_goes(wire: Wire) -> None:
    class Counting(Receiver):
        ends = 0

        def take(self, message: object) -> None: ...

        def ended(self) -> None:
            self.ends += 1

    receivers = [Counting("info") for _ in range(3)]
    for receiver in receivers:
        wire.connection.send(receiver, "info", {}, timeout=5)
    wire.done(wire.requests[0])
    cause = OSError("cable cut")

    wire.stream.close(cause)
    wire.stream.close()
    wire.connection.stream_ended(None)

    assert [receiver.ends for receiver in receivers] == [1, 1, 1]
    assert receivers[0].error is None
    assert receivers[1].error is receivers[2].error
    assert isinstance(receivers[1].error, ConnectionLost)
    assert receivers[1].error.__cause__ is cause
    receivers[1].fail(NreplError("again"))
    assert isinstance(receivers[1].error, ConnectionLost)
    assert receivers[1].ends == 1


async def test_a_receiver_takes_nothing_after_its_end() -> None:
    receiver = Receiver("info")
    receiver.finish()
    receiver.finish()

    receiver.deliver({"value": "1"}, is_last=False)

    with pytest.raises(NotImplementedError):
        receiver.take({})
