"""G1 and G10: the time from the process' start to `initialize`'s reply, and the memory then."""

from collections.abc import Callable

from tests.bench.driver import LspProcess, floor, nrepl_lsp
from tests.bench.measure import Bench, Goal, Pair, medians

START = Goal("G1", "start to initialize", "bare pygls server", "ms", 1.15)
MEMORY = Goal("G10", "resident memory after initialize", "bare pygls server", "MB", 1.25)


def run(rounds: int) -> list[Pair]:
    memory: dict[str, float] = {}

    def start(name: str, launch: Callable[[], LspProcess]) -> Callable[[], float]:
        def once() -> float:
            with launch() as server:
                seconds = server.initialize()
                memory[name] = server.resident_bytes() / 1e6
            return seconds * 1e3

        return once

    cases = {
        "ours": start("ours", nrepl_lsp),
        "floor": start("floor", lambda: floor("bare_pygls")),
    }
    medians(cases, 1)
    found = medians(cases, rounds)
    return [Pair(found["ours"], found["floor"]), Pair(memory["ours"], memory["floor"])]


BENCHES = (Bench((START, MEMORY), run),)
