"""`textDocument/typeDefinition`: the protocols of a type, the protocol of a method."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

METHOD = types.TEXT_DOCUMENT_TYPE_DEFINITION


async def type_definition(ls: NreplLanguageServer, params: types.TypeDefinitionParams) -> None:
    """Not there yet."""
