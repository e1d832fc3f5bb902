"""Texts that we have and the editor is to show: files in the cache that cannot be written to."""

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["show", "write"]

#: Seconds for the client to say that it has shown a document.
SHOW_TIMEOUT = 3.0
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
        return path
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        file.write(text)
    os.chmod(temporary, 0o444)
    os.replace(temporary, path)
    return path


async def show(ls: "NreplLanguageServer", path: Path) -> bool:
    """Have the editor open a file; where it cannot, or does not, say where the file is."""
    if ls.client.shows_documents:
        params = types.ShowDocumentParams(path.as_uri(), take_focus=True)
        try:
            async with asyncio.timeout(SHOW_TIMEOUT):
                shown = await ls.window_show_document_async(params)
            if shown is not None and shown.success:
                return True
        except Exception as error:
            # Whatever a client does instead of answering, the user gets the path.
            ls.log.info("window/showDocument: %r", error)
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, f"See {path}."))
    return False
