"""Results in the text, on each real server; the editor applies the edits and says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.applied import with_edits
from tests.support.servers import RunningServer

from .conftest import CAPABILITIES, PROGRAM, Client

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

APPLYING: dict[str, Any] = {
    **CAPABILITIES,
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
}


class Writer(Client):
    """An editor with one document, which does what the server's edits say."""

    uri = ""
    text = ""
    version = 1

    def start_with(self, path: Path, text: str, language: str) -> None:
        path.write_text(text, "utf-8")
        self.text, self.uri = text, self.open(path, language)

    def _receive(self, message: dict[str, Any]) -> None:
        if message.get("method") != "workspace/applyEdit":
            super()._receive(message)
            return
        (change,) = message["params"]["edit"]["documentChanges"]
        is_current = change["textDocument"] == {"uri": self.uri, "version": self.version}
        self._send({"id": message["id"], "result": {"applied": is_current}})
        if is_current:
            self.become(with_edits(self.text, change["edits"]))

    def become(self, text: str) -> None:
        self.version += 1
        self.text = text
        document = {"uri": self.uri, "version": self.version}
        self.notify(
            "textDocument/didChange",
            {"textDocument": document, "contentChanges": [{"text": text}]},
        )

    async def at(self, command: str, mark: str, **more: Any) -> Any:  # type: ignore[override]
        """Run a command at the end of the first `mark` in the text."""
        before = self.text[: self.text.index(mark) + len(mark)].split("\n")
        place = {"line": len(before) - 1, "character": len(before[-1])}
        return await self.command(
            f"nrepl.{command}", uri=self.uri, position=place, wait=True, **more
        )


@pytest.fixture
def writer(tmp_path: Path) -> Callable[..., Writer]:
    """`writer(root, *arguments)`: such an editor; use `async with`."""

    def make(root: Path, *arguments: str) -> Writer:
        cache = f"XDG_CACHE_HOME={tmp_path / 'cache'}"
        return Writer(["env", cache, *PROGRAM, *arguments], root)

    return make


async def test_results_in_the_text(
    live_program: RunningServer, writer: Callable[..., Writer], tmp_path: Path
) -> None:
    is_hy = live_program.language == "hy"
    path = tmp_path / ("notes.hy" if is_hy else "notes.clj")
    async with writer(tmp_path, "--connect", live_program.url) as editor:
        await editor.initialize(APPLYING)
        await editor.attached()
        editor.start_with(path, "(+ 1 2)\n(do\n  (* 2 3))\n", live_program.language)
        await editor.at("evalToComment", "(+ 1 2)")
        assert editor.text == "(+ 1 2) ;; => 3\n(do\n  (* 2 3))\n"
        # Again: the comment is the same one. The closing bracket stays code.
        await editor.at("evalToComment", "(+ 1 2)")
        await editor.at("evalToComment", "(* 2 3)")
        assert editor.text == "(+ 1 2) ;; => 3\n(do\n  (* 2 3)\n  ;; => 6\n  )\n"
        await editor.at("evalToComment", "(do", topLevel=True)
        assert editor.text.endswith("  ) ;; => 6\n")
        checked = await editor.command("nrepl.checkComments", uri=editor.uri, wait=True)
        assert (checked["status"], checked["same"], checked["drifted"]) == ("done", 3, 0)

        editor.become(editor.text.replace("=> 3", "=> 4"))
        checked = await editor.command("nrepl.checkComments", uri=editor.uri, wait=True)
        assert (checked["same"], checked["drifted"]) == (2, 1)
        await editor.shown("2 results are as they say, 1 has changed.")
        marked = await editor.notified(
            "textDocument/publishDiagnostics",
            lambda params: any(one.get("code") == "drifted" for one in params["diagnostics"]),
        )
        (mark,) = [one for one in marked["diagnostics"] if one.get("code") == "drifted"]
        assert (mark["range"]["start"], mark["message"]) == (
            {"line": 0, "character": 8},
            "This is now => 3",
        )

        await editor.at("replaceWithResult", "(* 2 3)")
        assert "\n  6\n  ;; => 6\n  ) ;; => 6\n" in editor.text
    assert editor.exit_code == 0


async def test_errors_and_what_cannot_be_read_back(
    live_program: RunningServer, writer: Callable[..., Writer], tmp_path: Path
) -> None:
    is_hy = live_program.language == "hy"
    path = tmp_path / ("odd.hy" if is_hy else "odd.clj")
    async with writer(tmp_path, "--connect", live_program.url) as editor:
        await editor.initialize(APPLYING)
        await editor.attached()
        text = "(no-such-name 2)\n(fn [] 1)\n[(+ 1 1) (str 5)]\n"
        editor.start_with(path, text, live_program.language)
        found = await editor.at("evalToComment", "(no-such-name 2)")
        assert found["status"] == "error"
        assert ";; => Error: " in editor.text
        before = editor.text
        found = await editor.at("replaceWithResult", "(fn [] 1)")
        assert (found["written"], editor.text) == (None, before)
        await editor.shown("Nothing was replaced")
        await editor.at("replaceWithResult", "(str 5)]")
        assert "\n[2 " in editor.text
    assert editor.exit_code == 0
