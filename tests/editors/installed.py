"""Where `.ci/install-editors` puts the editors: beside the user's caches, never in the tree."""

import importlib.util
import os
from pathlib import Path

from .editor import Missing

__all__ = ["EDITORS", "folder", "need"]

EDITORS = Path(
    os.environ.get("NREPL_LSP_EDITORS")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nrepl-lsp-editors"
)


def folder(name: str) -> Path:
    """The folder of an installed editor. Raises `Missing`."""
    path = EDITORS / name
    if not (path / ".installed").exists():
        raise Missing(f"get it with: .ci/install-editors {name}")
    return path


def need(*modules: str) -> None:
    """Check that what drives an editor is there. Raises `Missing`."""
    if any(importlib.util.find_spec(module) is None for module in modules):
        raise Missing("get what drives the editors with: pip install --group editors")
