"""What the client can do, resolved once from what it announced."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability

POSITION_ENCODINGS = ("utf-8", "utf-16", "utf-32")


@dataclass(frozen=True, slots=True)
class ClientFeatures:
    """Facts about one client. Nothing may depend on its name, which is for the log."""

    name: str
    process_id: int | None
    position_encoding: str
    """"utf-8", "utf-16" or "utf-32": the first of its list that we know, else utf-16."""

    hover_markdown: bool
    completion_markdown: bool
    """Whether documentation may be Markdown in a hover; in a completion item."""

    completion_snippets: bool
    completion_default_edit_range: bool
    completion_default_commit_characters: bool
    completion_default_insert_text_format: bool
    completion_default_data: bool
    """Which members of `CompletionList.itemDefaults` it applies."""
    completion_label_details: bool
    completion_insert_replace: bool
    completion_commit_characters: bool
    completion_deprecated: bool
    """Whether it knows the old `CompletionItem.deprecated`."""
    completion_deprecated_tag: bool
    completion_resolve: frozenset[str]
    """Properties of an item that may come with `completionItem/resolve`; LSP's minimum is
    documentation and detail."""
    completion_kinds: frozenset[int]

    definition_links: bool
    diagnostic_related_information: bool
    diagnostic_tags: bool

    code_action_literals: bool
    """Whether it takes `CodeAction`; else only `Command`."""
    code_action_kinds: frozenset[str]
    code_action_resolve: frozenset[str]
    code_action_disabled: bool
    code_action_data: bool

    work_done_progress: bool
    show_document: bool
    show_message_request: bool
    """Whether it says something about `window/showMessageRequest`; Emacs shows it without."""
    apply_edit: bool
    configuration: bool
    workspace_folders: bool
    register_configuration: bool
    """Whether `workspace/didChangeConfiguration` can be registered."""
    register_watched_files: bool
    register_text_document_content: bool
    text_document_content: bool
    inlay_hints: bool
    inlay_hint_refresh: bool
    diagnostic_refresh: bool
    code_lens_refresh: bool

    @classmethod
    def from_capabilities(cls, params: types.InitializeParams) -> "ClientFeatures":
        """The features that `initialize` announced; absent is what LSP says it means."""
        ask = _Asker(params.capabilities)
        item = "text_document.completion.completion_item"
        defaults = ask.words("text_document.completion.completion_list.item_defaults")
        action = "text_document.code_action"
        return cls(
            name=_name(params.client_info),
            process_id=params.process_id,
            position_encoding=_position_encoding(ask.words("general.position_encodings")),
            hover_markdown="markdown" in ask.words("text_document.hover.content_format"),
            completion_markdown="markdown" in ask.words(f"{item}.documentation_format"),
            completion_snippets=ask.flag(f"{item}.snippet_support"),
            completion_default_edit_range="editRange" in defaults,
            completion_default_commit_characters="commitCharacters" in defaults,
            completion_default_insert_text_format="insertTextFormat" in defaults,
            completion_default_data="data" in defaults,
            completion_label_details=ask.flag(f"{item}.label_details_support"),
            completion_insert_replace=ask.flag(f"{item}.insert_replace_support"),
            completion_commit_characters=ask.flag(f"{item}.commit_characters_support"),
            completion_deprecated=ask.flag(f"{item}.deprecated_support"),
            completion_deprecated_tag=1 in ask.numbers(f"{item}.tag_support.value_set"),
            completion_resolve=frozenset(ask.words(f"{item}.resolve_support.properties"))
            or frozenset({"documentation", "detail"}),
            # Without a value set a client knows the kinds of LSP 1.0: Text to Reference.
            completion_kinds=frozenset(
                ask.numbers("text_document.completion.completion_item_kind.value_set")
            )
            or frozenset(range(1, 19)),
            definition_links=ask.flag("text_document.definition.link_support"),
            diagnostic_related_information=ask.flag(
                "text_document.publish_diagnostics.related_information"
            ),
            diagnostic_tags=bool(
                ask.numbers("text_document.publish_diagnostics.tag_support.value_set")
            ),
            code_action_literals=ask.has(f"{action}.code_action_literal_support"),
            code_action_kinds=frozenset(
                ask.words(f"{action}.code_action_literal_support.code_action_kind.value_set")
            ),
            code_action_resolve=frozenset(ask.words(f"{action}.resolve_support.properties")),
            code_action_disabled=ask.flag(f"{action}.disabled_support"),
            code_action_data=ask.flag(f"{action}.data_support"),
            work_done_progress=ask.flag("window.work_done_progress"),
            show_document=ask.flag("window.show_document.support"),
            show_message_request=ask.has("window.show_message"),
            apply_edit=ask.flag("workspace.apply_edit"),
            configuration=ask.flag("workspace.configuration"),
            workspace_folders=ask.flag("workspace.workspace_folders"),
            register_configuration=ask.flag(
                "workspace.did_change_configuration.dynamic_registration"
            ),
            register_watched_files=ask.flag(
                "workspace.did_change_watched_files.dynamic_registration"
            ),
            register_text_document_content=ask.flag(
                "workspace.text_document_content.dynamic_registration"
            ),
            text_document_content=ask.has("workspace.text_document_content"),
            inlay_hints=ask.has("text_document.inlay_hint"),
            inlay_hint_refresh=ask.flag("workspace.inlay_hint.refresh_support"),
            diagnostic_refresh=ask.flag("workspace.diagnostics.refresh_support"),
            code_lens_refresh=ask.flag("workspace.code_lens.refresh_support"),
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

    def numbers(self, path: str) -> list[int]:
        return [int(getattr(number, "value", number)) for number in self._sequence(path)]

    def _sequence(self, path: str) -> Iterable[Any]:
        return get_capability(self._capabilities, path) or ()


def _position_encoding(offered: list[str]) -> str:
    return next((encoding for encoding in offered if encoding in POSITION_ENCODINGS), "utf-16")


def _name(client: types.ClientInfo | None) -> str:
    if client is None:
        return "an unnamed client"
    return f"{client.name} {client.version}" if client.version else client.name
