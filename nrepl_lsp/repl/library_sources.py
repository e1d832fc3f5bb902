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
import threading
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from nrepl_lsp.tooling.values import SourceLocation

from .path_mapping import PathMapping

__all__ = ["LibrarySources", "PathMapping"]

log = logging.getLogger(__name__)

#: Bytes of one extracted file. clojure/core.clj has 300 kB.
ENTRY_LIMIT = 16 * 1024 * 1024
#: Folders below a project's that hold sources, for names relative to the class path.
SOURCE_FOLDERS = ("", "src", "test", "dev", "src/main/clojure", "src/test/clojure", "resources")
#: Parts at the end of another machine's path that are looked for here.
TAIL_PARTS = 8

_UNSAFE = re.compile(r"[^A-Za-z0-9._\-]+")
_OF_ANOTHER_HOST = re.compile(r"[/\\]{2}")


class LibrarySources:
    """
    Finds and, where needed, unpacks sources. Its calls block on the disk: use a thread.

    cache: the folder to write to. When it cannot be written, a temporary one is used as well.
    """

    def __init__(self, cache: Path, mappings: Sequence[PathMapping] = ()) -> None:
        self.mappings = tuple(mappings)
        self._caches = [cache]
        self._lock = threading.Lock()

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
                return self._extract(location) or _in_project(location.entry, folders)
            if location.kind == "file":
                return self._file(location, folders)
            return self._resource(location.path, folders, class_path)
        except (OSError, ValueError) as error:
            log.warning("no source for %s: %s", location.path, error)
            return None

    def holds(self, path: Path) -> bool:
        """Whether a file is one of the cache's."""
        return any(cache in path.parents for cache in self._caches)

    def _mapped(self, path: str) -> Iterator[Path]:
        """
        Yield the local names of a path: what the user has mapped first, then as it is.

        Only the user's mappings lead to another host: looking at `\\\\host\\share` sends Windows
        credentials there, and here it is the server that names the host.
        """
        for mapping in self.mappings:
            if (local := mapping.apply(path)) is not None:
                yield Path(local).absolute()
        if not _OF_ANOTHER_HOST.match(path) and (as_it_is := Path(path)).is_absolute():
            yield as_it_is

    def _file(self, location: SourceLocation, folders: Sequence[Path]) -> Path | None:
        for path in self._mapped(location.path):
            if path.is_file():
                return path
        return _in_project(location.resource, folders) or _by_longest_tail(location.path, folders)

    def _resource(
        self, name: str, folders: Sequence[Path], class_path: Iterable[str]
    ) -> Path | None:
        if not _is_plain(name):
            return None
        if found := _in_project(name, folders):
            return found
        for entry in _absolute(class_path, folders):
            for path in self._mapped(entry):
                if (path / name).is_file():
                    return path / name
            if entry.endswith((".jar", ".zip")):
                if found := self._extract(SourceLocation("archive", entry, name)):
                    return found
        return None

    def _extract(self, location: SourceLocation) -> Path | None:
        if not location.entry:
            return None
        for archive in self._mapped(location.path):
            if archive.is_file():
                return self._extract_from(archive, location.entry)
        return None

    def _extract_from(self, archive: Path, entry: str) -> Path | None:
        stat = archive.stat()
        names = [name for name in re.split(r"[/\\]+", entry) if name not in ("", ".", "..")]
        below = "/".join(_UNSAFE.sub("-", name) for name in names)
        # Two entries must not share a file when their names had to be changed.
        changed = entry if below != entry.lstrip("/") else ""
        stamp = f"{archive}\0{stat.st_mtime_ns}\0{stat.st_size}\0{changed}"
        target = f"{_safe(archive.stem)}-{_digest(stamp)}/{below}"
        if existing := self._kept(target):
            return existing
        data = _read_entry(archive, entry)
        return self._keep(target, data) if data is not None else None

    def _keep_text(self, location: SourceLocation) -> Path | None:
        if not location.text:
            return None
        data = location.text.encode("utf-8", "surrogateescape")[:ENTRY_LIMIT]
        name = PurePosixPath(location.resource or location.path or "source.clj").name
        target = f"text-{_digest(location.text)}/{_safe(name)}"
        return self._kept(target) or self._keep(target, data)

    def _kept(self, name: str) -> Path | None:
        paths = (cache / name for cache in self._caches)
        return next((path for path in paths if path.is_file()), None)

    def _keep(self, name: str, data: bytes) -> Path:
        with self._lock:
            cache = self._caches[-1]
            try:
                return _write_once(cache / name, data)
            except OSError as error:
                if len(self._caches) > 1:
                    raise
                log.warning("the cache %s cannot be written: %s; using another", cache, error)
                self._caches.append(Path(tempfile.mkdtemp(prefix="nrepl-lsp-")))
            return _write_once(self._caches[-1] / name, data)


