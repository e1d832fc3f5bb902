"""
Bringing a name into a file: the change of its `ns` form, as text in the form's own style.

A libspec gets a line of its own below the first one, in its place if the others are sorted. There
is no change where there is no whole `ns` form, nor for a name that is none.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ..changes import Change
from ..document import Snapshot
from ..languages import EDN, Language
from ..lexer import Form, Lexer, Span, lexer_for
from ..lines import line_start
from ..namespaces import namespace_form
from ..naming.imported_names import table_of
from ..naming.names import names_at
from .white_space import line_break_of

__all__ = ["add_import", "add_module", "add_refer", "add_require", "is_clojure", "namespace_span"]

FORM_LIMIT = 100_000
"""How many characters an `ns` form may have; a longer one is left alone."""

_NAME = re.compile(r"[^\s\ufeff,()\[\]{}\"';:@^`~\\#\d][^\s\ufeff,()\[\]{}\"';@^`~\\]*")
_TO_LINE_END = re.compile(r"[ \t,]*;[^\r\n]*")
_DECLARES = re.compile(r"\(\s*(?:clojure\.core/|basilisp\.core/)?ns(?=[\s()\[\]{}\"';,^#])")
_HEADS = ("ns", "clojure.core/ns", "basilisp.core/ns")

#: The order of an `ns` form's parts; others come last, the name and its documentation first.
_ORDER = {
    ":refer-clojure": 1,
    ":refer-basilisp": 1,
    ":require": 2,
    ":require-macros": 3,
    ":use": 4,
    ":use-macros": 4,
    ":import": 5,
    ":import-macros": 5,
}
_LAST = 6


def is_clojure(language: Language) -> bool:
    """Whether a language has `ns` forms with `:require` and `:import`."""
    return language.family == "clojure" and language is not EDN


def add_require(
    snapshot: Snapshot, ns: str, alias: str, offset: int | None = None
) -> Change | None:
    """The change that gives a namespace an alias: `[clojure.string :as str]`."""
    form = _read(snapshot, ns, alias, offset=offset)
    if form is None:
        return None
    spec = form.libspec(ns)
    if spec is not None and spec.is_vector and ":as" not in spec.words:
        return Change(spec.name_end, spec.name_end, f" :as {alias}")
    if spec is not None and not spec.is_vector:
        return Change(spec.form.start, spec.form.end, f"[{ns} :as {alias}]")
    return form.with_spec(":require", ns, f"[{ns} :as {alias}]")


def add_refer(snapshot: Snapshot, ns: str, name: str, offset: int | None = None) -> Change | None:
    """The change that refers to a var of a namespace: `[clojure.test :refer [deftest]]`."""
    form = _read(snapshot, ns, name, offset=offset)
    if form is None:
        return None
    spec = form.libspec(ns)
    if spec is None:
        return form.with_spec(":require", ns, f"[{ns} :refer [{name}]]")
    if not spec.is_vector:
        return Change(spec.form.start, spec.form.end, f"[{ns} :refer [{name}]]")
    if ":refer" not in spec.words:
        end = spec.items[-1].end
        return Change(end, end, f" :refer [{name}]")
    place = spec.words.index(":refer") + 1
    if place >= len(spec.items) or not form.is_list(spec.items[place]):
        return None
    return form.with_word(spec.items[place], form.items(spec.items[place]), name)


def add_import(snapshot: Snapshot, class_name: str, offset: int | None = None) -> Change | None:
    """The change that imports a Java class by its full name: `(java.util Date)`."""
    package, _, name = class_name.rpartition(".")
    form = _read(snapshot, class_name, package, name, offset=offset)
    if form is None:
        return None
    clause = form.clause(":import")
    specs = form.items(clause)[1:] if clause is not None else []
    for spec in specs:
        words = form.items(spec)
        if words and form.text_of(words[0]) == package:
            return form.with_word(spec, words[1:], name, after=words[0])
    if specs and not any(map(form.is_list, specs)):
        return form.with_spec(":import", class_name, class_name)
    is_vector = bool(specs) and all(form.text[spec.body] == "[" for spec in specs)
    written = f"[{package} {name}]" if is_vector else f"({package} {name})"
    return form.with_spec(":import", package, written)


def add_module(snapshot: Snapshot, module: str, offset: int | None = None) -> Change | None:
    """The change that imports a Python module (Basilisp)."""
    form = _read(snapshot, module, offset=offset)
    return form.with_spec(":import", module, module) if form is not None else None


def namespace_span(snapshot: Snapshot, offset: int | None = None) -> tuple[int, int] | None:
    """Where the whole `ns` form is that counts at an offset; without one the document's first."""
    form = _read(snapshot, offset=offset)
    return (form.form.start, form.form.end) if form is not None else None


