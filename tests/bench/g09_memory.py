"""G9: what an open document of 200 KB holds in memory, by the size of its text."""

from tests.bench.driver import at, nrepl_lsp
from tests.bench.measure import Bench, Goal, Pair
from tests.bench.samples import clojure_text

MEMORY = Goal("G9", "memory of an open 200 KB document", "the text's size", "KB", 4.0)
WARM, MORE = 5, 40


def run(rounds: int) -> list[Pair]:
    """Measure once, whatever `rounds` says: memory has no noise that a median would take away."""
    text = clojure_text()
    more = MORE if rounds > 2 else 2
    with nrepl_lsp() as server:
        server.initialize()

        def use(index: int) -> None:
            place = at(server.open(f"held{index}.clj", text), text.count("\n") // 2, 3)
            there = place["position"]
            server.request("textDocument/hover", place)
            server.request("textDocument/completion", place)
            server.request(
                "textDocument/codeAction",
                {
                    "textDocument": place["textDocument"],
                    "range": {"start": there, "end": there},
                    "context": {"diagnostics": []},
                },
            )

        # Buffers grow and caches fill with the first ones.
        for index in range(WARM):
            use(index)
        before = server.resident_bytes()
        for index in range(WARM, WARM + more):
            use(index)
        held = (server.resident_bytes() - before) / more
    return [Pair(held / 1e3, len(text.encode()) / 1e3)]


BENCHES = (Bench((MEMORY,), run),)
