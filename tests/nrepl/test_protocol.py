"""The conversation without I/O: which message belongs to which request, and when one is over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.nrepl import Delivery, EncodeError, Limits, Protocol, Standing
from nrepl_lsp.nrepl.bencode import Decoder, encode
from nrepl_lsp.nrepl.messages import Message
from nrepl_lsp.nrepl.protocol import FINISHED_LIMIT


def sent(protocol: Protocol, op: str = "eval", **params: object) -> str:
    return protocol.send(op, params)[0]


def standings(protocol: Protocol, *messages: Message) -> list[str]:
    deliveries = protocol.receive(b"".join(map(encode, messages)))
    assert [delivery.message for delivery in deliveries] == list(messages)
    return [delivery.standing.value for delivery in deliveries]


def test_a_request_gets_an_id_and_loses_what_is_none() -> None:
    protocol = Protocol()

    request_id, message = protocol.send("eval", {"code": "1", "ns": None, "id": "mine", "op": "no"})

    assert message == {"op": "eval", "code": "1", "id": request_id}
    assert protocol.pending == {request_id}
    assert protocol.data_to_send() == [encode(message)]
    assert protocol.data_to_send() == []


def test_ids_are_texts_that_do_not_repeat() -> None:
    protocol = Protocol()
    ids = [sent(protocol) for _ in range(1000)]

    assert len(set(ids)) == 1000
    assert all(isinstance(each, str) for each in ids)


def test_each_request_is_one_piece_of_bytes() -> None:
    protocol = Protocol()
    sent(protocol, code="λ")
    sent(protocol, "describe")

    pieces = protocol.data_to_send()

    assert [Decoder().feed(piece)[0]["op"] for piece in pieces] == ["eval", "describe"]


def test_a_value_that_cannot_be_sent_leaves_nothing_behind() -> None:
    protocol = Protocol()
    with pytest.raises(EncodeError):
        sent(protocol, code=1.5)

    assert protocol.pending == frozenset()
    assert protocol.data_to_send() == []


def test_replies_are_the_requests_until_the_one_that_says_done() -> None:
    protocol = Protocol()
    one = sent(protocol)

    assert standings(
        protocol,
        {"id": one, "out": "a"},
        {"id": one, "value": "1"},
        {"id": one, "status": ["done"]},
    ) == ["reply", "reply", "last"]
    assert protocol.pending == frozenset()


@pytest.mark.parametrize(
    "status",
    [
        ["done"],
        "done",  # HyREPL
        ["done", "interrupted"],
        ["error", "unknown-session"],  # tools.nrepl 0.2.13
        ["error", "no-code"],  # tools.nrepl 0.2.13
        ["unknown-op"],  # JeeJah, cl-nrepl
        ["session-closed"],  # cl-nrepl
    ],
)
def test_what_ends_a_request_even_without_done(status: object) -> None:
    protocol = Protocol()
    one = sent(protocol)

    assert standings(protocol, {"id": one, "status": status}) == ["last"]


@pytest.mark.parametrize(
    "status", [[], "", ["need-input"], ["eval-error"], ["interrupted"], ["error"], "interrupted", 7]
)
def test_what_does_not_end_a_request(status: object) -> None:
    protocol = Protocol()
    one = sent(protocol)

    assert standings(protocol, {"id": one, "status": status}) == ["reply"]
    assert protocol.pending == {one}


def test_what_comes_after_the_end_is_late_a_second_done_too() -> None:
    protocol = Protocol()
    one = sent(protocol)
    done = {"id": one, "status": ["done"]}

    assert standings(protocol, done, done, {"id": one, "out": "x"}) == ["last", "late", "late"]


def test_what_comes_for_a_request_that_was_given_up_is_late() -> None:
    protocol = Protocol()
    one, two = sent(protocol), sent(protocol)
    protocol.finish(one)
    protocol.finish("never sent")

    assert protocol.pending == {two}
    assert standings(protocol, {"id": one, "value": "1"}) == ["late"]
    assert standings(protocol, {"id": "never sent"}) == ["stray"]


@pytest.mark.parametrize("request_id", [None, "unknown", "", [], 1, {}])
def test_what_belongs_to_no_request_is_stray(request_id: object) -> None:
    protocol = Protocol()
    sent(protocol)
    message = {"out": "x"} if request_id is None else {"out": "x", "id": request_id}

    assert protocol.receive(encode(message)) == [Delivery(None, message, Standing.STRAY)]


def test_only_so_many_ended_requests_are_remembered() -> None:
    protocol = Protocol()
    ids = [sent(protocol) for _ in range(FINISHED_LIMIT + 1)]
    for each in ids:
        protocol.finish(each)

    assert standings(protocol, {"id": ids[0]}, {"id": ids[1]}) == ["stray", "late"]


def test_after_losing_nothing_is_pending_and_nothing_is_to_be_sent() -> None:
    protocol = Protocol()
    one, two = sent(protocol), sent(protocol)
    standings(protocol, {"id": two, "status": ["done"]})
    assert protocol.pending == {one}

    protocol.lose()
    assert protocol.pending == frozenset()
    assert protocol.data_to_send() == []


def test_a_fault_is_kept_and_the_messages_before_it_are_delivered() -> None:
    protocol = Protocol(limits=Limits(string=100))
    one = sent(protocol)
    assert protocol.error is None

    deliveries = protocol.receive(encode({"id": one, "value": "1"}) + b"d1:a101:")

    assert [delivery.standing for delivery in deliveries] == [Standing.REPLY]
    assert "string=100" in str(protocol.error)
    assert protocol.receive(encode({"id": one})) == []


@given(st.data())
def test_interleaved_replies_in_any_pieces_reach_their_requests_in_order(
    data: st.DataObject,
) -> None:
    protocol = Protocol()
    ids = [sent(protocol) for _ in range(data.draw(st.integers(1, 5)))]
    replies = {
        each: [
            *({"id": each, "out": f"{each}.{n}"} for n in range(data.draw(st.integers(0, 4)))),
            {"id": each, "status": ["done"]},
        ]
        for each in ids
    }
    waiting = {each: list(messages) for each, messages in replies.items()}
    stream = b""
    while waiting:
        each = data.draw(st.sampled_from(sorted(waiting)))
        stream += encode(waiting[each].pop(0))
        if not waiting[each]:
            del waiting[each]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    bounds = [0, *cuts, len(stream)]

    deliveries = [
        delivery
        for start, stop in zip(bounds, bounds[1:], strict=False)  # noqa: RUF007
        for delivery in protocol.receive(stream[start:stop])
    ]

    for each, messages in replies.items():
        mine = [delivery for delivery in deliveries if delivery.id == each]
        assert [delivery.message for delivery in mine] == messages
        assert mine[-1].standing is Standing.LAST
        assert all(delivery.standing is Standing.REPLY for delivery in mine[:-1])
    assert protocol.pending == frozenset()
