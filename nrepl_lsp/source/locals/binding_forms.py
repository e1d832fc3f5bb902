"""What the steps of binding forms do (`source/languages/bindings.py`).

A step takes a list and the number of its first child that is not taken yet, and returns the number
of the next. A child that does not have the shape of the step is left to the body.
"""

from ..tree import Node
from .named_steps import step_named
from .walk import Walker

__all__ = ["bind_pairs", "child_at", "define"]


def child_at(node: Node, number: int, brackets: str = "") -> Node | None:
    """A child, if it is there, and a list in one of `brackets` where these are given."""
    if number >= len(node.children):
        return None
    child = node.children[number]
    return child if not brackets or child.is_list(brackets) else None


@step_named("form")
def _form(walker: Walker, node: Node, number: int) -> int:
    child = child_at(node, number)
    if child is not None:
        walker.walk(child)
    return number + 1


@step_named("then")
def _then(walker: Walker, node: Node, number: int) -> int:
    child = child_at(node, number)
    if child is not None:
        walker.walk(child)
    walker.leave_form()
    walker.scope_end = node.inner_end
    return number + 1


@step_named("data")
def _data(walker: Walker, node: Node, number: int) -> int:
    for child in node.children[number:]:
        walker.data(child)
    return len(node.children)


@step_named("name")
def _name(walker: Walker, node: Node, number: int) -> int:
    """The name of a definition, which is no local even where one has the same name."""
    child = child_at(node, number)
    if child is None or child.kind != "symbol":
        return number
    define(walker, child)
    return number + 1


@step_named("names")
def _names(walker: Walker, node: Node, number: int) -> int:
    while child_at(node, number) is not None and node.children[number].kind == "symbol":
        define(walker, node.children[number])
        number += 1
    return number


def define(walker: Walker, name: Node) -> None:
    """A name that is defined: for all of the text, where the form around it has not bound it."""
    walker.metas(name)
    if name.kind != "symbol" or name.body in walker.uses:
        return
    if walker.rules.member and any(sign in name.text for sign in walker.rules.member):
        walker.use(name)
        return
    walker.free[name.body] = name.end


@step_named("fields")
def _fields(walker: Walker, node: Node, number: int) -> int:
    """The fields of a type: names that its methods see, and that others know them by."""
    child = child_at(node, number, "[")
    if child is None:
        return number
    walker.params(child, walker.group("parameter", child.end))
    for field in child.children:
        if field.body in walker.binding:
            walker.keyed[field.body] = "field"
    return number + 1


@step_named("self")
def _self(walker: Walker, node: Node, number: int) -> int:
    """The name that a function has inside itself."""
    child = child_at(node, number)
    if child is None or child.kind != "symbol":
        return number
    walker.bind(child, walker.group("function", child.end), function=True)
    return number + 1


@step_named("pattern")
def _pattern(walker: Walker, node: Node, number: int) -> int:
    child = child_at(node, number)
    if child is not None:
        walker.pattern(child, walker.group("local", child.end))
    return number + 1


@step_named("params")
def _params(walker: Walker, node: Node, number: int) -> int:
    child = child_at(node, number)
    if child is None or (child.kind != "list" and child.kind != "symbol"):
        return number
    walker.params(child, walker.group("parameter", child.end))
    return number + 1


@step_named("fn")
def _fn(walker: Walker, node: Node, number: int) -> int:
    """Documentation and the like, then parameters and body, or a list of these per arity."""
    children = node.children
    while number < len(children) and not children[number].is_list("[("):
        # Plumatic Schema: `(s/defn f :- [T] [x :- T])`.
        number += 1 + (children[number].text == ":-")
        walker.each(children[number - 1 : number])
    if number >= len(children):
        return number
    if children[number].is_list("["):
        return _params(walker, node, number)
    for child in children[number:]:
        if child.is_list("(") and child.children and child.children[0].is_list("["):
            walker.run(child, ("params",), 0)
        else:
            walker.walk(child)
    return len(children)


