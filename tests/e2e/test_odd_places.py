"""Odd texts, odd documents, odd machines: the answers stay right, or are politely empty."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import RunningServer

from .conftest import Client

pytestmark = [pytest.mark.e2e, pytest.mark.live]


@pytest.fixture
def attach(client: Callable[..., Client], basilisp_server: RunningServer) -> Callable[..., Client]:
    """`attach(root)`: an editor whose nrepl-lsp is told where the shared server is."""

    def make(root: Path, **environment: str) -> Client:
        return client(root, "--connect", basilisp_server.url, **environment)

    return make


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("(+ 1 2)\r\n(+ 3 4)\r\n", "(+ 3 4)", "7"),
        ("(+ 1 2)\r(+ 3 4)\r", "(+ 3 4)", "7"),
        ("\ufeff(+ 3 4)", "(+ 3 4)", "7"),
        ("(+ 1 2)\x0c\n\x0c\n(+ 3 4)", "(+ 3 4)", "7"),
        ("(+ 1 2)\u2028\x85\n(+ 3 4)", "(+ 3 4)", "7"),
        ('"😀é😀" (+ 3 4)', "(+ 3 4)", "7"),
        ("(defn f [x\n\n(+ 3 4)", "(+ 3 4)", "7"),
        (")))] (+ 3 4)", "(+ 3 4)", "7"),
        ('(str "\\ud83d")(+ 3 4)', "(+ 3 4)", "7"),
    ],
    ids=["crlf", "cr", "bom", "form feed", "separators", "astral", "open", "closed", "half"],
)
async def test_a_form_in_an_odd_text_is_found_and_evaluated(
    attach: Callable[..., Client], tmp_path: Path, text: str, mark: str, value: str
) -> None:
    async with attach(tmp_path) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open_text("untitled:Untitled-1", json.loads(json.dumps(text)))
        before = text[: text.index(mark) + len(mark)]
        lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        column = len(lines[-1].encode("utf-16-le", "surrogatepass")) // 2
        place = {"line": len(lines) - 1, "character": column}
        answer = await editor.command("nrepl.evalForm", uri=uri, position=place, wait=True)
        assert (answer["status"], answer["values"]) == ("done", [value])
        hover = await editor.ask("hover", uri, len(lines) - 1, column - 6)
        assert "basilisp.core/+" in hover["contents"]["value"]


async def test_five_megabytes_are_opened_edited_and_asked_about(
    attach: Callable[..., Client], tmp_path: Path
) -> None:
    function = "(defn f{} [x] (map inc [x {} {}])) ; some text to make it longer\n"
    text = "".join(function.format(number, number, "é😀") for number in range(75_000))
    assert len(text.encode()) > 5_000_000
    async with attach(tmp_path) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open_text("untitled:big", text)
        editor.type(uri, 60_000, 0, "(ma)\n", 2)
        found = await editor.ask("completion", uri, 60_000, 3)
        assert "map" in [item["label"] for item in found["items"]]
        column = text.split("\n")[70_000].index("map") + 1
        hover = await editor.ask("hover", uri, 70_001, column)
        assert "basilisp.core/map" in hover["contents"]["value"]


@pytest.mark.java
async def test_a_cache_that_cannot_be_written(
    client: Callable[..., Client], tmp_path: Path, start_server: Callable[..., RunningServer]
) -> None:
    cache = tmp_path / "cache"
    cache.write_text("not a folder")
    project = tmp_path / "project"
    project.mkdir()
    start_server("nrepl-1.0.0", cwd=project)
    async with client(project, XDG_CACHE_HOME=str(cache), TMPDIR=str(tmp_path)) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open_text("untitled:1", "(map inc)")
        defined = await editor.ask("definition", uri, 0, 2)
        path = Path(defined["uri"].removeprefix("file://"))
        assert path.read_text().startswith(";   Copyright")
        assert path.is_relative_to(tmp_path)


async def test_a_port_file_of_another_program_gets_no_code(
    client: Callable[..., Client], tmp_path: Path
) -> None:
    received = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org ESMTP\r\n")
        received.extend(await reader.read(65536))
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    (tmp_path / ".nrepl-port").write_text(f"{port}\n")
    async with client(tmp_path) as editor:
        await editor.say_hello()
        await editor.notified(
            "window/logMessage", lambda params: f"No REPL: nrepl://127.0.0.1:{port}" in str(params)
        )
        uri = editor.open_text("untitled:1", "(secret)")
        answer = await editor.command("nrepl.evalForm", uri=uri)
        assert answer["status"] == "disconnected"
        assert await editor.ask("hover", uri, 0, 3) is None
        (connection,) = (await editor.command("nrepl.status"))["connections"]
        assert connection["problem"]
    assert editor.exit_code == 0
    assert b"secret" not in received
    listener.close()
    await listener.wait_closed()


async def test_documents_that_are_no_files_have_everything_but_a_place(
    attach: Callable[..., Client], tmp_path: Path
) -> None:
    async with attach(tmp_path) as editor:
        await editor.say_hello()
        await editor.attached()
        for uri in ("untitled:Untitled-1", "zipfile:///a.jar::b/c.clj", "jar:file:///a.jar!/b.clj"):
            editor.open_text(uri, "(map inc [1])")
            assert (await editor.ask("hover", uri, 0, 2))["contents"]["value"]
            assert (await editor.ask("completion", uri, 0, 4))["items"]
            assert (await editor.ask("definition", uri, 0, 2))["uri"].startswith("file:///")
            loaded: Any = await editor.command("nrepl.loadFile", uri=uri, wait=True)
            assert (loaded["status"], loaded["error"]) == ("done", None), uri


async def test_nothing_is_lost_when_nobody_ever_attaches(
    client: Callable[..., Client], tmp_path: Path
) -> None:
    async with client(tmp_path) as editor:
        await editor.say_hello()
        uri = editor.open_text("untitled:1", "(map inc)")
        assert await editor.ask("hover", uri, 0, 2) is None
        assert (await editor.ask("completion", uri, 0, 2))["items"] == []
        assert await editor.ask("definition", uri, 0, 2) is None
        answer = await editor.command("nrepl.evalForm", uri=uri)
        assert answer["status"] == "disconnected"
    assert editor.exit_code == 0
