"""
What failed and where, read from the text that an evaluation wrote.

There is no op for this that all servers have, so `error_texts` knows how each of them writes it.
Unknown text still gives a report: its first line, without a place.
"""

from __future__ import annotations

from .causes import MAX_FRAMES
from .error_texts import READERS, class_of
from .tracebacks import bounded
from .values import ErrorReport

__all__ = ["MAX_DETAIL", "MAX_FRAMES", "MAX_MESSAGE", "report"]

MAX_MESSAGE = 500
"""Characters of the short message."""

MAX_DETAIL = 64 * 1024
"""Characters of the text that are read and kept; nbb sends 700 kB for a stack overflow."""

_INTERRUPTIONS = ("InterruptedException", "ThreadDeath", "KeyboardInterrupt", "SystemExit")


def report(
    err: str, ex: str | None = None, root_ex: str | None = None, *, interrupted: bool = False
) -> ErrorReport | None:
    """
    Read a failed evaluation's text; None when there is none to read.

    err: all that came as `err`, joined. ex, root_ex: as the server sent them: a class, a printed
    error (nbb) or a whole traceback (Basilisp). interrupted: the user stopped it, so that an error
    that says no more than this gives None.
    """
    err, ex, root_ex = (bounded(text or "", MAX_DETAIL) for text in (err, ex, root_ex))
    if not (err.strip() or ex.strip()):
        return None
    found = next((read for reader in READERS if (read := reader(err, ex))), None)
    if found is None:
        found = _plain(err, ex)
    class_name = _full_class(found.class_name, class_of(ex), class_of(root_ex))
    if interrupted and class_name and class_name.endswith(_INTERRUPTIONS):
        return None
    message = found.message.strip()
    if message in ("", "null") and class_name:
        message = class_name
    first_line = message.partition("\n")[0].rstrip()
    return ErrorReport(
        first_line[:MAX_MESSAGE],
        class_name,
        found.phase,
        found.place,
        found.frames,
        err.strip("\n") or ex.strip("\n"),
    )


def _full_class(told: str | None, *sent: str | None) -> str | None:
    """The class that the text names, with its package where `ex` or `root-ex` has it."""
    if told is None:
        return next(filter(None, sent), None)
    return next((name for name in sent if name and name.endswith(f".{told}")), told)


def _plain(err: str, ex: str) -> ErrorReport:
    lines = [line for line in err.splitlines() if line.strip()] or ex.splitlines()
    return ErrorReport(lines[0])