@step_named("definer")
def _definer(walker: Walker, node: Node, number: int) -> int:
    """What a macro of the user defines: most that take a name, a vector and more are functions."""
    name = child_at(node, number)
    if name is None or name.kind != "symbol":
        return number
    define(walker, name)
    for at, child in enumerate(node.children[number + 1 : -1], number + 1):
        if child.is_list("[") and not child.prefix:
            return _params(walker, node, at)
        if child.is_list("("):
            break
        walker.walk(child)
        number = at
    return number + 1


@step_named("pairs")
def _pairs(walker: Walker, node: Node, number: int) -> int:
    """Names and their values in turn: each is visible from its own value on."""
    child = child_at(node, number, "[")
    if child is None:
        return number
    bind_pairs(walker, _spliced(child.children), child.inner_end)
    return number + 1


def bind_pairs(walker: Walker, children: list[Node], end: int) -> None:
    """Bind patterns and values in turn; one without a value is visible from `end` on."""
    for pattern, value in zip(children[::2], [*children[1::2], None], strict=False):
        if value is not None:
            walker.walk(value)
        start = value.end if value is not None else end
        walker.pattern(pattern, walker.group("local", start))


def _spliced(children: list[Node]) -> list[Node]:
    """Children with what `#?@(…)` puts among them."""
    flat: list[Node] = []
    for child in children:
        if child.prefix == "#?@" and child.kind == "list":
            for branch in child.children[1::2]:
                flat.extend(branch.children)
        else:
            flat.append(child)
    return flat


@step_named("comprehension")
def _comprehension(walker: Walker, node: Node, number: int) -> int:
    """`pairs` with `:let`, `:when` and the like among them."""
    child = child_at(node, number, "[")
    if child is None:
        return number
    parts = _spliced(child.children)
    for key, value in zip(parts[::2], [*parts[1::2], None], strict=False):
        if key.kind != "keyword":
            bind_pairs(walker, [key] if value is None else [key, value], child.inner_end)
            continue
        walker.walk(key)
        if value is not None and key.text == ":let" and value.is_list("["):
            bind_pairs(walker, _spliced(value.children), value.inner_end)
        elif value is not None:
            walker.walk(value)
    return number + 1


@step_named("functions")
def _functions(walker: Walker, node: Node, number: int) -> int:
    """Functions that see one another: `[(name [params] body) …]`."""
    child = child_at(node, number, "[(")
    if child is None:
        return number
    named = [one for one in child.children if one.is_list("(") and one.children]
    for one in named:
        if one.children[0].kind == "symbol":
            group = walker.group("function", child.start)
            walker.bind(one.children[0], group, function=True)
    steps = ("params",) if walker.rules.separate_functions else ("fn",)
    for one in named:
        walker.run(one, steps, 1)
    return number + 1


@step_named("methods")
def _methods(walker: Walker, node: Node, number: int) -> int:
    """Methods among the names of what they belong to."""
    for child in node.children[number:]:
        if child.is_list("(") and not child.prefix:
            walker.run(child, ("label", "fn"), 0)
        else:
            walker.walk(child)
    return len(node.children)


@step_named("signatures")
def _signatures(walker: Walker, node: Node, number: int) -> int:
    """Methods without bodies: `(name [params] [params] "doc")`."""
    for child in node.children[number:]:
        if child.is_list("(") and not child.prefix:
            walker.run(child, ("name", "lists"), 0)
        else:
            walker.walk(child)
    return len(node.children)


@step_named("lists")
def _lists(walker: Walker, node: Node, number: int) -> int:
    group = walker.group("parameter", node.body)
    for child in node.children[number:]:
        if child.is_list("["):
            walker.params(child, group)
        else:
            walker.walk(child)
    return len(node.children)


@step_named("cases")
def _cases(walker: Walker, node: Node, number: int) -> int:
    """Constants and expressions in turn, then perhaps a default."""
    children = node.children[number:]
    for constant, expression in zip(children[::2], children[1::2], strict=False):
        walker.data(constant)
        walker.walk(expression)
    if len(children) % 2:
        walker.walk(children[-1])
    return len(node.children)
