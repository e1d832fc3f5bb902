"""What the parameters of a function are, read from its argument list as text.

An argument list comes in the form that its language prints it in: `[f & xs]`, `(a, b=1, *rest)`,
`(a &optional b)`. A parameter is a stretch of that text, so that it is shown as it was written.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..cursor import locate
from ..definitions.outline import Definition, outline
from ..document import Snapshot
from ..languages import CLOJURE, Language
from ..lexer import Form, Lexer, Span, lexer_for
from ..locals.scopes import Local

__all__ = [
    *("Parameter", "arglists_of_local", "defined_arglists", "is_python", "parameters"),
    *("plain_name", "python_parameters"),
]

_REST = frozenset(("&", ".", "&rest", "&body", "&keys", "#!rest"))
_OPTIONAL = frozenset(("&optional", "&opt", "#!optional"))
_BY_NAME = frozenset(("&key", "&named", "#!key"))
_NOTHING = frozenset(("&allow-other-keys", "/"))
_WORD = re.compile(r"[^\s:=*]+")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A stretch of a label. `kind` is required, optional, rest, or named for one given by name."""

    span: Span
    kind: str
    name: str


def parameters(
    text: str, span: Span, language: Language, is_macro: bool = False
) -> Iterator[Parameter]:
    """The parameters in a stretch of a text, written as forms.

    In what documents a macro or a special form `x?` is optional and `x*` takes the rest.
    """
    family, kind, marker = language.family, "required", -1
    for form in _forms(text, span, language):
        word, start = text[form.start : form.end], form.start if marker < 0 else marker
        here = Span(start, form.end)
        if word == "..." and marker < 0:
            yield Parameter(here, "rest", word)
        elif word in _REST:
            marker, kind = form.start, "rest"
        elif word in _OPTIONAL:
            kind = "optional"
        elif word in _BY_NAME or (word == "*" and family == "hy"):
            kind, marker = "named", -1
        elif word == "&aux":
            return
        elif word in _NOTHING or (word == "+" and is_macro):
            continue
        elif word.startswith("#:"):
            marker, kind = form.start, "named"
        elif family == "hy" and word.startswith("#*"):
            is_named = word.startswith("#**")
            kind, marker = "named", -1
            yield Parameter(here, "named" if is_named else "rest", word.lstrip("#* "))
        else:
            yield Parameter(here, _kind(word, kind, family, is_macro), _name(word))
            if marker >= 0:
                marker, kind = -1, "required"


def defined_arglists(snapshot: Snapshot, name: str) -> tuple[str, tuple[str, ...]] | None:
    """The kind and the argument lists of the last definition of a function in a text.

    `->Point` and `Point.` have the fields of a class; methods of protocols are functions too.
    """
    found = _defined(outline(snapshot), name)
    if found is None and snapshot.language.family == "clojure":
        of_class = name.removeprefix("->") if name.startswith("->") else name.removesuffix(".")
        found = _defined(outline(snapshot), of_class, is_class=True) if of_class != name else None
    if found is None:
        return None
    arglists = _arglists(found.detail, snapshot.language)
    return (found.kind, arglists) if arglists else None


def _defined(
    definitions: Sequence[Definition], name: str, *, is_class: bool = False
) -> Definition | None:
    kinds = ("class",) if is_class else ("function", "macro")
    for definition in reversed(definitions):
        if definition.name == name and definition.kind in kinds and definition.detail:
            return definition
        if definition.kind in ("protocol", "comment", "namespace"):
            inside = [
                child._replace(kind="function") if child.kind == "method" else child
                for child in definition.children
            ]
            if found := _defined(inside, name, is_class=is_class):
                return found
    return None


def _arglists(detail: str, language: Language) -> tuple[str, ...]:
    """One text per arity of several in a row; one that was cut ends in dots."""
    return tuple(
        detail[form.start : form.end] + ("" if form.closed else "…")
        for form in _forms(detail, Span(0, len(detail)), language)
        if form.kind == "list"
    )


