"""Folders of the server's machine and what they are called here: containers and remote hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["PathMapping"]

_WINDOWS = re.compile(r"[A-Za-z]:|\\\\")


@dataclass(frozen=True, slots=True)
class PathMapping:
    """What a folder of the server's machine (a container, a remote host) is called here."""

    remote: str
    local: str

    def apply(self, path: str) -> str | None:
        """Return the local name of a remote path, or None when it is not below `remote`."""
        remote = _plain_slashes(self.remote).rstrip("/")
        path = _plain_slashes(path)
        start, rest = path[: len(remote)], path[len(remote) :]
        same = start.lower() == remote.lower() if _WINDOWS.match(remote) else start == remote
        if not same or (rest and not rest.startswith("/")):
            return None
        return self.local.rstrip("/\\") + rest


def _plain_slashes(path: str) -> str:
    return path.replace("\\", "/") if _WINDOWS.match(path) else path
