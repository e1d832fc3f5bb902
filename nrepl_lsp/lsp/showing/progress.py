"""Long evaluations as work-done progress."""

from typing import TYPE_CHECKING

from ..evaluating.watching import Watcher

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Progress"]


class Progress(Watcher):
    """Long evaluations as work-done progress."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
