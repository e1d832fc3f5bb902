"""Asking without waiting: late answers are there the next time, and are not asked for twice."""

import asyncio
import time
from typing import cast

import pytest

from nrepl_lsp.lsp.actions.soon import soon
from nrepl_lsp.nrepl.errors import ConnectionLost
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.tooling.variants import Question

QUESTION: Question[str, str] = Question("question", ())


class Program:
    """Answers when its gate is open; counts how often it is asked."""

    def __init__(self) -> None:
        self.dialect = self
        self.gate = asyncio.Event()
        self.asked: list[str] = []
        self.lost = False
        self.namespaces = self
        self.changes = 0

    async def ask(self, question: Question[str, str], query: str) -> str:
        self.asked.append(query)
        await self.gate.wait()
        if self.lost:
            raise ConnectionLost("gone")
        return query.upper()


@pytest.fixture
def program() -> Program:
    return Program()


async def ask(program: Program, query: str = "a", within: float = 1.0) -> tuple[str | None] | None:
    return await soon(cast("Repl", program), QUESTION, query, time.monotonic() + within)


async def test_an_answer_in_time(program: Program) -> None:
    program.gate.set()
    assert await ask(program) == ("A",)


async def test_a_late_answer_is_there_the_next_time(program: Program) -> None:
    assert await ask(program, within=0.01) is None
    program.gate.set()
    assert await ask(program) == ("A",)
    assert program.asked == ["a"]


async def test_an_answer_is_asked_for_again_after_a_while(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.gate.set()
    await ask(program)
    monkeypatch.setattr("nrepl_lsp.lsp.actions.soon.KEPT_FOR", -1.0)
    await ask(program)
    assert program.asked == ["a", "a"]


async def test_an_answer_from_before_an_evaluation_is_forgotten(program: Program) -> None:
    assert await ask(program, within=0.01) is None
    program.changes += 1
    program.gate.set()
    assert await ask(program) == ("A",)
    assert program.asked == ["a", "a"]


async def test_a_lost_connection_says_nothing(program: Program) -> None:
    program.lost = True
    program.gate.set()
    assert await ask(program) == (None,)


async def test_only_so_many_answers_are_kept(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.actions.soon.KEPT", 2)
    program.gate.set()
    for query in ("a", "b", "c", "c", "b", "a"):
        assert await ask(program, query) == (query.upper(),)
    assert program.asked == ["a", "b", "c", "a"]
