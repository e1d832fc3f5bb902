"""Reading the forms that bring names in, in Hy, Fennel, Janet, Scheme, Racket and Common Lisp."""

from collections.abc import Sequence
from itertools import pairwise

from ..tree import Node
from .import_forms import Form, options, reader

DEPTH_LIMIT = 20
"""How deep import sets may nest: `(only (prefix (srfi 1) s:) s:fold)`."""

# Hy


@reader
def hy_import(form: Form, nodes: Sequence[Node]) -> None:
    """`os`, `os.path :as p`, `os [path :as p sep]`, `os *`; Hy 0's `[os [path]]`, `[os :as o]`."""
    at = 0
    while at < len(nodes):
        node = nodes[at]
        at += 1
        if node.kind == "list":
            hy_import(form, node.children)
        elif node.kind == "symbol":
            at = _hy_module(form, node, nodes, at)


@reader
def hy_require(form: Form, nodes: Sequence[Node]) -> None:
    """Macros of modules, written as in `import`, also after `:macros` and `:readers`."""
    hy_import(form, nodes)


def _hy_module(form: Form, node: Node, nodes: Sequence[Node], at: int) -> int:
    """What follows a module's name, from `at` on; returns where the next module is."""
    module, is_called = node.text, False
    form.namespace(node, module)
    while at < len(nodes):
        follows = nodes[at]
        if follows.kind == "keyword" and at + 1 < len(nodes):
            if follows.text == ":as":
                form.add("alias", nodes[at + 1], nodes[at + 1].text, module)
            else:
                _hy_names(form, nodes[at + 1], module)
            at, is_called = at + 2, True
        elif follows.is_list("[") or follows.text == "*":
            _hy_names(form, follows, module)
            at, is_called = at + 1, True
        else:
            break
    if not is_called:
        form.add("class", node, module, module)
    return at


def _hy_names(form: Form, node: Node, module: str) -> None:
    """`[a b :as c]`, or `*`."""
    if node.text == "*":
        form.use(node, module)
    names = node.children
    for at, name in enumerate(names):
        if name.kind != "symbol" or (at and names[at - 1].text == ":as"):
            continue
        is_renamed = at + 2 < len(names) and names[at + 1].text == ":as"
        new = names[at + 2] if is_renamed else name
        form.add("refer", new, new.text, module, name.text)


# Fennel


@reader
def fennel_binding(form: Form, nodes: Sequence[Node]) -> None:
    """`(local x (require :m))`, `(local {: a :b c} (require :m))`."""
    if len(nodes) < 2 or not nodes[1].is_list("(") or len(nodes[1].children) < 2:
        return
    head, name = nodes[1].children[:2]
    if head.text in ("require", "include") and name.kind != "list":
        form.namespace(name, form.word(name))
        _fennel_names(form, nodes[0], form.word(name))


@reader
def fennel_macros(form: Form, nodes: Sequence[Node]) -> None:
    """`(import-macros {: a} :m other :n)`."""
    for names, module in zip(nodes[::2], nodes[1::2], strict=False):
        form.namespace(module, form.word(module))
        _fennel_names(form, names, form.word(module))


@reader
def fennel_use(form: Form, nodes: Sequence[Node]) -> None:
    """`(require-macros :m)`."""
    for module in nodes[:1]:
        form.namespace(module, form.word(module))
        form.use(module, form.word(module))


def _fennel_names(form: Form, node: Node, module: str) -> None:
    if node.kind == "symbol":
        form.add("alias", node, node.text, module)
    for key, name in zip(node.children[::2], node.children[1::2], strict=False):
        if name.kind == "symbol":
            original = name.text if key.text == ":" else form.word(key)
            form.add("refer", name, name.text, module, original)


# Janet


@reader
def janet_import(form: Form, nodes: Sequence[Node]) -> None:
    """`(import ./x :as y)`, `(import x :prefix "")`, `(import x :only [a])`."""
    if not nodes or nodes[0].kind == "list":
        return
    module, said = form.word(nodes[0]), options(nodes[1:], form)
    form.namespace(nodes[0], module)
    called, prefix = said.get("as"), said.get("prefix")
    if called is not None:
        form.add("alias", called, form.word(called), module)
    elif prefix is None:
        form.add("alias", nodes[0], module.rstrip("/").rpartition("/")[2], module)
    elif form.word(prefix).endswith("/"):
        form.add("alias", prefix, form.word(prefix).removesuffix("/"), module)
    elif not form.word(prefix):
        form.use(nodes[0], module)


# Scheme and Racket


@reader
def scheme_import(form: Form, nodes: Sequence[Node]) -> None:
    """Import sets of R6RS and R7RS, `((ice-9 match) #:prefix m:)` of Guile."""
    for node in nodes:
        _import_set(form, node, 0)


@reader
def scheme_module(form: Form, nodes: Sequence[Node]) -> None:
    """Guile's `(define-module (a b) #:use-module (ice-9 match))`."""
    for name in nodes[:1]:
        form.add("declares", name, form.written(name), form.written(name))
    for key, node in pairwise(nodes):
        if key.kind == "keyword" and form.word(key).rstrip(":") in ("use-module", "autoload"):
            _import_set(form, node, 0)


