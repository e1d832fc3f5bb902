"""Which tests failed when they were last run, for running those again."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nrepl_lsp.repl.supervisor import Supervisor

    from ..server import NreplLanguageServer

__all__ = ["FailedTest", "failed_tests", "note_failed"]

#: Tests of one program that are known to have failed.
FAILED_LIMIT = 1000

FailedTest = tuple[str, str | None]
"""A namespace and a name in it; None for what happened outside of its tests."""


class _Failed:
    """By project: its program may be restarted, and the tests are the same."""

    def __init__(self) -> None:
        self.of: dict[Supervisor | None, dict[FailedTest, None]] = {}


def failed_tests(ls: "NreplLanguageServer", uri: str) -> list[FailedTest]:
    """The tests that failed when they were last run, of a document's program."""
    return list(ls.part(_Failed).of.get(ls.supervisor_for(uri), ()))


def note_failed(
    ls: "NreplLanguageServer",
    uri: str,
    was_run: Callable[[str, str | None], bool],
    failed: Iterable[FailedTest],
) -> None:
    """Some tests were run, and some of these failed."""
    programs = ls.part(_Failed).of
    owner = ls.supervisor_for(uri)
    known = {one: None for one in programs.get(owner, {}) if not was_run(*one)}
    known |= dict.fromkeys(failed)
    programs[owner] = dict(list(known.items())[-FAILED_LIMIT:])
