"""What the code is given when it reads standard input."""

from typing import TYPE_CHECKING

from lsprotocol import types

from nrepl_lsp.nrepl import UnknownOp

from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..evaluating.watching import Watcher

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Input"]


class Input(Watcher):
    """What the code is given when it reads standard input."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        self._ended: set[str] = set()

    def input_needed(self, running: Running) -> None:
        """Nobody can type here yet: end of input lets the code go on instead of hanging."""
        try:
            self._ls.evaluations.send_input(running, "")
        except UnknownOp:
            return
        if running.id in self._ended:
            return
        self._ended.add(running.id)
        text = "The code reads standard input; it was given the end of input."
        self._ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Forget it."""
        self._ended.discard(running.id)
