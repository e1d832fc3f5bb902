"""What a document's own text says about a name that it defines, where no program does."""

from nrepl_lsp.source.calling.arglists import defined_arglists
from nrepl_lsp.source.definitions.docstring import docstring_of
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.naming.names import names_at
from nrepl_lsp.source.naming.references import declarations_of, meaning
from nrepl_lsp.source.naming.subjects import subject_at
from nrepl_lsp.tooling.values import SymbolInfo

from .hovers import Hover
from .markdown import hover_text

__all__ = ["text_hover_at"]

#: A method of a protocol is called as a function is.
_SAID_AS = {"method": "function"}


def text_hover_at(snapshot: Snapshot, offset: int, *, markdown: bool) -> Hover | None:
    """How it is called, what it is and its documentation; None for names of other texts."""
    subject = subject_at(snapshot, offset)
    if snapshot.index is None or subject is None or subject.kind != "symbol":
        return None
    named = meaning(snapshot, subject.symbol.span)
    here = names_at(snapshot, subject.symbol.span.start)
    if named.ns is not None and named.ns != here.ns:
        return None
    found = declarations_of(snapshot, named)
    if not found:
        return None
    definition = found[-1]
    written = subject.symbol.text.rpartition("/")[2] or subject.symbol.text
    is_made = definition.kind == "class" and written != definition.name
    name = written if is_made and "." not in written[:-1] else definition.name
    called = defined_arglists(snapshot, name)
    info = SymbolInfo(
        name,
        # `demo/Item.` is no name.
        here.ns if "/" in here.separators and not name.endswith(".") else None,
        _SAID_AS.get(definition.kind, definition.kind),
        doc=docstring_of(snapshot, definition) or None,
        arglists=called[1] if called is not None else (),
        deprecated="true" if definition.is_deprecated else None,
    )
    return Hover(hover_text(info, snapshot.language, markdown=markdown), subject.span)
