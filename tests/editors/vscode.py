"""VS Code with the extension from its .vsix, driven by keys in a browser."""

import json
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from .browser import Browser, chromium
from .code_server import DRIVER, START, CodeServer
from .editor import PATIENCE, Desk, Diagnostic, Editor, Missing, NotSeen, until

__all__ = ["Code"]

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
VSIX = EXTENSION / "nrepl-lsp.vsix"
#: Folders of the extension that are in it, or make it.
PARTS = ("images", "language", "scripts", "walkthrough")

SCREEN = (DRIVER / "screen.js").read_text(encoding="utf-8").split("\n", 2)[2]

#: No tips of VS Code's own in the way, no network, and where browsers differ, as on the desktop.
QUIET = {
    "chat.commandCenter.enabled": False,
    "editor.cursorBlinking": "solid",
    # Machine-quick keys would meet what it asks for by itself, and VS Code mixes up the answers.
    "editor.lightbulb.enabled": "off",
    "editor.minimap.enabled": False,
    "extensions.autoCheckUpdates": False,
    "files.autoSave": "off",
    "git.enabled": False,
    "remote.autoForwardPorts": False,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "workbench.reduceMotion": "on",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}

KEY_NAMES = {"Ctrl": "Control", ",": "Comma", ".": "Period", "/": "Slash", ";": "Semicolon"}

#: The box at the top, of the palette and of questions.
BOX = ".quick-input-widget input.input"

DETAILS = ".suggest-details-container"

#: Seconds after which a hover that has not come will not come.
HOVER = 3.0


def keys(binding: str) -> list[str]:
    """A key binding as the README writes it, `Ctrl+Alt+C Enter`, in playwright's names."""

    def name(key: str) -> str:
        if len(key) > 1 or key in KEY_NAMES:
            return KEY_NAMES.get(key, key)
        return f"Key{key}" if key.isalpha() else f"Digit{key}"

    return ["+".join(name(key) for key in chord.split("+")) for chord in binding.split()]


