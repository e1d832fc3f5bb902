"""The shapes of forms that define something, by the names that `languages.definitions` uses."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from ..lexer import Span
from .definition_forms import DETAIL_LIMIT, Definition, Name, Reader, Started
from .pattern_shapes import marked, member, names_in, pattern, table, unnamed

__all__ = ["SHAPES"]

_CURRY_LIMIT = 4
"""How many parameter lists in one another are looked through for a name."""

_MANY = 200
"""Fields of a class that are listed."""


def _plain(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, and the parameters of a function: `(defn f [x] …)`."""
    kind = found.definer.kind
    if kind == "namespace":
        return _namespace(reader, found)
    name, forms = reader.begin(found)
    if name is None:
        return ()
    found = marked(reader, found)
    if kind in ("variable", "constant"):
        return (reader.variable(found, name),)
    if kind and name.text.startswith(":"):
        return ()
    detail, marks, is_last = reader.parameters(found, forms)
    if not kind and name.text.startswith(":"):
        kind, detail = "keyword", ""
    elif not kind and (is_last or not detail):
        # A vector with nothing after it is a value.
        kind, detail = "variable", ""
    return (reader.definition(found, kind or "function", name, detail, marks),)


def _namespace(reader: Reader, found: Started) -> Sequence[Definition]:
    name = found.name
    if name is None:
        form = next(reader.forms(found.after, found.end), None)
        if form is None:
            return ()
        name = reader.name(form) or reader.listed_name(form)
        text = name.text.strip('"').removeprefix("#").removeprefix(":")
        name = name._replace(text=text or name.text)
    return (reader.definition(found, "namespace", name),)


def _target(reader: Reader, found: Started) -> Sequence[Definition]:
    """`(define name …)`, `(define (name x) …)`, `(define ((name x) y) …)`."""
    name, detail = found.name, ""
    if name is None:
        form = next(reader.forms(found.after, found.end), None)
        for _ in range(_CURRY_LIMIT):
            if form is None or form.kind != "list":
                break
            target = form
            form = next(reader.forms(target.body + 1, target.end), None)
            if form is not None:
                rest = reader.tidy(form.end, target.end - target.closed)
                # The innermost list is applied first.
                detail = f"({rest}) {detail}".rstrip()[:DETAIL_LIMIT]
        name = reader.name(form)
        if name is None:
            return ()
    kind = found.definer.kind
    if kind == "variable" and not detail:
        return (_class_value(reader, found, name) or reader.variable(found, name),)
    return (reader.definition(found, "function" if kind == "variable" else kind, name, detail),)


def _class_value(reader: Reader, found: Started, name: Name) -> Definition | None:
    """Racket's `(define c% (class object% (define/public (m) …)))`; None for other values."""
    match = reader.grammar.value.match(reader.text, name.span.end, found.end)
    if match is None or match[2] not in reader.grammar.definitions.classes:
        return None
    inner = (child for form in reader.forms(match.end(2), found.end) for child in found.inner(form))
    inside = {"function": "method", "variable": "field"}
    children = tuple(it._replace(kind=inside.get(it.kind, it.kind)) for it in inner)
    return reader.definition(found, "class", name, children=children)


def _names(reader: Reader, found: Started) -> Sequence[Definition]:
    """A list of names: `(define-values (a b) …)`."""
    form = next(reader.forms(found.after, found.end), None)
    if found.name is not None or form is None or form.kind != "list":
        return ()
    names = (reader.name(it) for it in reader.forms(form.body + 1, form.end))
    kind = found.definer.kind
    return [reader.definition(found, kind, name) for name in names if name is not None]


def _pairs(reader: Reader, found: Started) -> Sequence[Definition]:
    """Names and values in turn: `(setv a 1 b 2)`."""
    forms = list(reader.forms(found.head.end, found.end))
    made = []
    for first, value in zip(forms[::2], forms[1::2], strict=False):
        name = reader.name(first)
        whole = found.span if len(forms) == 2 else Span(first.start, value.end)
        started = found._replace(span=whole)
        if name is not None and "." not in name.text:
            made.append(reader.variable(started, name))
        elif reader.opens(first, "["):
            names = names_in(reader, first)
            made += [reader.definition(started, found.definer.kind, it) for it in names]
    return made