def _write_once(path: Path, data: bytes) -> Path:
    """Write a read-only file; one that is there already, also by another process, stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(draft).chmod(0o444)
        _name_once(Path(draft), path)
    finally:
        Path(draft).unlink(missing_ok=True)
    return path


def _name_once(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    except OSError:
        # Some file systems (FAT, network shares) have no links.
        draft.replace(path)


def _read_entry(archive: Path, entry: str) -> bytes | None:
    """Read an entry (`a.jar!/b.clj` for an archive in the archive); None when it is not there."""
    source: Path | io.BytesIO = archive
    data: bytes | None = None
    try:
        for name in entry.split("!/"):
            data = _read_member(source, name.lstrip("/"))
            if data is None:
                return None
            source = io.BytesIO(data)
    except Exception as error:
        # zipfile and its decompressors raise a dozen kinds for a damaged archive.
        log.warning("%s!/%s cannot be read: %r", archive, entry, error)
        return None
    return data


def _read_member(source: Path | io.BytesIO, name: str) -> bytes | None:
    with zipfile.ZipFile(source) as archive:
        try:
            info = archive.getinfo(name)
        except KeyError:
            return None
        if info.is_dir():
            return None
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Only these two are unpacked piece by piece, so that the limit below holds.
            raise ValueError("it is packed in a way that archives of code are not")
        with archive.open(info) as file:
            # What the archive says of the size may be a lie.
            data = file.read(ENTRY_LIMIT + 1)
    if len(data) > ENTRY_LIMIT:
        raise ValueError(f"it holds more than {ENTRY_LIMIT} bytes")
    return data


def _in_project(name: str | None, folders: Sequence[Path]) -> Path | None:
    if not name or not _is_plain(name):
        return None
    for folder in folders:
        for below in SOURCE_FOLDERS:
            if (path := folder / below / name).is_file():
                return path
    return None


def _absolute(class_path: Iterable[str], folders: Sequence[Path]) -> Iterator[str]:
    """Yield the entries; those relative to the project, such as the Clojure CLI's `src`, in it."""
    for entry in class_path:
        if _is_plain(entry):
            yield from (str(folder / entry) for folder in folders)
        else:
            yield entry


def _by_longest_tail(path: str, folders: Sequence[Path]) -> Path | None:
    """
    Find the workspace's own copy of a file of another machine by the end of its path.

    The name alone is not enough: every project has a `core.clj`.
    """
    parts = [part for part in re.split(r"[/\\]+", path) if part]
    for start in range(max(0, len(parts) - TAIL_PARTS), len(parts) - 1):
        if found := _in_project("/".join(parts[start:]), folders):
            return found
    return None


def _is_plain(name: str) -> bool:
    """Whether a name stays below the folder it is put in, on every system."""
    path = PureWindowsPath(name)
    return not path.anchor and ".." not in path.parts


def _safe(text: str) -> str:
    return _UNSAFE.sub("-", text).strip(".") or "x"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]
