"""Stopping evaluations, and telling the truth about those that do not stop."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from nrepl_lsp.repl.repl import Repl

from .choices import choice
from .evaluations import ANSWER_WITHIN
from .running import Running
from .series import series_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["NEW_SESSION", "WAIT", "close", "interrupt_and_tell", "tell_if_it_goes_on"]

#: What can be chosen when an evaluation does not stop.
NEW_SESSION, WAIT = "New session", "Wait"

#: Seconds until the question comes: by then the command is answered. Eglot (Emacs 30) throws away a
#: question that stands when its command is answered.
ASK_AFTER = ANSWER_WITHIN + 0.1

#: Seconds in which an evaluation ends that was ending when it was interrupted.
ENDING = 0.2

NOTHING_RUNS = "Nothing is running."
NO_REACTION = "The server has not reacted to the interrupt yet; the evaluation may go on."


class _Told:
    """The evaluations that it is being told of, and the tasks that tell."""

    def __init__(self) -> None:
        self.tasks: dict[str, asyncio.Task[None]] = {}


async def interrupt_and_tell(
    ls: "NreplLanguageServer",
    targets: Sequence[Running],
    *,
    within: float | None = ANSWER_WITHIN,
) -> dict[str, Any]:
    """
    Stop evaluations, what waits first; what is left of the series they belong to is not begun.

    Answers `{status, message}` within `within` seconds, None being the server's own time. status:
    `interrupted`, `idle` (nothing ran), `unsupported` (the server has no interrupt), `unanswered`
    (it has not reacted). What goes on after `nrepl.interrupt.grace` is told in a message that
    offers a new session.
    """
    stopped = [one for one in series_of(ls) if any(map(one.holds, targets))]
    for series in stopped:
        series.stop()
    if not targets:
        return _said(ls, "idle", NOTHING_RUNS)
    asking = asyncio.create_task(_interrupt(ls, targets), name="interrupt")
    in_flight = [one for one in targets if one.evaluation is not None and not _has_ended(one)]
    for running in in_flight:
        tell_if_it_goes_on(ls, running, asking)
    await asyncio.wait({asking}, timeout=within)
    status = asking.result() if asking.done() else "unanswered"
    if status == "idle":
        if in_flight:
            await asyncio.wait([_task_of(one) for one in in_flight], timeout=ENDING)
        if any(not _has_ended(one) for one in in_flight):
            # let-go and phel say so of everything that runs.
            status = "unanswered"
        elif stopped:
            status = "interrupted"
        else:
            return _said(ls, "idle", NOTHING_RUNS)
    if status == "unsupported":
        return {"status": status, "message": _cannot_be_stopped(in_flight or targets)}
    return {"status": status, "message": NO_REACTION if status == "unanswered" else None}


async def _interrupt(ls: "NreplLanguageServer", targets: Sequence[Running]) -> str:
    """The answer for the oldest; a server that does not answer holds up no other."""
    of_repl: dict[Repl, list[Running]] = {}
    for running in targets:
        of_repl.setdefault(running.repl, []).append(running)
    answers = await asyncio.gather(*(ls.evaluations.interrupt(one) for one in of_repl.values()))
    return answers[0]


def tell_if_it_goes_on(
    ls: "NreplLanguageServer", running: Running, asking: "asyncio.Task[str] | None" = None
) -> None:
    """
    Have it told when an evaluation that was interrupted has not stopped, once for each.

    asking: what the server answers to the interrupt; None where nobody waits for that.
    """
    tasks = ls.part(_Told).tasks
    if running.id in tasks or running.evaluation is None or _has_ended(running):
        return
    task = tasks[running.id] = asyncio.create_task(_tell(ls, running, asking))
    task.add_done_callback(lambda _: tasks.pop(running.id, None))


def close(ls: "NreplLanguageServer") -> None:
    """Tell nothing more: the editor is gone."""
    for task in tuple(ls.part(_Told).tasks.values()):
        task.cancel()


async def _tell(
    ls: "NreplLanguageServer", running: Running, asking: "asyncio.Task[str] | None"
) -> None:
    evaluation, ending = running.evaluation, _task_of(running)
    assert evaluation is not None
    is_unsupported = not evaluation.session.can_interrupt
    if not is_unsupported:
        grace = ls.settings.interrupt_grace
        waiting = {ending} if asking is None else {ending, asking}
        started = asyncio.get_running_loop().time()
        await asyncio.wait(waiting, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        if asking is not None and asking.done() and not asking.cancelled():
            is_unsupported = asking.result() == "unsupported"
        if not is_unsupported:
            left = grace - (asyncio.get_running_loop().time() - started)
            await asyncio.wait({ending}, timeout=max(left, 0.0))
    if ending.done():
        return
    await asyncio.wait({ending}, timeout=ASK_AFTER)
    if ending.done():
        return
    text = _cannot_be_stopped([running]) if is_unsupported else _has_not_stopped(ls, running)
    chosen = await _unless_it_ends(
        ending, choice(ls, types.MessageType.Warning, text, (NEW_SESSION, WAIT))
    )
    if chosen == NEW_SESSION and not ending.done():
        await _begin_anew(ls, running)


async def _begin_anew(ls: "NreplLanguageServer", running: Running) -> None:
    from ..session.new_session import start_new_session

    supervisors = ls.routing.supervisors
    supervisor = next((one for one in supervisors if one.repl is running.repl), None)
    # Where it is another one's by now, what runs there has been left behind already.
    if supervisor is not None and (problem := await start_new_session(ls, supervisor)):
        ls.warn(problem)


async def _unless_it_ends(
    ending: "asyncio.Task[Any]", asking: Coroutine[Any, Any, str | None]
) -> str | None:
    """What is chosen; None when the evaluation ends before."""
    task = asyncio.ensure_future(asking)
    try:
        await asyncio.wait({ending, task}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()


def _said(ls: "NreplLanguageServer", status: str, message: str) -> dict[str, Any]:
    ls.say(message)
    return {"status": status, "message": message}


def _cannot_be_stopped(targets: Sequence[Running]) -> str:
    return (
        f"This server cannot interrupt: {targets[0].code.title} goes on until it ends. "
        "To stop it, restart the server; a new session may go on without it."
    )


def _has_not_stopped(ls: "NreplLanguageServer", running: Running) -> str:
    return (
        f"{running.code.title} goes on, {ls.settings.interrupt_grace:g} seconds after the "
        "interrupt. A new session works without it."
    )


def _has_ended(running: Running) -> bool:
    return _task_of(running).done()


def _task_of(running: Running) -> "asyncio.Task[Any]":
    assert running.task is not None
    return running.task
