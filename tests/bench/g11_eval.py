"""G11: evaluating `1` on a live JVM nREPL, which sends value and `done` in two packets.

Such servers leave Nagle's algorithm on, so the second packet waits for our kernel's delayed ACK:
44 ms, unless TCP_QUICKACK is armed again after every read. A new connection hides it at first.
"""

import asyncio
import sys
import time

from tests.bench.measure import Bench, Goal, Pair, Unavailable, medians
from tests.bench.nrepl import BlockingClient
from tests.support import servers

EVAL = Goal("G11", "eval of 1 on nREPL 1.0.0 over TCP", "blocking socket, QUICKACK", "ms", 1.5)
WARM_UP = 50
ROUNDS = 200


def run(rounds: int) -> list[Pair]:
    from nrepl_lsp.nrepl import connect

    if sys.platform != "linux":
        raise Unavailable("TCP_QUICKACK is Linux'")
    if reason := servers.SERVERS["nrepl-1.0.0"].absent():
        raise Unavailable(f"nREPL 1.0.0 is not installed; {reason}")
    quick = rounds <= 2
    with servers.start("nrepl-1.0.0") as server, asyncio.Runner() as runner:
        connection = runner.run(connect(server.url))
        session = runner.run(connection.clone())
        client = BlockingClient(server.port)
        cloned = client.ask(b"d2:id1:02:op5:clonee")[0]["new-session"]
        request = {"op": "eval", "code": "1", "session": cloned}

        async def evaluate() -> float:
            start = time.perf_counter()
            result = await session.eval("1").result()
            seconds = time.perf_counter() - start
            assert result.values[-1:] in (["1"], ("1",))
            return seconds

        cases = {
            "ours": lambda: runner.run(evaluate()),
            "floor": lambda: client.seconds(request),
        }
        medians(cases, 2 if quick else WARM_UP)
        found = medians(cases, rounds if quick else ROUNDS)
        client.close()
        runner.run(connection.close())
    return [Pair(found["ours"] * 1e3, found["floor"] * 1e3)]


BENCHES = (Bench((EVAL,), run),)
