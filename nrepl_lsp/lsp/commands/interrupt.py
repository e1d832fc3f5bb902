"""The commands for what runs: stopping it, and giving it input."""

from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.evaluating.interrupting import interrupt_and_tell
from nrepl_lsp.lsp.evaluating.running import Running
from nrepl_lsp.lsp.evaluating.series import series_of
from nrepl_lsp.lsp.following.input import current_line, input_of
from nrepl_lsp.lsp.server import NreplLanguageServer

NOTHING_WAITS = "No code waits for input."


async def interrupt(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.interrupt`: stop what runs for this document, and drop what waits behind it."""
    given = Arguments.read(arguments)
    has_dropped = given.evaluation is None and _drop_plans(ls, given)
    targets = _targets(ls, given)
    if has_dropped and not targets:
        return {"status": "interrupted", "message": None}
    return await interrupt_and_tell(ls, targets, **({"within": None} if given.wait else {}))


async def send_input(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.sendInput`: give `text`, or the current line, to the code that reads input."""
    given = Arguments.read(arguments)
    text = None if _is_end(arguments) else _text(ls, given)
    if text is None and not _is_end(arguments):
        return _told(ls, "error", "No document is open: pass the `text` to send.")
    asking = input_of(ls)
    waiting = _waiting(ls, given, asking.waiting() if asking is not None else [])
    if asking is None or waiting is None:
        return _told(ls, "idle", NOTHING_WAITS)
    problem = asking.give(waiting, text)
    return _told(ls, "error", problem) if problem else {"status": "sent", "message": None}


def _drop_plans(ls: NreplLanguageServer, given: Arguments) -> bool:
    """Drop what is still found out for the document's program, or for all without a document."""
    place = given.place(ls.documents.last_place)
    repl = ls.repl_for(place.uri) if place is not None else None
    return (place is None or repl is not None) and ls.evaluations.plans.drop(repl)


def _targets(ls: NreplLanguageServer, given: Arguments) -> list[Running]:
    """What is meant, oldest first: one evaluation, those of the document's program, else all."""
    place = given.place(ls.documents.last_place)
    under_way = [one for one in series_of(ls) if one.current is not None]
    if given.evaluation is not None:
        found = [one for one in ls.evaluations.running() if one.id == given.evaluation]
        # A series has gone on since its first evaluation was answered.
        found += [one.current for one in under_way if one.current and one.holds(given.evaluation)]
        return list(dict.fromkeys(found))
    repl = ls.repl_for(place.uri) if place is not None else None
    if place is not None and repl is None:
        return []
    for one in series_of(ls, repl):
        # One may be between two of its forms, or wait for another.
        one.stop()
    currents = [one.current for one in under_way if one.current and repl in (None, one.repl)]
    return list(dict.fromkeys([*ls.evaluations.running(repl), *currents]))


def _waiting(ls: NreplLanguageServer, given: Arguments, waiting: list[Running]) -> Running | None:
    """The evaluation that gets the input: the one named, else of this program, else the only."""
    if given.evaluation is not None:
        return next((one for one in waiting if one.id == given.evaluation), None)
    place = given.place(ls.documents.last_place)
    repl = ls.repl_for(place.uri) if place is not None else None
    here = [one for one in waiting if one.repl is repl]
    if here:
        return here[0]
    return waiting[0] if len(waiting) == 1 and given.uri is None else None


def _text(ls: NreplLanguageServer, given: Arguments) -> str | None:
    if given.text is not None:
        return given.text
    place: Place | None = given.place(ls.documents.last_place)
    return current_line(ls, place)


def _is_end(arguments: tuple[Any, ...]) -> bool:
    members = next((one for one in arguments if isinstance(one, dict)), {})
    end = members.get("end")
    if end is not None and not isinstance(end, bool):
        raise JsonRpcInvalidParams(f"end must be true or false, not {end!r:.40}")
    return bool(end)


def _told(ls: NreplLanguageServer, status: str, message: str) -> dict[str, Any]:
    ls.say(message)
    return {"status": status, "message": message}
