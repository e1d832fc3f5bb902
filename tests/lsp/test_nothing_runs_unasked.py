"""Looking at code never runs it; tests/e2e has the same on real servers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nrepl_lsp.tooling.snippets import is_declared_snippet
from tests.support.fault_server import FaultServer

from .conftest import attach_file
from .editor import Editor, position

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
    for offset in range(len(TEXT)):
        place = position(TEXT, offset)
        await document.ask("hover", position=place)
        await document.ask("definition", position=place)
        found = await document.ask("completion", position=place, context={"triggerKind": 1})
        for item in found["items"][:2]:
            data = item | {"data": found["itemDefaults"]["data"]}
            await editor.request("completionItem/resolve", data)
            # As if the program had been restarted since.
            stale = item | {"data": {"uri": document.uri, "ns": "unasked"}}
            await editor.request("completionItem/resolve", stale)
    await document.actions()
    await editor.command("nrepl.status")
    document.close()
    assert nrepl.requests
    named = {request["ns"] for request in nrepl.requests if "ns" in request}
    assert named <= {"user", "demo"}, "the program has no such namespace"
    ran = [request for request in nrepl.requests if request["op"] in RUNS_CODE]
    assert bool(ran) == bool(missing)
    for request in ran:
        assert request["op"] == "eval"
        assert is_declared_snippet(request["code"]), request["code"]
