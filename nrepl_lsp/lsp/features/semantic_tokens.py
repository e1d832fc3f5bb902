"""`textDocument/semanticTokens`: what the running program knows of the names in a text."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

FULL = types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL
DELTA = types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA
RANGE = types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE
LEGEND = types.SemanticTokensLegend(token_types=["function"], token_modifiers=[])


async def full(ls: NreplLanguageServer, params: types.SemanticTokensParams) -> None:
    """Not there yet."""


async def delta(ls: NreplLanguageServer, params: types.SemanticTokensDeltaParams) -> None:
    """Not there yet."""


async def range_(ls: NreplLanguageServer, params: types.SemanticTokensRangeParams) -> None:
    """Not there yet."""
