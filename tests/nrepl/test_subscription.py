"""Watching a connection: what a pattern matches, and how a subscription is bounded and ends."""

import asyncio
from typing import Any

import pytest

from nrepl_lsp.nrepl import ABSENT, ANY, ConnectionLost, Pattern, one_of
from tests.nrepl.wire import Wire

MESSAGE: dict[str, Any] = {
    "id": "1",
    "value": "7",
    "ns": [],
    "n": 3,
    "status": ["done", "eval-error"],
}


def no(value: object) -> bool:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        (Pattern(), True),
        (Pattern(value="7"), True),
        (Pattern(value="8"), False),
        (Pattern(missing="7"), False),
        (Pattern(n=3), True),
        (Pattern(value=ANY), True),
        (Pattern(missing=ANY), False),
        (Pattern(ns=ANY), False),  # nil
        (Pattern(ns=ABSENT), True),
        (Pattern(missing=ABSENT), True),
        (Pattern(value=ABSENT), False),
        (Pattern(value=one_of({"7", "8"})), True),
        (Pattern(value=one_of(["8"])), False),
        (Pattern(missing=one_of([None])), True),
        (Pattern(value=str.isdigit), True),
        (Pattern(value=str.isalpha), False),
        (Pattern(n=lambda n: n > 2), True),
        (Pattern(missing=lambda value: value is None), True),
        (Pattern(missing=str.isdigit), False),
        (Pattern(value=no), False),
        (Pattern(status="done"), True),
        (Pattern(status="interrupted"), False),
        (Pattern(status=one_of(["interrupted", "eval-error"])), True),
        (Pattern(status=one_of(["interrupted"])), False),
        (Pattern(status=ANY), True),
        (Pattern(status=ABSENT), False),
        (Pattern(status={"done", "eval-error"}), True),
        (Pattern(status={"done"}), False),
        (Pattern(status=lambda words: "done" in words), True),
        (Pattern({"status": "done", "id": "1"}, value="7"), True),
        (Pattern({"status": "done", "id": "1"}, value="8"), False),
    ],
    # Their text has addresses and the order of sets: other names in each process of a run.
    ids=lambda value: None if isinstance(value, Pattern) else repr(value),
)
def test_a_pattern_matches_when_all_its_criteria_hold(pattern: Pattern, matches: bool) -> None:
    assert pattern.matches(MESSAGE) is matches


@pytest.mark.parametrize("message", [{}, {"status": []}, {"status": ""}])
def test_a_message_without_status_has_an_absent_one(message: dict[str, Any]) -> None:
    assert Pattern(status=ABSENT).matches(message)
    assert not Pattern(status=ANY).matches(message)


def test_a_pattern_shows_what_it_wants() -> None:
    assert repr(Pattern(a=ANY, b=one_of([1]))) == "Pattern({'a': ANY, 'b': one_of([1])})"
    assert repr(ABSENT) == "ABSENT"


async def test_a_subscription_sees_matching_messages_whoever_they_are_for(wire: Wire) -> None:
    wire.connection.request("eval")
    with wire.connection.watch(Pattern(out=ANY)) as subscription:
        wire.say(wire.last, {"out": "1"}, {"value": "2"})
        wire.done(wire.last, out="3")
        wire.say(wire.last, out="4")  # late
        wire.say(None, out="5")  # nobody's

        assert [(await anext(subscription))["out"] for _ in range(4)] == ["1", "3", "4", "5"]

    wire.say(None, out="6")
    assert [message async for message in subscription] == []
    subscription.close()


async def test_a_subscription_waits(wire: Wire) -> None:
    subscription = wire.connection.watch()
    waiting = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    assert not waiting.done()
    wire.say(None, out="1")

    assert await waiting == {"out": "1"}


async def test_closing_ends_an_iteration_after_what_had_come(wire: Wire) -> None:
    subscription = wire.connection.watch()
    wire.say(None, out="1")
    subscription.close()
    assert [message async for message in subscription] == [{"out": "1"}]

    other = wire.connection.watch()
    waiting = asyncio.ensure_future(anext(other, None))
    await asyncio.sleep(0)
    other.close()
    assert await waiting is None


async def test_beyond_its_limit_the_oldest_are_dropped_and_counted(wire: Wire) -> None:
    subscription = wire.connection.watch(limit=2)
    for text in "12345":
        wire.say(None, out=text)

    assert subscription.dropped == 3
    assert [(await anext(subscription))["out"] for _ in range(2)] == ["4", "5"]


async def test_one_slow_subscriber_costs_the_others_nothing(wire: Wire) -> None:
    slow, quick = wire.connection.watch(limit=1), wire.connection.watch()
    for text in "123":
        wire.say(None, out=text)

    assert (slow.dropped, quick.dropped) == (2, 0)


async def test_a_lost_connection_ends_it_after_what_had_come(wire: Wire) -> None:
    subscription = wire.connection.watch()
    wire.say(None, out="1")
    wire.stream.close()

    assert await anext(subscription) == {"out": "1"}
    for _ in range(2):
        with pytest.raises(ConnectionLost, match="closed the connection"):
            await anext(subscription)
    subscription.close()
    with pytest.raises(StopAsyncIteration):
        await anext(subscription)


async def test_a_cancelled_wait_loses_no_message(wire: Wire) -> None:
    subscription = wire.connection.watch()
    waiting = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    wire.say(None, out="1")
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await anext(subscription) == {"out": "1"}
