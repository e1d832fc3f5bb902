"""The command that shows how an error came about."""

import asyncio
from typing import Any

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.documents import Place, is_same_document
from nrepl_lsp.lsp.read_only_documents import show, write
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session.work import answered
from nrepl_lsp.lsp.showing.errors import OWNER, said
from nrepl_lsp.lsp.showing.marks import Anchor, stretch_of
from nrepl_lsp.lsp.showing.traces import Failure, failures, trace_text

__all__ = ["show_trace"]

#: Seconds that the document waits for the program to say more than the error's text.
PATIENCE = 5.0


async def show_trace(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """
    `nrepl.showTrace`: show the causes and frames of an error in a document.

    Of the error at the cursor; without one of the document's last, else of the last there was.
    """
    given = Arguments.read(arguments)
    place = given.place(ls.documents.last_place)
    failure = _meant(ls, place, given.evaluation)
    if failure is None:
        text = "There is no error to show: nothing that was evaluated has failed."
        ls.warn(text)
        return _reply("error", why=text)
    return await answered(_show(ls, failure), wait=given.wait, running=_reply("running"))


def _meant(ls: NreplLanguageServer, place: Place | None, evaluation: str | None) -> Failure | None:
    known = failures(ls)[::-1]
    if evaluation is not None:
        return next((one for one in known if one.outcome.evaluation == evaluation), None)
    if place is None:
        return known[0] if known else None
    there = Anchor(ls.documents.uri_of(place.uri), stretch_of(place.range))
    for by_place in (True, False):
        for mark in reversed(ls.marks.every(OWNER)):
            anchor = mark.place if by_place else mark.origin
            if anchor is None or not anchor.overlaps(there):
                continue
            number = getattr(mark.content, "evaluation", None)
            if found := next((one for one in known if one.outcome.evaluation == number), None):
                return found
    of_document = (one for one in known if is_same_document(one.code.uri or "", place.uri))
    return next(of_document, known[0] if known else None)


async def _show(ls: NreplLanguageServer, failure: Failure) -> dict[str, Any]:
    if failure.told is not None:
        await asyncio.wait({failure.told}, timeout=PATIENCE)
    text = trace_text(failure)
    title = (failure.fault.class_name or said(failure.fault)).rpartition(".")[2]
    try:
        path = await asyncio.to_thread(write, ls.cache / "traces", f"{title[:40]}.txt", text)
    except OSError as error:
        why = f"The stack trace cannot be written: {error.strerror or error}."
        ls.warn(why)
        return _reply("error", text, why=why)
    await show(ls, path)
    return _reply("done", text, path.as_uri())


def _reply(
    status: str, text: str | None = None, uri: str | None = None, why: str = ""
) -> dict[str, Any]:
    error = {"message": why} if why else None
    return {"status": status, "text": text, "uri": uri, "error": error}
