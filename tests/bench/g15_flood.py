"""G15: code that prints for ever, or a value of 100 MB, beside somebody who goes on working.

The nREPL server is one of our own in a process of its own, which floods as fast as its connection
takes it: the real ones are slower. It answers hover while it floods, as JVM servers do.
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.driver import LspProcess, at, nrepl_lsp
from tests.bench.measure import Bench, Goal, Pair, Unavailable

HOVER = Goal("G15", "p95 of hover while the program prints for ever", "allowed", "ms", 1.0)
MEMORY = Goal("G15", "memory taken by the flood, and a value of 100 MB", "allowed", "MB", 1.0)

TEXT = "(ns demo)\n\n(defn area [shape]\n  (map inc shape))\n"
HOVERS = 100


@contextmanager
def flooding() -> Iterator[str]:
    """The URL of a server that prints for ever when it is asked to."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.floors.flooding_nrepl"],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise Unavailable("the flooding nREPL server did not start")
        yield f"nrepl://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def evaluate(server: LspProcess, uri: str, code: str, **more: bool) -> str:
    argument = {"uri": uri, "code": code, **more}
    params = {"command": "nrepl.evalCode", "arguments": [argument]}
    return str(server.request("workspace/executeCommand", params)["status"])


def run(rounds: int) -> list[Pair]:
    """Measure once; `rounds` tells only how often hover is asked."""
    hovers = HOVERS if rounds > 2 else 10
    with flooding() as url, nrepl_lsp("--connect", url) as server:
        server.initialize()
        uri = server.open("demo.clj", TEXT)
        place = at(uri, 3, 4)
        for _ in range(200):
            # It is attached a moment later.
            if evaluate(server, uri, "1", wait=True) == "done":
                break
        else:
            raise Unavailable("nrepl-lsp did not attach to the flooding server")
        for _ in range(5):
            server.request("textDocument/hover", place)
        before = peak = server.resident_bytes()
        if evaluate(server, uri, "flood") != "running":
            raise Unavailable("the flood ended by itself")
        times = []
        for _ in range(hovers):
            times.append(server.seconds("textDocument/hover", place))
            peak = max(peak, server.resident_bytes())
        server.request(
            "workspace/executeCommand",
            {"command": "nrepl.interrupt", "arguments": [{"uri": uri, "wait": True}]},
        )
        evaluate(server, uri, "value", wait=True)
        peak = max(peak, server.resident_bytes())
    slow = statistics.quantiles(times, n=20)[-1]
    return [Pair(slow * 1e3, 200.0), Pair((peak - before) / 1e6, 100.0)]


BENCHES = (Bench((HOVER, MEMORY), run),)
