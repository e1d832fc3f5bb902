"""What only VS Code has: folders that are not trusted, a menu, and documents that are read-only."""

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


def test_trust(editor: Untrusted, work: Work) -> None:
    editor.wait_for("nREPL: not trusted")
    assert [line for line in work.left() if "run_server.py" in line] == []
    editor.trust_later()
    editor.settle()
    hovered(editor, "map area", "lazy sequence", FIRST)
    assert [line for line in work.left() if "run_server.py" in line]


def test_menu(editor: Untrusted) -> None:
    editor.load()
    editor.wait_for("Loaded demo")
    editor.menu("Switch to a Namespace")
    editor.pick("clojure.string")
    editor.wait_for(r"nREPL: clojure\.string")


def test_read_only(editor: Untrusted) -> None:
    editor.goto("upper-case text")
    editor.definition()
    until(lambda: editor.shown_file() != editor.desk.file, editor.screen)
    library = editor.server.ask("state")["text"]
    editor.goto("capitalize")
    editor.page.type("x")
    editor.wait_for("read-only")
    assert editor.server.ask("state")["text"] == library