@dataclass(frozen=True, slots=True)
class _Libspec:
    """One libspec: its items, and their texts as far as they are words."""

    form: Form
    is_vector: bool
    items: Sequence[Form]
    words: Sequence[str]

    @property
    def name_end(self) -> int:
        return self.items[0].end


@dataclass(frozen=True, slots=True)
class _NsForm:
    """An `ns` form of a text; it is closed."""

    text: str
    lexer: Lexer
    form: Form
    line_break: str

    def items(self, form: Form) -> list[Form]:
        """The forms in a list, without those that the reader drops."""
        if not self.is_list(form):
            return []
        inside = self.lexer.forms(self.text, form.body + 1, form.end - 1)
        return [item for item in inside if not item.discarded]

    def is_list(self, form: Form) -> bool:
        """Whether a form is a list or a vector that nothing but metadata stands before."""
        is_plain = form.parts[-1].start == form.body
        return form.kind == "list" and is_plain and self.text[form.body] in "(["

    def text_of(self, form: Form) -> str:
        return self.text[form.body : form.end]

    def name_of(self, spec: Form) -> str | None:
        """What a libspec or import is about; None for strings and reader conditionals."""
        if self.is_list(spec):
            items = self.items(spec)
            return self.name_of(items[0]) if items and items[0].kind == "atom" else None
        is_word = spec.kind == "atom" and spec.start == spec.body
        return self.text_of(spec) if is_word else None

    def clause(self, keyword: str) -> Form | None:
        """The first part of the form that begins with a keyword."""
        return next((part for part in self.items(self.form) if self._head(part) == keyword), None)

    def libspec(self, ns: str) -> _Libspec | None:
        """The first libspec of a namespace."""
        for part in self.items(self.form):
            for spec in self.items(part)[1:] if self._head(part) == ":require" else ():
                if self.name_of(spec) != ns:
                    continue
                items = self.items(spec) or [spec]
                is_vector = self.text[spec.body] == "["
                if is_vector or spec.kind == "atom":
                    words = [self.text_of(item) for item in items]
                    return _Libspec(spec, is_vector, items, words)
        return None

    def with_spec(self, keyword: str, key: str, spec: str) -> Change:
        """Put a libspec or import into its part of the form, which is made if it is not there."""
        clause = self.clause(keyword)
        if clause is None:
            return self._with_clause(keyword, f"({keyword} {spec})")
        head, *items = self.items(clause)
        # Flags such as `:reload` stand at the end.
        specs = [item for item in items if self.text[item.body] != ":"]
        if not specs:
            return Change(head.end, head.end, f" {spec}")
        place = self._place(specs, key)
        separator = self.line_break + self._indentation(specs[0].start)
        if place == 0:
            return Change(specs[0].start, specs[0].start, spec + separator)
        after = self._end(specs[place - 1].end)
        return Change(after, after, separator + spec)

    def with_word(
        self, owner: Form, words: Sequence[Form], word: str, after: Form | None = None
    ) -> Change | None:
        """Put a word into a list, behind `after` if it begins so; None when it is there."""
        texts = [self.text_of(item) for item in words]
        if word in texts:
            return None
        if not words:
            start = after.end if after is not None else owner.body + 1
            return Change(start, start, f" {word}" if after is not None else word)
        separator = " "
        if len(words) > 1 and "\n" in self.text[words[0].end : words[1].start]:
            separator = self.line_break + self._indentation(words[0].start)
        place = self._place(words, word)
        if place == 0:
            return Change(words[0].start, words[0].start, word + separator)
        end = words[place - 1].end
        if self._end(end) != end:
            end, separator = self._end(end), self.line_break + self._indentation(words[0].start)
        return Change(end, end, separator + word)

    def _with_clause(self, keyword: str, clause: str) -> Change:
        parts = self.items(self.form)
        before = [part for part in parts if self._rank(part) <= _ORDER[keyword]]
        lists = [part for part in parts[2:] if self._head(part).startswith(":")]
        starts = [part.start for part in lists if self._begins_line(part.start)]
        own = self._indentation(self.form.start) + "  "
        indentation = self._indentation(starts[0]) if starts else own
        end = self._end(before[-1].end)
        return Change(end, end, self.line_break + indentation + clause)

    def _place(self, specs: Sequence[Form], key: str) -> int:
        """Where a new one belongs: in order if the others are, else at the end."""
        names = [(self.name_of(spec), number) for number, spec in enumerate(specs)]
        known = [(name, number) for name, number in names if name is not None]
        order = [name for name, _ in known]
        if not known or order != sorted(order):
            return len(specs)
        place = bisect_right(order, key)
        if place == len(known):
            return len(specs)
        return known[place][1]

    def _head(self, part: Form) -> str:
        items = self.items(part)
        return self.text_of(items[0]) if items and items[0].kind == "atom" else ""

    def _rank(self, part: Form) -> int:
        if part.kind != "list" or self.text[part.body] == "{":
            return 0
        return _ORDER.get(self._head(part), _LAST)

    def _begins_line(self, start: int) -> bool:
        return not self._line_before(start).strip()

    def _indentation(self, start: int) -> str:
        """White space as wide as what stands before a place on its line."""
        return re.sub(r"[^\t]", " ", self._line_before(start))

    def _line_before(self, start: int) -> str:
        return self.text[line_start(self.text, start) : start].removeprefix("\ufeff")

    def _end(self, end: int) -> int:
        """Where something may follow a form on a new line: behind the comment on its own."""
        comment = _TO_LINE_END.match(self.text, end)
        return comment.end() if comment else end


