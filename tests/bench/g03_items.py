"""G3: 5,000 completion items through our conversion, protocol and wire, without an nREPL."""

from contextlib import ExitStack

from tests.bench.driver import LspProcess, at, floor, module
from tests.bench.measure import Bench, Goal, Pair, medians
from tests.bench.samples import COMPLETION_PLACE

FLOOR = "asyncio + orjson, plain dicts"
FAST = Goal("G3", "completion of 5,000 items, no nREPL", FLOOR, "ms", 1.5)
STANDARD = Goal("G3", "the same with the standard library's json", FLOOR, "ms", 4.0)
ITEMS = 5_000


def run(rounds: int) -> list[Pair]:
    with ExitStack() as stack:
        servers: dict[str, LspProcess] = {
            "fast": stack.enter_context(module("tests.bench.canned", str(ITEMS))),
            "standard": stack.enter_context(module("tests.bench.canned", str(ITEMS), "stdlib")),
            "floor": stack.enter_context(floor("bridge", "canned", str(ITEMS))),
        }
        params = at("file:///core.clj", *COMPLETION_PLACE)
        method = "textDocument/completion"
        for server in servers.values():
            server.initialize()
            assert len(server.request(method, params)["items"]) == ITEMS
        cases = {
            name: lambda server=server: server.seconds(method, params)
            for name, server in servers.items()
        }
        medians(cases, 5)
        found = {name: value * 1e3 for name, value in medians(cases, rounds).items()}
    return [Pair(found["fast"], found["floor"]), Pair(found["standard"], found["floor"])]


BENCHES = (Bench((FAST, STANDARD), run),)
