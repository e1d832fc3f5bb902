"""Texts to look into: the documents that are open, and files as they are on the disk."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from nrepl_lsp.lsp import convert
from nrepl_lsp.source.document import Document, Snapshot

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    *("FILE_LIMIT", "bytes_of", "file_text", "open_document", "open_texts", "read_text"),
    "snapshot_of",
]

#: Bytes of a file that is looked into; a longer one is data.
FILE_LIMIT = 2 * 1024 * 1024


def open_texts(ls: "NreplLanguageServer", snapshot: Snapshot) -> list[Snapshot]:
    """The open documents of a document's program and kind of language, itself first."""
    owner = ls.supervisor_for(snapshot.uri)
    found = [snapshot]
    for uri in ls.documents.uris():
        other = ls.documents.snapshot(uri)
        if other is None or other.uri == snapshot.uri:
            continue
        if other.language.family == snapshot.language.family and ls.supervisor_for(uri) is owner:
            found.append(other)
    return found


def open_document(ls: "NreplLanguageServer", path: Path) -> Snapshot | None:
    """A file as the editor has it open."""
    return ls.documents.snapshot(ls.documents.uri_of(convert.uri_of(path)))


async def read_text(
    ls: "NreplLanguageServer", path: Path, *, is_cut: bool = False
) -> Snapshot | None:
    """A file as the editor has it open, else as `file_text`."""
    opened = open_document(ls, path)
    if opened is not None:
        return opened
    return await asyncio.to_thread(file_text, path, is_cut=is_cut)


def file_text(path: Path, *, is_cut: bool = False) -> Snapshot | None:
    """
    A file as it is on the disk; None where it cannot be read, or is too long. Blocks.

    is_cut: of a long one its beginning.
    """
    data = bytes_of(path, is_cut=is_cut)
    return snapshot_of(path, data) if data is not None else None


def bytes_of(path: Path, *, is_cut: bool = False) -> bytes | None:
    """As `file_text`, undecoded."""
    try:
        if not path.is_file() or (not is_cut and path.stat().st_size > FILE_LIMIT):
            return None
        with path.open("rb") as file:
            return file.read(FILE_LIMIT)
    except OSError:
        return None


def snapshot_of(path: Path, data: bytes) -> Snapshot:
    """A file's text."""
    text = data.decode("utf-8", "replace")
    return Document(convert.uri_of(path), "", None, text).snapshot()
