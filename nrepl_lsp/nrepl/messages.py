"""
The shape of messages: what every server means, whatever it wrote.

On the wire nil is `[]`, `""`, `{}` or a missing key, and `status` is a list, a bare string
(HyREPL, small Ruby servers) or absent. These functions are the one place that knows.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Message: TypeAlias = dict[str, Any]

#: Words that end a request even when `done` does not come with them: tools.nrepl 0.2.13 sends
#: `[unknown-session error]` and `[no-code error]` alone, JeeJah and cl-nrepl `[unknown-op]`.
#: `interrupted` is not here: in 0.2.x the `done` of an interrupted eval follows on its own.
ENDING = frozenset(
    {"done", "unknown-op", "unknown-session", "no-code", "unknown-code-type", "session-closed"}
)

#: Words that end a request when the reply holds no `done` within a grace period.
ENDING_AFTER_GRACE = frozenset({"interrupted", "error"})

_FAILURES = frozenset({"error", "unknown-op", "unknown-session", "namespace-not-found", "no-code"})

_EMPTY: tuple[Any, ...] = ("", [], {}, None, frozenset())


#: The statuses of nearly every reply.
DONE = frozenset({"done"})


def status_of(message: Message) -> frozenset[str]:
    """Return the statuses of one message as a set; empty when it has none."""
    status = message.get("status")
    if status == ["done"]:
        return DONE
    if isinstance(status, str):
        return frozenset((status,)) if status else frozenset()
    if isinstance(status, list):
        return frozenset(word for word in status if isinstance(word, str))
    return frozenset()


def present(value: Any) -> bool:
    """Whether a value of a reply says anything: nil has four spellings on the wire."""
    return value not in _EMPTY


def text_of(message: Message, key: str) -> str | None:
    """Return a key's value when it is a non-empty string, else None."""
    value = message.get(key)
    return value if isinstance(value, str) and value else None


def is_failure(status: frozenset[str]) -> bool:
    """
    Whether a reply's statuses say that the op failed.

    cider-nrepl's middleware reports a failure as `[done <op>-error]` without a plain `error`;
    nREPL before 1.5 does the same for `lookup-error` and `completion-error`. Its `no-error` is no
    failure: there is no stack trace to show.
    """
    return bool(status & _FAILURES) or any(
        word.endswith("-error") and word != "no-error" for word in status
    )
