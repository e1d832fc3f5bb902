"""What a command that runs tests was given on, and what of the tests its program has."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrepl_lsp.nrepl.errors import ConnectionLost
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages.testing import TESTING
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO
from nrepl_lsp.tooling.testing import cider_op

from ..arguments import Arguments
from ..evaluating.outcomes import not_known_as_loaded, not_loaded
from ..evaluating.picking import RefusedError
from ..lookup import ask_named
from ..session.work import place_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    *("QUESTION_TIMEOUT", "Asked", "Chosen", "asked_at", "is_loaded", "listed", "require_loaded"),
    *("require_test", "sorted_out", "without_missing"),
]

#: Seconds for the program to say what it has.
QUESTION_TIMEOUT = 10.0

Chosen = Sequence[tuple[str, tuple[str, ...] | None]]
"""Namespaces and the names of tests in them; None is all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a command was given, and the program there."""

    ls: "NreplLanguageServer"
    repl: Repl
    snapshot: Snapshot
    offset: int
    ns: str | None

    @property
    def family(self) -> str:
        """The document's language family."""
        return self.snapshot.language.family

    @property
    def suffix(self) -> str:
        """What the names of its test namespaces end in."""
        return TESTING[self.family].suffix


def asked_at(ls: "NreplLanguageServer", given: Arguments) -> Asked:
    """What a command's arguments mean. Raises `RefusedError` where no tests can be run there."""
    place = place_of(ls, given)
    testing = TESTING.get(place.snapshot.language.family)
    if testing is None or not testing.libraries:
        raise RefusedError("Tests of this language cannot be run from here.")
    return Asked(ls, place.repl, place.snapshot, place.offset, given.ns)


async def is_loaded(asked: Asked, ns: str) -> bool:
    """Whether the program has a namespace, or gets it from what was sent before."""
    repl = asked.repl
    earlier = [one.task for one in asked.ls.evaluations.running(repl) if one.task is not None]
    if await repl.loaded_namespace(ns, asked.family, QUESTION_TIMEOUT):
        return True
    if earlier:
        await asyncio.wait(earlier)
        if await repl.loaded_namespace(ns, asked.family, QUESTION_TIMEOUT):
            return True
    if not repl.is_live:
        raise ConnectionLost("the connection was lost")
    return False


async def sorted_out(asked: Asked, namespaces: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Those that are loaded, and those that are not."""
    loaded = [ns for ns in namespaces if await is_loaded(asked, ns)]
    return loaded, tuple(ns for ns in namespaces if ns not in loaded)


async def require_loaded(asked: Asked, ns: str) -> None:
    """Raise `RefusedError` when a namespace is not loaded."""
    if await is_loaded(asked, ns):
        return
    if asked.repl.can_list_namespaces:
        raise RefusedError(not_loaded(ns))
    raise RefusedError(not_known_as_loaded(ns))


async def require_test(asked: Asked, ns: str, name: str) -> None:
    """
    Raise `RefusedError` when a test is not there and cider's op would be asked for it.

    Up to 0.63 it then runs all tests of the namespace. The code of ours says what is missing.
    """
    if cider_op(asked.repl.capabilities, ()) is None:
        return
    if not await _has_test(asked, ns, name, QUESTION_TIMEOUT):
        raise RefusedError(
            f"The program does not have {ns}/{name}: evaluate it (nrepl.evalTopLevelForm)."
        )


async def without_missing(
    asked: Asked, chosen: Chosen
) -> tuple[Chosen, tuple[tuple[str, str], ...]]:
    """What cider's op can be asked for (see `require_test`), and the tests that it cannot."""
    deadline = time.monotonic() + QUESTION_TIMEOUT
    there: list[tuple[str, tuple[str, ...] | None]] = []
    missing: list[tuple[str, str]] = []
    for ns, names in chosen:
        gone = [
            name
            for name in names or ()
            if not await _has_test(asked, ns, name, max(0.0, deadline - time.monotonic()))
        ]
        missing += [(ns, name) for name in gone]
        if names is None:
            there.append((ns, None))
        elif left := tuple(name for name in names if name not in gone):
            there.append((ns, left))
    return there, tuple(missing)


async def _has_test(asked: Asked, ns: str, name: str, timeout: float) -> bool:
    ls, repl, snapshot = asked.ls, asked.repl, asked.snapshot
    info = await ask_named(ls, repl, SYMBOL_INFO, snapshot, name, ns, timeout)
    return info is not None and info.ns == ns


def listed(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
