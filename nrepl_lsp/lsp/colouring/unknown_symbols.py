"""Which symbols of a form surely mean nothing.

Only where it is certain how a form is read: not in quoted forms, nor in calls of macros whose
reading of their arguments is not known here.
"""

from collections.abc import Iterator, Mapping

from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.tree import Node, read

from .vocabulary import SPECIAL_FORMS, TYPES, Vocabulary

__all__ = ["unknown_symbols"]

_PLAIN_MACROS = frozenset(
    "let loop fn when when-not when-let when-some when-first if-not if-let if-some and or cond"
    " while dotimes doseq for defn defn- defonce time assert comment delay future lazy-seq"
    " with-open binding letfn".split()
)
_PLAIN_SPECIAL_FORMS = frozenset("if do recur throw let* loop* fn* def".split())
_FUNCTION, _MACRO = TYPES.index("function"), TYPES.index("macro")


def unknown_symbols(
    language: Language, text: str, free: Mapping[int, int], vocabulary: Vocabulary
) -> Iterator[tuple[int, int]]:
    """Where they are, in order; `free` are the symbols that are no locals."""
    waiting = list(reversed(read(language, text)))
    while waiting:
        node = waiting.pop()
        if node.kind == "symbol" and node.prefix in ("", "@"):
            if free.get(node.body) == node.end and vocabulary.is_unknown(node.text):
                yield node.body, node.end
        elif node.kind == "list" and node.prefix in ("", "@"):
            waiting.extend(reversed(_read_as_code(node, free, vocabulary)))


def _read_as_code(node: Node, free: Mapping[int, int], vocabulary: Vocabulary) -> list[Node]:
    """The forms of a list that are evaluated, or bind names."""
    children = node.children
    if node.text != "(" or not children:
        return children
    head = children[0]
    if head.kind != "symbol" or head.prefix:
        return children if head.kind == "list" else []
    if head.body not in free or vocabulary.is_unknown(head.text):
        # A local, or a name that means nothing: if it is a call, it is one of a function.
        return [head] if head.body in free else children
    pieces = vocabulary.pieces(head.text)
    is_function = bool(pieces) and pieces[-1].type == _FUNCTION
    if head.text in SPECIAL_FORMS:
        is_known = head.text in _PLAIN_SPECIAL_FORMS
    else:
        is_known = is_function or (
            bool(pieces) and pieces[-1].type == _MACRO and head.text in _PLAIN_MACROS
        )
    if not is_known:
        return []
    # What a definition names is defined there.
    return children[2:] if head.text.startswith("def") else children[1:]
