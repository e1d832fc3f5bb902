"""
The chain of causes of the last error in the user's session, as the program tells it.

It is asked over the tooling connection, so that the next evaluation neither waits for it nor it for
the evaluation; sessions belong to the server, whichever connection they were made on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from nrepl_lsp.nrepl import NreplError
from nrepl_lsp.nrepl.connection import CLOSE_TIMEOUT
from nrepl_lsp.nrepl.messages import Message
from nrepl_lsp.tooling.last_error_code import last_error_code
from nrepl_lsp.tooling.stacktrace import LAST_ERROR, Cause, causes_of_values
from nrepl_lsp.tooling.variants import Dialect

from .repl import Repl

__all__ = ["causes_of_last_error"]

log = logging.getLogger(__name__)

#: Characters of the answer: `MAX_CAUSES` chains of `MAX_FRAMES` frames with bounded texts.
ANSWER_LIMIT = 512 * 1024

#: Without it, cider-nrepl sends a state message of up to 140 kB.
_QUIETLY: dict[str, Any] = {"inhibit-cider-middleware": "true"}

#: How the ops have answered, by attachment: one that stays silent is set aside. With it the session
#: that is asked: the user may be in another one since.
_dialects: WeakKeyDictionary[Dialect, tuple[str | None, Dialect]] = WeakKeyDictionary()


async def causes_of_last_error(repl: Repl, family: str, timeout: float) -> tuple[Cause, ...] | None:
    """
    The exceptions of the session's `*e`, outermost first; None when the program cannot tell.

    family: of the language of the code that failed. timeout: seconds for all of it. Nothing of the
    user's session is changed. Raises `ConnectionLost`.
    """
    if repl.user.id is None:
        return None
    try:
        async with asyncio.timeout(timeout):
            dialect = _dialect_of(repl)
            if dialect.can_answer(LAST_ERROR):
                return await dialect.answer(LAST_ERROR, None, timeout=timeout)
            if family == "clojure" and _keeps_errors_in_sessions(repl):
                return await _read_in_copy(repl, timeout)
    except TimeoutError:
        log.info("the causes of the error were not told within %g s", timeout)
    return None


def _dialect_of(repl: Repl) -> Dialect:
    """How the attachment is asked in the user's session; `*e` is there."""
    user, connection = repl.user.id, repl.tooling.connection

    async def ask(op: str, params: Message, timeout: float) -> Sequence[Message]:
        request = connection.request(op, {**params, "session": user}, timeout=timeout)
        return (await request.collect()).messages

    asked, dialect = _dialects.get(repl.dialect, (None, None))
    if dialect is None or asked != user:
        dialect = Dialect(repl.capabilities, ask, snippets=False)
        _dialects[repl.dialect] = user, dialect
    return dialect


def _keeps_errors_in_sessions(repl: Repl) -> bool:
    """
    Whether the error can be read from a copy of the session, and is one of Java's.

    So it is where the reference implementation runs, which says what Java it runs on. Elsewhere
    (babashka, nbb, Basilisp) sessions are copied without their state.
    """
    capabilities = repl.capabilities
    return (
        repl.dialect.snippets
        and capabilities.supports("clone")
        and capabilities.supports("close")
        and {"clojure", "java"} <= capabilities.versions.keys()
    )


async def _read_in_copy(repl: Repl, timeout: float) -> tuple[Cause, ...] | None:
    """Read `*e` in a copy of the user's session, whose own `*1` and `*e` stay as they are."""
    code = last_error_code(repl.user.id or "")
    if code is None:
        return None
    try:
        copy = await repl.tooling.connection.clone(repl.user.id, timeout=timeout)
    except NreplError as error:
        log.info("no copy of the session: %s", error)
        return None
    try:
        evaluation = copy.eval(
            code, timeout=timeout, output_limit=0, value_limit=ANSWER_LIMIT, **_QUIETLY
        )
        result = await evaluation.result()
    except NreplError as error:
        log.info("the error was not read: %s", error)
        return None
    finally:
        with suppress(NreplError):
            copy.send_close(CLOSE_TIMEOUT)
    return causes_of_values(result.values)
