"""Expanding macro calls: who is offered it, and what the command does."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.fault_server import (
    DONE,
    FaultServer,
    hang_up_mid_reply,
    held,
    reply,
    silent,
    unknown_op,
)

from .applied import capabilities, with_workspace_edit
from .conftest import attach_file
from .editor import Editor, Opened, RequestFailed

DOCUMENT = "Expand macro call (read-only document)"
COMMENT = "Expand macro into a comment"
COLLAPSE = "Collapse macro expansion"
MACRO = reply({"name": "when", "ns": "clojure.core", "macro": "true"}, DONE)
TEXT = "(ns demo)\n(defn f [x]\n  |(when x 1))\n"
SHOWN = "(ns demo)\n(defn f [x]\n  (when x 1))\n"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not turn `done` into `running`."""
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 4.0)


@pytest.fixture
def nrepl(nrepl: FaultServer) -> FaultServer:
    """The scripted server, which knows `when` for a macro and expands it."""
    nrepl.on("info", MACRO, sym="when")
    nrepl.on("cider/macroexpand", reply({"expansion": "(if x\n  (do 1))"}, DONE))
    return nrepl


Start = Callable[..., Any]


@pytest.fixture
def start(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Start:
    """`await start(**capabilities)`: an editor whose project is attached."""

    async def begin(**announced: Any) -> Editor:
        attach_file(project, nrepl)
        editor = make_editor()
        await editor.initialize(capabilities(**announced))
        await editor.attached()
        editor.answers["workspace/applyEdit"] = lambda params: {"applied": True}
        editor.answers["window/showDocument"] = lambda params: {"success": True}
        return editor

    return begin


async def titles(document: Opened, **context: Any) -> list[str]:
    context = {"only": ["refactor.expand", "refactor.collapse"], **context}
    return [action["title"] for action in await document.actions(**context) or ()]


def file_of(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def applied(editor: Editor) -> Any:
    (params,) = [params for method, params in editor.requests if method == "workspace/applyEdit"]
    return params["edit"]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("(ns demo)\n|(when 1)", [DOCUMENT, COMMENT]),
        ("(ns demo)\n(wh|en 1)", [DOCUMENT, COMMENT]),
        ("(ns demo)\n(when 1)|", [DOCUMENT, COMMENT]),
        ("(ns demo)\n(when 1 |)", []),
        ("(ns demo)\n(when (f| 1))", []),
        ("(ns demo)\n'(wh|en 1)", []),
        ("(ns demo)\n|[when 1]", []),
        ("(ns not.loaded)\n|(when 1)", []),
        ("|(when 1)", [DOCUMENT, COMMENT]),
        ("|", []),
    ],
)
async def test_expanding_is_offered_on_a_macro_call(
    start: Start, text: str, offered: list[str]
) -> None:
    editor = await start()
    assert await titles(editor.open(text)) == offered


