"""Which namespace is in force at a place in a text."""

import re
from functools import cache
from typing import NamedTuple

from .document import Snapshot
from .index import UNCLOSED
from .languages import Language
from .lexer import Form, Lexer, Span, lexer_for

_CORE = r"(?:clojure\.core/|basilisp\.core/|cl:)?"


def namespace_at(snapshot: Snapshot, offset: int) -> str | None:
    """The namespace that code at an offset is read in; None when the text does not say.

    It is what the last `ns`, `in-ns` or the like that ends at or before the offset names, so in an
    `ns` form itself it is the one before. Forms that hold their code (`(module m …)`) count inside.
    """
    found: str | None = None
    for start, end, state, follows, holds in snapshot.once(_declarations):
        if start >= offset:
            break
        is_inside = offset < end or (state == UNCLOSED and offset == end)
        found = (holds if is_inside else follows) or found
    return found


def namespace_form(snapshot: Snapshot) -> Span | None:
    """The first form that names a namespace."""
    for start, end, *_ in snapshot.once(_declarations):
        return Span(start, start + len(snapshot.text[start:end].rstrip()))
    return None


class _Declaration(NamedTuple):
    """A top-level form, and the namespaces that it names for what follows it and what it holds."""

    start: int
    end: int
    state: int
    follows: str | None
    holds: str | None


def _declarations(snapshot: Snapshot) -> list[_Declaration]:
    lexer, index = lexer_for(snapshot.language), snapshot.index
    if lexer is None or index is None:
        return []
    text, (follows, holds) = snapshot.text, _heads(snapshot.language)
    found = []
    for start, end, state in zip(index.starts, index.ends, index.states, strict=True):
        span = Span(start, end)
        after = _named(lexer, text, span, follows)
        within = _named(lexer, text, span, holds)
        if after is not None or within is not None:
            found.append(_Declaration(start, end, state, after, within))
    return found


@cache
def _heads(language: Language) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What a list begins with that names a namespace for what follows it, and for what it holds."""
    follows, holds = (
        re.compile(
            rf"\(\s*{_CORE}(?:{'|'.join(map(re.escape, heads)) or '(?!)'})(?=[\s()\[\]{{}}\"';,^#])"
        )
        for heads in (language.namespace_forms, language.module_forms)
    )
    return follows, holds


def _named(lexer: Lexer, text: str, span: Span, head: re.Pattern[str]) -> str | None:
    """The namespace that a form names, if it begins with `head`."""
    match = head.match(text, span.start, span.end)
    if match is None:
        return None
    forms = lexer.forms(text, match.end(), span.end, ")")
    named = next((form for form in forms if not form.discarded), None)
    return _name(lexer, text, named) if named is not None else None


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
