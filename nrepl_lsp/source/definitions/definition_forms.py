"""Reading one form that defines something: its name, its parameters, and what belongs to it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import NamedTuple

from ..languages import Language
from ..languages.definitions import DEFINITIONS, Definer, Definitions
from ..lexer import Form, Lexer, Span, lexer_for

__all__ = ["DETAIL_LIMIT", "Definition", "Grammar", "Name", "Reader", "Started", "grammar_of"]

DETAIL_LIMIT = 200
"""Characters of a definition's detail."""

_BEFORE_PARAMETERS = 8
"""Forms that may stand between a name and its parameters: a doc string, a map, a return type."""

_PRIVATE = re.compile(r"\^:private\b|:private\s+true\b")
_DEPRECATED = re.compile(r":deprecated\b(?!\s+(?:false|nil)\b)")
_CONSTANT = re.compile(r"\^:const\b|:const\s+true\b")


class Definition(NamedTuple):
    """Something that a text defines.

    `kind` is one of namespace, function, macro, variable, constant, class, protocol, method,
    multimethod, test, keyword, field, and comment for a block that only holds definitions.
    `name` is as written, without metadata. `detail` are its parameter lists, or what a method
    dispatches on. `span` is the whole form and holds `name_span` and the children's spans.
    """

    name: str
    kind: str
    span: Span
    name_span: Span
    detail: str = ""
    is_private: bool = False
    is_deprecated: bool = False
    children: "tuple[Definition, ...]" = ()


class Name(NamedTuple):
    """A name, where it is, and the metadata before it as text."""

    text: str
    span: Span
    marks: str = ""


class Started(NamedTuple):
    """
    A list that defines something, read up to its head.

    `name` is known already where it is a plain symbol, and so is `plain`, a plain list of
    parameters after it that ends at `plain_end`. `after` is the end of the head or the name.
    `inner` reads the definitions of a form in it.
    """

    span: Span
    end: int
    head: Span
    definer: Definer
    name: Name | None
    after: int
    plain: str | None
    plain_end: int
    inner: Callable[[Form], Sequence[Definition]]


class Grammar(NamedTuple):
    """What reading needs of a language; the regexes are a short cut for forms of plain symbols."""

    lexer: Lexer
    definitions: Definitions
    start: re.Pattern[str]
    arity: re.Pattern[str]
    value: re.Pattern[str]


@cache
def grammar_of(language: Language) -> Grammar | None:
    """The grammar of a language's definitions; None when it has none."""
    lexer, lexical = lexer_for(language), language.lexical
    definitions = DEFINITIONS.get(language.family)
    if lexer is None or lexical is None or definitions is None:
        return None
    space, symbol = f"[{lexical.space}]", f"[^{lexical.breaks}]++"
    opener = definitions.parameters
    closer = {"[": "]", "(": ")"}[opener]
    plain = rf"\{opener}[^()\[\]{{}}\";#|\\]*+\{closer}"
    string = r'(?:"(?:[^"\\]++|\\.)*+"' + space + "++)?"
    name = rf"(?![+-]?\.?\d)[\w*+!?<>=&%$./-][^{lexical.breaks}|\\#]*+(?=[{lexical.space})])"
    marks = rf"(?:\^:?[\w./-]++{space}++)*+" if r"\^" in lexical.double_prefix else ""
    return Grammar(
        lexer,
        definitions,
        re.compile(
            rf"\({space}*+({symbol})(?:{space}++({marks})({name})(?:{space}*+{string}({plain}))?)?",
            re.DOTALL,
        ),
        re.compile(rf"{space}*+{string}(\()({plain})", re.DOTALL),
        re.compile(rf"{space}*+{string}(#?\()({symbol})(?:{space}++({plain}))?", re.DOTALL),
    )


