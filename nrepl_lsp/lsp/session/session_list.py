"""The sessions that a program has, to choose one of them."""

from collections.abc import Sequence
from typing import Any

from nrepl_lsp.repl.repl import Repl

from .namespaces import namespace_in, namespace_of

__all__ = ["LISTED_WITHIN", "SESSIONS_LIMIT", "sessions_of"]

#: Seconds for the program to list them.
LISTED_WITHIN = 2.0
#: Sessions of one answer.
SESSIONS_LIMIT = 100

NOT_LISTED = "This program cannot list its sessions: these are those known here."
NO_ANSWER = "The program has not answered: these are the sessions known here."
GONE = "The session in use is gone: choose another, or run nrepl.newSession."


async def sessions_of(repl: Repl) -> dict[str, Any]:
    """
    What `nrepl.sessions` answers, as far as it becomes known in time. Raises `ConnectionLost`.

    The one in use comes first, then those that were kept, then the others.
    """
    current = repl.user.id
    listed = await repl.list_sessions(LISTED_WITHIN)
    message = None
    if listed is None:
        found: Sequence[str] = repl.owned.kept
        message = NO_ANSWER if repl.can_list_sessions else NOT_LISTED
    else:
        kept = [one for one in repl.owned.kept if one in listed]
        # Servers list them in no order, and in another one each time.
        found = [*kept, *sorted(set(listed) - set(kept))]
        if current is not None and current not in listed:
            message = GONE
    others = [one for one in found if one != current]
    if len(others) >= SESSIONS_LIMIT:
        message = message or f"These are {SESSIONS_LIMIT} of {len(others) + 1} sessions."
    return {
        "status": "done",
        "sessions": [
            {"session": current, "current": True, "ns": namespace_of(repl)},
            *(
                {"session": one, "current": False, "ns": namespace_in(one)}
                for one in others[: SESSIONS_LIMIT - 1]
            ),
        ],
        "message": message,
    }
