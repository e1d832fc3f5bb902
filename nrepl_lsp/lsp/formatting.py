"""A document's text as the attached program formats it; both formatting requests ask here."""

import asyncio
import re
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from nrepl_lsp.nrepl.errors import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.index import UNCLOSED
from nrepl_lsp.source.lexer import Span
from nrepl_lsp.source.rewriting.white_space import layout_changes, line_break_of
from nrepl_lsp.tooling.formatting import FORMAT

from .edits import text_edits

if TYPE_CHECKING:
    from .server import NreplLanguageServer

__all__ = ["formatting_edits", "formatting_op"]

_BREAK = re.compile(r"\r\n?")
#: What a reader other than the program's own may stumble over, before the first form.
_HEADER = re.compile(r"\ufeff?(?:#![^\n\r]*(?:\r\n?|\n)?)?")


def formatting_op(repl: Repl) -> bool:
    """Whether the program lists an op that formats code."""
    return repl.dialect.can_answer(FORMAT)


async def formatting_edits(
    ls: "NreplLanguageServer",
    snapshot: Snapshot,
    options: types.FormattingOptions,
    span: Span | None = None,
    keep: Span | None = None,
) -> list[dict[str, Any]] | None:
    """
    The smallest `TextEdit`s that lay a text out as the program does; None when that cannot be had.

    span: whole top-level forms to be formatted; None is everything. keep: where changes are
    wanted. Only Clojure's family: the ops understand nothing else.
    """
    repl = ls.repl_for(snapshot.uri)
    if repl is None or snapshot.language.family != "clojure" or not formatting_op(repl):
        return None
    text = snapshot.text
    header = _HEADER.match(text)
    start, end = span if span is not None else (header.end() if header else 0, len(text))
    old = text[start:end]
    if not old.strip() or _is_cut(snapshot, start, end):
        return None
    new = await _formatted(ls, repl, old)
    if new is None:
        return None
    if span is None:
        new = _with_end(old, new, options)
    column = snapshot.lines.position(start, "utf-32")[1] if span is not None else 0
    inside = Span(keep.start - start, keep.end - start) if keep is not None else None
    line_break = line_break_of(text)
    # Seconds for megabytes.
    changes = await asyncio.to_thread(
        layout_changes, snapshot.language, old, new, column, inside, line_break
    )
    current = ls.documents.snapshot(snapshot.uri)
    # A document that was opened again begins with the same version, and may be another text.
    if current is None or current.text != text:
        return None
    if changes is None:
        ls.log.warning("not formatted: the program's formatter has changed more than white space")
        return None
    return text_edits(ls, snapshot, [(start + a, start + b, part) for a, b, part in changes])


async def _formatted(ls: "NreplLanguageServer", repl: Repl, code: str) -> str | None:
    try:
        timeout = ls.settings.formatting_timeout
        new = await repl.ask(FORMAT, _BREAK.sub("\n", code), timeout=timeout)
    except NreplError as error:
        ls.log.info("not formatted: %s", error)
        return None
    if new is None:
        ls.log.info("not formatted: the program's formatter refuses the code, or is too slow")
        return None
    return _BREAK.sub("\n", new)


def _is_cut(snapshot: Snapshot, start: int, end: int) -> bool:
    """Whether a form is not closed; the program would refuse it, or take its end for another's."""
    index = snapshot.index
    return index is None or any(
        state == UNCLOSED and first < end and last > start
        for first, last, state in zip(index.starts, index.ends, index.states, strict=True)
    )


def _with_end(old: str, new: str, options: types.FormattingOptions) -> str:
    """The formatted text with its last line ended as it was, or as the editor wants it."""
    body = new.rstrip()
    end = new[len(body) :]
    if "\n" not in end and (old.endswith(("\n", "\r")) or options.insert_final_newline):
        end = "\n"
    if options.trim_final_newlines and end.count("\n") > 1:
        end = "\n"
    return body + end
