"""An editor in a terminal: tmux shows it, types into it and tells what is on its screen."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.ansi import AnsiDecoder
from rich.console import Console

__all__ = ["Terminal"]

COLUMNS, LINES = 100, 32

#: The colour and the kind of an underline, which rich takes for other things.
UNDERLINE = re.compile(r"\x1b\[(?:58[:;][\d:;]*|59|4:\d)m")


class Terminal:
    """A program in a tmux server of its own, without the user's settings."""

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path,
        socket: Path,
        environment: Mapping[str, str],
        *,
        columns: int = COLUMNS,
        lines: int = LINES,
    ) -> None:
        self._base = ["tmux", "-S", str(socket), "-f", os.devnull]
        # Not tmux' own environment: it outlives the program, and would count as left behind.
        given = [word for name in environment for word in ("-e", f"{name}={environment[name]}")]
        self._tmux(
            *("new-session", "-d", "-x", str(columns), "-y", str(lines), "-c", str(cwd)),
            *("-e", "TERM=tmux-256color", "-e", "COLORTERM=truecolor", *given, *command, ";"),
            *("set", "-g", "escape-time", "0", ";"),
            *("set", "-g", "default-terminal", "tmux-256color", ";"),
            *("set", "-g", "remain-on-exit", "on", ";"),
            *("set", "-g", "status", "off"),
        )

    def keys(self, *keys: str) -> None:
        """Press keys by tmux' names: `Escape`, `C-x`, `Enter`, `a`."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type a text, letter by letter as it stands."""
        self._tmux("send-keys", "-l", text)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def has_ended(self) -> bool:
        """Whether the program has ended by itself."""
        return self._tmux("list-panes", "-F", "#{pane_dead}").strip() in ("1", "")

    def shot(self, path: Path, title: str) -> None:
        """Draw the screen with its colours into an SVG file."""
        # With the spaces at the lines' ends (-N), which have a background. tmux sets a colour once
        # for all lines that follow, so one decoder reads them all.
        screen = UNDERLINE.sub("", self._tmux("capture-pane", "-p", "-e", "-N").rstrip("\n"))
        with open(os.devnull, "w") as nowhere:
            console = Console(
                record=True,
                width=COLUMNS,
                force_terminal=True,
                color_system="truecolor",
                file=nowhere,
            )
            for line in AnsiDecoder().decode(screen):
                console.print(line, no_wrap=True, overflow="crop")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(console.export_svg(title=title), encoding="utf-8")

    def kill(self) -> None:
        """End it and the tmux server. Never raises."""
        self._tmux("kill-server", check=False)

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            [*self._base, *arguments],
            env={name: value for name, value in os.environ.items() if name != "TMUX"},
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        if check and done.returncode and "new-session" in arguments:
            raise RuntimeError(f"tmux: {done.stderr.strip()}")
        return done.stdout
