"""Reading `ns`, `require`, `use`, `import` and their kin in Clojure's family."""

from collections.abc import Iterator, Sequence

from ..tree import Node
from .import_forms import Form, alternatives, options, reader

_CORE = "clojure.core"


@reader
def clojure_ns(form: Form, nodes: Sequence[Node]) -> None:
    """`(ns name "doc" {:meta 1} (:require …) (:import …))`."""
    nodes = list(alternatives(nodes))
    if nodes and nodes[0].kind == "symbol":
        form.add("declares", nodes[0], nodes[0].text, nodes[0].text)
    for clause in nodes[1:]:
        if clause.is_list("([") and clause.children:
            head, *rest = clause.children
            read_clause = _CLAUSES.get(form.word(head))
            if read_clause is not None and head.kind in ("keyword", "symbol"):
                read_clause(form, rest)


@reader
def clojure_in_ns(form: Form, nodes: Sequence[Node]) -> None:
    """`(in-ns 'name)`."""
    for node in _unquoted(nodes[:1]):
        if node.kind == "symbol":
            form.add("enters", node, node.text, node.text)


@reader
def clojure_require(form: Form, nodes: Sequence[Node]) -> None:
    """Libspecs, prefix lists and flags."""
    _libspecs(form, nodes, uses=False)


@reader
def clojure_use(form: Form, nodes: Sequence[Node]) -> None:
    """Like `require`, but without `:only` all names are meant."""
    _libspecs(form, nodes, uses=True)


@reader
def clojure_refer(form: Form, nodes: Sequence[Node]) -> None:
    """`(refer 'ns :only '[a] :rename '{b c})`."""
    nodes = list(_unquoted(nodes))
    if nodes and nodes[0].kind == "symbol":
        form.namespace(nodes[0], nodes[0].text)
        _referred(form, nodes[0], nodes[0].text, nodes[1:], uses=True)


@reader
def clojure_core(form: Form, nodes: Sequence[Node]) -> None:
    """`(:refer-clojure :exclude [a] :rename {b c})`: what is not called as it is elsewhere."""
    said = options(list(_unquoted(nodes)), form)
    for name in _names(said.get("exclude")):
        form.add("exclude", name, name.text, _CORE)
    for old, new in _pairs(said.get("rename")):
        form.add("exclude", old, old.text, _CORE)
        form.add("refer", new, new.text, _CORE, old.text)


@reader
def clojure_alias(form: Form, nodes: Sequence[Node]) -> None:
    """`(alias 'short 'the.namespace)`."""
    names = [node for node in _unquoted(nodes) if node.kind == "symbol"]
    if len(names) == 2:
        form.add("alias", names[0], names[0].text, names[1].text)
        form.namespace(names[1], names[1].text)


@reader
def clojure_import(form: Form, nodes: Sequence[Node]) -> None:
    """`java.io.File`, `(java.util Date List)`; in Basilisp `[datetime :as dt]` and modules too."""
    for node in _unquoted(alternatives(nodes)):
        if node.kind == "symbol":
            _class(form, node, node.text)
        elif node.kind == "list":
            _classes(form, list(alternatives(node.children)))


def _classes(form: Form, nodes: Sequence[Node]) -> None:
    """A package and its classes, or a module and what it is to be called."""
    if not nodes or nodes[0].kind not in ("symbol", "other"):
        return
    package = form.word(nodes[0])
    if len(nodes) == 1:
        _class(form, nodes[0], package)
        return
    if nodes[1].kind != "keyword":
        form.namespace(nodes[0], package)
        for node in nodes[1:]:
            if node.kind == "symbol":
                form.add("class", node, node.text, f"{package}.{node.text}")
        return
    said = options(nodes[1:], form)
    alias = said.get("as")
    form.namespace(nodes[0], package)
    if alias is not None:
        form.add("class", alias, form.word(alias), package)
    form.refers(_names(said.get("refer")), package)


def _class(form: Form, node: Node, name: str) -> None:
    """A class by its whole name; a module keeps its whole name, a class is its last part too."""
    short = name.rpartition(".")[2]
    form.add("class", node, short if short[:1].isupper() else name, name)


def _libspecs(form: Form, nodes: Sequence[Node], uses: bool) -> None:
    for node in _unquoted(alternatives(nodes)):
        if node.kind == "list":
            _libspec(form, list(alternatives(node.children)), "", uses)
        elif node.kind != "keyword":
            _whole(form, node, form.word(node), uses)


def _libspec(form: Form, nodes: Sequence[Node], prefix: str, uses: bool) -> None:
    """`[ns :as x]`, or a prefix with what follows it: `(clojure [string :as str] set)`."""
    if not nodes or nodes[0].kind not in ("symbol", "other"):
        return
    name, rest = prefix + form.word(nodes[0]), nodes[1:]
    if rest and rest[0].kind != "keyword" and not prefix:
        for node in rest:
            if node.kind == "list":
                _libspec(form, list(alternatives(node.children)), name + ".", uses)
            elif node.kind == "symbol":
                _whole(form, node, f"{name}.{node.text}", uses)
        return
    form.namespace(nodes[0], name)
    _referred(form, nodes[0], name, rest, uses)


def _whole(form: Form, node: Node, name: str, uses: bool) -> None:
    form.namespace(node, name)
    if uses:
        form.use(node, name)


def _referred(form: Form, node: Node, ns: str, rest: Sequence[Node], uses: bool) -> None:
    """What the options of a libspec bring in."""
    said = options(list(_unquoted(rest)), form)
    for key in ("as", "as-alias"):
        if key in said:
            form.add("alias", said[key], form.word(said[key]), ns)
    renamed = set()
    for old, new in _pairs(said.get("rename")):
        form.add("refer", new, new.text, ns, old.text)
        renamed.add(old.text)
    chosen = [said[key] for key in ("refer", "only", "refer-macros") if key in said]
    for names in chosen:
        if names.kind == "keyword":
            form.use(node, ns)
        form.refers([name for name in _names(names) if name.text not in renamed], ns)
    if uses and not chosen:
        form.use(node, ns)


def _names(node: Node | None) -> list[Node]:
    """The symbols of a list, with those in reader conditionals."""
    inside = alternatives(node.children) if node is not None else ()
    return [name for name in inside if name.kind == "symbol"]


def _pairs(node: Node | None) -> Iterator[tuple[Node, Node]]:
    names = _names(node)
    yield from zip(names[::2], names[1::2], strict=False)


def _unquoted(nodes: Sequence[Node] | Iterator[Node]) -> Iterator[Node]:
    """The nodes, without `(quote …)` around them."""
    for node in nodes:
        inside = node.children
        if node.is_list("(") and len(inside) == 2 and inside[0].text == "quote":
            yield inside[1]
        else:
            yield node


_CLAUSES = {
    "require": clojure_require,
    "require-macros": clojure_require,
    "use": clojure_use,
    "use-macros": clojure_use,
    "import": clojure_import,
    "refer-clojure": clojure_core,
    "refer": clojure_refer,
}
