"""What a body defines for all of itself, as `define` does in Scheme."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..tree import Node
from .bound_names import Group

if TYPE_CHECKING:
    from .walk import Walker

__all__ = ["hoist"]


def hoist(walker: "Walker", node: Node, body: Sequence[Node]) -> None:
    """Bind what a body defines: it is visible in all of the body."""
    start = body[0].start - 1 if body else node.body
    group = Group("local", start, node.inner_end)
    waiting = list(reversed(body))
    while waiting:
        form = waiting.pop()
        parts = form.children
        if not form.is_list("(") or form.prefix or len(parts) < 2:
            continue
        how = walker.rules.hoists.get(parts[0].text)
        if how == "begin":
            waiting.extend(reversed(parts[1:]))
        elif how == "values":
            walker.pattern(parts[1], group)
        elif how == "define":
            _hoist_name(walker, parts[1], group)


def _hoist_name(walker: "Walker", target: Node, group: Group) -> None:
    group.kind = "function" if target.children else "local"
    while target.children:
        target = target.children[0]
    # A body in a body, as of `begin`, has bound it already.
    if target.kind == "symbol" and target.body not in walker.uses:
        walker.bind(target, group)
