"""Neovim in a terminal: keys in, screen out, and its state by `--remote-expr`."""

import json
import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from . import installed
from .editor import PATIENCE, Desk, Diagnostic, Editor, NotSeen, until
from .terminal import Terminal

__all__ = ["Neovim", "NeovimPlugin"]

FOLDER = Path(__file__).parents[2] / "editors" / "neovim"

#: Prompts that wait for a key, and answer nobody else meanwhile.
MORE = "Press ENTER|-- More --"
#: The windows that float above the text, by their lines.
FLOATS = """
local texts = {}
for _, win in ipairs(vim.api.nvim_list_wins()) do
  if vim.api.nvim_win_get_config(win).relative ~= "" then
    local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(win), 0, -1, false)
    texts[#texts + 1] = table.concat(lines, "\\n")
  end
end
return texts
"""

GOTO = """
vim.cmd("silent! fclose!")
vim.cmd("echo")
for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
  local column = line:find(_A, 1, true)
  if column then
    vim.api.nvim_win_set_cursor(0, { number, column - 1 })
    return true
  end
end
return false
"""


def program() -> Path:
    return installed.folder("neovim") / "usr" / "bin" / "nvim"


def runtime() -> dict[str, str]:
    """What an unpacked Neovim must be told."""
    # Through a link it does not know its own scripts again, and keeps their omnifunc.
    share = installed.folder("neovim").resolve() / "usr" / "share" / "nvim"
    return {"VIMRUNTIME": str(share / "runtime")}