async def test_moving_the_cursor_asks_nothing(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    assert await titles(editor.open(TEXT), triggerKind=2) == []
    assert nrepl.of("info") == []


@pytest.mark.parametrize(
    ("head", "asked"),
    [
        ("my.Side", []),
        ("my.Side/start", []),
        ("not.loaded/when", []),
        ("demo/when", ["demo/when"]),
        ("when", ["when"]),
        ("..", [".."]),
    ],
)
async def test_a_name_that_could_load_a_class_is_not_asked_about(
    start: Start, nrepl: FaultServer, head: str, asked: list[str]
) -> None:
    editor = await start()
    await titles(editor.open(f"(ns demo)\n|({head} 1)"))
    assert [request["sym"] for request in nrepl.of("info")] == asked


async def test_what_only_the_text_defines_is_not_asked_about(
    start: Start, nrepl: FaultServer
) -> None:
    """The program's `when` is another than the one that is not loaded yet."""
    editor = await start()
    text = "(ns not.loaded (:refer-clojure :exclude [when]))\n(defmacro when [x] x)\n|(when 1)"
    assert await titles(editor.open(text)) == []
    assert nrepl.of("info") == []


async def test_editors_that_apply_no_edits_are_offered_the_document(start: Start) -> None:
    assert await titles((await start(applies=False)).open(TEXT)) == [DOCUMENT]


async def test_nothing_is_offered_without_a_program_or_in_other_languages(
    detached: Editor, start: Start
) -> None:
    assert await titles(detached.open(TEXT)) == []
    editor = await start()
    assert await titles(editor.open("(wh|en 1)", "src/a.hy", "hy")) == []
    assert await titles(editor.open("(wh|en 1)", "src/a.edn")) == []


async def test_asking_for_the_menu_expands_nothing(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    await titles(editor.open(TEXT))
    assert nrepl.of("cider/macroexpand") == []


async def test_the_expansion_is_a_document_that_cannot_be_written(
    start: Start, nrepl: FaultServer
) -> None:
    editor = await start()
    document = editor.open(TEXT)
    (action, _) = await document.actions(only=["refactor.expand"])
    call = action["command"]
    answer = await editor.command(call["command"], *call["arguments"])
    assert (answer["status"], answer["expansion"]) == ("done", "(if x\n  (do 1))")
    path = file_of(answer["uri"])
    assert path.suffix == ".clj"
    assert path.read_text() == ";; (when x 1) in demo\n\n(if x\n  (do 1))\n"
    assert path.stat().st_mode & 0o222 == 0
    ((_, shown),) = [sent for sent in editor.requests if sent[0] == "window/showDocument"]
    assert shown["uri"] == answer["uri"]
    (request,) = nrepl.of("cider/macroexpand")
    assert (request["code"], request["ns"], request["expander"]) == (
        *("(when x 1)", "demo", "macroexpand-1"),
    )


async def test_the_expansion_is_a_comment_below_and_goes_away_again(start: Start) -> None:
    editor = await start()
    document = editor.open(TEXT)
    (_, action) = await document.actions(only=["refactor.expand"])
    call = action["command"]
    answer = await editor.command(call["command"], *call["arguments"])
    assert (answer["status"], answer["uri"]) == ("done", None)
    after = with_workspace_edit(document, applied(editor))
    assert after == (
        "(ns demo)\n(defn f [x]\n  (when x 1))\n"
        "  ;; macroexpansion of (when x 1):\n  ;; => (if x\n  ;;      (do 1))\n"
    )
    for marked in (after.replace("(when x 1))", "|(when x 1))"), after.replace("=>", "=|>")):
        expanded = editor.open(marked)
        (collapse,) = await expanded.actions(only=["refactor.collapse"], triggerKind=2)
        assert (collapse["title"], collapse["kind"]) == (COLLAPSE, "refactor.collapse.macro")
        assert with_workspace_edit(expanded, collapse["edit"]) == SHOWN


async def test_a_comment_is_collapsed_without_a_program(detached: Editor) -> None:
    document = detached.open("(a)\n;; macroexpansion of| (a):\n;; => (b)\n")
    assert await titles(document) == [COLLAPSE]


@pytest.mark.parametrize(
    ("how", "expander"),
    [("1", "macroexpand-1"), ("all", "macroexpand-all"), ("step", "macroexpand-step")],
)
async def test_how_it_is_expanded(
    start: Start, nrepl: FaultServer, how: str, expander: str
) -> None:
    editor = await start()
    document = editor.open(TEXT)
    await editor.command("nrepl.macroexpand", {**document.at_cursor, "how": how})
    assert nrepl.of("cider/macroexpand")[0]["expander"] == expander


@pytest.mark.parametrize("argument", [{"how": "2"}, {"how": 1}, {"into": "x"}])
async def test_wrong_arguments_are_refused(start: Start, argument: dict[str, Any]) -> None:
    editor = await start()
    with pytest.raises(RequestFailed, match="must be one of"):
        await editor.command("nrepl.macroexpand", argument)


async def test_without_the_op_the_program_evaluates_its_own(
    start: Start, nrepl: FaultServer
) -> None:
    nrepl.without("cider/macroexpand")
    nrepl.on("eval", reply({"value": "(if x (do 1))", "ns": "demo"}, DONE))
    editor = await start()
    document = editor.open(TEXT)
    answer = await editor.command("nrepl.macroexpand", document.at_cursor)
    assert (answer["status"], answer["expansion"]) == ("done", "(if x (do 1))")
    (request,) = nrepl.of("eval")
    assert request["code"].strip() == "(macroexpand-1 '(when x 1))"
    assert request["ns"] == "demo"
    assert editor.shown() == [], "the expansion is shown, not the value"


async def test_an_op_without_the_expander_is_not_the_last_word(
    start: Start, nrepl: FaultServer
) -> None:
    """nbb 1.6.214 has only `macroexpand-1`."""
    err = "Unable to resolve symbol: macroexpand-all\n"
    nrepl.on("cider/macroexpand", reply({"err": err}, {"ex": "#error {}"}, DONE))
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo", "clojure.walk"]}, DONE))
    nrepl.on("eval", reply({"value": "(if x (do 1))"}, DONE))
    editor = await start()
    document = editor.open(TEXT)
    answer = await editor.command("nrepl.macroexpand", {**document.at_cursor, "how": "all"})
    assert answer["expansion"] == "(if x (do 1))"


async def test_an_op_that_is_not_there_after_all_is_not_the_last_word(
    start: Start, nrepl: FaultServer
) -> None:
    nrepl.on("cider/macroexpand", unknown_op())
    nrepl.on("eval", reply({"value": "(if x (do 1))"}, DONE))
    editor = await start()
    answer = await editor.command("nrepl.macroexpand", editor.open(TEXT).at_cursor)
    assert answer["expansion"] == "(if x (do 1))"


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        (
            [{"err": "boom\n at x"}, {"ex": "#error {}"}, DONE],
            "The macro has failed: boom. Evaluate the call to see more.",
        ),
        (
            [DONE],
            "The macro has failed: the program does not say why. Evaluate the call to see more.",
        ),
        (
            [{"status": ["done", "macroexpand-error"], "err": "boom"}],
            "The macro has failed: evaluate the call to see why.",
        ),
    ],
)
async def test_a_macro_that_fails_is_not_run_again(
    start: Start, nrepl: FaultServer, messages: list[Any], why: str
) -> None:
    nrepl.on("cider/macroexpand", reply(*messages))
    nrepl.on("macroexpand", reply({"expansion": "(if x 1)"}, DONE))
    editor = await start()
    answer = await editor.command("nrepl.macroexpand", editor.open(TEXT).at_cursor)
    assert (answer["status"], editor.shown()) == ("error", [why])
    assert nrepl.of("macroexpand") == nrepl.of("eval") == []