class Reader:
    """Reads the parts of definitions in one text."""

    def __init__(self, grammar: Grammar, text: str) -> None:
        self.grammar = grammar
        self.text = text

    def forms(self, position: int, end: int) -> Iterator[Form]:
        """The forms of a list from a place in it, without those that are dropped."""
        for form in self.grammar.lexer.forms(self.text, position, end, ")]}"):
            if not form.discarded:
                yield form

    def opens(self, form: Form, bracket: str) -> bool:
        """Whether a form is a list in such brackets."""
        return form.kind == "list" and self.text[form.body] == bracket

    def tidy(self, start: int, end: int) -> str:
        """A stretch of text as one line."""
        text = self.text[start : min(end, start + 4 * DETAIL_LIMIT)]
        return " ".join(text.split())[:DETAIL_LIMIT]

    def trimmed(self, span: Span) -> Span:
        """The span of a form, without the white space that an unclosed one ends with."""
        start, end = span
        if self.text[end - 1 : end].isspace():
            return Span(start, start + len(self.text[start:end].rstrip()))
        return span

    def name(self, form: Form | None) -> Name | None:
        """The name that a form is: a symbol or a keyword."""
        if form is None or form.kind != "atom":
            return None
        text = self.text[form.body : form.end]
        if self.grammar.lexer.atom_kind(text) not in ("symbol", "keyword"):
            return None
        return Name(text, Span(form.body, form.end), self.text[form.start : form.body])

    def first_name(self, form: Form | None) -> Name | None:
        """The name that a form is or, as a list, begins with: `(point (:conc-name p-))`."""
        if form is not None and form.kind == "list":
            form = next(self.forms(form.body + 1, form.end), None)
        return self.name(form)

    def begin(self, found: Started) -> tuple[Name | None, Iterator[Form]]:
        """The name of a definition, and the forms that follow it."""
        forms = self.forms(found.after, found.end)
        if found.name is not None:
            return found.name, forms
        form = next(forms, None)
        definitions = self.grammar.definitions
        if definitions.decorates:
            # Hy: `(defn [decorator] name …)`, `(defn :async name …)`.
            for _ in range(2):
                if form is None or (form.kind == "atom" and self.text[form.body] != ":"):
                    break
                form = next(forms, None)
        if form is not None and definitions.parameters == "(" and self.opens(form, "("):
            # Common Lisp: `(defun (setf name) …)`.
            return self.listed_name(form), forms
        return self.name(form), forms

    def listed_name(self, form: Form) -> Name:
        """A name that is not one symbol: `(ice-9 match)`, `"FOO"`."""
        return Name(self.tidy(form.body, form.end), Span(form.body, form.end))

    def parameters(self, found: Started, forms: Iterable[Form]) -> tuple[str, str, bool]:
        """
        The parameter lists after a name, the text of the maps before them, and whether they end
        the form.
        """
        text, opener = self.text, self.grammar.definitions.parameters
        if found.plain is not None:
            rest = text[found.plain_end : found.plain_end + 1]
            return " ".join(found.plain.split())[:DETAIL_LIMIT], "", rest in (")", "")
        if found.name is not None and opener == "[" and (arities := self._arities(found)):
            return arities, "", False
        lists: list[str] = []
        maps, is_type = "", False
        for form in islice(forms, _BEFORE_PARAMETERS):
            if is_type:
                is_type = False
            elif form.kind == "atom":
                # What follows is a type: `(s/defn f :- [Int] [x] …)`.
                is_type = text[form.body : form.end] == ":-"
            elif self.opens(form, "{"):
                maps += text[form.body : form.end]
            elif self.opens(form, opener):
                is_last = text[form.end : form.end + 1] in (")", "")
                return self.tidy(form.body, form.end), maps, is_last
            elif self.opens(form, "("):
                first = next(self.forms(form.body + 1, form.end), None)
                if first is None or not self.opens(first, opener):
                    break
                lists.append(self.tidy(first.body, first.end))
        return " ".join(lists)[:DETAIL_LIMIT], maps, False

    def _arities(self, found: Started) -> str:
        """The parameters of `(f "doc" ([x] …) ([x y] …))`; empty where it is not that simple."""
        text, position, end = self.text, found.after, found.end
        lists: list[str] = []
        while (arity := self.grammar.arity.match(text, position, end)) is not None:
            lists.append(" ".join(arity[2].split()))
            position = self.grammar.lexer.skip_list(text, arity.start(1), end, ")")[0]
        is_all = text[position : position + 1] in (")", "")
        return " ".join(lists)[:DETAIL_LIMIT] if is_all else ""

    def methods(self, forms: Iterable[Form], arities: int | None = 1) -> tuple[Definition, ...]:
        """The lists that begin with a name, as methods; the vectors after it are its arities."""
        found = []
        for form in forms:
            if not self.opens(form, "(") or form.start != form.body:
                continue
            inside = self.forms(form.body + 1, form.end)
            name = self.name(next(inside, None))
            if name is None:
                continue
            parts = islice(inside, arities)
            lists = [self.tidy(it.body, it.end) for it in parts if self.opens(it, "[")]
            detail = " ".join(lists)[:DETAIL_LIMIT]
            found.append(self._part(form, name, "method", detail))
        return tuple(found)

    def fields(self, forms: Iterable[Form]) -> tuple[Definition, ...]:
        """The names of fields, alone or at the start of a list."""
        found = []
        for form in forms:
            name = self.first_name(form)
            if name is not None and not name.text.startswith((":", "#:")):
                found.append(self._part(form, name, "field"))
        return tuple(found)

    def accessors(self, forms: Iterable[Form]) -> tuple[Definition, ...]:
        """What a record of Scheme defines: `(make-point x y) point? (x point-x set-point-x!)`."""
        found = []
        for place, form in enumerate(forms):
            parts = [form]
            if form.kind == "list":
                # A constructor begins with its name, a field with the field's.
                inside = self.forms(form.body + 1, form.end)
                parts = list(islice(inside, 1) if place == 0 else islice(inside, 1, 3))
            names = [self.name(part) for part in parts]
            found += [self._part(form, name, "function") for name in names if name is not None]
        return tuple(found)

    def variable(self, found: Started, name: Name) -> Definition:
        """A variable, which may hold a function or an object with methods."""
        kind, detail = found.definer.kind, ""
        children: tuple[Definition, ...] = ()
        value = self.grammar.value.match(self.text, name.span.end, found.end)
        if value is not None:
            definitions = self.grammar.definitions
            if value[1] == "#(":
                kind = "function"
            elif value[2] in definitions.functions:
                kind, detail = "function", " ".join((value[3] or "").split())[:DETAIL_LIMIT]
            elif value[2] in definitions.objects:
                children = self.methods(self.forms(value.end(2), found.end))
        if kind == "variable" and name.marks and _CONSTANT.search(name.marks):
            kind = "constant"
        if kind == "variable" and name.text.startswith(":"):
            kind = "keyword"
        return self.definition(found, kind, name, detail, children=children)

    def definition(
        self,
        found: Started,
        kind: str,
        name: Name,
        detail: str = "",
        marks: str = "",
        children: tuple[Definition, ...] = (),
    ) -> Definition:
        """A definition of the whole form; `marks` are more of its metadata."""
        marks = name.marks + marks
        return Definition(
            name.text,
            kind,
            self.trimmed(found.span),
            name.span,
            detail,
            found.definer.is_private or (bool(marks) and _PRIVATE.search(marks) is not None),
            bool(marks) and _DEPRECATED.search(marks) is not None,
            children,
        )

    def _part(self, form: Form, name: Name, kind: str, detail: str = "") -> Definition:
        is_deprecated = bool(name.marks) and _DEPRECATED.search(name.marks) is not None
        span = self.trimmed(Span(form.start, form.end))
        return Definition(name.text, kind, span, name.span, detail, is_deprecated=is_deprecated)
