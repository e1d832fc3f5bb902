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
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.naming.references import each_definition
from nrepl_lsp.tooling.namespaces import CLASSPATH, ClasspathQuery
from nrepl_lsp.tooling.values import SourceLocation

from ..documents import path_of
from ..edits import plain_range
from .texts import file_text, open_document

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = [
    *("Target", "class_path", "definition_near", "located", "remember", "span_target"),
    *("target_in_file", "target_in_text", "target_unread"),
]

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
        return target_in_text(ls, place, snapshot, name)
    return await asyncio.to_thread(_target_on_disk, ls, place, path, name)


def span_target(ls: "NreplLanguageServer", snapshot: Snapshot, whole: Span, name: Span) -> Target:
    """A stretch of a document, and what of it is to be selected."""
    return Target(snapshot.uri, plain_range(ls, snapshot, *whole), plain_range(ls, snapshot, *name))


def _target_on_disk(
    ls: "NreplLanguageServer", place: SourceLocation, path: Path, name: str
) -> Target:
    snapshot = file_text(path)
    if snapshot is None or not snapshot.text:
        return target_unread(ls, place, path)
    return target_in_text(ls, place, snapshot, name)


def target_unread(ls: "NreplLanguageServer", place: SourceLocation, path: Path) -> Target:
    """The program's own place in a file. Blocks on the disk for a column."""
    answer = convert.location(place, path, ls.documents.encoding)
    return Target(answer["uri"], answer["range"], answer["range"], is_defined=False)


def target_in_text(
    ls: "NreplLanguageServer", place: SourceLocation, snapshot: Snapshot, name: str
) -> Target:
    """As `target_in_file`, in a text."""
    for defined in (name, _TYPE_OF_CONSTRUCTOR.sub("", name)):
        found = definition_near(snapshot, defined, place.line)
        if found is not None:
            return span_target(ls, snapshot, found.span, found.name_span)
    # The server's column counts UTF-16 units, as far as it is known at all.
    at = snapshot.lines.offset(place.line, place.column or 0, "utf-16")
    span = _written(snapshot, name, at) or Span(at, at)
    return span_target(ls, snapshot, span, span)._replace(is_defined=False)


def _written(snapshot: Snapshot, name: str, at: int) -> Span | None:
    """Where a line names what is defined there in a way that is not known: by a macro, in Java."""
    line, column = snapshot.lines.position(at, "utf-32")
    text, start = snapshot.lines.line_text(line), at - column
    written = re.compile(rf"(?<!{_IN_NAME}){re.escape(name)}(?!{_IN_NAME})")
    found = (written.search(text, column) or written.search(text)) if name else None
    return Span(start + found.start(), start + found.end()) if found is not None else None


def definition_near(snapshot: Snapshot, name: str, line: int) -> Definition | None:
    """The definition of a name that is nearest to a line (0-based); None when there is none."""
    named = [one for one in each_definition(outline(snapshot)) if one.name == name]

    def distance(definition: Definition) -> int:
        first, _ = snapshot.lines.position(definition.span.start, "utf-32")
        last, _ = snapshot.lines.position(definition.span.end, "utf-32")
        return 0 if first <= line <= last else min(abs(first - line), abs(last - line))

    return min(named, key=distance, default=None)
