"""`textDocument/definition`: where the running program says a symbol was defined."""

import asyncio
from pathlib import Path
from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp import convert
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.lookup import symbol_info
from nrepl_lsp.lsp.protocol import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.tooling.namespaces import CLASSPATH, ClasspathQuery
from nrepl_lsp.tooling.values import SourceLocation

METHOD = types.TEXT_DOCUMENT_DEFINITION


async def definition(ls: NreplLanguageServer, params: types.DefinitionParams) -> Raw | None:
    """Answer a `file:` location that every editor can open, or None."""
    uri = params.text_document.uri
    snapshot = ls.documents.snapshot(uri)
    if snapshot is None:
        return None
    ls.documents.notice(Place.at(uri, params.position))
    offset = ls.documents.offset(snapshot, params.position)
    found = await symbol_info(ls, snapshot, offset, ls.settings.definition_timeout)
    place = found.info.location if found is not None else None
    if found is None or place is None or (found.info.special and not place.exact):
        # Of `if` nREPL knows a file but no line: it is in the compiler.
        return None
    if place.kind == "text" and (loaded := ls.evaluations.loaded_from(place.text or "")):
        return Raw(convert.location_in(loaded, place))
    folders = ls.source_folders(uri)
    path = await asyncio.to_thread(ls.sources.find, place, folders=folders)
    if path is None and place.kind == "resource":
        path = await _on_class_path(ls, found.repl, place, folders, snapshot.language.family)
    if path is None:
        return None
    _remember(ls, uri, path)
    return Raw(await asyncio.to_thread(_location, place, path, ls))


def _location(place: SourceLocation, path: Path, ls: NreplLanguageServer) -> dict[str, Any]:
    return convert.location(place, path, ls.documents.encoding)


async def _on_class_path(
    ls: NreplLanguageServer, repl: Repl, place: SourceLocation, folders: list[Path], family: str
) -> Path | None:
    try:
        async with asyncio.timeout(ls.settings.definition_timeout):
            paths = await repl.ask(CLASSPATH, ClasspathQuery(family))
    except (NreplError, TimeoutError) as error:
        ls.log.info("no class path: %s", error)
        return None
    if not paths:
        return None
    return await asyncio.to_thread(ls.sources.find, place, folders=folders, class_path=paths)


def _remember(ls: NreplLanguageServer, uri: str, path: Path) -> None:
    """What is opened from this document goes on asking this document's REPL."""
    supervisor = ls.supervisor_for(uri)
    if supervisor is not None and not ls.is_in_workspace(path):
        ls.routing.remember_library(path, supervisor)
