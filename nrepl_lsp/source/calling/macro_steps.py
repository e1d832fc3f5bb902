"""
Expanding one call of a form at a time, with nothing but the program's own `macroexpand-1`.

The program is asked what each call in the form becomes, all in one vector; the outermost call that
becomes something else is the one that is expanded.
"""

from ..languages import Language
from ..lexer import Span
from ..tree import Node, read

__all__ = ["step_code", "stepped"]

#: Calls of a form that are tried.
CALLS_LIMIT = 50


def step_code(language: Language, text: str) -> str:
    """Code whose value holds each call of a form and what it becomes, in pairs."""
    calls = (text[slice(*span)] for span in _calls(language, text))
    pairs = (f"'{call} (macroexpand-1 '{call})" for call in calls)
    return f"[{' '.join(pairs)}]"


def stepped(language: Language, text: str, printed: str) -> str | None:
    """
    The form with its first macro call expanded, as it is when it has none.

    printed: the value of `step_code`; None when that is something else, or holds no call.
    """
    calls = _calls(language, text)
    forms = read(language, printed)
    found = forms[0].children if len(forms) == 1 else []
    if not found or len(found) != 2 * len(calls):
        return None
    pairs = zip(found[::2], found[1::2], strict=True)
    for span, (call, expansion) in zip(calls, pairs, strict=True):
        old, new = (printed[node.start : node.end] for node in (call, expansion))
        if old != new:
            return text[: span.start] + new + text[span.end :]
    return text


def _calls(language: Language, text: str) -> list[Span]:
    """The calls in a form, each before those in it; quoted ones are data."""
    found: list[Span] = []
    waiting = read(language, text)[::-1]
    while waiting and len(found) < CALLS_LIMIT:
        node = waiting.pop()
        if not _is_data(node):
            if _is_call(node):
                found.append(Span(node.start, node.end))
            waiting += node.children[::-1]
    return found


def _is_call(node: Node) -> bool:
    is_plain = node.is_list("(") and not node.prefixes and not node.metas
    return is_plain and bool(node.children) and node.children[0].kind == "symbol"


def _is_data(node: Node) -> bool:
    if node.prefixes[:1] in (("'",), ("`",)):
        return True
    return _is_call(node) and node.children[0].text == "quote"
