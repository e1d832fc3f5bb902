"""What a command has the user's session do that is not code of a document, until it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nrepl_lsp.nrepl import Message, NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.session_ops import OpRun, SessionOp
from nrepl_lsp.source.document import Snapshot

from ..arguments import Arguments
from ..evaluating.code import Code
from ..evaluating.evaluations import ANSWER_WITHIN
from ..evaluating.outcomes import Fault, Outcome, not_loaded
from ..evaluating.picking import RefusedError
from ..evaluating.running import Running

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    "Place",
    "Work",
    "answered",
    "has_namespace",
    "known_namespace",
    "message_of",
    "messages_of",
    "place_of",
]

#: Seconds for the program to say which namespaces it has.
NAMESPACES_TIMEOUT = 5.0

Reply = dict[str, Any]

_under_way: set["asyncio.Task[Reply]"] = set()


@dataclass(frozen=True, slots=True)
class Work:
    """
    What is to be done in a REPL's session, and what to say when it has ended.

    code: what is evaluated; with an op it is what the user is shown of it. finish: makes the
    command's reply of what it came to, and tells the user.
    """

    repl: Repl
    code: Code
    finish: Callable[[Running, Outcome], Awaitable[Reply]]
    op: SessionOp | None = None

    async def finished(self, running: Running) -> Reply:
        """Follow it to its end. Cancelling interrupts it."""
        return await self.finish(running, await running.outcome(None))


@dataclass(frozen=True, slots=True)
class Place:
    """The document that a command means, where in it, and its program."""

    snapshot: Snapshot
    offset: int
    repl: Repl


def place_of(ls: "NreplLanguageServer", given: Arguments) -> Place:
    """The document that a command means. Raises `RefusedError`, also where nothing is attached."""
    place = given.place(ls.documents.last_place)
    if place is None:
        raise RefusedError("No document is open: pass its `uri`.")
    snapshot = ls.documents.snapshot(place.uri)
    if snapshot is None:
        raise RefusedError(f"{place.uri} is not open.")
    repl = ls.repl_for(place.uri)
    if repl is None:
        raise RefusedError(ls.why_detached(place.uri), "disconnected")
    return Place(snapshot, ls.documents.cursor(snapshot, place.range), repl)


async def has_namespace(repl: Repl, ns: str) -> bool:
    """
    Whether a program of Clojure's family has a namespace; `RefusedError` when it does not say.

    A program that is busy is waited for, unlike by questions, which give up at once.
    """
    try:
        async with asyncio.timeout(NAMESPACES_TIMEOUT):
            return await repl.loaded_namespace(ns, "clojure") is not None
    except TimeoutError:
        raise RefusedError("The program has not answered: try again when it is done.") from None
    except NreplError as error:
        raise RefusedError(f"The program has not answered: {error}.", "disconnected") from error


async def known_namespace(repl: Repl, ns: str) -> str:
    """A namespace that may be named to the program; `RefusedError` where it has it not."""
    if not await has_namespace(repl, ns):
        raise RefusedError(not_loaded(ns))
    return ns


def messages_of(running: Running) -> Sequence[Message]:
    """The messages of an op's reply."""
    return running.evaluation.messages if isinstance(running.evaluation, OpRun) else ()


async def answered(work: Coroutine[Any, Any, Reply], *, wait: bool, running: Reply) -> Reply:
    """
    The reply of a command whose work takes as long as it takes: `running` while it goes on.

    wait: until the end. Cancelling cancels the work, which interrupts what it has running.
    """
    task = asyncio.create_task(work, name="session work")
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    try:
        await asyncio.wait({task}, timeout=None if wait else ANSWER_WITHIN)
    except asyncio.CancelledError:
        task.cancel()
        raise
    return task.result() if task.done() else running


def message_of(outcome: Outcome) -> str | None:
    """What went wrong, for a reply; None where nothing did."""
    if outcome.status == "interrupted":
        return "Interrupted."
    fault = outcome.fault or (Fault("It has failed.") if outcome.status == "error" else None)
    return fault.message if fault is not None else None
