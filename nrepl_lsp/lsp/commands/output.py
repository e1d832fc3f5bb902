"""The command that shows what was printed."""

from typing import Any

from nrepl_lsp.lsp.server import NreplLanguageServer


async def show_output(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.showOutput`: open the transcript of the document's program."""
    raise NotImplementedError
