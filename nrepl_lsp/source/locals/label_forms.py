"""Steps of forms that write names which are no locals: of members, methods, types and vars."""

from ..tree import Node
from .binding_forms import child_at, define
from .named_steps import step_named
from .walk import Walker

__all__: list[str] = []


@step_named("label")
def _label(walker: Walker, node: Node, number: int) -> int:
    """The name of a method that is defined elsewhere."""
    for child in node.children[number : number + 1]:
        _name_label(walker, child)
    return number + 1


def _name_label(walker: Walker, child: Node) -> None:
    walker.metas(child)
    if child.kind == "symbol" and not child.prefix:
        walker.free[child.body] = child.end
        walker.labels.add(child.body)
    else:
        walker.walk(child)


@step_named("members")
def _members(walker: Walker, node: Node, number: int) -> int:
    """What is looked up in something: `a`, `(a argument …)`; of a list only the head is a name."""
    for child in node.children[number:]:
        if child.is_list("(") and child.children and not child.prefix:
            walker.metas(child)
            _name_label(walker, child.children[0])
            walker.each(child.children[1:])
        else:
            _name_label(walker, child)
    return len(node.children)


@step_named("member")
def _member(walker: Walker, node: Node, number: int) -> int:
    """One member, and then its arguments."""
    alone = Node("list", "(", node.start, node.end)
    alone.children = node.children[number : number + 1]
    _members(walker, alone, 0)
    return number + 1


@step_named("vars")
def _vars(walker: Walker, node: Node, number: int) -> int:
    """Vars and values in turn; no local hides a var here."""
    child = child_at(node, number, "[")
    if child is None:
        return number
    for name in child.children[::2]:
        if name.kind == "symbol" and not name.prefix:
            define(walker, name)
        else:
            walker.walk(name)
    walker.each(child.children[1::2])
    return number + 1