@reader
def scheme_library(form: Form, nodes: Sequence[Node]) -> None:
    """`(define-library (a b) (export …) (import …))`."""
    for name in nodes[:1]:
        form.add("holds", name, form.written(name), form.written(name))
    for clause in nodes[1:]:
        if clause.is_list("([") and clause.children and clause.children[0].text == "import":
            scheme_import(form, clause.children[1:])


@reader
def racket_require(form: Form, nodes: Sequence[Node]) -> None:
    """Module paths and `(prefix-in p: m)`, `(only-in m a [b c])`, `(for-syntax m)`, ….

    `for-syntax` and its kin hold sets as `import` does.
    """
    for node in nodes:
        _import_set(form, node, 0)


@reader
def racket_module(form: Form, nodes: Sequence[Node]) -> None:
    """`(module name language (require …))`."""
    for name in nodes[:1]:
        form.add("holds", name, form.written(name), form.written(name))
    for clause in nodes[2:]:
        if clause.is_list("([") and clause.children and clause.children[0].text == "require":
            racket_require(form, clause.children[1:])


_SEVERAL = frozenset(
    ("for", "for-syntax", "for-template", "for-label", "combine-in", "relative-in")
)
_FILTERS = frozenset(
    (
        *("only", "except", "prefix", "rename", "only-in", "except-in", "rename-in", "prefix-in"),
        *("for-meta", "library"),
    )
)


def _import_set(form: Form, node: Node, depth: int) -> str:
    """Read an import set; returns the module that it is of."""
    children = node.children
    if depth > DEPTH_LIMIT:
        return ""
    if node.is_list("([") and children and children[0].is_list("(["):
        return _guile_set(form, children)
    head = children[0].text if node.is_list("([") and children else ""
    if head in _SEVERAL:
        for child in children[1:]:
            _import_set(form, child, depth + 1)
        return ""
    if head in _FILTERS and len(children) > 1:
        return _filtered(form, head.removesuffix("-in"), children, depth)
    module = form.written(node)
    form.namespace(node, module)
    form.use(node, module)
    return module


def _filtered(form: Form, head: str, children: Sequence[Node], depth: int) -> str:
    racket_prefix = head == "prefix" and children[0].text.endswith("-in")
    inner, rest = (children[-1], children[1:-1]) if racket_prefix else (children[1], children[2:])
    if head == "for" and "meta" in children[0].text:
        inner, rest = children[-1], ()
    before = len(form.found)
    module = _import_set(form, inner, depth + 1)
    if head == "only" or head == "prefix":
        form.found[before:] = [one for one in form.found[before:] if one.kind != "use"]
    if head == "prefix" and rest:
        form.add("alias", rest[0], form.word(rest[0]), module)
    elif head in ("only", "rename"):
        _scheme_names(form, rest, module)
    return module


def _guile_set(form: Form, children: Sequence[Node]) -> str:
    """`((ice-9 match) #:select (match (a . b)) #:prefix m:)`."""
    module = form.written(children[0])
    form.namespace(children[0], module)
    said = {key.rstrip(":"): node for key, node in options(children[1:], form).items()}
    if "prefix" in said:
        form.add("alias", said["prefix"], form.written(said["prefix"]), module)
    if "select" in said:
        _scheme_names(form, said["select"].children, module)
    if not said.keys() & {"prefix", "select"}:
        form.use(children[0], module)
    return module


def _scheme_names(form: Form, nodes: Sequence[Node], module: str) -> None:
    """`a`, `(old new)`, `[old new]`, `(old . new)`."""
    for node in nodes:
        pair = [name for name in node.children if name.text != "."]
        if node.kind == "list" and len(pair) == 2:
            form.add("refer", pair[1], pair[1].text, module, pair[0].text)
        elif node.kind == "symbol":
            form.add("refer", node, node.text, module)


# Common Lisp


@reader
def lisp_package(form: Form, nodes: Sequence[Node]) -> None:
    """`(defpackage :a (:use :b) (:local-nicknames (:s :str)) (:import-from :c #:d))`."""
    for name in nodes[:1]:
        form.add("declares", name, form.word(name), form.word(name))
    for clause in nodes[1:]:
        if not clause.is_list("(") or not clause.children:
            continue
        head, rest = form.word(clause.children[0]).lower(), clause.children[1:]
        if head in ("use", "mix"):
            module_use(form, rest)
        elif head == "local-nicknames":
            for pair in rest:
                if len(pair.children) == 2:
                    alias, package = pair.children
                    form.add("alias", alias, form.word(alias), form.word(package))
                    form.namespace(package, form.word(package))
        elif head in ("import-from", "shadowing-import-from") and rest:
            form.namespace(rest[0], form.word(rest[0]))
            form.refers(rest[1:], form.word(rest[0]))


@reader
def module_use(form: Form, nodes: Sequence[Node]) -> None:
    """Janet's `(use ./x ./y)`; `(use-package :a)` and `(:use :a :b)` of Common Lisp."""
    for node in nodes:
        if node.kind != "list":
            form.namespace(node, form.word(node))
            form.use(node, form.word(node))


@reader
def lisp_in_package(form: Form, nodes: Sequence[Node]) -> None:
    """`(in-package :a)`."""
    for name in nodes[:1]:
        form.add("enters", name, form.word(name), form.word(name))
