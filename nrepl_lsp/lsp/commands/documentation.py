"""The commands that show documentation: `nrepl.doc`, `nrepl.apropos`."""

import asyncio
from pathlib import Path
from typing import Any

from nrepl_lsp.lsp import read_only_documents
from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.explaining.docstrings import inline_code
from nrepl_lsp.lsp.explaining.hovers import hover_at, text_of_symbol
from nrepl_lsp.lsp.lookup import family_of
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Document, Snapshot
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.tooling.namespace_info import NAMESPACE_INFO
from nrepl_lsp.tooling.namespaces import NAMESPACES
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO
from nrepl_lsp.tooling.variants import Question
from nrepl_lsp.tooling.workspace_symbols import WORKSPACE_SYMBOLS, FoundSymbol, SymbolsQuery

__all__ = ["apropos", "doc"]

#: Seconds that `nrepl.apropos` waits for the program.
APROPOS_TIMEOUT = 5.0
#: Lines of a text that fit in a message.
MESSAGE_LINES = 12
BUSY = "The program has not answered, it may be busy: try again when it is done."


async def doc(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """
    `nrepl.doc`: all that is known of the symbol at a place, or of the one given as `symbol`.

    Shown in a document of its own where the client can show one, else the beginning in a message.
    """
    given = Arguments.read(arguments)
    place = given.place(ls.documents.last_place)
    snapshot = _snapshot(ls, place)
    if place is None and given.symbol is None:
        return _refused(ls, "No document is open: pass `symbol`, or `uri` and `position`.")
    name = (given.symbol or "").strip()
    offset = ls.documents.cursor(snapshot, place.range) if place is not None else 0
    if name and given.range is None and namespace_at(snapshot, offset) is None:
        # What a whole document means by a name is known at its end, below its `ns` form.
        offset = len(snapshot.text)
    if name:
        text = await text_of_symbol(ls, snapshot, offset, name, given.ns)
    else:
        found = await hover_at(ls, snapshot, offset, markdown=True)
        text = found.text if found is not None else None
    if text is None:
        if ls.repl_for(snapshot.uri) is None:
            return _refused(ls, ls.why_detached(snapshot.uri))
        if _is_silent(ls, snapshot, SYMBOL_INFO, NAMESPACE_INFO, NAMESPACES):
            return _refused(ls, BUSY)
        return _refused(ls, f"Nothing is known of {name or 'what is at the cursor'}.")
    await _show(ls, name or _title(text), text)
    return {"markdown": text, "message": None}


async def apropos(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.apropos`: the program's symbols that `query` names, as a list."""
    given = Arguments.read(arguments)
    snapshot = _snapshot(ls, given.place(ls.documents.last_place))
    if given.query is None or not given.query.strip():
        return _refused(ls, "Nothing to look for: pass a part of a name as `query`.")
    repl = ls.repl_for(snapshot.uri)
    if repl is None:
        return _refused(ls, ls.why_detached(snapshot.uri))
    query = " ".join(given.query.split())
    family = _family(ls, snapshot, repl)
    try:
        async with asyncio.timeout(APROPOS_TIMEOUT):
            ns = await repl.namespace_to_ask(given.ns, family)
            asked = SymbolsQuery(query, (), family, ns)
            found = await repl.ask(WORKSPACE_SYMBOLS, asked, timeout=APROPOS_TIMEOUT)
    except (NreplError, TimeoutError) as error:
        ls.log.info("apropos %s: %s", query, error)
        return _refused(ls, BUSY)
    if found is None and _is_silent(ls, snapshot, WORKSPACE_SYMBOLS):
        return _refused(ls, BUSY)
    if not found:
        return _refused(ls, f"No symbol of the program has {query} in its name.")
    text = _listed(query, found)
    await _show(ls, f"apropos {query}", text)
    return {"markdown": text, "message": None}


def _family(ls: NreplLanguageServer, snapshot: Snapshot, repl: Repl) -> str:
    """The family of a document, or where that says none of another one of the program."""
    opened = (ls.documents.snapshot(uri) for uri in ls.documents.uris() if ls.repl_for(uri) is repl)
    families = (family_of(it.language) for it in (snapshot, *opened) if it is not None)
    return next((family for family in families if family not in ("", "plain")), "")


def _is_silent(ls: NreplLanguageServer, snapshot: Snapshot, *questions: Question[Any, Any]) -> bool:
    """Whether the program has not answered when it was last asked."""
    repl = ls.repl_for(snapshot.uri)
    return repl is not None and any(repl.dialect.is_silent(one) for one in questions)


def _snapshot(ls: NreplLanguageServer, place: Place | None) -> Snapshot:
    """The document that is meant; an empty one where none is open."""
    uri = place.uri if place is not None else ""
    return ls.documents.snapshot(uri) or Document(uri, "", None, "").snapshot()


def _listed(query: str, found: tuple[FoundSymbol, ...]) -> str:
    """Symbols by namespace, those of the first found first."""
    by_ns: dict[str, list[FoundSymbol]] = {}
    for one in found:
        by_ns.setdefault(one.ns, []).append(one)
    parts = [f"# apropos {inline_code(query)}"]
    for ns, symbols in by_ns.items():
        lines = [
            f"- {inline_code(one.name)}" + (f" – {one.kind.replace('-', ' ')}" if one.kind else "")
            for one in symbols
        ]
        parts.append("\n".join([f"## {inline_code(ns)}" if ns else "## special forms", "", *lines]))
    return "\n\n".join(parts)


async def _show(ls: NreplLanguageServer, title: str, text: str) -> None:
    """Show a text to whom it may concern; the command's answer holds it as well."""
    if ls.client.shows_documents:
        folder = ls.cache / "documentation"
        try:
            path: Path = await asyncio.to_thread(
                read_only_documents.write, folder, f"{title}.md", text + "\n"
            )
        except OSError as error:
            ls.log.warning("documentation cannot be written to %s: %s", folder, error)
        else:
            await read_only_documents.show(ls, path)
            return
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith("```")]
    shown = lines[:MESSAGE_LINES]
    message = "\n".join(shown) + ("\n…" if len(lines) > len(shown) else "")
    ls.say(message)


def _title(text: str) -> str:
    """A name for a document: the first line that is no fence."""
    line = next((line for line in text.split("\n") if not line.startswith("```")), "")
    return line.strip("(`").partition(" ")[0] or "documentation"


def _refused(ls: NreplLanguageServer, why: str) -> dict[str, Any]:
    ls.warn(why)
    return {"markdown": None, "message": why}
