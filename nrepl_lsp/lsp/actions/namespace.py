"""Code actions that bring what a name stands for into the file: a require, a refer, an import."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator

from lsprotocol import types

from nrepl_lsp.lsp.actions.soon import soon
from nrepl_lsp.lsp.colouring.image_names import CORES, image_names
from nrepl_lsp.lsp.colouring.semantics import refresh
from nrepl_lsp.lsp.documents import Place, is_same_document
from nrepl_lsp.lsp.edits import Change, workspace_edit
from nrepl_lsp.lsp.lookup import symbol_query
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import BASILISP
from nrepl_lsp.source.languages.well_known import well_known
from nrepl_lsp.source.naming.names import Names, names_at
from nrepl_lsp.source.naming.unresolved import Unresolved, dialect_of, unresolved_at
from nrepl_lsp.source.rewriting.namespace_edits import (
    add_import,
    add_module,
    add_refer,
    add_require,
    is_clojure,
)
from nrepl_lsp.tooling.namespace_forms import ALIASED, MISSING, AliasQuery, MissingQuery
from nrepl_lsp.tooling.namespaces import NAMESPACES, NamespacesQuery
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO

from .offer import Asked, Offer

__all__ = ["KINDS", "offers"]

REQUIRE = "quickfix.addRequire"
REFER = "quickfix.addRefer"
IMPORT = "quickfix.addImport"
KINDS = ("quickfix", REQUIRE, REFER, IMPORT)

#: Entries of one kind in a menu.
OFFERED = 8
#: Namespaces that the program is asked about, whether they have a name.
ASKED = 32
#: Open documents that are looked at for their aliases and for what they refer to.
DOCUMENTS = 50

_Found = tuple[str, str, Change | None]
"""The kind, the title and the change of an offer."""


async def offers(
    ls: NreplLanguageServer, snapshot: Snapshot, place: Place, asked: Asked, deadline: float
) -> list[Offer]:
    """
    What the name at the cursor may stand for; nothing when it is known, or may be.

    deadline: of `time.monotonic`.
    """
    cursor = ls.documents.cursor(snapshot, place.range)
    name = unresolved_at(snapshot, cursor)
    if name is None or not asked.wants_any((REQUIRE, REFER, IMPORT)):
        return []
    where = ls.documents.range(snapshot, *name.span)
    diagnostics = tuple(mark for mark in asked.diagnostics if _touch(mark.range, where))
    is_looked_for = name.name in well_known(snapshot.language).vars or bool(diagnostics)
    if asked.is_automatic and name.kind == "var" and not is_looked_for:
        # Most of what the cursor passes is in the language's core.
        return []
    search = _Search(ls, snapshot, name, deadline)
    found: dict[str, tuple[str, Change]] = {}
    async for kind, title, change in search.results():
        if change is not None and asked.wants(kind) and len(found) < OFFERED:
            found.setdefault(title, (kind, change))
    return [
        Offer(
            kind,
            title,
            edit=workspace_edit(ls, snapshot, [change]),
            is_preferred=len(found) == 1,
            diagnostics=diagnostics,
        )
        for title, (kind, change) in found.items()
    ]


def _touch(one: types.Range, other: types.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


class _Search:
    """Looks for what one name stands for, until the menu must be there."""

    def __init__(
        self, ls: NreplLanguageServer, snapshot: Snapshot, name: Unresolved, deadline: float
    ) -> None:
        self._ls, self._snapshot, self._name = ls, snapshot, name
        self._repl = ls.repl_for(snapshot.uri)
        self._deadline = deadline
        self._known = well_known(snapshot.language)
        self._family = snapshot.language.family
        self._dialect = dialect_of(snapshot.uri)
        self._names = names_at(snapshot, name.span.start)

    async def results(self) -> AsyncIterator[_Found]:
        """The offers, likeliest first; some may be there twice."""
        snapshot, name, at = self._snapshot, self._name.name, self._name.span.start
        if self._name.kind == "alias":
            mentioned = [ns async for ns in self._namespaces()]
            for ns in await self._having(mentioned, _member(snapshot, self._name)):
                title = f"Add require [{ns} :as {name}]"
                yield REQUIRE, title, add_require(snapshot, ns, name, at)
            if self._is_python_module(name):
                yield IMPORT, f"Add import {name}", add_module(snapshot, name, at)
            return
        if await self._may_be_known():
            return
        async for where, is_class in self._definitions():
            if is_class:
                yield IMPORT, f"Add import {where}", add_import(snapshot, where, at)
            elif where != self._names.ns and self._name.kind != "class":
                yield REFER, f"Refer `{name}` from {where}", add_refer(snapshot, where, name, at)

    async def _namespaces(self) -> AsyncIterator[str]:
        """The namespaces that an alias may stand for; none if it is the name of one itself."""
        alias, repl = self._name.name, self._repl
        loaded: frozenset[str] = frozenset()
        if repl is not None:
            query = NamespacesQuery(self._family)
            answer = await soon(repl, NAMESPACES, query, self._deadline)
            loaded = (answer[0] if answer else None) or loaded
            if alias in loaded:
                return
        for ns in self._aliased_elsewhere(alias):
            yield ns
        if repl is not None:
            aliased = AliasQuery(alias, self._dialect)
            elsewhere = await soon(repl, ALIASED, aliased, self._deadline)
            for ns in (elsewhere[0] if elsewhere else None) or ():
                yield ns
        for ns in self._known.aliases.get(alias, ()):
            if self._dialect != "cljs" or ns not in self._known.java_only:
                yield ns
        for ns in self._known.libraries.get(alias, ()):
            if ns in loaded:
                yield ns
        for ns in sorted(loaded):
            if _is_called(ns, alias):
                yield ns

    def _aliased_elsewhere(self, alias: str) -> Iterator[str]:
        """What the other open documents of this language mean by an alias."""
        for names in self._elsewhere():
            ns = names.aliases.get(alias)
            if ns is not None:
                yield ns

    def _elsewhere(self) -> Iterator[Names]:
        """What the other open documents of this language bring in."""
        for uri in self._ls.documents.uris()[:DOCUMENTS]:
            other = self._ls.documents.snapshot(uri)
            if other is None or other.language is not self._snapshot.language:
                continue
            if is_clojure(other.language) and not is_same_document(uri, self._snapshot.uri):
                yield names_at(other, len(other.text))

    async def _having(self, namespaces: list[str], member: str) -> list[str]:
        """Those that may be brought in and, as far as the program says in time, have the name."""
        fit = [ns for ns in dict.fromkeys(namespaces) if ns not in CORES and ns != self._names.ns]
        if self._repl is None or not member:
            return fit
        kinds = await image_names(self._repl).kinds(
            *(self._repl, fit[:ASKED], self._family),
            max(0.0, self._deadline - time.monotonic()),
            lambda: refresh(self._ls),
        )
        # A namespace that nothing is known to be in may be one that the program cannot list.
        return [
            ns for ns in fit if ns not in kinds or not kinds[ns].kinds or member in kinds[ns].kinds
        ]

    async def _may_be_known(self) -> bool:
        """Whether the program knows the name, or has not said in time that it does not."""
        repl = self._repl
        if repl is None:
            return bool(self._names.uses)
        try:
            left = max(0.0, self._deadline - time.monotonic())
            name, at = self._name.name, self._name.span.start
            async with asyncio.timeout(left):
                query = await symbol_query(repl, self._snapshot, at, name, left)
        except (NreplError, TimeoutError):
            return True
        if query is None or (query.ns != self._names.ns and self._names.uses):
            # All of a namespace is referred to, and which names that are cannot be asked.
            return True
        answer = await soon(repl, SYMBOL_INFO, query, self._deadline)
        return answer is None or answer[0] is not None

    async def _definitions(self) -> AsyncIterator[tuple[str, bool]]:
        """Where the name is defined, and whether it is a class there."""
        name = self._name.name
        if self._name.kind == "var":
            referred = [
                names.refers[name]
                for names in self._elsewhere()
                if name in names.refers and name not in names.originals
            ]
            for where in await self._having(referred, name):
                yield where, False
        if self._repl is not None:
            answer = await soon(self._repl, MISSING, MissingQuery(name), self._deadline)
            for found in (answer[0] if answer else None) or ():
                is_class = found.kind == "class"
                if is_class == (self._name.kind == "class") and _is_fit(found.name, name, is_class):
                    yield found.name, is_class
        if self._name.kind == "class":
            full = self._known.classes.get(name)
            if full is not None and self._dialect != "cljs":
                yield full, True
        elif (ns := self._known.vars.get(name)) is not None:
            yield ns, False

    def _is_python_module(self, name: str) -> bool:
        is_module = name in sys.stdlib_module_names and not name.startswith("_")
        return is_module and self._snapshot.language is BASILISP


def _member(snapshot: Snapshot, name: Unresolved) -> str:
    """What is written behind an alias that names a public var; "" for a keyword, and for `#'`."""
    start, end = name.span
    text = snapshot.text[start:end]
    # Basilisp has types as vars: `alias/Type.`
    is_else = text.startswith((":", "#'")) or snapshot.text.endswith("#'", 0, start)
    return "" if is_else else text.partition("/")[2].removesuffix(".")


def _is_fit(where: str, name: str, is_class: bool) -> bool:
    """Whether what an op has found is what was looked for, and not there anyway."""
    if is_class:
        package, _, short = where.rpartition(".")
        return short == name and package not in ("", "java.lang")
    return where not in CORES


def _is_called(ns: str, alias: str) -> bool:
    """Whether an alias is a namespace's last part, or the one before `core` and `alpha`."""
    parts = ns.split(".")
    while len(parts) > 1 and parts[-1] in ("core", "alpha", "api", "impl"):
        if parts[-1] == alias:
            return True
        parts.pop()
    return len(ns) > len(alias) and parts[-1] == alias
