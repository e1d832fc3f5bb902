"""An nREPL server with canned replies: as quick as one can be, so that only the bridge is measured.

`python -m tests.bench.floors.echo_nrepl CANDIDATES` prints its port and serves until it is killed.
The op `flood` sends `count` messages of the size of small output.
"""

import socket
import sys
import threading

from nrepl_lsp.nrepl.bencode import Decoder
from tests.bench.samples import bencode, candidates, info, small_message

OPS = (
    "clone",
    "close",
    "complete",
    "describe",
    "eval",
    "flood",
    "info",
    "load-file",
    "ns-list",
)
SESSION = "5e551017-0000-4000-8000-000000000000"


class Replies:
    """Replies made beforehand; only the id is put in when one is sent."""

    def __init__(self, count: int) -> None:
        versions = {"nrepl": {"major": 1, "minor": 0, "incremental": 0}}
        describe = {"aux": {}, "ops": {op: {} for op in OPS}, "versions": versions}
        self._parts = {
            "clone": self._split({"new-session": SESSION}),
            "complete": self._split({"completions": candidates(count)}),
            "describe": self._split(describe),
            "eval": self._split({"ns": "user", "value": "1"}),
            "info": self._split(info()),
            "ns-list": self._split({"ns-list": ["bench.core", "user"]}),
        }
        self._plain = self._split({})

    def _split(self, reply: dict[str, object]) -> tuple[bytes, bytes]:
        marker = "THE-ID"
        whole = bencode({**reply, "id": marker, "session": SESSION, "status": ["done"]})
        before, after = whole.split(bencode(marker))
        return before, after

    def to(self, op: str, request_id: str) -> bytes:
        before, after = self._parts.get(op, self._plain)
        return before + bencode(request_id) + after


def serve(connection: socket.socket, replies: Replies) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    decoder = Decoder()
    while received := connection.recv(65536):
        for request in decoder.feed(received):
            if request["op"] == "flood":
                connection.sendall(small_message() * request["count"])
            else:
                connection.sendall(replies.to(request["op"], request["id"]))


def main() -> None:
    replies = Replies(int(sys.argv[1]))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, replies), daemon=True).start()


if __name__ == "__main__":
    main()
