"""
Watching port files, by looking at them twice a second.

Few editors do it for a server, and those that claim to often do not (Helix reports only files that
it saves itself).
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from nrepl_lsp.nrepl.discovery import PORT_FILES, PortFile, find_port_file

__all__ = ["POLL_INTERVAL", "WATCHED_FOLDERS", "PortFiles", "is_ours"]

log = logging.getLogger(__name__)

#: Seconds between two looks at the port files.
POLL_INTERVAL = 0.5
#: Folders without a port file that are watched for one; of more, those looked at last are.
WATCHED_FOLDERS = 500


class PortFiles:
    """
    The port files of the folders that were asked about, as they were when last looked at.

    on_change: called when there are other ones now. on_forgotten: called when a folder is not
    watched any more, because too many are.
    """

    def __init__(
        self,
        on_change: Callable[[], None],
        on_forgotten: Callable[[], None],
        poll_interval: float,
    ) -> None:
        self._names: tuple[str, ...] = PORT_FILES
        self._on_change = on_change
        self._on_forgotten = on_forgotten
        self._poll_interval = poll_interval
        self._found: dict[Path, PortFile | None] = {}
        self._always: frozenset[Path] = frozenset()

    def get(self, directory: Path) -> PortFile | None:
        """The port file of a folder that is watched, if it has one."""
        return self._found.get(directory)

    @property
    def watched(self) -> frozenset[Path]:
        """The folders that are looked at."""
        return frozenset(self._found)

    @property
    def directories(self) -> tuple[Path, ...]:
        """The folders that have one."""
        return tuple(directory for directory, file in self._found.items() if file is not None)

    def look(self, directory: Path) -> PortFile | None:
        """Look for one in a folder that is not watched yet, and watch it from now on."""
        if directory in self._found:
            return None
        self._found[directory] = found = _look_at([directory], self._names).get(directory)
        idle = [it for it, file in self._found.items() if file is None and it not in self._always]
        if len(idle) > WATCHED_FOLDERS:
            del self._found[idle[0]]
            self._on_forgotten()
        return found

    def set_folders(self, folders: Collection[Path], is_kept: Callable[[Path], bool]) -> None:
        """Watch these folders, however many there are, and of the others those that are kept."""
        self._always = frozenset(folders)
        self._found = {path: file for path, file in self._found.items() if is_kept(path)}
        for folder in folders:
            self.look(folder)

    def set_names(self, names: tuple[str, ...]) -> None:
        """Look for files of other names from now on."""
        if names != self._names:
            self._names = names
            found = _look_at(self._found, names)
            self._found = {directory: found.get(directory) for directory in self._found}

    async def watch(self) -> None:
        """Look at all of them again and again. Cancelling ends it."""
        while True:
            await asyncio.sleep(self._poll_interval)
            names, directories = self._names, tuple(self._found)
            try:
                found = await asyncio.to_thread(_look_at, directories, names)
            except RuntimeError as error:
                # No thread can be started now.
                log.warning("port files: %s", error)
                continue
            if names != self._names:
                continue
            changed = {
                directory: file
                for directory, file in found.items()
                if directory in self._found and self._found[directory] != file
            }
            if changed:
                self._found.update(changed)
                self._on_change()


def is_ours(port_file: Path) -> bool:
    """Whether the user wrote a port file: anybody may leave one in a folder like `/tmp`."""
    if not hasattr(os, "getuid"):
        return True
    try:
        return port_file.stat().st_uid == os.getuid()
    except OSError:
        return False


def _look_at(directories: Iterable[Path], names: tuple[str, ...]) -> dict[Path, PortFile | None]:
    """Look for port files; the folders where it cannot be known now are left out."""
    found = {}
    for directory in directories:
        try:
            found[directory] = find_port_file(directory, names)
        except OSError as error:
            log.debug("port files: %s", error)
    return found
