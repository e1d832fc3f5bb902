"""Browsing loads no class: on the JVM that would run its initialiser, or load its namespace."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nrepl_lsp.demo.editor import ServerFault
from tests.support import servers
from tests.support.every_request import every_request, resolutions
from tests.support.servers import JARS, RunningServer

from .conftest import Client

pytestmark = [pytest.mark.e2e, pytest.mark.live, pytest.mark.java, pytest.mark.timeout(120)]

TEXT = """(ns fresh
  (:require [my.app :as app])
  (:import [my Side] my.Side))

(str my.app my.Side (my.Side.) (Side.))
(my.app 1 )
(my.app/-main app/-main)
(my.Side/go 1)
'my.app
(defn f [] (my.app 2) (my.Side 3) (my.Side/go) (my.app/-main))
"""
#: Its class loads the namespace, which leaves a mark.
APP = (
    '(ns my.app (:gen-class))\n(when-not *compile-files* (spit "{mark}" "app"))\n(defn -main [])\n'
)
SIDE = """(ns my.side-impl (:gen-class :name my.Side :methods [^:static [go [] Object]]))
(when-not *compile-files* (spit "{mark}" "side"))
(defn -go [] 1)
"""


@pytest.fixture
def compiled(tmp_path: Path) -> Iterator[tuple[RunningServer, Path]]:
    """A server with two compiled classes on its class path, and the mark that they would leave."""
    servers.require("nrepl-1.0.0")
    folder, mark = tmp_path / "project", tmp_path / "loaded"
    (folder / "my").mkdir(parents=True)
    (folder / "my" / "app.clj").write_text(APP.format(mark=mark))
    (folder / "my" / "side_impl.clj").write_text(SIDE.format(mark=mark))
    code = f'(binding [*compile-path* "{folder}"] (run! compile (quote (my.app my.side-impl))))'
    java = ["java", "-cp", f"{JARS / 'clojure.jar'}:{folder}", "clojure.main", "-e", code]
    subprocess.run(java, check=True, cwd=folder, timeout=60)
    for source in (folder / "my").glob("*.clj"):
        source.unlink()
    assert (folder / "my" / "Side.class").exists()
    assert not mark.exists()
    with servers.start("nrepl-1.0.0", cwd=folder) as server:
        yield server, mark


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("(ns fresh", "(ns user")], ids=["new", "user"])
async def test_browsing_loads_no_class_and_no_namespace(
    compiled: tuple[RunningServer, Path], client: Callable[..., Client], text: str
) -> None:
    server, mark = compiled
    path = server.cwd / "fresh.clj"
    path.write_text(text)
    async with client(server.cwd, "--connect", server.url) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open(path, "clojure")
        for method, params in requests(uri, text):
            await ask(editor, method, params, mark)
        for label in ("my.app", "my.Side", "my.app/-main", "my.Side/go"):
            item = {"label": label, "data": {"uri": uri, "ns": "user"}}
            await ask(editor, "completionItem/resolve", item, mark)
            await editor.command("nrepl.doc", symbol=label)
            assert not mark.exists(), f"nrepl.doc {label}"
        # They can be loaded: it was for nothing else that they were not.
        answer = await editor.evaluate(uri, "(my.Side/go)", ns="user")
        assert mark.exists(), answer


def requests(uri: str, text: str) -> Iterator[tuple[str, object]]:
    """Every request in each word of a text and at its ends."""
    lines = text.split("\n")
    end = {"line": len(lines) - 1, "character": 0}
    is_first = True
    for number, line in enumerate(lines):
        words = [match.span() for match in re.finditer(r"[\w./-]+", line)]
        for column in sorted({at for start, stop in words for at in (start + 1, stop)}):
            place = {"line": number, "character": column}
            for method, params in every_request(uri, place, end):
                if is_first or "position" in params or "context" in params:
                    yield method, params
            is_first = False


async def ask(editor: Client, method: str, params: object, mark: Path) -> None:
    """Ask, and ask on as editors do; nothing may be loaded by it."""
    asked = [(method, params)]
    while asked:
        one, given = asked.pop()
        try:
            answer = await editor.request(one, given)
        except ServerFault:
            assert "ename" in one, "only a new name is refused"
            continue
        assert not mark.exists(), f"{one} {given}"
        asked += resolutions(one, answer)
