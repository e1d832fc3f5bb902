"""G9: what an open document of 200 KB holds in memory, by the size of its text."""

from tests.bench.driver import at, nrepl_lsp
from tests.bench.measure import Bench, Goal, Pair
from tests.bench.samples import clojure_text

FLOOR = "the text's size"
OPEN = Goal("G9", "memory of an open 200 KB document", FLOOR, "KB", 4.0)
TYPED = Goal("G9", "the same once it was typed in", FLOOR, "KB", 4.0)
WARM, MORE = 5, 40


def run(rounds: int) -> list[Pair]:
    """Measure once, whatever `rounds` says: memory has no noise that a median would take away."""
    text = clojure_text()
    more = MORE if rounds > 2 else 2
    with nrepl_lsp() as server:
        server.initialize()

        def use(index: int) -> None:
            ask(server.open(f"held{index}.clj", text))

        def ask(uri: str) -> None:
            place = at(uri, text.count("\n") // 2, 3)
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

        def type_in(index: int) -> None:
            uri = (server.root / f"held{index}.clj").as_uri()
            start = at(uri, text.count("\n") // 2, 3)["position"]
            change = {"range": {"start": start, "end": start}, "text": "x"}
            document = {"uri": uri, "version": 2}
            server.notify(
                "textDocument/didChange", {"textDocument": document, "contentChanges": [change]}
            )
            ask(uri)

        # Buffers grow and caches fill with the first ones.
        for index in range(WARM):
            use(index)
        before = server.resident_bytes()
        for index in range(WARM, WARM + more):
            use(index)
        held = (server.resident_bytes() - before) / more
        for index in range(WARM, WARM + more):
            type_in(index)
        changed = (server.resident_bytes() - before) / more
    size = len(text.encode()) / 1e3
    return [Pair(held / 1e3, size), Pair(changed / 1e3, size)]


BENCHES = (Bench((OPEN, TYPED), run),)
