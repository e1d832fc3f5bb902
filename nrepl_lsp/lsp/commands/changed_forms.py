"""The command that brings the program up to date with the text."""

from typing import Any

from nrepl_lsp.lsp.server import NreplLanguageServer


async def eval_changed_forms(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalChangedForms`: evaluate the forms that the program has not yet."""
    raise NotImplementedError
