"""Expansions of macro calls as the user gets them: a read-only document, or a comment."""

import asyncio
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nrepl_lsp.source.calling.macro_calls import MacroCall, expansion_comment, shown
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.tooling.macroexpansion import How

from ..applying import TEXT_CHANGED, apply_edit, current
from ..edits import workspace_edit
from ..read_only_documents import show, write

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Expanding", "NotExpandedError", "put_below", "show_expansion"]


class NotExpandedError(Exception):
    """Why there is no expansion, as a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Expanding:
    """
    A call that is to be expanded. ns: the namespace in force there.

    into: what it is to become: "document" or "comment".
    """

    snapshot: Snapshot
    call: MacroCall
    ns: str | None
    how: How
    into: str

    @property
    def text(self) -> str:
        """The call as it is written."""
        return self.snapshot.text[slice(*self.call.span)]


async def put_below(ls: "NreplLanguageServer", expanding: Expanding, expansion: str) -> None:
    """Have the editor put an expansion below its call. Raises `NotExpandedError`."""
    snapshot = expanding.snapshot
    change = expansion_comment(snapshot, expanding.call, expansion)
    if change is None:
        raise NotExpandedError("No comment can stand below this call.")
    now = current(ls, snapshot)
    if now is None:
        raise NotExpandedError(TEXT_CHANGED)
    await apply_edit(ls, "Expand macro into a comment", workspace_edit(ls, now, [change]))


async def show_expansion(ls: "NreplLanguageServer", expanding: Expanding, expansion: str) -> str:
    """Show an expansion in a file that cannot be written to; its URI. Raises `NotExpandedError`."""
    call, language = expanding.call, expanding.snapshot.language
    extension = PurePosixPath(expanding.snapshot.uri.rpartition("/")[2]).suffix
    if extension not in language.extensions:
        extension = language.extensions[0]
    ns = f" in {expanding.ns}" if expanding.ns else ""
    title = f"{language.line_comment * 2} {shown(expanding.snapshot, call)}{ns}"
    name = f"macroexpansion-{call.head.rpartition('/')[2] or 'call'}{extension}"
    try:
        path = await asyncio.to_thread(
            write, ls.cache / "macroexpansions", name, f"{title}\n\n{expansion}\n"
        )
    except OSError as error:
        raise NotExpandedError(f"The expansion cannot be written: {error}.") from error
    supervisor = ls.supervisor_for(expanding.snapshot.uri)
    if supervisor is not None:
        ls.routing.remember_library(path, supervisor)
    await show(ls, path)
    return path.as_uri()
