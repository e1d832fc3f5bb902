"""Evaluations for plugins that want more than LSP shows."""

from typing import TYPE_CHECKING

from ..evaluating.watching import Watcher

if TYPE_CHECKING:
    from ..server import NreplLanguageServer

__all__ = ["Notifications"]


class Notifications(Watcher):
    """Evaluations for plugins that want more than LSP shows."""

    def __init__(self, ls: "NreplLanguageServer") -> None:
        self._ls = ls