def arglists_of_local(snapshot: Snapshot, local: Local) -> tuple[str, ...]:
    """The argument lists of a function that a form binds, where they stand right after its name.

    As in `(fn f [x] …)`, `(letfn [(f ([x] …))] …)` and `(let [f (fn [x] …)] …)`.
    """
    cursor = locate(snapshot, local.binding.end)
    if cursor is None or not cursor.depth:
        return ()
    text = cursor.text
    forms = (form for form in cursor.forms(cursor.depth) if form.start >= local.binding.end)
    if text[cursor.openers[-1]] == "(":
        return _arities(cursor.lexer, text, forms)
    value = next(forms, None)
    if value is None or value.kind != "list" or text[value.start] != "(":
        return ()
    inside = cursor.lexer.forms(text, value.body + 1, value.end, ")")
    head = next(inside, None)
    if head is None or text[head.start : head.end] not in ("fn", "fn*", "λ", "lambda"):
        return ()
    return _arities(cursor.lexer, text, inside)


def _arities(lexer: Lexer, text: str, forms: Iterator[Form]) -> tuple[str, ...]:
    """The parameter lists at the start of a function's body, a name before them left out."""
    found: list[str] = []
    for number, form in enumerate(forms):
        opener = text[form.body]
        if opener == "[":
            return (_line(text, form.body, form.end),) if not found else tuple(found)
        arity = _arity(lexer, text, form) if opener == "(" else None
        if arity is not None:
            found.append(_line(text, arity.body, arity.end))
        elif number or form.kind != "atom":
            break
    return tuple(found)


def _arity(lexer: Lexer, text: str, form: Form) -> Form | None:
    """The parameter list that an arity such as `([x] …)` begins with."""
    first = next(lexer.forms(text, form.body + 1, form.end, ")"), None)
    return first if first is not None and text[first.body] == "[" else None


def _line(text: str, start: int, end: int) -> str:
    return " ".join(text[start:end].split())


def _kind(text: str, kind: str, family: str, is_macro: bool) -> str:
    """What a parameter is by how it is written, where no marker before it has said it."""
    if kind != "required":
        return kind
    if is_macro and text[-1:] in ("*", "?"):
        return "rest" if text[-1] == "*" else "optional"
    is_default = text[:1] == "[" and family in ("hy", "racket")
    if is_default or (text[:1] == "?" and family == "fennel"):
        return "optional"
    return "required"


def _name(text: str) -> str:
    """The name of a parameter that may have a default: `b`, `[b 1]`, `(b 1)`."""
    words = text.strip("[](){}").split()
    return words[0] if words else text


def _forms(label: str, span: Span, language: Language) -> Iterator[Form]:
    lexer = lexer_for(language) or lexer_for(CLOJURE)
    assert lexer is not None
    return lexer.forms(label, span.start, span.end)


def python_parameters(label: str, span: Span) -> Iterator[Parameter]:
    """The parameters of a Python signature: what is between its commas."""
    kind = "required"
    for start, end in _pieces(label, span):
        text = label[start:end]
        if text == "/":
            continue
        if text == "*":
            kind = "named"
            continue
        found = _WORD.search(text)
        name = found[0] if found else text
        if text.startswith("**"):
            yield Parameter(Span(start, end), "named", name)
        elif text.startswith("*"):
            yield Parameter(Span(start, end), "rest", name)
            kind = "named"
        else:
            is_optional = kind == "required" and "=" in text
            yield Parameter(Span(start, end), "optional" if is_optional else kind, name)


_PYTHON_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[()\[\]{},]|[^()\[\]{},'\"]+|.")


def _pieces(label: str, span: Span) -> Iterator[Span]:
    """The stretches between commas that are in no bracket and no string, without white space."""
    depth, start = 0, span.start
    for match in _PYTHON_TOKEN.finditer(label, span.start, span.end):
        token = match[0]
        depth += (token in "([{") - (token in ")]}")
        if token == "," and depth <= 0:
            yield from _stripped(label, start, match.start())
            start = match.end()
    yield from _stripped(label, start, span.end)


def _stripped(label: str, start: int, end: int) -> Iterator[Span]:
    text = label[start:end]
    if text.strip():
        left = start + len(text) - len(text.lstrip())
        yield Span(left, left + len(text.strip()))


def is_python(arglist: str, language: Language) -> bool:
    """Whether an argument list is written as in Python."""
    if arglist[:1] != "(":
        return False
    return (
        language.family == "hy"
        or len(list(_pieces(arglist, Span(1, max(1, len(arglist) - 1))))) > 1
    )


def plain_name(name: str) -> str:
    """What a parameter's name and the keyword for it have in common."""
    return name.lstrip("#:").rstrip(":").replace("-", "_")
