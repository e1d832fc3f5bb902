"""Looking into values, on each real server: none of these has an inspector of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.servers import RunningServer

from .conftest import Client

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


def lines(found: dict[str, Any]) -> list[str]:
    assert found["status"] == "done", found
    return Path(unquote(urlsplit(found["uri"]).path)).read_text("utf-8").splitlines()


async def test_a_value_is_looked_into(
    live_server: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    is_hy = live_server.language == "hy"
    path = tmp_path / ("look.hy" if is_hy else "look.clj")
    text = '[1 {"a" [2 3]}]\n' if is_hy else "(do {:a [1 2 {:b (range 40)}] :c nil})\n"
    path.write_text(text, "utf-8")
    async with client(tmp_path, "--connect", live_server.url) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open(path, live_server.language)

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
    live_server: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    path = tmp_path / ("look.hy" if live_server.language == "hy" else "look.clj")
    path.write_text("(no-such-name 1)\n", "utf-8")
    async with client(tmp_path, "--connect", live_server.url) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open(path, live_server.language)
        found = await editor.command("nrepl.inspect", uri=uri, wait=True)
        assert (found["status"], found["uri"]) == ("error", None)
        found = await editor.command("nrepl.inspect", go="next", wait=True)
        assert found["status"] == "error"
        await editor.shown("Nothing is inspected")
    assert editor.exit_code == 0