def blocks(document: Path, language: str) -> list[str]:
    """The fenced blocks of a document in the language, in their order."""
    text = document.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class Neovim(Editor):
    """By the README's first block, and the keys of its second one."""

    name: ClassVar[str] = "Neovim"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._socket = desk.home / "nvim.sock"
        self._terminal: Terminal | None = None

    @classmethod
    def version(cls) -> str:
        shown = subprocess.check_output(
            [program(), "--version"], env={**os.environ, **runtime()}, text=True, timeout=10
        )
        return shown.split()[1].removeprefix("v")

    def init(self) -> str:
        """The user's `init.lua`."""
        first, keys = blocks(FOLDER / "README.md", "lua")[:2]
        return first + keys

    def start(self) -> None:
        folder = Path(self.desk.environment["XDG_CONFIG_HOME"]) / "nvim"
        folder.mkdir(parents=True)
        (server,) = self.desk.server
        init, count = re.subn(r'"nrepl-lsp"', json.dumps(server), self.init())
        assert count <= 1
        (folder / "init.lua").write_text(init, encoding="utf-8")
        file = self.desk.file.name
        path = f"{Path(server).parent}{os.pathsep}{os.environ['PATH']}"
        self._terminal = Terminal(
            # tmux puts its client's PATH before what it is given.
            ["env", f"PATH={path}", str(program()), "--listen", str(self._socket), file],
            self.desk.project,
            self.desk.home / "tmux.sock",
            {**self.desk.environment, **runtime()},
        )
        self.wait_for(r"\(ns demo")

    @property
    def terminal(self) -> Terminal:
        assert self._terminal is not None, "start comes first"
        return self._terminal

    def quit(self) -> None:
        self.settle()
        self.terminal.keys(":quitall!", "Enter")
        until(self.terminal.has_ended, lambda: f"it has not ended:\n{self.screen()}")
        self.terminal.kill()

    def kill(self) -> None:
        if self._terminal is not None:
            self._terminal.kill()

    def settle(self) -> None:
        self._wake()
        self.terminal.keys("C-c")
        self.terminal.keys("Escape", "Escape")
        self._lua(
            'vim.cmd("silent! fclose! | silent! only!")\n'
            "if vim.api.nvim_buf_get_name(0) ~= _A then vim.cmd.edit({ _A, bang = true }) end\n"
            'if vim.bo.modified then vim.cmd("edit!") end\n'
            'vim.cmd("echo | redraw")',
            str(self.desk.file),
        )

    def screen(self) -> str:
        return self.terminal.screen()

    def shot(self, name: str) -> None:
        slug = self.name.lower().replace(", ", "-")
        self.terminal.shot(self.desk.shots / f"{slug}-{name}.svg", self.name)

    def goto(self, text: str) -> None:
        self._wake()
        if not self._lua(GOTO, text):
            raise NotSeen(f"{text!r} is not in {self.shown_file()}")

    def shown_file(self) -> Path:
        return Path(self._lua("return vim.api.nvim_buf_get_name(0)"))

    def hover(self) -> str:
        # The window stays until the next verb moves the cursor: a screenshot may want it.
        self.terminal.keys("K")
        nothing = "No information available|no manual entry"
        until(
            lambda: self._floats() or re.search(nothing, self.screen()),
            lambda: f"K shows nothing:\n{self.screen()}",
        )
        # Backticks are concealed.
        return "\n".join(self._floats()).replace("`", "")

    def complete(self, typed: str) -> str:
        self._type_below(typed)
        self.terminal.keys("C-x", "C-o")
        menu = "return vim.fn.pumvisible() == 1"
        until(lambda: self._lua(menu), lambda: f"no menu is shown:\n{self.screen()}")
        self.terminal.keys("C-n")

        def documentation() -> str | None:
            # Neovim may lose an answer that comes while it draws the menu: look away and back.
            with suppress(NotSeen):
                until(self._floats, str, 3)
                return self.screen()
            self.terminal.keys("C-p", "C-n")
            return None

        screen = until(documentation, lambda: f"no documentation is shown:\n{self.screen()}")
        self.shot("completion")
        self._undo()
        return screen

    def signature(self, typed: str) -> str:
        self._type_below(typed)
        self.terminal.keys("C-s")
        until(self._floats, lambda: f"no signature is shown:\n{self.screen()}")
        screen = self.screen()
        self._undo()
        return screen

    def definition(self) -> None:
        self.terminal.keys("C-]")

    def load(self) -> None:
        self._leader("ef")

    def evaluate(self) -> None:
        self._leader("ee")

    def interrupt(self) -> None:
        self._leader("ei")

    def evaluate_typed(self, code: str) -> None:
        self._type_below(code)
        self.terminal.keys("Escape")
        self.evaluate()

    def act(self, title: str) -> None:
        self.terminal.keys("g", "r", "a")
        self.choose(title)

    def choose(self, choice: str) -> None:
        number = re.search(rf"(?m)^\W*(\d+): {choice}", self.wait_for(rf"\d+: {choice}"))
        assert number is not None
        self.terminal.keys(number[1], "Enter")
        menu = rf"\d+: {choice}"
        until(lambda: not re.search(menu, self.screen()), lambda: "the question stays")

    def diagnostics(self) -> list[Diagnostic]:
        each = "function(one) return { one.lnum, one.message } end"
        found = self._lua(f"return vim.tbl_map({each}, vim.diagnostic.get(0))")
        return [Diagnostic(line, text) for line, text in found]

    def answer_input(self) -> str:
        self.wait_for("Send an empty line")
        self.shot("input")
        self.terminal.keys("Escape")
        self._type_below("Ada")
        self.terminal.keys("Escape")
        self.act("Send “Ada” as input")
        return "Ada"

    def show_output(self) -> None:
        self._leader("eo")

    def wait_for(self, pattern: str, seconds: float = PATIENCE) -> str:
        def look() -> str | None:
            screen = self.screen()
            if re.search(pattern, screen):
                return screen
            # Nothing is drawn behind such a prompt: who waits has read it.
            self._wake()
            return None

        return until(look, lambda: f"/{pattern}/ is not on the screen:\n{self.screen()}", seconds)

    def _leader(self, keys: str) -> None:
        self._wake()
        self.terminal.type("\\" + keys)

    def _type_below(self, text: str) -> None:
        self._wake()
        self.terminal.keys("G", "o")
        self.terminal.type(text)
        self.wait_for(re.escape(text))

    def _undo(self) -> None:
        self.terminal.keys("C-e", "Escape")
        self._lua('vim.cmd("stopinsert | silent! fclose! | edit!")')

    def _wake(self) -> None:
        """Leave a prompt that only waits for a key."""
        if re.search(MORE, self.screen()):
            self.terminal.keys("Enter")

    def _floats(self) -> list[str]:
        return list(self._lua(FLOATS))

    def _lua(self, code: str, argument: str = "") -> Any:
        """What the Lua code returns in the editor; `argument` is its `_A`."""
        file = self.desk.home / "ask.lua"
        file.write_text(f"local _A = {json.dumps(argument, ensure_ascii=False)}\n{code}", "utf-8")
        expression = f"luaeval('vim.json.encode(dofile(_A) or false)', '{file}')"
        ask = [str(program()), "--clean", "--headless", "--server", str(self._socket)]
        for _ in range(3):
            try:
                done = subprocess.run(
                    [*ask, "--remote-expr", expression],
                    env={**os.environ, **runtime(), "NVIM_LOG_FILE": os.devnull},
                    capture_output=True,
                    text=True,
                    timeout=4,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                # A prompt has come up meanwhile.
                self._wake()
                continue
            if done.returncode == 0:
                return json.loads(done.stdout or done.stderr)
        raise NotSeen(f"Neovim does not answer:\n{self.screen()}")


class NeovimPlugin(Neovim):
    """With the plugin on the 'runtimepath', by the README's block that sets it up."""

    name: ClassVar[str] = "Neovim, plugin"

    def init(self) -> str:
        (block,) = [one for one in blocks(FOLDER / "README.md", "lua") if "/path/to/nrepl" in one]
        return block.replace("/path/to/nrepl-lsp/editors/neovim", str(FOLDER))

    def answer_input(self) -> str:
        self.wait_for("(?m)^Input:")
        self.shot("input")
        self.terminal.keys("Ada", "Enter")
        return "Ada"

    def show_output(self) -> None:
        self._leader("ls")
