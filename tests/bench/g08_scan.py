"""G8: finding the top-level forms of a long document, and again after one character."""

import re
import time
from typing import Any

from tests.bench.measure import Bench, Goal, Pair, medians
from tests.bench.samples import clojure_text

FLOOR = "one regex counting delimiters"
SCAN = Goal("G8", "top-level scan of 200 KB", FLOOR, "ms", 4.0)
RESCAN = Goal("G8", "the scan again after 1 character", FLOOR, "ms", 0.1)
DELIMITERS = re.compile(r'[()\[\]{}";\\]')


def _index(document: Any) -> Any:
    index = document.snapshot().index
    assert index is not None
    return index


def run(rounds: int) -> list[Pair]:
    from nrepl_lsp.source.document import Document

    text = clojure_text()
    middle = text.count("\n", 0, text.index("\n(def", len(text) // 2)) + 1
    edited = Document("file:///edited.clj", "clojure", 1, text)
    forms = len(_index(edited).starts)

    def scan() -> float:
        document = Document("file:///new.clj", "clojure", 1, text)
        start = time.perf_counter()
        index = _index(document)
        seconds = time.perf_counter() - start
        assert len(index.starts) == forms
        return seconds

    def rescan() -> float:
        is_longer = len(edited.text) > len(text)
        place = (middle, 5, middle, 6 if is_longer else 5)
        start = time.perf_counter()
        edited.edit(*place, "" if is_longer else "x", "utf-16")
        index = _index(edited)
        seconds = time.perf_counter() - start
        assert len(index.starts) == forms
        return seconds

    def count() -> float:
        start = time.perf_counter()
        found = sum(1 for _ in DELIMITERS.finditer(text))
        seconds = time.perf_counter() - start
        assert found > 1_000
        return seconds

    cases = {"scan": scan, "rescan": rescan, "count": count}
    medians(cases, 2)
    found = {name: value * 1e3 for name, value in medians(cases, rounds).items()}
    return [Pair(found["scan"], found["count"]), Pair(found["rescan"], found["count"])]


BENCHES = (Bench((SCAN, RESCAN), run),)
