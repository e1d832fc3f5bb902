"""Data that a program has printed on one line, on as many as people need to read it."""

from collections.abc import Sequence

from ..languages import Language
from ..lexer import Form, Lexer, lexer_for
from .white_space import layout_changes

__all__ = ["on_lines"]

WIDTH = 80
"""Characters of a line; a form that fits on its own is not broken."""

LENGTH_LIMIT = 100_000
"""Characters of a text that is laid out; a longer one stays as it is."""

DEPTH_LIMIT = 40
"""How deep lists are broken; what is deeper stays on its line."""

#: Head → how many arguments stay on its line; the rest are its body, indented by two.
_BODIES = {
    **dict.fromkeys(("do", "try", "finally", "reify*", "cond"), 0),
    **dict.fromkeys(("def", "fn*", "if", "let", "let*", "letfn*", "loop", "loop*", "case*"), 1),
    **dict.fromkeys(("fn", "when", "when-not", "new", "binding", "monitor-enter", "."), 1),
    **dict.fromkeys(("catch", "deftype*"), 2),
}
_PAIRED = ("let", "let*", "loop", "loop*", "letfn*", "binding")


def on_lines(language: Language, text: str) -> str:
    """The same code on lines of about `WIDTH`; as it is where it has lines already."""
    lexer = lexer_for(language)
    if lexer is None or not WIDTH < len(text) <= LENGTH_LIMIT or "\n" in text:
        return text
    printer = _Printer(lexer, text)
    forms = list(lexer.forms(text, 0, len(text)))
    laid_out = "\n".join(printer.form(form, 0, DEPTH_LIMIT) for form in forms)
    return laid_out if layout_changes(language, text, laid_out) is not None else text


class _Printer:
    """Lays out the forms of one text."""

    def __init__(self, lexer: Lexer, text: str) -> None:
        self._lexer, self._text = lexer, text

    def form(self, form: Form, column: int, depth: int) -> str:
        """A form that begins in a column; its other lines are indented accordingly."""
        written = self._text[form.start : form.end]
        is_plain = form.kind == "list" and form.closed and len(form.parts) == 1
        if column + len(written) <= WIDTH or not is_plain or not depth:
            return written
        start = self._text[form.start : form.body + 1]
        items = list(self._lexer.forms(self._text, form.body + 1, form.end - 1))
        inside, close = column + len(start), written[-1]
        if start[-1] == "(" and len(items) > 1 and self._is_symbol(items[0]):
            return start + self._call(items, inside, depth - 1) + close
        if start[-1] == "{" and start != "#{":
            return start + self._rows(items, inside, 2, depth - 1) + close
        if all(item.kind == "atom" for item in items):
            return start + self._filled(items, inside) + close
        return start + self._rows(items, inside, 1, depth - 1) + close

    def _is_symbol(self, form: Form) -> bool:
        written = self._text[form.start : form.end]
        return form.kind == "atom" and self._lexer.atom_kind(written) == "symbol"

    def _filled(self, atoms: Sequence[Form], column: int) -> str:
        """Atoms, as many on a line as it holds: of numbers there are often hundreds."""
        rows, at = [""], column
        for atom in atoms:
            written = self._text[atom.start : atom.end]
            if rows[-1] and at + 1 + len(written) > WIDTH:
                rows.append("")
                at = column
            rows[-1] += (" " if rows[-1] else "") + written
            at = column + len(rows[-1])
        return ("\n" + " " * column).join(rows)

    def _call(self, items: Sequence[Form], column: int, depth: int) -> str:
        head = self._text[items[0].start : items[0].end]
        name = head.rpartition("/")[2] or head
        beside = _BODIES.get(name)
        after = column + len(head) + 1
        if beside is None:
            return f"{head} {self._rows(items[1:], after, 1, depth)}"
        text = head
        for item in items[1 : 1 + beside]:
            line = text.rpartition("\n")
            place = len(line[2]) + 1 + (0 if line[1] else column)
            if name in _PAIRED and self._text[item.body] == "[":
                text += f" [{self._pairs(item, place + 1, depth)}]"
            else:
                text += f" {self.form(item, place, depth)}"
        body = " " * (column + 1)
        for item in items[1 + beside :]:
            text += f"\n{body}{self.form(item, column + 1, depth)}"
        return text

    def _pairs(self, vector: Form, column: int, depth: int) -> str:
        items = list(self._lexer.forms(self._text, vector.body + 1, vector.end - 1))
        return self._rows(items, column, 2, depth)

    def _rows(self, items: Sequence[Form], column: int, step: int, depth: int) -> str:
        """Forms in a column, so many on a line."""
        rows = []
        for first in range(0, len(items), step):
            row = ""
            for item in items[first : first + step]:
                place = column + len(row) + bool(row)
                row += (" " if row else "") + self.form(item, place, depth)
            rows.append(row)
        return ("\n" + " " * column).join(rows)
