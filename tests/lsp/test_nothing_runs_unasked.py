"""Looking at code never runs it; tests/e2e has the same on real servers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nrepl_lsp.tooling.snippets import is_declared_snippet
from tests.support.every_request import every_request, resolutions
from tests.support.fault_server import FaultServer

from .conftest import attach_file
from .editor import Editor, RequestFailed, position

TEXT = """(ns unasked (:require [str :as str]))
(defn f [x] (map inc x)) (str/jo) #=(boom) (.x y) (System/exit 1) () 'q :k "s" ; c
"""
RUNS_CODE = ("eval", "load-file", "interrupt", "stdin")


@pytest.mark.parametrize("missing", [(), ("complete", "completions", "info", "lookup", "ns-list")])
async def test_opening_typing_and_asking_run_no_code(
    make_editor: Callable[..., Editor],
    nrepl: FaultServer,
    project: Path,
    missing: tuple[str, ...],
) -> None:
    nrepl.without(*missing)
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize()
    await editor.attached()
    document = editor.open(TEXT + "|")
    document.change((1, 0), (1, 0), "(")
    document.change((1, 0), (1, 1), "")
    end = position(TEXT, len(TEXT))
    for offset in range(0, len(TEXT), 3):
        asked = list(every_request(document.uri, position(TEXT, offset), end))
        while asked:
            method, params = asked.pop()
            try:
                answer = await editor.request(method, params)
            except RequestFailed:
                continue
            asked += resolutions(method, answer)
            if method == "textDocument/completion" and answer:
                # As if the program had been restarted since.
                stale = {"uri": document.uri, "ns": "unasked"}
                asked += [
                    ("completionItem/resolve", {**item, "data": stale})
                    for item in answer["items"][:1]
                ]
    await editor.command("nrepl.status")
    document.close()
    assert nrepl.requests
    named = {request["ns"] for request in nrepl.requests if "ns" in request}
    assert named <= {"user", "demo"}, "the program has no such namespace"
    ran = [request for request in nrepl.requests if request["op"] in RUNS_CODE]
    assert ran, "not even a snippet ran"
    for request in ran:
        assert request["op"] == "eval"
        assert is_declared_snippet(request["code"]), request["code"]
