"""Which namespace is in force at a place in a text."""

from .document import Snapshot
from .index import UNCLOSED
from .lexer import Form, Lexer, Span, lexer_for


def namespace_at(snapshot: Snapshot, offset: int) -> str | None:
    """The namespace that code at an offset is read in; None when the text does not say.

    It is what the last `ns`, `in-ns` or the like that ends at or before the offset names, so in an
    `ns` form itself it is the one before. Forms that hold their code (`(module m …)`) count inside.
    """
    lexer, index = lexer_for(snapshot.language), snapshot.index
    if lexer is None or index is None:
        return None
    found: str | None = None
    for start, end, state in zip(index.starts, index.ends, index.states, strict=True):
        if start >= offset:
            break
        heads = snapshot.language.namespace_forms
        if offset < end or (state == UNCLOSED and offset <= end):
            heads = snapshot.language.module_forms
        found = _named(lexer, snapshot.text, Span(start, end), heads) or found
    return found


def namespace_form(snapshot: Snapshot) -> Span | None:
    """The first form that names a namespace."""
    lexer, index = lexer_for(snapshot.language), snapshot.index
    if lexer is None or index is None:
        return None
    heads = snapshot.language.namespace_forms + snapshot.language.module_forms
    for start, end in zip(index.starts, index.ends, strict=True):
        if _named(lexer, snapshot.text, Span(start, end), heads) is not None:
            return Span(start, start + len(snapshot.text[start:end].rstrip()))
    return None


def _named(lexer: Lexer, text: str, span: Span, heads: tuple[str, ...]) -> str | None:
    """The namespace that a form names, if it is headed by one of `heads`."""
    # Most forms are told apart by their first characters, without reading them.
    if not heads or text[span.start] != "(":
        return None
    forms = (form for form in lexer.forms(text, span.start + 1, span.end, ")"))
    head = next(forms, None)
    if head is None or _unqualified(text[head.start : head.end]) not in heads:
        return None
    named = next((form for form in forms if not form.discarded), None)
    return _name(lexer, text, named) if named is not None else None


def _unqualified(head: str) -> str:
    for core in ("clojure.core/", "cl:", "basilisp.core/"):
        head = head.removeprefix(core)
    return head


def _name(lexer: Lexer, text: str, form: Form) -> str | None:
    """A namespace's name: `foo`, `'foo`, `^{…} foo`, `#?(:clj foo)`, `:foo`, `"FOO"`, `(a b)`."""
    written = text[form.body : form.end]
    if form.kind == "string":
        return written.strip('"') or None
    if form.kind == "list" and text[form.start : form.body].endswith(("#?", "#?@")):
        branch = list(lexer.forms(text, form.body + 1, form.end, ")"))[1:2]
        return _name(lexer, text, branch[0]) if branch else None
    if form.kind == "list":
        return " ".join(written.split())
    return written.removeprefix("#").removeprefix(":") or None
