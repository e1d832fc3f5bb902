"""What a code action offers, before it is a `CodeAction` or a `Command`, and what was asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lsprotocol import types

__all__ = ["Asked", "Offer"]


@dataclass(frozen=True, slots=True)
class Offer:
    """
    One entry of the menu. Exactly one of `command`, `edit` and `deferred` says what it does.

    command: a command of ours and its argument. edit: a `WorkspaceEdit` as plain LSP data, ready.
    deferred: plain data from which `edit_for` (in `code_actions`) makes the edit once it is
    chosen; it holds `make`, the name of who makes it, and `uri` with the document's `version`. An
    editor may ask for that edit to show it first, so whoever makes it runs no code of the user's.
    is_preferred: whether a key for "fix this" may take it. diagnostics: those it is a fix for.
    is_first: whether nothing else is of use before it.
    """

    kind: str
    title: str
    command: str | None = None
    argument: Mapping[str, Any] = field(default_factory=dict)
    edit: Mapping[str, Any] | None = None
    deferred: Mapping[str, Any] | None = None
    is_preferred: bool = False
    diagnostics: tuple[types.Diagnostic, ...] = ()
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What a menu is asked for.

    only: the kinds wanted, with all below them; None is everything. is_automatic: nobody has
    opened a menu, the cursor has moved.
    """

    only: tuple[str, ...] | None = None
    is_automatic: bool = False
    diagnostics: tuple[types.Diagnostic, ...] = ()

    @classmethod
    def of(cls, context: types.CodeActionContext) -> "Asked":
        """What a request's context says."""
        only = context.only
        return cls(
            None if only is None else tuple(str(getattr(kind, "value", kind)) for kind in only),
            context.trigger_kind == types.CodeActionTriggerKind.Automatic,
            tuple(context.diagnostics),
        )

    def wants(self, kind: str) -> bool:
        """Whether a kind is a wanted one or below it; an empty one is above all."""
        return self.only is None or any(_is_within(kind, wanted) for wanted in self.only)

    def wants_any(self, kinds: Iterable[str]) -> bool:
        """Whether one of the kinds is wanted."""
        return any(map(self.wants, kinds))

    def names(self, kind: str) -> bool:
        """Whether just this kind is asked for, as by a key that is bound to it."""
        return self.only is not None and kind in self.only

    def is_for(self, kind: str) -> bool:
        """Whether this kind or one above it is asked for by name, not just everything."""
        wanted = self.only or ()
        return any(one != "" and _is_within(kind, one) for one in wanted)


def _is_within(kind: str, wanted: str) -> bool:
    return wanted == "" or kind == wanted or kind.startswith(wanted + ".")
