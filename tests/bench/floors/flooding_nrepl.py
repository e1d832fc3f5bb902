"""An nREPL server that floods: `flood` prints until it is interrupted, `value` is 100 MB long.

It prints its port and serves until it is killed. Everything else is answered at once.
"""

import asyncio

from nrepl_lsp.nrepl.bencode import Decoder, encode
from nrepl_lsp.nrepl.messages import Message

OPS = ("clone", "close", "describe", "eval", "interrupt", "lookup", "ns-list")
VALUE = 100_000_000
LINES = 200

DONE: Message = {"status": ["done"]}


class Peer:
    """One connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.flood: asyncio.Task[None] | None = None
        self.flooding = ""

    def answer(self, request: Message, *messages: Message) -> None:
        for message in messages:
            self.writer.write(encode({"id": request["id"], "session": "s" * 36, **message}))

    async def print_for_ever(self, request: Message) -> None:
        piece = encode({"id": request["id"], "session": "s" * 36, "out": "hello world\n"})
        while True:
            self.writer.write(piece * LINES)
            await self.writer.drain()

    def take(self, request: Message) -> None:
        match request.get("op"), request.get("code"):
            case "describe", _:
                self.answer(request, {"ops": {op: {} for op in OPS}, "versions": {}, **DONE})
            case "clone", _:
                self.answer(request, {"new-session": "s" * 36, **DONE})
            case "ns-list", _:
                self.answer(request, {"ns-list": ["user", "demo"], **DONE})
            case "lookup", _:
                info = {"ns": "clojure.core", "name": "map", "doc": "Applies f.", "arglists": "[f]"}
                self.answer(request, {"info": info, **DONE})
            case "eval", "flood":
                self.flooding = request["id"]
                self.flood = asyncio.create_task(self.print_for_ever(request))
            case "eval", "value":
                self.answer(request, {"value": "x" * VALUE}, DONE)
            case "interrupt", _ if self.flood is not None:
                self.flood.cancel()
                self.answer({"id": self.flooding}, {"status": ["done", "interrupted"]})
                self.answer(request, DONE)
                self.flood = None
            case _:
                self.answer(request, {"value": "1", "ns": "demo"}, DONE)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    peer, decoder = Peer(writer), Decoder()
    while data := await reader.read(65536):
        for request in decoder.feed(data):
            peer.take(request)
    if peer.flood is not None:
        peer.flood.cancel()
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
