"""`textDocument/signatureHelp`: the arities of the call around the cursor."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_SIGNATURE_HELP
OPTIONS = types.SignatureHelpOptions(trigger_characters=["(", " "], retrigger_characters=[")"])


async def signature_help(ls: NreplLanguageServer, params: types.SignatureHelpParams) -> None:
    """Not there yet."""
