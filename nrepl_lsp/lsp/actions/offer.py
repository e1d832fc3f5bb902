"""What a code action offers, before it is a `CodeAction` or a `Command`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Offer"]


@dataclass(frozen=True, slots=True)
class Offer:
    """
    One entry of the menu. Exactly one of `command`, `edit` and `deferred` says what it does.

    command: a command of ours and its argument. edit: a `WorkspaceEdit` as plain LSP data, ready.
    deferred: plain data from which `edits_for` (in `code_actions`) makes the edit once it is chosen; it holds
    `make`, the name of who makes it, and `uri` with the document's `version`.
    diagnostics: those it is a fix for. is_preferred: whether a key for "fix this" may take it.
    """

    kind: str
    title: str
    command: str | None = None
    argument: Mapping[str, Any] = field(default_factory=dict)
    edit: Mapping[str, Any] | None = None
    deferred: Mapping[str, Any] | None = None
    is_preferred: bool = False
