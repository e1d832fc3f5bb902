"""Which LSP requests belong to which feature, by the names that the settings use."""

from collections.abc import Mapping

from lsprotocol import types

__all__ = ["BESIDE_ANOTHER_SERVER", "FEATURES", "METHODS", "feature_of"]

METHODS: Mapping[str, tuple[str, ...]] = {
    "completion": (types.TEXT_DOCUMENT_COMPLETION,),
    "hover": (types.TEXT_DOCUMENT_HOVER,),
    "signatureHelp": (types.TEXT_DOCUMENT_SIGNATURE_HELP,),
    "definition": (types.TEXT_DOCUMENT_DEFINITION,),
    "declaration": (types.TEXT_DOCUMENT_DECLARATION,),
    "typeDefinition": (types.TEXT_DOCUMENT_TYPE_DEFINITION,),
    "implementation": (types.TEXT_DOCUMENT_IMPLEMENTATION,),
    "references": (types.TEXT_DOCUMENT_REFERENCES,),
    "callHierarchy": (
        types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY,
        types.CALL_HIERARCHY_INCOMING_CALLS,
        types.CALL_HIERARCHY_OUTGOING_CALLS,
    ),
    "workspaceSymbol": (types.WORKSPACE_SYMBOL,),
    "rename": (types.TEXT_DOCUMENT_PREPARE_RENAME, types.TEXT_DOCUMENT_RENAME),
    "formatting": (types.TEXT_DOCUMENT_FORMATTING,),
    "rangeFormatting": (types.TEXT_DOCUMENT_RANGE_FORMATTING,),
    "codeAction": (types.TEXT_DOCUMENT_CODE_ACTION,),
    "semanticTokens": (
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA,
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
    ),
    "documentSymbol": (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL,),
    "documentHighlight": (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT,),
    "foldingRange": (types.TEXT_DOCUMENT_FOLDING_RANGE,),
    "selectionRange": (types.TEXT_DOCUMENT_SELECTION_RANGE,),
}
"""Feature → its requests. `codeAction/resolve` and `completionItem/resolve` follow their parents."""

FEATURES = tuple(METHODS)

BESIDE_ANOTHER_SERVER = frozenset(
    {
        *("rename", "formatting", "rangeFormatting", "semanticTokens"),
        *("documentSymbol", "documentHighlight", "foldingRange", "selectionRange"),
    }
)
"""What the profile `complement` leaves to a server that reads the text only."""

_BY_METHOD = {method: name for name, methods in METHODS.items() for method in methods}


def feature_of(method: str) -> str | None:
    """The feature that a request belongs to; None for what cannot be switched off."""
    return _BY_METHOD.get(method)