async def test_a_macro_that_does_not_end_is_not_run_again(
    start: Start, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A silent op may be expanding: neither the op's other name nor an evaluation may follow."""
    monkeypatch.setattr("nrepl_lsp.lsp.commands.macroexpand.EXPAND_TIMEOUT", 0.2)
    nrepl.on("cider/macroexpand", silent())
    nrepl.on("macroexpand", reply({"expansion": "(if x 1)"}, DONE))
    editor = await start()
    answer = await editor.command("nrepl.macroexpand", editor.open(TEXT).at_cursor)
    assert answer["status"] == "error"
    (shown,) = editor.shown()
    assert "has not expanded the call within 0.2 s" in shown
    assert "try again later" in shown
    assert len(nrepl.of("cider/macroexpand")) == 1
    assert nrepl.of("macroexpand") == nrepl.of("eval") == []


@pytest.mark.parametrize("has_op", [True, False])
async def test_what_is_shown_is_what_is_answered(
    start: Start, nrepl: FaultServer, has_op: bool
) -> None:
    if not has_op:
        nrepl.without("cider/macroexpand")
    editor = await start()
    document = editor.open("(ns not.loaded)\n|(when 1)")
    answer = await editor.command("nrepl.macroexpand", document.at_cursor)
    why = "Load the file first (nrepl.loadFile): the namespace not.loaded is not loaded."
    assert (answer["status"], answer["error"]) == ("error", {"message": why})
    assert editor.shown() == [why]
    assert nrepl.of("eval") == nrepl.of("cider/macroexpand") == []


async def test_everything_in_a_form_is_expanded_by_what_is_loaded(
    start: Start, nrepl: FaultServer
) -> None:
    nrepl.without("cider/macroexpand")
    nrepl.on("ns-list", reply({"ns-list": ["user", "demo", "basilisp.walk"]}, DONE))
    nrepl.on("eval", reply({"value": "(if x 1)"}, DONE))
    editor = await start()
    document = editor.open(TEXT)
    answer = await editor.command("nrepl.macroexpand", {**document.at_cursor, "how": "all"})
    assert answer["expansion"] == "(if x 1)"
    (request,) = nrepl.of("eval")
    assert request["code"].strip() == "(basilisp.walk/macroexpand-all '(when x 1))"


async def test_what_the_program_cannot_is_said(start: Start, nrepl: FaultServer) -> None:
    nrepl.without("cider/macroexpand")
    editor = await start()
    document = editor.open(TEXT)
    answer = await editor.command("nrepl.macroexpand", {**document.at_cursor, "how": "all"})
    why = "This program can expand one call only, not all in it."
    assert (answer["status"], answer["error"]) == ("error", {"message": why})
    assert editor.shown() == [why]
    assert nrepl.of("eval") == []


@pytest.mark.parametrize(
    ("value", "expansion"),
    [
        ("[(f (when x 1)) (f (when x 1)) (when x 1) (if x (do 1))]", "(f (if x (do 1)))"),
        ("[(f (when x 1)) (f (when x 1)) (when x 1) (when x 1)]", None),
        ("oops", None),
    ],
)
async def test_steps_by_evaluation(
    start: Start, nrepl: FaultServer, value: str, expansion: str | None
) -> None:
    nrepl.without("cider/macroexpand")
    nrepl.on("eval", reply({"value": value}, DONE))
    editor = await start()
    document = editor.open("|(f (when x 1))")
    answer = await editor.command("nrepl.macroexpand", {**document.at_cursor, "how": "step"})
    assert answer["expansion"] == expansion
    (request,) = nrepl.of("eval")
    assert request["code"].strip().startswith("['(f (when x 1)) (macroexpand-1 '(f (when x 1)))")
    if expansion is None:
        assert editor.shown() == ["No macro call is left."]


async def test_a_failure_of_the_macro_is_shown_once(start: Start, nrepl: FaultServer) -> None:
    nrepl.without("cider/macroexpand")
    nrepl.on("eval", reply({"err": "boom in macro\n"}, {"ex": "E", "status": ["eval-error"]}, DONE))
    editor = await start()
    document = editor.open(TEXT)
    answer = await editor.command("nrepl.macroexpand", document.at_cursor)
    assert answer["status"] == "error"
    assert len(editor.shown()) == 1
    assert "boom in macro" in editor.shown()[0]


async def test_a_function_call_does_not_expand(start: Start, nrepl: FaultServer) -> None:
    nrepl.on("cider/macroexpand", reply({"expansion": "(when x 1)"}, DONE))
    editor = await start()
    await editor.command("nrepl.macroexpand", editor.open(TEXT).at_cursor)
    assert editor.shown() == ["when is not a macro."]


async def test_a_namespace_that_is_not_loaded_is_not_named(
    start: Start, nrepl: FaultServer
) -> None:
    editor = await start()
    document = editor.open("(ns not.loaded)\n|(when x 1)")
    await editor.command("nrepl.macroexpand", document.at_cursor)
    (shown,) = editor.shown()
    assert "not.loaded is not loaded" in shown
    assert nrepl.of("cider/macroexpand") == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("(ns demo)\n|x", "There is no macro call at the cursor."),
        ('(ns demo)\n(str |(when x 1) "\n")', "No comment can stand below this call."),
    ],
)
async def test_where_nothing_can_be_expanded(start: Start, text: str, why: str) -> None:
    editor = await start()
    document = editor.open(text)
    answer = await editor.command("nrepl.macroexpand", {**document.at_cursor, "into": "comment"})
    assert (answer["status"], editor.shown()) == ("error", [why])


