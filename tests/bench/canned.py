"""The product's answers without a REPL: its wire, protocol and conversion on canned candidates.

`python -m tests.bench.canned COUNT [stdlib]` serves stdio; with `stdlib` as if orjson were absent.
"""

import sys

if "stdlib" in sys.argv:
    sys.modules["orjson"] = None  # type: ignore[assignment]

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from nrepl_lsp.lsp.client import ClientFeatures
from nrepl_lsp.lsp.completing import completion_items
from nrepl_lsp.lsp.protocol import Protocol
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.stdio import serve_stdio
from nrepl_lsp.lsp.structuring import shared_converter
from nrepl_lsp.tooling.values import Candidate, Completions
from tests.bench.samples import candidates, completion_range


class Server(LanguageServer):
    """What `serve_stdio` serves, with nothing to close."""

    process_id = None
    client: ClientFeatures

    async def close(self) -> None:
        """Hold nothing, give nothing back."""


def create(count: int) -> Server:
    server = Server("canned", "1", protocol_cls=Protocol, converter_factory=shared_converter)
    kept = (Candidate(item["candidate"], item["type"], item["ns"]) for item in candidates(count))
    found = Completions(tuple(kept), False)

    @server.feature(types.INITIALIZE)
    async def initialize(ls: Server, params: types.InitializeParams) -> None:
        ls.client = ClientFeatures.from_capabilities(params)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION)
    async def answer(ls: Server, params: types.CompletionParams) -> Raw:
        data = {"uri": params.text_document.uri}
        items = completion_items.completion_list(
            found, limit=count, replace=completion_range(), data=data, client=ls.client
        )
        return Raw(items)

    return server


if __name__ == "__main__":
    sys.exit(serve_stdio(create(int(sys.argv[1]))))
