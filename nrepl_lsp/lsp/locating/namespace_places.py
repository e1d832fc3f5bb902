"""The files of namespaces: where each is declared."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.namespaces import namespace_form
from nrepl_lsp.source.naming.names import brought_in
from nrepl_lsp.tooling.values import SourceLocation

from ..documents import path_of
from ..lookup import namespace_info
from .places import Target, located, span_target
from .texts import open_texts, read_text

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["namespace_target", "namespace_text", "project_file"]

#: Families whose namespaces are named from the source folders, whoever asks.
_ROOTED = frozenset(("clojure", "commonlisp"))


async def namespace_target(
    ls: "NreplLanguageServer", snapshot: Snapshot, ns: str, repl: Repl | None, timeout: float
) -> Target | None:
    """
    Where a namespace is declared: an open document, the project's file, or what the program knows.

    The program comes last: cider-nrepl names one of a namespace's files, not always the one that
    declares it.
    """
    text = await namespace_text(ls, snapshot, ns)
    if text is None and repl is not None:
        path = await _of_program(ls, snapshot, ns, repl, timeout)
        text = await read_text(ls, path, is_cut=True) if path is not None else None
    return _declared(ls, text, ns) if text is not None else None


async def namespace_text(ls: "NreplLanguageServer", snapshot: Snapshot, ns: str) -> Snapshot | None:
    """The document or project file that declares a namespace, by its name; no program is asked."""
    for text in open_texts(ls, snapshot):
        if _declaration(text, ns) is not None:
            return text
    for name in _file_names(ns, snapshot.language):
        path = await project_file(ls, snapshot.uri, name)
        if path is None and snapshot.language.family not in _ROOTED:
            path = await asyncio.to_thread(_beside, snapshot.uri, name)
        if path is not None:
            return await read_text(ls, path, is_cut=True)
    return None


async def project_file(ls: "NreplLanguageServer", uri: str, name: str) -> Path | None:
    """A file of a document's project by its name relative to a source folder."""
    location = SourceLocation("resource", name)
    return await asyncio.to_thread(ls.sources.find, location, folders=ls.source_folders(uri))


async def _of_program(
    ls: "NreplLanguageServer", snapshot: Snapshot, ns: str, repl: Repl, timeout: float
) -> Path | None:
    info = await namespace_info(ls, repl, ns, snapshot, timeout)
    told = info.location if info is not None else None
    names = list(_file_names(ns, snapshot.language))
    if told is None or not (told.entry or told.path).endswith(tuple(names)):
        for name in names:
            location = SourceLocation("resource", name)
            path = await located(ls, snapshot.uri, location, repl)
            if path is not None:
                return path
    return await located(ls, snapshot.uri, told, repl) if told is not None else None


def _beside(uri: str, name: str) -> Path | None:
    """A file that is named relative to the document that asks for it."""
    document = path_of(uri)
    path = document.parent / name if document is not None else None
    return path if path is not None and path.is_file() else None


def _file_names(ns: str, language: Language) -> Iterator[str]:
    """The names of a namespace's file, by the convention of its language."""
    name = ns.strip("()")
    if language.family == "clojure":
        name = name.replace("-", "_").replace(".", "/")
    elif language.family in ("hy", "fennel"):
        name = name.replace("-", "_" if language.family == "hy" else "-").replace(".", "/")
    elif language.family in ("scheme", "racket"):
        name = name.replace(" ", "/")
    name = name.removeprefix("./")
    if not name or name.startswith("/"):
        return
    if name.endswith(language.extensions):
        yield name
        return
    yield from (name + extension for extension in language.extensions)


def _declaration(snapshot: Snapshot, ns: str) -> Span | None:
    """Where a text declares a namespace: its name. `in-ns` only goes on with one."""
    for one in brought_in(snapshot):
        if one.kind in ("declares", "holds") and one.name == ns:
            return one.span
    return None


def _declared(ls: "NreplLanguageServer", snapshot: Snapshot, ns: str) -> Target:
    """The namespace's form in a text; the text's start where it has none, as modules."""
    declaration = _declaration(snapshot, ns)
    name = declaration or Span(0, 0)
    form = namespace_form(snapshot)
    whole = form if form is not None and form.start <= name.start < form.end else name
    target = span_target(ls, snapshot, whole, name)
    return target._replace(is_defined=declaration is not None)
