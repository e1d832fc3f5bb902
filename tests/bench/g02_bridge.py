"""G2 and G4: what the bridge adds to the nREPL op when it answers hover and completion."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any

from tests.bench.driver import LspProcess, at, floor, nrepl_lsp
from tests.bench.measure import Bench, Goal, Pair, Unavailable, beyond, samples
from tests.bench.nrepl import BlockingClient, echo_server, until
from tests.bench.samples import COMPLETION_PLACE, HOVER_PLACE, PREFIX, SOURCE, SYMBOL

HOVER = Goal("G2", "hover, beyond the op", "floor bridge, beyond the op", "ms", 1.8)
COMPLETION = Goal(
    "G4", "completion of 1,000, beyond the op", "floor bridge, beyond the op", "ms", 1.8
)
CANDIDATES = 1_000
# A difference of two short times needs more rounds than either of them.
TIMES = 5


def run_hover(rounds: int) -> list[Pair]:
    def answered(result: Any) -> str:
        return "" if SYMBOL in str(result) else "the answer lacks the symbol"

    request = {"op": "info", "symbol": SYMBOL, "ns": "bench.core"}
    return [_run("textDocument/hover", HOVER_PLACE, request, answered, rounds)]


def run_completion(rounds: int) -> list[Pair]:
    def answered(result: Any) -> str:
        items = result["items"] if isinstance(result, dict) else result
        return "" if len(items) == CANDIDATES else f"{len(items)} of {CANDIDATES} items"

    request = {"op": "complete", "prefix": PREFIX, "ns": "bench.core"}
    return [_run("textDocument/completion", COMPLETION_PLACE, request, answered, rounds)]


def _run(
    method: str,
    place: tuple[int, int],
    request: dict[str, str],
    fault: Callable[[Any], str],
    rounds: int,
) -> Pair:
    with ExitStack() as stack:
        port = stack.enter_context(echo_server(CANDIDATES))
        client = stack.enter_context(closing(BlockingClient(port)))
        ours = stack.enter_context(nrepl_lsp("--connect", f"nrepl://127.0.0.1:{port}"))
        bridge = stack.enter_context(floor("bridge", str(port)))
        case = _ready(ours, method, place, fault)
        cases = {
            "op": lambda: client.seconds(request),
            "ours": case,
            "floor": _ready(bridge, method, place, fault),
        }
        samples(cases, rounds)
        found = samples(cases, rounds * TIMES)
    ours, base = beyond(found["ours"], found["op"]), beyond(found["floor"], found["op"])
    if base <= 0:
        raise Unavailable("the machine is too busy: the floor took no longer than the op alone")
    return Pair(ours * 1e3, base * 1e3)


def _ready(
    server: LspProcess, method: str, place: tuple[int, int], fault: Callable[[Any], str]
) -> Callable[[], float]:
    """The request as a case, once it is answered as it should be: the REPL may not be there yet."""
    server.initialize()
    params = at(server.open("core.clj", SOURCE), *place)

    def answer() -> Any:
        result = server.request(method, params)
        return result if result is not None and not fault(result) else None

    until(answer, f"an answer to {method} from the REPL")
    return lambda: server.seconds(method, params)


BENCHES = (Bench((HOVER,), run_hover), Bench((COMPLETION,), run_completion))
