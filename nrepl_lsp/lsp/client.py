"""What the client can do, resolved once from what it announced."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import attrs
from lsprotocol import types
from pygls.capabilities import get_capability

POSITION_ENCODINGS = ("utf-8", "utf-16", "utf-32")


@dataclass(frozen=True, slots=True)
class ClientFeatures:
    """Facts about one client. Nothing may depend on its name."""

    position_encoding: str
    """"utf-8", "utf-16" or "utf-32": the first of its list that we know, else utf-16."""

    hover_markdown: bool
    completion_markdown: bool
    """Whether documentation may be Markdown in a hover; in a completion item."""

    completion_default_edit_range: bool
    completion_default_data: bool
    """Which members of `CompletionList.itemDefaults` it applies."""
    completion_label_details: bool
    completion_kinds: frozenset[int]

    completion_snippets: bool
    """Whether an item's text may have places to fill in."""
    completion_deprecated_tag: bool
    """Whether an item may be tagged as deprecated."""

    signature_markdown: bool
    signature_label_offsets: bool
    """Whether a parameter may be a stretch of the signature's label, in UTF-16 units."""
    signature_active_parameter: bool
    """Whether each signature may have its own active parameter."""

    hierarchical_symbols: bool
    """Whether `DocumentSymbol` is taken; else only the flat `SymbolInformation`."""
    symbol_deprecated_tag: bool
    folding_lines_only: bool
    """Whether what is before and after on a fold's first and last line cannot be folded."""
    folding_limit: int | None
    """How many folds of a document it wants at most."""
    definition_links: bool
    """Whether `LocationLink` is taken where definitions are asked for."""

    code_action_literals: bool
    """Whether it takes `CodeAction`; else only `Command`."""
    code_action_resolves_edits: bool
    """Whether it asks for an action's edit when it is chosen, and gives our data back."""
    applies_edits: bool
    """Whether it answers `workspace/applyEdit`."""
    document_changes: bool
    """Whether an edit may name the version of the document it is for."""
    shows_documents: bool
    """Whether it answers `window/showDocument`."""

    semantic_token_types: frozenset[str]
    semantic_token_modifiers: frozenset[str]
    refreshes_semantic_tokens: bool
    """Whether it asks for tokens again when it is told that they have changed."""

    inlay_hints: bool
    """Whether it knows inlay hints; whether it shows them, it says by asking for them."""
    refreshes_inlay_hints: bool
    code_lenses: bool
    refreshes_code_lenses: bool
    related_information: bool
    """Whether a diagnostic may name other places."""
    work_done_progress: bool
    """Whether it answers `window/workDoneProgress/create`."""
    wants_output: bool
    wants_evaluations: bool
    wants_status: bool
    """Whether it opted in to these notifications (protocol-extensions.md)."""
    asks_for_input: bool
    """Whether it asks the user itself when code reads input."""

    workspace_symbols_resolve: bool
    """Whether a workspace symbol may come without its range, which is asked for when chosen."""

    registers: frozenset[str]
    """Members of `textDocument` and `workspace` that can be registered while it runs."""
    configuration: bool
    """Whether it answers `workspace/configuration`."""
    register_configuration: bool
    """Whether `workspace/didChangeConfiguration` can be registered."""

    @classmethod
    def from_capabilities(cls, params: types.InitializeParams) -> "ClientFeatures":
        """The features that `initialize` announced; absent is what LSP says it means."""
        ask = _Asker(params.capabilities)
        item = "text_document.completion.completion_item"
        signature = "text_document.signature_help.signature_information"
        defaults = ask.words("text_document.completion.completion_list.item_defaults")
        return cls(
            position_encoding=_position_encoding(ask.words("general.position_encodings")),
            hover_markdown=ask.prefers_markdown("text_document.hover.content_format"),
            completion_markdown=ask.prefers_markdown(f"{item}.documentation_format"),
            completion_default_edit_range="editRange" in defaults,
            completion_default_data="data" in defaults,
            completion_label_details=ask.flag(f"{item}.label_details_support"),
            # Without a value set a client knows the kinds of LSP 1.0: Text to Reference.
            completion_kinds=frozenset(
                ask.numbers("text_document.completion.completion_item_kind.value_set")
            )
            or frozenset(range(1, 19)),
            completion_snippets=ask.flag(f"{item}.snippet_support"),
            completion_deprecated_tag=types.CompletionItemTag.Deprecated
            in ask.numbers(f"{item}.tag_support.value_set"),
            signature_markdown=ask.prefers_markdown(f"{signature}.documentation_format"),
            signature_label_offsets=ask.flag(
                f"{signature}.parameter_information.label_offset_support"
            ),
            signature_active_parameter=ask.flag(f"{signature}.active_parameter_support"),
            hierarchical_symbols=ask.flag(
                "text_document.document_symbol.hierarchical_document_symbol_support"
            ),
            symbol_deprecated_tag=types.SymbolTag.Deprecated
            in ask.numbers("text_document.document_symbol.tag_support.value_set"),
            folding_lines_only=ask.flag("text_document.folding_range.line_folding_only"),
            folding_limit=ask.number("text_document.folding_range.range_limit"),
            definition_links=ask.flag("text_document.definition.link_support"),
            code_action_resolves_edits=(
                "edit" in ask.words("text_document.code_action.resolve_support.properties")
                and ask.flag("text_document.code_action.data_support")
            ),
            applies_edits=ask.flag("workspace.apply_edit"),
            document_changes=ask.flag("workspace.workspace_edit.document_changes"),
            shows_documents=ask.flag("window.show_document.support"),
            semantic_token_types=frozenset(ask.words("text_document.semantic_tokens.token_types")),
            semantic_token_modifiers=frozenset(
                ask.words("text_document.semantic_tokens.token_modifiers")
            ),
            refreshes_semantic_tokens=ask.flag("workspace.semantic_tokens.refresh_support"),
            inlay_hints=ask.has("text_document.inlay_hint"),
            refreshes_inlay_hints=ask.flag("workspace.inlay_hint.refresh_support"),
            code_lenses=ask.has("text_document.code_lens"),
            refreshes_code_lenses=ask.flag("workspace.code_lens.refresh_support"),
            related_information=ask.flag("text_document.publish_diagnostics.related_information"),
            work_done_progress=ask.flag("window.work_done_progress"),
            wants_output=ask.opted_in("output"),
            wants_evaluations=ask.opted_in("evaluation"),
            wants_status=ask.opted_in("status"),
            # It learns of such code by `nrepl/evaluation`.
            asks_for_input=ask.opted_in("input") and ask.opted_in("evaluation"),
            workspace_symbols_resolve="location.range"
            in ask.words("workspace.symbol.resolve_support.properties"),
            registers=ask.registrable(),
            code_action_literals=ask.has("text_document.code_action.code_action_literal_support"),
            configuration=ask.flag("workspace.configuration"),
            register_configuration=ask.flag(
                "workspace.did_change_configuration.dynamic_registration"
            ),
        )


