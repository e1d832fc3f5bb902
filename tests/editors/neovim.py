"""Neovim in a terminal: keys in, screen out, and its state by `--remote-expr`."""

import json
import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from . import installed
from .editor import PATIENCE, Desk, Diagnostic, NotSeen, until
from .readme import EDITORS, blocks
from .terminal_editor import TerminalEditor

__all__ = ["Neovim", "NeovimPlugin"]

FOLDER = EDITORS / "neovim"

#: To normal mode, from wherever it is: what follows an Escape at once is a key with Alt.
NORMAL = ("C-\\", "C-n")

#: Prompts that wait for a key, and answer nobody else meanwhile.
MORE = "Press ENTER|-- More --"
#: The end of a list of choices.
CHOICES = r"Type number and <Enter>"
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


class Neovim(TerminalEditor):
    """By the README's first block, and the keys of its second one."""

    name: ClassVar[str] = "Neovim"
    load_keys = r"\ef"
    evaluate_keys = r"\ee"
    interrupt_keys = r"\ei"
    output_keys = r"\eo"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._socket = desk.home / "nvim.sock"

    @classmethod
    def version(cls) -> str:
        shown = subprocess.check_output(
            [program(), "--version"], env={**os.environ, **runtime()}, text=True, timeout=10
        )
        return shown.split()[1].removeprefix("v")

    def init(self) -> str:
        """The user's `init.lua`."""
        first, keys = blocks("neovim", "lua")[:2]
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
        # tmux puts its client's PATH before what it is given.
        self.run(
            ["env", f"PATH={path}", str(program()), "--listen", str(self._socket), file],
            runtime(),
        )
        self.wait_for(r"\(ns demo")

    def leave(self) -> None:
        self.settle()
        self.terminal.keys(":quitall!", "Enter")

    def settle(self) -> None:
        until(self._is_quiet, lambda: f"a prompt stays:\n{self.screen()}")
        self._lua(
            'vim.cmd("silent! fclose! | silent! only!")\n'
            "if vim.api.nvim_buf_get_name(0) ~= _A then vim.cmd.edit({ _A, bang = true }) end\n"
            'if vim.bo.modified then vim.cmd("edit!") end\n'
            'vim.cmd("echo | redraw")',
            str(self.desk.file),
        )

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
        self.type_below(typed)
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
        self.type_below(typed)
        self.terminal.keys("C-s")
        until(self._floats, lambda: f"no signature is shown:\n{self.screen()}")
        screen = self.screen()
        self._undo()
        return screen

    def definition(self) -> None:
        self.terminal.keys("C-]")

    def act(self, title: str) -> None:
        self.press("gra")
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
        until(self._is_quiet, lambda: f"the question stays:\n{self.screen()}")
        self.type_below("Ada")
        self.act("Send “Ada” as input")
        return "Ada"

    def wait_for(self, pattern: str, seconds: float = PATIENCE) -> str:
        def look() -> str | None:
            screen = self.screen()
            if re.search(pattern, screen):
                return screen
            # Nothing is drawn behind such a prompt: who waits has read it.
            self._wake()
            return None

        return until(look, lambda: f"/{pattern}/ is not on the screen:\n{self.screen()}", seconds)

    def press(self, keys: str) -> None:
        self._wake()
        self.terminal.keys(*NORMAL)
        self.terminal.type(keys)

    def type_below(self, text: str) -> None:
        self.press("Go" + text)
        self.wait_for(re.escape(text))

    def _undo(self) -> None:
        self.terminal.keys("C-e", *NORMAL)
        self._lua('vim.cmd("stopinsert | silent! fclose! | edit!")')

    def _is_quiet(self) -> bool:
        """Whether it is in normal mode; leaves what is open. CTRL-C would take later keys along."""
        if re.search(CHOICES, self.screen()):
            self.terminal.keys("Escape")
            return False
        self._wake()
        self.terminal.keys(*NORMAL)
        return bool(self._lua("return vim.api.nvim_get_mode().mode") == "n")

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
    output_keys = r"\ls"

    # By the plugin's prompt, not by a list of choices.
    answer_input = TerminalEditor.answer_input

    def init(self) -> str:
        (block,) = [one for one in blocks("neovim", "lua") if "/path/to/nrepl" in one]
        return block.replace("/path/to/nrepl-lsp/editors/neovim", str(FOLDER))
