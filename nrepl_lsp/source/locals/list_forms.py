"""Steps of binding forms of Scheme and Racket, some of them of Common Lisp too."""

from ..tree import Node
from .binding_forms import child_at, define
from .named_steps import PATTERNS, step_named
from .walk import Group, Walker

__all__ = ["bind_first"]


@step_named("define")
def _define(walker: Walker, node: Node, number: int) -> int:
    """`(define name value)`, `(define (name . params) body)`, `(define ((name a) b) body)`."""
    child = child_at(node, number)
    if child is None:
        return number
    group = walker.group("parameter", child.end)
    while child.children:
        rest = Node("list", "(", child.start, child.end)
        rest.children = child.children[1:]
        walker.params(rest, group)
        child = child.children[0]
    define(walker, child)
    return number + 1


@step_named("arities")
def _arities(walker: Walker, node: Node, number: int) -> int:
    """`((params) body …) …`."""
    for child in node.children[number:]:
        walker.run(child, ("params",), 0)
    return len(node.children)


@step_named("parallel")
def _parallel(walker: Walker, node: Node, number: int) -> int:
    """`((name value) …)`, and before it the name of a loop: no value sees a name."""
    loop = child_at(node, number)
    if loop is not None and loop.kind == "symbol":
        number += 1
    child = child_at(node, number, "([")
    if child is None:
        return number
    for binding in child.children:
        walker.each(binding.children[1:])
    if loop is not None and loop.kind == "symbol":
        walker.bind(loop, walker.group("function", child.end))
    group = walker.group("local", child.end)
    for binding in child.children:
        bind_first(walker, binding, group)
    return number + 1


def bind_first(walker: Walker, binding: Node, group: Group) -> None:
    if binding.kind == "symbol":
        walker.pattern(binding, group)
    for name in binding.children[:1]:
        walker.pattern(name, group)


@step_named("sequential")
def _sequential(walker: Walker, node: Node, number: int) -> int:
    """`((name value) …)`: each value sees the names before it."""
    child = child_at(node, number, "([")
    if child is None:
        return number
    for binding in child.children:
        walker.each(binding.children[1:])
        if len(binding.children) == 1 and walker.rules.pattern == "scheme":
            # A condition of `and-let*`.
            walker.each(binding.children)
        else:
            bind_first(walker, binding, walker.group("local", binding.end))
    return number + 1


@step_named("recursive")
def _recursive(walker: Walker, node: Node, number: int) -> int:
    """`((name value) …)`: each value sees all names."""
    child = child_at(node, number, "([")
    if child is None:
        return number
    group = walker.group("local", child.body)
    for binding in child.children:
        bind_first(walker, binding, group)
    for binding in child.children:
        walker.each(binding.children[1:])
    return number + 1


@step_named("steps")
def _steps(walker: Walker, node: Node, number: int) -> int:
    """`do`: `((name value step) …)`, then `(test result …)`: the steps see the names."""
    child = child_at(node, number, "([")
    if child is None:
        return number
    for binding in child.children:
        walker.each(binding.children[1:2])
    group = walker.group("local", child.body)
    for binding in child.children:
        bind_first(walker, binding, group)
    for binding in child.children:
        walker.each(binding.children[2:])
    for test in node.children[number + 1 : number + 2]:
        walker.each(test.children)
    return number + 2


@step_named("guarded")
def _guarded(walker: Walker, node: Node, number: int) -> int:
    """`(guard (name clause …) body)`: only the clauses see the name."""
    child = child_at(node, number, "([")
    if child is None:
        return number
    mark, end = walker.mark(), walker.scope_end
    for name in child.children[:1]:
        walker.scope_end = child.inner_end
        walker.pattern(name, walker.group("local", name.end))
    walker.each(child.children[1:])
    walker.leave(mark)
    walker.scope_end = end
    return number + 1


@step_named("constants")
def _constants(walker: Walker, node: Node, number: int) -> int:
    """Clauses that begin with constants: `((a b) expression …)`."""
    for child in node.children[number:]:
        for constant in child.children[:1]:
            walker.data(constant)
        walker.run(child, (), 1)
    return len(node.children)


@step_named("match")
def _match(walker: Walker, node: Node, number: int) -> int:
    """Clauses that begin with a pattern."""
    for child in node.children[number:]:
        walker.run(child, ("match-pattern",), 0)
    return len(node.children)


@step_named("match-pattern")
def _match_pattern(walker: Walker, node: Node, number: int) -> int:
    for child in node.children[number : number + 1]:
        _bind_match(walker, child, child.end)
    return number + 1


def _bind_match(walker: Walker, pattern: Node, start: int) -> None:
    group = walker.group("local", start)
    # In Racket a list is headed by what makes it.
    group.pins = walker.rules.name == "racket"
    PATTERNS["scheme-match"](walker, pattern, group)


@step_named("parallel-match")
def _parallel_match(walker: Walker, node: Node, number: int) -> int:
    child = child_at(node, number, "([")
    if child is None:
        return number
    for binding in child.children:
        walker.each(binding.children[1:])
        for pattern in binding.children[:1]:
            _bind_match(walker, pattern, binding.end)
    return number + 1


@step_named("generators")
def _generators(walker: Walker, node: Node, number: int) -> int:
    """Racket's `([x xs] #:when c [y ys])`: those between two conditions do not see one another."""
    return _generate(walker, node, number, False)


@step_named("generators*")
def _nested_generators(walker: Walker, node: Node, number: int) -> int:
    return _generate(walker, node, number, True)


def _generate(walker: Walker, node: Node, number: int, nested: bool) -> int:
    children = node.children
    while number < len(children) and children[number].kind == "keyword":
        walker.each(children[number + 1 : number + 2])
        number += 2
    child = child_at(node, number, "([")
    if child is None:
        return min(number, len(children))
    waiting: list[Node] = []
    after_keyword = False
    for part in child.children:
        if after_keyword:
            walker.walk(part)
        elif part.is_list("([") and part.children:
            walker.each(part.children[1:])
            waiting.append(part)
        after_keyword = part.kind == "keyword"
        if nested or after_keyword:
            _bind_waiting(walker, waiting)
    _bind_waiting(walker, waiting)
    return number + 1


def _bind_waiting(walker: Walker, waiting: list[Node]) -> None:
    for binding in waiting:
        bind_first(walker, binding, walker.group("local", waiting[-1].end))
    waiting.clear()
