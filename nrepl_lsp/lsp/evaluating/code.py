"""Code that the user wants evaluated, and where it stands."""

from dataclasses import dataclass

from lsprotocol import types

from nrepl_lsp.repl.session_ops import SessionOp
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.forms import form_around, form_at
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.lines import Encoding
from nrepl_lsp.source.namespaces import namespace_at, namespace_form

from ..documents import path_of

__all__ = ["Code", "declared_namespace"]

#: Characters of a title.
TITLE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Code:
    """
    Code to be evaluated and where it stands.

    uri: the document it belongs to, if any; its program gets the code.
    ns: the namespace to evaluate in; None for the session's own.
    snapshot, start, end: where it was taken from; None for code that is in no document.
    is_file: the whole file is to be loaded, under its path. called: what people are shown of it,
    for code that is ours. op: what is done instead of evaluating it, in the same session and turn.
    """

    text: str
    language: Language
    uri: str | None = None
    ns: str | None = None
    snapshot: Snapshot | None = None
    start: int = 0
    end: int = 0
    is_file: bool = False
    called: str = ""
    op: SessionOp | None = None

    @property
    def title(self) -> str:
        """The code, what it is called, or the file's name, in one short line."""
        if self.called:
            return self.called
        if self.is_file and self.uri:
            path = path_of(self.uri)
            return path.name if path is not None else self.uri
        line = " ".join(self.text[: 4 * TITLE_LIMIT].split())
        return line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1] + "…"

    def range(self, encoding: Encoding) -> types.Range | None:
        """All of it in its document; None for code that is in no document."""
        return self._range(self.start, self.end, encoding)

    @property
    def declared_namespace(self) -> str | None:
        """The namespace that a whole file declares; None for a part of one."""
        if not self.is_file or self.snapshot is None:
            return None
        return declared_namespace(self.snapshot)

    def first_line(self, encoding: Encoding) -> types.Range | None:
        """Its first line, to be marked; None for code that is in no document."""
        if self.snapshot is None:
            return None
        lines = self.snapshot.lines
        line, column = lines.position(self.start, "utf-32")
        length = len(lines.line_text(line)[column:].rstrip())
        return self._range(self.start, min(self.end, self.start + length), encoding)

    def form_on(self, line: int, column: int | None, encoding: Encoding) -> types.Range | None:
        """
        The form at a place on one of its document's lines, as far as it is on that line.

        line: 0-based. column: 1-based in UTF-16 units, None for the line's first form. Only for
        code that is in a document, as `lines`.
        """
        assert self.snapshot is not None
        lines = self.snapshot.lines
        text = lines.line_text(line)
        line_start = lines.offset(line, 0, "utf-16")
        line_end = line_start + len(text.rstrip())
        start = line_start + len(text) - len(text.lstrip())
        if column is not None and column >= 1:
            start = max(start, lines.offset(line, column - 1, "utf-16"))
        start = min(start, line_end)
        inside = min(start + 1, line_end)
        forms = (form_at(self.snapshot, start), form_around(self.snapshot, inside))
        end = next((form.end for form in forms if form and form.start == start), line_end)
        return self._range(start, min(end, line_end), encoding)

    def lines(self) -> tuple[int, int]:
        """The 0-based numbers of its first and last line."""
        assert self.snapshot is not None
        lines = self.snapshot.lines
        return lines.position(self.start, "utf-32")[0], lines.position(self.end, "utf-32")[0]

    def _range(self, start: int, end: int, encoding: Encoding) -> types.Range | None:
        if self.snapshot is None:
            return None
        places = (self.snapshot.lines.position(offset, encoding) for offset in (start, end))
        first, last = (types.Position(*place) for place in places)
        return types.Range(first, last)


def declared_namespace(snapshot: Snapshot) -> str | None:
    """The namespace that a text's first such form makes; None when it has none."""
    form = namespace_form(snapshot)
    return namespace_at(snapshot, form.end) if form is not None else None
