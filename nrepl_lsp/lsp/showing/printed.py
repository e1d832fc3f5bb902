"""What the user's code prints, in the editor's log and in the program's transcript."""

from typing import TYPE_CHECKING

from nrepl_lsp.nrepl import Output

from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..evaluating.watching import Watcher
from .transcript import Transcripts

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Printed"]


class Printed(Watcher):
    """What the user's code prints, in the log; everything else goes to the transcript only."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
        self._transcripts = Transcripts(ls)

    def queued(self, running: Running) -> None:
        """Pass it on."""
        self._transcripts.queued(running)

    def sent(self, running: Running) -> None:
        """Pass it on."""
        self._transcripts.sent(running)

    def printed(self, running: Running, output: Output) -> None:
        """Pass it on."""
        self._ls.output.write(output.text)
        self._transcripts.printed(running, output)

    def input_needed(self, running: Running) -> None:
        """Have the prompt shown before it is asked for."""
        self._ls.output.flush()
        self._transcripts.input_needed(running)

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Have everything shown before the outcome is."""
        self._ls.output.flush()
        self._transcripts.ended(running, outcome)

    def close(self) -> None:
        """Pass it on."""
        self._transcripts.close()
