"""From where the program says something is to a place that the editor can open."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nrepl_lsp.lsp import convert
from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.definitions.outline import Definition, outline
from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.lines import Encoding
from nrepl_lsp.source.naming.references import each_definition
from nrepl_lsp.tooling.namespaces import CLASSPATH, ClasspathQuery
from nrepl_lsp.tooling.values import SourceLocation

from ..documents import path_of

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    *("Target", "class_path", "file_text", "located", "open_document", "remember", "span_target"),
    *("target_in_file", "target_in_text", "target_unread"),
]

#: Characters of a file that is read to find a definition in it; of a longer one its line counts.
FILE_LIMIT = 2 * 1024 * 1024

_TYPE_OF_CONSTRUCTOR = re.compile(r"^(?:map)?->(?=.)")
_IN_NAME = r"[\w*+!?<>=$%&/.'-]"


class Target(NamedTuple):
    """
    A place to go to, as plain LSP data.

    whole: the range of all of it. name: the range to select, in `whole`. is_defined: whether the
    text there says what it is, not the program alone.
    """

    uri: str
    whole: dict[str, Any]
    name: dict[str, Any]
    is_defined: bool = True

    @property
    def location(self) -> dict[str, Any]:
        """It as a `Location`."""
        return {"uri": self.uri, "range": self.name}


async def located(
    ls: "NreplLanguageServer", uri: str, place: SourceLocation, repl: Repl
) -> Path | None:
    """
    Find a local file for what the program of the document `uri` says; None when there is none.

    What is not in the project is remembered to belong to this program.
    """
    if place.kind == "text" and (loaded := ls.evaluations.loaded_from(place.text or "")):
        return path_of(loaded)
    folders = ls.source_folders(uri)
    path = await asyncio.to_thread(ls.sources.find, place, folders=folders)
    if path is None and place.kind == "resource":
        snapshot = ls.documents.snapshot(uri)
        family = snapshot.language.family if snapshot is not None else ""
        paths = await class_path(ls, repl, family)
        if paths:
            path = await asyncio.to_thread(
                ls.sources.find, place, folders=folders, class_path=paths
            )
    if path is not None:
        remember(ls, uri, path)
    return path


async def class_path(ls: "NreplLanguageServer", repl: Repl, family: str) -> Sequence[str]:
    """The folders and archives that a program loads code from; none when it does not say."""
    try:
        async with asyncio.timeout(ls.settings.definition_timeout):
            return await repl.ask(CLASSPATH, ClasspathQuery(family)) or ()
    except (NreplError, TimeoutError) as error:
        ls.log.info("no class path: %s", error)
        return ()


def remember(ls: "NreplLanguageServer", uri: str, path: Path) -> None:
    """What is opened from this document goes on asking this document's REPL."""
    supervisor = ls.supervisor_for(uri)
    if supervisor is not None and not ls.is_in_workspace(path):
        ls.routing.remember_library(path, supervisor)


def open_document(ls: "NreplLanguageServer", path: Path) -> Snapshot | None:
    """A file as the editor has it open."""
    return ls.documents.snapshot(ls.documents.uri_of(convert.uri_of(path)))


async def target_in_file(
    ls: "NreplLanguageServer", place: SourceLocation, path: Path, name: str
) -> Target:
    """
    The place in a file, on the definition of `name` that is nearest to its line.

    The program's line is that of the text when it was loaded, and some programs know none. Where
    the file defines no such name the program's own place counts.
    """
    snapshot = open_document(ls, path)
    if snapshot is not None:
        return target_in_text(ls.documents.encoding, place, snapshot, name)
    return await asyncio.to_thread(_target_on_disk, ls.documents.encoding, place, path, name)


def span_target(encoding: Encoding, snapshot: Snapshot, whole: Span, name: Span) -> Target:
    """A stretch of a document, and what of it is to be selected."""
    uri = snapshot.uri
    return Target(uri, _range(snapshot, whole, encoding), _range(snapshot, name, encoding))


def file_text(path: Path) -> Snapshot | None:
    """A file as it is on the disk; None for an empty or long one. Blocks, and never fails."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError:
        return None
    if not data or len(data) > FILE_LIMIT:
        return None
    return Document(convert.uri_of(path), "", None, data.decode("utf-8", "replace")).snapshot()


def _target_on_disk(encoding: Encoding, place: SourceLocation, path: Path, name: str) -> Target:
    snapshot = file_text(path)
    if snapshot is None:
        return target_unread(encoding, place, path)
    return target_in_text(encoding, place, snapshot, name)


def target_unread(encoding: Encoding, place: SourceLocation, path: Path) -> Target:
    """The program's own place in a file. Blocks on the disk for a column."""
    answer = convert.location(place, path, encoding)
    return Target(answer["uri"], answer["range"], answer["range"], is_defined=False)


def target_in_text(
    encoding: Encoding, place: SourceLocation, snapshot: Snapshot, name: str
) -> Target:
    """As `target_in_file`, in a text."""
    for defined in (name, _TYPE_OF_CONSTRUCTOR.sub("", name)):
        found = _nearest(snapshot, defined, place.line)
        if found is not None:
            return span_target(encoding, snapshot, found.span, found.name_span)
    # The server's column counts UTF-16 units, as far as it is known at all.
    at = snapshot.lines.offset(place.line, place.column or 0, "utf-16")
    span = _written(snapshot, name, at) or Span(at, at)
    return span_target(encoding, snapshot, span, span)._replace(is_defined=False)


def _written(snapshot: Snapshot, name: str, at: int) -> Span | None:
    """Where a line names what is defined there in a way that is not known: by a macro, in Java."""
    line, column = snapshot.lines.position(at, "utf-32")
    text, start = snapshot.lines.line_text(line), at - column
    written = re.compile(rf"(?<!{_IN_NAME}){re.escape(name)}(?!{_IN_NAME})")
    found = (written.search(text, column) or written.search(text)) if name else None
    return Span(start + found.start(), start + found.end()) if found is not None else None


def _nearest(snapshot: Snapshot, name: str, line: int) -> Definition | None:
    def distance(definition: Definition) -> int:
        first, _ = snapshot.lines.position(definition.span.start, "utf-32")
        last, _ = snapshot.lines.position(definition.span.end, "utf-32")
        return 0 if first <= line <= last else min(abs(first - line), abs(last - line))

    named = [one for one in each_definition(outline(snapshot)) if one.name == name]
    return min(named, key=distance, default=None)


def _range(snapshot: Snapshot, span: Span, encoding: Encoding) -> dict[str, Any]:
    (line, column), (end_line, end_column) = (
        snapshot.lines.position(offset, encoding) for offset in span
    )
    return {
        "start": {"line": line, "character": column},
        "end": {"line": end_line, "character": end_column},
    }
