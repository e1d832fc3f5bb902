"""What the user's code prints, in the editor's log."""

from typing import TYPE_CHECKING

from nrepl_lsp.nrepl import Output

from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..evaluating.watching import Watcher

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Printed"]


class Printed(Watcher):
    """What the user's code prints, in the log."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls

    def printed(self, running: Running, output: Output) -> None:
        """Pass it on."""
        self._ls.output.write(output.text)

    def input_needed(self, running: Running) -> None:
        """Have the prompt shown before it is asked for."""
        self._ls.output.flush()

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Have everything shown before the outcome is."""
        self._ls.output.flush()
