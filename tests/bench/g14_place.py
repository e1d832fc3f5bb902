"""G14: what signature help and highlight add, against what hover adds (G2)."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any

from tests.bench.driver import LspProcess, at, nrepl_lsp
from tests.bench.measure import Bench, Goal, Pair, Unavailable, beyond, samples
from tests.bench.nrepl import BlockingClient, echo_server, until
from tests.bench.samples import HOVER_PLACE, SOURCE, SYMBOL

SIGNATURE = Goal("G14", "signature help, beyond the op", "hover, beyond the op", "ms", 1.0)
HIGHLIGHT = Goal("G14", "highlight, which asks no program", "hover, beyond the op", "ms", 1.0)
# In the arguments of the call that hover is asked about.
CALL_PLACE = (HOVER_PLACE[0], SOURCE.splitlines()[HOVER_PLACE[0]].index("inc"))
# A difference of two short times needs more rounds than either of them.
TIMES = 5


def run(rounds: int) -> list[Pair]:
    with ExitStack() as stack:
        port = stack.enter_context(echo_server(1))
        client = stack.enter_context(closing(BlockingClient(port)))
        server = stack.enter_context(nrepl_lsp("--connect", f"nrepl://127.0.0.1:{port}"))
        server.initialize()
        uri = server.open("core.clj", SOURCE)
        request = {"op": "info", "symbol": SYMBOL, "ns": "bench.core"}
        cases = {
            "op": lambda: client.seconds(request),
            "hover": _case(server, "textDocument/hover", at(uri, *HOVER_PLACE)),
            "signature": _case(server, "textDocument/signatureHelp", at(uri, *CALL_PLACE)),
            "highlight": _case(server, "textDocument/documentHighlight", at(uri, *HOVER_PLACE)),
        }
        samples(cases, rounds)
        found = samples(cases, rounds * TIMES)
    hover = beyond(found["hover"], found["op"])
    if hover <= 0:
        raise Unavailable("the machine is too busy: hover took no longer than the op alone")
    signature = beyond(found["signature"], found["op"])
    highlight = beyond(found["highlight"], [0.0] * len(found["highlight"]))
    return [Pair(signature * 1e3, hover * 1e3), Pair(highlight * 1e3, hover * 1e3)]


def _case(server: LspProcess, method: str, params: Any) -> Callable[[], float]:
    """The request, once it has an answer."""
    until(lambda: server.request(method, params), f"an answer to {method}")
    return lambda: server.seconds(method, params)


BENCHES = (Bench((SIGNATURE, HIGHLIGHT), run),)
