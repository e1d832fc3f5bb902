"""The call hierarchy: who calls a function, and whom it calls."""

from lsprotocol import types

from nrepl_lsp.lsp.server import NreplLanguageServer

PREPARE = types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY
INCOMING = types.CALL_HIERARCHY_INCOMING_CALLS
OUTGOING = types.CALL_HIERARCHY_OUTGOING_CALLS


async def prepare(ls: NreplLanguageServer, params: types.CallHierarchyPrepareParams) -> None:
    """Not there yet."""


async def incoming(ls: NreplLanguageServer, params: types.CallHierarchyIncomingCallsParams) -> None:
    """Not there yet."""


async def outgoing(ls: NreplLanguageServer, params: types.CallHierarchyOutgoingCallsParams) -> None:
    """Not there yet."""
