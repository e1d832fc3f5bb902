"""Looking into values, on each real server: none of these has an inspector of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.servers import RunningServer

from .conftest import CAPABILITIES, PROGRAM, Client

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


def lines(found: dict[str, Any]) -> list[str]:
    assert found["status"] == "done", found
    return Path(unquote(urlsplit(found["uri"]).path)).read_text("utf-8").splitlines()


async def test_a_value_is_looked_into(
    live_program: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    is_hy = live_program.language == "hy"
    path = tmp_path / ("look.hy" if is_hy else "look.clj")
    text = '[1 {"a" [2 3]}]\n' if is_hy else "(do {:a [1 2 {:b (range 40)}] :c nil})\n"
    path.write_text(text, "utf-8")
    async with client(tmp_path, "--connect", live_program.url) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open(path, live_program.language)

        async def inspect(**more: Any) -> list[str]:
            return lines(await editor.command("nrepl.inspect", wait=True, **more))

        first = await inspect(uri=uri, position={"line": 0, "character": 0})
        # The editor shows no documents; it is told where the page is.
        await editor.shown("See ")
        if is_hy:
            assert first[1:3] == [";; Vector, 2 items", "  0  1"]
            inner = await inspect(go="push", index=1)
            assert inner[1:3] == [";; in (nth 1)", ";; Map, 1 entry"]
        else:
            assert first[1] == ";; Map, 2 entries"
            row = next(line for line in first if " :a " in line)
            vector = await inspect(go="push", index=int(row.split()[0]))
            assert vector[1:4] == [";; in :a", ";; Vector, 3 items", "  0  1"]
            await inspect(go="push", index=2)
            numbers = await inspect(go="push", index=0)
            assert numbers[2:4] == [";; List, 40 items", "  0  0"]
            assert (await inspect(go="next"))[3] == " 32  32"
            assert await inspect(go="previous") == numbers
            for _ in range(3):
                back = await inspect(go="pop")
            assert back == first
        # It is the same program as before, with nothing of ours in it.
        assert (await editor.evaluate(uri, "(+ 1 2)"))["values"] == ["3"]
    assert editor.exit_code == 0


async def test_what_fails_shows_nothing(
    live_program: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    path = tmp_path / ("look.hy" if live_program.language == "hy" else "look.clj")
    path.write_text("(no-such-name 1)\n", "utf-8")
    async with client(tmp_path, "--connect", live_program.url) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open(path, live_program.language)
        found = await editor.command("nrepl.inspect", uri=uri, wait=True)
        assert (found["status"], found["uri"]) == ("error", None)
        found = await editor.command("nrepl.inspect", go="next", wait=True)
        assert found["status"] == "error"
        await editor.shown("Nothing is inspected")
    assert editor.exit_code == 0


ONE = "nrepl-lsp:/inspector/value.lpy"


class Reader(Client):
    """An editor that asks for the texts of documents without a file, as VS Code does."""

    shown_documents: list[str]
    refreshed: list[str]

    def _receive(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params")
        if method == "window/showDocument":
            self.shown_documents.append(params["uri"])
            self._send({"id": message["id"], "result": {"success": True}})
            return
        if method == "workspace/textDocumentContent/refresh":
            self.refreshed.append(params["uri"])
        super()._receive(message)

    async def content(self, uri: str = ONE) -> list[str]:
        found = await self.request("workspace/textDocumentContent", {"uri": uri})
        return str(found["text"]).splitlines()


@pytest.mark.live
async def test_one_document_shows_every_step(
    basilisp_server: RunningServer, tmp_path: Path
) -> None:
    path = tmp_path / "look.lpy"
    path.write_text("{:a [1 2 {:b (range 3)}]}\n", "utf-8")
    cache = f"XDG_CACHE_HOME={tmp_path / 'cache'}"
    command = ["env", cache, *PROGRAM, "--connect", basilisp_server.url]
    async with Reader(command, tmp_path) as editor:
        editor.shown_documents, editor.refreshed = [], []
        await editor.initialize(
            {
                **CAPABILITIES,
                "window": {"showDocument": {"support": True}},
                "workspace": {"textDocumentContent": {"dynamicRegistration": True}},
            }
        )
        await editor.attached()
        uri = editor.open(path, "clojure")
        here = {"uri": uri, "position": {"line": 0, "character": 0}}
        found = await editor.command("nrepl.inspect", wait=True, **here)
        assert (found["uri"], editor.shown_documents, editor.refreshed) == (ONE, [ONE], [])
        first = await editor.content()
        assert first[1:] == [";; Map, 1 entry", "  0  :a [1 2 {:b (0 1 2)}]"]

        # It is asked about by its lines, as the editor has opened it.
        editor.open_text(ONE, "\n".join(first) + "\n")
        place = {"line": 2, "character": 3}
        menu = await editor.request(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": ONE},
                "range": {"start": place, "end": place},
                "context": {"diagnostics": []},
            },
        )
        assert [action["title"] for action in menu] == ["Inspect [1 2 {:b (0 1 2)}]"]
        call = menu[0]["command"]
        step = await editor.command(call["command"], wait=True, **call["arguments"][0])
        assert step["uri"] == ONE
        assert (await editor.content())[1:4] == [";; in :a", ";; Vector, 3 items", "  0  1"]
        assert (editor.shown_documents, editor.refreshed) == ([ONE, ONE], [ONE])
        await editor.command("nrepl.inspect", uri=ONE, go="pop", wait=True)
        assert await editor.content() == first
    assert editor.exit_code == 0
    assert not (tmp_path / "cache" / "nrepl-lsp" / "inspector").exists()
