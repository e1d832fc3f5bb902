"""Expanding a macro call once, everywhere, and in steps, on each real server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.servers import RunningServer

from .conftest import Client

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def test_expanding(
    live_program: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    path = tmp_path / ("m.hy" if live_program.language == "hy" else "m.clj")
    path.write_text("(when a (when-not b 1))\n(vector (when a 1))\n", "utf-8")
    async with client(tmp_path, "--connect", live_program.url) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open(path, live_program.language)

        async def expand(line: int, how: str) -> Any:
            place = {"line": line, "character": 0}
            return await editor.command(
                "nrepl.macroexpand", uri=uri, position=place, how=how, wait=True
            )

        once = await expand(0, "1")
        if live_program.language == "hy":
            assert once["status"] == "error"
            return
        assert once["expansion"].startswith("(if a"), once
        assert "when-not" in once["expansion"]
        shown = Path(unquote(urlsplit(once["uri"]).path)).read_text("utf-8")
        assert once["expansion"] in shown
        step = await expand(1, "step")
        assert step["expansion"].startswith("(vector (if a"), step
        everything = await expand(0, "all")
        # A program without clojure.walk says so politely.
        if everything["status"] == "done":
            assert "when" not in everything["expansion"]
        else:
            assert "one call only" in everything["error"]["message"]
        no_macro = await expand(1, "1")
        assert no_macro["error"]["message"] == "vector is not a macro."
    assert editor.exit_code == 0
