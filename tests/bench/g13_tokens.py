"""G13: semantic tokens of a long document, again after one form has changed."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from tests.bench.measure import Bench, Goal, Pair, medians
from tests.bench.samples import clojure_text

TOKENS = Goal("G13", "semantic tokens after 1 character, 200 KB", "all of them anew", "ms", 0.1)


def run(rounds: int) -> list[Pair]:
    from nrepl_lsp.lsp.colouring.semantics import Semantics
    from nrepl_lsp.lsp.registry import create_server
    from nrepl_lsp.source.definitions.outline import outline
    from nrepl_lsp.source.document import Document
    from nrepl_lsp.source.locals import scopes
    from nrepl_lsp.tooling.var_kinds import VarKinds

    text = clojure_text()
    middle = text.count("\n", 0, text.index("\n(defn", len(text) // 2)) + 1
    server = create_server()
    edited = Document("file:///edited.lpy", "basilisp", 1, text)
    names = {it.name: it.kind for it in outline(edited.snapshot())}
    known = ("macro", "function")
    core = VarKinds({name: kind if kind in known else "variable" for name, kind in names.items()})
    kinds = {"basilisp.core": core}

    def timed(semantics: Callable[[], Semantics], document: Callable[[], Any]) -> float:
        taken, made = document(), semantics()
        start = time.perf_counter()
        data = asyncio.run(made.encoded(taken.snapshot(), kinds))
        seconds = time.perf_counter() - start
        assert len(data) > 25_000
        return seconds

    def anew() -> float:
        scopes.forget()
        return timed(
            lambda: Semantics(server), lambda: Document("file:///a.lpy", "basilisp", 1, text)
        )

    remembered = Semantics(server)

    def change() -> Document:
        is_longer = len(edited.text) > len(text)
        place = (middle, 6, middle, 7 if is_longer else 6)
        edited.edit(*place, "" if is_longer else "x", "utf-16")
        return edited

    cases = {"change": lambda: timed(lambda: remembered, change), "anew": anew}
    medians(cases, 2)
    found = {name: value * 1e3 for name, value in medians(cases, rounds).items()}
    return [Pair(found["change"], found["anew"])]


BENCHES = (Bench((TOKENS,), run),)
