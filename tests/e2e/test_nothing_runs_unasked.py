"""Opening, typing, hovering, completing, navigating: no code runs but declared snippets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nrepl_lsp.demo.editor import ServerFault
from nrepl_lsp.nrepl.recording import read_exchanges
from nrepl_lsp.tooling.snippets import is_declared_snippet
from tests.support.every_request import every_request, resolutions
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
    live_program: RunningServer, client: Callable[..., Client], tmp_path: Path
) -> None:
    is_hy = live_program.language == "hy"
    path = tmp_path / ("unasked.hy" if is_hy else "unasked.clj")
    text = HY if is_hy else TEXT
    path.write_text(text)
    wire = tmp_path / "wire.jsonl"
    async with client(tmp_path, "--connect", live_program.url, "--record", str(wire)) as editor:
        await editor.say_hello()
        await editor.attached()
        uri = editor.open(path, live_program.language)
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
    assert "unasked.core" not in named, "the program has no such namespace"
    for request in requests:
        if request["op"] in RUNS_CODE:
            assert request["op"] == "eval", request
            assert is_declared_snippet(request["code"]), request


async def look_at_everything(editor: Client, uri: str, text: str) -> None:
    """Every request at a few places; what is about no place, at the first one only."""
    lines = text.split("\n")
    end = {"line": len(lines) - 1, "character": len(lines[-1])}
    places = [
        {"line": line, "character": column}
        for line, content in enumerate(lines)
        for column in range(1, len(content) + 1, 11)
    ]
    for place in places:
        asked = [
            (method, params)
            for method, params in every_request(uri, place, end)
            if place is places[0] or "position" in params or "context" in params
        ]
        while asked:
            method, params = asked.pop()
            try:
                answer = await editor.request(method, params)
            except ServerFault:
                assert "ename" in method, "only a new name is refused"
                continue
            asked += resolutions(method, answer)
            if method == "textDocument/completion" and answer:
                # As if the program had been restarted since.
                stale = {"uri": uri, "ns": "unasked.core"}
                asked += [
                    ("completionItem/resolve", {**item, "data": stale})
                    for item in answer["items"][:1]
                ]
