"""Long printed texts: read past, counted, and the same however the bytes were cut."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.nrepl import LimitExceeded, Limits
from nrepl_lsp.nrepl.bencode import CutText, Decoder, encode

LIMITS = Limits(printed=10)


def decoded(data: bytes, at: list[int], limits: Limits = LIMITS) -> tuple[Decoder, list[dict]]:
    decoder = Decoder(limits)
    places = [0, *sorted(place % (len(data) + 1) for place in at), len(data)]
    found = []
    for start, end in pairwise(places):
        found += decoder.feed(data[start:end])
    return decoder, found


def cuts(message: dict) -> dict[str, int]:
    return {key: one.cut for key, one in message.items() if isinstance(one, CutText)}


@pytest.mark.parametrize(
    ("given", "kept", "cut"),
    [
        ("1234567890", "1234567890", None),
        ("12345678901", "1234567890", 1),
        ("é" * 6, "é" * 5, 1),
        ("123456789é", "123456789", 1),
        ("1234567😀!", "1234567", 2),
        ("12345678日本語", "12345678", 3),
        ("x" * 1000, "x" * 10, 990),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 7, 4096])
@pytest.mark.parametrize("key", ["value", "out", "err"])
def test_the_beginning_is_kept_and_the_rest_counted(
    given: str, kept: str, cut: int | None, size: int, key: str
) -> None:
    data = encode({"id": "1", key: given, "zz": "after"}) + encode({"id": "2"})
    _, (first, second) = decoded(data, list(range(0, len(data), size)))
    assert first == {"id": "1", key: kept, "zz": "after"}
    assert cuts(first) == ({} if cut is None else {key: cut})
    assert second == {"id": "2"}


def test_other_strings_are_kept_whole() -> None:
    message = {"id": "1", "doc": "x" * 1000, "out-of": ["y" * 50]}
    assert decoded(encode(message), [])[1] == [message]


def test_what_announces_too_much_still_ends_the_stream() -> None:
    decoder = Decoder(Limits(string=100, printed=10))
    assert decoder.feed(b"d5:value101:") == []
    assert isinstance(decoder.error, LimitExceeded)


def test_a_fault_behind_what_was_cut_is_at_its_place() -> None:
    data = b"d5:value30:" + b"x" * 30 + b"?"
    whole, pieces = decoded(data, [])[0], decoded(data, list(range(len(data))))[0]
    assert str(whole.error) == str(pieces.error)
    assert "41" in str(whole.error)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(max_size=40), min_size=1, max_size=4),
    st.lists(st.integers(0, 500), max_size=12),
)
def test_messages_are_the_same_however_they_were_cut(texts: list[str], at: list[int]) -> None:
    data = b"".join(encode({"out": text, "id": "1"}) for text in texts)
    whole, pieces = decoded(data, [])[1], decoded(data, at)[1]
    assert whole == pieces
    assert [cuts(one) for one in whole] == [cuts(one) for one in pieces]
    for text, message in zip(texts, whole, strict=True):
        kept = message["out"]
        # Halves of pairs are written as question marks.
        clean = text.encode("utf-8", "replace").decode()
        assert clean.startswith(kept)
        assert len(kept) + cuts(message).get("out", 0) == len(clean)


def bencoded(value: object) -> bytes:
    """What servers may send and `encode` would not: bytes that are no text, keys in any order."""
    if isinstance(value, list):
        return b"l%be" % b"".join(map(bencoded, value))
    if isinstance(value, dict):
        pairs = b"".join(bencoded(key) + bencoded(item) for key, item in value.items())
        return b"d%be" % pairs
    assert isinstance(value, bytes)
    return b"%d:%b" % (len(value), value)


#: The edges of characters of two to four bytes, and pieces of them.
BYTES = st.lists(
    st.sampled_from([b"a", b"\x80", b"\xc3", "é".encode(), "€".encode(), "😀".encode()]),
    max_size=12,
).map(b"".join)
KEYS = st.sampled_from([b"value", b"out", b"err", b"id"])
VALUES = st.recursive(
    BYTES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def written_out(value: object) -> object:
    """A decoded value in which what was cut says so."""
    if isinstance(value, list):
        return [written_out(item) for item in value]
    if isinstance(value, dict):
        return {key: written_out(item) for key, item in value.items()}
    return (str(value), value.cut) if isinstance(value, CutText) else value


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.dictionaries(KEYS, VALUES, max_size=4), min_size=1, max_size=3),
    st.sampled_from([b"", b"?", b"d5:value99:x", b"d5:value999:"]),
    st.lists(st.integers(0, 500), max_size=12),
    st.sampled_from([Limits(printed=4), LIMITS, Limits(printed=10, string=100)]),
)
def test_any_bytes_in_any_place_are_the_same_however_they_were_cut(
    messages: list[dict[bytes, object]], end: bytes, at: list[int], limits: Limits
) -> None:
    data = b"".join(map(bencoded, messages)) + end
    one, whole = decoded(data, [], limits)
    for places in (at, list(range(len(data)))):
        other, pieces = decoded(data, places, limits)
        assert written_out(pieces) == written_out(whole)
        assert str(other.error) == str(one.error)
