"""Which names a pattern or a list of parameters binds, per family."""

from ..tree import Node
from .named_steps import reader
from .walk import Group, Walker

__all__: list[str] = []

_CONSTANTS = frozenset({"nil", "true", "false", "None", "True", "False"})


@reader("vectors")
def _vectors(walker: Walker, node: Node, group: Group) -> None:
    """Clojure: `a`, `[a & b :as c]`, `{a :a :keys [b] :or {b 1}}`, `#?(:clj a :cljs b)`."""
    if node.kind == "symbol":
        if node.text != "&" and not node.prefix:
            walker.bind(node, group)
        return
    walker.metas(node)
    if node.is_list("["):
        children = iter(node.children)
        for child in children:
            if child.text == ":-":
                walker.each([type_ for type_ in [next(children, None)] if type_])
            else:
                walker.pattern(child, group)
    elif node.is_list("{"):
        _map(walker, node, group)
    elif node.is_list("(") and node.prefix in ("#?", "#?@"):
        for branch in node.children[1::2]:
            walker.pattern(branch, group)
    elif node.kind == "list":
        walker.walk(node)


def _map(walker: Walker, node: Node, group: Group) -> None:
    children = node.children
    defaults: list[Node] = []
    for key, value in zip(children[::2], [*children[1::2], None], strict=False):
        if key.kind == "keyword":
            walker.walk(key)
        kind = key.text.rpartition("/")[2].lstrip(":") if key.kind == "keyword" else ""
        if value is None:
            if key.kind != "keyword":
                walker.pattern(key, group)
        elif kind in ("keys", "strs", "syms"):
            for name in value.children:
                _keyed(walker, name, group, kind)
        elif kind == "as":
            walker.pattern(value, group)
        elif kind == "or":
            defaults.append(value)
        else:
            if key.kind != "keyword":
                walker.pattern(key, group)
            walker.walk(value)
    for value in defaults:
        walker.each(value.children)


def _keyed(walker: Walker, node: Node, group: Group, kind: str) -> None:
    """`a`, `b/c` or `:d` in `:keys`: the name is what comes last."""
    if node.kind in ("symbol", "keyword"):
        skip = node.text.rfind("/") + 1 or len(node.text) - len(node.text.lstrip(":"))
        if skip < len(node.text):
            walker.bind(node, group, skip)
            walker.keyed[node.body + skip] = kind


@reader("hy")
def _hy(walker: Walker, node: Node, group: Group) -> None:
    """Hy: `a`, `[a #* b]`, `{"k" v}` and `(Class x :field y)` in `match`."""
    if node.kind == "symbol":
        if "." in node.text or node.text in _CONSTANTS:
            walker.walk(node)
        else:
            walker.bind(node, group)
        return
    walker.each(node.metas)
    children = node.children
    if node.is_list("{"):
        walker.each(children[::2])
        children = children[1::2]
    elif node.is_list("(") and node.prefix != "#":
        walker.each(children[:1])
        children = children[1:]
    for child in children:
        walker.pattern(child, group)


@reader("hy-params")
def _hy_params(walker: Walker, node: Node, group: Group) -> None:
    """Hy: `[a [b default] / c * d #* args #** kwargs]`."""
    by_name = False
    for child in node.children:
        by_name = by_name or child.text == "*"
        if child.kind == "symbol" and child.text not in ("/", "*") and child.text[0] != "&":
            walker.bind(child, group)
            if by_name:
                walker.keyed[child.body] = "argument"
        elif child.is_list("[") and child.children:
            walker.each(child.metas)
            walker.each(child.children[1:])
            walker.pattern(child.children[0], group)
            if by_name:
                walker.keyed[child.children[0].body] = "argument"


@reader("fennel")
def _fennel(walker: Walker, node: Node, group: Group) -> None:
    """Fennel: `a`, `[a b & c]`, `{:k v : name}`, `(a b)`, `(where pattern guard)`."""
    if node.kind == "symbol":
        if node.text in _CONSTANTS or node.text[0] in "&." or "." in node.text:
            return
        if group.pins and walker.key(node.text) in walker.env and node.text not in group.names:
            walker.use(node)
        else:
            walker.bind(node, group)
    elif node.is_list("{"):
        walker.each(node.children[::2])
        for child in node.children[1::2]:
            walker.pattern(child, group)
    elif node.is_list("("):
        _fennel_clause(walker, node, group)
    else:
        for child in node.children:
            walker.pattern(child, group)


def _fennel_clause(walker: Walker, node: Node, group: Group) -> None:
    head = node.children[0].text if node.children and node.children[0].kind == "symbol" else ""
    rest = node.children[1:]
    if head == "where":
        for child in rest[:1]:
            walker.pattern(child, group)
        walker.each(rest[1:])
    elif head == "=":
        walker.each(rest)
    elif head == "or":
        for child in rest:
            walker.pattern(child, group)
    elif len(rest) > 1 and rest[0].text == "?":
        walker.pattern(node.children[0], group)
        walker.each(rest[1:])
    else:
        for child in node.children:
            walker.pattern(child, group)


@reader("janet")
def _janet(walker: Walker, node: Node, group: Group) -> None:
    """Janet: `a`, `[a b & c]`, `{:k v}`, `(a b)`, `(@ pinned)`; parameters with `&opt`."""
    if node.kind == "symbol":
        if node.text[0] != "&" and node.text not in _CONSTANTS and not node.prefix:
            walker.bind(node, group)
        return
    children = node.children
    if node.is_list("{"):
        walker.each(children[::2])
        children = children[1::2]
    elif node.is_list("(") and children and children[0].text == "@":
        walker.each(children[1:])
        return
    elif node.is_list("(") and group.pins and children:
        # A pattern with a condition: `(pattern test)`.
        walker.pattern(children[0], group)
        walker.each(children[1:])
        return
    named = False
    for child in children:
        walker.pattern(child, group)
        if named and child.body in walker.binding:
            walker.keyed[child.body] = "argument"
        named = child.text == "&named" or (named and child.text[:1] != "&")
