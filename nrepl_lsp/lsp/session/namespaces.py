"""The session's own namespace: where code is evaluated that belongs to no namespace."""

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from nrepl_lsp.nrepl import Session
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.repl.sessions import UNGUESSABLE
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.tooling.shapes import is_symbol

from ..evaluating.code import Code, declared_namespace
from ..evaluating.outcomes import Outcome
from ..evaluating.picking import RefusedError
from ..evaluating.running import Running
from ..evaluating.watching import Watcher
from .work import Place, Work, has_namespace, known_namespace, message_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["SessionNamespaces", "namespace_in", "namespace_of", "reply", "switch"]

#: Sessions whose namespace is remembered; one may be taken up again by another connection.
SESSIONS_LIMIT = 1000

_told: dict[str, str] = {}
#: Those whose id another program's session may have.
_told_of: "WeakKeyDictionary[Session, str]" = WeakKeyDictionary()


class SessionNamespaces(Watcher):
    """Learns the session's namespace from what is evaluated in it, and not in one that is named."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Note what the server said."""
        if outcome.ns is not None and running.code.ns is None:
            _note(running.repl.user, outcome.ns)
            self._ls.status_changed()


def namespace_of(repl: Repl) -> str | None:
    """The namespace that the user's session is in, as far as the server has told it."""
    session = repl.user
    return _told_of.get(session) or namespace_in(session.id)


def namespace_in(session_id: str | None) -> str | None:
    """The namespace that any session is in, as far as a server has told it here."""
    return _told.get(session_id) if session_id is not None else None


def _note(session: Session, ns: str) -> None:
    if session.id is None or len(session.id) < UNGUESSABLE:
        _told_of[session] = ns
        return
    _told.pop(session.id, None)
    _told[session.id] = ns
    while len(_told) > SESSIONS_LIMIT:
        del _told[next(iter(_told))]


def reply(status: str, ns: str | None = None, message: str | None = None) -> dict[str, Any]:
    """What `nrepl.switchNamespace` answers. ns: the session's namespace, None if unchanged."""
    return {"status": status, "ns": ns, "message": message}


async def switch(ls: "NreplLanguageServer", place: Place, ns: str | None) -> Work:
    """Make a namespace the session's own: the one given, or the one in force. `RefusedError`."""
    snapshot, repl = place.snapshot, place.repl
    ns = ns or namespace_at(snapshot, place.offset) or declared_namespace(snapshot)
    if ns is None:
        raise RefusedError("This document declares no namespace: pass one as `ns`.")
    if snapshot.language.family != "clojure":
        raise RefusedError("Sessions of this language have no namespace of their own.")
    if not is_symbol(ns):
        raise RefusedError(f"{ns:.60} is no namespace's name.")
    wanted = await known_namespace(repl, ns)

    async def finish(running: Running, outcome: Outcome) -> dict[str, Any]:
        if outcome.status != "done":
            return reply(outcome.status, None, message_of(outcome))
        if outcome.ns is not None and outcome.ns != wanted:
            said = f"The program's sessions stay in {outcome.ns}: it ignores the switch."
            ls.warn(said)
            return reply("error", outcome.ns, said)
        _note(repl.user, wanted)
        ls.status_changed()
        ls.say(f"The session is in {wanted}.")
        return reply("done", wanted)

    # nbb 1.6.214 forgets what `in-ns` has set, and knows it from `ns`.
    is_nbb = await has_namespace(repl, "nbb.core")
    text = f"(ns {wanted})" if is_nbb else f"(in-ns '{wanted})"
    return Work(repl, Code(text, snapshot.language, snapshot.uri), finish)
