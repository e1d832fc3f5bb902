"""
Printed values: whether two are the same, and whether one can stand in the text as code.

A program prints for people; not all of it can be read back, and of what can be read back not all
means itself when it is evaluated.
"""

import re

from .languages import Language
from .lexer import lexer_for
from .tree import Node, read_whole

__all__ = ["as_code", "is_same", "why_unreadable"]

#: Characters of a value that is compared as data; a longer one is compared as text.
TREE_LIMIT = 50_000

_BLANK = re.compile(r"[\s,]+")
#: Places in memory, and numbers that the compiler gives out: they differ from run to run.
_PASSING = re.compile(r"\b0x[0-9a-fA-F]+|(?<=@)[0-9a-f]{5,16}\b|(?<=__)\d+|(?<=\beval)\d+")
#: What a person or a printer writes for what is left out, and the brackets behind it.
_LEFT_OUT = re.compile(r"(?:…|\.\.\.)[\s)\]}\"]*\Z")

#: Tags that the readers of Clojure's dialects know.
_TAGS = frozenset({"inst", "uuid", "py", "js", "queue", "b", "?", "?@"})
#: What means itself although it is written like a name.
_CONSTANTS = frozenset({"nil", "true", "false"})
_CONSTANTS_OF = {"hy": frozenset({"True", "False", "None"})}
#: Where a quote makes any data of what is in it; elsewhere it is for lists and names alone.
_QUOTES_ALL = ("clojure", "janet")
_OBJECT = re.compile(r"#?<[A-Za-z_]")
_MISSING = re.compile(r"… [\d,]+ more characters\s*\Z")


def is_same(language: Language, written: str, printed: str) -> bool:
    """
    Whether a written value is the printed one: white space and the order in maps and sets aside.

    A written value that ends in `…` or `...` is the same when the printed one begins like it.
    """
    one, other = (_PASSING.sub("", text) for text in (written, printed))
    plain, other_plain = _collapsed(one), _collapsed(other)
    if plain == other_plain:
        return True
    left_out = _LEFT_OUT.search(one)
    if left_out is not None and other_plain.startswith(_collapsed(one[: left_out.start()])):
        return True
    if max(len(one), len(other)) > TREE_LIMIT:
        return False
    trees = [read_whole(language, text) for text in (one, other)]
    if any(tree.is_cut or not tree.children for tree in trees):
        return False
    left, right = ([_canonical(node) for node in tree.children] for tree in trees)
    return left == right


def why_unreadable(language: Language, value: str) -> str | None:
    """Why a printed value cannot stand in the text as code, as words after "it"; None if it can."""
    if _MISSING.search(value, max(0, len(value) - 60)):
        return "is too long and was cut"
    lexer = lexer_for(language)
    if lexer is None or len(value) > TREE_LIMIT:
        return "is too long" if lexer is not None else "is no code"
    forms = list(lexer.forms(value, 0, len(value)))
    if not all(form.closed and form.balanced for form in forms):
        return "was cut, or cannot be read back"
    tree = read_whole(language, value)
    if tree.is_cut:
        return "nests too deeply"
    nodes = list(_nodes(tree))
    if any(_is_unreadable(language, node) for node in nodes):
        return "cannot be read back"
    if any(_is_left_out(node) for node in nodes):
        return "was cut by the printer"
    if not len(forms) == len(tree.children) == 1:
        return "is not one form"
    return None if _can_be_quoted(language, nodes) else "would be something else as code"


def _can_be_quoted(language: Language, nodes: list[Node]) -> bool:
    """Whether quoting it leaves a value, whose first node is the whole, what it is."""
    code = [node for node in nodes if _is_code(language, node)]
    if not code:
        return True
    if language.family in _QUOTES_ALL:
        # In quoted data `#'x` is the list `(var x)`.
        return not any("#'" in node.prefixes for node in nodes)
    is_data = language.family in ("scheme", "racket", "commonlisp")
    return is_data or (code == nodes[:1] != [] and language.family == "hy")


def as_code(language: Language, value: str) -> str:
    """A readable value as code that comes to the same: lists and names are quoted."""
    value = value.strip()
    tree = read_whole(language, value)
    nodes = _nodes(tree) if language.family in _QUOTES_ALL else tree.children[:1]
    needs_quote = any(_is_code(language, node) for node in nodes)
    return f"'{value}" if needs_quote and not value.startswith("'") else value


def _is_code(language: Language, node: Node) -> bool:
    if node.prefix in ("#'", "##", "'"):
        return False
    if node.kind == "list":
        return node.text == "(" and node.prefix != "#"
    constants = _CONSTANTS_OF.get(language.family, _CONSTANTS)
    return node.kind == "symbol" and node.text not in constants


def _is_left_out(node: Node) -> bool:
    # `#` is what Clojure prints for what is deeper than `*print-level*`.
    is_hole = node.text in ("...", "#") or "…" in node.text[:1] + node.text[-1:]
    return node.kind not in ("list", "string") and is_hole


def _is_unreadable(language: Language, node: Node) -> bool:
    if node.kind != "list" and _OBJECT.match(node.text):
        return True
    if language.family != "clojure":
        return any(prefix.startswith("#<") for prefix in node.prefixes)
    for prefix in node.prefixes:
        tag = prefix[1:]
        if not prefix.startswith("#") or tag in ("", "'", "#", "=", "^") or tag.startswith(":"):
            continue
        # `#time/date` has a reader where it is printed so, `#user.Point{…}` is a record.
        is_record = "." in tag and node.is_list("{")
        if tag not in _TAGS and "/" not in tag and not is_record:
            return True
    return False


def _nodes(tree: Node) -> list[Node]:
    found: list[Node] = []
    waiting = list(tree.children)
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.children
        waiting += node.metas
    return found


def _canonical(node: Node) -> str:
    """A text that is the same for the same data."""
    before = "".join((*map(_canonical, node.metas), *node.prefixes))
    if node.kind != "list":
        return before + node.text
    items = [_canonical(child) for child in node.children]
    if node.text == "{":
        if node.prefix == "#" or len(items) % 2:
            items.sort()
        else:
            items = sorted(
                f"{key} {value}" for key, value in zip(items[::2], items[1::2], strict=True)
            )
    return f"{before}{node.text}{' '.join(items)})"


def _collapsed(text: str) -> str:
    return _BLANK.sub(" ", text).strip()
