"""JSON text and the frames around it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.lsp import jsonrpc
from nrepl_lsp.lsp.jsonrpc import FrameError, Framer, Oversize, decode, encode, frame


@pytest.fixture(params=["orjson", "json"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "json":
        monkeypatch.setattr(jsonrpc, "orjson", None)
    return str(request.param)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, None, True]}, '{"a":[1,null,true]}'),
        ("λ😀", '"λ😀"'),
        ("a\udcffb", '"a\ufffdb"'),
        ("\ud800 \\ud800", '"\ufffd \\\\ud800"'),
        ("\ud83d\ude00", '"😀"'),
        (2**70, str(2**70)),
        ({1: 2}, '{"1":2}'),
    ],
)
def test_json_is_the_same_with_both_libraries(library: str, value: Any, text: str) -> None:
    assert json.loads(encode(value)) == json.loads(text)
    assert b", " not in encode([1, 2])
    assert b": " not in encode({"a": 1})


def test_what_json_does_not_know_goes_through_default(library: str) -> None:
    assert encode({"set": {1}}, sorted) == b'{"set":[1]}'
    assert encode(["\udcff", {1}], sorted) == '["\ufffd",[1]]'.encode()
    with pytest.raises(TypeError):
        encode({1})


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(), st.lists))
def test_what_is_encoded_is_decoded(value: Any) -> None:
    assert decode(encode(value)) == value


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_not_json_raises_value_error(library: str, text: bytes) -> None:
    with pytest.raises(ValueError):
        decode(text)


def test_half_surrogates_are_let_in(library: str) -> None:
    assert decode(rb'{"text": "\ud83d"}') == {"text": "\ud83d"}


def test_a_frame_counts_bytes() -> None:
    assert frame("λ".encode()) == b"Content-Length: 2\r\n\r\n\xce\xbb"


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 4\r\n\r\n",
        b"content-length:4\r\n\r\n",
        b"CONTENT-LENGTH :  4 \r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: 4\r\n\r\n",
        b"Content-Length: 4\r\nX-Other: a:b\r\n\r\n",
        b"Content-Length: 4\n\n",
        b"\r\n\r\nContent-Length: 4\r\n\r\n",
    ],
)
def test_headers_are_read_tolerantly_at_every_split(header: bytes) -> None:
    stream = header + b"null" + header + b"true"
    assert Framer().feed(stream) == [b"null", b"true"]
    for at in range(1, len(stream)):
        framer = Framer()
        assert framer.feed(stream[:at]) + framer.feed(stream[at:]) == [b"null", b"true"]


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(1, 30))
def test_messages_come_out_whole_whatever_the_chunks(bodies: list[bytes], size: int) -> None:
    stream = b"".join(frame(body) for body in bodies)
    framer = Framer()
    found: list[bytes | Oversize] = []
    for at in range(0, len(stream), size):
        found += framer.feed(stream[at : at + size])
    assert found == bodies


def test_a_message_over_the_limit_is_skipped_and_the_next_one_read() -> None:
    stream = frame(b"x" * 100) + frame(b"null")
    whole = Framer(limit=10).feed(stream)
    assert whole == [Oversize(100, 10), b"null"]
    framer = Framer(limit=10)
    found = [message for at in range(len(stream)) for message in framer.feed(stream[at : at + 1])]
    assert found == whole


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (b"hello\n", "expected a header such as 'Content-Length: 52', got 'hello'"),
        (b"hello\r\n\r\n", "got 'hello'"),
        (b"Content-Length: -1\r\n\r\n", "Content-Length is '-1'"),
        (b"Content-Length: 1_0\r\n\r\n", "Content-Length is '1_0'"),
        (b"Content-Length: " + b"1" * 5000 + b"\r\n\r\n", "Content-Length is '111"),
        (b"Content-Type: x\r\n\r\n", "there is no Content-Length"),
        (b"A: " + b"x" * jsonrpc.HEADER_LIMIT, "no end of headers"),
        (b"\xff\xfe\n", "got '"),
    ],
)
def test_what_is_not_lsp_is_a_clear_error(stream: bytes, words: str) -> None:
    with pytest.raises(FrameError, match="not an LSP message") as raised:
        Framer().feed(stream)
    assert words in str(raised.value)
