"""The codec: what it writes, what it accepts, what it refuses, and that cuts change nothing."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.nrepl import BencodeCodec, DecodeError, EncodeError, LimitExceeded, Limits
from nrepl_lsp.nrepl.bencode import MAX_DIGITS, Decoder, encode
from nrepl_lsp.nrepl.messages import Message

GOOD: list[tuple[str, bytes, list[Message]]] = [
    ("nothing", b"", []),
    ("an empty message", b"de", [{}]),
    ("text", b"d2:id1:1e", [{"id": "1"}]),
    ("an empty text", b"d1:a0:e", [{"a": ""}]),
    ("an empty key", b"d0:1:ae", [{"": "a"}]),
    ("lengths count bytes", "d1:a2:λe".encode(), [{"a": "λ"}]),
    ("astral text", "d1:a4:𝛌e".encode(), [{"a": "𝛌"}]),
    ("integers", b"d1:ai0e1:bi-12e1:ci+7ee", [{"a": 0, "b": -12, "c": 7}]),
    ("leading zeros", b"d1:ai007e1:b03:abce", [{"a": 7, "b": "abc"}]),
    ("a huge integer", b"d1:ai" + b"9" * 100 + b"ee", [{"a": int("9" * 100)}]),
    ("lists", b"d1:ali1e1:xle2:yyee", [{"a": [1, "x", [], "yy"]}]),
    ("dicts", b"d1:ad1:bd1:c1:deee", [{"a": {"b": {"c": "d"}}}]),
    ("dicts in lists", b"d1:ald1:b1:ceded1:d1:eeee", [{"a": [{"b": "c"}, {}, {"d": "e"}]}]),
    ("keys unsorted", b"d1:b1:21:a1:1e", [{"b": "2", "a": "1"}]),
    (
        "a key repeated (Basilisp 0.5.1)",
        b"d2:id1:16:statusl4:donee6:statusl4:doneee",
        [{"id": "1", "status": ["done"]}],
    ),
    ("of repeated keys the last", b"d1:a1:11:a1:2e", [{"a": "2"}]),
    ("a key without a value (guile-ares-rs)", b"d4:infoe", [{"info": []}]),
    ("… inside a dict", b"d1:ad6:sourcee1:b1:ce", [{"a": {"source": []}, "b": "c"}]),
    ("not UTF-8, kept (nrepl-janet)", b"d3:out3:a\xff\xe9e", [{"out": "a\udcff\udce9"}]),
    ("a key that is not UTF-8", b"d1:\xff1:ae", [{"\udcff": "a"}]),
    ("an encoded surrogate", b"d1:a3:\xed\xa0\x80e", [{"a": "\udced\udca0\udc80"}]),
    ("several messages", b"d1:a1:1ede" + b"d1:bi2ee", [{"a": "1"}, {}, {"b": 2}]),
]
GOOD += [
    (f"text of {length} bytes", b"d1:a%d:%be" % (length, b"x" * length), [{"a": "x" * length}])
    for length in (9, 10, 32, 33, 99, 100, 1000)
]

BAD: list[tuple[str, bytes, int]] = [
    ("a bare text", b"5:hello", 0),
    ("a bare integer", b"i1e", 0),
    ("a bare list", b"le", 0),
    ("an end without a beginning", b"e", 0),
    ("HTTP", b"HTTP/1.1 400 Bad Request\r\n", 0),
    ("a second message that is none", b"dex", 2),
    ("a space between messages", b"de de", 2),
    ("an unknown type", b"d1:ax", 4),
    ("a float", b"d1:ai1.5ee", 4),
    ("an underscore in an integer", b"d1:ai1_0ee", 4),
    ("a blank in an integer", b"d1:ai 1ee", 4),
    ("two signs", b"d1:ai--1ee", 4),
    ("an empty integer", b"d1:aiee", 4),
    ("a bare sign", b"d1:ai-ee", 4),
    ("an underscore in a length", b"d1:a1_0:xxxxxxxxxxe", 4),
    ("a negative length", b"d1:a-1:e", 4),
    ("a length that runs into text", b"d1:a12xy", 4),
    ("a length that does not end", b"d1:a" + b"1" * MAX_DIGITS, 4),
    ("an integer that does not end", b"d1:ai" + b"1" * MAX_DIGITS, 4),
    # Known for wrong where they end.
    ("an integer as a key", b"di1e1:ae", 4),
    ("a list as a key", b"dle1:ae", 3),
    ("a dict as a key", b"dde1:ae", 3),
]

Outcome = tuple[list[Message], str | None, int | None]


def outcome(pieces: list[bytes], limits: Limits | None = None) -> Outcome:
    """Return what comes out: the messages, and the kind and the place of the fault."""
    decoder = Decoder(limits or Limits())
    messages = [message for piece in pieces for message in decoder.feed(piece)]
    error = decoder.error
    return messages, type(error).__name__ if error else None, error.offset if error else None


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@pytest.mark.parametrize(
    ("data", "messages"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD]
)
def test_reads_what_servers_send_in_one_piece_and_byte_by_byte(
    data: bytes, messages: list[Message]
) -> None:
    assert outcome([data]) == (messages, None, None)
    assert outcome(bytewise(data)) == (messages, None, None)


@pytest.mark.parametrize(
    ("data", "offset"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_refuses_what_no_server_means_and_says_where(data: bytes, offset: int) -> None:
    messages, kind, place = outcome([data])

    assert (kind, place) == ("DecodeError", offset)
    assert outcome(bytewise(data)) == (messages, kind, place)


def test_messages_before_a_fault_are_returned_and_nothing_after_it() -> None:
    decoder = Decoder()

    assert decoder.feed(b"d1:ai1eed1:bi2ee!d1:ci3ee") == [{"a": 1}, {"b": 2}]
    error = decoder.error
    assert isinstance(error, DecodeError)
    assert "at byte 16" in str(error)
    assert decoder.feed(b"d1:ci3ee") == []
    assert decoder.error is error


def test_offsets_count_from_the_beginning_of_the_stream() -> None:
    decoder = Decoder()
    decoder.feed(b"d1:a")
    decoder.feed(b"1:be")
    decoder.feed(b"x")

    assert decoder.error is not None
    assert decoder.error.offset == 8


LIMITS = Limits(depth=3, string=10, message=40)


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        (b"d1:allleeee", "depth"),
        (b"d1:ad1:bd1:cdeeee", "depth"),
        (b"d1:a11:", "string"),
        (b"d1:a100:", "string"),
        (b"d1:a1099511627776:", "string"),
        (b"d11:", "string"),
        (b"d1:al" + b"9:xxxxxxxxx" * 4 + b"ee", "message"),
        (b"d1:ali1ei1ei1ei1ei1ei1ei1ei1ei1ei1ei1ei1eee", "message"),
    ],
)
def test_each_limit_is_named_when_it_is_passed(data: bytes, limit: str) -> None:
    for pieces in ([data], bytewise(data)):
        decoder = Decoder(LIMITS)
        for piece in pieces:
            decoder.feed(piece)

        assert isinstance(decoder.error, LimitExceeded)
        assert decoder.error.limit == limit
        assert decoder.error.allowed == getattr(LIMITS, limit)
        assert f"more than {limit}=" in str(decoder.error)


@pytest.mark.parametrize(
    "data",
    [
        b"d1:alleee",
        b"d1:a10:0123456789e",
        b"d1:al" + b"9:xxxxxxxxx" * 3 + b"ee",
        b"d1:al" + b"i1e" * 11 + b"ee",  # 40 bytes
    ],
)
def test_what_is_just_within_the_limits_is_read(data: bytes) -> None:
    data = data * 3

    messages, kind, _ = outcome([data], LIMITS)

    assert (len(messages), kind) == (3, None)
    assert outcome(bytewise(data), LIMITS) == (messages, None, None)


def test_a_message_too_long_is_refused_when_a_length_announces_it() -> None:
    decoder = Decoder(Limits(message=1000))

    assert decoder.feed(b"d1:a2000:") == []
    assert isinstance(decoder.error, LimitExceeded)
    assert decoder.error.limit == "message"


def test_a_hundred_thousand_nested_lists_are_refused_at_once() -> None:
    decoder = Decoder()
    decoder.feed(b"d1:a" + b"l" * 100_000)

    assert isinstance(decoder.error, LimitExceeded)
    assert decoder.error.limit == "depth"


def test_a_long_text_in_pieces_is_looked_at_only_when_it_is_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads = 0
    read = Decoder._read

    def counted(self: Decoder, buffer: bytes, messages: list[Message]) -> int:
        nonlocal reads
        reads += 1
        return read(self, buffer, messages)

    monkeypatch.setattr(Decoder, "_read", counted)
    size = 5_000_000
    data = b"d3:out%d:%be" % (size, b"x" * size)
    pieces = [data[at : at + 100] for at in range(0, len(data), 100)]
    decoder = Decoder()

    messages = [message for piece in pieces for message in decoder.feed(piece)]

    assert [len(message["out"]) for message in messages] == [size]
    assert len(pieces) > 50_000
    assert reads <= 3


def test_texts_that_repeat_are_decoded_once() -> None:
    one, two = Decoder().feed(b"d6:status4:doneed6:status4:donee")

    assert next(iter(one)) is next(iter(two))
    assert one["status"] is two["status"]


def test_the_cache_of_texts_does_not_grow_for_ever() -> None:
    decoder = Decoder()
    for number in range(10_000):
        decoder.feed(encode({"id": f"text {number}"}))

    assert len(decoder._texts) < 3000


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ({}, b"de"),
        ({"op": "eval", "id": "1"}, b"d2:id1:12:op4:evale"),
        ({"b": 1, "a": -2}, b"d1:ai-2e1:bi1ee"),
        ({"a": ["x", ("y",), {}]}, b"d1:al1:xl1:yedeee"),
        ({"a": b"\xff\x00"}, b"d1:a2:\xff\x00e"),
        ({"a": "λ𝛌"}, "d1:a6:λ𝛌e".encode()),
        ({"a": "\udcff"}, b"d1:a1:\xffe"),
        ({"a": "x\ud83dy"}, b"d1:a3:x?ye"),
        ({"ä": 1, "z": 2}, "d1:zi2e2:äi1ee".encode()),  # sorted by bytes
        ({"Z": 1, "a": 2}, b"d1:Zi1e1:ai2ee"),
        ({"a": 10**30}, b"d1:ai" + str(10**30).encode() + b"ee"),
    ],
)
def test_writes_sorted_keys_and_byte_lengths(message: Message, data: bytes) -> None:
    assert encode(message) == data
    assert BencodeCodec().encode(message) == data


SELF: list[Any] = []
SELF.append(SELF)


@pytest.mark.parametrize(
    "value",
    [1.5, None, True, {1, 2}, object(), {1: "a"}, [None], {"a": False}, SELF, "10**5000"],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_cannot_be_sent_is_an_encode_error(value: object) -> None:
    if value == "10**5000":  # pytest cannot print it either
        value = 10**5000
    with pytest.raises(EncodeError):
        encode({"a": value})


@pytest.mark.parametrize("message", ["text", b"bytes", [], 1, None])
def test_only_a_dict_is_a_message_for_anything_else_kills_nbb(message: Any) -> None:
    with pytest.raises(EncodeError, match="a message is a dict"):
        encode(message)


def test_an_encode_error_is_a_type_error_too() -> None:
    with pytest.raises(TypeError):
        encode({"a": 1.5})


texts = st.text(st.characters(codec="utf-8")) | st.binary(max_size=40).map(
    lambda data: data.decode("utf-8", "surrogateescape")
)
values = st.recursive(
    st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
messages = st.dictionaries(texts, values, max_size=5)


@st.composite
def cut(draw: st.DrawFn, streams: st.SearchStrategy[bytes]) -> tuple[bytes, list[bytes]]:
    """A stream, and the same in pieces."""
    data = draw(streams)
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=12)))
    bounds = [0, *places, len(data)]
    return data, [data[a:b] for a, b in itertools.pairwise(bounds)]


streams = st.lists(messages, max_size=4).map(lambda them: b"".join(map(encode, them)))


@given(st.lists(messages, max_size=4))
def test_what_was_written_is_read_back(them: list[Message]) -> None:
    assert outcome([b"".join(map(encode, them))]) == (them, None, None)


@given(cut(streams))
def test_the_cuts_of_a_stream_do_not_matter(stream: tuple[bytes, list[bytes]]) -> None:
    data, pieces = stream

    assert outcome(pieces) == outcome([data])


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A stream in which bytes were changed, lost or added."""
    data = bytearray(draw(streams))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        lost = draw(st.integers(0, 3))
        data[at : at + lost] = draw(
            st.binary(max_size=3) | st.sampled_from([b"e", b"d", b"l", b"i"])
        )
    return bytes(data)


small = Limits(depth=8, string=200, message=2000)


@given(cut(damaged() | st.binary(max_size=60)))
def test_damage_is_an_error_or_other_messages_and_the_cuts_do_not_matter(
    stream: tuple[bytes, list[bytes]],
) -> None:
    data, pieces = stream
    messages, kind, _ = outcome([data], small)

    assert kind in (None, "DecodeError", "LimitExceeded")
    assert outcome(pieces, small)[:2] == (messages, kind)
