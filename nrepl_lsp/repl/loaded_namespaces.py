"""Which namespaces a program has: what may be named to it, and what must not."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from nrepl_lsp.tooling.namespaces import NAMESPACES, NamespacesQuery
from nrepl_lsp.tooling.variants import Dialect

__all__ = ["FIRST_NAMESPACES", "LoadedNamespaces"]

#: Seconds for which a namespace that was not there is not asked for again.
NAMESPACES_REST = 2.0
#: Language family → the namespace that its REPLs begin in.
FIRST_NAMESPACES = {"clojure": "user"}


class LoadedNamespaces:
    """
    The namespaces of one attachment, listed when one is needed that is not known.

    Callers at the same time share one listing, unless it began before the last change that one of
    them may have seen. It outlives those who lose patience, so that an op
    that never answers is found out and set aside. A listing that fails forgets nothing.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._listed: frozenset[str] = frozenset()
        #: What the last listing that came has seen of the changes.
        self._listed_at: int | None = None
        self._named: set[str] = set()
        #: How often the program may have got new ones; what the last listing has seen of it; when.
        self._changes = 0
        self._last: tuple[int, float] | None = None
        self._listing: asyncio.Task[None] | None = None

    @property
    def are_listed(self) -> bool:
        """Whether the program has listed them, so that one not found is surely not there."""
        return bool(self._listed)

    @property
    def is_up_to_date(self) -> bool:
        """Whether the program has listed them, and nothing was evaluated since."""
        return self._listed_at == self._changes

    @property
    def changes(self) -> int:
        """How often something was evaluated: what was known before may be another now."""
        return self._changes

    def note_change(self, named: str | None = None) -> None:
        """Know that there may be new ones, and of one that the server itself has named."""
        self._changes += 1
        if named:
            self._named.add(named)

    async def find(self, ns: str | None, family: str, timeout: float | None) -> str | None:
        """
        Return `ns` if the program has it; None when not, or when that is not known in time.

        Raises `ConnectionLost`.
        """
        if ns is None or self.has(ns):
            return ns
        changes = self._changes
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._update(family)
                if self._last is not None and self._last[0] < changes and not self.has(ns):
                    await self._update(family)
        return ns if self.has(ns) else None

    async def all(self, family: str, timeout: float | None) -> frozenset[str]:
        """
        Return those that the program has, as far as they are known in time.

        Raises `ConnectionLost`.
        """
        changes = self._changes
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._update(family)
                if self._last is not None and self._last[0] < changes:
                    await self._update(family)
        return self.known

    @property
    def known(self) -> frozenset[str]:
        """Those that are known without asking."""
        return self._listed | self._named

    async def find_to_ask(self, ns: str | None, family: str, timeout: float | None) -> str | None:
        """As `find`, and for one that is not there the one that REPLs begin in."""
        started = time.monotonic()
        if found := await self.find(ns, family, timeout):
            return found
        if timeout is not None:
            timeout = max(started + timeout - time.monotonic(), 0.0)
        return await self.find(FIRST_NAMESPACES.get(family), family, timeout)

    def has(self, ns: str) -> bool:
        """Whether the program is known to have a namespace; costs no request."""
        return ns in self._listed or ns in self._named

    async def _update(self, family: str) -> None:
        """Wait for the listing that is under way, or for a new one if one is needed."""
        if self._listing is None and self._is_stale:
            self._listing = asyncio.create_task(self._list(family), name="namespaces")
            self._listing.add_done_callback(_retrieve)
        if self._listing is not None:
            await asyncio.shield(self._listing)

    @property
    def _is_stale(self) -> bool:
        if self._last is None or self._last[0] != self._changes:
            return True
        return time.monotonic() - self._last[1] > NAMESPACES_REST

    async def _list(self, family: str) -> None:
        changes = self._changes
        try:
            listed = await self._dialect.answer(NAMESPACES, NamespacesQuery(family))
        finally:
            self._listing = None
        self._last = (changes, time.monotonic())
        if listed is not None:
            # What was listed and is no more was removed. One that was only named may be of a kind
            # that is not listed, as ClojureScript's are not where Clojure lists its own.
            self._named -= self._listed - listed
            self._listed, self._listed_at = listed, changes


def _retrieve(listing: asyncio.Task[None]) -> None:
    """Have the loop not complain of a connection that was lost when nobody waited any more."""
    if not listing.cancelled():
        listing.exception()
