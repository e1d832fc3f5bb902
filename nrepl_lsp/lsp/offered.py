"""The features that a user can switch on and off, and what each is called in LSP."""

from collections.abc import Mapping
from dataclasses import dataclass

from lsprotocol import types

__all__ = ["FEATURES", "Feature", "feature_of"]


@dataclass(frozen=True, slots=True)
class Feature:
    """
    name: as in the settings. provider, client: the members of `ServerCapabilities` and of the
    client's capabilities that are about it, by lsprotocol's names. methods: its requests; the
    first is the one to register, unless `registration` names another. is_textual: whether a server
    that only reads the text does it as well, so that the profile `complement` leaves it to that.
    """

    name: str
    provider: str
    client: str
    methods: tuple[str, ...]
    is_textual: bool = False
    registration: str = ""

    @property
    def registered_method(self) -> str:
        """What `client/registerCapability` calls it."""
        return self.registration or self.methods[0]


_ALL = (
    Feature("completion", "completion_provider", "completion", (types.TEXT_DOCUMENT_COMPLETION,)),
    Feature("hover", "hover_provider", "hover", (types.TEXT_DOCUMENT_HOVER,)),
    Feature(
        "signatureHelp",
        "signature_help_provider",
        "signature_help",
        (types.TEXT_DOCUMENT_SIGNATURE_HELP,),
    ),
    Feature("definition", "definition_provider", "definition", (types.TEXT_DOCUMENT_DEFINITION,)),
    Feature(
        "declaration",
        "declaration_provider",
        "declaration",
        (types.TEXT_DOCUMENT_DECLARATION,),
        is_textual=True,
    ),
    Feature(
        "typeDefinition",
        "type_definition_provider",
        "type_definition",
        (types.TEXT_DOCUMENT_TYPE_DEFINITION,),
    ),
    Feature(
        "implementation",
        "implementation_provider",
        "implementation",
        (types.TEXT_DOCUMENT_IMPLEMENTATION,),
        is_textual=True,
    ),
    Feature(
        "references",
        "references_provider",
        "references",
        (types.TEXT_DOCUMENT_REFERENCES,),
        is_textual=True,
    ),
    Feature(
        "callHierarchy",
        "call_hierarchy_provider",
        "call_hierarchy",
        (
            types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY,
            types.CALL_HIERARCHY_INCOMING_CALLS,
            types.CALL_HIERARCHY_OUTGOING_CALLS,
        ),
        is_textual=True,
    ),
    Feature("workspaceSymbol", "workspace_symbol_provider", "symbol", (types.WORKSPACE_SYMBOL,)),
    Feature(
        "codeAction", "code_action_provider", "code_action", (types.TEXT_DOCUMENT_CODE_ACTION,)
    ),
    Feature("inlayHint", "inlay_hint_provider", "inlay_hint", (types.TEXT_DOCUMENT_INLAY_HINT,)),
    Feature("codeLens", "code_lens_provider", "code_lens", (types.TEXT_DOCUMENT_CODE_LENS,)),
    Feature(
        "rename",
        "rename_provider",
        "rename",
        (types.TEXT_DOCUMENT_RENAME, types.TEXT_DOCUMENT_PREPARE_RENAME),
        is_textual=True,
    ),
    Feature(
        "formatting",
        "document_formatting_provider",
        "formatting",
        (types.TEXT_DOCUMENT_FORMATTING,),
        is_textual=True,
    ),
    Feature(
        "rangeFormatting",
        "document_range_formatting_provider",
        "range_formatting",
        (types.TEXT_DOCUMENT_RANGE_FORMATTING,),
        is_textual=True,
    ),
    Feature(
        "semanticTokens",
        "semantic_tokens_provider",
        "semantic_tokens",
        (
            types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
            types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA,
            types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
        ),
        is_textual=True,
        registration="textDocument/semanticTokens",
    ),
    Feature(
        "documentSymbol",
        "document_symbol_provider",
        "document_symbol",
        (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL,),
        is_textual=True,
    ),
    Feature(
        "documentHighlight",
        "document_highlight_provider",
        "document_highlight",
        (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT,),
        is_textual=True,
    ),
    Feature(
        "foldingRange",
        "folding_range_provider",
        "folding_range",
        (types.TEXT_DOCUMENT_FOLDING_RANGE,),
        is_textual=True,
    ),
    Feature(
        "selectionRange",
        "selection_range_provider",
        "selection_range",
        (types.TEXT_DOCUMENT_SELECTION_RANGE,),
        is_textual=True,
    ),
)

FEATURES: Mapping[str, Feature] = {feature.name: feature for feature in _ALL}
"""Every feature by its name, in the order of the documentation."""

_BY_METHOD = {method: feature for feature in _ALL for method in feature.methods}


def feature_of(method: str) -> Feature | None:
    """The feature that a request belongs to; None for what cannot be switched off.

    `codeAction/resolve` and `completionItem/resolve` follow what they resolve.
    """
    return _BY_METHOD.get(method)
