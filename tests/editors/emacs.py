"""Emacs in a terminal: Eglot alone, Eglot with nrepl-lsp.el, and lsp-mode."""

import json
import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from .editor import PATIENCE, Desk, Diagnostic, NotSeen, until
from .readme import EDITORS, blocks
from .terminal_editor import TerminalEditor
from .unpacked_emacs import UnpackedEmacs

__all__ = ["Eglot", "EglotPlugin", "LspMode"]

#: Seconds for Emacs to start: an unpacked lsp-mode is not compiled.
START = 45.0

#: What Emacs loads before the configuration: how we look into it.
SESSION = Path(__file__).with_name("emacs_session.el")

#: What Emacs knows of lsp-mode where it was installed; other servers' clients take long to load.
LSP_MODE = """\
(setq lsp-client-packages nil max-lisp-eval-depth 10000)
(mapc #'require '(lsp-mode lsp-completion lsp-diagnostics lsp-headerline lsp-lens lsp-modeline))
"""


class Eglot(TerminalEditor):
    """Eglot as it comes with Emacs, and the few lines of the README."""

    name: ClassVar[str] = "Emacs, Eglot"
    heading: ClassVar[str] = "Eglot, as it is"
    actions: ClassVar[str] = "eglot-code-actions"
    hover_command: ClassVar[str] = "eldoc"
    hover_buffer: ClassVar[str] = "*eldoc"
    documentation: ClassVar[str] = " *eglot doc"
    load_keys = "C-c C-k"
    evaluate_keys = "C-x C-e"
    interrupt_keys = "C-c C-b"
    output_keys = "C-c C-o"

    @classmethod
    def version(cls) -> str:
        return UnpackedEmacs().version

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._emacs = UnpackedEmacs()

    def start(self) -> None:
        folder = self.desk.home / ".emacs.d"
        folder.mkdir()
        programs = _lisp(str(Path(self.desk.server[0]).parent))
        early = f"(load {_lisp(str(SESSION))})(add-to-list 'exec-path {programs})"
        (folder / "early-init.el").write_text(early, encoding="utf-8")
        (folder / "init.el").write_text(self.configuration(), encoding="utf-8")
        self.run([*self._emacs.command, "-nw", str(self.desk.file)], self._emacs.environment)
        until(lambda: self._value("buffer-file-name"), lambda: f"no file:\n{self.screen()}", START)

    def configuration(self) -> str:
        """The README's, word for word."""
        headings = (self.heading, "Completion as you type")
        return "\n".join(block for at in headings for block in blocks("emacs", "elisp", at))

    def leave(self) -> None:
        self.press("C-x C-c")

        def answered() -> bool:
            if self.terminal.has_ended():
                return True
            screen = self.screen()
            if re.search(r"(?m)^(Modified buffers|Active processes) .*\(yes or no\)", screen):
                self.terminal.type("yes")
                self.press("Enter")
            elif re.search(r"(?m)^Save file .*\(y, n", screen):
                self.terminal.type("n")
            return False

        until(answered, lambda: f"Emacs has not ended:\n{self.screen()}")

    def settle(self) -> None:
        def depth() -> object:
            return self._value("(vector (minibuffer-depth))")

        def quiet() -> bool:
            if (before := depth()) == [0]:
                return True
            # Once each, and seen: one that Emacs reads late takes along what was typed after it.
            self.press("C-g")
            with suppress(NotSeen):
                until(lambda: depth() not in (None, before), str, 5)
            return False

        until(quiet, lambda: f"a prompt stays:\n{self.screen()}")
        self._value(f"(session-show-file {_lisp(str(self.desk.file))})")

    def goto(self, text: str) -> None:
        found = self._value(f"(session-goto {_lisp(text)})")
        assert found, f"{text} is not in the document"
        # Emacs reacts to keys only: what belongs to the place is shown after one.
        self.press("C-f C-b")

    def shown_file(self) -> Path:
        return Path(str(self._value("buffer-file-name")))

    def hover(self) -> str:
        name = _lisp(r"\` ?" + re.escape(self.hover_buffer))
        self._value(f"(kill-matching-buffers {name} t t)")
        self.command(self.hover_command)
        with suppress(NotSeen):
            return self._shown(self.hover_buffer, 2)
        return ""

    def complete(self, typed: str) -> str:
        self.type_below(typed)
        self.wait_until("(bound-and-true-p company-candidates)")
        chosen = self._value("(substring-no-properties (car company-candidates))")
        self.wait_for(rf"(?m)\s{re.escape(str(chosen))}\b")
        self.press("F1")
        text = self._shown(self.documentation)
        self.settle()
        return f"{chosen}\n{text}"

    def signature(self, typed: str) -> str:
        self.type_below(typed)
        name = typed.strip("( ")
        self.wait_until(f'(string-match-p "{name}" (or (current-message) ""))')
        text = self._value("(current-message)")
        self.settle()
        return str(text)

    def definition(self) -> None:
        self.press("M-.")

    def act(self, title: str) -> None:
        self.command(self.actions)
        self._pick(title)

    def diagnostics(self) -> list[Diagnostic]:
        found = self._value("(session-diagnostics)")
        assert isinstance(found, list)
        return [Diagnostic(line, text) for line, text in found]

    def choose(self, choice: str) -> None:
        self._pick(re.escape(choice))

    def answer_input(self) -> str:
        until(self._asked, lambda: f"no question:\n{self.screen()}")
        self.shot("choices")
        self.settle()
        self.press("C-c TAB")
        return super().answer_input()

    def press(self, keys: str) -> None:
        self.terminal.keys(*keys.split())

    def type_below(self, text: str) -> None:
        self.press("M-> Enter")
        self.terminal.type(text)

    def command(self, name: str) -> None:
        """Run an Emacs command by its name."""
        self.press("M-x")
        self.wait_for(r"(?m)^M-x")
        self.terminal.type(name)
        self.press("Enter")

    def wait_until(self, lisp: str) -> None:
        """Wait until a Lisp expression is true in the document."""
        look = f"(and {lisp} t)"
        until(lambda: self._value(look), lambda: f"{lisp} is not true:\n{self.screen()}")

    def _pick(self, pattern: str) -> None:
        """Answer the minibuffer's question with the candidate that matches."""
        candidates = until(self._asked, lambda: f"no question:\n{self.screen()}")
        chosen = next((one for one in candidates if re.search(pattern, one)), None)
        if chosen is None:
            raise NotSeen(f"{pattern} is none of {candidates}")
        # Typed blanks would complete words.
        self._value(f"(session-answer {_lisp(chosen)})")
        self.press("Enter")

    def _shown(self, name: str, seconds: float = PATIENCE) -> str:
        """The buffer whose name begins so, once a window shows it with something in it."""
        look = f"(session-shown {_lisp(name)})"
        seen = until(lambda: self._value(look), lambda: f"no {name}:\n{self.screen()}", seconds)
        return str(seen)

    def _asked(self) -> list[str] | None:
        """The candidates of the question in the minibuffer; None when there is none."""
        found = self._value("(session-candidates)")
        return found if isinstance(found, list) else None

    def _value(self, lisp: str) -> object:
        """What an expression comes to in the document's buffer; None when Emacs does not answer."""
        code = f"(session-in-document (lambda () {lisp}))"
        socket = str(self.desk.home / "emacs" / "server")
        try:
            done = subprocess.run(
                [self._emacs.client, "-s", socket, "--eval", code],
                capture_output=True,
                text=True,
                timeout=5,
                check=False,
                env={**os.environ, **self.desk.environment},
            )
        except subprocess.TimeoutExpired:
            return None
        if done.returncode:
            return None
        # Printed by Lisp: a string literal around the JSON.
        printed = done.stdout.strip()[1:-1]
        return json.loads(re.sub(r"\\(.)", r"\1", printed, flags=re.DOTALL))


