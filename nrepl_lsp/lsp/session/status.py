"""How the connections are: for `nrepl.status`, and for plugins that show it all the time."""

import asyncio
from typing import TYPE_CHECKING, Any

from nrepl_lsp.repl.supervisor import Supervisor

from ..raw import Raw
from .namespaces import namespace_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["StatusNotifications", "connection_of", "names_of"]

STATUS = "nrepl/status"

#: Seconds for which changes are gathered.
BATCH_INTERVAL = 0.1

#: What a server runs on, not what it speaks.
_HOSTS = frozenset({"java", "jvm", "node", "python"})


class StatusNotifications:
    """Tells how the connections are, at first and whenever any of it has changed."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        self._timer: asyncio.TimerHandle | None = None
        self._told: list[dict[str, Any]] | None = None
        self._is_closed = False

    def soon(self) -> None:
        """Something may have changed."""
        if self._timer is None and not self._is_closed:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(BATCH_INTERVAL, self._tell)

    def close(self) -> None:
        """Tell nothing more."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _tell(self) -> None:
        self._timer = None
        connections = [connection_of(supervisor) for supervisor in self._ls.routing.supervisors]
        if connections != self._told:
            self._told = connections
            self._ls.protocol.notify(STATUS, Raw({"connections": connections}))


def connection_of(supervisor: Supervisor) -> dict[str, Any]:
    """What people want to know of one connection; asks the program nothing."""
    repl, target = supervisor.repl, supervisor.target
    server, language = names_of(repl.capabilities.versions) if repl is not None else (None, None)
    return {
        "root": str(supervisor.root) if supervisor.root is not None else None,
        "state": supervisor.state.value,
        "address": str(target.address) if target is not None else None,
        "problem": supervisor.problem,
        "ns": namespace_of(repl) if repl is not None else None,
        "server": server,
        "language": language,
    }


def names_of(versions: dict[str, str]) -> tuple[str | None, str | None]:
    """
    What to call a server and its language, for people to read; nothing is decided by it.

    hy-nrepl 1.0.4 claims a Clojure and a Java of version 0.0.0.
    """
    spoken = [name for name in versions if name not in _HOSTS and versions[name] != "0.0.0"]
    if not spoken:
        return None, None
    server = "nrepl" if "nrepl" in spoken else spoken[0]
    others = [name for name in spoken if name != "nrepl"]
    language = "clojure" if "clojure" in others else next(iter(others), None)
    if language is not None:
        language = language.removesuffix("-nrepl").removesuffix(".nrepl")
    # nbb 1.6.214 has the version `TODO`.
    version = versions[server] if any(map(str.isdigit, versions[server])) else ""
    return f"{server} {version}".strip(), language
