"""Patterns and lists of parameters in Scheme, Racket and Common Lisp."""

from ..tree import Node
from .named_steps import reader
from .walk import Group, Walker

__all__: list[str] = []

_NOT_NAMES = frozenset({".", "...", "___", "..1", "nil"})
_KEYS = ("#:key", "#!key", ":key")
_WITH_DEFAULTS = ("&optional", "&key", "&aux")


def _is_name(node: Node) -> bool:
    return node.kind == "symbol" and node.text not in _NOT_NAMES


@reader("scheme")
def _scheme(walker: Walker, node: Node, group: Group) -> None:
    """`a`, `(a b . c)`."""
    if _is_name(node):
        walker.bind(node, group)
    for child in node.children:
        walker.pattern(child, group)


@reader("scheme-params")
def _scheme_params(walker: Walker, node: Node, group: Group) -> None:
    """`args`, `(a [b default] #:key [c default] . rest)`.

    What follows Guile's `#:key` is what callers write; in Racket a keyword of its own says that.
    """
    if _is_name(node):
        walker.bind(node, group)
    by_name = False
    for child in node.children:
        name = child
        if child.kind == "list" and child.children:
            walker.each(child.children[1:])
            name = child.children[0]
        if child.text[:1] in "#:" and child.kind != "symbol":
            walker.walk(child)
            by_name = child.text in _KEYS and walker.rules.name != "racket"
        elif _is_name(name):
            walker.bind(name, group)
            if by_name:
                walker.keyed[name.body] = "argument"


@reader("scheme-match")
def _match(walker: Walker, node: Node, group: Group) -> None:
    """A pattern of `match`: `x`, `(cons a b)`, `(? test p)`, `` `(a ,b) ``."""
    children = node.children
    if _is_name(node):
        if node.prefix:
            walker.walk(node)
        else:
            walker.bind(node, group)
        return
    if node.prefix == "'" or not children:
        walker.data(node)
    elif node.prefix == "`":
        _quasi_match(walker, node, group)
    elif children[0].text in ("?", "app", "="):
        walker.each(children[1:2])
        _match_each(walker, children[2:], group)
    elif children[0].kind == "symbol" and (children[0].text in _MATCH_WORDS or group.pins):
        walker.each(children[:1])
        _match_each(walker, children[1:], group)
    else:
        _match_each(walker, children, group)


_MATCH_WORDS = frozenset({"and", "or", "not", "list", "cons", "list*", "vector", "quote", "$"})


def _match_each(walker: Walker, nodes: list[Node], group: Group) -> None:
    for node in nodes:
        _match(walker, node, group)


def _quasi_match(walker: Walker, node: Node, group: Group) -> None:
    if node.prefix in walker.rules.unquote:
        bare = Node(node.kind, node.text, node.body, node.end)
        bare.children, bare.inner_end = node.children, node.inner_end
        _match(walker, bare, group)
    elif node.kind == "symbol":
        walker.data(node)
    for child in node.children if node.prefix not in walker.rules.unquote else []:
        _quasi_match(walker, child, group)


@reader("lambda-list")
def _lambda_list(walker: Walker, node: Node, group: Group) -> None:
    """`(a (b c) &optional (d default supplied) &key ((:e f) default) &aux (g value))`."""
    if _is_name(node):
        walker.bind(node, group)
        return
    if node.kind == "keyword":
        walker.walk(node)
    mode = ""
    for child in node.children:
        if child.kind == "symbol" and child.text[0] == "&":
            mode = child.text.lower()
        elif mode in _WITH_DEFAULTS and child.kind == "list":
            _with_default(walker, child, group, mode)
        else:
            walker.params(child, group)
            if mode == "&key" and child.body in walker.binding:
                walker.keyed[child.body] = "argument"


@reader("specialised")
def _specialised(walker: Walker, node: Node, group: Group) -> None:
    """Of a method: `(a (b class) (c (eql value)) &key d)`."""
    is_required = True
    for number, child in enumerate(node.children):
        if child.kind == "symbol" and child.text[0] == "&":
            rest = Node("list", "(", child.start, node.end)
            rest.children = node.children[number:]
            walker.params(rest, group)
            return
        if is_required and child.kind == "list" and child.children:
            walker.each(child.children[1:])
            walker.params(child.children[0], group)
        elif child.kind == "symbol":
            walker.params(child, group)


def _with_default(walker: Walker, node: Node, group: Group, mode: str) -> None:
    parts = node.children
    walker.each(parts[1:2])
    for supplied in parts[2:3]:
        walker.params(supplied, group)
    if parts and parts[0].kind == "list":
        walker.each(parts[0].children[:1])
        for name in parts[0].children[1:2]:
            walker.params(name, group)
    elif parts:
        walker.params(parts[0], group)
        if mode == "&key":
            walker.keyed[parts[0].body] = "argument"
