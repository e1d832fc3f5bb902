"""
From where the server says something is to a file that every editor can open.

Real files are given as they are. What lies in an archive, and text that only the server has, is
written once into a cache, read-only; no editor opens `jar:` addresses by itself. The cache may be
shared by several servers and windows, so nothing in it is ever rewritten (Emacs would ask the user
about each change).
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import re
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nrepl_lsp.tooling.values import SourceLocation

__all__ = ["LibrarySources", "PathMapping"]

log = logging.getLogger(__name__)

#: Bytes of one extracted file. clojure/core.clj has 300 kB.
ENTRY_LIMIT = 16 * 1024 * 1024
#: Folders below a project's that hold sources, for names relative to the class path.
SOURCE_FOLDERS = ("", "src", "test", "dev", "src/main/clojure", "src/test/clojure", "resources")

_UNSAFE = re.compile(r"[^A-Za-z0-9._\-]+")


@dataclass(frozen=True, slots=True)
class PathMapping:
    """What a folder of the server's machine (a container, a remote host) is called here."""

    remote: str
    local: str

    def apply(self, path: str) -> str | None:
        """Return the local name of a remote path, or None when it is not below `remote`."""
        remote = self.remote.rstrip("/\\")
        if path != remote and not path.startswith((remote + "/", remote + "\\")):
            return None
        return self.local.rstrip("/\\") + path[len(remote) :].replace("\\", "/")


class LibrarySources:
    """
    Finds and, where needed, unpacks sources. Its calls block on the disk: use a thread.

    cache: the folder to write to. When it cannot be written, a temporary one is used instead.
    """

    def __init__(self, cache: Path, mappings: Sequence[PathMapping] = ()) -> None:
        self.mappings = tuple(mappings)
        self._cache = cache
        self._is_temporary = False

    def find(
        self,
        location: SourceLocation,
        *,
        folders: Sequence[Path] = (),
        class_path: Iterable[str] = (),
    ) -> Path | None:
        """
        Return a local file that holds the source, or None. Never fails on input.

        folders: the project's, in which names relative to the class path and files of another
        machine are looked for too.
        """
        try:
            if location.kind == "text":
                return self._keep_text(location)
            if location.kind == "archive":
                return self._extract(location) or self._in_project(location.entry, folders)
            if location.kind == "file":
                return self._file(location, folders)
            return self._resource(location.path, folders, class_path)
        except (
            OSError,
            ValueError,
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
        ) as error:
            log.warning("no source for %s: %s", location.path, error)
            return None

    def holds(self, path: Path) -> bool:
        """Whether a file is one of the cache's."""
        return self._cache in path.parents

    def _mapped(self, path: str) -> Iterable[Path]:
        yield Path(path)
        for mapping in self.mappings:
            if (local := mapping.apply(path)) is not None:
                yield Path(local)

    def _file(self, location: SourceLocation, folders: Sequence[Path]) -> Path | None:
        for path in self._mapped(location.path):
            if path.is_file():
                return path
        if location.resource:
            return self._in_project(location.resource, folders)
        return _by_longest_tail(location.path, folders)

    def _resource(
        self, name: str, folders: Sequence[Path], class_path: Iterable[str]
    ) -> Path | None:
        if found := self._in_project(name, folders):
            return found
        for entry in class_path:
            for path in self._mapped(entry):
                if (path / name).is_file():
                    return path / name
                if path.suffix in (".jar", ".zip") and path.is_file() and _has_entry(path, name):
                    return self._extract(SourceLocation("archive", str(path), name))
        return None

    def _in_project(self, name: str | None, folders: Sequence[Path]) -> Path | None:
        if not name or not _is_plain(name):
            return None
        for folder in folders:
            for below in SOURCE_FOLDERS:
                if (path := folder / below / name).is_file():
                    return path
        return None

    def _extract(self, location: SourceLocation) -> Path | None:
        if not location.entry:
            return None
        for archive in self._mapped(location.path):
            if not archive.is_file():
                continue
            stat = archive.stat()
            stamp = f"{archive}\0{stat.st_mtime_ns}\0{stat.st_size}"
            *outer, entry = location.entry.split("!/")
            parts = [part for part in PurePosixPath(entry).parts if part not in ("/", "..", ".")]
            below = "/".join([*map(_safe, outer), *parts])
            target = f"{_safe(archive.stem)}-{_digest(stamp)}/{below}"
            existing = self._cache / target
            if existing.is_file():
                return existing
            data = _read_entry(archive, [*outer, entry])
            return self._write(target, data) if data is not None else None
        return None

    def _keep_text(self, location: SourceLocation) -> Path | None:
        if not location.text:
            return None
        data = location.text.encode("utf-8", "surrogateescape")[:ENTRY_LIMIT]
        name = _safe(PurePosixPath(location.path or "source.clj").name)
        return self._write(f"text-{_digest(location.text)}/{name}", data)

    def _write(self, name: str, data: bytes) -> Path:
        path = self._cache / name
        if path.is_file():
            return path
        try:
            return _write_once(path, data)
        except OSError as error:
            if self._is_temporary:
                raise
            log.warning(
                "the cache %s cannot be written (%s): using a temporary one", self._cache, error
            )
            self._cache, self._is_temporary = Path(tempfile.mkdtemp(prefix="nrepl-lsp-")), True
            return _write_once(self._cache / name, data)


def _write_once(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and renamed: another server may be extracting the same file now.
    handle, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(draft).chmod(0o444)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return path


def _read_entry(archive: Path, entries: list[str]) -> bytes | None:
    """Read an entry of an archive, or of an archive within it; None when it is not there."""
    source: Path | io.BytesIO = archive
    data: bytes | None = None
    for entry in entries:
        with zipfile.ZipFile(source) as file:
            try:
                info = file.getinfo(entry.lstrip("/"))
            except KeyError:
                return None
            if info.file_size > ENTRY_LIMIT:
                raise ValueError(f"{entry} holds more than {ENTRY_LIMIT} bytes")
            data = file.read(info)
        source = io.BytesIO(data)
    return data


def _has_entry(archive: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(archive) as file:
            return name in file.NameToInfo
    except (OSError, zipfile.BadZipFile):
        return False


def _by_longest_tail(path: str, folders: Sequence[Path]) -> Path | None:
    """Find the workspace's own copy of a file of another machine by the end of its path."""
    parts = [part for part in re.split(r"[/\\]+", path) if part]
    for start in range(max(1, len(parts) - 8), len(parts)):
        name = "/".join(parts[start:])
        if len(parts) - start < 2 or not _is_plain(name):
            return None
        for folder in folders:
            for below in SOURCE_FOLDERS:
                if (candidate := folder / below / name).is_file():
                    return candidate
    return None


def _is_plain(name: str) -> bool:
    return not name.startswith(("/", "\\")) and ".." not in PurePosixPath(name).parts


def _safe(text: str) -> str:
    return _UNSAFE.sub("-", text).strip(".") or "x"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]
