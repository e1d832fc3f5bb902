"""The Emacs that `.ci/install-editors` has unpacked beside the system."""

import os
from collections.abc import Mapping
from pathlib import Path

from . import installed
from .editor import Missing

__all__ = ["UnpackedEmacs"]


class UnpackedEmacs:
    """An Emacs that was unpacked beside the system, and what it must be told of where it is."""

    def __init__(self) -> None:
        root = installed.folder("emacs")
        self.version = max(path.name for path in (root / "usr/share/emacs").glob("[0-9]*"))
        share = root / "usr/share/emacs" / self.version
        programs = next((root / "usr/libexec/emacs" / self.version).iterdir())
        self.packages = sorted((root / "usr/share/emacs/site-lisp/elpa-src").glob("*-[0-9]*"))
        lisp = [Path(at) for at, _, _ in os.walk(share / "lisp") if "obsolete" not in at]
        dump = next(programs.glob("emacs*.pdmp"))
        self.command = [str(root / "usr/bin/emacs-nox"), f"--dump-file={dump}"]
        self.client = str(root / "usr/bin/emacsclient.emacs")
        self.environment: Mapping[str, str] = {
            "EMACSDATA": str(share / "etc"),
            "EMACSDOC": str(share / "etc"),
            "EMACSPATH": str(programs),
            "EMACSLOADPATH": ":".join(map(str, [*sorted(lisp), *self.packages])),
        }

    def package(self, name: str) -> str:
        """The version of a package. Raises `Missing`."""
        for path in self.packages:
            if path.name.rpartition("-")[0] == name:
                return path.name.rpartition("-")[2]
        raise Missing(f"{name} is not there; get it with: .ci/install-editors emacs")
