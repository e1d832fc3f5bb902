"""What all editors in a terminal share: tmux shows them, and most verbs are a few keys."""

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from .editor import Desk, Editor, NotSeen, until
from .terminal import Terminal

__all__ = ["TerminalEditor"]


class TerminalEditor(Editor):
    """An editor that is shown by tmux, with the keys of its README."""

    #: The README's keys, as `press` takes them.
    load_keys: ClassVar[str]
    evaluate_keys: ClassVar[str]
    interrupt_keys: ClassVar[str]
    output_keys: ClassVar[str]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._terminal: Terminal | None = None

    @abstractmethod
    def press(self, keys: str) -> None:
        """Press keys as the README writes them, from whatever the editor is in the middle of."""

    @abstractmethod
    def type_below(self, text: str) -> None:
        """Type into a new line at the end of the document, and stay there."""

    @abstractmethod
    def leave(self) -> None:
        """Type what leaves the editor, throwing unsaved changes away."""

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the editor in the project's folder."""
        self._terminal = Terminal(
            command,
            self.desk.project,
            self.desk.home / "tmux.sock",
            {**self.desk.environment, **environment},
        )

    @property
    def terminal(self) -> Terminal:
        assert self._terminal is not None, "start comes first"
        return self._terminal

    def quit(self) -> None:
        self.leave()
        until(self.terminal.has_ended, lambda: f"it has not ended:\n{self.screen()}")

    def kill(self) -> None:
        if self._terminal is not None:
            self._terminal.kill()

    def screen(self) -> str:
        return self.terminal.screen()

    def shot(self, name: str) -> None:
        editor = re.sub(r"\W+", "-", self.name.lower())
        self.terminal.shot(self.desk.shots / f"{editor}-{name}.svg", self.name)

    def load(self) -> None:
        self.press(self.load_keys)

    def evaluate(self) -> None:
        self.press(self.evaluate_keys)

    def interrupt(self) -> None:
        self.press(self.interrupt_keys)

    def show_output(self) -> None:
        self.press(self.output_keys)

    def evaluate_typed(self, code: str) -> None:
        self.type_below(code)
        self.evaluate()

    def answer_input(self) -> str:
        """At a line that asks for it, which is there or will be."""
        self.wait_for("Input:")
        self.shot("input")
        self.terminal.type("Ada Lovelace")
        self.terminal.keys("Enter")
        return "Ada Lovelace"

    def find(self, text: str) -> tuple[int, str]:
        """The line, from 1, of the first `text` in the shown file, and what stands before it."""
        before, found, _ = self.shown_file().read_text(encoding="utf-8").partition(text)
        if not found:
            raise NotSeen(f"{text!r} is not in {self.shown_file()}")
        return before.count("\n") + 1, before.rpartition("\n")[2]
