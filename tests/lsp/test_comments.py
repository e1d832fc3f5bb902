"""Results in the text: what is written where, when nothing is, and comments that have drifted."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from nrepl_lsp.lsp.actions import comments
from nrepl_lsp.lsp.actions.offer import Asked, Offer
from nrepl_lsp.lsp.documents import Place
from tests.support.fault_server import DONE, FaultServer, hang_up_mid_eval, held, reply

from .applied import capabilities, with_workspace_edit
from .conftest import attach_file
from .editor import Editor, Opened, RequestFailed

Start = Callable[..., Any]

ZERO = "Execution error (ArithmeticException) at demo/f (demo.clj:1).\nDivide by zero\n"
FAILED = reply(
    {"err": ZERO},
    {"ex": "class java.lang.ArithmeticException", "status": ["eval-error"]},
    DONE,
)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not turn `done` into `running`."""
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 4.0)


@pytest.fixture
def start(make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path) -> Start:
    """`await start(**capabilities)`: an editor whose project is attached; it applies edits."""

    async def begin(answers: bool = True, **announced: Any) -> Editor:
        attach_file(project, nrepl)
        editor = make_editor()
        await editor.initialize(capabilities(**announced))
        await editor.attached()
        if answers:
            editor.answers["workspace/applyEdit"] = lambda params: {"applied": True}
        nrepl.requests.clear()
        return editor

    return begin


def edits(editor: Editor) -> list[Any]:
    return [params["edit"] for method, params in editor.requests if method == "workspace/applyEdit"]


def value(text: str) -> Any:
    return reply({"value": text, "ns": "user"}, DONE)


def sent(nrepl: FaultServer) -> list[str]:
    return [request["code"].strip() for request in nrepl.requests if request["op"] == "eval"]


async def offered(document: Opened, is_automatic: bool = False) -> list[Offer]:
    # Text is all that this request needs; the document is open then.
    document_id = {"textDocument": {"uri": document.uri}}
    await document.editor.request("textDocument/foldingRange", document_id)
    ls = document.editor.server
    snapshot = ls.documents.snapshot(document.uri)
    assert snapshot is not None
    start, end = (types.Position(**document.selection[edge]) for edge in ("start", "end"))
    place = Place(document.uri, types.Range(start, end))
    asked = Asked(None, is_automatic)
    return list(comments.offers(ls, snapshot, place, asked))


async def written(editor: Editor, document: Opened, command: str, **more: Any) -> str:
    """The document's text after a command."""
    await editor.command(f"nrepl.{command}", {**document.at_cursor, **more})
    (edit,) = edits(editor)
    return with_workspace_edit(document, edit)


# -- into a comment -----------------------------------------------------------------------------


async def test_a_value_is_written_behind_its_form(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value("3"))
    document = editor.open("(+ 1 2)|\n(f)\n")
    assert await written(editor, document, "evalToComment") == "(+ 1 2) ;; => 3\n(f)\n"


async def test_the_top_level_form_may_be_meant(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value("3"), code="(g)")
    nrepl.on("eval", value("4"), code="(f (g))")
    document = editor.open("(f (g|))")
    assert await written(editor, document, "evalToComment", topLevel=True) == "(f (g)) ;; => 4"
    assert sent(nrepl) == ["(f (g))"]