def _read(snapshot: Snapshot, *names: str, offset: int | None = None) -> _NsForm | None:
    """The `ns` form that counts; None when it is not whole or one of the names is no name."""
    if not is_clojure(snapshot.language):
        return None
    span = namespace_form(snapshot) if offset is None else _declared_by(snapshot, offset)
    lexer = lexer_for(snapshot.language)
    if span is None or lexer is None or not all(map(_NAME.fullmatch, names)):
        return None
    text = snapshot.text
    if span.end - span.start > FORM_LIMIT:
        return None
    form = next(lexer.forms(text, span.start, span.end), None)
    if form is None or form.kind != "list" or not (form.closed and form.balanced):
        return None
    found = _NsForm(text, lexer, form, line_break_of(text))
    items = found.items(form)
    is_ns = len(items) > 1 and found.text_of(items[0]) in _HEADS
    return found if is_ns else None


def _declared_by(snapshot: Snapshot, offset: int) -> Span | None:
    """The form that declares the namespace of an offset: the one around it, else the last before.

    None where that namespace was entered only (`in-ns`).
    """
    ns, found = names_at(snapshot, offset).ns, None
    for start, end, name in table_of(snapshot).declarations:
        if start > offset:
            break
        if name == ns and _DECLARES.match(snapshot.text, start):
            found = Span(start, end)
    return found
