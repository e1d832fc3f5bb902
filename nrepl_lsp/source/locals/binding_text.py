"""The form that binds a local, short enough to be read at a glance."""

from textwrap import dedent

from ..cursor import Cursor, locate
from ..document import Snapshot
from ..languages.bindings import bindings_of
from ..lexer import Form, Span
from ..lines import line_start
from .scopes import Local

__all__ = ["binding_text"]

PART_LIMIT = 240
"""How many characters the bindings of a form may have to be shown whole."""
PART_LINES = 6
_ASSIGNS = frozenset(("setv", "setx"))
"""What binds names of the function around it in Hy."""
VALUE_LIMIT = 120
"""Characters shown of the value of one binding."""


def binding_text(snapshot: Snapshot, local: Local) -> str:
    """
    The form that binds a local: `(let [x (inc 1)] …)`, `(defn f [x] …)`; empty when it is unclear.

    Of many bindings in a row the local's own is shown: `(let [… x (inc 1) …] …)`.
    """
    cursor = locate(snapshot, local.binding.start)
    if cursor is None:
        return ""
    rules = bindings_of(snapshot.language.family, snapshot.language.id)
    declares = frozenset(rules.declares) | frozenset(rules.hoists) | _ASSIGNS
    depth = _binder(cursor, local, declares)
    if depth is None:
        return ""
    text = cursor.text
    forms = [form for form in cursor.forms(depth) if not form.discarded]
    number = next((at for at, form in enumerate(forms) if _holds(form, local.binding)), None)
    whole = cursor.list_form(depth)
    if number is None or whole is None:
        return ""
    is_short_function = text[whole.start : whole.body].endswith("#")
    if is_short_function or whole.end < local.scope.end:
        shown = " ".join(text[whole.start : whole.end].split())
        return shown if len(shown) <= PART_LIMIT else shown[:PART_LIMIT] + "…"
    head = text[forms[0].start : forms[0].end]
    named = ""
    if number > 1 and forms[1].kind == "atom":
        named = " " + text[forms[1].body : forms[1].end]
    opening = f"({head}" + named if number else "("
    part = _part(cursor, depth, forms[number], local, len(opening) + 1)
    return f"{opening}{' ' if number else ''}{part} …)"


def _binder(cursor: Cursor, local: Local, declares: frozenset[str]) -> int | None:
    """
    The number of the innermost call in round brackets that holds binding and scope.

    One that binds to the end of the form it is in, such as `(local x 1)`, holds the binding only.
    """
    for depth in range(cursor.depth, 0, -1):
        opener = cursor.openers[depth - 1]
        if cursor.text[opener] != "(":
            continue
        end = cursor.lexer.skip_list(cursor.text, opener, cursor.region.end)[0]
        first = next(cursor.forms(depth), None)
        if first is None or first.kind != "atom":
            continue
        is_declared = cursor.text[first.start : first.end] in declares
        if end < local.scope.end and not is_declared:
            continue
        if first.start <= local.binding.start < first.end:
            continue
        return depth
    return None


def _part(cursor: Cursor, depth: int, form: Form, local: Local, indent: int) -> str:
    """The bindings: whole, or the one that matters; for an arity its parameters."""
    text = cursor.text
    shown = text[form.start : form.end]
    if shown.startswith("(") and cursor.depth > depth:
        inner = [one for one in cursor.forms(depth + 1) if not one.discarded]
        if len(inner) > 1 and inner[0].kind == "list" and _holds(inner[0], local.binding):
            parameters = text[inner[0].start : inner[0].end]
            if text[inner[0].body] == "[":
                return f"({_fitted(cursor, inner[0], parameters, indent + 1)} …)"
    if len(shown) <= PART_LIMIT and shown.count("\n") < PART_LINES:
        return _fitted(cursor, form, shown, indent)
    if form.kind != "list" or cursor.depth <= depth:
        return shown[:VALUE_LIMIT] + "…"
    return _one_binding(cursor, depth + 1, form, local)


def _one_binding(cursor: Cursor, depth: int, around: Form, local: Local) -> str:
    text = cursor.text
    forms = [form for form in cursor.forms(depth) if not form.discarded]
    at = next((at for at, form in enumerate(forms) if _holds(form, local.binding)), None)
    if at is None:
        return "…"
    last = at + 1 if text[around.body] == "[" and at % 2 == 0 and at + 1 < len(forms) else at
    pieces = [" ".join(text[form.start : form.end].split()) for form in forms[at : last + 1]]
    cut = [piece if len(piece) <= VALUE_LIMIT else piece[:VALUE_LIMIT] + "…" for piece in pieces]
    before, after = "… " if at else "", " …" if last + 1 < len(forms) else ""
    closer = text[around.end - 1] if around.closed else ""
    return f"{text[around.start : around.body + 1]}{before}{' '.join(cut)}{after}{closer}"


def _fitted(cursor: Cursor, form: Form, shown: str, indent: int) -> str:
    """A text of several lines, moved to stand `indent` columns from the margin."""
    first, newline, rest = shown.replace("\r\n", "\n").partition("\n")
    if not newline:
        return shown
    column = form.start - line_start(cursor.text, form.start)
    lines = dedent(" " * (column + 1) + "x\n" + rest).split("\n")[1:]
    return "\n".join([first, *(" " * (indent + 1) + line for line in lines)])


def _holds(form: Form, span: Span) -> bool:
    return form.start <= span.start and span.end <= form.end
