"""Where results are shown: by what an editor has announced and what it asks for."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_server import DONE, FaultServer, reply

from .conftest import attach_file
from .editor import Editor, Opened

CAPS = Path(__file__).with_name("caps")
REFRESH = "workspace/inlayHint/refresh"

#: What Sublime's LSP package announces, by its sources (`plugin/core/sessions.py`, 2.x).
SUBLIME: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "inlayHint": {"refreshSupport": True},
        "codeLens": {"refreshSupport": True},
        "semanticTokens": {"refreshSupport": True},
    },
    "textDocument": {
        "hover": {"dynamicRegistration": True, "contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        "inlayHint": {
            "dynamicRegistration": True,
            "resolveSupport": {"properties": ["textEdits", "label.command"]},
        },
    },
    "window": {"showDocument": {"support": True}, "workDoneProgress": True},
}


def announced(name: str) -> dict[str, Any]:
    if name == "sublime":
        return SUBLIME
    return dict(json.loads((CAPS / f"{name}.json").read_text(encoding="utf-8")))


def everything(document: Opened) -> dict[str, Any]:
    end = {"line": document.text.count("\n") + 1, "character": 0}
    return {
        "textDocument": {"uri": document.uri},
        "range": {"start": {"line": 0, "character": 0}, "end": end},
    }


async def hints(document: Opened) -> list[str]:
    answer = await document.editor.request("textDocument/inlayHint", everything(document))
    return [hint["label"] for hint in answer or ()]


def refreshes(editor: Editor) -> int:
    return sum(method == REFRESH for method, _ in editor.requests)


def results(document: Opened) -> list[str]:
    marks = document.editor.diagnostics(document.uri)
    return [mark["message"] for mark in marks if mark["severity"] == 3]


@pytest.fixture
async def start(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> Callable[..., Any]:
    """`await start("neovim-0.12", **settings)`: an attached editor that answers all it is asked."""
    attach_file(project, nrepl)
    nrepl.on("eval", reply({"value": "3", "ns": "user"}, DONE))

    async def begin(name: str, **settings: Any) -> Editor:
        editor = make_editor()
        for method in (REFRESH, "workspace/semanticTokens/refresh", "workspace/codeLens/refresh"):
            editor.answers[method] = lambda params: None
        editor.answers["client/unregisterCapability"] = lambda params: None
        # Asked for, some clients answer nothing of use.
        editor.answers["workspace/configuration"] = lambda params: [None for _ in params["items"]]
        flat = {f"nrepl.{key.replace('__', '.')}": value for key, value in settings.items()}
        await editor.initialize(announced(name), flat)
        await editor.attached()
        return editor

    return begin


#: Editor → how results are shown when it asks for hints, and when it does not.
LADDER = {
    "vscode-1.100": ("hint", "diagnostic"),
    "vscode-1.139": ("hint", "diagnostic"),
    "neovim-0.12": ("hint", "diagnostic"),
    "neovim-0.10": ("hint", "diagnostic"),
    "sublime": ("hint", "diagnostic"),
    # These show hints, but cannot be told that there are others.
    "helix-25.01": ("diagnostic", "diagnostic"),
    "helix-25.07": ("diagnostic", "diagnostic"),
    "emacs-30.1-eglot": ("diagnostic", "diagnostic"),
    "emacs-30.2-eglot": ("diagnostic", "diagnostic"),
    "emacs-30.2-lsp-mode": ("diagnostic", "diagnostic"),
    "kate-26.08": ("diagnostic", "diagnostic"),
    # These know no hints.
    "neovim-0.7": ("diagnostic", "diagnostic"),
    "emacs-28-eglot": ("diagnostic", "diagnostic"),
    "vim-9.0-ale": ("diagnostic", "diagnostic"),
    "vim-9.2-ale": ("diagnostic", "diagnostic"),
}


def test_every_recorded_editor_has_its_place_on_the_ladder() -> None:
    assert {path.stem for path in CAPS.glob("*.json")} <= set(LADDER)


@pytest.mark.parametrize("asks", [True, False], ids=["asking", "not-asking"])
@pytest.mark.parametrize("name", LADDER)
async def test_how_a_result_is_shown(start: Any, name: str, asks: bool) -> None:
    editor = await start(name)
    document = editor.open("(+ 1 2)|")
    if asks:
        assert await hints(document) == []
    await editor.command("nrepl.evalForm", document.at_cursor)
    if LADDER[name][not asks] == "hint":
        await editor.until(lambda: refreshes(editor), "refresh")
        assert await hints(document) == ["=> 3"]
        assert (results(document), editor.shown()) == ([], [])
    else:
        assert (results(document), editor.shown()) == (["=> 3"], ["=> 3"])
        assert refreshes(editor) == 0


@pytest.mark.parametrize(
    ("show", "name", "hint", "diagnostic", "message"),
    [
        ("inlayHint", "vscode-1.139", True, False, False),
        # Its hints come late, at the editor's own next request.
        ("inlayHint", "helix-25.07", True, False, True),
        # Nobody would ever see one.
        ("inlayHint", "vim-9.2-ale", False, True, True),
        ("diagnostic", "vscode-1.139", False, True, True),
        ("message", "vscode-1.139", False, False, True),
        ("message", "emacs-28-eglot", False, False, True),
        ("none", "vscode-1.139", False, False, False),
    ],
)
async def test_the_setting_goes_before(
    start: Any, show: str, name: str, hint: bool, diagnostic: bool, message: bool
) -> None:
    editor = await start(name, results__show=show)
    document = editor.open("(+ 1 2)|")
    await hints(document)
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert await hints(document) == ["=> 3"] * hint
    assert results(document) == ["=> 3"] * diagnostic
    assert editor.shown() == ["=> 3"] * message


async def test_results_become_hints_once_the_editor_asks(start: Any) -> None:
    editor = await start("neovim-0.12")
    document = editor.open("(+ 1 2)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert results(document) == ["=> 3"]
    assert await hints(document) == ["=> 3"]
    assert results(document) == []
    # It has them; there is nothing to tell it.
    assert refreshes(editor) == 0


async def test_one_document_that_is_asked_about_says_nothing_of_another(start: Any) -> None:
    editor = await start("neovim-0.12")
    await hints(editor.open("(a)", "src/other.clj"))
    document = editor.open("(+ 1 2)|")
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert results(document) == ["=> 3"]


async def test_hints_that_are_switched_off_become_diagnostics(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The editor is told that there are others, and does not ask for them."""
    monkeypatch.setattr("nrepl_lsp.lsp.showing.ladder.ASK_WITHIN", 0.05)
    editor = await start("neovim-0.12")
    document = editor.open("(+ 1 2)|")
    await hints(document)
    await editor.command("nrepl.evalForm", document.at_cursor)
    await editor.until(lambda: results(document), "diagnostic")
    assert results(document) == ["=> 3"]
    # And on again.
    assert await hints(document) == ["=> 3"]
    assert results(document) == []


