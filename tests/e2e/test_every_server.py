"""The commands that run code, on each real server."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.servers import RunningServer

from .conftest import Client

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def test_values_output_errors_and_loading(
    live_server: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    path = tmp_path / ("work.hy" if live_server.language == "hy" else "work.clj")
    text = '(do (print "é😀")\n  (+ 1 2))\n\n(do 1\n  (no-such-name 2))\n'
    path.write_text(text, "utf-8")
    async with client(tmp_path, "--connect", live_server.url) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open(path, live_server.language)

        def at(line: int, character: int) -> dict[str, object]:
            place = {"line": line, "character": character}
            return {"uri": uri, "position": place, "wait": True}

        good = await editor.command("nrepl.evalTopLevelForm", **at(1, 3))
        assert (good["status"], good["values"][-1:]) == ("done", ["3"]), good
        assert good["out"].strip() == "é😀"
        await editor.shown("=> 3")

        bad = await editor.command("nrepl.evalTopLevelForm", **at(4, 3))
        assert bad["status"] == "error"
        assert "no" in bad["error"]["message"]
        assert bad["error"]["uri"] == uri
        # Hy does not say where; then the form's first line is marked.
        assert bad["error"]["range"]["start"]["line"] in (3, 4)
        await editor.notified(
            "textDocument/publishDiagnostics",
            lambda params: params["uri"] == uri and params["diagnostics"],
        )

        editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        path.write_text("(defn e2e-loaded [x] x)\n", "utf-8")
        editor.open(path, live_server.language)
        loaded = await editor.command("nrepl.loadFile", uri=uri, wait=True)
        assert (loaded["status"], loaded["error"]) == ("done", None), loaded
        assert (await editor.evaluate(uri, "(e2e-loaded 5)"))["values"] == ["5"]
    assert editor.exit_code == 0
