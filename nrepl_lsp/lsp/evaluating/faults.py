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
from nrepl_lsp.tooling.tracebacks import causes_in_text
from nrepl_lsp.tooling.values import ErrorPlace, ErrorReport

from ..documents import DocumentStore, path_of
from .code import Code
from .outcomes import Fault

__all__ = ["fault_of", "is_same_file"]

SESSION_GONE = "The session is gone: choose another, or run nrepl.newSession."


async def fault_of(
    code: Code,
    result: EvaluationResult,
    documents: DocumentStore,
    mappings: Sequence[PathMapping] = (),
) -> Fault:
    """
    Read the error of a failed evaluation, and find its place in a document or file.

    A place in the code's document is one in the text as it was sent. mappings: what the server's
    folders are called here.
    """
    report = errors.report(result.err, result.ex, result.root_ex)
    if report is None and "unknown-session" in result.failure:
        # Another tool has closed it; nothing is wrong with the code.
        return Fault(SESSION_GONE)
    if report is None:
        words = ", ".join(sorted(result.failure)) or "The evaluation failed."
        return Fault(words, None, code.uri, code.first_line(documents.encoding), words)
    place = _mapped(_by_namespace(code, report), mappings)
    elsewhere = await _elsewhere(code, place, documents)
    here = _here(code, place, documents, is_running=_is_of_running(report))
    uri, where = elsewhere or (code.uri, here)
    causes = causes_in_text(result.err, result.ex)
    return Fault(report.message, report.class_name, uri, where, report.detail, causes)


def _is_of_running(report: ErrorReport) -> bool:
    """Whether it may be in code that was evaluated before; babashka, which says the whole path,
    does not say whether it was reading, compiling or running."""
    file = report.place.file if report.place is not None else None
    is_exact = bool(file) and Path(file or "").is_absolute()
    return report.phase == "execution" or (report.phase is None and is_exact)


def _by_namespace(code: Code, report: ErrorReport) -> ErrorPlace | None:
    """
    The error's place; a short file name of another namespace gets its folders.

    Clojure says `at other.core/f (core.clj:3)`, and every project has several `core.clj`.
    """
    place, label = report.place, report.frames[0][0] if report.frames else ""
    ns, slash, _ = label.partition("/")
    own = code.ns or code.declared_namespace
    if place is None or not place.file or "/" in place.file or not slash or own in (None, ns):
        return place
    folders = ns.replace("-", "_").split(".")[:-1]
    if not place.file.endswith((".clj", ".cljc", ".cljs", ".bb")):
        return place
    return replace(place, file="/".join([*folders, place.file]))


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
    if place is None or not place.file or not place.line or is_same_file(place.file, code):
        return None
    path = Path(place.file)
    if not path.is_absolute() or not await asyncio.to_thread(_is_file, path):
        return None
    position = types.Position(place.line - 1, 0)
    return documents.uri_of(convert.uri_of(path)), types.Range(position, position)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _here(
    code: Code, place: ErrorPlace | None, documents: DocumentStore, *, is_running: bool
) -> types.Range | None:
    """
    The error's own position in the document as it was sent, else the code's first line.

    An error of running code may be in another definition of the same file, when it names the file;
    one of reading or compiling is in the code that was sent, or its position is a mistake.
    """
    if code.snapshot is None:
        return None
    line = None
    if place is not None and (not place.file or is_same_file(place.file, code)):
        first, last = code.lines()
        line = place.line_within(first + 1, last - first + 1)
        if line is None and is_running and place.file and path_of(code.uri or ""):
            line = place.line_within(1, code.snapshot.lines.line_count)
    if line is None or place is None:
        # Of a whole file the first line is only the `ns` form.
        return None if code.is_file else code.first_line(documents.encoding)
    return code.form_on(line - 1, place.column, documents.encoding)


def is_same_file(file: str, code: Code) -> bool:
    """Whether an error names the file that was sent: by path, by its short name, by its text."""
    if "\n" in file:
        # nbb 1.6.214, of what came by `load-file`.
        return code.snapshot is not None and file in (code.text, code.snapshot.text)
    path, named = path_of(code.uri or ""), Path(file)
    if path is None:
        # The program was told no file; some name the one that has started the server.
        return not named.is_absolute() and not file.endswith(".java")
    return named == path or (
        not named.is_absolute() and path.parts[-len(named.parts) :] == named.parts
    )
