"""Code actions: what is offered where, and that each command then does it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrepl_lsp.lsp.actions import clean_namespace, evaluation, macros, namespace, structure
from tests.support.fault_server import DONE, FaultServer, held, reply, silent

from .applied import with_workspace_edit
from .conftest import attach_file
from .editor import Editor, Opened, RequestFailed

EVALUATION = ["nrepl"]


def offers(actions: Any) -> dict[str, str]:
    return {action["title"]: action["kind"] for action in actions or []}


async def test_the_forms_at_the_cursor_and_the_file_are_offered(editor: Editor) -> None:
    document = editor.open("(defn f [x]\n  (inc |x))")
    assert offers(await document.actions(only=EVALUATION)) == {
        "Evaluate form x": "nrepl.evaluate.form",
        "Evaluate top-level form (defn f [x] (inc x))": "nrepl.evaluate.topLevelForm",
        "Load file into the REPL": "nrepl.evaluate.file",
    }


async def test_one_form_is_not_offered_twice(editor: Editor) -> None:
    document = editor.open("|(f)")
    assert list(offers(await document.actions(only=EVALUATION))) == [
        "Evaluate top-level form (f)",
        "Load file into the REPL",
    ]


async def test_a_selection_is_offered_when_it_holds_a_form(editor: Editor) -> None:
    whole = editor.open("(do «(f) (g)»)", "src/a.clj")
    assert offers(await whole.actions())["Evaluate selection"] == "nrepl.evaluate.selection"
    blank = editor.open("(do« »(f))", "src/b.clj")
    assert "Evaluate selection" not in offers(await blank.actions())


async def test_a_block_cursor_on_a_closing_bracket_means_the_form_it_closes(
    editor: Editor, nrepl: FaultServer
) -> None:
    document = editor.open("(do (f 1«)»)")
    first, *_ = await document.actions()
    assert first["title"] == "Evaluate form (f 1)"
    call = first["command"]
    await editor.command(call["command"], *call["arguments"])
    await editor.command("nrepl.evalForm")
    assert [request["code"].strip() for request in nrepl.of("eval")] == ["(f 1)", "(f 1)"]


async def test_long_forms_are_cut_in_the_title(editor: Editor) -> None:
    document = editor.open(f"|(def long {list(range(100))})")
    title = next(iter(offers(await document.actions())))
    assert title == "Evaluate top-level form (def long [0, 1, 2, 3, 4, 5, 6, 7, 8, 9…"


async def test_titles_are_unique(editor: Editor) -> None:
    document = editor.open("«(f) (f)»")
    titles = [action["title"] for action in await document.actions()]
    assert len(set(titles)) == len(titles)


async def test_every_command_does_what_its_title_says(editor: Editor, nrepl: FaultServer) -> None:
    document = editor.open("(do «(f 1) (f 2)»)")
    for action in await document.actions(only=EVALUATION):
        call = action["command"]
        answer = await editor.command(call["command"], *call["arguments"])
        assert answer["status"] == "done", action["title"]
    codes = [request["code"].strip() for request in nrepl.of("eval")]
    assert codes == ["(f 1) (f 2)", "(f 1)", "(do (f 1) (f 2))"]
    assert len(nrepl.of("load-file")) == 1


async def test_detached_only_connecting_is_offered_of_the_program(detached: Editor) -> None:
    document = detached.open("|(f)")
    (action,) = await document.actions(only=EVALUATION)
    assert (action["title"], action["kind"]) == ("Connect to nREPL", "nrepl.connect")
    answer = await detached.command(action["command"]["command"], *action["command"]["arguments"])
    assert answer["connected"] is False


@pytest.mark.usefixtures("impatient")
async def test_interrupt_is_offered_first_while_something_runs(
    editor: Editor, nrepl: FaultServer
) -> None:
    nrepl.on("eval", silent())
    document = editor.open("|(loop [])")
    assert "Interrupt evaluation" not in offers(await document.actions())
    await editor.command("nrepl.evalForm", document.at_cursor)
    first, *_ = await document.actions()
    assert (first["title"], first["kind"]) == ("Interrupt evaluation", "nrepl.interrupt")
    await editor.command(first["command"]["command"], *first["command"]["arguments"])
    await editor.notified("window/showMessage", "Interrupted")
    assert "Interrupt evaluation" not in offers(await document.actions())


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (["nrepl"], 3),
        (["nrepl.evaluate"], 3),
        (["nrepl.evaluate.form"], 1),
        (["nrepl.evaluate.form", "nrepl.evaluate.file"], 2),
        ([""], 4),
        (["nrep"], 0),
        (["quickfix"], 0),
        (["source.organizeImports"], 0),
        (["my.own.kind"], 0),
    ],
)
async def test_only_what_was_asked_for_is_offered(
    editor: Editor, only: list[str], kinds: int
) -> None:
    document = editor.open("(f |x)")
    actions = await document.actions(only=only)
    assert (actions is None) == (kinds == 0)
    assert len(actions or []) == kinds


async def test_old_clients_get_commands(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize({})
    await editor.attached()
    document = editor.open("|(f)")
    first, *_ = await document.actions()
    assert first == {
        "title": "Evaluate top-level form (f)",
        "command": "nrepl.evalTopLevelForm",
        "arguments": [document.at_cursor],
    }


async def test_kinds_are_announced(make_editor: Callable[..., Editor]) -> None:
    editor = make_editor()
    result = await editor.initialize()
    providers = (evaluation, namespace, macros, structure, clean_namespace)
    kinds = [kind for provider in providers for kind in provider.KINDS]
    assert result["capabilities"]["codeActionProvider"] == {
        "codeActionKinds": kinds,
        "resolveProvider": True,
    }


async def test_kinds_are_not_announced_to_clients_that_know_none(
    make_editor: Callable[..., Editor],
) -> None:
    """LSP allows options only for clients with `codeActionLiteralSupport`."""
    editor = make_editor()
    result = await editor.initialize({})
    assert result["capabilities"]["codeActionProvider"] is True


async def test_unknown_documents_have_no_actions(editor: Editor) -> None:
    place = {"line": 0, "character": 0}
    params = {
        "textDocument": {"uri": "file:///x"},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": []},
    }
    assert await editor.request("textDocument/codeAction", params) is None


async def test_for_evaluating_nothing_is_asked_of_the_server(
    editor: Editor, nrepl: FaultServer
) -> None:
    await editor.open("(ns demo) (f |x)").actions(only=["nrepl", "refactor.rewrite"])
    assert nrepl.requests == []


async def test_a_key_bound_to_the_kind_finds_the_form_also_at_the_top_level(editor: Editor) -> None:
    document = editor.open("|(f)")
    actions = await document.actions(only=["nrepl.evaluate.form"])
    assert offers(actions) == {"Evaluate form (f)": "nrepl.evaluate.form"}


async def test_a_range_that_is_just_the_form_is_no_selection(editor: Editor) -> None:
    """Eglot sends the form at point as the range."""
    document = editor.open("(do «(f 1)»)")
    assert "Evaluate selection" not in offers(await document.actions())


async def test_a_key_bound_to_the_selection_finds_it_also_when_it_is_one_form(
    editor: Editor,
) -> None:
    document = editor.open("(do «(f 1)»)")
    actions = await document.actions(only=["nrepl.evaluate.selection"])
    assert offers(actions) == {"Evaluate selection": "nrepl.evaluate.selection"}


async def test_what_is_read_off_the_text_is_offered_without_a_program(detached: Editor) -> None:
    document = detached.open("|[a b]")
    kinds = {action["kind"] for action in await document.actions()}
    assert "refactor.rewrite.cycle" in kinds


async def test_beside_another_server_the_text_is_left_to_that(
    make_editor: Callable[..., Editor], nrepl: FaultServer, project: Path
) -> None:
    attach_file(project, nrepl)
    editor = make_editor()
    await editor.initialize(options={"nrepl": {"profile": "complement"}})
    await editor.attached()
    document = editor.open("(ns demo)\n|(str/join [1])")
    kinds = {action["kind"].split(".")[0] for action in await document.actions()}
    assert kinds == {"nrepl"}


async def test_the_menu_does_not_wait_for_a_server_that_is_slow(
    editor: Editor, nrepl: FaultServer
) -> None:
    """What it says later is there for the next menu; nothing is set aside for being slow."""
    gate = asyncio.Event()
    macro = reply({"name": "when", "ns": "clojure.core", "macro": "true"}, DONE)
    nrepl.on("info", held(gate, macro))
    document = editor.open("(ns demo)\n|(when 1)")
    assert "Expand macro call (read-only document)" not in offers(await document.actions())
    gate.set()
    await nrepl.received("info")

    async def look() -> bool:
        return "Expand macro call (read-only document)" in offers(await document.actions())

    async with asyncio.timeout(3):
        while not await look():
            pass
    assert len(nrepl.of("info")) == 1


async def test_all_that_is_asked_for_a_menu_shares_one_deadline(
    editor: Editor, nrepl: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each provider asks at once; one after the other would take as long as all together."""
    deadlines: list[float] = []
    began = asyncio.Event()

    def waiting(provider: Any) -> None:
        async def offers(*given: Any) -> list[Any]:
            deadlines.append(given[-1])
            if len(deadlines) == 3:
                began.set()
            await began.wait()
            return []

        monkeypatch.setattr(provider, "offers", offers)

    for provider in (namespace, macros, clean_namespace):
        waiting(provider)
    titles = offers(await editor.open("|(f)").actions())
    assert list(titles)[:1] == ["Evaluate top-level form (f)"]
    assert len(deadlines) == 3
    assert len(set(deadlines)) == 1


