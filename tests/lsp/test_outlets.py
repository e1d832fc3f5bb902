"""Writers that keep the order and never block the event loop."""

import asyncio
import os
from typing import Any

import pytest

from nrepl_lsp.lsp import outlets

from .served import DEADLINE, Pipe, read_all


@pytest.fixture
def pipe() -> Any:
    made = Pipe()
    yield made
    made.close()


async def test_a_slow_reader_gets_everything_in_order(pipe: Pipe) -> None:
    lost: list[str] = []
    outlet = outlets.DescriptorOutlet(pipe.write, lambda: lost.append("lost"))
    messages = [bytes([number]) * 50_000 for number in range(8)]
    for message in messages:
        outlet.write(message)
    flushing = asyncio.ensure_future(outlet.flush())
    found = b""
    async with asyncio.timeout(DEADLINE):
        while not flushing.done():
            found += read_all(pipe.read)
            await asyncio.sleep(0)
    found += read_all(pipe.read)
    assert found == b"".join(messages)
    assert lost == []


@pytest.mark.parametrize("outlet_type", [outlets.DescriptorOutlet, outlets.ThreadOutlet])
async def test_a_client_that_does_not_read_is_given_up(
    pipe: Pipe, outlet_type: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(outlets, "OUTPUT_LIMIT", 300_000)
    os.set_blocking(pipe.write, outlet_type is outlets.ThreadOutlet)
    lost: list[str] = []
    outlet = outlet_type(pipe.write, lambda: lost.append("lost"))
    for _ in range(8):
        outlet.write(b"x" * 100_000)
    assert lost == ["lost"]
    assert "bytes unread" in caplog.text
    outlet.write(b"ignored")
    read_all(pipe.read)  # lets the thread go on
    await outlet.flush()


@pytest.mark.parametrize("outlet_type", [outlets.DescriptorOutlet, outlets.ThreadOutlet])
async def test_a_client_that_is_gone_ends_the_session_once(pipe: Pipe, outlet_type: Any) -> None:
    os.close(pipe.read)
    lost = asyncio.Event()
    outlet = outlet_type(pipe.write, lost.set)
    outlet.write(b"x")
    async with asyncio.timeout(DEADLINE):
        await lost.wait()
        await outlet.flush()
    outlet.write(b"ignored")


async def test_a_client_that_goes_while_we_wait_for_it_ends_the_session(pipe: Pipe) -> None:
    lost = asyncio.Event()
    outlet = outlets.DescriptorOutlet(pipe.write, lost.set)
    outlet.write(b"x" * 200_000)
    os.close(pipe.read)
    async with asyncio.timeout(DEADLINE):
        await lost.wait()
        await outlet.flush()


async def test_the_thread_writes_in_order(pipe: Pipe) -> None:
    os.set_blocking(pipe.write, True)
    outlet = outlets.ThreadOutlet(pipe.write, lambda: None)
    outlet.write(b"one ")
    outlet.write(b"two")
    async with asyncio.timeout(DEADLINE):
        await outlet.flush()
    assert read_all(pipe.read) == b"one two"
