"""Texts that we have and the editor is to show: files in the cache that cannot be written to."""

import asyncio
import contextlib
import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["is_shown", "show", "write"]

#: Seconds for the client to say that it has shown a document.
SHOW_TIMEOUT = 3.0
#: Files that a folder keeps; of more, those that were written or asked for longest ago go.
FILES_KEPT = 500
#: Characters of the name that tells a document from others.
NAME_LIMIT = 60

_UNFIT = re.compile(r"[^\w.+-]+")


def write(folder: Path, name: str, text: str) -> Path:
    """
    Write a text into a file of the cache that has its extension and a name that people can read.

    The same text has the same path. Blocks on the disk; raises `OSError`.
    """
    stem, dot, extension = name.rpartition(".")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    file_name = f"{_UNFIT.sub('_', stem or extension)[:NAME_LIMIT]}-{digest}{dot if stem else ''}"
    path = folder / (file_name + (extension if stem else ""))
    if path.is_file():
        with contextlib.suppress(OSError):
            os.utime(path)
        return path
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        file.write(text)
    os.chmod(temporary, 0o444)
    os.replace(temporary, path)
    _forget_oldest(folder)
    return path


def _forget_oldest(folder: Path) -> None:
    """Remove the files beyond those that are kept, as far as that can be done."""
    with contextlib.suppress(OSError):
        names = os.listdir(folder)
        if len(names) <= FILES_KEPT:
            return
        oldest = sorted(
            (time, path) for path in map(folder.joinpath, names) if (time := _time(path))
        )
        for _, path in oldest[: max(0, len(oldest) - FILES_KEPT)]:
            with contextlib.suppress(OSError):
                # Windows removes nothing that is read-only.
                path.chmod(0o644)
                path.unlink()


def _time(path: Path) -> int:
    """When a file was written, in nanoseconds; 0 for what is no file, or gone."""
    try:
        found = path.lstat()
    except OSError:
        return 0
    return found.st_mtime_ns if stat.S_ISREG(found.st_mode) else 0


async def show(ls: "NreplLanguageServer", path: Path, line: int | None = None) -> bool:
    """
    Have the editor open a file; where it cannot, or does not, say where the file is.

    line: 0-based, where the cursor is to be; None leaves it to the editor.
    """
    if await is_shown(ls, path.as_uri(), line):
        return True
    ls.say(f"See {path}.")
    return False


async def is_shown(ls: "NreplLanguageServer", uri: str, line: int | None = None) -> bool:
    """Have the editor open a document, as `show` does; whether it says that it has."""
    if not ls.client.shows_documents:
        return False
    there = types.Position(line, 0) if line is not None else None
    selection = types.Range(there, there) if there is not None else None
    params = types.ShowDocumentParams(uri, take_focus=True, selection=selection)
    try:
        async with asyncio.timeout(SHOW_TIMEOUT):
            shown = await ls.window_show_document_async(params)
    except Exception as error:
        # Whatever a client does instead of answering, the user is told another way.
        ls.log.info("window/showDocument: %r", error)
        return False
    return shown is not None and shown.success
