"""What a person does in an editor, in words that all editors share."""

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple, TypeVar

from .program import Program

__all__ = ["Desk", "Diagnostic", "Editor", "Missing", "NotSeen", "until"]

#: Seconds within which an editor must show what it was asked for; a slow machine's, not a goal.
PATIENCE = 15.0

#: Between two looks at a screen, which tells nobody that it has changed.
LOOK = 0.1

Seen = TypeVar("Seen")


class NotSeen(AssertionError):
    """Something did not appear; the text holds what was there instead."""


class Missing(Exception):
    """The editor is not installed; the text says in one line how to get it."""


class Diagnostic(NamedTuple):
    """What the editor holds about a line (from 0) of the file."""

    line: int
    text: str


@dataclass(frozen=True)
class Desk:
    """
    Where one editor works for one session.

    project: the folder of the running program. file: the sample, open first. home: the editor's
    settings, caches and sockets. server: the command that starts nrepl-lsp. environment: what the
    editor is started with; a mark in it finds every process that came from it. shots: the folder
    for screenshots.
    """

    program: Program
    project: Path
    file: Path
    home: Path
    server: list[str]
    environment: dict[str, str]
    shots: Path


class Editor(ABC):
    """
    One editor with the sample file open. Every verb waits until what it does can be seen.

    Verbs raise `NotSeen`, with the screen, when that does not happen within `PATIENCE`. They begin
    at any state that another verb leaves behind; after a failure `settle` comes first.
    """

    #: How the matrix calls it, such as "Neovim" or "Neovim, plugin".
    name: ClassVar[str]
    #: Journeys that the editor has no means for, and the reason, for docs/editors.md.
    lacks: ClassVar[dict[str, str]] = {}

    #: How the progress of the long run looks: what runs, and for how long it has.
    progress: ClassVar[str] = r"wait-long.*\b\d+ ?s\b"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @classmethod
    @abstractmethod
    def version(cls) -> str:
        """The installed version, such as "0.12.4". Raises `Missing` when it is not installed."""

    @abstractmethod
    def start(self) -> None:
        """Start with `desk.file` open, set up as the editor's README says, word for word."""

    @abstractmethod
    def quit(self) -> None:
        """Leave as a user does, throwing unsaved changes away."""

    @abstractmethod
    def kill(self) -> None:
        """End whatever is left. Never raises; may be called twice, and after `quit`."""

    @abstractmethod
    def settle(self) -> None:
        """Close menus, prompts and popups, and show the sample file as it is on the disk."""

    @abstractmethod
    def screen(self) -> str:
        """All text that a person sees now."""

    @abstractmethod
    def shot(self, name: str) -> None:
        """Keep the screen as a picture `desk.shots`/<editor>-<name>.svg or .png."""

    @abstractmethod
    def goto(self, text: str) -> None:
        """Put the cursor on the first character of the first `text` in the shown document."""

    @abstractmethod
    def shown_file(self) -> Path:
        """The file of the shown document."""

    @abstractmethod
    def hover(self) -> str:
        """Ask for the documentation at the cursor as a user does; what is then shown."""

    def complete(self, typed: str) -> str:
        """
        Type into a new line at the end and choose the first candidate, without taking it.

        What is shown then, documentation of the candidate included; the text is as before after.
        Who `lacks` "completion" goes without.
        """
        raise NotImplementedError(f"{self.name} neither completes nor lacks completion")

    def signature(self, typed: str) -> str:
        """
        Type the beginning of a call into a new line at the end; what is shown. Undone after.

        Who `lacks` "signature" goes without.
        """
        raise NotImplementedError(f"{self.name} neither shows signatures nor lacks them")

    @abstractmethod
    def definition(self) -> None:
        """Go to the definition of the name at the cursor."""

    @abstractmethod
    def load(self) -> None:
        """Load the file by the key or command that the README names; does not wait for its end."""

    @abstractmethod
    def evaluate(self) -> None:
        """Evaluate the form at the cursor by the README's key; does not wait for its end."""

    @abstractmethod
    def evaluate_typed(self, code: str) -> None:
        """
        Type code into a new line at the end and evaluate it as fast as keys go.

        Clients hold edits back for a while: the server must have them before the command.
        """

    @abstractmethod
    def act(self, title: str) -> None:
        """Choose the code action at the cursor whose title matches the regular expression."""

    @abstractmethod
    def diagnostics(self) -> list[Diagnostic]:
        """What the editor holds about the shown document, from its own state."""

    @abstractmethod
    def interrupt(self) -> None:
        """Interrupt by the README's key, command or code action."""

    @abstractmethod
    def choose(self, choice: str) -> None:
        """Answer the question that the server asks, which is or will be on the screen."""

    @abstractmethod
    def answer_input(self) -> str:
        """Give the reading program a line the way the README says; the line that was sent."""

    @abstractmethod
    def show_output(self) -> None:
        """Show what the program has printed by the README's key or command."""

    def wait_for(self, pattern: str, seconds: float = PATIENCE) -> str:
        """Wait until the screen matches the regular expression; the screen."""

        def look() -> str | None:
            screen = self.screen()
            return screen if re.search(pattern, screen) else None

        return until(look, lambda: f"/{pattern}/ is not on the screen:\n{self.screen()}", seconds)


def until(
    look: Callable[[], Seen | None], complaint: Callable[[], str], seconds: float = PATIENCE
) -> Seen:
    """
    Look until there is something that is true, and give it. Raises `NotSeen`.

    Editors have no event for "drawn", so looking again is the only way.
    """
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise NotSeen(complaint())
        time.sleep(LOOK)
    return seen
