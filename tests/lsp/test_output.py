"""What the user's code prints: gathered, in order, bounded."""

import asyncio

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.following import output
from nrepl_lsp.lsp.following.output import BATCH_LIMIT, OutputLog


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def log(sent: list[str]) -> OutputLog:
    def send(params: types.LogMessageParams) -> None:
        assert params.type is types.MessageType.Log
        sent.append(params.message)

    return OutputLog(send)


async def test_pieces_are_joined_in_order(log: OutputLog, sent: list[str]) -> None:
    for piece in ("a", "b\n", "c\n"):
        log.write(piece)
    assert sent == []
    log.flush()
    assert sent == ["a\nb\nc".replace("a\nb", "ab")]


async def test_it_is_sent_by_itself_after_a_moment(
    log: OutputLog, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "BATCH_INTERVAL", 0.0)
    log.write("x")
    loop = asyncio.get_running_loop()
    later = loop.create_future()
    loop.call_later(0.001, later.set_result, None)
    await later
    assert sent == ["x"]


async def test_a_flood_is_counted_not_sent(log: OutputLog, sent: list[str]) -> None:
    for _ in range(3):
        log.write("y" * BATCH_LIMIT)
    log.flush()
    assert sent == ["y" * BATCH_LIMIT + f"\n… {2 * BATCH_LIMIT:,} more characters"]
    log.write("again")
    log.flush()
    assert sent[1:] == ["again"]


async def test_nothing_is_sent_for_nothing(log: OutputLog, sent: list[str]) -> None:
    log.flush()
    log.write("\n")
    log.flush()
    assert sent == []


async def test_closing_throws_away_what_nobody_reads(log: OutputLog, sent: list[str]) -> None:
    log.write("x" * (BATCH_LIMIT + 1))
    log.close()
    assert sent == []
