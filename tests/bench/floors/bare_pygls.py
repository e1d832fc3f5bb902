"""A pygls server with nothing added but a hover without an answer: `python -m ...bare_pygls`."""

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1", text_document_sync_kind=types.TextDocumentSyncKind.Incremental)


@server.feature(types.TEXT_DOCUMENT_HOVER)
async def hover(ls: LanguageServer, params: types.HoverParams) -> None:
    """Answer nothing; a reply says that everything sent before it has been worked on."""


if __name__ == "__main__":
    server.start_io()
