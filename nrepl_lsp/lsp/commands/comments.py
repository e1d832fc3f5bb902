"""The commands that write results into the text."""

from typing import Any

from nrepl_lsp.lsp.server import NreplLanguageServer


async def eval_to_comment(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.evalToComment`: put the value of a form into a comment beside it."""
    raise NotImplementedError


async def replace_with_result(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.replaceWithResult`: put the value in the place of the form."""
    raise NotImplementedError


async def check_comments(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.checkComments`: mark such comments that are true no more."""
    raise NotImplementedError
