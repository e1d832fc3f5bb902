"""The command that shows what was printed."""

import asyncio
from pathlib import Path
from typing import Any

from nrepl_lsp.lsp import read_only_documents
from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.following.transcript import path_for, transcripts_of
from nrepl_lsp.lsp.following.transcript_file import TranscriptFile
from nrepl_lsp.lsp.server import NreplLanguageServer

#: Seconds for what was just printed to be written.
FLUSH_WITHIN = 0.3

NOTHING = "Nothing was evaluated yet, so there is no transcript."


async def show_output(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """
    `nrepl.showOutput`: open the transcript of the document's program.

    show: whether it is opened, true unless the caller only wants to know where it is.
    """
    given = Arguments.read(arguments)
    members = next((value for value in arguments if isinstance(value, dict)), {})
    place = given.place(ls.documents.last_place)
    found = _file(ls, place.uri if place is not None else None)
    if found is None:
        ls.say(NOTHING)
        return {"status": "idle", "path": None, "uri": None, "shown": False, "message": NOTHING}
    await found.flushed(FLUSH_WITHIN)
    path, shown = found.path, False
    if members.get("show", True) is not False:
        # The newest is what is asked for, and it is at the end.
        line = await asyncio.to_thread(_last_line, path)
        shown = await read_only_documents.show(ls, path, line)
    return {
        "status": "done",
        "path": str(path),
        "uri": path.as_uri(),
        "shown": shown,
        "message": None,
    }


def _last_line(path: Path) -> int | None:
    """From 0; what follows the last line end is no line to Neovim, which refuses to go there."""
    try:
        return max(0, path.read_bytes().count(b"\n") - 1)
    except OSError:
        return None


def _file(ls: NreplLanguageServer, uri: str | None) -> TranscriptFile | None:
    """The transcript of the document's program: of this session, else of an earlier one."""
    supervisor = ls.supervisor_for(uri)
    supervisors = [supervisor] if supervisor is not None else list(ls.routing.supervisors)
    transcripts = transcripts_of(ls)
    for one in supervisors:
        if transcripts is not None and (found := transcripts.file_of(one.repl, one.root)):
            return found
        if one.repl is not None:
            path = path_for(ls.cache / "transcripts", one.root, one.repl.address)
            if path.is_file():
                return TranscriptFile(path, 0, "")
    return None
