"""What comes for those who have gone: sessions nobody takes, streams of lost connections."""

import asyncio

import pytest

from nrepl_lsp.nrepl import Address, Connection, MemoryStream, Protocol

from .wire import Wire


async def test_a_session_that_comes_as_its_clone_is_cancelled_is_closed(wire: Wire) -> None:
    """Both in one turn of the loop: the answer is there, and nobody will take it."""
    cloning = asyncio.ensure_future(wire.connection.clone())
    await asyncio.sleep(0)
    wire.done(wire.last, **{"new-session": "unwanted"})
    cloning.cancel()

    with pytest.raises(asyncio.CancelledError):
        await cloning
    assert (wire.last["op"], wire.last["session"]) == ("close", "unwanted")


async def test_a_session_that_comes_as_the_connection_goes_is_let_be(wire: Wire) -> None:
    cloning = asyncio.ensure_future(wire.connection.clone())
    await asyncio.sleep(0)
    wire.done(wire.last, **{"new-session": "unwanted"})
    wire.stream.close(OSError("gone"))
    cloning.cancel()

    with pytest.raises(asyncio.CancelledError):
        await cloning
    assert [request["op"] for request in wire.requests] == ["clone"]


async def test_a_stream_that_opens_after_the_loss_is_closed() -> None:
    connection = Connection(Address("nrepl", "memory", 1), Protocol())
    stream = MemoryStream(connection)
    connection.data_received(b"SSH-2.0-OpenSSH")
    connection.attach(stream)

    assert stream.is_closed
