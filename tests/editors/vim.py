"""Vim with ALE in a terminal: keys in, screen out, and its state by `writefile()`."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, ClassVar

from . import installed
from .editor import Desk, Diagnostic, Editor, NotSeen, until
from .terminal import Terminal

__all__ = ["VimAle"]

README = Path(__file__).parents[2] / "editors" / "vim" / "README.md"

#: To normal mode, from wherever it is.
NORMAL = ("C-\\", "C-n")

#: The texts of the popups, and closing them.
POPUPS = "map(popup_list(), {_, one -> join(getbufline(winbufnr(one), 1, '$'), ' ')})"
NO_POPUPS = "call popup_clear(1)"

#: Seconds after which a hover that shows nothing has nothing to show: ALE does not say so.
HOVER_SECONDS = 5.0


class VimAle(Editor):
    """By the README's block and keys."""

    name: ClassVar[str] = "Vim, ALE"
    lacks: ClassVar[dict[str, str]] = {
        "completion": "ALE lists the candidates without their documentation",
        "signature": "ALE shows no signatures",
        "long_run": "ALE shows no progress",
    }

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._terminal: Terminal | None = None

    @classmethod
    def version(cls) -> str:
        shown = subprocess.run(
            [_program(), "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
        return shown.split()[4]

    def start(self) -> None:
        text = README.read_text(encoding="utf-8")
        rc = "\n".join(re.findall(r"(?ms)^```vim\n(.*?)^```", text))
        (server,) = self.desk.server
        rc, count = re.subn("'nrepl-lsp'", f"'{server}'", rc)
        assert count == 1
        (self.desk.home / ".vimrc").write_text(rc, encoding="utf-8")
        share = installed.folder("vim") / "usr" / "share" / "vim"
        (runtime,) = share.glob("vim[0-9]*")
        self._terminal = Terminal(
            [str(_program()), self.desk.file.name],
            self.desk.project,
            self.desk.home / "tmux.sock",
            {**self.desk.environment, "VIM": str(share), "VIMRUNTIME": str(runtime)},
        )
        self.wait_for(r"\(ns demo")

    @property
    def terminal(self) -> Terminal:
        assert self._terminal is not None, "start comes first"
        return self._terminal

    def quit(self) -> None:
        self._command("quitall!")
        until(self.terminal.has_ended, lambda: f"it has not ended:\n{self.screen()}")

    def kill(self) -> None:
        if self._terminal is not None:
            self._terminal.kill()

    def settle(self) -> None:
        self._command(f"{NO_POPUPS} | only! | edit! {self.desk.file}")
        self._command("redraw!")

    def screen(self) -> str:
        return self.terminal.screen()

    def shot(self, name: str) -> None:
        self.terminal.shot(self.desk.shots / f"vim-ale-{name}.svg", self.name)

    def goto(self, text: str) -> None:
        before, found, _ = self.shown_file().read_text(encoding="utf-8").partition(text)
        if not found:
            raise NotSeen(f"{text!r} is not in {self.shown_file()}")
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2].encode()) + 1
        self._command(f"{NO_POPUPS} | call cursor({line}, {column})")

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

    def complete(self, typed: str) -> str:
        raise NotImplementedError(self.lacks["completion"])

    def signature(self, typed: str) -> str:
        raise NotImplementedError(self.lacks["signature"])

    def definition(self) -> None:
        self._command("ALEGoToDefinition")

    def load(self) -> None:
        self._leader("ef")

    def evaluate(self) -> None:
        self._leader("ee")

    def interrupt(self) -> None:
        self._leader("ei")

    def evaluate_typed(self, code: str) -> None:
        self.terminal.keys(*NORMAL, "G", "o")
        self.terminal.type(code)
        self.terminal.keys("Escape")
        self.evaluate()

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
        self._leader("en")

    def diagnostics(self) -> list[Diagnostic]:
        held = self._ask("map(getloclist(0), {_, one -> [one.lnum, one.text]})")
        return [Diagnostic(line - 1, text) for line, text in held]

    def answer_input(self) -> str:
        self._leader("es")
        self.wait_for("Input:")
        self.shot("input")
        self.terminal.type("Ada")
        self.terminal.keys("Enter")
        return "Ada"

    def show_output(self) -> None:
        self._leader("eo")

    def _leader(self, keys: str) -> None:
        self.terminal.keys(*NORMAL)
        self.terminal.type("\\" + keys)

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
