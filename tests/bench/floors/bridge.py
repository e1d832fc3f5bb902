"""The least that a bridge can be: JSON-RPC on asyncio stdio by hand, plain dicts, one op a request.

`python -m tests.bench.floors.bridge PORT` asks the nREPL server at that port. Without PORT it
answers completion from COUNT canned candidates: `python -m tests.bench.floors.bridge canned COUNT`.
No error handling, no documents, no cancelling: that is what makes it a floor.
"""

import asyncio
import sys
from typing import Any

import orjson

from nrepl_lsp.nrepl.bencode import Decoder
from tests.bench.samples import PREFIX, SYMBOL, bencode, candidates, completion, hover


class Repl(asyncio.Protocol):
    """One connection to the nREPL server; one request at a time."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._reply: asyncio.Future[dict[str, Any]] | None = None
        self._last_id = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        for message in self._decoder.feed(data):
            if self._reply is not None:
                self._reply.set_result(message)

    async def ask(self, request: dict[str, str]) -> dict[str, Any]:
        self._last_id += 1
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(bencode({**request, "id": str(self._last_id)}))
        return await self._reply


async def answer(message: dict[str, Any], repl: Repl | None, canned: list[dict[str, str]]) -> Any:
    match message["method"]:
        case "initialize":
            return {"capabilities": {"hoverProvider": True, "completionProvider": {}}}
        case "textDocument/hover" if repl is not None:
            return hover(await repl.ask({"op": "info", "symbol": SYMBOL, "ns": "bench.core"}))
        case "textDocument/completion":
            if repl is None:
                return completion(canned)
            request = {"op": "complete", "prefix": PREFIX, "ns": "bench.core"}
            return completion((await repl.ask(request))["completions"])
    return None


async def serve(repl: Repl | None, canned: list[dict[str, str]]) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    out = sys.stdout.buffer
    while header := await reader.readuntil(b"\r\n\r\n"):
        length = int(header.split(b":")[1].split()[0])
        message = orjson.loads(await reader.readexactly(length))
        if "id" not in message:
            continue
        result = await answer(message, repl, canned)
        body = orjson.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result})
        out.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        out.flush()


async def main(arguments: list[str]) -> None:
    if arguments[0] == "canned":
        await serve(None, candidates(int(arguments[1])))
        return
    loop = asyncio.get_running_loop()
    _, repl = await loop.create_connection(Repl, "127.0.0.1", int(arguments[0]))
    await serve(repl, [])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
