"""Steps of binding forms of Fennel and Janet (`locals/binding_forms.py` says what a step is)."""

from collections.abc import Sequence

from ..tree import Node
from .binding_forms import bind_pairs, child_at
from .named_steps import step_named
from .walk import Walker

__all__: list[str] = []


@step_named("clauses")
def _clauses(walker: Walker, node: Node, number: int) -> int:
    """Patterns and expressions in turn: what a pattern binds is visible in its expression."""
    return _match(walker, node, number, False)


@step_named("pinned-clauses")
def _pinned_clauses(walker: Walker, node: Node, number: int) -> int:
    """The same; a name that is bound already is compared."""
    return _match(walker, node, number, True)


@step_named("flat-clauses")
def _flat_clauses(walker: Walker, node: Node, number: int) -> int:
    return _match(walker, node, number, False)


def _match(walker: Walker, node: Node, number: int, pins: bool) -> int:
    children = node.children
    outer, end = walker.mark(), walker.scope_end
    while number < len(children):
        body = child_at(node, number + 1)
        walker.scope_end = body.end if body is not None else end
        group = walker.group("local", children[number].end)
        group.pins = pins or walker.rules.pattern == "janet"
        if children[number].kind in ("symbol", "list"):
            walker.pattern(children[number], group)
        else:
            walker.walk(children[number])
        if body is not None:
            walker.walk(body)
        walker.leave(outer)
        number += 2
    return len(children)


@step_named("chain")
def _chain(walker: Walker, node: Node, number: int) -> int:
    """Fennel's `case-try`: patterns and expressions in turn, all visible from then on."""
    children = node.children
    while number < len(children):
        if children[number].is_list("(") and children[number].children[:1]:
            if children[number].children[0].text == "catch":
                walker.walk(children[number])
                number += 1
                continue
        walker.pattern(children[number], walker.group("local", children[number].end))
        walker.each(children[number + 1 : number + 2])
        number += 2
    return len(children)


# Loops of Fennel


@step_named("target")
def _target(walker: Walker, node: Node, number: int) -> int:
    """What `declares` or `hoists` binds."""
    return number + 1


@step_named("iterator")
def _iterator(walker: Walker, node: Node, number: int) -> int:
    """`[k v (pairs t) &until c]`, `[i 1 10]`."""
    child = child_at(node, number, "[")
    if child is None:
        return number
    _iterate(walker, child, child.children)
    return number + 1


@step_named("accumulator")
def _accumulator(walker: Walker, node: Node, number: int) -> int:
    """`[total 0 k v (pairs t)]`, `[total 0 i 1 10]`."""
    child = child_at(node, number, "[")
    if child is None:
        return number
    bind_pairs(walker, child.children[:2], child.inner_end)
    _iterate(walker, child, child.children[2:])
    return number + 1


def _iterate(walker: Walker, child: Node, parts: Sequence[Node]) -> None:
    options = next((n for n, part in enumerate(parts) if part.text[:1] == "&"), len(parts))
    plain, rest = parts[:options], parts[options:]
    names = next((n for n, part in enumerate(plain) if n and not _is_pattern(part)), len(plain))
    if names == len(plain) and names > 1:
        # The iterator is a name: `[k v iterator]`.
        names -= 1
    for value in plain[names:]:
        walker.walk(value)
    group = walker.group("local", child.end)
    for name in plain[:names]:
        walker.pattern(name, group)
    walker.each(rest)


def _is_pattern(node: Node) -> bool:
    return node.kind == "symbol" or node.is_list("[{")


# Janet


@step_named("pattern-after-1")
def _after_one(walker: Walker, node: Node, number: int) -> int:
    """`(each x xs …)`: the value does not see the name."""
    return _after(walker, node, number, 1)


@step_named("pattern-after-2")
def _after_two(walker: Walker, node: Node, number: int) -> int:
    """`(for i 0 10 …)`."""
    return _after(walker, node, number, 2)


def _after(walker: Walker, node: Node, number: int, values: int) -> int:
    following = node.children[number + 1 : number + 1 + values]
    walker.each(following)
    for child in node.children[number : number + 1]:
        start = following[-1].end if following else child.end
        walker.pattern(child, walker.group("local", start))
    return number + 1 + values


@step_named("resource")
def _resource(walker: Walker, node: Node, number: int) -> int:
    """`[name constructor destructor]`."""
    child = child_at(node, number, "[")
    if child is None:
        return number
    walker.each(child.children[1:])
    for name in child.children[:1]:
        walker.pattern(name, walker.group("local", child.end))
    return number + 1


@step_named("handlers")
def _handlers(walker: Walker, node: Node, number: int) -> int:
    """`([err fiber] handler …)`, among other forms."""
    for child in node.children[number:]:
        if child.is_list("(") and child.children and child.children[0].is_list("["):
            walker.run(child, ("params",), 0)
        else:
            walker.walk(child)
    return len(node.children)


@step_named("verbs")
def _verbs(walker: Walker, node: Node, number: int) -> int:
    """`[x :in xs :let [y x] :when y]`."""
    child = child_at(node, number, "[")
    if child is None:
        return number
    parts, at = child.children, 0
    while at < len(parts):
        if parts[at].kind == "keyword":
            value = child_at(child, at + 1, "[")
            if parts[at].text == ":let" and value is not None:
                bind_pairs(walker, value.children, value.inner_end)
            else:
                walker.each(parts[at + 1 : at + 2])
            at += 2
            continue
        walker.each(parts[at + 1 : at + 3])
        start = parts[at + 2].end if at + 2 < len(parts) else child.inner_end
        walker.pattern(parts[at], walker.group("local", start))
        at += 3
    return number + 1
