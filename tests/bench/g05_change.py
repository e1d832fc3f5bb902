"""G5: typing a character in a long document, from the bytes to the changed text.

Measured from outside, the same way for both servers: a batch of changes and then a hover over a
document that nobody opened, less that hover alone, by the number of changes. The hover's reply
says that the changes before it are done, and costs no look at the text.
"""

from collections.abc import Callable

from tests.bench.driver import Json, LspProcess, at, floor, frame, nrepl_lsp
from tests.bench.measure import Bench, Goal, Pair, medians
from tests.bench.samples import DOCUMENT_CHARS, SMALL_CHARS, clojure_text

SPEED = Goal("G5", "didChange of 1 character, 200 KB", "pygls, the same change", "us", 0.2)
SIZE = Goal("G5", "didChange of 1 character, 200 KB", "ours at 2 KB", "us", 1.5)
BATCH = 40


class Typing:
    """Types characters into the middle of one document of one server."""

    def __init__(self, server: LspProcess, chars: int) -> None:
        self._server = server
        text = clojure_text(chars)
        self._uri = server.open(f"typed{chars}.clj", text)
        self._place = {"line": text.count("\n") // 2, "character": 0}
        self._version = 1

    def changes(self) -> bytes:
        return b"".join(self._change() for _ in range(BATCH))

    def _change(self) -> bytes:
        self._version += 1
        # A character comes and goes, so that the document stays as long as it is.
        start, end, text = self._place, {**self._place, "character": 1}, ""
        if self._version % 2 == 0:
            end, text = start, "x"
        change = {"range": {"start": start, "end": end}, "text": text}
        document = {"uri": self._uri, "version": self._version}
        params: Json = {"textDocument": document, "contentChanges": [change]}
        return frame({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params})


def _cases(name: str, server: LspProcess) -> dict[str, Callable[[], float]]:
    server.initialize()
    params = at((server.root / "absent.clj").as_uri(), 0, 0)
    long, short = Typing(server, DOCUMENT_CHARS), Typing(server, SMALL_CHARS)

    def timed(typing: Typing | None) -> Callable[[], float]:
        return lambda: server.seconds(
            "textDocument/hover", params, typing.changes() if typing else b""
        )

    return {f"{name} long": timed(long), f"{name} short": timed(short), name: timed(None)}


def run(rounds: int) -> list[Pair]:
    with nrepl_lsp() as ours, floor("bare_pygls") as pygls:
        cases = {**_cases("ours", ours), **_cases("pygls", pygls)}
        medians(cases, 3)
        found = medians(cases, rounds)
    ours_long = (found["ours long"] - found["ours"]) / BATCH * 1e6
    ours_short = (found["ours short"] - found["ours"]) / BATCH * 1e6
    pygls_long = (found["pygls long"] - found["pygls"]) / BATCH * 1e6
    return [Pair(ours_long, pygls_long), Pair(ours_long, ours_short)]


BENCHES = (Bench((SPEED, SIZE), run),)
