"""Who follows the evaluations: what shows them, writes them down, and learns from them."""

from nrepl_lsp.nrepl import Output

from .outcomes import Outcome
from .running import Running

__all__ = ["Watcher"]


class Watcher:
    """
    Told of every evaluation, in this order; it overrides what it wants to know.

    Its methods never wait; what takes long becomes a task of its own. One that fails is logged,
    and neither the evaluation nor the other watchers notice.
    """

    def queued(self, running: Running) -> None:
        """A command has asked for it; it waits for its turn."""

    def sent(self, running: Running) -> None:
        """The program has it, or it waits in the session's queue."""

    def printed(self, running: Running, output: Output) -> None:
        """Something was printed; also after the end, by other threads of the program's."""

    def input_needed(self, running: Running) -> None:
        """Its code reads standard input and waits."""

    def input_given(self, running: Running) -> None:
        """It was given what it waited for, or the end of input, and goes on."""

    def ended(self, running: Running, outcome: Outcome) -> None:
        """It is over: done, failed, interrupted, or never sent."""

    def close(self) -> None:
        """The editor is gone."""
