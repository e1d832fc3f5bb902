"""Steps of binding forms of Hy (`locals/binding_forms.py` says what a step is)."""

from collections.abc import Iterator, Sequence

from ..tree import Node
from .binding_forms import bind_pairs, child_at
from .named_steps import step_named
from .walk import Group, Walker

__all__: list[str] = []

HIDDEN_LIMIT = 500
"""How many names of `let` around a place are told from those of its function."""


@step_named("options")
def _options(walker: Walker, node: Node, number: int) -> int:
    """What stands before a name: `:async`, `:tp [T]`, `[decorators]`."""
    children = node.children
    while number < len(children) - 1:
        child = children[number]
        if child.kind == "keyword":
            walker.each(children[number + 1 : number + 2] if child.text == ":tp" else [])
            number += 2 if child.text == ":tp" else 1
        elif child.is_list("["):
            walker.walk(child)
            number += 1
        else:
            break
    return number


@step_named("hy-fn")
def _hy_fn(walker: Walker, node: Node, number: int) -> int:
    """Parameters, and the names that the function assigns to: they are its own all through it."""
    while number < len(node.children) and node.children[number].kind == "keyword":
        number += 1
    params = child_at(node, number, "[")
    if params is None:
        return number
    group = walker.group("parameter", params.end)
    walker.params(params, group)
    body = node.children[number + 1 :]
    others = {walker.key(name) for name in _of_others(body)}
    for kind, targets, hidden in _assigned(body):
        _assign(walker, targets, group, others | {walker.key(name) for name in hidden}, kind)
    return number + 1


def _assign(
    walker: Walker, targets: Sequence[Node], group: Group, others: set[str], kind: str
) -> None:
    for node in _names(targets):
        key = walker.key(node.text)
        if key not in others and key not in group.names:
            group.kind = kind
            walker.bind(node, group)


def _assigned(body: Sequence[Node]) -> Iterator[tuple[str, list[Node], frozenset[str]]]:
    """What the forms of a function's body assign to, without those of functions in it."""
    for head, parts, hidden in _statements(body):
        if head in ("setv", "setx"):
            yield "local", parts[::2], hidden
        elif head in ("for", "with", "with/a") and parts and parts[0].is_list("["):
            yield "local", list(_targets(head, parts[0].children)), hidden
        elif head in ("defn", "defn/a", "defclass"):
            yield "function", [part for part in parts if part.kind == "symbol"][:1], hidden


def _of_others(body: Sequence[Node]) -> Iterator[str]:
    for head, parts, _ in _statements(body):
        if head in ("global", "nonlocal"):
            yield from (part.text for part in parts)


def _statements(body: Sequence[Node]) -> Iterator[tuple[str, list[Node], frozenset[str]]]:
    """The lists in a function's body: head, what follows it, and the names that `let` hides."""
    nothing: frozenset[str] = frozenset()
    waiting = [(node, nothing) for node in reversed(body)]
    while waiting:
        node, hidden = waiting.pop()
        if node.prefix in ("'", "`") or not node.children:
            continue
        head = node.children[0].text if node.is_list("(") else ""
        yield head, node.children[1:], hidden
        if head == "let" and len(hidden) < HIDDEN_LIMIT:
            targets = [one for pairs in node.children[1:2] for one in pairs.children[::2]]
            hidden |= {name.text for name in _names(targets)}
        if head not in _OWN_SCOPES:
            waiting.extend((child, hidden) for child in reversed(node.children))


def _names(targets: Sequence[Node]) -> Iterator[Node]:
    waiting = list(reversed(targets))
    while waiting:
        node = waiting.pop()
        waiting.extend(reversed(node.children))
        if node.kind == "symbol" and "." not in node.text:
            yield node


_OWN_SCOPES = frozenset(
    {"fn", "fn/a", "defn", "defn/a", "defmacro", "defclass", "quote", "quasiquote"}
)


def _targets(head: str, children: Sequence[Node]) -> Iterator[Node]:
    """What `for` or `with` assigns to, in its list."""
    if head != "for":
        if len(children) > 1:
            yield from children[: len(children) // 2 * 2 : 2]
        return
    number = 0
    while number < len(children):
        if children[number].kind != "keyword":
            yield children[number]
        elif children[number].text == ":setv":
            yield from children[number + 1 : number + 2]
            number += 1
        number += 1 if children[number : number + 1] and children[number].text == ":async" else 2


@step_named("targets")
def _set(walker: Walker, node: Node, number: int) -> int:
    """`setv`: its targets are names already, or belong to the module."""
    walker.each(node.children[number:])
    return len(node.children)


@step_named("loop-targets")
@step_named("with-targets")
def _loop(walker: Walker, node: Node, number: int) -> int:
    child = child_at(node, number, "[")
    if child is not None:
        walker.walk(child)
        number += 1
    return number


@step_named("inline")
def _inline(walker: Walker, node: Node, number: int) -> int:
    """`(lfor x xs :if c y ys value)`."""
    return _clauses_before(walker, node, number, 1)


@step_named("inline-pairs")
def _inline_pairs(walker: Walker, node: Node, number: int) -> int:
    """`(dfor x xs key value)`; before Hy 0.25 the last form was `[key value]`."""
    rest = node.children[number:]
    is_old = bool(rest) and rest[-1].is_list("[") and (len(rest) - 1) % 2 == 0
    return _clauses_before(walker, node, number, 1 if is_old else 2)


def _clauses_before(walker: Walker, node: Node, number: int, values: int) -> int:
    children, last = node.children, len(node.children) - values
    while number < last:
        key, value = children[number], child_at(node, number + 1)
        if key.text == ":async":
            number += 1
            continue
        if key.kind == "keyword" and key.text != ":setv":
            walker.each(children[number + 1 : number + 2])
        elif key.kind == "keyword":
            bind_pairs(walker, children[number + 1 : number + 3], node.inner_end)
            number += 1
        elif value is not None:
            bind_pairs(walker, [key, value], node.inner_end)
        number += 2
    return min(number, len(children))


@step_named("caught")
def _caught(walker: Walker, node: Node, number: int) -> int:
    """`[name Class]`, `[Class]`."""
    child = child_at(node, number, "[")
    if child is None:
        return number
    walker.each(child.children[1:] if len(child.children) > 1 else child.children)
    if len(child.children) > 1:
        walker.pattern(child.children[0], walker.group("local", child.end))
    return number + 1


@step_named("hy-clauses")
def _hy_clauses(walker: Walker, node: Node, number: int) -> int:
    """Patterns and expressions in turn; after a pattern may stand `:as name`, `:if condition`."""
    children = node.children
    outer, end = walker.mark(), walker.scope_end
    while number < len(children):
        stop = number + 1
        while stop + 2 < len(children) and children[stop].text in (":as", ":if"):
            stop += 2
        walker.scope_end = children[stop].end if stop < len(children) else end
        group = walker.group("local", children[number].end)
        walker.pattern(children[number], group)
        for key, value in zip(
            children[number + 1 : stop : 2], children[number + 2 : stop : 2], strict=False
        ):
            if key.text == ":as":
                walker.pattern(value, group)
            else:
                walker.walk(value)
        walker.each(children[stop : stop + 1])
        walker.leave(outer)
        number = stop + 1
    return len(children)
