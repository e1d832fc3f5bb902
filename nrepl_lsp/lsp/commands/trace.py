"""The command that shows how an error came about."""

from typing import Any

from nrepl_lsp.lsp.server import NreplLanguageServer


async def show_trace(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.showTrace`: show the causes and frames of an error in a document."""
    raise NotImplementedError
