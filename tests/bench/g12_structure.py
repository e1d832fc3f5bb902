"""G12: what is told of a long document from its text alone, once its forms are known."""

import time
from collections.abc import Callable
from typing import Any

from tests.bench.measure import Bench, Goal, Pair, medians
from tests.bench.samples import clojure_text

FLOOR = "the top-level scan of G8"
SYMBOLS = Goal("G12", "document symbols of 200 KB", FLOOR, "ms", 2.0)
FOLDING = Goal("G12", "folding of 200 KB", FLOOR, "ms", 2.0)
SELECTION = Goal("G12", "selection in 200 KB", FLOOR, "ms", 2.0)


def run(rounds: int) -> list[Pair]:
    from nrepl_lsp.source.definitions.outline import outline
    from nrepl_lsp.source.document import Document, Snapshot
    from nrepl_lsp.source.folding import folds
    from nrepl_lsp.source.selection import selections

    text = clojure_text()
    middle = text.index("\n\n", len(text) // 2) - 3

    def timed(work: Callable[[Snapshot], Any], *, is_scan: bool = False) -> Callable[[], float]:
        def once() -> float:
            # What is found is kept with the text, so each round has a text of its own.
            document = Document("file:///new.clj", "clojure", 1, text)
            snapshot = document.snapshot()
            assert is_scan or snapshot.index
            start = time.perf_counter()
            found = work(snapshot)
            seconds = time.perf_counter() - start
            assert found
            return seconds

        return once

    cases = {
        "symbols": timed(outline),
        "folding": timed(folds),
        "selection": timed(lambda snapshot: selections(snapshot, middle)),
        "scan": timed(lambda snapshot: snapshot.index, is_scan=True),
    }
    medians(cases, 3)
    found = {name: value * 1e3 for name, value in medians(cases, rounds).items()}
    return [Pair(found[name], found["scan"]) for name in ("symbols", "folding", "selection")]


BENCHES = (Bench((SYMBOLS, FOLDING, SELECTION), run),)
