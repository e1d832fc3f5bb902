"""Where what was evaluated stands: in its document, or in one that is written to show it."""

import asyncio
from typing import TYPE_CHECKING

from nrepl_lsp.lsp import read_only_documents
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages import Language
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.tooling.values import SourceLocation

from .evaluated_forms import EvaluatedForm, definition_named
from .places import Target, remember, span_target, target_in_file

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["evaluated_target"]


async def evaluated_target(
    ls: "NreplLanguageServer", uri: str, repl: Repl, ns: str | None, name: str, language: Language
) -> Target | None:
    """
    The text that defined a name: in its document if that still has it, else in one of its own.

    uri: a document of the program; language: that of code that was typed where none is known.
    """
    form = await asyncio.to_thread(ls.evaluations.forms.find, repl, ns, name, language)
    if form is None:
        return None
    document = ls.documents.snapshot(form.uri) if form.uri is not None else None
    if document is not None and (span := _stands_in(document, form)) is not None:
        own = definition_named(form.snapshot(), name)
        if own is not None:
            whole, selected = (Span(span.start + at, span.start + to) for at, to in own[2:4])
            return span_target(ls, document, whole, selected)
    return await _shown(ls, uri, form, name)


def _stands_in(document: Snapshot, form: EvaluatedForm) -> Span | None:
    """Where a document has a text that was evaluated in it: at its place, else anywhere."""
    text = document.text
    at = form.start if text.startswith(form.text, form.start) else text.find(form.text)
    return Span(at, at + len(form.text)) if at >= 0 else None


async def _shown(
    ls: "NreplLanguageServer", uri: str, form: EvaluatedForm, name: str
) -> Target | None:
    folder = ls.cache / "evaluated"
    title = (f"{form.ns}_{name}" if form.ns else name) + form.extension
    try:
        path = await asyncio.to_thread(read_only_documents.write, folder, title, form.text)
    except OSError as error:
        ls.log.warning("what was evaluated cannot be written to %s: %s", folder, error)
        return None
    remember(ls, uri, path)
    return await target_in_file(ls, SourceLocation("file", str(path)), path, name)
