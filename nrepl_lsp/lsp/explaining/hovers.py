"""What there is to say about the name at a place."""

from typing import TYPE_CHECKING, NamedTuple

from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.locals.binding_text import binding_text
from nrepl_lsp.source.naming.subjects import subject_at
from nrepl_lsp.tooling.symbol_info import SYMBOL_INFO

from ..load_state.hints import image_note
from ..lookup import ask_named, ask_symbol, namespace_info, subject_info
from .markdown import hover_text, local_text, namespace_text

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Hover", "hover_at", "text_of_symbol"]


class Hover(NamedTuple):
    """A text, and the stretch of the document that it is about."""

    text: str
    span: Span


async def hover_at(
    ls: "NreplLanguageServer", snapshot: Snapshot, offset: int, *, markdown: bool
) -> Hover | None:
    """
    What there is to say; None where there is no name, or nobody knows it.

    Of locals the text knows all; what an alias stands for it knows without a program. Beside a
    server that reads the files both are left to that, as editors show both servers' hovers.
    """
    subject = subject_at(snapshot, offset)
    if subject is None:
        return None
    settings = ls.settings
    is_left = settings.profile == "complement" and not settings.features.get("hover")
    if is_left and (subject.local is not None or subject.alias):
        return None
    language = snapshot.language
    if subject.local is not None:
        form = binding_text(snapshot, subject.local)
        local = subject.local
        text = local_text(local.name, local.kind, form, language, markdown=markdown)
        return Hover(text, subject.span)
    found = await subject_info(ls, snapshot, subject, ls.settings.hover_timeout)
    info = found.info if found is not None else None
    if info is not None and info.kind != "namespace":
        text = hover_text(info, language, markdown=markdown)
        note = image_note(ls, snapshot, info.name.rpartition("/")[2] or info.name, info.ns)
        if note is not None:
            text += f"\n\n*{note}*" if markdown else f"\n\n{note}"
        return Hover(text, subject.span)
    if info is None and not subject.alias:
        return None
    name = subject.namespace if subject.kind == "namespace" or info is None else info.name
    said = namespace_text(name, info, language, alias=subject.alias, markdown=markdown)
    return Hover(said, subject.span)


async def text_of_symbol(
    ls: "NreplLanguageServer", snapshot: Snapshot, offset: int, name: str, ns: str | None
) -> str | None:
    """
    What the program knows of a symbol that somebody names, as Markdown.

    ns: the namespace to look in, else the one in force at an offset of the document.
    """
    repl = ls.repl_for(snapshot.uri)
    if repl is None:
        return None
    timeout = ls.settings.hover_timeout
    if ns is not None:
        info = await ask_named(ls, repl, SYMBOL_INFO, snapshot, name, ns, timeout)
    else:
        info = await ask_symbol(ls, repl, SYMBOL_INFO, snapshot, offset, name, timeout)
    if info is None or info.kind == "namespace":
        said = info or await namespace_info(ls, repl, name, snapshot, timeout)
        if said is None:
            return None
        return namespace_text(said.name, said, snapshot.language, markdown=True)
    return hover_text(info, snapshot.language, markdown=True)