def _protocol(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, and signatures: `(m [this] [this x] "doc")`."""
    name, forms = reader.begin(found)
    if name is None:
        return ()
    methods = reader.methods(forms, arities=None)
    return (reader.definition(found, found.definer.kind, name, children=methods),)


def _members(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, fields, and methods: `(defrecord A [x] P (m [this] …))`."""
    name, forms = reader.begin(found)
    if name is None:
        return ()
    rest = list(forms)
    detail = ""
    if rest and reader.opens(rest[0], "["):
        detail = reader.tidy(rest[0].body, rest[0].end)
    methods = reader.methods(rest)
    return (reader.definition(found, found.definer.kind, name, detail, children=methods),)


def _extension(reader: Reader, found: Started) -> Sequence[Definition]:
    """The methods that a type or a protocol gets; the detail is the head."""
    name, forms = reader.begin(found)
    if name is None:
        return ()
    head = reader.text[found.head.start : found.head.end]
    methods = reader.methods(forms)
    return (reader.definition(found, found.definer.kind, name, head, children=methods),)


def _anonymous(reader: Reader, found: Started) -> Sequence[Definition]:
    """Methods without a name: `(reify P (m [this] …))`."""
    methods = reader.methods(reader.forms(found.head.end, found.end))
    head = Name(reader.text[found.head.start : found.head.end], found.head)
    kind = found.definer.kind
    return (reader.definition(found, kind, head, children=methods),) if methods else ()


def _dispatch(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, and what it dispatches on: `(defmethod area :circle [shape] …)`."""
    name, forms = reader.begin(found)
    if name is None:
        return ()
    value = next(forms, None)
    detail = reader.tidy(value.start, value.end) if value is not None else ""
    return (reader.definition(found, found.definer.kind, name, detail),)


def _qualified(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, qualifiers, and parameters: `(defmethod area :around ((s square)) …)`."""
    name, forms = reader.begin(found)
    if name is None:
        return ()
    words = []
    for form in islice(forms, _CURRY_LIMIT):
        words.append(reader.tidy(form.start, form.end))
        if form.kind == "list":
            break
    detail = " ".join(words)[:DETAIL_LIMIT]
    return (reader.definition(found, found.definer.kind, name, detail),)


def _keyed(reader: Reader, found: Started) -> Sequence[Definition]:
    """A keyword: `(rf/reg-event-db :loaded …)`."""
    name = reader.name(next(reader.forms(found.after, found.end), None))
    if found.name is not None or name is None or not name.text.startswith(":"):
        return ()
    return (reader.definition(found, found.definer.kind, name),)


def _body(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, and definitions that belong to it: a library, a module."""
    forms = reader.forms(found.head.end, found.end)
    form = next(forms, None)
    if form is None:
        return ()
    name = reader.name(form) or reader.listed_name(form)
    children = tuple(child for form in forms for child in found.inner(form))
    return (reader.definition(found, found.definer.kind, name, children=children),)


def _class_body(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, its bases, and definitions that are its fields and methods: a class of Hy."""
    name, forms = reader.begin(found)
    if name is None:
        return ()
    detail = ""
    children: list[Definition] = []
    inside = {"function": "method", "variable": "field"}
    for place, form in enumerate(forms):
        if place == 0 and reader.opens(form, "["):
            detail = reader.tidy(form.body, form.end)
        children += [it._replace(kind=inside.get(it.kind, it.kind)) for it in found.inner(form)]
    return (reader.definition(found, "class", name, detail, children=tuple(children)),)


def _slots(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, and a list of fields: `(struct point (x y))`."""
    return _with_fields(reader, found, 0)


def _class_slots(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, parents, and a list of fields: `(defclass circle (shape) ((radius …)) …)`."""
    return _with_fields(reader, found, 1)


def _struct_slots(reader: Reader, found: Started) -> Sequence[Definition]:
    """A name, and fields: `(defstruct point x (y 0))`."""
    forms = reader.forms(found.head.end, found.end)
    name = reader.first_name(next(forms, None))
    if name is None:
        return ()
    fields = reader.fields(islice(forms, _MANY))
    return (reader.definition(found, found.definer.kind, name, children=fields),)


def _with_fields(reader: Reader, found: Started, parents: int) -> Sequence[Definition]:
    """A name, and fields in a list that stands after as many lists of parents."""
    forms = reader.forms(found.head.end, found.end)
    name = reader.first_name(next(forms, None))
    if name is None:
        return ()
    lists = [form for form in islice(forms, _CURRY_LIMIT) if form.kind == "list"]
    listed = lists[parents : parents + 1]
    inside = (it for form in listed for it in reader.forms(form.body + 1, form.end))
    fields = reader.fields(islice(inside, _MANY))
    return (reader.definition(found, found.definer.kind, name, children=fields),)


def _record(reader: Reader, found: Started) -> Sequence[Definition]:
    """`(define-record-type point (make-point x y) point? (x point-x set-point-x!))`."""
    forms = reader.forms(found.head.end, found.end)
    name = reader.first_name(next(forms, None))
    if name is None:
        return ()
    accessors = reader.accessors(islice(forms, _MANY))
    return (reader.definition(found, found.definer.kind, name, children=accessors),)


SHAPES: Mapping[str, Callable[[Reader, Started], Sequence[Definition]]] = {
    "": _plain,
    "target": _target,
    "pattern": pattern,
    "member": member,
    "table": table,
    "unnamed": unnamed,
    "names": _names,
    "pairs": _pairs,
    "protocol": _protocol,
    "members": _members,
    "extension": _extension,
    "anonymous": _anonymous,
    "dispatch": _dispatch,
    "qualified": _qualified,
    "keyed": _keyed,
    "body": _body,
    "class body": _class_body,
    "slots": _slots,
    "class slots": _class_slots,
    "struct slots": _struct_slots,
    "record": _record,
}
"""The shape's name → the definitions of a form of that shape."""
