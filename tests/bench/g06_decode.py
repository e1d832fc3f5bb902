"""G6: decoding a completion reply of 2,000 candidates, whole and in network-sized pieces."""

import time

from tests.bench.measure import Bench, Goal, Pair, Unavailable, medians
from tests.bench.samples import completions_message

SPEED = Goal("G6", "decoding 2,000 candidates", "bencode.py with utf-8", "ms", 0.5)
PIECES = Goal("G6", "the same in pieces of 1,460 bytes", "in one piece", "ms", 1.2)
CANDIDATES = 2_000
PIECE = 1_460


def run(rounds: int) -> list[Pair]:
    try:
        import bencodepy
    except ImportError:
        raise Unavailable("bencode.py is not installed: pip install --group bench") from None
    from nrepl_lsp.nrepl.bencode import Decoder

    data = completions_message(CANDIDATES)
    pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
    library = bencodepy.Bencode(encoding="utf-8")

    def whole() -> float:
        decoder = Decoder()
        start = time.perf_counter()
        messages = decoder.feed(data)
        seconds = time.perf_counter() - start
        assert len(messages[0]["completions"]) == CANDIDATES
        return seconds

    def in_pieces() -> float:
        decoder = Decoder()
        start = time.perf_counter()
        messages = [message for piece in pieces for message in decoder.feed(piece)]
        seconds = time.perf_counter() - start
        assert len(messages[0]["completions"]) == CANDIDATES
        return seconds

    def with_library() -> float:
        start = time.perf_counter()
        library.decode(data)
        return time.perf_counter() - start

    cases = {"whole": whole, "pieces": in_pieces, "library": with_library}
    medians(cases, 2)
    found = {name: value * 1e3 for name, value in medians(cases, rounds).items()}
    return [Pair(found["whole"], found["library"]), Pair(found["pieces"], found["whole"])]


BENCHES = (Bench((SPEED, PIECES), run),)
