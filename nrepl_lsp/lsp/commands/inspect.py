"""The command that shows a value piece by piece."""

from typing import Any

from nrepl_lsp.lsp.server import NreplLanguageServer


async def inspect(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.inspect`: show a form's value, or go on in the one shown."""
    raise NotImplementedError
