"""What a text defines: namespaces, functions, classes with their methods, tests.

A definition is found by the head of its form: the heads that the language has, and any other that
begins with `def`, since macros that define are named so. Forms that are quoted or that the reader
drops define nothing. Plain text has no definitions.
"""

from collections.abc import Sequence

from ..document import Snapshot
from ..index import DISCARDED
from ..languages.definitions import Definer, Definitions
from ..lexer import Form, Span
from .definition_forms import Definition, Grammar, Name, Reader, Started, grammar_of
from .definition_shapes import SHAPES

__all__ = ["Definition", "definition_at", "outline"]

_KEYED = Definer("keyword", "keyed")

NESTING_LIMIT = 8
"""How deep in `do`, `let` and the like definitions are looked for."""


def outline(snapshot: Snapshot) -> Sequence[Definition]:
    """The definitions at the top level of a text, in order; worked out once for a text."""
    return snapshot.once(_outline)


def definition_at(snapshot: Snapshot, offset: int) -> Definition | None:
    """The innermost definition that an offset is in or right after."""
    found: Definition | None = None
    level = outline(snapshot)
    while level:
        inner: Definition | None = None
        for definition in level:
            start, end = definition.span
            # Of two that touch, the one that begins here counts.
            if start <= offset <= end and (inner is None or inner.span.end <= offset):
                inner = definition
        if inner is None:
            break
        found, level = inner, inner.children
    return found


def _outline(snapshot: Snapshot) -> tuple[Definition, ...]:
    grammar, index = grammar_of(snapshot.language), snapshot.index
    if grammar is None or index is None:
        return ()
    text = snapshot.text
    walk = _Walk(grammar, text)
    found: list[Definition] = []
    for start, end, state in zip(index.starts, index.ends, index.states, strict=True):
        if state == DISCARDED:
            continue
        if text[start] == "(":
            found += walk.list_at(start, start, end, 0)
            continue
        form = next(grammar.lexer.forms(text, start, end), None)
        if form is not None:
            found += walk.form(form, 0)
    whole = Span(0, len(text))
    return tuple(_held(definition, whole) for definition in found)


def _held(definition: Definition, around: Span) -> Definition:
    """A definition that lies in a span, with its name and its children in itself.

    Of what is not closed the end depends on who reads it; clients refuse a name outside.
    """
    span = _clamped(definition.span, around)
    name_span = _clamped(definition.name_span, span)
    children = tuple(_held(child, span) for child in definition.children)
    if span is definition.span and name_span is definition.name_span and not children:
        return definition
    return definition._replace(span=span, name_span=name_span, children=children)


def _clamped(span: Span, around: Span) -> Span:
    if around[0] <= span[0] and span[1] <= around[1]:
        return span
    start = max(around[0], min(span[0], around[1]))
    return Span(start, max(start, min(span[1], around[1])))


class _Walk:
    """Finds the definitions in the forms of one text."""

    def __init__(self, grammar: Grammar, text: str) -> None:
        self._grammar = grammar
        self._text = text
        self._reader = Reader(grammar, text)
        self._definers: dict[str, Definer | None] = {}

    def form(self, form: Form, depth: int) -> Sequence[Definition]:
        """The definitions of a form, unless a prefix makes it something else."""
        if form.kind != "list" or depth > NESTING_LIMIT:
            return ()
        prefix = self._text[form.parts[-1].start : form.body]
        if prefix == "" and self._text[form.body] == "(":
            return self.list_at(form.body, form.start, form.end, depth)
        if prefix.startswith("#?"):
            return self._clauses(form.body + 1, form.end, depth + 1, "[")
        return ()

    def list_at(self, opener: int, start: int, end: int, depth: int) -> Sequence[Definition]:
        """The definitions of the list at `opener`, whose form is from `start` to `end`."""
        match = self._grammar.start.match(self._text, opener, end)
        if match is None:
            return ()
        head = match[1]
        if head in self._definers:
            definer = self._definers[head]
        else:
            definer = self._definers[head] = _definer(self._grammar.definitions, head)
        if definer is None:
            return self._contained(head, Span(start, end), match.end(1), depth)
        head_span, name, after = Span(match.start(1), match.end(1)), None, match.end(1)
        if match[3] is not None:
            after = match.end(3)
            name = Name(match[3], Span(match.start(3), after), match[2])

        def inner(form: Form) -> Sequence[Definition]:
            return self.form(form, depth + 1)

        whole = Span(start, end)
        started = Started(
            whole, end, head_span, definer, name, after, match[4], match.end(4), inner
        )
        return SHAPES[definer.shape](self._reader, started)

    def _contained(self, head: str, span: Span, after: int, depth: int) -> Sequence[Definition]:
        """The definitions in a list that defines nothing itself."""
        definitions = self._grammar.definitions
        if head in definitions.containers:
            return self._all(after, span.end, depth + 1)
        if head in definitions.clauses:
            return self._clauses(after, span.end, depth + 1, "(")
        if head in definitions.comments:
            children = tuple(self._all(after, span.end, depth + 1))
            if children:
                span, name = self._reader.trimmed(span), Span(after - len(head), after)
                return (Definition(head, "comment", span, name, children=children),)
        return ()

    def _all(self, position: int, end: int, depth: int) -> list[Definition]:
        """The definitions of all forms in a list."""
        forms = self._reader.forms(position, end)
        return [found for form in forms for found in self.form(form, depth)]

    def _clauses(self, position: int, end: int, depth: int, bracket: str) -> list[Definition]:
        """The definitions of all forms, and of those in lists that are no forms of their own."""
        found: list[Definition] = []
        for form in self._reader.forms(position, end):
            if self._is_clause(form, bracket) and depth <= NESTING_LIMIT:
                found += self._all(form.body + 1, form.end, depth + 1)
            else:
                found += self.form(form, depth)
        return found

    def _is_clause(self, form: Form, bracket: str) -> bool:
        """`(guile …)` of Scheme's `cond-expand`, or the `[…]` that Clojure's `#?@` splices."""
        if not self._reader.opens(form, bracket) or form.start != form.body:
            return False
        head = self._grammar.start.match(self._text, form.body, form.end)
        definitions = self._grammar.definitions
        return head is None or not (
            head[1] in definitions.containers or _definer(definitions, head[1]) is not None
        )


def _definer(definitions: Definitions, head: str) -> Definer | None:
    """What a head defines; None when it is no head of a definition."""
    if definitions.folds_case:
        head = head.lower()
    name = head
    if definitions.qualifier:
        name = head.rpartition(definitions.qualifier)[2] or head
    known = definitions.heads.get(head) or definitions.heads.get(name)
    if known is not None:
        return known
    if name.startswith(definitions.prefixes) and not name.startswith(definitions.not_prefixes):
        return definitions.other
    if definitions.keyed and name.startswith(definitions.keyed):
        return _KEYED
    return None
