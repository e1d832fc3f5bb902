"""Everybody who follows the evaluations, in the order in which they are told."""

from typing import TYPE_CHECKING

from ..colouring.semantics import note_evaluation
from ..evaluating.outcomes import Outcome
from ..evaluating.running import Running
from ..evaluating.watching import Watcher
from ..load_state.hints import LoadState
from ..session.namespaces import SessionNamespaces
from .input import Input
from .notifications import Notifications
from .printed import Printed
from .progress import Progress
from .transcript import Transcripts

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["watchers_of"]


def watchers_of(ls: "NreplLanguageServer") -> tuple[Watcher, ...]:
    """
    The watchers of one editor's evaluations.

    What is printed comes before what it comes to, so that a log reads in the order of events.
    """
    return (
        Printed(ls),
        Transcripts(ls),
        Progress(ls),
        Input(ls),
        LoadState(ls),
        ls.results,
        Notifications(ls),
        SessionNamespaces(ls),
        _Colours(ls),
    )


class _Colours(Watcher):
    """Names may mean something else afterwards."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls

    def ended(self, running: Running, outcome: Outcome) -> None:
        note_evaluation(self._ls, running.repl)
