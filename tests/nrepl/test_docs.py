"""Each example of docs/client-library.md runs, and prints what its `# →` comments say."""

import ast
import asyncio
import contextlib
import inspect
import io
import re
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from nrepl_lsp import nrepl
from tests.support.fault_server import FaultServer, Peer, reply, silent
from tests.support.servers import RunningServer

PAGE = Path(__file__).parents[2] / "docs" / "client-library.md"
URL = "nrepl://127.0.0.1:7888"
DEADLINE = 20.0

#: Sections that need what Basilisp cannot do.
SCRIPTED = {"Interrupting", "Standard input", "Late output"}


def examples() -> dict[str, list[str]]:
    """Return the page's blocks of Python by the heading they stand under."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^##? ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading = section.partition("\n")[0]
        found[heading] = re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return {heading: blocks for heading, blocks in found.items() if blocks}


def expected(block: str) -> list[str]:
    return re.findall(r"# → (.*)$", block, re.MULTILINE)


async def read_line(peer: Peer, request: dict[str, Any]) -> None:
    peer.answer(request, {"status": ["need-input"]})
    given = (await peer.server.received("stdin"))[-1]["stdin"]
    peer.answer(request, {"value": f'"{given.strip()}"'}, {"status": ["done"]})


async def run(block: str, names: dict[str, Any]) -> str:
    """Run a block as `python -m asyncio` would, or a whole program; return what it printed."""
    code = compile(block, str(PAGE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    printed = io.StringIO()
    async with asyncio.timeout(DEADLINE):
        with contextlib.redirect_stdout(printed):
            if "asyncio.run(" in block:
                await asyncio.to_thread(exec, code, names)
            elif (awaiting := _call(code, names)) is not None:
                await awaiting
    return printed.getvalue()


def _call(code: CodeType, names: dict[str, Any]) -> Any:
    result = eval(code, names)
    return result if inspect.isawaitable(result) else None


async def run_section(heading: str, url: str) -> None:
    intro = examples()["The client library"]
    names: dict[str, Any] = {"asyncio": asyncio}
    await run(intro[1].replace(URL, url), names)
    connection: nrepl.Connection = names["connection"]
    try:
        names["session"] = await connection.clone()
        for block in intro[:1] if heading == "The client library" else examples()[heading]:
            printed = await run(block.replace(URL, url), names)
            assert [line.rstrip() for line in printed.splitlines()] == expected(block)
    finally:
        await connection.close()


def test_the_page_has_its_examples() -> None:
    found = examples()

    assert len(found) >= 11
    assert found.keys() >= SCRIPTED
    first = found["The client library"][0].strip().splitlines()
    assert len([line for line in first if line]) <= 10
    assert all(expected(block) for heading in SCRIPTED for block in found[heading])


@pytest.mark.live
@pytest.mark.parametrize("heading", [it for it in examples() if it not in SCRIPTED])
async def test_the_examples_run_on_basilisp(
    heading: str,
    basilisp_server: RunningServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    await run_section(heading, basilisp_server.url)


@pytest.mark.parametrize("heading", sorted(SCRIPTED))
async def test_the_examples_that_need_more_run_on_a_scripted_server(heading: str) -> None:
    done = {"status": ["done"]}
    async with FaultServer() as server:
        server.on("eval", silent(), code="(loop [] (recur))")
        server.on("eval", read_line, code="(read-line)")
        thread = ({"out": "started"}, done, {"out": "from the thread"})
        server.on("eval", reply(*thread), code="(start-thread)")
        await run_section(heading, server.url)
