"""Output that comes after an evaluation's end."""

import pytest

from nrepl_lsp.nrepl import evaluation
from nrepl_lsp.nrepl.events import Output

from .wire import Wire


async def test_a_character_that_comes_in_pieces_is_whole(wire: Wire) -> None:
    late: list[Output] = []
    running = wire.connection.session("s").eval("(f)", on_late_output=late.append)
    wire.done(wire.last, value="1")
    await running.result()

    text = "grün 😀".encode()
    for start in range(0, len(text), 3):
        wire.say(wire.last, out=text[start : start + 3])

    assert "".join(one.text for one in late) == "grün 😀"


async def test_each_stream_is_joined_by_itself(wire: Wire) -> None:
    late: list[Output] = []
    wire.connection.session("s").eval("(f)", on_late_output=late.append)
    wire.done(wire.last, value="1")

    for piece in ("ü".encode()[:1], "ü".encode()[1:]):
        wire.say(wire.last, out=piece, err=piece)

    assert late == [Output("out", "ü"), Output("err", "ü")]


async def test_only_so_much_is_handed_on(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "LATE_OUTPUT_LIMIT", 5)
    late: list[Output] = []
    wire.connection.session("s").eval("(f)", on_late_output=late.append)
    wire.done(wire.last, value="1")

    for _ in range(3):
        wire.say(wire.last, out="üab")

    assert "".join(one.text for one in late) == "üabüa"
