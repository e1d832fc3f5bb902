"""What went wrong in an evaluation, and at which place of the user's text."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lsprotocol import types

from nrepl_lsp.lsp import convert
from nrepl_lsp.nrepl import EvaluationResult
from nrepl_lsp.repl.path_mapping import PathMapping
from nrepl_lsp.tooling import errors
from nrepl_lsp.tooling.values import ErrorPlace

from ..documents import DocumentStore, path_of
from .code import Code
from .outcomes import Fault

__all__ = ["fault_of"]


async def fault_of(
    code: Code,
    result: EvaluationResult,
    documents: DocumentStore,
    mappings: Sequence[PathMapping] = (),
) -> Fault:
    """
    Read the error of a failed evaluation, and find its place in a document or file.

    mappings: what the server's folders are called here.
    """
    report = errors.report(result.err, result.ex, result.root_ex)
    if report is None:
        words = ", ".join(sorted(result.failure)) or "The evaluation failed."
        return Fault(words, None, code.uri, code.first_line(documents.encoding), words)
    place = _mapped(report.place, mappings)
    elsewhere = await _elsewhere(code, place, documents)
    here = _here(code, place, documents, is_running=report.phase == "execution")
    uri, where = elsewhere or (code.uri, here)
    return Fault(report.message, report.class_name, uri, where, report.detail)


def _mapped(place: ErrorPlace | None, mappings: Sequence[PathMapping]) -> ErrorPlace | None:
    """The place by the name that its file has here."""
    if place is None or not place.file:
        return place
    names = (mapping.apply(place.file) for mapping in mappings)
    local = next((name for name in names if name is not None), place.file)
    return replace(place, file=local)


async def _elsewhere(
    code: Code, place: ErrorPlace | None, documents: DocumentStore
) -> tuple[str, types.Range] | None:
    """The line of another file, when the error names one that is there."""
    if place is None or not place.file or not place.line or _is_same_file(place.file, code.uri):
        return None
    path = Path(place.file)
    if not path.is_absolute() or not await asyncio.to_thread(path.is_file):
        return None
    position = types.Position(place.line - 1, 0)
    return documents.uri_of(convert.uri_of(path)), types.Range(position, position)


def _here(
    code: Code, place: ErrorPlace | None, documents: DocumentStore, *, is_running: bool
) -> types.Range | None:
    """
    The error's own position in the document, else the code's first line; None if it was edited.

    An error of running code may be in another definition of the same file, when it names the file;
    one of reading or compiling is in the code that was sent, or its position is a mistake.
    """
    if code.snapshot is None or not _still_stands(code, documents):
        return None
    line = None
    if place is not None and (not place.file or _is_same_file(place.file, code.uri)):
        first, last = code.lines()
        line = place.line_within(first + 1, last - first + 1)
        if line is None and is_running and place.file:
            line = place.line_within(1, code.snapshot.lines.line_count)
    if line is None or place is None:
        # Of a whole file the first line is only the `ns` form.
        return None if code.is_file else code.first_line(documents.encoding)
    return code.form_on(line - 1, place.column, documents.encoding)


def _still_stands(code: Code, documents: DocumentStore) -> bool:
    """Whether the document has not been changed there while the code ran."""
    current = documents.snapshot(code.uri) if code.uri is not None else None
    return current is None or current.text[code.start : code.end] == code.text


def _is_same_file(file: str, uri: str | None) -> bool:
    """Whether an error names the file that was sent: by path, or by its short name alone."""
    path = path_of(uri) if uri else None
    if path is None:
        return True
    named = Path(file)
    return named == path or (
        not named.is_absolute() and path.parts[-len(named.parts) :] == named.parts
    )
