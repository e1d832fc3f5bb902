"""Sessions over descriptors: files, terminals, other systems, and the process' own."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from nrepl_lsp.lsp import stdio, wire
from nrepl_lsp.lsp.jsonrpc import Framer, decode, encode, frame
from nrepl_lsp.lsp.stdio import serve_descriptors

from .served import DEADLINE, Pipe, StandIn, finished, read_all, wait_for_reading_threads


async def test_a_file_as_input_is_read_by_a_thread(tmp_path: Path) -> None:
    conversation = tmp_path / "in"
    requests = [
        {"id": 1, "method": "initialize", "params": {"capabilities": {}}},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    ]
    conversation.write_bytes(b"".join(frame(encode(message)) for message in requests))
    stdin = os.open(conversation, os.O_RDONLY)
    stdout = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    assert await asyncio.wait_for(serve_descriptors(StandIn(), stdin, stdout), DEADLINE) == 0
    wait_for_reading_threads()
    os.close(stdin)
    answers = Framer().feed((tmp_path / "out").read_bytes())
    assert [decode(answer)["id"] for answer in answers if isinstance(answer, bytes)] == [1, 2]


async def test_the_ways_of_other_systems_serve_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdio, "POSIX", False)
    monkeypatch.setattr(wire, "POSIX", False)
    server = StandIn()
    stdin, stdout = Pipe(), Pipe()
    os.set_blocking(stdout.write, True)
    serving = asyncio.ensure_future(serve_descriptors(server, stdin.read, os.dup(stdout.write)))
    message = {"id": 1, "method": "initialize", "params": {"capabilities": {}}}
    os.write(stdin.write, frame(encode(message)))
    os.close(stdin.write)
    assert await finished(serving) == 1
    wait_for_reading_threads()
    answers = Framer().feed(read_all(stdout.read))
    assert len(answers) == 1
    stdin.close()
    stdout.close()


async def test_an_input_that_cannot_be_read_ends_the_session(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stdout = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    folder = os.open(tmp_path, os.O_RDONLY)
    assert await asyncio.wait_for(serve_descriptors(StandIn(), folder, stdout), DEADLINE) == 1
    wait_for_reading_threads()
    os.close(folder)


async def test_descriptors_are_left_as_they_were() -> None:
    ours, theirs = socket.socketpair()
    stdin = theirs.detach()
    kept = os.dup(stdin)
    os.set_blocking(stdin, True)
    serving = asyncio.ensure_future(serve_descriptors(StandIn(), stdin, os.dup(stdin)))
    ours.shutdown(socket.SHUT_WR)
    await finished(serving)
    assert os.get_blocking(kept)
    await asyncio.sleep(0)
    os.close(kept)
    ours.close()


@pytest.mark.parametrize("has_stderr", [True, False])
def test_the_wire_is_taken_from_the_standard_streams(
    has_stderr: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.dup(0), os.dup(1)
    dup2 = os.dup2

    def duplicate(source: int, target: int) -> None:
        if source == 2 and not has_stderr:
            raise OSError("Bad file descriptor")
        dup2(source, target)

    monkeypatch.setattr(os, "dup2", duplicate)
    try:
        stdin, stdout = stdio.guard_stdio()
        nothing = os.stat(os.devnull)
        assert os.path.samestat(os.fstat(stdout), os.fstat(before[1]))
        assert os.path.samestat(os.fstat(stdin), os.fstat(before[0]))
        assert os.path.samestat(os.fstat(0), nothing)
        assert os.path.samestat(os.fstat(1), os.fstat(2) if has_stderr else nothing)
        assert not os.get_inheritable(stdout)
    finally:
        for target, descriptor in enumerate(before):
            dup2(descriptor, target)
            os.close(descriptor)
    os.close(stdin)
    os.close(stdout)


def test_stdio_is_served_and_the_process_told_to_end_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stdin, stdout = Pipe(), Pipe()
    ends: list[int] = []
    monkeypatch.setattr(stdio, "guard_stdio", lambda: (stdin.read, os.dup(stdout.write)))
    monkeypatch.setattr(stdio, "exit_in_time", ends.append)
    os.write(stdin.write, frame(encode({"method": "exit"})))
    assert stdio.serve_stdio(StandIn()) == 1
    assert ends == [1]
    os.close(stdin.write)
    stdout.close()
