"""What the client can do, resolved once from what it announced."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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

    code_action_literals: bool
    """Whether it takes `CodeAction`; else only `Command`."""
    configuration: bool
    """Whether it answers `workspace/configuration`."""
    register_configuration: bool
    """Whether `workspace/didChangeConfiguration` can be registered."""

    @classmethod
    def from_capabilities(cls, params: types.InitializeParams) -> "ClientFeatures":
        """The features that `initialize` announced; absent is what LSP says it means."""
        ask = _Asker(params.capabilities)
        item = "text_document.completion.completion_item"
        defaults = ask.words("text_document.completion.completion_list.item_defaults")
        return cls(
            position_encoding=_position_encoding(ask.words("general.position_encodings")),
            hover_markdown="markdown" in ask.words("text_document.hover.content_format"),
            completion_markdown="markdown" in ask.words(f"{item}.documentation_format"),
            completion_default_edit_range="editRange" in defaults,
            completion_default_data="data" in defaults,
            completion_label_details=ask.flag(f"{item}.label_details_support"),
            # Without a value set a client knows the kinds of LSP 1.0: Text to Reference.
            completion_kinds=frozenset(
                ask.numbers("text_document.completion.completion_item_kind.value_set")
            )
            or frozenset(range(1, 19)),
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

    def numbers(self, path: str) -> list[int]:
        return [int(getattr(number, "value", number)) for number in self._sequence(path)]

    def _sequence(self, path: str) -> Iterable[Any]:
        return get_capability(self._capabilities, path) or ()


def _position_encoding(offered: list[str]) -> str:
    return next((encoding for encoding in offered if encoding in POSITION_ENCODINGS), "utf-16")