async def test_a_menu_that_is_given_up_leaves_nothing_behind(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    began = asyncio.Event()

    async def offers(*_: Any) -> list[Any]:
        try:
            began.set()
            await asyncio.Event().wait()
            return []
        finally:
            ended.append("macros")

    monkeypatch.setattr(macros, "offers", offers)
    document = editor.open("|(f)")
    place = {"start": document.cursor, "end": document.cursor}
    number, answer = editor.start_request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": document.uri},
            "range": place,
            "context": {"diagnostics": []},
        },
    )
    await began.wait()
    editor.notify("$/cancelRequest", {"id": number})
    with pytest.raises(RequestFailed):
        await answer
    assert ended == ["macros"]


async def offered_command(
    make_editor: Callable[..., Editor], title: str
) -> tuple[Editor, Opened, dict[str, Any]]:
    """The command of an action, for a client that takes neither actions nor versions."""
    editor = make_editor()
    await editor.initialize({"workspace": {"applyEdit": True}})
    editor.answers["workspace/applyEdit"] = lambda params: {"applied": True}
    document = editor.open("|(a b c)\n")
    (command,) = [one for one in await document.actions() if one["title"] == title]
    return editor, document, command


async def test_an_edit_that_is_a_command_is_for_one_version_of_its_document(
    make_editor: Callable[..., Editor],
) -> None:
    editor, document, command = await offered_command(make_editor, "Change () to []")
    (argument,) = command["arguments"]
    assert (argument["uri"], argument["version"]) == (document.uri, 1)
    assert await editor.command(command["command"], argument) == {"applied": True}
    ((_, params),) = [sent for sent in editor.requests if sent[0] == "workspace/applyEdit"]
    assert with_workspace_edit(document, params["edit"]) == "[a b c]\n"


@pytest.mark.parametrize("how", ["changed", "closed"])
async def test_an_edit_that_is_a_command_is_not_applied_to_another_text(
    make_editor: Callable[..., Editor], how: str
) -> None:
    editor, document, command = await offered_command(make_editor, "Change () to []")
    if how == "changed":
        document.replace("something else, and longer\n")
    else:
        document.close()
    answer = await editor.command(command["command"], *command["arguments"])
    assert answer == {"applied": False}
    assert [sent for sent in editor.requests if sent[0] == "workspace/applyEdit"] == []
    assert editor.shown() == ["The text has changed since the action was offered: try again."]


async def test_an_edit_that_cannot_be_read_says_what_to_do(editor: Editor) -> None:
    document = editor.open("|(a)")
    argument = {"uri": document.uri, "version": 1, "edit": {"changes": 3}}
    assert await editor.command("nrepl.applyAction", argument) == {"applied": False}
    assert editor.shown() == ["The edit cannot be read: choose the action in the menu again."]