class _Asker:
    """Looks capabilities up by their dotted path."""

    def __init__(self, capabilities: types.ClientCapabilities) -> None:
        self._capabilities = capabilities

    def has(self, path: str) -> bool:
        return get_capability(self._capabilities, path) is not None

    def flag(self, path: str) -> bool:
        return get_capability(self._capabilities, path) is True

    def words(self, path: str) -> list[str]:
        return [str(getattr(word, "value", word)) for word in self._sequence(path)]

    def prefers_markdown(self, path: str) -> bool:
        """Whether Markdown comes first: LSP has the formats in the order of preference."""
        return self.words(path)[:1] == ["markdown"]

    def numbers(self, path: str) -> list[int]:
        return [int(getattr(number, "value", number)) for number in self._sequence(path)]

    def number(self, path: str) -> int | None:
        value = get_capability(self._capabilities, path)
        return int(value) if value is not None else None

    def opted_in(self, name: str) -> bool:
        """Whether `experimental.nrepl` has a member that is true."""
        experimental = self._capabilities.experimental
        ours = experimental.get("nrepl") if isinstance(experimental, Mapping) else None
        return isinstance(ours, Mapping) and ours.get(name) is True

    def registrable(self) -> frozenset[str]:
        """The parts that announce `dynamicRegistration`, by lsprotocol's names."""
        found = set()
        for part in (self._capabilities.text_document, self._capabilities.workspace):
            for field in attrs.fields(type(part)) if part is not None else ():
                member = getattr(part, field.name)
                if getattr(member, "dynamic_registration", None) is True:
                    found.add(field.name)
        return frozenset(found)

    def _sequence(self, path: str) -> Iterable[Any]:
        return get_capability(self._capabilities, path) or ()


def _position_encoding(offered: list[str]) -> str:
    return next((encoding for encoding in offered if encoding in POSITION_ENCODINGS), "utf-16")
