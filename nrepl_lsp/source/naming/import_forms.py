"""What the forms that bring names in are read into, and what their readers share."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from ..lexer import Span
from ..tree import Node

__all__ = ["READERS", "Brought", "Form", "Kind", "Reader", "alternatives", "options", "reader"]

Kind = Literal[
    "declares", "holds", "enters", "namespace", "alias", "refer", "class", "use", "exclude"
]


class Brought(NamedTuple):
    """
    One name in a form that brings names in.

    kind: `declares` the namespace of what follows, or of what the form `holds`, or `enters` one
        that is declared elsewhere; a `namespace` that is asked for, an `alias` of one, a name to
        `refer` to without one, a `class` (or a module), a namespace to `use` whole, a name of the
        core to `exclude`.
    name: what it is called in this text. target: the whole name of the namespace or class that it
        is, or is from. original: what a referred name is called there. span: where it is written.
    """

    kind: Kind
    name: str
    target: str
    original: str
    span: Span


class Form:
    """
    A form that is being read, and what has been found in it.

    `text` is the form's; all places count from its start.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Brought] = []

    def add(self, kind: Kind, node: Node, name: str, target: str, original: str = "") -> None:
        """Note a name; empty ones, which are being typed, say nothing."""
        if name and target:
            span = Span(node.body, node.end)
            self.found.append(Brought(kind, name, target, original or name, span))

    def namespace(self, node: Node, name: str) -> None:
        """Note a namespace that is asked for."""
        self.add("namespace", node, name, name)

    def use(self, node: Node, name: str) -> None:
        """Note a namespace all of whose names are meant."""
        self.add("use", node, name, name)

    def refers(self, nodes: Sequence[Node], ns: str) -> None:
        """Note names to refer to, as they are written."""
        for node in nodes:
            name = self.word(node)
            self.add("refer", node, name, ns)

    def word(self, node: Node) -> str:
        """What an atom says, without quotes or a keyword's colon; empty for a list."""
        if node.kind == "list":
            return ""
        if node.kind == "other" and not node.text:
            return self.text[node.body : node.end].strip('"')
        text = node.text
        return text.lstrip("#").lstrip(":") if node.kind == "keyword" else text

    def written(self, node: Node) -> str:
        """What a node is written as, on one line: `(srfi 1)`, or what an atom says."""
        if node.kind != "list":
            return self.word(node)
        return " ".join(self.text[node.body : node.end].split())


Reader = Callable[[Form, Sequence[Node]], None]
READERS: dict[str, Reader] = {}
"""Reader's name → what reads what follows the head of a form."""


def reader(function: Reader) -> Reader:
    """Register a reader under its function's name."""
    READERS[function.__name__] = function
    return function


def alternatives(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes, with those of all branches in the place of reader conditionals."""
    for node in nodes:
        if node.kind == "list" and node.prefix in ("#?", "#?@"):
            for branch in node.children[1::2]:
                yield from branch.children if node.prefix == "#?@" else (branch,)
        else:
            yield node


def options(nodes: Sequence[Node], form: Form) -> dict[str, Node]:
    """Keyword → what follows it; what is neither is skipped."""
    found: dict[str, Node] = {}
    at = 0
    while at < len(nodes):
        if nodes[at].kind == "keyword" and at + 1 < len(nodes):
            found[form.word(nodes[at])] = nodes[at + 1]
            at += 1
        at += 1
    return found