async def test_an_editor_that_goes_on_asking_keeps_its_hints(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.showing.ladder.ASK_WITHIN", 0.05)
    editor = await start("vscode-1.139")
    document = editor.open("(+ 1 2)|")
    await hints(document)
    await editor.command("nrepl.evalForm", document.at_cursor)
    await editor.until(lambda: refreshes(editor), "refresh")
    assert await hints(document) == ["=> 3"]
    loop = asyncio.get_running_loop()
    for check in tuple(editor.server.results.ladder._checks):
        await asyncio.sleep(max(0.0, check.when() - loop.time()))
    assert not editor.server.results.ladder._checks
    assert results(document) == []
    assert await hints(document) == ["=> 3"]


async def test_many_results_at_once_are_few_refreshes(start: Any) -> None:
    editor = await start("vscode-1.139")
    document = editor.open("\n".join(f"(f {number})" for number in range(40)))
    await hints(document)
    for line in range(40):
        place = {"uri": document.uri, "position": {"line": line, "character": 2}}
        await editor.command("nrepl.evalTopLevelForm", place)
    await editor.until(lambda: refreshes(editor), "refresh")
    assert len(await hints(document)) == 40
    assert refreshes(editor) < 20


async def test_who_asks_for_hints_is_told_once_more(start: Any) -> None:
    """Neovim draws no new hints where it has drawn between the refresh and their coming."""
    editor = await start("neovim-0.12")
    document = editor.open("(+ 1 2)|")
    await hints(document)
    await editor.command("nrepl.evalForm", document.at_cursor)
    await editor.until(lambda: refreshes(editor) == 1, "refresh")
    assert await hints(document) == ["=> 3"]
    await editor.until(lambda: refreshes(editor) == 2, "one more refresh")
    assert await hints(document) == ["=> 3"]
    await editor.server.results.ladder._refreshing
    assert refreshes(editor) == 2


async def test_a_client_that_never_answers_a_refresh_is_not_waited_for(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.showing.ladder.REFRESH_TIMEOUT", 0.05)
    editor = await start("vscode-1.139")
    del editor.answers[REFRESH]
    document = editor.open("(+ 1 2)|\n(+ 3 4)")
    await hints(document)
    await editor.command("nrepl.evalForm", document.at_cursor)
    await editor.until(lambda: refreshes(editor) == 1, "refresh")
    below = {"line": 1, "character": 2}
    await editor.command("nrepl.evalTopLevelForm", {"uri": document.uri, "position": below})
    await editor.until(lambda: refreshes(editor) >= 2, "another refresh")
    assert await hints(document) == ["=> 3", "=> 3"]


async def test_a_setting_that_is_changed_holds_from_the_next_evaluation_on(start: Any) -> None:
    editor = await start("vscode-1.139")
    document = editor.open("(+ 1 2)|\n(+ 3 4)")
    await hints(document)
    await editor.command("nrepl.evalForm", document.at_cursor)
    editor.answers["workspace/configuration"] = lambda params: [{"results": {"show": "diagnostic"}}]
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    await editor.until(
        lambda: editor.server.settings.results_show == "diagnostic", "settings to be pulled"
    )
    below = {"line": 1, "character": 2}
    await editor.command("nrepl.evalTopLevelForm", {"uri": document.uri, "position": below})
    assert results(document) == ["=> 3", "=> 3"]
    assert await hints(document) == []


@pytest.mark.parametrize(
    ("name", "asks"), [("vscode-1.139", True), ("vscode-1.139", False), ("helix-25.07", True)]
)
async def test_an_error_is_a_diagnostic_in_every_way(
    start: Any, nrepl: FaultServer, name: str, asks: bool
) -> None:
    err = "Execution error (ArithmeticException) at user/f (REPL:1).\nDivide by zero\n"
    nrepl.on("eval", reply({"err": err}, {"ex": "class X", "status": ["eval-error"]}, DONE))
    editor = await start(name)
    document = editor.open("(/ 1 0)|")
    if asks:
        await hints(document)
    await editor.command("nrepl.evalForm", document.at_cursor)
    (mark,) = editor.diagnostics(document.uri)
    assert mark["severity"] == 1
    is_hint = LADDER[name][not asks] == "hint"
    assert len(editor.shown()) == (0 if is_hint else 1)
    assert [hint[:1] for hint in await hints(document)] == (
        ["✗"] if LADDER[name][0] == "hint" else []
    )


async def test_an_error_without_a_place_is_said_beside_hints_too(
    start: Any, nrepl: FaultServer
) -> None:
    nrepl.on("eval", reply({"value": "nil"}, DONE))
    editor = await start("vscode-1.139")
    document = editor.open("(+ 1 2)|")
    await hints(document)
    await editor.command("nrepl.evalCode", {"uri": document.uri, "code": "(f)"})
    assert editor.shown() == ["=> nil"]
    await editor.command("nrepl.loadFile", {"uri": document.uri})
    assert editor.shown()[1].startswith("Loaded demo.clj")


async def test_why_nothing_was_evaluated_is_always_said(start: Any) -> None:
    editor = await start("vscode-1.139", results__show="none")
    document = editor.open("|")
    await hints(document)
    await editor.command("nrepl.evalForm", document.at_cursor)
    assert editor.shown() == ["There is no form at or before the cursor."]
