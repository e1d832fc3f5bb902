"""
Asking a program without waiting for it: what a menu can say at once.

A menu must not wait until an op has loaded its middleware (cider-nrepl 0.62: up to 6.5 s). The
question is put in full; an answer that comes too late for one menu is there for the next.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.tooling.variants import Dialect, Question

__all__ = ["PATIENCE", "soon"]

#: Seconds that a menu waits for all it asks.
PATIENCE = 0.3
#: Seconds for which an answer is good: editors ask again with every move of the cursor.
KEPT_FOR = 5.0
#: Answers kept of one attachment.
KEPT = 64

Query = TypeVar("Query")
Answer = TypeVar("Answer")

_Known = dict[tuple[str, Any, int], tuple["asyncio.Task[Any]", float]]
_known: WeakKeyDictionary[Dialect, _Known] = WeakKeyDictionary()


async def soon(
    repl: Repl, question: Question[Query, Answer], query: Query, deadline: float
) -> tuple[Answer | None] | None:
    """
    The program's answer in a tuple; None when there is none by `deadline` (of `time.monotonic`).

    A lost connection is an answer that says nothing. The query must be hashable.
    """
    known = _known.setdefault(repl.dialect, {})
    # What was evaluated since may have made the answer another.
    key = (question.name, query, repl.namespaces.changes)
    now = time.monotonic()
    task, asked = known.get(key, (None, 0.0))
    if task is None or (task.done() and now - asked > KEPT_FOR):
        if len(known) >= KEPT:
            # A question that is under way is answered all the same; nobody looks at it any more.
            known.pop(next(iter(known)))
        known.pop(key, None)
        task = asyncio.create_task(_asked(lambda: repl.ask(question, query)), name=question.name)
        known[key] = (task, now)
    await asyncio.wait({task}, timeout=max(0.0, deadline - now))
    return (task.result(),) if task.done() and not task.cancelled() else None


async def _asked(ask: Callable[[], Awaitable[Answer | None]]) -> Answer | None:
    try:
        return await ask()
    except NreplError:
        return None
