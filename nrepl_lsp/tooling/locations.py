"""
Where a definition is, from the `file` of a server's reply.

Servers send paths, URLs with one or three slashes, entries of archives, names on the class path,
placeholders such as NO_SOURCE_PATH, and once the whole source text.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from . import shapes
from .values import SourceLocation

__all__ = ["NO_SOURCE", "is_no_source", "parse"]

MAX_PATH_LENGTH = 4096
"""Longer values are not a path of any system."""

NO_SOURCE = frozenset(
    {"NO_SOURCE_PATH", "NO_SOURCE_FILE", "NO_SOURCE_LINE", "REPL", "nREPL", "form-init", "nil"}
)
"""What servers write for code that came from no file."""

_PLACEHOLDER = re.compile(r"<[^<>/\\]*>")
_FILE_URL = re.compile(r"file:(?://(?P<host>[^/\\]*)(?=/))?(?P<path>.*)", re.IGNORECASE | re.DOTALL)
_ARCHIVE_SCHEME = re.compile(r"(?:jar|zip|zipfile):", re.IGNORECASE)
_ARCHIVE = re.compile(r"(?P<path>.+?\.(?:jar|zip|war|ear|whl|egg))!/?(?P<entry>.+)", re.IGNORECASE)
_DRIVE = re.compile(r"/?(?P<path>[A-Za-z]:(?:[/\\].*)?)", re.DOTALL)
_OTHER_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def is_no_source(name: str) -> bool:
    """Whether a name only says that there is no file: `REPL`, `<stdin>`, `NO_SOURCE_PATH`."""
    return name in NO_SOURCE or _PLACEHOLDER.fullmatch(name) is not None


def parse(
    file: Any,
    *,
    line: Any = None,
    column: Any = None,
    resource: Any = None,
    column_base: int = 1,
) -> SourceLocation | None:
    """
    The location that a reply's `file`, `line` and `column` name, or None when they name none.

    line: 1-based on every server. column: counted from `column_base`; servers that count from 0
    (Basilisp, Guile) send 0 for a definition at the margin, which is kept as 0.
    """
    position = _position(line, column, column_base)
    name = shapes.text(file)
    class_path = shapes.text(resource)
    if name is not None and "\n" in name:
        return SourceLocation("text", text=name, resource=class_path, **position)
    name = name.strip() if name is not None and len(name) <= MAX_PATH_LENGTH else ""
    place = _place(name) if name and not is_no_source(name) else None
    if place is None and class_path is not None:
        place = {"kind": "resource", "path": class_path}
    return SourceLocation(resource=class_path, **place, **position) if place else None


def _position(line: Any, column: Any, column_base: int) -> dict[str, Any]:
    number = shapes.integer(line)
    offset = shapes.integer(column)
    return {
        "line": max(0, number - 1) if number is not None else 0,
        "exact": number is not None,
        "column": None if offset is None else max(0, offset - column_base),
    }


def _place(name: str) -> dict[str, Any] | None:
    scheme = _ARCHIVE_SCHEME.match(name)
    rest = name[scheme.end() :] if scheme else name
    archive = _ARCHIVE.fullmatch(rest)
    if archive:
        path = _file_path(archive["path"])
        entry = _decoded(archive["entry"]) if "file:" in rest[:5].lower() else archive["entry"]
        return {"kind": "archive", "path": path, "entry": entry} if path else None
    if scheme:
        return None
    path = _file_path(name)
    if path is None:
        return None
    absolute = path.startswith(("/", "\\\\")) or _DRIVE.fullmatch(path) is not None
    return {"kind": "file" if absolute else "resource", "path": path}


def _file_path(name: str) -> str | None:
    """A path without scheme, percent escapes or a slash before a drive; None for other schemes."""
    url = _FILE_URL.fullmatch(name)
    if url:
        host = url["host"] or ""
        path = _decoded(url["path"])
        if host and host.lower() != "localhost":
            return f"//{host}{path}"
    elif _DRIVE.fullmatch(name) is None and _OTHER_SCHEME.match(name):
        return None
    else:
        path = name
    drive = _DRIVE.fullmatch(path)
    return (drive["path"] if drive else path) or None


def _decoded(path: str) -> str:
    return unquote(path, errors="surrogateescape")
