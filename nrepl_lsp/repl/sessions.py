"""Which sessions a program has, and which of them are ours: only those are ever closed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakSet

from nrepl_lsp.nrepl import Address, ConnectFailed, Message, NreplError, Session

__all__ = [
    "OURS",
    "UNGUESSABLE",
    "Owned",
    "SessionInUse",
    "SessionUnknown",
    "asking_at",
    "note_asking",
    "sessions_in",
    "stop_ours",
]

#: Characters of a session's id from which on no other program has the same one. Most servers use
#: UUIDs; some count.
UNGUESSABLE = 16


class SessionInUse(ConnectFailed):
    """Something runs or waits in the session that was to be left as it is."""


class SessionUnknown(ConnectFailed):
    """The program lists no such session, or does not list its sessions."""


@dataclass(frozen=True, slots=True)
class Owned:
    """
    Which of a program's sessions we have made, beside the one of our questions.

    user: whether the one in use is. kept: those that were left as they are, to come back to, the
    oldest first. ended: those that are closed, or being closed, and may be listed for a while.
    """

    user: bool = True
    kept: tuple[str, ...] = ()
    ended: frozenset[str] = frozenset()

    def leaving(self, session: str | None, *, keep: bool) -> Owned:
        """What is ours when another session than this is in use, which is ours too."""
        if session is None or not self.user:
            return Owned(True, self.kept, self.ended)
        if keep:
            return Owned(True, (*self.kept, session), self.ended)
        return Owned(True, self.kept, self.ended | {session})

    def entering(self, session: str) -> Owned:
        """What is ours when this session is in use, whoever has made it."""
        others = tuple(one for one in self.kept if one != session)
        return Owned(session in self.kept, others, self.ended)


OURS = Owned()
"""The session in use, and no other."""

#: The sessions for the questions of all attachments; several may be of one program.
_asking: WeakSet[Session] = WeakSet()


def note_asking(session: Session) -> None:
    """Know that our questions are asked in a session: it is none to evaluate in."""
    _asking.add(session)


def asking_at(address: Address) -> set[str | None]:
    """The ids of the sessions for questions to the program at an address."""
    return {one.id for one in _asking if one.connection.address == address}


def sessions_in(messages: Iterable[Message]) -> tuple[str, ...]:
    """The ids in the reply to `ls-sessions`; none is an empty list, which may also be nothing."""
    found: dict[str, None] = {}
    for message in messages:
        listed = message.get("sessions")
        if isinstance(listed, list):
            found |= dict.fromkeys(one for one in listed if isinstance(one, str) and one)
    return tuple(found)


def stop_ours(session: Session) -> None:
    """End what we have in a session: what runs is interrupted, what waits is never sent."""
    for evaluation in session.queued:
        session.stop(evaluation)
    if session.running is not None and not session.running.is_interrupt_requested:
        with suppress(NreplError):
            # To close a session does not stop what runs in it (nREPL 1.0.0, tools.nrepl 0.2.13).
            session.stop(session.running)
