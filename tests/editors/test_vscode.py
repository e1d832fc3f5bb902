"""What only VS Code has: folders that are not trusted, and the menu behind the status bar."""

import re

import pytest

from .code_server import START
from .conftest import Session, Work
from .test_journeys import FIRST, hovered
from .vscode import Code

SESSION = Session("test_vscode", "Untrusted", "basilisp")

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
    editor.pick("basilisp.string")
    editor.wait_for(r"nREPL: basilisp\.string")
