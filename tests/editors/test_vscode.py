"""What only VS Code has: trust, a palette, a menu with lists, documents that are read-only."""

import re

import pytest

from .code_server import START
from .conftest import Session, Work
from .editor import until
from .test_journeys import FIRST, hovered
from .vscode import Code

SESSION = Session("test_vscode", "Untrusted", "nrepl-1.0.0")

pytestmark = [
    pytest.mark.timeout(150),
    pytest.mark.parametrize("work", [pytest.param(SESSION, id=SESSION.id)], indirect=True),
]


class Untrusted(Code):
    """A folder that the user does not trust at first."""

    def trust(self) -> None:
        self.page.click(".monaco-dialog-box .monaco-button", re.compile("^No"), START)

    def trust_later(self) -> None:
        """By the entry of the extension's menu, and VS Code's own page."""
        self.menu("Trust This Workspace")
        self.page.click(".workspace-trust-editor .monaco-button", re.compile("^Trust"))

    def switch_back(self) -> None:
        """To the first session of the list that is not the one in use."""
        self.menu("Switch to a Session")
        focused = ".quick-input-list .monaco-list-row.focused"
        until(lambda: "now" in self.page.text(focused), self.screen)
        self.shot("sessions")
        self.page.press("ArrowDown")
        until(lambda: "now" not in self.page.text(focused), self.screen)
        self.page.press("Enter")

    def inspect(self) -> None:
        self._command("Inspect Value")


def test_trust(editor: Untrusted, work: Work) -> None:
    editor.wait_for("nREPL: not trusted")
    assert [line for line in work.left() if "run_server.py" in line] == []
    editor.trust_later()
    editor.settle()
    hovered(editor, "map area", "lazy sequence", FIRST)
    assert [line for line in work.left() if "run_server.py" in line]


def test_titles(editor: Untrusted) -> None:
    """The server's sentences name commands for all editors; here they have the palette's titles."""
    editor.goto("(area 2)")
    editor.evaluate()
    editor.wait_for("“nREPL: Load File”.*demo is not loaded")


def test_menu(editor: Untrusted) -> None:
    editor.load()
    editor.wait_for("Loaded demo")
    editor.menu("Switch to a Namespace")
    editor.pick("clojure.string")
    editor.wait_for(r"nREPL: clojure\.string")


def test_sessions(editor: Untrusted) -> None:
    editor.goto("(area 2)")
    editor.evaluate()
    editor.wait_for(r"=> 12\b")
    editor.menu("Switch to a Session")
    editor.pick("New session, keep this one")
    editor.wait_for(r"new\s+session\s+has\s+begun")
    # The last value is the session's own.
    editor.evaluate_typed("*1")
    editor.wait_for("=> nil")
    editor.settle()
    editor.switch_back()
    editor.wait_for(r"Code runs in the session")
    editor.evaluate_typed("*1")
    editor.wait_for(r"\*1\s*=> 12\b")


def test_inspector(editor: Untrusted) -> None:
    editor.goto("(map area (range 100))")
    editor.inspect()
    page = until(
        lambda: editor.shown_file() != editor.desk.file and editor.shown_file(), editor.screen
    )
    first = editor.wait_for("27")
    editor.page.press("n")
    # One document: it is made anew, and no second one is opened.
    editor.wait_for(r"3072\b")  # (area 32)
    assert "3072" not in first
    editor.goto("32  3072")
    editor.page.press("Enter")
    editor.wait_for(r"in \(nth 32\)")
    editor.page.press("Backspace")
    editor.wait_for(r"3267\b")  # (area 33) stands on the page of (area 32) again
    assert editor.shown_file() == page


def test_read_only(editor: Untrusted) -> None:
    editor.goto("upper-case text")
    editor.definition()
    until(lambda: editor.shown_file() != editor.desk.file, editor.screen)
    library = editor.server.ask("state")["text"]
    editor.goto("capitalize")
    editor.page.type("x")
    editor.wait_for("read-only")
    assert editor.server.ask("state")["text"] == library
