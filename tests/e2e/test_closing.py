"""The editor goes in the middle of everything: nothing is left here, nor on the server."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.nrepl import Connection, OpFailed, connect
from tests.support.servers import start

from .conftest import CAPABILITIES, STARTED, Client

pytestmark = [pytest.mark.e2e, pytest.mark.live, pytest.mark.timeout(120)]

CAPABLE = {
    **CAPABILITIES,
    "window": {"workDoneProgress": True, "showMessage": {"messageActionItem": {}}},
}
TEXT = "(ns user)\n(+ 1 1)\n(+ 2 2)\n(+ 3 3)\n"
WAITING = 500
JAVA = pytest.mark.java
FOREVER = '(loop [] (println "x") (recur))'
#: Seconds for a server to forget sessions whose connection has gone.
FORGETS_WITHIN = 10.0


async def sessions_of(connection: Connection) -> set[str] | None:
    """The server's sessions; None where it lists none."""
    try:
        reply = await connection.request("ls-sessions", timeout=5.0).collect()
    except OpFailed:
        return None
    return set(reply.get("sessions") or [])


def begin_everything(editor: Client, uri: str, code: str) -> "list[asyncio.Future[Any]]":
    """What runs for ever, what waits behind it, and what has only been asked for."""
    ask = editor.command
    return [
        asyncio.ensure_future(one)
        for one in (
            ask("nrepl.evalCode", uri=uri, code=code),
            *(ask("nrepl.evalCode", uri=uri, code=f"(+ {n} 1)") for n in range(WAITING)),
            ask("nrepl.evalBuffer", uri=uri),
            ask("nrepl.evalBuffer", uri=uri, wait=True),
            ask("nrepl.reload", uri=uri, wait=True),
            ask("nrepl.undef", uri=uri, symbol="nothing-of-this-name"),
            ask("nrepl.runNamespaceTests", uri=uri),
            ask("nrepl.interrupt", uri=uri, evaluation="300"),
            ask("nrepl.newSession", uri=uri),
            editor.ask("hover", uri, 1, 1),
        )
    ]


@pytest.mark.parametrize(
    ("server", "code", "is_told"),
    [
        pytest.param("nrepl-1.0.0", "(loop [] (recur))", True, marks=JAVA),
        pytest.param("nrepl-1.0.0", "(read-line)", False, marks=JAVA),
        pytest.param("tools.nrepl-0.2.13", FOREVER, False, marks=JAVA),
        pytest.param("basilisp", FOREVER, True),
    ],
)
async def test_the_editor_goes_in_the_middle_of_everything(
    server: str, code: str, is_told: bool, tmp_path: Path
) -> None:
    said = tmp_path / "stderr"
    with start(server) as running:
        async with await connect(running.url) as connection:
            before = await sessions_of(connection)
            command = ["sh", "-c", 'exec "$@" 2>"$0"', str(said), "env", "PYTHONDEVMODE=1"]
            program = [f"XDG_CACHE_HOME={tmp_path}", *STARTED, "--connect", running.url]
            async with Client([*command, *program], tmp_path) as editor:
                await editor.initialize(CAPABLE)
                await editor.attached()
                uri = editor.open_text((tmp_path / "a.clj").as_uri(), TEXT)
                asked = begin_everything(editor, uri, code)
                await asked[0]
                if not is_told:
                    assert editor._process is not None
                    assert editor._process.stdin is not None
                    editor._process.stdin.close()
                    await editor._process.wait()
            await asyncio.gather(*asked, return_exceptions=True)
            assert editor.exit_code == (0 if is_told else 1)
            text = said.read_text("utf-8")
            for fault in ("Traceback", "was destroyed", "never ", "ERROR"):
                assert fault not in text, text[-3000:]
            async with asyncio.timeout(FORGETS_WITHIN):
                while await sessions_of(connection) != before:  # noqa: ASYNC110 - only asking tells
                    await asyncio.sleep(0.1)