async def test_an_error_is_written_as_one(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", FAILED)
    document = editor.open("(/ 1 0)|")
    text = await written(editor, document, "evalToComment")
    assert text == "(/ 1 0) ;; => Error: Divide by zero"


async def test_the_reply_says_what_was_written(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value("3"))
    document = editor.open("(+ 1 2)|")
    found = await editor.command("nrepl.evalToComment", document.at_cursor)
    assert (found["status"], found["values"], found["written"]) == ("done", ["3"], "3")


async def test_edits_above_move_the_place(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    gate = asyncio.Event()
    nrepl.on("eval", held(gate, value("3")))
    document = editor.open("(a)\n(+ 1 2)|\n")
    _, answer = editor.start_request(
        "workspace/executeCommand",
        {"command": "nrepl.evalToComment", "arguments": [document.at_cursor]},
    )
    await nrepl.received("eval")
    document.change((0, 0), (0, 0), ";; é\U0001f600\n")
    gate.set()
    await answer
    (edit,) = edits(editor)
    document.text = ";; é\U0001f600\n(a)\n(+ 1 2)\n"
    assert with_workspace_edit(document, edit) == ";; é\U0001f600\n(a)\n(+ 1 2) ;; => 3\n"


async def test_the_next_value_waits_for_the_text_after_the_last(
    start: Start, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neovim sends what it has edited 150 ms later; places in the old text would be wrong."""
    monkeypatch.setattr("nrepl_lsp.lsp.showing.result_comments.FOLLOW_WITHIN", 20.0)
    editor = await start(versions=False)
    nrepl.on("eval", value("1"))
    document = editor.open("|(a)\n(b)\n")
    await editor.command("nrepl.evalToComment", document.at_cursor)
    second = {"uri": document.uri, "position": {"line": 1, "character": 0}}
    _, answer = editor.start_request(
        "workspace/executeCommand", {"command": "nrepl.evalToComment", "arguments": [second]}
    )
    while "(b)" not in sent(nrepl):
        await document.ask("foldingRange")
    for _ in range(5):
        await document.ask("foldingRange")
    assert len(edits(editor)) == 1
    document.text = with_workspace_edit(document, edits(editor)[0])
    document.change((0, 3), (0, 3), " ;; => 1\n")
    await answer
    assert edits(editor)[1]["changes"][document.uri][0]["range"]["start"]["line"] == 2


async def test_what_is_there_already_is_not_written(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value("1"))
    document = editor.open("(a)| ;; => 1\n")
    found = await editor.command("nrepl.evalToComment", document.at_cursor)
    assert (found["written"], edits(editor)) == ("1", [])


async def test_a_form_without_its_end_is_refused(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    document = editor.open('(f "|')
    for command in ("nrepl.evalToComment", "nrepl.replaceWithResult"):
        found = await editor.command(command, document.at_cursor)
        assert (found["status"], sent(nrepl)) == ("error", [])
        assert "has no end yet" in editor.shown()[-1]


@pytest.mark.parametrize("how", ["edited", "closed", "grown"])
async def test_what_was_edited_meanwhile_is_left_alone(
    start: Start, nrepl: FaultServer, how: str
) -> None:
    editor = await start()
    gate = asyncio.Event()
    nrepl.on("eval", held(gate, value("3")))
    document = editor.open("(+ 1 2)|\n")
    _, answer = editor.start_request(
        "workspace/executeCommand",
        {"command": "nrepl.evalToComment", "arguments": [document.at_cursor]},
    )
    await nrepl.received("eval")
    if how == "edited":
        document.change((0, 3), (0, 4), "9")
    elif how == "grown":
        document.change((0, 0), (0, 0), '"')
    else:
        document.close()
    gate.set()
    found = await answer
    assert (found["written"], edits(editor)) == (None, [])
    assert "The form was edited while it was evaluated" in editor.shown()[-1]


async def test_an_editor_that_applies_nothing_is_told_before(
    start: Start, nrepl: FaultServer
) -> None:
    editor = await start(applies=False)
    document = editor.open("(+ 1 2)|")
    for command in ("nrepl.evalToComment", "nrepl.replaceWithResult"):
        found = await editor.command(command, document.at_cursor)
        assert (found["status"], sent(nrepl)) == ("error", [])
        assert "does not let a server edit the text" in editor.shown()[-1]


async def test_plain_text_has_no_comments(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    document = editor.open("hello|", "src/a.txt", "plaintext")
    found = await editor.command("nrepl.evalToComment", document.at_cursor)
    assert (found["status"], sent(nrepl)) == ("error", [])


async def test_an_editor_that_sends_no_text_holds_nothing_up_for_long(
    start: Start, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.showing.result_comments.FOLLOW_WITHIN", 0.05)
    editor = await start()
    nrepl.on("eval", value("3"))
    document = editor.open("(+ 1 2)|")
    for count in (1, 2):
        await editor.command("nrepl.evalToComment", document.at_cursor)
        assert len(edits(editor)) == count


async def test_an_editor_that_never_answers_holds_nothing_up(
    start: Start, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.applying.APPLY_TIMEOUT", 0.05)
    editor = await start(answers=False)
    nrepl.on("eval", value("3"))
    document = editor.open("(+ 1 2)|")
    found = await editor.command("nrepl.evalToComment", document.at_cursor)
    assert (found["status"], found["written"]) == ("done", "3")


async def test_a_refused_edit_is_told(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    editor.answers["workspace/applyEdit"] = lambda params: {"applied": False}
    nrepl.on("eval", value("3"))
    document = editor.open("(+ 1 2)|")
    found = await editor.command("nrepl.evalToComment", document.at_cursor)
    assert found["written"] is None
    assert "has not applied the edit" in editor.shown()[-1]


async def test_no_value_is_no_comment(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", reply(DONE))
    document = editor.open("#?(:cljs 1)|")
    found = await editor.command("nrepl.evalToComment", document.at_cursor)
    assert (found["status"], edits(editor)) == ("error", [])


async def test_what_takes_long_is_answered_running(
    start: Start, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 0.02)
    editor = await start()
    gate = asyncio.Event()
    nrepl.on("eval", held(gate, value("3")))
    document = editor.open("(+ 1 2)|")
    found = await editor.command("nrepl.evalToComment", document.at_cursor)
    assert (found["status"], edits(editor)) == ("running", [])
    gate.set()
    await editor.until(lambda: edits(editor), "edit")


async def test_a_lost_program_writes_nothing(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", hang_up_mid_eval())
    document = editor.open("(+ 1 2)|")
    found = await editor.command("nrepl.evalToComment", document.at_cursor)
    assert found["status"] == "error"
    assert edits(editor) == []


@pytest.mark.parametrize("command", ["evalToComment", "replaceWithResult", "checkComments"])
async def test_without_a_program_the_user_is_told(detached: Editor, command: str) -> None:
    document = detached.open("(+ 1 2)| ;; => 3")
    found = await detached.command(f"nrepl.{command}", document.at_cursor)
    assert found["status"] == "disconnected"
    assert "No REPL is attached" in detached.shown()[-1]


async def test_arguments_are_checked(editor: Editor) -> None:
    with pytest.raises(RequestFailed, match="expected one object"):
        await editor.command("nrepl.evalToComment", 1, 2)


# -- in the place of the form -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "text"),
    [("3", "(f 3)"), ("(1 2)", "(f '(1 2))"), ('{:a "x"}', '(f {:a "x"})'), ("sym", "(f 'sym)")],
)
async def test_a_form_is_replaced(
    start: Start, nrepl: FaultServer, printed: str, text: str
) -> None:
    editor = await start()
    nrepl.on("eval", value(printed))
    document = editor.open("(f (g 1)|)")
    assert await written(editor, document, "replaceWithResult") == text


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (value('#object[java.lang.Object 0x1 "o"]'), "cannot be read back"),
        (value("#<Thing>"), "cannot be read back"),
        (value("[1 2 ...]"), "was cut by the printer"),
        (value("[1 2"), "was cut"),
        (reply({"value": "1"}, {"value": "2"}, DONE), "There are 2 values"),
        (reply(DONE), "There are 0 values"),
    ],
)
async def test_what_cannot_be_read_back_is_refused(
    start: Start, nrepl: FaultServer, answer: Any, why: str
) -> None:
    editor = await start()
    nrepl.on("eval", answer)
    document = editor.open("(g 1)|")
    found = await editor.command("nrepl.replaceWithResult", document.at_cursor)
    assert (found["written"], edits(editor)) == (None, [])
    assert why in editor.shown()[-1]


async def test_an_error_replaces_nothing(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", FAILED)
    document = editor.open("(/ 1 0)|")
    found = await editor.command("nrepl.replaceWithResult", document.at_cursor)
    assert (found["status"], found["written"], edits(editor)) == ("error", None, [])


# -- living comments ----------------------------------------------------------------------------

LIVING = """|(+ 1 2) ;; => 3
(inc 1) ;; => 3
(f) ; no result
(comment
  {:a 1 :b 2}
  ;; => {:b 2,
  ;;     :a 1}
  )
"""


def evaluates(nrepl: FaultServer) -> None:
    nrepl.on("eval", value("3"), code="(+ 1 2)")
    nrepl.on("eval", value("2"))
    nrepl.on("eval", value("3"))

    async def behave(peer: Any, request: Any) -> None:
        known = {"(+ 1 2)": "3", "(inc 1)": "2", "{:a 1 :b 2}": "{:a 1, :b 2}"}
        peer.answer(request, {"value": known[request["code"].strip()]}, DONE)

    nrepl.on("eval", behave)


async def test_comments_are_checked_in_order(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    evaluates(nrepl)
    document = editor.open(LIVING)
    found = await editor.command("nrepl.checkComments", {"uri": document.uri})
    assert sent(nrepl) == ["(+ 1 2)", "(inc 1)", "{:a 1 :b 2}"]
    assert (found["status"], found["same"], found["drifted"]) == ("done", 2, 1)
    assert editor.shown() == ["2 results are as they say, 1 has changed."]
    (mark,) = editor.diagnostics(document.uri)
    assert (mark["code"], mark["severity"], mark["message"]) == ("drifted", 2, "This is now => 2")
    assert mark["range"] == {
        "start": {"line": 1, "character": 8},
        "end": {"line": 1, "character": 15},
    }


async def test_a_quick_fix_updates_a_comment(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    evaluates(nrepl)
    document = editor.open(LIVING)
    await editor.command("nrepl.checkComments", {"uri": document.uri})
    document.marks = [{"line": 1, "character": 10}]
    fix = (await offered(document))[0]
    assert (fix.kind, fix.title, fix.is_preferred) == ("quickfix", "Update to => 2", True)
    assert [one.code for one in fix.diagnostics] == ["drifted"]
    assert fix.edit is not None
    text = with_workspace_edit(document, dict(fix.edit))
    assert text == document.text.replace("(inc 1) ;; => 3", "(inc 1) ;; => 2")
    assert "Update" not in " ".join(one.title for one in (await offered(document))[1:])


async def test_all_can_be_updated(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value("9"))
    document = editor.open("|(a) ;; => 1\n(b)\n;; => 2\n")
    await editor.command("nrepl.checkComments", {"uri": document.uri})
    one, every = (await offered(document))[:2]
    assert (one.title, every.title) == ("Update to => 9", "Update all 2 results in comments")
    assert every.edit is not None
    assert with_workspace_edit(document, dict(every.edit)) == "(a) ;; => 9\n(b)\n;; => 9\n"


async def test_marks_go_when_their_form_is_edited(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value("9"))
    document = editor.open("|(a) ;; => 1\n(b) ;; => 2\n")
    await editor.command("nrepl.checkComments", {"uri": document.uri})
    assert len(editor.diagnostics(document.uri)) == 2
    document.change((0, 1), (0, 2), "c")
    await editor.until(lambda: len(editor.diagnostics(document.uri)) == 1, "one mark less")
    document.change((1, 10), (1, 11), "9")
    await editor.until(lambda: not editor.diagnostics(document.uri), "no mark")


async def test_checking_again_clears_what_is_true_again(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value("9"))
    document = editor.open("|(a) ;; => 1\n")
    await editor.command("nrepl.checkComments", {"uri": document.uri})
    await editor.command("nrepl.checkComments", {"uri": document.uri})
    assert len(editor.diagnostics(document.uri)) == 1
    nrepl.on("eval", value("1"))
    await editor.command("nrepl.checkComments", {"uri": document.uri})
    assert editor.diagnostics(document.uri) == []
    assert editor.shown()[-1] == "1 result is as it says."


async def test_a_selection_is_checked_alone(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", value("1"))
    document = editor.open("(a) ;; => 1\n«(b) ;; => 1\n»(c) ;; => 1\n")
    await editor.command("nrepl.checkComments", {"uri": document.uri, "range": document.selection})
    assert sent(nrepl) == ["(b)"]


async def test_an_error_that_is_expected_has_not_drifted(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    nrepl.on("eval", FAILED)
    document = editor.open("|(/ 1 0) ;; => Error: Divide by zero\n(/ 2 0) ;; => 2\n")
    found = await editor.command("nrepl.checkComments", {"uri": document.uri})
    assert (found["same"], found["drifted"]) == (1, 1)


async def test_an_interrupt_ends_the_check(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    gate = asyncio.Event()
    nrepl.on("eval", value("1"), code="(a)")
    nrepl.on("eval", held(gate, reply({"status": ["interrupted"]}, DONE)), code="\n(b)")
    document = editor.open("|(a) ;; => 1\n(b) ;; => 2\n(c) ;; => 3\n")
    _, answer = editor.start_request(
        "workspace/executeCommand",
        {"command": "nrepl.checkComments", "arguments": [{"uri": document.uri, "wait": True}]},
    )
    await nrepl.received("eval", 2)
    gate.set()
    found = await answer
    assert (found["status"], found["same"], found["unchecked"]) == ("interrupted", 1, 2)
    assert sent(nrepl) == ["(a)", "(b)"]


async def test_a_long_check_says_that_it_goes_on(
    start: Start, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nrepl_lsp.lsp.session.work.ANSWER_WITHIN", 0.02)
    editor = await start()
    gate = asyncio.Event()
    nrepl.on("eval", held(gate, value("1")))
    document = editor.open("|(a) ;; => 1\n(b) ;; => 1\n")
    found = await editor.command("nrepl.checkComments", {"uri": document.uri})
    assert (found["status"], found["unchecked"]) == ("running", 2)
    assert editor.shown() == ["Checking 2 results in comments; an interrupt ends it."]
    gate.set()
    await editor.notified("window/showMessage", "2 results are as they say")


async def test_forms_edited_meanwhile_are_left_out(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    gate = asyncio.Event()
    nrepl.on("eval", held(gate, value("1")))
    document = editor.open("|(a) ;; => 1\n(b) ;; => 1\n")
    _, answer = editor.start_request(
        "workspace/executeCommand",
        {"command": "nrepl.checkComments", "arguments": [{"uri": document.uri, "wait": True}]},
    )
    await nrepl.received("eval")
    document.change((1, 1), (1, 2), "x")
    gate.set()
    found = await answer
    assert (found["same"], found["gone"]) == (1, 1)
    assert "1 was edited meanwhile" in editor.shown()[-1]


async def test_without_comments_there_is_nothing_to_check(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    document = editor.open('|"(a) ;; => 1"\n; (b) ;; => 2\n#_(c) ;; => 3\n')
    found = await editor.command("nrepl.checkComments", {"uri": document.uri})
    assert (found["status"], sent(nrepl)) == ("error", [])


# -- what is offered ----------------------------------------------------------------------------


async def test_what_is_offered(start: Start, nrepl: FaultServer) -> None:
    editor = await start()
    document = editor.open("(inc 1)|\n")
    assert [one.title for one in await offered(document)] == [
        "Evaluate (inc 1) into a comment",
        "Replace (inc 1) with its value",
    ]
    document = editor.open("(inc 1)| ;; => 3\n", "src/b.clj")
    assert [one.title for one in await offered(document)] == [
        "Evaluate (inc 1) again into its comment",
        "Replace (inc 1) with its value",
        "Check the results in comments",
    ]
    assert await offered(document, is_automatic=True) == []
    assert nrepl.requests == []


async def test_nothing_is_offered_that_cannot_be_done(start: Start) -> None:
    editor = await start(applies=False)
    assert await offered(editor.open("(inc 1)|\n")) == []
