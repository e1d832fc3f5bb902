"""The commands for what runs: stopping it, and giving it input."""

from typing import Any

from lsprotocol import types

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.server import NreplLanguageServer


async def interrupt(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.interrupt`: stop what runs for this document, and drop what waits behind it."""
    given = Arguments.read(arguments)
    place = given.place(ls.documents.last_place)
    targets = ls.evaluations.running()
    if given.evaluation is not None:
        targets = [one for one in targets if one.id == given.evaluation]
    elif place is not None:
        repl = ls.repl_for(place.uri)
        targets = ls.evaluations.running(repl) if repl is not None else []
    status = await ls.evaluations.interrupt(targets)
    message = _INTERRUPT_MESSAGES.get(status)
    if message is not None:
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, message))
    return {"status": status, "message": message}


_INTERRUPT_MESSAGES = {
    "idle": "Nothing is running.",
    "unsupported": "This server cannot interrupt; restart it to stop the evaluation.",
    "unanswered": "The server has not reacted to the interrupt; the evaluation may go on.",
}


async def send_input(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.sendInput`: give `text` to the code that reads standard input."""
    raise NotImplementedError
