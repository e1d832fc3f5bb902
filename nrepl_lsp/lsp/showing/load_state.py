"""What the program has of the text in the editor."""

from typing import TYPE_CHECKING

from ..evaluating.watching import Watcher

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["LoadState"]


class LoadState(Watcher):
    """What the program has of the text in the editor."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
