"""G7: a stream of small messages, read by our transport and decoded, against a blocking socket."""

import asyncio
import socket
import time

from nrepl_lsp.nrepl.address import Address
from nrepl_lsp.nrepl.bencode import Decoder
from nrepl_lsp.nrepl.transport import open_tcp
from tests.bench.measure import Bench, Goal, Pair, medians
from tests.bench.nrepl import echo_server
from tests.bench.samples import bencode

STREAM = Goal(
    "G7",
    "stream of 112-byte messages",
    "blocking socket, same decoder",
    "messages/s",
    0.9,
    at_least=True,
)
MESSAGES = 20_000


class Counter:
    """The sink of a transport: decodes, and counts up to MESSAGES."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self.expect()

    def expect(self) -> None:
        self._left = MESSAGES
        self.all_here = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self._left -= len(self._decoder.feed(data))
        if self._left == 0:
            self.all_here.set_result(None)

    def stream_ended(self, cause: Exception | None) -> None:
        pass


def run(rounds: int) -> list[Pair]:
    flood = bencode({"op": "flood", "count": MESSAGES})
    with echo_server(1) as port, asyncio.Runner() as runner:

        async def connect() -> tuple[Counter, object]:
            counter = Counter()
            return counter, await open_tcp(Address.parse(f"nrepl://127.0.0.1:{port}"), counter)

        counter, stream = runner.run(connect())

        async def read_all() -> float:
            counter.expect()
            start = time.perf_counter()
            stream.write(flood)
            await counter.all_here
            return MESSAGES / (time.perf_counter() - start)

        with socket.create_connection(("127.0.0.1", port)) as plain:

            def block() -> float:
                decoder, left = Decoder(), MESSAGES
                start = time.perf_counter()
                plain.sendall(flood)
                while left:
                    left -= len(decoder.feed(plain.recv(1 << 18)))
                return MESSAGES / (time.perf_counter() - start)

            cases = {"ours": lambda: runner.run(read_all()), "floor": block}
            medians(cases, 2)
            found = medians(cases, rounds)
        stream.close()
        runner.run(asyncio.sleep(0))
    return [Pair(found["ours"], found["floor"])]


BENCHES = (Bench((STREAM,), run),)
