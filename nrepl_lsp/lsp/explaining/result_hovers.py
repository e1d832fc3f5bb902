"""The part of a hover that says what the form around the cursor came to."""

from typing import TYPE_CHECKING

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.lexer import Span

from ..showing.result_marks import ResultMark, innermost
from .hovers import Hover
from .result_texts import result_text

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["with_result"]


def with_result(
    ls: "NreplLanguageServer",
    snapshot: Snapshot,
    offset: int,
    found: Hover | None,
    *,
    markdown: bool,
) -> Hover | None:
    """
    What there is to say of a name, and after it what the innermost evaluated form came to.

    No program is needed for it.
    """
    encoding = ls.documents.encoding
    line, column = snapshot.lines.position(offset, encoding)
    mark = innermost(ls, snapshot.uri, (line, column))
    if mark is None or (_is_definition(mark) and line != mark.code.stretch[0][0]):
        return found
    text = result_text(mark.outcome, snapshot.language, markdown=markdown)
    if found is not None:
        separator = "\n\n---\n\n" if markdown else "\n\n"
        return Hover(found.text + separator + text, found.span)
    start, end = (snapshot.lines.offset(*place, encoding) for place in mark.code.stretch)
    return Hover(text, Span(start, end))


def _is_definition(mark: ResultMark) -> bool:
    """Whether the value is the definition's own name, which nobody needs to read in its body."""
    values = mark.outcome.values
    return mark.outcome.status == "done" and len(values) == 1 and values[0].startswith("#'")
