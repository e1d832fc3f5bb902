"""Letting the user choose between a few things, where the editor can ask."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["choice"]

log = logging.getLogger(__name__)


async def choice(
    ls: "NreplLanguageServer", kind: types.MessageType, text: str, titles: Sequence[str]
) -> str | None:
    """
    What the user chooses; None when they choose nothing, or the editor cannot ask.

    Waits as long as the user takes, and for ever where the editor does not answer (Vim's ALE): the
    caller has the deadline. The text is shown in any case.
    """
    says_so = get_capability(ls.client_capabilities, "window.show_message") is not None
    if not says_so:
        # Emacs, Helix 25.01 and lsp-mode ask all the same; ALE shows nothing of a request.
        ls.say(text, kind)
    actions = [types.MessageActionItem(title) for title in titles]
    try:
        chosen = await ls.window_show_message_request_async(
            types.ShowMessageRequestParams(kind, text, actions)
        )
    except JsonRpcException as error:
        log.info("window/showMessageRequest: %s", error)
        if says_so:
            ls.say(text, kind)
        return None
    return chosen.title if chosen is not None else None
