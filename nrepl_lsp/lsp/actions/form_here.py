"""The form that a menu is about, and whether its value is worth a look."""

from nrepl_lsp.source.definitions.outline import definition_at
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import form_around, form_at, form_before
from nrepl_lsp.source.languages import EDN
from nrepl_lsp.source.lexer import Span, lexer_for
from nrepl_lsp.source.namespaces import namespace_form

__all__ = ["form_here", "form_with_value", "is_evaluated_alone"]

_CONSTANTS = frozenset({"nil", "true", "false", "True", "False", "None"})


def form_here(snapshot: Snapshot, cursor: int) -> Span | None:
    """The form at the cursor, or the one before it."""
    return form_at(snapshot, cursor) or form_before(snapshot, cursor)


def form_with_value(snapshot: Snapshot, cursor: int) -> tuple[Span, int] | None:
    """
    The form whose value is meant, on the head of a call that is the call, and a place for it.

    None where nobody wants a value: of literals, definitions and their names, parts of `ns` forms.
    """
    form = form_here(snapshot, cursor)
    if form is not None and _is_head(snapshot, form):
        form = form_around(snapshot, form.start)
        cursor = form.start if form is not None else cursor
    # Where two forms touch, the place may be taken for the other.
    if form is None or form_here(snapshot, cursor) != form:
        return None
    if not _is_code(snapshot, form) or _is_definition(snapshot, form):
        return None
    return form, cursor


def is_evaluated_alone(snapshot: Snapshot, form: Span) -> bool:
    """Whether one may want just this form evaluated: no literal, part of `ns`, head of a call."""
    return _is_code(snapshot, form) and not _is_head(snapshot, form)


def _is_head(snapshot: Snapshot, form: Span) -> bool:
    text = snapshot.text
    return text[max(0, form.start - 1) : form.start] == "(" and text[form.start] not in "([{\"'#"


def _is_code(snapshot: Snapshot, form: Span) -> bool:
    if snapshot.language is EDN or _is_literal(snapshot, form):
        return False
    namespace = namespace_form(snapshot)
    return namespace is None or not namespace.start < form.start < namespace.end


def _is_definition(snapshot: Snapshot, form: Span) -> bool:
    """Whether it is a definition as a whole, or the name of one."""
    defined = definition_at(snapshot, form.start)
    if defined is None or defined.kind == "comment":
        return False
    return form in (defined.name_span, defined.span)


def _is_literal(snapshot: Snapshot, form: Span) -> bool:
    lexer, text = lexer_for(snapshot.language), snapshot.text[form.start : form.end]
    if lexer is None or text[0] in '"\\':
        return True
    is_atom = text[0] not in "([{#'`@^~"
    return is_atom and (text in _CONSTANTS or lexer.atom_kind(text) in ("number", "keyword"))
