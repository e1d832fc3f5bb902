"""Vim with ALE in a terminal: keys in, screen out, and its state by `writefile()`."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, ClassVar

from . import installed
from .editor import Diagnostic, NotSeen, until
from .readme import blocks
from .terminal_editor import TerminalEditor

__all__ = ["VimAle"]

#: To normal mode, from wherever it is.
NORMAL = ("C-\\", "C-n")

#: The texts of the popups, and closing them.
POPUPS = "map(popup_list(), {_, one -> join(getbufline(winbufnr(one), 1, '$'), ' ')})"
NO_POPUPS = "call popup_clear(1)"

#: Seconds after which a hover that shows nothing has nothing to show: ALE does not say so.
HOVER_SECONDS = 2.0


class VimAle(TerminalEditor):
    """By the README's block and keys."""

    name: ClassVar[str] = "Vim, ALE"
    lacks: ClassVar[dict[str, str]] = {
        "completion": "ALE lists the candidates without their documentation",
        "signature": "ALE shows no signatures",
        "long_run": "ALE shows no progress",
    }
    load_keys = r"\ef"
    evaluate_keys = r"\ee"
    interrupt_keys = r"\ei"
    output_keys = r"\eo"

    @classmethod
    def version(cls) -> str:
        shown = subprocess.run(
            [_program(), "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
        return shown.split()[4]

    def start(self) -> None:
        rc = "\n".join(blocks("vim", "vim"))
        (server,) = self.desk.server
        rc, count = re.subn("'nrepl-lsp'", f"'{server}'", rc)
        assert count == 1
        (self.desk.home / ".vimrc").write_text(rc, encoding="utf-8")
        share = installed.folder("vim") / "usr" / "share" / "vim"
        (runtime,) = share.glob("vim[0-9]*")
        self.run(
            [str(_program()), self.desk.file.name],
            {"VIM": str(share), "VIMRUNTIME": str(runtime)},
        )
        self.wait_for(r"\(ns demo")

    def leave(self) -> None:
        self._command("quitall!")

    def settle(self) -> None:
        self._command(f"{NO_POPUPS} | only! | edit! {self.desk.file}")
        self._command("redraw!")

    def goto(self, text: str) -> None:
        line, before = self.find(text)
        self._command(f"{NO_POPUPS} | call cursor({line}, {len(before.encode()) + 1})")

    def shown_file(self) -> Path:
        return Path(self._ask("expand('%:p')"))

    def hover(self) -> str:
        self._command(NO_POPUPS)
        self._command("ALEHover")
        try:
            shown = until(lambda: self._ask(POPUPS), lambda: "", HOVER_SECONDS)
        except NotSeen:
            return ""
        return "\n".join(shown)

    def definition(self) -> None:
        self._command("ALEGoToDefinition")

    def act(self, title: str) -> None:
        self._command("ALECodeAction")
        screen = self.wait_for(rf"(?m)^\d+\) {title}")
        self.shot("action")
        number = re.search(rf"(?m)^(\d+)\) {title}", screen)
        assert number is not None
        self.terminal.type(number[1])
        self.terminal.keys("Enter")

    def choose(self, choice: str) -> None:
        # ALE asks nobody what a server asks; there is a key for the one choice that matters.
        assert choice == "New session"
        self.press(r"\en")

    def diagnostics(self) -> list[Diagnostic]:
        held = self._ask("map(getloclist(0), {_, one -> [one.lnum, one.text]})")
        return [Diagnostic(line - 1, text) for line, text in held]

    def answer_input(self) -> str:
        self.press(r"\es")
        return super().answer_input()

    def press(self, keys: str) -> None:
        self.terminal.keys(*NORMAL)
        self.terminal.type(keys)

    def type_below(self, text: str) -> None:
        self.terminal.keys(*NORMAL, "G", "o")
        self.terminal.type(text)

    def _command(self, command: str) -> None:
        self.terminal.keys(*NORMAL)
        self.terminal.type(f":{command}")
        self.terminal.keys("Enter")

    def _ask(self, expression: str) -> Any:
        """The value of the expression, once Vim has done all that was typed before."""
        answer = self.desk.home / "answer"
        answer.unlink(missing_ok=True)
        self._command(
            f"silent call writefile([json_encode({expression}), ''], '{answer}') | redraw!"
        )

        def look() -> list[Any] | None:
            text = answer.read_text(encoding="utf-8") if answer.exists() else ""
            return [json.loads(text)] if text.endswith("\n\n") else None

        return until(look, lambda: f"Vim does not answer:\n{self.screen()}")[0]


def _program() -> Path:
    return installed.folder("vim") / "usr" / "bin" / "vim.basic"
