"""Helix in a terminal: keys in, screen out, and its state by `:pipe-to`."""

import itertools
import json
import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from . import installed
from .editor import PATIENCE, Desk, Diagnostic, NotSeen, until
from .readme import blocks
from .terminal import COLUMNS
from .terminal_editor import TerminalEditor

__all__ = ["Helix"]

#: Escape as terminals with the extended keyboard protocol send it: nothing that is typed after it
#: is taken for a key with Alt.
ESCAPE = "\x1b[27u"

#: Looks at a screen that show the same before it counts as complete.
STILL = 5


def runtime() -> dict[str, str]:
    """What an unpacked Helix must be told."""
    return {"HELIX_RUNTIME": str(installed.folder("helix") / "usr" / "lib" / "hx" / "runtime")}


def program() -> Path:
    return installed.folder("helix") / "usr" / "bin" / "hx"


class Helix(TerminalEditor):
    """By the README's blocks: the shortest one, what is shown, and the keys."""

    name: ClassVar[str] = "Helix"
    load_keys = "space n f"
    evaluate_keys = "space n e"
    interrupt_keys = "space n i"
    output_keys = "space n o"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._questions = itertools.count()

    @classmethod
    def version(cls) -> str:
        environment = {**os.environ, **runtime()}
        command = [program(), "--version"]
        return subprocess.check_output(command, env=environment, text=True, timeout=10).split()[1]

    def start(self) -> None:
        languages, look, keys = blocks("helix", "toml")[:3]
        (server,) = self.desk.server
        languages = languages.replace('"nrepl-lsp"', json.dumps(server), 1)
        assert server in languages
        folder = Path(self.desk.environment["XDG_CONFIG_HOME"]) / "helix"
        folder.mkdir(parents=True)
        (folder / "languages.toml").write_text(languages, encoding="utf-8")
        (folder / "config.toml").write_text(look + keys, encoding="utf-8")
        self.run([str(program()), self.desk.file.name], runtime())
        self.wait_for(r"\(ns demo")

    def leave(self) -> None:
        self._escape()
        self._command("quit-all!")

    def settle(self) -> None:
        self._escape()
        self._command(f"open {self.desk.file}")
        self._command("buffer-close-others!")
        self._command("reload")
        self._ask("")

    def goto(self, text: str) -> None:
        self._escape()
        line, before = self.find(text)
        self._move(line, len(before) + 1)

    def shown_file(self) -> Path:
        # Relative to where Helix was started, or with the home folder as ~.
        name = self._ask("%{buffer_name}")
        return self.desk.project / re.sub("^~", str(self.desk.home), name)

    def hover(self) -> str:
        # The popup stays until the next verb: a screenshot may want it. It has the lines below.
        self._escape()
        self.terminal.type("zz")
        before = self._clear()
        self.terminal.type(" k")

        def look() -> str | None:
            nothing = re.search("No hover results|No configured language server", self.screen())
            return _drawn_over(before, self._rows()) or (nothing and nothing[0])

        return until(look, lambda: f"space k shows nothing:\n{self.screen()}")

    def complete(self, typed: str) -> str:
        before = self._open_below()
        self.terminal.type(typed)
        menu = self._popup(before, "no menu is shown")
        self.terminal.keys("Tab")
        seen = [menu]

        def look() -> str | None:
            # The rest of the documentation comes a moment after its beginning.
            seen.append(_drawn_over(before, self._rows()))
            is_still = len(set(seen[-STILL:])) == 1
            return seen[-1] if len(seen[-1]) > len(menu) and is_still else None

        text = until(look, lambda: f"no documentation is shown:\n{self.screen()}")
        self.shot("completion")
        self.settle()
        return text

    def signature(self, typed: str) -> str:
        before = self._open_below()
        self.terminal.type(typed)
        row = max(at for at, line in enumerate(before) if re.match(r"\W*\d", line))

        def look() -> str | None:
            return _drawn_over(before, self._rows()[:row] + before[row:])

        text = until(look, lambda: f"no signature is shown:\n{self.screen()}")
        self.shot("signature")
        self.settle()
        return text

    def definition(self) -> None:
        self._clear()
        self.terminal.type("gd")

    def act(self, title: str) -> None:
        before = self._clear()
        self.terminal.type(" a")
        self._popup(before, "no code action is shown")
        self.shot("action")
        first = next(at for at, row in enumerate(self._rows()) if row != before[at])
        self._pick(title, first)

    def choose(self, choice: str) -> None:
        # The choices stand below the question's frame, and the first of them is preselected.
        self.wait_for(rf"(?m)└─+┘\W*\n(.*\n)*?.*\b{re.escape(choice)}\b")
        frame = next(at for at, row in enumerate(self._rows()) if "└─" in row)
        self._pick(re.escape(choice), frame + 1)

    def diagnostics(self) -> list[Diagnostic]:
        self._clear()
        line, column = self._ask("%{cursor_line} %{cursor_column}").split()
        found = []
        for number, text in enumerate(self._listed()):
            self._listed()
            self.terminal.keys(*["Down"] * number, "Enter")
            found.append(Diagnostic(int(self._ask("%{cursor_line}")) - 1, text))
        self._clear()
        self._move(int(line), int(column))
        return found

    def answer_input(self) -> str:
        self.wait_for("Send an empty line")
        self.shot("input")
        self.press("space n s")
        self.wait_for('nrepl.sendInput {"text":""}')
        self.terminal.type("Ada")
        self.terminal.keys("Enter")
        return "Ada"

    def press(self, keys: str) -> None:
        self._clear()
        self.terminal.keys(*keys.replace("space", "Space").split())

    def type_below(self, text: str) -> None:
        self._open_below()
        self.terminal.type(text)

    def _command(self, command: str) -> None:
        self.terminal.type(f":{command}")
        self.terminal.keys("Enter")

    def _escape(self) -> None:
        """Leave whatever is open: a menu in insert mode needs it twice."""
        self.terminal.type(ESCAPE * 2)

    def _move(self, line: int, column: int) -> None:
        self._command(f"goto {line}")
        self.terminal.type("gh" + (f"{column - 1}l" if column > 1 else ""))
        self.wait_for(rf"\b{line}:{column}\b")

    def _rows(self) -> list[str]:
        return [row.ljust(COLUMNS) for row in self.screen().splitlines()]

    def _clear(self) -> list[str]:
        """Leave whatever is open; the lines on the screen then."""
        self._escape()
        self._ask("")
        return self._rows()

    def _popup(self, before: list[str], complaint: str) -> str:
        """What is drawn over more than one line."""

        def look() -> str | None:
            text = _drawn_over(before, self._rows())
            return text if "\n" in text else None

        return until(look, lambda: f"{complaint}:\n{self.screen()}")

    def _pick(self, title: str, first: int) -> None:
        """Choose from a menu whose first entry, preselected, is in that line of the screen."""
        rows = self._rows()[first:]
        at = next((at for at, row in enumerate(rows) if re.search(title, row)), None)
        if at is None:
            raise NotSeen(f"/{title}/ is not in the menu:\n{self.screen()}")
        self.terminal.keys(*["Down"] * at, "Enter")

    def _listed(self) -> list[str]:
        """What the picker of diagnostics lists, in its order; it is left open."""
        self._clear()
        self.terminal.type(" d")
        self.wait_for("severity")
        # Without the preview there is room for the messages.
        self.terminal.keys("C-t")
        self.wait_for(r"(?m)^│ +severity.*message +│$")
        rows = self._rows()
        heading = next(at for at, row in enumerate(rows) if "severity" in row)
        column = rows[heading].index("message")
        listed = (row[column:].rstrip("│ ") for row in rows[heading + 1 :])
        return list(itertools.takewhile(bool, listed))

    def _open_below(self) -> list[str]:
        """Begin a new line at the end; the screen's lines then."""
        self._clear()
        self.terminal.type("geo")
        self.wait_for(" INS ")
        return self._rows()

    def _ask(self, expansion: str) -> str:
        """What Helix puts for the expansion, once it has done all that was typed before."""
        answer = self.desk.home / "answer"
        number = next(self._questions)

        def look() -> str | None:
            text = answer.read_text(encoding="utf-8") if answer.exists() else ""
            return text if text.startswith(f"{number} ") else None

        for _ in range(3):
            self._command(f"pipe-to cat >/dev/null; echo {number} '{expansion}' >{answer}")
            with suppress(NotSeen):
                return until(look, self.screen, PATIENCE / 3).split(" ", 1)[1].strip()
            # A picker that closes late has taken the command for its own.
            self._escape()
        raise NotSeen(f"Helix does not answer:\n{self.screen()}")


def _drawn_over(before: list[str], after: list[str]) -> str:
    """The text of the rectangle in which the screen differs from what it was before."""
    # The two lines for status and messages change by themselves; a popup may reach into them.
    body = list(zip(before, after, strict=True))[:-2]
    rows = [at for at, (old, new) in enumerate(body) if old != new]
    if not rows:
        return ""
    columns = {at for old, new in body for at in range(COLUMNS) if old[at] != new[at]}
    last = len(after) if rows[-1] == len(body) - 1 else rows[-1] + 1
    area = after[rows[0] : last]
    return "\n".join(row[min(columns) : max(columns) + 1].rstrip() for row in area)
