"""Floods of real programs: the editor is answered all the while, and memory stays."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import start

from .conftest import CAPABILITIES, STARTED, Client

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.live,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc"),
]

CAPABLE = {**CAPABILITIES, "window": {"workDoneProgress": True}}
TEXT = "(defn area [shape]\n  (map inc shape))\n"

#: Seconds for a hover; a machine that runs other tests as well gets more.
HOVER = 0.2
SLACK = float(os.environ.get("NREPL_LSP_SLACK", "3"))
#: Bytes that a flood may take.
MEMORY = 100_000_000
HOVERS = 30

JAVA = pytest.mark.java
FOREVER = '(loop [] (println "hello world") (recur))'
ENDLESS = "(range)"
LONG = '(apply str (repeat 20000000 "x"))'


class Flooded(Client):
    """An editor whose server's memory is known."""

    def resident_bytes(self) -> int:
        assert self._process is not None
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    async def hover_seconds(self, uri: str) -> float:
        before = time.perf_counter()
        await self.ask("hover", uri, 1, 4)
        return time.perf_counter() - before


@pytest.fixture
def editor_of(tmp_path: Path) -> Callable[[str], Flooded]:
    def make(url: str) -> Flooded:
        return Flooded(
            ["env", f"XDG_CACHE_HOME={tmp_path / 'cache'}", *STARTED, "--connect", url], tmp_path
        )

    return make


async def attached(editor: Flooded) -> str:
    await editor.initialize(CAPABLE)
    await editor.attached()
    uri = editor.open_text("untitled:1", TEXT)
    await editor.evaluate(uri, "(+ 1 1)")
    for _ in range(3):
        assert await editor.ask("hover", uri, 1, 4) is not None
    return uri


async def hovers(editor: Flooded, uri: str) -> tuple[float, int]:
    """The time that nineteen of twenty stay below, and the most memory meanwhile."""
    times, memory = [], 0
    for _ in range(HOVERS):
        times.append(await editor.hover_seconds(uri))
        memory = max(memory, editor.resident_bytes())
    return sorted(times)[HOVERS * 19 // 20], memory


@pytest.mark.parametrize(
    ("server", "code", "stops"),
    [
        pytest.param("nrepl-1.0.0", FOREVER, True, marks=JAVA),
        pytest.param("tools.nrepl-0.2.13", FOREVER, True, marks=JAVA),
        pytest.param("basilisp", FOREVER, False),
        pytest.param("nbb", FOREVER, False, marks=pytest.mark.node),
        pytest.param("nrepl-1.0.0", "(loop [] (recur))", True, marks=JAVA),
    ],
)
async def test_code_that_never_ends(
    editor_of: Callable[[str], Flooded], server: str, code: str, stops: bool
) -> None:
    with start(server) as running:
        async with editor_of(running.url) as editor:
            uri = await attached(editor)
            before = editor.resident_bytes()
            answer = await editor.command("nrepl.evalCode", uri=uri, code=code)
            assert answer["status"] == "running"
            slow, memory = await hovers(editor, uri)
            assert slow < HOVER * SLACK
            assert memory - before < MEMORY
            asked = time.perf_counter()
            answer = await editor.command("nrepl.interrupt", uri=uri)
            assert time.perf_counter() - asked < 1.0
            assert answer["status"] == ("interrupted" if stops else "unsupported")
            if stops:
                assert (await editor.evaluate(uri, "(+ 1 1)"))["values"] == ["2"]
            logged = [p for m, p in editor.notifications if m == "window/logMessage"]
            assert sum(len(one["message"]) for one in logged) < 2_000_000


@pytest.mark.parametrize(
    ("server", "code"),
    [
        pytest.param("nrepl-1.0.0", ENDLESS, marks=JAVA),
        pytest.param("nrepl-1.0.0", LONG, marks=JAVA),
        pytest.param("tools.nrepl-0.2.13", LONG, marks=JAVA),
        pytest.param("nbb", '(.repeat "x" 20000000)', marks=pytest.mark.node),
        pytest.param("basilisp", '(.rjust "" 20000000 "x")'),
    ],
)
async def test_values_without_end(
    editor_of: Callable[[str], Flooded], server: str, code: str
) -> None:
    with start(server) as running:
        async with editor_of(running.url) as editor:
            uri = await attached(editor)
            before = editor.resident_bytes()
            evaluating = asyncio.ensure_future(editor.evaluate(uri, code))
            memory = 0
            while not evaluating.done():
                await asyncio.wait({evaluating}, timeout=0.05)
                memory = max(memory, editor.resident_bytes())
            answer: Any = evaluating.result()
            assert answer["status"] == "done"
            (value,) = answer["values"]
            assert len(value) < 300_000
            assert value.endswith(" more characters")
            assert memory - before < MEMORY
            assert (await editor.evaluate(uri, "(+ 1 1)"))["values"] == ["2"]


@pytest.mark.java
async def test_a_server_that_dies_in_the_middle(
    editor_of: Callable[[str], Flooded], tmp_path: Path
) -> None:
    with start("nrepl-1.0.0") as running:
        async with editor_of(running.url) as editor:
            uri = await attached(editor)
            evaluating = asyncio.ensure_future(editor.evaluate(uri, FOREVER))
            await editor.notified("$/progress", lambda one: one["value"]["kind"] == "begin")
            running.kill()
            answer = await evaluating
            assert answer["status"] == "error"
            assert "connection was lost" in answer["error"]["message"]
            end = await editor.notified("$/progress", lambda one: one["value"]["kind"] == "end")
            assert end["value"]["message"] == "failed"
            shown = await editor.command("nrepl.showOutput", uri=uri)
            written = Path(shown["path"]).read_text("utf-8")
            assert "hello world\n" in written
            assert "✗ The connection was lost before the evaluation ended" in written
            assert ";; #2 failed after " in written
        assert editor.exit_code == 0
