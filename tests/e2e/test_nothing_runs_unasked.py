"""Opening, typing, hovering, completing, navigating: no code runs but declared snippets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nrepl_lsp.nrepl.recording import read_exchanges
from nrepl_lsp.tooling.snippets import is_declared_snippet
from tests.support.servers import RunningServer

from .conftest import Client

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

TEXT = """(ns unasked.core
  (:require [clojure.string :as str]))

(defn twice [x] (* 2 x))
(map inc (str/join "," [1 2]))
(.toString (java.util.Date. 0)) (System/exit 1)
#=(System/exit 2) @(promise) (read-line)
(ma) (str/jo) (java.util.) (.to) (:k) () ('x) (twice nope)
"""
HY = """(import os)
(defn twice [x] (* 2 x))
(map print [1 2]) (os.path.jo) (pri) ()
"""
RUNS_CODE = {"eval", "load-file", "interrupt", "stdin", "macroexpand", "test", "undef"}


async def test_browsing_evaluates_nothing_of_the_user_s(
    live_server: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    is_hy = live_server.language == "hy"
    path = tmp_path / ("unasked.hy" if is_hy else "unasked.clj")
    text = HY if is_hy else TEXT
    path.write_text(text)
    wire = tmp_path / "wire.jsonl"
    async with client(tmp_path, "--connect", live_server.url, "--record", str(wire)) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open(path, live_server.language)
        await look_at_everything(editor, uri, text)
        editor.type(uri, 3, 0, "(", 2)
        await look_at_everything(editor, uri, text[: text.index("x]")])
        editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert editor.exit_code == 0
    requests = [exchange.request for exchange in read_exchanges(wire)]
    asked = {request["op"] for request in requests}
    assert {"describe", "clone"} & asked
    assert asked & {"complete", "completions", "eval"}, "nothing was asked at all"
    named = {request["ns"] for request in requests if "ns" in request}
    assert named <= {"user"}, "the program has no such namespace"
    for request in requests:
        if request["op"] in RUNS_CODE:
            assert request["op"] == "eval", request
            assert is_declared_snippet(request["code"]), request


async def look_at_everything(editor: Client, uri: str, text: str) -> None:
    for line, content in enumerate(text.split("\n")):
        for column in range(0, len(content) + 1, 4):
            await editor.ask("hover", uri, line, column)
            await editor.ask("definition", uri, line, column)
            found = await editor.ask("completion", uri, line, column)
            for item in found["items"][:1]:
                await editor.request("completionItem/resolve", item)
                # As if the program had been restarted since.
                stale = item | {"data": {"uri": uri, "ns": "unasked.core"}}
                await editor.request("completionItem/resolve", stale)
        place = {"line": line, "character": len(content)}
        actions = {
            "textDocument": {"uri": uri},
            "range": {"start": {"line": line, "character": 0}, "end": place},
            "context": {"diagnostics": []},
        }
        await editor.request("textDocument/codeAction", actions)
