"""
What the running program has in its namespaces, asked once and again after evaluations.

An answer that comes too late for one request is there for the next; what was known before an
evaluation is used until the program has said what is true now.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from weakref import WeakKeyDictionary

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.tooling.var_kinds import VAR_KINDS, VarKinds, VarKindsQuery
from nrepl_lsp.tooling.variants import Dialect

__all__ = ["CORES", "ImageNames", "image_names"]

#: Namespaces of one program whose vars are remembered.
KEPT = 256
#: Seconds for which an answer is good without an evaluation of ours: others change programs too.
GOOD_FOR = 30.0
#: Seconds that the list of namespaces may take before one counts as not loaded.
LOADED_TIMEOUT = 5.0
#: Namespaces that evaluations leave as they are.
CORES = frozenset(("clojure.core", "cljs.core", "basilisp.core"))


class ImageNames:
    """The kinds of the vars of one attached program, by namespace."""

    def __init__(self) -> None:
        self._known: dict[str, VarKinds | None] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        #: When each was asked about last.
        self._asked: dict[str, float] = {}
        self._following: asyncio.Task[None] | None = None

    def note_change(self) -> None:
        """Ask again for all but the core, which evaluations leave as it is."""
        self._asked = {ns: when for ns, when in self._asked.items() if ns in CORES}
        # What is under way may have looked before the change.
        self._asking.clear()

    async def kinds(
        self,
        repl: Repl,
        namespaces: Iterable[str],
        family: str,
        timeout: float,
        on_late: Callable[[], None],
    ) -> Mapping[str, VarKinds]:
        """
        The vars of those namespaces that the program has, as far as known after `timeout` seconds.

        `on_late` is called once all that was asked is there, if that was later.
        """
        wanted = list(dict.fromkeys(namespaces))[:KEPT]
        for ns in wanted:
            if ns in self._known:
                # Those that nobody has wanted for long are forgotten first.
                self._known[ns] = self._known.pop(ns)
            if ns not in self._asking and not self._is_fresh(ns):
                task = asyncio.create_task(self._ask(repl, ns, family), name=f"vars of {ns}")
                self._asking[ns] = task
        waiting = {self._asking[ns] for ns in wanted if ns in self._asking}
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=timeout)
            if late and (self._following is None or self._following.done()):
                self._following = asyncio.create_task(self._follow(late, on_late), name="late vars")
        found = {ns: self._known.get(ns) for ns in wanted}
        return {ns: kinds for ns, kinds in found.items() if kinds is not None}

    async def _ask(self, repl: Repl, ns: str, family: str) -> None:
        task = asyncio.current_task()
        found: VarKinds | None = None
        try:
            if await repl.loaded_namespace(ns, family, LOADED_TIMEOUT) is not None:
                found = await repl.ask(VAR_KINDS, VarKindsQuery(ns, family))
        except NreplError:
            return
        finally:
            is_current = self._asking.get(ns) is task
            if is_current:
                del self._asking[ns]
        if is_current:
            if ns not in self._known and len(self._known) >= KEPT:
                oldest = next(iter(self._known))
                del self._known[oldest]
                self._asked.pop(oldest, None)
            # Equal answers stay the same object: what was made of them stays valid.
            if found != self._known.get(ns) or ns not in self._known:
                self._known[ns] = found
            self._asked[ns] = time.monotonic()

    def _is_fresh(self, ns: str) -> bool:
        asked = self._asked.get(ns)
        if asked is None:
            return False
        is_settled = ns in CORES and self._known.get(ns) is not None
        return is_settled or time.monotonic() - asked < GOOD_FOR

    async def _follow(self, late: set["asyncio.Task[None]"], on_late: Callable[[], None]) -> None:
        await asyncio.wait(late)
        on_late()


_names: WeakKeyDictionary[Dialect, ImageNames] = WeakKeyDictionary()


def image_names(repl: Repl) -> ImageNames:
    """What is known of an attachment; it goes with it."""
    known = _names.get(repl.dialect)
    if known is None:
        known = _names[repl.dialect] = ImageNames()
    return known
