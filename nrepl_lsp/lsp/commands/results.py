"""The commands for results that are shown."""

import asyncio
from typing import Any

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.evaluating.evaluations import ANSWER_WITHIN
from nrepl_lsp.lsp.evaluating.outcomes import Outcome
from nrepl_lsp.lsp.evaluating.picking import RefusedError, refused
from nrepl_lsp.lsp.read_only_documents import show, write
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.showing.errors import said
from nrepl_lsp.lsp.showing.marks import Mark
from nrepl_lsp.lsp.showing.result_marks import innermost
from nrepl_lsp.source.languages import for_document

#: Who puts marks into a text that `nrepl.clearResults` takes away.
CLEARED = ("result", "error", "test", "comment")

#: Documents that editors are opening: one that nobody holds may be forgotten half-way.
_opening: set["asyncio.Task[None]"] = set()


async def clear_results(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """
    `nrepl.clearResults`: take away the results, errors and failed tests in the document.

    Without a document, in all of them.
    """
    given = Arguments.read(arguments)
    place = given.place(ls.documents.last_place)
    uri = ls.documents.uri_of(place.uri) if place is not None else None
    cleared: list[Mark] = []

    def is_gone(mark: Mark) -> bool:
        is_there = uri is None or any(anchor.uri == uri for anchor in mark.anchors)
        if mark.owner in CLEARED and is_there:
            cleared.append(mark)
            return True
        return False

    ls.marks.drop(is_gone)
    return {"status": "done", "cleared": len(cleared)}


async def copy_result(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """
    `nrepl.copyResult`: hand out the whole value of the form at the cursor.

    Where no form there was evaluated, what was last evaluated of the document. show: whether a
    read-only document with it is opened too, true unless the caller says that it takes the reply.
    """
    given = Arguments.read(arguments)
    members = next((value for value in arguments if isinstance(value, dict)), {})
    place = given.place(ls.documents.last_place)
    outcome = _outcome_at(ls, place)
    if outcome is None:
        text = "Nothing has been evaluated here: run nrepl.evalForm first."
        error = refused(ls, RefusedError(text))["error"]
        return {"status": "error", "text": None, "evaluation": None, "error": error}
    text = _text(outcome)
    if members.get("show", True) is not False:
        task = asyncio.create_task(_open(ls, outcome, text), name="copy result")
        _opening.add(task)
        task.add_done_callback(_opening.discard)
        await asyncio.wait({task}, timeout=ANSWER_WITHIN)
    return {"status": "done", "text": text, "evaluation": outcome.evaluation, "error": None}


def _outcome_at(ls: NreplLanguageServer, place: Place | None) -> Outcome | None:
    if place is None:
        return ls.results.last(None)
    start = place.range.start
    mark = innermost(ls, place.uri, (start.line, start.character))
    return mark.outcome if mark is not None else ls.results.last(place.uri)


def _text(outcome: Outcome) -> str:
    """Every value; of what failed, what the server said."""
    if outcome.fault is not None:
        return outcome.fault.detail.strip() or said(outcome.fault)
    return "\n".join(outcome.values)


async def _open(ls: NreplLanguageServer, outcome: Outcome, text: str) -> None:
    code = outcome.code
    language = code.language if code is not None else for_document("", "")
    extension = language.extensions[0] if language.extensions else ".txt"
    try:
        folder = ls.cache / "results"
        path = await asyncio.to_thread(write, folder, f"result{extension}", f"{text}\n")
    except OSError as error:
        refused(ls, RefusedError(f"The value cannot be written: {error}."))
        return
    await show(ls, path)
