"""Replies without end: what must get through them, and what is kept of them."""

import pytest

from nrepl_lsp.nrepl import Evaluation, evaluation
from nrepl_lsp.nrepl.events import Done, EvaluationEvent, Interrupted, NeedInput, Value

from .wire import Wire


@pytest.fixture
async def running(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    """An evaluation whose events are three too many."""
    monkeypatch.setattr(evaluation, "EVENT_LIMIT", 2)
    running = wire.connection.session("s").eval("(f)")
    wire.say(wire.last, *({"value": str(number)} for number in range(5)))
    return running


async def events(running: Evaluation) -> list[EvaluationEvent]:
    return [event async for event in running]


async def test_input_is_asked_for_behind_any_number_of_events(
    wire: Wire, running: Evaluation
) -> None:
    """The code would wait for it for ever."""
    wire.say(wire.last, status=["need-input"])
    wire.done(wire.last)

    assert await events(running) == [Value("0"), Value("1"), NeedInput(), Done("done")]


async def test_one_request_for_input_stands_for_those_behind_it(
    wire: Wire, running: Evaluation
) -> None:
    wire.say(wire.last, *[{"status": ["need-input"]}] * 100)
    wire.done(wire.last)

    assert (await events(running)).count(NeedInput()) == 1


async def test_an_interrupt_is_told_behind_any_number_of_events(
    wire: Wire, running: Evaluation
) -> None:
    wire.say(wire.last, status=["need-input"])
    wire.say(wire.last, status=["done", "interrupted"])

    assert await events(running) == [
        *(Value("0"), Value("1")),
        *(NeedInput(), Interrupted(), Done("interrupted")),
    ]


async def test_of_too_many_values_the_first_and_the_last_are_kept(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty ones too; and the last is that of the whole."""
    monkeypatch.setattr(evaluation, "VALUES_COUNT_LIMIT", 3)
    running = wire.connection.session("s").eval("(f)", value_limit=1)
    wire.say(wire.last, *[{"value": ""}] * 1000, {"value": "21"})
    wire.done(wire.last)
    result = await running.result()

    assert result.values == ("", "", "2")
    assert result.value_cuts == (0, 0, 1)