class Code(Editor):
    """
    The extension as `make vscode` builds it. Its README asks for no setting: it runs the server
    that it brings, with the Python that it finds.
    """

    name = "VS Code"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._server: CodeServer | None = None
        self._browser: Browser | None = None
        self._hovered = b""

    @classmethod
    def version(cls) -> str:
        chromium()
        try:
            import playwright  # noqa: F401
        except ImportError:
            raise Missing("get playwright with: pip install --group editors") from None
        product = CodeServer.program() / "lib" / "vscode" / "package.json"
        return str(json.loads(product.read_text())["version"])

    # Starting and ending.

    def start(self) -> None:
        self._server = CodeServer(self.desk)
        self._server.install(self.vsix(), QUIET)
        address = f"{self._server.start()}/?folder={self.desk.project}"
        self._browser = Browser(self.desk.environment)
        self.page.do(
            lambda page: page.goto(address, wait_until="commit", timeout=START * 1000),
            START + PATIENCE,
        )
        self.trust()
        until(self.server.answers, lambda: f"no extension host:\n{self.screen()}", START)
        self.page.do(
            lambda page: (
                page.locator(".explorer-folders-view .monaco-list-row")
                .filter(has_text=self.desk.file.name)
                .dblclick()
            )
        )
        until(
            lambda: self.server.ask("state")["path"] == str(self.desk.file),
            lambda: f"the file is not shown:\n{self.screen()}",
        )
        # Makes room: the side bar.
        self.page.press("Control+KeyB")

    def trust(self) -> None:
        """Answer the question that VS Code asks before extensions may run programs."""
        self.page.click(".monaco-dialog-box .monaco-button", re.compile("^Yes"), START)
        self._gone(".monaco-dialog-box")

    @classmethod
    def vsix(cls) -> Path:
        """The packaged extension, as `make vscode` made it; made anew when a source is younger."""
        sources = [
            *EXTENSION.glob("package*.json"),
            *EXTENSION.glob("src/**/*.ts"),
            *(file for part in PARTS for file in (EXTENSION / part).glob("*")),
            *(EXTENSION.parents[1] / "nrepl_lsp").glob("**/*.py"),
        ]
        newest = max(path.stat().st_mtime for path in sources)
        if not VSIX.exists() or VSIX.stat().st_mtime < newest:
            steps = [[sys.executable, "scripts/bundle_server.py"], ["npm", "run", "package"]]
            if not (EXTENSION / "node_modules").exists():
                steps.insert(0, ["npm", "ci", "--no-audit", "--no-fund"])
            for step in steps:
                done = subprocess.run(
                    step, cwd=EXTENSION, capture_output=True, text=True, timeout=120, check=False
                )
                if done.returncode:
                    raise RuntimeError(f"{' '.join(step)}: {done.stdout}{done.stderr}")
        return VSIX

    def quit(self) -> None:
        self._run("workbench.action.files.revert")
        self.page.close()
        # For code-server the connection is lost, and it would keep the extensions for hours.
        self.server.stop()

    def kill(self) -> None:
        if self._browser is not None:
            self._browser.close()
        if self._server is not None:
            self._server.kill()

    @property
    def server(self) -> CodeServer:
        assert self._server is not None
        return self._server

    @property
    def page(self) -> Browser:
        assert self._browser is not None
        return self._browser

    # The state, by the driver in the extension host.

    def _run(self, command: str) -> None:
        self.server.ask("run", command=command)

    def shown_file(self) -> Path:
        # None while one editor takes the place of another.
        shown = until(
            lambda: self.server.ask("state")["path"], lambda: f"no text is shown:\n{self.screen()}"
        )
        return Path(shown)

    def diagnostics(self) -> list[Diagnostic]:
        return [
            Diagnostic(one["line"], one["text"]) for one in self.server.ask("state")["diagnostics"]
        ]

    # The screen, the keys and the mouse.

    def screen(self) -> str:
        return self.page.do(lambda page: str(page.evaluate(SCREEN)))

    def shot(self, name: str) -> None:
        # A hover is closed again when the journey asks for a picture of it.
        picture = self._hovered if name == "hover" else self.page.shot()
        self.desk.shots.mkdir(parents=True, exist_ok=True)
        (self.desk.shots / f"vscode-{name}.png").write_bytes(picture)

    def _command(self, title: str) -> None:
        """Press the key that the README's table names for a command."""
        readme = (EXTENSION / "README.md").read_text(encoding="utf-8")
        row = re.search(rf"^\| `([^|]+)` \| {re.escape(title)} \|", readme, re.MULTILINE)
        assert row, f"the README has no key for {title}"
        self._focus()
        self.page.press(*keys(row[1]))

    def _gone(self, selector: str) -> None:
        until(lambda: not self.page.text(selector), lambda: f"{selector} stays:\n{self.screen()}")

    def _focus(self) -> None:
        """Bring the keys back to the text, from a panel or a message."""
        self.page.press("Control+Digit1")

    def settle(self) -> None:
        self.page.press("Escape", "Escape")
        for command in (
            "workbench.action.closeQuickOpen",
            "notifications.clearAll",
            "workbench.action.closePanel",
        ):
            self._run(command)
        self.server.ask("open", path=str(self.desk.file))
        self._run("workbench.action.files.revert")
        self._run("workbench.action.closeOtherEditors")
        until(
            lambda: (
                (state := self.server.ask("state"))["path"] == str(self.desk.file)
                and not state["dirty"]
            ),
            lambda: f"not as on the disk: {self.server.ask('state')}",
        )
        self._focus()

    def goto(self, text: str) -> None:
        whole = self.server.ask("state")["text"]
        before = whole[: whole.index(text)]
        line = before.count("\n")
        column = len(before[before.rfind("\n") + 1 :].encode("utf-16-le")) // 2
        self._focus()
        self.page.press("Control+KeyG")
        self.page.fill(BOX, f":{line + 1}:{column + 1}")
        self.page.press("Enter")
        self._gone(".quick-input-widget")
        until(
            lambda: self.server.ask("state")["cursor"] == {"line": line, "character": column},
            lambda: f"the cursor is not at {text!r}: {self.server.ask('state')['cursor']}",
        )

    # What a person does.

    def hover(self) -> str:
        self._focus()
        self.page.press("Control+KeyK", "Control+KeyI")
        try:
            text = self._shown(".monaco-hover", HOVER)
            self._hovered = self.page.shot()
        except NotSeen:
            # Nothing is known about what is there; VS Code does not say so.
            text = ""
        self.page.press("Escape")
        return text

    def complete(self, typed: str) -> str:
        self._append(typed)
        self._shown(".suggest-widget .monaco-list-row.focused")
        if not self.page.text(DETAILS):
            self._press_until_shown("Control+Space", DETAILS)
        text = self.page.text(".suggest-widget, " + DETAILS)
        self._undo()
        return text

    def signature(self, typed: str) -> str:
        self._append(typed)
        text = self._shown(".parameter-hints-widget")
        self._undo()
        return text

    def definition(self) -> None:
        self._focus()
        self.page.press("F12")

    def load(self) -> None:
        self._command("Load File")

    def evaluate(self) -> None:
        self._command("Evaluate Form")

    def evaluate_typed(self, code: str) -> None:
        self._append(code)
        self._command("Evaluate Form")

    def act(self, title: str) -> None:
        self._focus()
        focused = ".action-widget .monaco-list-row.focused"
        self._press_until_shown("Control+Period", focused)
        rows = self.page.text(".action-widget .monaco-list-row.action").splitlines()
        if not any(re.search(title, row) for row in rows):
            raise NotSeen(f"/{title}/ is not in the menu:\n{self.screen()}")

        def is_chosen() -> bool:
            if re.search(title, self.page.text(focused)):
                return True
            self.page.press("ArrowDown")
            return False

        until(is_chosen, lambda: f"/{title}/ cannot be reached:\n{self.screen()}")
        self.page.press("Enter")
        self._gone(".action-widget")

    def interrupt(self) -> None:
        self._command("Interrupt")

    def choose(self, choice: str) -> None:
        self.page.click(".notifications-toasts .monaco-button", choice)

    def answer_input(self) -> str:
        line = "Ada Lovelace"
        self.page.fill(BOX, line)
        self.shot("input")
        self.page.press("Enter")
        return line

    def show_output(self) -> None:
        self._command("Show Output")

    def menu(self, title: str) -> None:
        """Choose from the menu behind the status bar's item."""
        self.page.click(".statusbar-item", "nREPL")
        self._shown(".quick-input-list .monaco-list-row.focused")
        self.shot("status")
        self.pick(title)

    def pick(self, title: str) -> None:
        """Type into the box at the top, which is or will be open, and take what that leads to."""
        self.page.fill(BOX, title)
        until(
            lambda: title in self.page.text(".quick-input-list .monaco-list-row.focused"),
            lambda: f"{title} is not offered:\n{self.screen()}",
        )
        self.page.press("Enter")

    def _append(self, typed: str) -> None:
        self._focus()
        self.page.press("Control+End", "Enter")
        self.page.type(typed)

    def _undo(self) -> None:
        self.page.press("Escape", "Escape")
        self._run("workbench.action.files.revert")
        until(
            lambda: self.server.ask("state")["text"] == self.desk.program.text,
            lambda: f"not as before:\n{self.screen()}",
        )

    def _press_until_shown(self, key: str, selector: str) -> None:
        """Press a key, and again where nothing comes of it, as a person does."""
        for _ in range(2):
            self.page.press(key)
            with suppress(NotSeen):
                self._shown(selector, PATIENCE / 5)
                return
        self.page.press(key)
        self._shown(selector)

    def _shown(self, selector: str, seconds: float = PATIENCE) -> str:
        """The text of what pops up, once it is complete."""

        def look() -> str | None:
            text = self.page.text(selector)
            return None if text.startswith("Loading") else text

        return until(look, lambda: f"no {selector}:\n{self.screen()}", seconds)
