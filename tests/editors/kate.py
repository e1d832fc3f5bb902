"""Kate on a screen of its own: keys and clicks in, and what a screen reader gets out."""

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from . import installed
from .accessible import Program
from .editor import PATIENCE, Desk, Diagnostic, Editor, Missing, NotSeen, until
from .kate_window import KateWindow, text_of
from .readme import blocks
from .stage import Stage

__all__ = ["Kate"]

#: Seconds for Kate to show its window.
START = 45.0

#: Seconds after which a hover that has not come will not come.
HOVER = 3.0

#: The kinds of code actions that evaluate the form at the cursor.
FORM = r"^\[nrepl\.evaluate\.(form|list|topLevelForm)\] "


class Kate(Editor):
    """Kate with the README's server settings and its mode for Basilisp."""

    name: ClassVar[str] = "Kate"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._root = installed.folder("kate")
        self._command = [str(self._root / "usr" / "bin" / "kate")]
        self._stage = Stage(self._root, desk.home)
        self._environment: dict[str, str] = {}
        self._kate: subprocess.Popen[bytes] | None = None
        self._program: Program | None = None
        self._seen: KateWindow | None = None

    @classmethod
    def version(cls) -> str:
        installed.need("jeepney", "PIL", "Xlib")
        if shutil.which("Xvfb") is None:
            raise Missing("get Xvfb with: .ci/install-editors kate")
        packages = (installed.folder("kate") / ".installed").read_text().splitlines()
        (found,) = [line.split("\t")[1] for line in packages if line.startswith("kate\t")]
        return re.sub(r"^\d+:|[-+~].*", "", found)

    # Starting and ending.

    def start(self) -> None:
        self._configure()
        self._stage.start()
        share = self._root / "usr" / "share"
        (libraries,) = (self._root / "usr" / "lib").glob("*/qt6")
        self._environment = {
            **os.environ,
            **self.desk.environment,
            **self._stage.environment,
            # One bus is both, and it needs nobody to say that there is a screen reader.
            "AT_SPI_BUS_ADDRESS": self._stage.address,
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            # The fonts that came with it, whatever the system has.
            "FONTCONFIG_SYSROOT": str(self._root),
            "QT_PLUGIN_PATH": str(libraries / "plugins"),
            "QT_QPA_PLATFORM": "xcb",
            "QT_XKB_CONFIG_ROOT": str(share / "X11" / "xkb"),
            "XDG_DATA_DIRS": str(share),
        }
        with (self.desk.home / "kate.log").open("wb") as log:
            self._kate = subprocess.Popen(
                [*self._command, "--block", str(self.desk.file)],
                cwd=self.desk.project,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._program = Program(self._stage.address)
        until(self._program.find, lambda: f"no Kate:\n{self._log()}", START)
        self._seen = KateWindow(self._program, self._stage)
        # Whether the server may be started.
        self._window.answer("Yes", START)
        self._window.begin()
        self._window.open("Output")

    def _configure(self) -> None:
        """The README's blocks, word for word but for the server's path."""
        config = self.desk.home / "config"
        (config / "kate" / "lspclient").mkdir(parents=True)
        (server,) = self.desk.server
        (settings,), (modes,) = blocks("kate", "json"), blocks("kate", "ini")
        settings, count = re.subn('"nrepl-lsp"', f'"{server}"', settings)
        assert count == 1
        (config / "kate" / "lspclient" / "settings.json").write_text(settings)
        (config / "katemoderc").write_text(modes)

    def _log(self) -> str:
        return (self.desk.home / "kate.log").read_text(errors="replace")

    def quit(self) -> None:
        assert self._kate is not None
        self._as_on_the_disk()
        self._stage.press("Ctrl+Q")
        with suppress(subprocess.TimeoutExpired):
            self._kate.wait(timeout=PATIENCE)
        self._close()

    def kill(self) -> None:
        if self._kate is not None:
            with suppress(ProcessLookupError):
                self._kate.kill()
            with suppress(subprocess.TimeoutExpired):
                self._kate.wait(timeout=5)
        self._close()

    def _close(self) -> None:
        if self._program is not None:
            self._program.close()
        self._stage.close()

    @property
    def _window(self) -> KateWindow:
        assert self._seen is not None, "not started"
        return self._seen

    # What is there.

    def screen(self) -> str:
        return self._window.screen()

    def shot(self, name: str) -> None:
        self._stage.shot(self.desk.shots / f"kate-{name}.png")

    def shown_file(self) -> Path:
        return self._window.shown_file()

    def diagnostics(self) -> list[Diagnostic]:
        """The list of them, each clicked on: that leads to its place."""

        def look() -> list[list[Diagnostic]] | None:
            self._window.open("Diagnostics")
            found = []
            for entry in self._window.listed():
                # A message of an error may have Kate show the output instead, at any time.
                if (line := self._window.line_of(entry)) is None:
                    return None
                found.append(Diagnostic(line, entry.name))
            return [found]

        return until(look, lambda: f"no list that stays:\n{self.screen()}")[0]

    def settle(self) -> None:
        self._as_on_the_disk()
        self._window.open("Output")
        self._window.clear("Output")

    def _as_on_the_disk(self) -> None:
        self._window.close_hover()
        until(self._at_home, lambda: f"not as on the disk:\n{self.screen()}")

    def _at_home(self) -> bool:
        """Whether the sample is shown as it is on the disk; else a step towards it."""
        if self._window.question():
            self._window.answer_least()
        elif self._window.popups():
            self._stage.press("Escape")
        elif self.shown_file() != self.desk.file:
            self._stage.press("Ctrl+W")
        elif self._window.document().text != self.desk.program.text:
            self._window.focus()
            self._stage.press("Ctrl+Z")
        else:
            return True
        return False

    # What a person does.

    def goto(self, text: str) -> None:
        document = self._window.focus()
        before, found, _ = document.text.partition(text)
        assert found, f"{text} is not in the document"
        self._window.put_cursor(document, before)

    def hover(self) -> str:
        self._window.close_hover()
        self._window.command("Symbol Info")
        try:
            return until(lambda: text_of(self._window.popups()), lambda: "", HOVER)
        except NotSeen:
            return ""

    def complete(self, typed: str) -> str:
        self._append(typed)

        def look() -> str | None:
            shown = self._window.popups()
            roles = {one.role for popup in shown for one in popup.all()}
            return text_of(shown) if roles >= {"tree", "label"} else None

        text = until(look, lambda: f"no candidates with documentation:\n{self.screen()}")
        self.shot("completion")
        self._as_on_the_disk()
        return text

    def signature(self, typed: str) -> str:
        # Kate asks when a blank is typed, but takes that back where no argument follows it.
        self._append(f"{typed.rstrip()}1")
        self._stage.press("Escape", "Left")
        self._stage.type(" ")

        def look() -> str | None:
            text = text_of(self._window.popups())
            return text if typed.strip("( ") in text else None

        text = until(look, lambda: f"no signature:\n{self.screen()}")
        self._as_on_the_disk()
        return text

    def definition(self) -> None:
        self._window.command("Go to Definition")

    def load(self) -> None:
        self.act("Load ")

    def evaluate(self) -> None:
        self.act(FORM)

    def evaluate_typed(self, code: str) -> None:
        self._window.open("Output")
        self._append(code)
        self._choose_action(FORM + re.escape(f"Evaluate {code}"))

    def act(self, title: str) -> None:
        self._window.open("Output")
        self._choose_action(title)

    def _choose_action(self, title: str) -> None:
        self._stage.press("Alt+Return")
        actions = until(self._window.actions, lambda: f"no code actions:\n{self.screen()}")
        names = [one.name for one in actions]
        chosen = next((index for index, one in enumerate(names) if re.search(title, one)), None)
        if chosen is None:
            self._stage.press("Escape")
            raise NotSeen(f"/{title}/ is none of {names}")
        self._stage.press(*["Down"] * (chosen + 1), "Return")
        until(lambda: not self._window.actions(), lambda: f"the menu stays:\n{self.screen()}")

    def interrupt(self) -> None:
        self.act("Interrupt")

    def choose(self, choice: str) -> None:
        self._window.answer(choice)

    def answer_input(self) -> str:
        # Nothing can be typed while the question stands.
        self.wait_for("Send an empty line")
        self.shot("input")
        self._window.answer("Answer later")
        self._append("Ada")
        self.act("Send “Ada” as input")
        return "Ada"

    def show_output(self) -> None:
        self.goto("(ns demo")
        self.act("Show the output")
        path = re.search(r"(?m)^See (.*\.log)", self.wait_for(r"(?m)^See .*\.log"))
        assert path is not None
        # In a terminal: the Kate that runs opens it.
        subprocess.run([*self._command, path[1]], env=self._environment, timeout=START, check=True)
        until(lambda: self.shown_file() == Path(path[1]), lambda: f"not opened:\n{self.screen()}")

    def _append(self, typed: str) -> None:
        """Type into a new line at the end; closing brackets come by themselves."""
        document = self._window.focus()
        self._window.put_cursor(document, document.text)
        self._stage.type("\n" + typed)