async def test_without_a_program_or_a_document_the_user_is_told(detached: Editor) -> None:
    answer = await detached.command("nrepl.macroexpand")
    assert "No document is open" in answer["error"]["message"]
    document = detached.open(TEXT)
    answer = await detached.command("nrepl.macroexpand", document.at_cursor)
    assert answer["status"] == "disconnected"
    assert "No REPL" in answer["error"]["message"]


async def test_a_lost_connection_is_told(start: Start, nrepl: FaultServer) -> None:
    nrepl.on("cider/macroexpand", hang_up_mid_reply())
    editor = await start()
    answer = await editor.command("nrepl.macroexpand", editor.open(TEXT).at_cursor)
    assert answer["error"]["message"].startswith("Not expanded: ")


async def test_a_lost_connection_makes_no_menu(start: Start, nrepl: FaultServer) -> None:
    nrepl.on("ns-list", hang_up_mid_reply())
    editor = await start()
    assert await titles(editor.open("(ns not.listed)\n|(when 1)")) == []


async def test_long_expansions_are_laid_out(start: Start, nrepl: FaultServer) -> None:
    name = "a-long-name-that-takes-its-place"
    nrepl.without("cider/macroexpand")
    nrepl.on("eval", reply({"value": f"(if {name} {name} {name})"}, DONE))
    editor = await start()
    answer = await editor.command("nrepl.macroexpand", editor.open(TEXT).at_cursor)
    assert answer["expansion"] == f"(if {name}\n  {name}\n  {name})"


async def test_a_document_without_an_extension_is_named_after_its_language(start: Start) -> None:
    editor = await start()
    document = editor.open("(when| x 1)", "untitled:Untitled-1")
    answer = await editor.command("nrepl.macroexpand", document.at_cursor)
    path = file_of(answer["uri"])
    assert path.suffix == ".clj"
    assert path.read_text().startswith(";; (when x 1)\n\n")