class EglotPlugin(Eglot):
    """Eglot with nrepl-lsp.el."""

    name: ClassVar[str] = "Emacs, nrepl-lsp.el"
    heading: ClassVar[str] = "nrepl-lsp.el"
    output_keys = "C-c C-z"

    # Not by the choices that Eglot alone has.
    answer_input = TerminalEditor.answer_input

    def configuration(self) -> str:
        text, place = super().configuration(), '"/path/to/nrepl-lsp/editors/emacs"'
        assert place in text
        return text.replace(place, _lisp(str(EDITORS / "emacs")))


class LspMode(Eglot):
    """lsp-mode, by the README's registration."""

    name: ClassVar[str] = "Emacs, lsp-mode"
    heading: ClassVar[str] = "lsp-mode"
    actions: ClassVar[str] = "lsp-execute-code-action"
    hover_command: ClassVar[str] = "lsp-describe-thing-at-point"
    hover_buffer: ClassVar[str] = "*lsp-help*"
    documentation: ClassVar[str] = "*lsp-documentation*"

    @classmethod
    def version(cls) -> str:
        return f"{UnpackedEmacs().package('lsp-mode')}, Emacs {UnpackedEmacs().version}"

    def configuration(self) -> str:
        return LSP_MODE + super().configuration()

    def signature(self, typed: str) -> str:
        self.type_below(typed)
        text = self._shown(" *LV*")
        self.settle()
        return text


def _lisp(text: str) -> str:
    """A text as Lisp reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
