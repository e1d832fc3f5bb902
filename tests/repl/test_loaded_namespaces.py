"""Which namespaces a program has, as it changes."""

from collections.abc import Sequence
from typing import Any

import pytest

from nrepl_lsp.nrepl.capabilities import Capabilities
from nrepl_lsp.repl.loaded_namespaces import LoadedNamespaces
from nrepl_lsp.tooling.variants import Dialect


class Program:
    """What lists its namespaces, and counts how often it was asked."""

    def __init__(self, *names: str, ops: Sequence[str] = ("ns-list",)) -> None:
        self.names = list(names)
        self.asked = 0
        self.known = LoadedNamespaces(Dialect(Capabilities(frozenset(ops)), self._answer))

    async def _answer(self, op: str, params: Any, timeout: float | None) -> Any:
        self.asked += 1
        return [{"ns-list": list(self.names), "status": ["done"]}]

    async def find(self, ns: str) -> str | None:
        return await self.known.find(ns, "clojure", 1)


async def test_a_namespace_that_was_removed_is_gone_with_the_next_listing() -> None:
    program = Program("user", "gone")
    assert await program.find("gone") == "gone"
    program.names.remove("gone")
    program.known.note_change("user")
    assert await program.find("other") is None

    assert await program.find("gone") is None
    assert program.known.known == {"user"}


async def test_one_that_the_program_has_named_may_be_removed_as_well() -> None:
    program = Program("user", "made")
    program.known.note_change("made")
    assert await program.find("other") is None
    program.names.remove("made")
    program.known.note_change("user")
    assert await program.find("other") is None

    assert await program.find("made") is None


async def test_one_that_was_named_and_never_listed_stays() -> None:
    """Clojure does not list ClojureScript's, which run in the same program."""
    program = Program("user")
    program.known.note_change("a-page")
    assert await program.find("other") is None
    program.known.note_change("user")
    assert await program.find("other") is None

    assert await program.find("a-page") == "a-page"


async def test_what_is_known_is_not_asked_for_again() -> None:
    program = Program("user", "here")
    assert [await program.find("here") for _ in range(3)] == ["here"] * 3
    program.known.note_change("user")
    assert await program.find("here") == "here"

    assert program.asked == 1


@pytest.mark.parametrize("ns", ["named", None])
async def test_where_none_are_listed_what_was_named_is_there(ns: str | None) -> None:
    program = Program(ops=())
    program.known.note_change("named")

    assert await program.known.find(ns, "clojure", 1) == ns
    assert program.asked == 0
