"""
How results are shown in a document: as inlay hints, as diagnostics, in messages only, or not.

An editor that knows hints may have them switched off, and one that cannot be told that they have
changed shows them too late. So hints are chosen where the editor asks for them in this document,
and takes `workspace/inlayHint/refresh`; when it stops asking, its results become diagnostics.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["ASK_WITHIN", "Ladder", "Way"]

Way = Literal["inlayHint", "diagnostic", "message", "none"]

#: Seconds for which changes are gathered before the client is told of them.
GATHER = 0.03
#: Seconds for a client to answer a refresh, and after that to ask for the hints of a document.
REFRESH_TIMEOUT = 3.0
ASK_WITHIN = 3.0
#: Documents whose requests are counted.
DOCUMENTS_KEPT = 1000


class Ladder:
    """unasked: called with a document whose hints the editor does not want any more."""

    def __init__(self, ls: "NreplLanguageServer", unasked: Callable[[str], None]) -> None:
        self._ls = ls
        self._unasked = unasked
        #: How often the hints of a document were asked for since it was last well.
        self._asked: dict[str, int] = {}
        self._outdated: set[str] = set()
        self._refreshing: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._checks: set[asyncio.TimerHandle] = set()

    def way(self, uri: str) -> Way:
        """How the results of a document are shown now."""
        ls, client = self._ls, self._ls.client
        chosen = ls.settings.results_show
        if chosen in ("message", "none", "diagnostic"):
            return chosen  # type: ignore[return-value]
        if chosen == "inlayHint":
            # Hints that can never be seen would be no choice.
            return "inlayHint" if client.inlay_hints else "diagnostic"
        is_hinted = client.inlay_hints and client.refreshes_inlay_hints
        is_asking = uri in self._asked and ls.settings.offers("inlayHint")
        return "inlayHint" if is_hinted and is_asking else "diagnostic"

    def asked(self, uri: str) -> bool:
        """The editor wants the hints of a document, so it shows them. Whether that is new."""
        before = self._asked.pop(uri, 0)
        if len(self._asked) >= DOCUMENTS_KEPT:
            del self._asked[next(iter(self._asked))]
        self._asked[uri] = before + 1
        self._news.set()
        return not before

    def outdated(self, uri: str) -> None:
        """The hints that the editor has of a document are not right any more."""
        if not self._ls.client.refreshes_inlay_hints:
            return
        self._outdated.add(uri)
        self._news.set()
        if self._refreshing is None or self._refreshing.done():
            loop = asyncio.get_running_loop()
            self._refreshing = loop.create_task(self._refresh(), name="refresh hints")

    def close(self) -> None:
        """Tell nobody anything any more."""
        self._outdated.clear()
        for check in self._checks:
            check.cancel()
        if self._refreshing is not None:
            self._refreshing.cancel()

    async def _refresh(self) -> None:
        while self._outdated:
            await asyncio.sleep(GATHER)
            asked = {uri: self._asked.get(uri, 0) for uri in self._outdated}
            self._outdated.clear()
            await self._tell()
            self._check_later(asked)
            if await self._are_asked(asked):
                # Neovim keeps what it draws between a refresh and the answer to its question, and
                # never draws the new ones: told again, it does.
                await asyncio.sleep(GATHER)
                await self._tell()

    async def _tell(self) -> None:
        try:
            async with asyncio.timeout(REFRESH_TIMEOUT):
                await self._ls.workspace_inlay_hint_refresh_async(None)
        except Exception as error:
            # Whatever a client does instead of answering: it asks again when it wants to.
            self._ls.log.info("refreshing inlay hints: %r", error)

    async def _are_asked(self, before: dict[str, int]) -> bool:
        """Whether hints of these documents are asked for, before any are outdated again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ASK_WITHIN):
                while not self._outdated:
                    if any(self._asked.get(uri, 0) != times for uri, times in before.items()):
                        return True
                    self._news.clear()
                    await self._news.wait()
        return False

    def _check_later(self, asked: dict[str, int]) -> None:
        def check() -> None:
            self._checks.discard(handle)
            for uri, times in asked.items():
                if times and self._asked.get(uri) == times:
                    # It was told of new ones and did not want them: hints were switched off.
                    del self._asked[uri]
                    self._unasked(uri)

        handle = asyncio.get_running_loop().call_later(ASK_WITHIN, check)
        self._checks.add(handle)
