"""The commands for results that are shown."""

from typing import Any

from nrepl_lsp.lsp.server import NreplLanguageServer


async def clear_results(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.clearResults`: take away the results, errors and failed tests in the document."""
    raise NotImplementedError


async def copy_result(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.copyResult`: hand out the whole value of the form at the cursor."""
    raise NotImplementedError
