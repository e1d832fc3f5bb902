"""Steps of binding forms of Common Lisp (`locals/binding_forms.py` says what a step is)."""

from collections.abc import Sequence

from ..tree import Node
from .binding_forms import child_at
from .list_forms import bind_first
from .named_steps import PATTERNS, step_named
from .walk import Walker

__all__: list[str] = []


@step_named("qualifiers")
def _qualifiers(walker: Walker, node: Node, number: int) -> int:
    """`:around` and the like before a method's parameters."""
    while number < len(node.children) and node.children[number].kind != "list":
        walker.walk(node.children[number])
        number += 1
    return number


@step_named("specialised")
def _specialised(walker: Walker, node: Node, number: int) -> int:
    child = child_at(node, number, "(")
    if child is not None:
        PATTERNS["specialised"](walker, child, walker.group("parameter", child.end))
    return number + 1


@step_named("params-after-1")
def _params_after(walker: Walker, node: Node, number: int) -> int:
    """`(destructuring-bind params value …)`: the value does not see the names."""
    walker.each(node.children[number + 1 : number + 2])
    for child in node.children[number : number + 1]:
        start = node.children[number + 1].end if child_at(node, number + 1) else child.end
        walker.params(child, walker.group("local", start))
    return number + 2


@step_named("entry")
def _entry(walker: Walker, node: Node, number: int) -> int:
    """`(name value …)`, as of `dolist` and `with-open-file`."""
    child = child_at(node, number, "(")
    if child is None:
        return number
    walker.each(child.children[1:2])
    for name, start in zip(
        child.children[:1], [child.children[1:2] or child.children], strict=False
    ):
        walker.pattern(name, walker.group("local", start[0].end))
    walker.each(child.children[2:])
    return number + 1


@step_named("slots")
def _slots(walker: Walker, node: Node, number: int) -> int:
    """`(slot (name slot) …)` and what has them."""
    walker.each(node.children[number + 1 : number + 2])
    child = child_at(node, number, "(")
    if child is not None:
        group = walker.group("local", child.end)
        for slot in child.children:
            for other in slot.children[1:]:
                walker.data(other)
            bind_first(walker, slot, group)
            if slot.body in walker.binding:
                walker.keyed[slot.body] = "field"
    return number + 2


@step_named("separate-functions")
def _separate_functions(walker: Walker, node: Node, number: int) -> int:
    """`flet`: functions that do not see one another."""
    child = child_at(node, number, "(")
    if child is None:
        return number
    named = [one for one in child.children if one.is_list("(") and one.children]
    for one in named:
        walker.run(one, ("params",), 1)
    group = walker.group("function", child.end)
    for one in named:
        if one.children[0].kind == "symbol":
            walker.bind(one.children[0], group, function=True)
    return number + 1


@step_named("named-clauses")
def _named_clauses(walker: Walker, node: Node, number: int) -> int:
    """`(condition (name) body …)`."""
    for child in node.children[number:]:
        if child.is_list("("):
            for condition in child.children[:1]:
                walker.data(condition)
            walker.run(child, ("params",), 1)
        else:
            walker.walk(child)
    return len(node.children)


@step_named("cond")
def _cond(walker: Walker, node: Node, number: int) -> int:
    """Clauses whose first form is no function."""
    for child in node.children[number:]:
        walker.each(child.children or [child])
    return len(node.children)


@step_named("function")
def _function(walker: Walker, node: Node, number: int) -> int:
    for child in node.children[number:]:
        if child.kind == "symbol":
            walker.use(child, function=True)
        else:
            walker.walk(child)
    return len(node.children)


@step_named("loop")
def _loop(walker: Walker, node: Node, number: int) -> int:
    """`for x in xs with y = 1 collect x into z`: names are visible from there on."""
    word = ""
    for at, child in enumerate(node.children[number:], number):
        is_name = word in ("for", "as", "with", "into") and child.kind in ("symbol", "list")
        if is_name:
            walker.pattern(child, walker.group("local", child.end))
        else:
            walker.walk(child)
        is_word = child.kind in ("symbol", "keyword") and not is_name
        word = child.text.lower().lstrip(":") if is_word else ""
        if word == "and" and _declares_more(node.children[at + 2 : at + 3]):
            word = "for"
    return len(node.children)


def _declares_more(after: Sequence[Node]) -> bool:
    """Whether `and` goes on with another variable, by what comes after that: `and y = 2`."""
    return any(
        one.text.lower().lstrip(":") in ("=", "in", "on", "from", "across", "being")
        for one in after
    )
