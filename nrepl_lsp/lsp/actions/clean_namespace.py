"""The code action that takes what is not used out of the `ns` form, and sorts it."""

import asyncio
import time
from pathlib import Path

from nrepl_lsp.lsp.documents import path_of
from nrepl_lsp.lsp.edits import Change
from nrepl_lsp.lsp.minimal_edits import minimal_edits
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.forms import top_level_forms
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.rewriting.namespace_edits import namespace_span
from nrepl_lsp.source.rewriting.white_space import holds_comment
from nrepl_lsp.tooling.namespace_forms import CLEAN_NAMESPACE, CleanQuery

from .offer import Asked, Offer

__all__ = ["KINDS", "MAKE", "changes", "offers"]

CLEAN = "source.organizeImports.cleanNs"
KINDS = ("source", "source.organizeImports", CLEAN)

MAKE = "cleanNamespace"
"""How a deferred offer names `changes`."""

#: Seconds for the program: it reads the file, and looks up what it uses.
CLEAN_TIMEOUT = 10.0

NOT_CLEANED = (
    "The program has not cleaned the ns form: load the file (nrepl.loadFile) to see whether it has "
    "errors, and try again."
)


async def offers(
    ls: NreplLanguageServer, snapshot: Snapshot, asked: Asked, deadline: float
) -> list[Offer]:
    """
    Cleaning, where the program can do it and reads the text that the editor has.

    deadline: of `time.monotonic`.
    """
    repl, span = ls.repl_for(snapshot.uri), namespace_span(snapshot)
    if repl is None or span is None or asked.is_automatic:
        return []
    # The program makes the form anew from its data; comments are none.
    if not repl.dialect.can_answer(CLEAN_NAMESPACE) or _holds_comment(snapshot, span):
        return []
    try:
        async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
            if await _saved(snapshot) is None:
                return []
    except TimeoutError:
        return []
    deferred = {"make": MAKE, "uri": snapshot.uri, "version": snapshot.version}
    return [Offer(CLEAN, "Clean the ns form", deferred=deferred)]


async def changes(ls: NreplLanguageServer, snapshot: Snapshot) -> list[Change] | str:
    """The changes that clean the `ns` form of a document; else why there are none."""
    repl, span = ls.repl_for(snapshot.uri), namespace_span(snapshot)
    path = await _saved(snapshot)
    if repl is None:
        return ls.why_detached(snapshot.uri)
    if span is None or path is None:
        return "Save the file first: the program reads it from the disk."
    try:
        cleaned = await repl.ask(CLEAN_NAMESPACE, CleanQuery(str(path)), timeout=CLEAN_TIMEOUT)
    except NreplError as error:
        ls.log.info("not cleaned: %s", error)
        cleaned = None
    if cleaned is None:
        return NOT_CLEANED
    old, new = snapshot.text[slice(*span)], cleaned.strip().replace("\r\n", "\n")
    if not new:
        return []
    if not _is_same_namespace(snapshot, span, new):
        return "The program has answered with something else than the ns form."
    return [(span[0] + start, span[0] + end, part) for start, end, part in minimal_edits(old, new)]


def _holds_comment(snapshot: Snapshot, span: tuple[int, int]) -> bool:
    return holds_comment(snapshot.language, snapshot.text[slice(*span)])


def _is_same_namespace(snapshot: Snapshot, span: tuple[int, int], new: str) -> bool:
    """Whether a text is one whole `ns` form of the document's namespace."""
    answer = Document(snapshot.uri, snapshot.language_id, None, new).snapshot()
    if namespace_span(answer) != (0, len(new)) or len(top_level_forms(answer)) != 1:
        return False
    return namespace_at(answer, len(new)) == namespace_at(snapshot, span[1])


async def _saved(snapshot: Snapshot) -> Path | None:
    """The document's file, if it holds the editor's text."""
    path = path_of(snapshot.uri)
    if path is None or not await asyncio.to_thread(_holds, path, snapshot.text):
        return None
    return path


def _holds(path: Path, text: str) -> bool:
    try:
        # To open a pipe waits for its writer.
        if not path.is_file():
            return False
        data = text.encode("utf-8")
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except (OSError, UnicodeError):
        return False
