"""`nrepl-lsp demo`: the main job, shown on a real Basilisp nREPL server of its own."""

from .play import main

__all__ = ["main"]