async def test_a_comment_is_not_put_into_a_text_that_has_changed(
    start: Start, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("cider/macroexpand", held(gate, reply({"expansion": "(if x 1)"}, DONE)))
    editor = await start()
    document = editor.open(TEXT)
    arguments = {**document.at_cursor, "into": "comment"}
    command = asyncio.create_task(editor.command("nrepl.macroexpand", arguments))
    await nrepl.received("cider/macroexpand")
    document.change((0, 0), (0, 0), " ")
    gate.set()
    assert (await command)["status"] == "error"
    assert "The text has changed" in editor.shown()[0]


async def test_a_comment_is_for_the_version_that_the_editor_has_then(
    start: Start, nrepl: FaultServer
) -> None:
    """Typed and undone meanwhile: the text is the same, and the version another."""
    gate = asyncio.Event()
    nrepl.on("cider/macroexpand", held(gate, reply({"expansion": "(if x 1)"}, DONE)))
    editor = await start()
    document = editor.open(TEXT)
    arguments = {**document.at_cursor, "into": "comment"}
    command = asyncio.create_task(editor.command("nrepl.macroexpand", arguments))
    await nrepl.received("cider/macroexpand")
    document.change((0, 0), (0, 0), " ")
    document.change((0, 0), (0, 1), "")
    gate.set()
    assert (await command)["status"] == "done"
    assert applied(editor)["documentChanges"][0]["textDocument"]["version"] == 3


@pytest.mark.usefixtures("quick_menu")
async def test_an_expansion_belongs_to_the_program_that_made_it(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path, tmp_path: Path
) -> None:
    async with FaultServer() as other:
        folder = tmp_path / "other"
        folder.mkdir()
        attach_file(project, nrepl)
        attach_file(folder, other)
        editor = make_editor()
        folders = [{"uri": path.as_uri(), "name": path.name} for path in (project, folder)]
        await editor.initialize(capabilities(), workspaceFolders=folders)
        await editor.until(
            lambda: len([1 for _, it in editor.notifications if "Attached to" in str(it)]) == 2,
            "two programs",
        )
        answer = await editor.command("nrepl.macroexpand", editor.open(TEXT).at_cursor)
        expansion = editor.open("|(if x 1)", answer["uri"])
        titles = [action["title"] for action in await expansion.actions(only=["nrepl"])]
        assert "Connect to nREPL" not in titles
        supervisor = editor.server.supervisor_for(answer["uri"])
        assert supervisor is not None
        assert supervisor.root == project


async def test_a_slow_expansion_goes_on_behind_the_answer(
    start: Start, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emacs is frozen until a command is answered."""
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 0.02)
    gate = asyncio.Event()
    nrepl.on("cider/macroexpand", held(gate, reply({"expansion": "(if x 1)"}, DONE)))
    editor = await start()
    document = editor.open(TEXT)
    answer = await editor.command("nrepl.macroexpand", document.at_cursor)
    assert answer["status"] == "running"
    gate.set()
    await editor.until(
        lambda: any(method == "window/showDocument" for method, _ in editor.requests), "document"
    )


async def test_a_cancelled_expansion_leaves_the_text_alone(
    start: Start, nrepl: FaultServer
) -> None:
    gate = asyncio.Event()
    nrepl.on("cider/macroexpand", held(gate, reply({"expansion": "(if x 1)"}, DONE)))
    editor = await start()
    editor.answers["workspace/applyEdit"] = lambda params: {"applied": True}
    arguments = {**editor.open(TEXT).at_cursor, "into": "comment", "wait": True}
    call = {"command": "nrepl.macroexpand", "arguments": [arguments]}
    number, answer = editor.start_request("workspace/executeCommand", call)
    await nrepl.received("cider/macroexpand")
    editor.notify("$/cancelRequest", {"id": number})
    with pytest.raises(RequestFailed):
        await answer
    gate.set()
    # The next one has an answer after what the first one would have done.
    await editor.command("nrepl.macroexpand", {**arguments, "into": "document"})
    assert "workspace/applyEdit" not in [method for method, _ in editor.requests]


async def test_where_nothing_can_be_written_the_user_is_told(start: Start, tmp_path: Path) -> None:
    editor = await start()
    editor.server.cache.parent.mkdir(parents=True, exist_ok=True)
    (editor.server.cache).mkdir(exist_ok=True)
    (editor.server.cache / "macroexpansions").write_text("in the way")
    answer = await editor.command("nrepl.macroexpand", editor.open(TEXT).at_cursor)
    assert "cannot be written" in answer["error"]["message"]
